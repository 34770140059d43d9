"""Every shipped case is complete, readable, sourced and free of hindsight, and the newer ones give sane results."""

from __future__ import annotations

import datetime
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from excomm.beliefs.record import Record, read_record
from excomm.beliefs.warning_table import ISSUES
from excomm.case import library, load
from excomm.case.model import Case, Parameter
from excomm.quantities import OUTCOMES

CASES = [case.id for case in library()]
HISTORICAL = ["cuba-1962", "gulf-1991", "kosovo-1999", "ukraine-2024"]
HINDSIGHT = "cuba-1962-hindsight"
DATE = re.compile(r"(?<![\d.,])((?:1[89]|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
YEAR = re.compile(r"(?<![\d.,-])((?:1[89]|20)\d\d)(?![\d]|[.,]\d|-\d\d-\d\d)")


@cache
def case_of(name: str) -> Case:
    return load(name)


def record_of(case: Case) -> Record:
    assert case.record_path is not None
    return read_record(case.record_path)


def stated(case: Case) -> list[Parameter]:
    """Parameters that the case itself states, with those of its options."""
    own = [parameter for parameter in case.base_parameters.values() if "defaults" not in parameter.file]
    return own + [parameter for option in case.options for parameter in option.parameters.values()]


def texts_on_sources(case: Case) -> list[str]:
    """Everything that says where a number comes from."""
    found = [f"{parameter.source} {parameter.note}" for parameter in stated(case)]
    found += [item.source for item in case.propositions]
    found += [band.source for band in case.plausibility]
    found += [member.source for member in case.members]
    found += [item.source for item in case.correlations]
    found += [posture.source for side in case.postures.values() for posture in side]
    return found


def later_than(text: str, day: datetime.date, allowed: set[datetime.date]) -> list[str]:
    """Dates and years in a text that lie after a day; scheduled dates are allowed."""
    found = []
    for year, month, number in DATE.findall(text):
        named = datetime.date(int(year), int(month), int(number))
        if named > day and named not in allowed:
            found.append(named.isoformat())
    return found + [year for year in YEAR.findall(text) if int(year) > day.year]


def test_the_library_has_the_cases_that_are_announced() -> None:
    assert {"strait", *HISTORICAL, HINDSIGHT} <= set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_every_parameter_has_a_source_a_unit_and_a_grade(name: str) -> None:
    case = case_of(name)
    for option in (None, *case.options):
        for parameter in case.parameters(option).values():
            assert len(parameter.source.strip()) > 2, parameter.id
            assert parameter.unit
            assert parameter.grade in ("A", "B", "C")
            low, high = parameter.bounds
            assert low <= parameter.prior.p05 <= parameter.prior.median <= parameter.prior.p95 <= high


@pytest.mark.parametrize("name", CASES)
def test_every_perspective_names_an_actor_and_weighs_what_can_differ(name: str) -> None:
    case = case_of(name)
    assert {view.actor for view in case.perspectives} <= {actor.id for actor in case.actors}
    adversaries = {actor.id for actor in case.in_role("adversary")}
    assert adversaries <= {view.actor for view in case.perspectives}, "the other side's values are missing"
    for view in case.perspectives:
        assert set(view.weights) <= set(OUTCOMES)
        assert 0.8 <= sum(abs(weight) for weight in view.weights.values()) <= 1.3


@pytest.mark.parametrize("name", CASES)
def test_every_report_can_be_read_by_the_information_date(name: str) -> None:
    from excomm.evidence import read_reports

    case = case_of(name)
    if not case.report_paths:
        assert name == HINDSIGHT
        return
    reports = read_reports(case.report_paths)
    assert {report.id for report in reports} == {
        report.id for report in read_reports(case.report_paths, as_of=case.as_of)
    }
    listed = {source.name for source in case.sources}
    for report in reports:
        assert report.published is not None
        assert report.published <= case.as_of
        assert len(report.text) > 100
        assert report.source in listed, f"{report.source} has no credibility in the case"


@pytest.mark.parametrize("name", CASES)
def test_every_record_reads_and_ends_at_the_information_date(name: str) -> None:
    case = case_of(name)
    record = record_of(case)
    assert record.as_known(case.as_of) == record, "a warning or an outcome lies after the information date"
    assert len(record) >= 6
    assert len(record.by(case.in_role("adversary")[0].id)) >= 3
    assert {entry.issue for entry in record} <= set(ISSUES)
    endings = {entry.narrow for entry in record}
    assert endings == {"executed", "not-executed", "censored"}, (
        "a record of one kind of ending is a selection"
    )
    assert len({entry.actor for entry in record}) >= 2, "a record of one side is a selection"


@pytest.mark.parametrize("name", HISTORICAL)
def test_no_source_knows_what_came_later(name: str) -> None:
    case = case_of(name)
    scheduled = {event.date for event in case.calendar}
    for text in texts_on_sources(case):
        assert later_than(text, case.as_of, scheduled) == [], text
    for entry in record_of(case):
        assert later_than(entry.source, case.as_of, scheduled) == [], entry.id


def test_the_search_for_hindsight_finds_it() -> None:
    day = datetime.date(1962, 10, 21)
    assert later_than("Castro at Havana in 1992", day, set()) == ["1992"]
    assert later_than("memorandum of 1962-11-02", day, set()) == ["1962-11-02"]
    assert later_than("election on 1962-11-06", day, {datetime.date(1962, 11, 6)}) == []
    assert later_than("41,902 soldiers, 2012.5 of them; 1961-62", day, set()) == []
    assert any(later_than(text, day, set()) for text in texts_on_sources(case_of(HINDSIGHT)))


@pytest.mark.parametrize("name", CASES)
def test_the_calendar_lies_ahead_and_bands_check_what_did_not_set_them(name: str) -> None:
    case = case_of(name)
    last = case.as_of + datetime.timedelta(weeks=case.horizon_weeks)
    assert case.calendar
    assert all(case.as_of <= event.date <= last for event in case.calendar)
    assert case.warnings == ()
    assert case.plausibility
    used = {parameter.source for parameter in stated(case)}
    for band in case.plausibility:
        assert band.source not in used


@pytest.mark.parametrize("name", HISTORICAL)
def test_members_are_plausible_states(name: str) -> None:
    members = case_of(name).members
    assert len(members) >= 10
    for member in members:
        assert 0.0 <= member.support <= 0.6
        assert member.active_forces <= 1e6 * member.population_m * 0.05, member.id
        assert 0.05 <= member.gdp_bn / member.population_m <= 140, member.id
        assert member.source


# The two readings of 1962 --------------------------------------------------------------------------------------------


def test_hindsight_changes_only_what_was_hidden() -> None:
    then, later = case_of("cuba-1962"), case_of(HINDSIGHT)
    for part in ("as_of", "horizon_weeks", "actors", "postures", "calendar", "members", "perspectives"):
        assert getattr(then, part) == getattr(later, part), part
    assert [
        (option.id, option.start, option.ceiling, option.floor, option.purpose) for option in then.options
    ] == [(option.id, option.start, option.ceiling, option.floor, option.purpose) for option in later.options]
    assert record_of(then).warnings == record_of(later).warnings

    def differing(a: Case, b: Case, option: str | None) -> set[str]:
        first, second = a.parameters(option), b.parameters(option)
        return {name for name in first if first[name].prior != second[name].prior}

    hidden = {
        "ground.adversary.strength", "ground.adversary.quality", "patron.troops_present",
        "deployment.combat_casualties", "escalation.clash_nuclear", "nuclear.reply_nuclear",
    }  # fmt: skip
    believed = {item.id for item in later.propositions if item.prior.mean > 0.99}
    assert believed == {"offensive-missiles", "warheads-present", "tactical-weapons", "soviet-combat-units"}
    assert then.proposition("tactical-weapons").prior.mean < 0.15
    # A prior that hangs on a proposition differs with the proposition; the attacks are decided in ignorance.
    assert differing(then, later, None) <= hidden | {"nuclear.clash_effect", "nuclear.territory_effect"}
    assert differing(then, later, "blockade") == differing(then, later, None)
    attack = {"utility.alliance.disaster", "utility.alliance.own_dead"}
    assert differing(then, later, "invasion") - differing(then, later, None) <= attack


# Results -------------------------------------------------------------------------------------------------------------


def means(run, outcome: str) -> dict[str, float]:
    return {name: float(run.summary["mean"].sel(outcome=outcome, option=name).item()) for name in run.options}


def sane(run) -> None:
    for outcome in OUTCOMES.values():
        values = np.asarray(run.outcomes[outcome.id].values)
        assert np.isfinite(values).all(), outcome.id
        if outcome.kind in ("probability", "share"):
            assert values.min() >= -1e-6, outcome.id
            assert values.max() <= 1.0 + 1e-6, outcome.id
    for outcome in (
        "killed_host",
        "killed_adversary",
        "killed_alliance",
        "deaths_civilian_host",
        "cost_alliance",
    ):
        assert min(means(run, outcome).values()) >= 0.0, outcome
    use, general = means(run, "nuclear_use_probability"), means(run, "general_exchange_probability")
    assert all(general[name] <= use[name] + 1e-7 for name in run.options)
    assert run.game.failed == 0


def assess_case(name: str | Path, **settings):
    from excomm.pipeline.assess import assess

    return assess(name, store=False, **settings)


def test_a_few_draws_of_the_committees_options_make_sense() -> None:
    run = assess_case("cuba-1962", draws=24, replicates=4, options=["diplomacy", "blockade", "invasion"])
    sane(run)
    nuclear = means(run, "nuclear_use_probability")
    # Paired draws: the order has held at every seed tried; an error of the order would be a change of the model.
    assert nuclear["diplomacy"] < nuclear["blockade"] < nuclear["invasion"] < 0.5
    assert means(run, "clash_probability")["invasion"] == pytest.approx(1.0)
    assert means(run, "killed_alliance")["invasion"] > means(run, "killed_alliance")["blockade"]
    assert means(run, "killed_alliance")["no-action"] == 0.0
    assert abs(means(run, "area_change")["no-action"]) < 5.0
    assert means(run, "ceasefire_probability")["diplomacy"] > means(run, "ceasefire_probability")["no-action"]


@pytest.mark.long
@pytest.mark.parametrize("name", ["cuba-1962", HINDSIGHT, "kosovo-1999"])
def test_every_option_of_the_newer_cases_makes_sense(name: str) -> None:
    run = assess_case(name, draws=128, replicates=8)
    sane(run)
    missed = [band.id for band in run.plausibility if not band.ok]
    assert missed == []
    assert means(run, "rung_max")[run.options[-1]] > means(run, "rung_max")[run.options[0]]


@pytest.mark.long
def test_hidden_weapons_raise_the_risk_of_a_landing_most() -> None:
    then = means(assess_case("cuba-1962", draws=128, replicates=8), "nuclear_use_probability")
    later = means(assess_case(HINDSIGHT, draws=128, replicates=8), "nuclear_use_probability")
    assert later["invasion"] > 3.0 * then["invasion"]
    assert later["air-strike"] > 1.5 * then["air-strike"]
    assert later["invasion"] > later["air-strike"] > later["blockade"] > later["diplomacy"]
    assert later["blockade"] < 2.0 * then["blockade"]


@pytest.mark.long
def test_kosovo_uses_the_conventional_half_of_the_model() -> None:
    run = assess_case("kosovo-1999", draws=128, replicates=8)
    assert max(means(run, "nuclear_use_probability").values()) < 0.005
    realised = means(run, "troops_realised")
    assert realised["ground-intervention"] > realised["air-campaign"] > realised["more-talks"] == 0.0
    regained = means(run, "regained_share_52")
    assert regained["ground-intervention"] > regained["air-campaign"]
    assert (
        means(run, "ceasefire_holds_52")["force-on-agreement"]
        > means(run, "ceasefire_holds_52")["more-talks"]
    )
    assert (
        means(run, "killed_alliance")["ground-intervention"] > means(run, "killed_alliance")["air-campaign"]
    )


@pytest.mark.long
def test_the_gulf_war_lies_within_the_ranges_and_the_page_says_what_they_are() -> None:
    """The page's figures are of this run; they may drift by half with the model before the page must be redone."""
    run = assess_case("gulf-1991", draws=256, replicates=16)
    sane(run)
    assert [band.id for band in run.plausibility if not band.ok] == []
    page = Path(__file__).parents[2] / "docs" / "explanation" / "historical-cases.md"
    rows = re.findall(
        r"^\| ([^|]+) \| ([\d.,]+) \(([\d.,]+) to ([\d.,]+)\) \|", page.read_text("utf-8"), re.MULTILINE
    )
    told = {name: [float(x.replace(",", "")) for x in values] for name, *values in rows}
    came = {
        "Allied soldiers killed": ("killed_alliance", 213), "Allied soldiers wounded": ("wounded_alliance", 510),
        "Weeks to a ceasefire": ("ceasefire_weeks", 6),
        "Share of Kuwait regained by week 12": ("regained_share_12", 1.0),
        "Soldiers of the adversary killed": ("killed_adversary", 20_000),
    }  # fmt: skip
    assert set(told) == set(came)
    for name, (outcome, happened) in came.items():
        cell = run.summary.sel(outcome=outcome, option="offensive")
        median, low, high = (float(cell[field]) for field in ("median", "p05", "p95"))
        assert low <= happened <= high + 1e-6, name
        assert told[name] == pytest.approx([median, low, high], rel=0.5, abs=1.0), name
    dead = means(run, "killed_alliance")
    assert dead["sanctions"] < dead["bombing"] < dead["offensive"]
    assert means(run, "regained_share_12")["offensive"] > 3 * means(run, "regained_share_12")["bombing"]
