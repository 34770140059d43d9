"""The surrogate against functions whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from excomm.analysis.surrogate import Surrogate, fit_surrogate
from excomm.errors import UsageError

DRAWS = 256


def made(
    *, noise: float = 0.3, seed: int = 1, draws: int = DRAWS
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Two options over eight parameters; the second option has its own law of `b`."""
    random = np.random.default_rng(seed)
    base = {name: random.uniform(0, 1, draws) for name in "abcdefgh"}
    base["big"] = np.exp(random.normal(0, 1, draws))
    parameters = {name: np.stack([values, values]) for name, values in base.items()}
    parameters["b"] = np.stack([base["b"], 2 + base["b"]])
    parameters["still"] = np.full((2, draws), 3.0)
    first, second = (
        3 * parameters["a"][at] + 4 * (parameters["b"][at] - 0.5) ** 2
        + 2 * parameters["a"][at] * parameters["c"][at] + np.log(parameters["big"][at])
        for at in (0, 1)
    )  # fmt: skip
    outcomes = {
        "sum": np.stack([first, second]) + noise * random.normal(size=(2, draws)),
        "rare": 1 / (1 + np.exp(7 - np.stack([first, second]) - noise * random.normal(size=(2, draws)))),
        "none": np.zeros((2, draws)),
    }
    return parameters, outcomes


def fitted(**settings: float) -> tuple[Surrogate, dict[str, np.ndarray], dict[str, np.ndarray]]:
    parameters, outcomes = made(**settings)  # type: ignore[arg-type]
    kinds = {"sum": "amount", "rare": "probability", "none": "amount"}
    return fit_surrogate(parameters, outcomes, ["one", "two"], kinds=kinds, levers=4), parameters, outcomes  # type: ignore[arg-type]


def test_levers_are_the_parameters_that_matter_and_an_option_has_its_own() -> None:
    surrogate, _, _ = fitted()
    ids = [lever.id for lever in surrogate.levers]
    assert {"a", "big"} <= set(ids)
    assert any(lever.parameter == "b" and lever.options == ("two",) for lever in surrogate.levers)
    assert [lever.is_log for lever in surrogate.levers if lever.id in ("a", "big")] == [
        lever.id == "big" for lever in surrogate.levers if lever.id in ("a", "big")
    ]
    assert "still" not in ids


def test_nothing_set_changes_nothing() -> None:
    surrogate, _, outcomes = fitted()
    for (outcome, option), found in surrogate.predict({}).items():
        assert found.change == 0
        assert found.error == 0
        assert found.draws == pytest.approx(outcomes[outcome][["one", "two"].index(option)], abs=1e-12)


def test_a_setting_gives_the_mean_of_the_function_within_the_stated_error() -> None:
    """Closed form: with `a` known, the other parameters stay as drawn. 24 intervals of 90 % over eight seeds:
    fewer than 17 hold with a chance of about 1 in 1,000."""
    inside = 0
    for seed in range(8):
        surrogate, parameters, _ = fitted(seed=seed)
        for value in (0.1, 0.5, 0.9):
            found = surrogate.predict({"a": value})["sum", "one"]
            p = {name: values[0] for name, values in parameters.items()}
            shift = (3 * value + 2 * value * p["c"]) - (3 * p["a"] + 2 * p["a"] * p["c"])
            inside += abs(found.change - shift.mean()) <= found.error
    assert inside >= 17


def test_a_lever_of_one_option_leaves_the_others_alone() -> None:
    surrogate, _, _ = fitted()
    lever = next(lever for lever in surrogate.levers if lever.options == ("two",))
    found = surrogate.predict({lever.id: lever.high})
    assert found["sum", "one"].change == 0
    assert found["sum", "two"].change > 0


def test_probabilities_stay_probabilities_and_nothing_stays_nothing() -> None:
    surrogate, _, _ = fitted()
    for lever in surrogate.levers:
        for value in (lever.low, lever.high):
            found = surrogate.predict({lever.id: value})
            for option in lever.options:
                assert found["rare", option].draws.min() >= 0
                assert found["rare", option].draws.max() <= 1
                assert found["none", option].mean == 0


def test_outside_the_range_it_refuses() -> None:
    surrogate, _, _ = fitted()
    lever = surrogate.levers[0]
    with pytest.raises(UsageError, match="outside"):
        surrogate.predict({lever.id: lever.high * 2 + 1})
    with pytest.raises(UsageError, match="no lever"):
        surrogate.predict({"nothing": 1.0})


def test_settings_that_are_extreme_together_are_refused() -> None:
    """Ten normal parameters, each at its 99th percentile: no draw comes near."""
    random = np.random.default_rng(2)
    parameters = {name: np.stack([random.normal(size=DRAWS)]) for name in "abcdefghij"}
    outcome = sum(parameters.values()) + 0.1 * random.normal(size=(1, DRAWS))
    surrogate = fit_surrogate(parameters, {"sum": outcome}, ["one"], kinds={"sum": "amount"})
    assert len(surrogate.levers) == 10
    for lever in surrogate.levers:
        surrogate.predict({lever.id: lever.high})
    with pytest.raises(UsageError, match="together"):
        surrogate.predict({lever.id: lever.high for lever in surrogate.levers})


def test_the_error_shrinks_with_the_noise_and_grows_towards_the_ends() -> None:
    quiet, _, _ = fitted(noise=0.05)
    loud, _, _ = fitted(noise=1.0)
    assert quiet.predict({"a": 0.9})["sum", "one"].error < loud.predict({"a": 0.9})["sum", "one"].error
    middle, end = (loud.predict({"a": value})["sum", "one"].error for value in (0.5, 0.98))
    assert middle < end


def test_pure_noise_is_not_explained() -> None:
    parameters, outcomes = made()
    noise = np.random.default_rng(5).normal(size=(2, DRAWS))
    surrogate = fit_surrogate(
        parameters, {"sum": outcomes["sum"], "noise": noise}, ["one", "two"],
        kinds={"sum": "amount", "noise": "amount"}, ranked_by=["sum"],
    )  # fmt: skip
    assert surrogate.fits["sum", "one"].explained > 0.8
    assert surrogate.fits["noise", "one"].explained < 0.1


def test_more_terms_than_draws_still_answer() -> None:
    surrogate, _, _ = fitted(draws=16)
    assert len(surrogate.levers) <= 4
    for lever in surrogate.levers:
        assert np.isfinite(surrogate.predict({lever.id: lever.high})["sum", "two"].error)
    parameters, outcomes = made(draws=4)
    with pytest.raises(UsageError, match="4 draws are too few for a surrogate"):
        fit_surrogate(parameters, outcomes, ["one", "two"], kinds={})
