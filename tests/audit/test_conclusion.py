"""Premises taken as true: re-weighted draws against a new run with the parameter kept within limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from excomm.audit.audit import audit_argument
from excomm.audit.conclusion import BETTER, Argued, effective_number, preference, share_of
from excomm.audit.figures import Figures
from excomm.audit.rerun import Restricted, restricted
from excomm.audit.wording import with_interval
from excomm.case import load
from excomm.case.distributions import LogNormal, Normal, Uniform
from excomm.errors import UsageError
from excomm.pipeline.assess import assess
from excomm.pipeline.audit import _drawn
from excomm.quantities import OUTCOMES

CRITERIA = ("area_change", "deaths_per_1000_deployed", "provoked", "cost_alliance")


def test_every_outcome_with_a_better_side_exists() -> None:
    assert set(BETTER) <= set(OUTCOMES)


@pytest.mark.parametrize(
    "prior", [Normal.from_interval(1, 3), LogNormal.from_interval(1, 4), Uniform(0.0, 5.0)]
)
def test_a_restricted_prior_is_the_conditional_law(prior: object) -> None:
    from excomm.case.distributions import Prior

    assert isinstance(prior, Prior)
    limited = Restricted(prior, 1.5, 2.5)
    u = (np.arange(20_000) + 0.5) / 20_000
    inside = prior.ppf(u)
    inside = inside[(inside >= 1.5) & (inside <= 2.5)]
    drawn = limited.ppf(u)
    assert drawn.min() >= 1.5
    assert drawn.max() <= 2.5
    np.testing.assert_allclose(
        np.quantile(drawn, [0.1, 0.5, 0.9]), np.quantile(inside, [0.1, 0.5, 0.9]), rtol=2e-3
    )
    np.testing.assert_allclose(limited.cdf(drawn), u, atol=1e-9)


@pytest.mark.parametrize(
    ("parameter", "limits", "option"),
    [
        ("ground.adversary.quality", (0.1, 1.0), "intervention"),
        pytest.param("deployment.quality", (2.4, 20.0), "intervention", marks=pytest.mark.long),
    ],
)
def test_weights_give_what_a_new_run_within_the_limits_gives(
    figures: Figures, parameter: str, limits: tuple[float, float], option: str
) -> None:
    """Both are estimates of one conditional mean; they differ by Monte Carlo error.

    False-alarm rate: each of 5 comparisons passes 3.9 standard errors by chance in 1 of 10,000.
    """
    values = figures.parameters[parameter][figures.place(option)]
    weights = ((values >= limits[0]) & (values <= limits[1])).astype(float)
    assert 30 < effective_number(weights) < figures.draws - 20
    case = load("strait")
    narrowed = restricted(case, parameter, limits, _drawn(case, figures, parameter))
    fresh = Figures.from_run(assess(narrowed, draws=256, replicates=8, seed=1, store=False, brief=False))
    drawn = fresh.parameters[parameter][fresh.place(option)]
    assert drawn.min() >= limits[0]
    assert drawn.max() <= limits[1]
    pairs = [
        (
            preference(figures, option, "current-aid", CRITERIA, BETTER),
            preference(fresh, option, "current-aid", CRITERIA, BETTER),
        )
    ]
    for name in CRITERIA:
        pairs.append(
            (figures.outcomes[name][figures.place(option)], fresh.outcomes[name][fresh.place(option)])
        )
    for before, after in pairs:
        mean = (before * weights).sum() / weights.sum()
        spread = np.sqrt((weights * (before - mean) ** 2).sum() / weights.sum() / effective_number(weights))
        error = np.hypot(spread, after.std(ddof=1) / np.sqrt(len(after)))
        assert abs(mean - after.mean()) < 3.9 * error


TEXT = (
    "League casualties would be low. Southland's soldiers are poorly trained conscripts. "
    "The Southland threats are bluffs. The League should intervene directly."
)


def test_a_premise_alone_is_the_conditional_mean(figures: Figures) -> None:
    audit = audit_argument(TEXT, figures)
    conclusion = audit.conclusion
    assert conclusion is not None
    assert (conclusion.option, conclusion.rival, conclusion.stance) == ("intervention", "current-aid", "for")
    by_target = {one.target: one for one in conclusion.premises}
    assert set(by_target) == {"deaths_per_1000_deployed", "ground.adversary.quality", "resolve.adversary"}
    chosen = preference(
        figures, "intervention", "current-aid", [link.target for link in conclusion.criteria], BETTER
    )
    assert conclusion.holds == pytest.approx(chosen.mean())
    poor = figures.parameters["ground.adversary.quality"][figures.place("intervention")] < 1.0
    assert by_target["ground.adversary.quality"].if_true == pytest.approx(chosen[poor].mean())
    assert by_target["ground.adversary.quality"].if_false == pytest.approx(chosen[~poor].mean())
    assert by_target["ground.adversary.quality"].if_true_interval == pytest.approx(
        share_of(chosen[poor])[1:], abs=1e-12
    )
    assert by_target["ground.adversary.quality"].if_false_interval == pytest.approx(
        share_of(chosen[~poor])[1:], abs=1e-12
    )
    for one in conclusion.premises:
        for share, limits in (
            (one.if_true, one.if_true_interval),
            (one.if_false, one.if_false_interval),
            (one.without, one.without_interval),
        ):
            assert (share is None) == (limits is None)
            if share is not None and limits is not None:
                assert 0 <= limits[0] <= share <= limits[1] <= 1
                assert limits[0] < limits[1]
    assert conclusion.interval_if_premises_true is not None
    assert with_interval(conclusion.holds_if_premises_true, *conclusion.interval_if_premises_true) in (
        conclusion.sentence
    )
    resolve = figures.parameters["resolve.adversary"][figures.place("intervention")]
    bluffs = resolve <= 0.45  # a plain "are bluffs" claims that a bluff is likely
    assert by_target["resolve.adversary"].support == pytest.approx(bluffs.sum())
    if bluffs.sum() >= 20:
        assert by_target["resolve.adversary"].if_true == pytest.approx(chosen[bluffs].mean())


def test_the_interval_of_a_weighed_share_holds_its_value_nine_times_in_ten() -> None:
    """Shares of 200 draws that rise with x, weighed by a rising function of x: the mean is known by integration.

    False-alarm rate: the number of 1,000 intervals that hold the value lies within 4 standard errors of 900 (38) but
    for 1 time in 15,000; the normal interval itself may miss by 1 in 100.
    """
    grid = (np.arange(100_000) + 0.5) / 100_000
    value = float((grid**2 * grid).mean() / grid.mean())
    random = np.random.default_rng(11)
    held = 0
    for _ in range(1_000):
        x = random.random(200)
        found = share_of(x**2, x)
        held += found.low <= value <= found.high
    assert 900 - 48 <= held <= 900 + 48


def test_a_conclusion_is_about_options_of_the_run(figures: Figures) -> None:
    """A run may have been made of some options only."""
    text = "The League's casualties would be high. Troops would be lost in large numbers."
    some = tuple(name for name in figures.options if name != "air-shield")
    part = replace(
        figures,
        options=some,
        outcomes={
            name: values[[figures.place(each) for each in some]] for name, values in figures.outcomes.items()
        },
    )
    with pytest.raises(UsageError, match="no option air-shield"):
        audit_argument(text, part, argued=Argued("air-shield", "for"), learned=False)
    alone = replace(part, options=(figures.reference,))
    with pytest.raises(UsageError, match="nothing to hold"):
        audit_argument(text, alone, argued=Argued(figures.reference, "for"), learned=False)


def test_a_conclusion_on_which_all_draws_agree_has_an_interval(figures: Figures) -> None:
    """All draws say that intervention costs more lives of the alliance; Wilson's interval of all of them remains."""
    at, base = figures.place("intervention"), figures.place(figures.reference)
    outcomes = dict(figures.outcomes)
    for name in ("killed_alliance", "deaths_per_1000_deployed"):
        outcomes[name] = outcomes[name].copy()
        outcomes[name][at] = outcomes[name][base] + 10.0
    sure = replace(figures, outcomes=outcomes)
    text = "The League's casualties would be high. The League should not intervene directly."
    conclusion = audit_argument(text, sure, learned=False).conclusion
    assert conclusion is not None
    assert (conclusion.stance, conclusion.holds, conclusion.error) == ("against", 1.0, 0.0)
    assert conclusion.interval == share_of(np.ones(figures.draws))[1:]
    assert conclusion.readings[0].interval == conclusion.interval
    assert conclusion.interval[0] < 0.995
    for reading in conclusion.readings:
        assert 0 <= reading.interval[0] <= reading.holds <= reading.interval[1] <= 1


