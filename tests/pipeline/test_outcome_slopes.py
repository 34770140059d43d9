"""Effects of small steps: exact where the outcome is straight, bounds that hold on the path itself, clear refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from excomm.beliefs.draws import draw, values_at
from excomm.case import load
from excomm.case.model import Case
from excomm.engine.setup import review_week
from excomm.engine.slopes import PATH_OUTCOMES, WorldPath
from excomm.errors import CaseError, UsageError
from excomm.pipeline.slopes import OutcomeSlopes, slopes
from excomm.world.parameters import declared_ids


@pytest.fixture(scope="module")
def strait() -> Case:
    return load("strait")


@pytest.fixture(scope="module")
def area(strait: Case) -> OutcomeSlopes:
    return slopes(strait, outcome="area_change", option="intervention", draws=64)


def test_names_cover_what_varies(strait: Case, area: OutcomeSlopes) -> None:
    drawn = draw(strait, options=("intervention",), number=16, seed=0)
    varying = {name for name in declared_ids() if np.ptp(drawn.values[name]) > 0}
    shape = area.to_json()
    named = [each["parameter"] for each in shape["parameters"]]
    assert len(named) + len(area.steps) + len(area.still) == len(varying)
    assert {*named, *area.steps, *area.still} == varying
    assert {"attrition.form", "front.form", "aid.review_week"} <= set(area.steps)
    assert "nuclear.baseline" in area.still  # nuclear use moves no front
    assert all(np.isfinite(each["mean"]) for each in shape["parameters"])


def test_an_outcome_that_is_straight_in_a_parameter(strait: Case) -> None:
    """Cost is proportional to the price of aid: what it moves over its range, and per standard deviation.

    The mean effect per score of a straight outcome is the covariance of the parameter with its own score.
    """
    found = slopes(strait, outcome="cost_alliance", draws=64)
    name = "aid.cost"
    at = found.effects.parameters.index(name)
    assert found.effects.order[0] == at
    prior = strait.parameters("current-aid")[name]
    drawn = review_week(strait, draw(strait, options=("current-aid",), number=64, seed=0))
    ratio = WorldPath(strait, drawn, "current-aid").slopes("cost_alliance")[1][name].mean()
    ends = values_at(prior, np.array([0.05, 0.95]), {})
    assert found.moved[name] == pytest.approx(ratio * (ends[1] - ends[0]), rel=1e-3)
    score = ndtri((np.arange(20000) + 0.5) / 20000)
    wanted = (score * values_at(prior, ndtr(score), {})).mean() * ratio
    assert found.effects.mean[at] == pytest.approx(wanted, rel=0.03)


def test_the_bounds_hold_on_the_path_itself(strait: Case, area: OutcomeSlopes) -> None:
    """Sobol indices of one parameter at a time, exchanged on the path, lie between `linear` and `bound`.

    Totals from 1,024 pairs (Jansen), three of their standard errors allowed for; .02 more for the error of `linear`.
    """
    number = 1024
    drawn = draw(strait, options=("intervention",), number=number, seed=7)
    path = WorldPath(strait, review_week(strait, drawn), "intervention")
    base = path.values()["area_change"]
    chance = np.random.default_rng(7)
    variance = base.var()
    for name in ("aid.level", "front.sensitivity", "ground.adversary.recruits", "power.adversary.capacity"):
        other = chance.permutation(drawn.percentiles[name])
        prior = strait.parameters("intervention")[name]
        changed = path.values({name: values_at(prior, other, drawn.truths)})["area_change"]
        total = (base - changed) ** 2 / 2 / variance
        error = 3 * total.std() / np.sqrt(number)
        place = area.effects.parameters.index(name)
        assert area.effects.linear[place] <= total.mean() + error + 0.02, name
        assert total.mean() <= area.effects.bound_high[place] + error, name


def test_the_sentences_are_made_from_the_numbers(area: OutcomeSlopes) -> None:
    first = area.effects.parameters[area.effects.order[0]]
    assert area.sentences[0].startswith(
        "The change in host-controlled area under Intervention, both postures held and without chance: per standard"
    )
    assert f"{first} moves it by" in area.sentences[0]
    assert "by steps alone: attrition.form" in " ".join(area.sentences)
    rare = slopes(load("strait"), outcome="nuclear_use_probability")
    assert "nuclear.baseline multiplies it by" in rare.sentences[0]


def test_an_outcome_that_nothing_moves_says_so(strait: Case) -> None:
    found = slopes(strait, outcome="killed_alliance", option="current-aid")
    assert "no small step in any parameter moves it" in found.sentences[0]
    assert found.to_json()["parameters"] == []
    assert not found.moved


def test_what_has_no_slope_is_refused(strait: Case) -> None:
    with pytest.raises(UsageError, match="is no outcome"):
        slopes(strait, outcome="glory")
    with pytest.raises(UsageError, match="not read off the mean path"):
        slopes(strait, outcome="warnings")
    with pytest.raises(UsageError, match="8 draws"):
        slopes(strait, outcome="area_change", draws=8)
    with pytest.raises(CaseError, match="wonder"):
        slopes(strait, outcome="area_change", option="wonder")
    assert "area_change" in PATH_OUTCOMES
