"""Draws on a Latin hypercube: marginals, pairing of options, streams by name, correlations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from excomm.beliefs.draws import draw, latin_column, side_actors
from excomm.case import load
from excomm.case.frozen import FrozenMap
from excomm.case.model import Case, Correlation
from excomm.errors import CaseError

NUMBER = 512
ALL = ("current-aid", "air-shield", "monitors-on-ceasefire", "intervention")


@pytest.fixture(scope="module")
def strait() -> Case:
    return load("strait")


def varying(case: Case) -> list[str]:
    return [name for name, p in case.base_parameters.items() if not p.prior.is_fixed]


@pytest.mark.parametrize("number", [2, 16, 257])
def test_a_column_has_one_point_in_every_stratum(number: int) -> None:
    column = latin_column(0, "front.max_gain", number)
    assert sorted((column * number).astype(int)) == list(range(number))
    assert ((column > 0) & (column < 1)).all()


def test_seed_and_name_alone_fix_a_column() -> None:
    assert np.array_equal(latin_column(0, "a", 64), latin_column(0, "a", 64))
    assert not np.array_equal(latin_column(0, "a", 64), latin_column(1, "a", 64))
    assert not np.array_equal(latin_column(0, "a", 64), latin_column(0, "b", 64))


def test_draws_are_the_quantiles_of_their_priors(strait: Case) -> None:
    """One draw a stratum: the empirical distribution lies within 1/n of the prior's, everywhere."""
    found = draw(strait, options=ALL, number=NUMBER, seed=0)
    correlated = {name for pair in strait.correlations for name in pair.between}
    assert set(found.percentiles) >= set(varying(strait))
    for name in set(varying(strait)) - correlated:
        prior = strait.base_parameters[name].prior
        percentile = found.percentiles[name]
        assert np.abs(np.sort(percentile) - (np.arange(NUMBER) + 0.5) / NUMBER).max() <= 1 / NUMBER
        if name != "patron.troops_present":  # depends on a proposition
            assert found.values[name][0] == pytest.approx(prior.ppf(percentile))


def test_fixed_parameters_have_one_value_everywhere(strait: Case) -> None:
    found = draw(strait, options=ALL, number=16, seed=0)
    fixed = set(strait.base_parameters) - set(found.percentiles)
    assert "front.occupied_area" in fixed
    for name in fixed:
        assert (found.values[name] == found.values[name][0, 0]).all()


def test_all_values_lie_within_their_bounds(strait: Case) -> None:
    for case in (strait, load("ukraine-2024")):
        options = tuple(option.id for option in case.options)
        found = draw(case, options=options, number=NUMBER, seed=3)
        assert set(found.values) == set(case.base_parameters)
        for place, option in enumerate(options):
            for name, parameter in case.parameters(option).items():
                low, high = parameter.bounds
                drawn = found.values[name][place]
                assert np.isfinite(drawn).all(), name
                assert ((drawn >= low - 1e-9) & (drawn <= high + 1e-9)).all(), name


def test_options_share_their_percentiles(strait: Case) -> None:
    """An option differs from the reference only where it says so, and then by its prior, not by chance."""
    found = draw(strait, options=ALL, number=64, seed=0)
    for place, option in enumerate(strait.options):
        for name in found.values:
            if name in option.parameters:
                prior = option.parameters[name].prior
                expected = prior.ppf(found.percentiles.get(name, np.full(64, 0.5)))
                assert found.values[name][place] == pytest.approx(expected), name
            else:
                assert np.array_equal(found.values[name][place], found.values[name][0]), name


def test_other_options_change_no_draw_of_the_first(strait: Case) -> None:
    alone, among = (draw(strait, options=names, number=64, seed=0) for names in (ALL[:1], ALL))
    for name in alone.values:
        assert np.array_equal(alone.values[name][0], among.values[name][0]), name


def test_one_more_parameter_changes_no_other_draw(strait: Case) -> None:
    extra = replace(strait.base_parameters["front.max_gain"], id="front.invented")
    larger = replace(strait, base_parameters=FrozenMap({**strait.base_parameters, "front.invented": extra}))
    before, after = (draw(case, options=ALL, number=64, seed=0) for case in (strait, larger))
    assert set(after.values) - set(before.values) == {"front.invented"}
    for name in before.values:
        assert np.array_equal(before.values[name], after.values[name]), name
    assert not np.array_equal(after.percentiles["front.invented"], after.percentiles["front.max_gain"])


