"""Does a run know how far another seed would agree with it?"""

from __future__ import annotations

import numpy as np
import pytest

from excomm.analysis.given_data import first_order
from excomm.analysis.repeats import repeats
from excomm.analysis.swings import swings
from excomm.analysis.weights import weight_regions

IDS = [f"p{place}" for place in range(60)]


def draws_of(seed: int, slopes: tuple[float, ...], draws: int = 300) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    inputs = chance.normal(size=(draws, len(IDS)))
    return inputs, inputs[:, : len(slopes)] @ np.array(slopes) + chance.normal(size=draws)


@pytest.mark.parametrize(
    ("slopes", "low", "high"),
    [((2.0, 1.2, 1.0), 0.85, 1.0), ((0.8, 0.3, 0.28, 0.26, 0.24), 0.0, 0.55)],
    ids=["clear", "close"],
)
def test_agreement_is_told_beforehand(slopes: tuple[float, ...], low: float, high: float) -> None:
    """The share of other seeds that name the same drivers, as foreseen by each of 40 seeds and as it is."""
    named, foreseen = [], []
    worth = np.zeros((2, 300, 2))
    for seed in range(40):
        inputs, gain = draws_of(seed, slopes)
        shares = first_order(inputs, gain, IDS)
        found = repeats(shares, worth, ["a", "b"], (), sets=400, halves=4, weights=50)
        named.append(frozenset(found.drivers))
        foreseen.append(found.same_drivers)
    same = np.mean([one == other for at, one in enumerate(named) for other in named[at + 1 :]])
    assert low <= same <= high
    assert np.mean(foreseen) == pytest.approx(same, abs=0.2)


def test_errors_of_weight_regions_are_those_of_other_seeds() -> None:
    def worth_of(seed: int) -> np.ndarray:
        chance = np.random.default_rng(seed)
        middle = np.array([[0.5, 0.4], [0.4, 0.55], [0.3, 0.3]])
        return middle[:, None, :] + 0.3 * chance.normal(size=(3, 200, 2))

    options = ["a", "b", "c"]
    inputs, gain = draws_of(0, (1.0,))
    shares = first_order(inputs, gain, IDS)
    error = np.mean(
        [repeats(shares, worth_of(seed), options, (), sets=50).region_error[0] for seed in range(8)]
    )
    seen = [weight_regions(worth_of(seed), options, ["x", "y"], samples=2000)[0].share for seed in range(60)]
    assert error == pytest.approx(np.std(seen), rel=0.25)


def test_what_is_open_is_said() -> None:
    inputs, gain = draws_of(0, (0.8, 0.3, 0.28, 0.26, 0.24))
    found = repeats(first_order(inputs, gain, IDS), np.zeros((2, 300, 2)), ["a", "b"], ())
    assert not found.settled
    assert found.sentence.startswith(
        "Another 300 draws may say otherwise on the leading drivers (the same in "
    )
    assert "may join them or drop out" in found.sentence


def test_swings_follow_a_line_a_step_and_a_switch() -> None:
    chance = np.random.default_rng(3)
    line, step, switch = chance.uniform(size=600), chance.uniform(size=600), chance.integers(0, 2, size=600)
    outcome = 3 * line + 2.0 * (step > 0.5) + switch + 0.1 * chance.normal(size=600)
    found = swings(np.column_stack([line, step, switch]), outcome, ["line", "step", "switch"])
    assert found.swing == pytest.approx([3 * 0.9, 2.0, 1.0], abs=0.25)
    assert found.at_low.mean() < found.mean < found.at_high.mean()
    assert [found.parameters[at] for at in found.order] == ["line", "step", "switch"]
    assert found.sentence.startswith("From the 5% to the 95% point, the mean moves most with line (from ")
