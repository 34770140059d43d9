"""Sections are generated from the numbers: deciders, details, outlook, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from brief_case import TIPS_AT

from excomm.brief.appendix import outside_experience
from excomm.brief.deciders import deciders
from excomm.brief.details import key_details
from excomm.brief.figures import Figures
from excomm.brief.outline import Brief, outline
from excomm.brief.words import day
from excomm.case import load
from excomm.engine.run import Run


def test_the_driver_that_was_built_in_is_found_with_its_tipping_point(brief: Brief) -> None:
    """Noise-free difference, linear in one parameter: it explains everything, and tips where it was made to."""
    pair = brief.decides.pair
    assert pair
    assert {pair.first.id, pair.second.id} == {"current-aid", "air-shield"}
    leading = pair.drivers[0]
    assert leading.parameter == "front.initial_gain"
    assert leading.share == pytest.approx(1.0, abs=0.01)
    assert leading.favours == "Air-defence shield"
    value = float(leading.tipping.split("about ")[1].split(" ")[0])
    assert value == pytest.approx(TIPS_AT, abs=0.3)


def test_shares_of_draws_and_weights_add_up(brief: Brief) -> None:
    for view in brief.decides.support:
        assert sum(cell.stated for cell in view.cells) == pytest.approx(1)
        assert sum(cell.weights for cell in view.cells) == pytest.approx(1)
        assert min(cell.regret for cell in view.cells) >= 0
        assert sum(weight for _, _, weight in view.weights) == pytest.approx(1)


def test_first_places_of_the_main_perspective_are_counted(brief: Brief, run: Run) -> None:
    gain = run.parameters["front.initial_gain"].values[0]
    shares = {cell.option: cell.stated for cell in brief.decides.support[0].cells}
    assert shares["air-shield"] == pytest.approx(float((gain > TIPS_AT).mean()), abs=1e-9)
    assert brief.decides.support[0].actor == run.perspective


def test_another_perspective_comes_first_when_asked_for(run: Run) -> None:
    asked = deciders(Figures(replace(run, perspective="southland")))
    assert asked.support[0].actor == "southland"
    assert {view.actor for view in asked.support} == {"northland", "league", "southland"}


@pytest.mark.parametrize(
    ("languages", "counted", "left"),
    [
        ((), "1 report:", ""),
        (("uk",), "2 reports:", ""),
        (("fr",), "1 report:", " 1 more is in a language that is not read, and did not count."),
        (("fr", "pl"), "1 report:", " 2 more are in a language that is not read, and did not count."),
    ],
)
def test_only_reports_that_are_read_are_counted(
    run: Run, languages: tuple[str, ...], counted: str, left: str
) -> None:
    more = tuple(replace(run.reports[0], language=name) for name in languages)
    summary = key_details(Figures(replace(run, reports=(*run.reports, *more)))).summary
    assert f"1 proposition held against {counted}" in summary
    assert summary.partition("language")[1] == ("language" if left else "")
    assert summary.endswith(left or ".")


def test_a_case_without_weights_is_not_weighed(run: Run) -> None:
    found = outline(replace(run, case=replace(run.case, perspectives=())))
    assert found.decides.support == ()
    assert "no value weights" in found.decides.paragraph
    assert found.decision_charts == ()


def test_a_proposition_shows_prior_posterior_rivals_and_sentence(brief: Brief) -> None:
    (item,) = brief.details.propositions
    assert (item.prior, item.posterior, item.interval) == ("30%", "roughly even (48%)", "28% to 69%")
    assert item.rivals[0].prior == "20%"
    assert item.rivals[0].posterior == "12%"
    (claim,) = item.claims
    assert claim.source == "Harbour Times"
    assert claim.letter == "C"
    assert claim.status == "unconfirmed"
    assert claim.hedge == "“likely” (60% to 86%)"
    assert item.strip.reference is not None
    assert item.strip.reference < item.strip.value < item.strip.high
    assert "Without the origin “Harbour Times” it would be 30%" in item.influence


def test_forecasts_of_events_have_a_date_a_probability_and_a_rule(brief: Brief, run: Run) -> None:
    assert brief.outlook.forecasts
    end = day(run.case.as_of + timedelta(weeks=run.case.horizon_weeks))
    for forecast in brief.outlook.forecasts:
        assert forecast.by == end
        assert end in forecast.statement
        assert "90%" in forecast.likely
        assert len(forecast.rule) > 40
    assert "void" in brief.outlook.condition


def test_forecasts_of_series_are_the_quantiles_of_the_reference(brief: Brief, run: Run) -> None:
    assert brief.outlook.dates == tuple(day(run.case.as_of + timedelta(weeks=weeks)) for weeks in (13, 26))
    area = brief.outlook.series[0]
    for week, (middle, _, most) in zip((13, 26), area.points, strict=True):
        wanted = run.weekly["area_change"].sel(option="current-aid", week=week)
        assert float(middle.replace("−", "-")) == pytest.approx(float(wanted.sel(quantile=0.5)), abs=6)
        low, high = (float(end.replace("−", "-")) for end in most.split(" to "))
        assert low == pytest.approx(float(wanted.sel(quantile=0.05)), abs=6)
        assert high == pytest.approx(float(wanted.sel(quantile=0.95)), abs=6)


def test_indicators_of_rare_events_survive_a_heavy_tail(run: Run) -> None:
    """A probability that spans powers of ten with one parameter: that parameter is named, and no other.

    Each of some 180 parameters that do nothing passes its corrected test with probability 0.05 / 180: a false name
    appears in about one seed of twenty; this seed is fixed.
    """
    import numpy as np

    driver = run.parameters["nuclear.baseline"].values
    outcomes = run.outcomes.copy()
    heavy = 0.001 * (driver / driver.mean()) ** 3
    outcomes["nuclear_use_probability"] = (("option", "draw"), np.clip(heavy, 0, 1).astype(np.float32))
    brief = outline(replace(run, outcomes=outcomes))
    named = [item.parameter for item in brief.outlook.indicators if item.outcome == "Nuclear use"]
    assert named == ["nuclear.baseline"]


def test_the_calendar_holds_what_lies_ahead(brief: Brief, run: Run) -> None:
    assert [row[1] for row in brief.outlook.calendar] == [event.event for event in run.case.calendar]


def test_a_band_is_met_or_not_in_words(brief: Brief) -> None:
    met, missed = brief.bands
    assert (met.is_met, met.verdict) == (True, "within the band")
    assert (missed.is_met, missed.verdict) == (False, "below the band")
    assert missed.value_at < missed.band_low


def test_an_option_outside_all_experience_is_named() -> None:
    warnings = outside_experience(load("ukraine-2024").options)
    assert len(warnings) == 1
    assert warnings[0].startswith("Direct intervention leads outside the range of experience")
    assert outside_experience(load("strait").options) == ()


def test_limits_start_with_the_warnings_of_the_run(brief: Brief) -> None:
    assert brief.limits[0] == "A warning of the run."
    assert any("not a forecast" in text for text in brief.limits)
    assert any("within the band of 1 of 2 published figures" in text for text in brief.limits)


def test_reactions_tell_words_from_deeds(brief: Brief) -> None:
    assert [finding.id for finding in brief.reactions] == [
        "allies",
        "deeds",
        "words",
        "nations",
        "neighbours",
    ]
    assert [finding.id for finding in brief.implications] == [
        "escalation",
        "nuclear",
        "security",
        "credibility",
    ]
    words = next(finding for finding in brief.reactions if finding.id == "words")
    assert "5 public warnings of Southland" in words.lead


def test_one_option_alone_has_a_brief(run: Run) -> None:
    """`--options` may leave the reference alone: no comparison, and no failure."""
    alone = [run.options[0]]
    single = replace(
        run,
        outcomes=run.outcomes.sel(option=alone),
        summary=run.summary.sel(option=alone),
        differences=run.differences.sel(option=alone),
        weekly=run.weekly.sel(option=alone),
        parameters=run.parameters.sel(option=alone),
    )
    found = outline(single)
    assert len(found.table.columns) == 1
    assert found.decides.support == ()
    assert [chart.id for chart in found.implication_charts] == ["nuclear"]
