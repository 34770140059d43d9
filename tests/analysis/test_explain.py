from __future__ import annotations

import json

import numpy as np
import pytest

from excomm.analysis.explain import ClaimSource, Origin, explain_outcome, speaks_for
from excomm.errors import UsageError

CLAIM = ClaimSource("report-07", "up to 800,000 troops may be deployed", "news agency", "deployment")
ORIGINS = {
    "size": Origin("0 to 800000 troops", "troops", "report-07", "C", (CLAIM,)),
    "pace": Origin("40 to 120 km2/week", "km2/week", "territory series", "A"),
    "idle": Origin("0 to 1", "", "judgement", "C"),
}


@pytest.fixture
def draws() -> tuple[np.ndarray, np.ndarray]:
    inputs = np.random.default_rng(0).uniform(size=(512, 3)) * [800_000, 80, 1] + [0, 40, 0]
    return inputs, inputs[:, 1] - inputs[:, 0] / 10_000


def test_a_number_leads_back_to_the_sentence(draws: tuple[np.ndarray, np.ndarray]) -> None:
    inputs, outcome = draws
    result = explain_outcome(
        outcome, inputs, list(ORIGINS), ORIGINS, outcome="territory lost", option="deployment", unit="km2"
    )
    assert [driver.parameter for driver in result.drivers] == ["size", "pace"] or [
        driver.parameter for driver in result.drivers
    ] == ["pace", "size"]
    size = next(driver for driver in result.drivers if driver.parameter == "size")
    assert size.share == pytest.approx(0.5, abs=0.08)
    assert size.direction < 0
    text = "\n".join(result.lines())
    assert "“up to 800,000 troops may be deployed” (report-07, news agency)" in text
    assert "Prior as written: 40 to 120 km2/week; source: territory series; grade A" in text
    assert "the outcome falls with it" in size.sentence
    assert "90% interval" in result.sentence


def test_the_json_keeps_the_contract(draws: tuple[np.ndarray, np.ndarray]) -> None:
    inputs, outcome = draws
    plain = explain_outcome(
        outcome, inputs, list(ORIGINS), ORIGINS, outcome="territory lost", option="deployment"
    ).to_json()
    assert json.loads(json.dumps(plain)) == plain
    assert {"outcome", "option", "mean", "p05", "p95", "drivers"} <= plain.keys()
    for driver in plain["drivers"]:
        assert {"parameter", "share", "prior", "source", "claims"} <= driver.keys()
        for claim in driver["claims"]:
            assert {"report", "quote"} <= claim.keys()
    assert plain["p05"] < plain["mean"] < plain["p95"]


def test_a_parameter_without_an_origin_breaks_the_walk_back(draws: tuple[np.ndarray, np.ndarray]) -> None:
    inputs, outcome = draws
    with pytest.raises(UsageError, match="no origin is stated for idle"):
        explain_outcome(
            outcome,
            inputs,
            list(ORIGINS),
            {name: origin for name, origin in ORIGINS.items() if name != "idle"},
            outcome="x",
            option="y",
        )


def test_noise_is_said_and_nothing_is_made_of_it() -> None:
    chance = np.random.default_rng(1)
    inputs = chance.normal(size=(300, 3))
    result = explain_outcome(
        chance.normal(size=300),
        inputs,
        list(ORIGINS),
        ORIGINS,
        outcome="x",
        option="y",
        noise_variance=np.full(300, 0.6),
    )
    assert result.drivers == ()
    assert "No single parameter stands out" in result.sentence
    assert "replicate noise" in result.warnings[0]


def test_drivers_of_a_rare_event_are_sought_on_its_logarithm() -> None:
    """Exponential in pace, by half a power of ten: two draws would decide what drives the amount."""
    inputs = np.random.default_rng(2).normal(size=(400, 3)) * [1, 1, 1] + [10, 10, 10]
    logarithms = np.log(1e-3) + 3 * (inputs[:, 1] - 10) + (inputs[:, 0] - 10)
    result = explain_outcome(
        np.exp(logarithms), inputs, list(ORIGINS), ORIGINS,
        outcome="war", option="deployment", unit="probability", logarithms=logarithms, subject="War under deployment",
    )  # fmt: skip
    assert [driver.parameter for driver in result.drivers] == ["pace", "size"]
    assert [driver.share for driver in result.drivers] == pytest.approx([0.9, 0.1], abs=0.06)
    assert "of the variance of its logarithm: the outcome rises with it" in result.drivers[0].sentence
    assert result.to_json()["scale"] == "logarithm"
    mean = np.exp(logarithms).mean()
    assert result.sentence.startswith(
        f"War under deployment: {100 * mean:.0f} in 100 on average of 400 draws"
    )
    amounts = explain_outcome(
        np.exp(logarithms), inputs, list(ORIGINS), ORIGINS, outcome="war", option="deployment"
    )
    assert amounts.to_json()["scale"] == "amount"


def test_few_draws_name_no_driver(draws: tuple[np.ndarray, np.ndarray]) -> None:
    """Even one that sets the outcome alone: with so few draws, some parameter always seems to."""
    inputs, _ = draws
    few = explain_outcome(
        inputs[:49, 1], inputs[:49], list(ORIGINS), ORIGINS, outcome="x", option="y", unit="km2"
    )
    assert few.drivers == ()
    assert "49 draws are too few to tell a driver from chance, at least 50 are needed" in few.sentence
    enough = explain_outcome(inputs[:50, 1], inputs[:50], list(ORIGINS), ORIGINS, outcome="x", option="y")
    assert [driver.parameter for driver in enough.drivers] == ["pace"]


def test_both_intervals_are_named(draws: tuple[np.ndarray, np.ndarray]) -> None:
    inputs, _ = draws
    told = explain_outcome(
        inputs[:, 1], inputs, list(ORIGINS), ORIGINS,
        outcome="x", option="y", unit="km2", table=(10.0, 200.0),
    ).sentence  # fmt: skip
    assert "90% interval in the table of the brief: 10 to 200, over draws and chance;" in told
    assert "over draws alone, each the average of its histories: 46 to 116." in told


@pytest.mark.parametrize(
    ("polarity", "rival", "side"),
    [(1, None, True), (-1, None, False), (1, "exercise", False), (-1, "exercise", True), (None, None, None)],
)
def test_a_claim_has_its_side(polarity: int | None, rival: str | None, side: bool | None) -> None:
    assert speaks_for(polarity, rival) is side
    line = ClaimSource("A report", "It is so.", speaks_for=side).line
    assert line.startswith({True: "For: “", False: "Against: “", None: "“"}[side])