def test_a_wider_prior_of_one_parameter_changes_no_other_draw(strait: Case) -> None:
    changed = replace(
        strait.base_parameters["front.max_gain"], prior=strait.base_parameters["front.noise_sd"].prior
    )
    other = replace(strait, base_parameters=FrozenMap({**strait.base_parameters, "front.max_gain": changed}))
    before, after = (draw(case, options=ALL, number=64, seed=0) for case in (strait, other))
    for name in before.values:
        assert np.array_equal(before.values[name], after.values[name]) == (name != "front.max_gain"), name


def test_what_belongs_to_a_side_carries_the_name_of_its_actor(strait: Case) -> None:
    assert side_actors(strait) == {"host": "northland", "adversary": "southland"}
    roles = {"host": "adversary", "adversary": "host"}
    actors = tuple(replace(actor, role=roles.get(actor.role, actor.role)) for actor in strait.actors)
    swapped = replace(strait, actors=actors)
    one, other = (draw(case, options=ALL, number=64, seed=0).percentiles for case in (strait, swapped))
    compared = 0
    for name in one:
        # Who else is called adversary is an actor of the game, not a side of the war.
        if name.partition(".")[0] in ("utility", "resolve"):
            continue
        turned = ".".join(roles.get(part, part) for part in name.split("."))
        if turned in one:  # a case may fix a parameter on one side only
            assert np.array_equal(one[name], other[turned]), name
            compared += turned != name
    assert compared > 40


# ---- correlations ----------------------------------------------------------------------------------------------


def correlated(case: Case, *pairs: tuple[str, str, float]) -> Case:
    stated = tuple(Correlation(between=(a, b), rank=rank, source="judgement") for a, b, rank in pairs)
    return replace(case, correlations=stated)


HOST, ADVERSARY, FRONT = "ground.host.strength", "ground.adversary.strength", "front.max_gain"


@pytest.mark.parametrize("rank", [-0.8, 0.0, 0.3, 0.9])
def test_ranks_correlate_as_stated(strait: Case, rank: float) -> None:
    """4,096 draws; the standard error of a rank correlation is at most 0.016: five of them, 1 in a million."""
    case = correlated(strait, (HOST, ADVERSARY, rank))
    found = draw(case, options=ALL[:1], number=4096, seed=0).values
    measured = stats.spearmanr(found[HOST][0], found[ADVERSARY][0]).statistic
    assert measured == pytest.approx(rank, abs=0.08)
    # The marginals stay what they were: Kolmogorov's distance of 1.95/sqrt(n) has probability 1e-3.
    for name in (HOST, ADVERSARY):
        ranks = np.sort(draw(case, options=ALL[:1], number=4096, seed=0).percentiles[name])
        assert np.abs(ranks - (np.arange(4096) + 0.5) / 4096).max() < 1.95 / 64


def test_a_correlation_changes_no_parameter_outside_it(strait: Case) -> None:
    free, bound = correlated(strait), correlated(strait, (HOST, ADVERSARY, 0.6))
    before, after = (draw(case, options=ALL, number=64, seed=0) for case in (free, bound))
    changed = {name for name in before.values if not np.array_equal(before.values[name], after.values[name])}
    assert changed
    assert changed <= {HOST, ADVERSARY}


def test_correlations_that_cannot_hold_together_are_refused(strait: Case) -> None:
    case = correlated(strait, (HOST, ADVERSARY, 0.9), (ADVERSARY, FRONT, 0.9), (HOST, FRONT, -0.9))
    with pytest.raises(CaseError, match="contradict each other") as caught:
        draw(case, options=ALL[:1], number=8, seed=0)
    assert caught.value.file == case.file
    assert caught.value.path == "correlations"
    assert HOST in (caught.value.next_step or "")


# ---- propositions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("probability", [0.0, 0.25, 0.8, 1.0])
def test_a_proposition_holds_in_its_share_of_the_draws(strait: Case, probability: float) -> None:
    """Stratified, so the share is exact to one draw; the parameter follows the truth of each draw."""
    found = draw(strait, options=ALL[:1], number=400, seed=0, probabilities={"eastmark-troops": probability})
    true = found.truths["eastmark-troops"]
    assert true.mean() == pytest.approx(probability, abs=1 / 400)
    troops = found.values["patron.troops_present"][0]
    assert (troops[~true] == 0).all()
    assert (troops[true] > 0).all()
    if true.any():
        assert np.quantile(troops[true], (0.05, 0.95)) == pytest.approx([1500, 4000], rel=0.1)


def test_without_a_posterior_the_prior_counts(strait: Case) -> None:
    truths = draw(strait, options=ALL[:1], number=400, seed=0).truths
    assert truths["eastmark-troops"].mean() == pytest.approx(0.3, abs=1 / 400)