def test_draws_that_agree_leave_an_interval() -> None:
    agreed = share_of(np.ones(40), np.full(40, 0.5))
    assert (agreed.mean, agreed.high) == (1.0, 1.0)
    assert agreed.low == pytest.approx(40 / (40 + 1.645**2))
    none = share_of(np.zeros(40))
    assert (none.low, none.mean) == (0.0, 0.0)
    assert none.high == pytest.approx(1.645**2 / (40 + 1.645**2))
    mixed = np.repeat([0.2, 0.8], 50)
    plain = share_of(mixed)
    assert plain.high - plain.mean == pytest.approx(1.645 * mixed.std(ddof=1) / 10)
    assert share_of(mixed, np.full(100, 7.0)) == pytest.approx(plain)


def test_for_and_against_add_up_to_one(figures: Figures) -> None:
    argued = audit_argument(TEXT, figures).conclusion
    opposed = audit_argument(TEXT.replace("should intervene", "should not intervene"), figures).conclusion
    assert argued is not None
    assert opposed is not None
    assert opposed.stance == "against"
    assert argued.holds + opposed.holds == pytest.approx(1.0)


def test_too_few_draws_give_no_number_but_a_new_run_does(figures: Figures) -> None:
    asked: list[tuple[str, tuple[float, float]]] = []

    def rerun(parameter: str, limits: tuple[float, float]) -> Figures:
        asked.append((parameter, limits))
        return figures

    # All draws but a few are taken away from the premise.
    values = figures.parameters["ground.adversary.quality"].copy()
    values[:, 5:] = 2.0
    values[:, :5] = 0.5
    thin = replace(figures, parameters={**figures.parameters, "ground.adversary.quality": values})
    text = (
        "Southland's soldiers are poorly trained conscripts. League losses would be heavy. "
        "The League should intervene."
    )
    plain = audit_argument(text, thin).conclusion
    again = audit_argument(text, thin, rerun=rerun).conclusion
    assert plain is not None
    assert again is not None
    (alone,) = [one for one in plain.premises if one.target == "ground.adversary.quality"]
    assert alone.if_true is None
    assert alone.method == "none"
    (new,) = [one for one in again.premises if one.target == "ground.adversary.quality"]
    assert new.method == "rerun"
    assert new.if_true == pytest.approx(again.holds)
    assert [parameter for parameter, _ in asked] == ["ground.adversary.quality"]


def test_granting_an_outcome_sets_only_that_outcome(figures: Figures) -> None:
    at = figures.place("intervention")
    best = float(figures.outcomes["area_change"].max())
    granted = {("area_change", "intervention"): np.full(figures.draws, best)}
    before = preference(figures, "intervention", "current-aid", CRITERIA, BETTER)
    after = preference(figures, "intervention", "current-aid", CRITERIA, BETTER, granted=granted)
    assert (after >= before - 1e-12).all()
    assert figures.outcomes["area_change"][at].max() <= best
    same = {("area_change", "intervention"): figures.outcomes["area_change"][at]}
    np.testing.assert_array_equal(
        preference(figures, "intervention", "current-aid", CRITERIA, BETTER, granted=same), before
    )


def test_an_option_that_differs_in_nothing_is_even(figures: Figures) -> None:
    even = preference(figures, "current-aid", "current-aid", CRITERIA, BETTER)
    np.testing.assert_array_equal(even, 0.5)
