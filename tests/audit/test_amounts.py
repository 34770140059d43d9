"""Amounts of a text against the draws: which are tested, on which side, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from excomm.audit.audit import audit_argument
from excomm.audit.figures import Figures
from excomm.audit.meaning import below
from excomm.audit.model import Finding
from excomm.evidence.extraction.quantities import quantities
from excomm.evidence.lexicon import fold, lexicon

REST = " The League should intervene directly."


def finding_of(text: str, figures: Figures, topic: str) -> Finding:
    found = audit_argument(text + REST, figures, learned=False)
    return next(one for one in found.assertions if one.topic == topic)


def killed_below(figures: Figures, option: str, level: float) -> float:
    at = figures.place(option)
    table, noise = figures.outcomes["killed_alliance"][at], figures.random["killed_alliance"][at]
    return float(below(table, noise, level, signed=False).mean())


def added_cost(figures: Figures, option: str) -> np.ndarray:
    table = figures.outcomes["cost_alliance"]
    return table[figures.place(option)] - table[figures.place(figures.reference)]


@pytest.mark.parametrize(
    ("text", "level", "more"),
    [
        ("Allied casualties would be low: fewer than a hundred allied soldiers killed.", 100, False),
        ("Allied casualties would be heavy, at least two dozen soldiers killed.", 24, True),
        ("Allied casualties would be heavy: half a million dead.", 500_000, True),
        ("Allied casualties would be low, half a dozen dead.", 6, False),
        ("Allied casualties would not be heavy: no more than 50 dead.", 50, False),
        ("Allied casualties would be heavy: it would not be less than 50 dead.", 50, True),
        ("Allied casualties would be heavy: it would not be under 50 dead.", 50, True),
    ],
)
def test_deaths_are_held_against_the_number_of_dead(
    text: str, level: float, more: bool, figures: Figures
) -> None:
    one = finding_of(text, figures, "allied-losses")
    under = killed_below(figures, str(one.option), level)
    assert one.probability == pytest.approx(1.0 - under if more else under)
    assert [(amount.tested, amount.because) for amount in one.amounts] == [(True, "")]
    assert one.links[0].target == "killed_alliance"
    assert f"{'at least' if more else 'below'} {level:,} people" in one.statement


@pytest.mark.parametrize(
    ("text", "level", "more"),
    [
        ("Intervention would cost the allies 12 billion dollars.", 12, True),
        ("Intervention would cost the allies more than half a billion dollars.", 0.5, True),
        ("The cost of the intervention would run to 12 billion.", 12, True),
        ("Intervention would cost the allies between 5 and 10 billion dollars a year.", 5, True),
    ],
)
def test_a_price_is_held_against_what_the_option_adds(
    text: str, level: float, more: bool, figures: Figures
) -> None:
    one = finding_of(text, figures, "cost")
    added = added_cost(figures, str(one.option))
    assert one.probability == pytest.approx(float(((added >= level) if more else (added < level)).mean()))
    assert one.value is not None
    assert one.value["of"] == "difference"
    assert one.value["mean"] == pytest.approx(float(added.mean()))


@pytest.mark.parametrize(
    ("text", "topic", "because"),
    [
        ("Intervention would cost the allies 12 billion euros.", "cost", "counts in US dollars"),
        ("Intervention would cost the allies 12 billion dollars over ten years.", "cost", "“ten years”"),
        ("Intervention would cost the allies 12 billion dollars a week.", "cost", "“a week”"),
        ("Intervention costs the allies 12 billion dollars.", "cost", "not said of what would come"),
        ("Allied casualties would be low: 50,000 troops could watch.", "allied-losses", "not counted in"),
        ("The intervention will not cost more than 3 billion dollars.", "cost", "more or less than that"),
        ("Allied casualties would be low, at least 50 dead.", "allied-losses", "more or less than that"),
        (
            "Allied casualties would be heavy and go from nothing more than bruises to up to 50 dead.",
            "allied-losses",
            "more or less than that",
        ),
        ("Intervention would cost the allies 12 billion dollars this year.", "cost", "beside “this year”"),
        ("Intervention would cost this past year 12 billion dollars.", "cost", "beside “this past year”"),
    ],
)
def test_an_amount_that_does_not_fit_is_said_not_to_be_tested(
    text: str, topic: str, because: str, figures: Figures
) -> None:
    one = finding_of(text, figures, topic)
    assert [amount.tested for amount in one.amounts] == [False]
    assert because in one.amounts[0].because
    assert f"Amount not tested: “{one.amounts[0].quote}” ({one.amounts[0].because})" in one.sentence
    assert one.statement.endswith(
        (
            "higher under intervention than under current-aid",
            "below 4 deaths per 1,000",
            "at least 4 deaths per 1,000",
        )
    )


def test_what_is_said_of_this_year_is_held_only_where_the_year_is_the_horizon(figures: Figures) -> None:
    text = "Intervention would cost the allies 12 billion dollars this year."
    case = replace(figures.case, as_of=date(2031, 1, 2))
    one = finding_of(text, replace(figures, case=case), "cost")
    assert [amount.tested for amount in one.amounts] == [True]


def test_an_event_within_months_has_the_rate_of_the_horizon(figures: Figures) -> None:
    horizon = figures.case.horizon_weeks
    soon = finding_of("A ceasefire will come within six months.", figures, "ceasefire")
    by_horizon = figures.outcomes["ceasefire_probability"][figures.place(str(soon.links[0].option))]
    weeks = 6 * 365.25 / 7 / 12
    assert soon.probability == pytest.approx(float((1 - (1 - by_horizon) ** (weeks / horizon)).mean()))
    assert soon.probability is not None
    assert soon.probability < by_horizon.mean()
    assert "within “six months” (26.1 weeks)" in soon.statement


@pytest.mark.parametrize(
    ("words", "number"),
    [("half a million people", 5e5), ("half a dozen dead", 6), ("a quarter of a million refugees", 2.5e5)],
)
def test_parts_of_a_large_number_are_read(words: str, number: float) -> None:
    [one] = quantities(words, fold(words), lexicon("en"))
    assert (one.low, one.high) == (number, number)


def test_places_of_amounts_are_those_of_the_text(figures: Figures) -> None:
    text = "It is so. Intervention would cost the allies 12 billion dollars." + REST
    found = audit_argument(text, figures, learned=False)
    [amount] = [amount for one in found.assertions for amount in one.amounts]
    assert text[amount.start : amount.end] == amount.quote == "12 billion dollars"
    assert (amount.low, amount.high, amount.unit) == (12e9, 12e9, "USD")
