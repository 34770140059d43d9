"""Units: what they are, how they convert, what does not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from excomm.case.units_table import conversion, convert, nearest_unit, parse_unit
from excomm.errors import CaseError
from excomm.quantities import OUTCOMES, SERIES


@pytest.mark.parametrize(
    ("value", "source", "target", "result"),
    [
        (12, "thousand troops", "troops", 12_000),
        (0.8, "million troops", "troops", 800_000),
        (3, "soldiers", "troops", 3),
        (2, "km2/day", "km2/week", 14),
        (2, "km² per day", "km2/week", 14),
        (365.25, "km2/month", "km2/week", 365.25 * 12 * 7 / 365.25),
        (40, "per cent", "share", 0.4),
        (40, "%", "probability", 0.4),
        (7, "percent/week", "share/week", 0.07),
        (6, "months", "weeks", 6 * 365.25 / 84),
        (52, "bn USD/year", "bn USD/week", 52 * 7 / 365.25),
        (500, "million USD", "bn USD", 0.5),
        (1, "bn USD", "USD", 1e9),
        (300, "MW/hit", "GW/hit", 0.3),
        (2, "deaths per 1,000", "deaths/1000", 2),
        (21, "1/week", "1/day", 3),
        (3, "per week", "1/week", 3),
        # Published identities of compounding: 1 - 0.99^(1/n), and 1 - exp(-rate).
        (1, "per cent per year", "probability/week", 1 - 0.99 ** (7 / 365.25)),
        (0.3, "probability/day", "probability/week", 1 - 0.7**7),
        (0.52, "1/year", "probability/week", 1 - math.exp(-0.52 * 7 / 365.25)),
        (0.5, "probability/year", "1/year", math.log(2)),
        (2, "per cent/week", "probability/week", 0.02),
        (1.0, "probability/year", "probability/week", 1.0),
    ],
)
def test_conversions(value: float, source: str, target: str, result: float) -> None:
    assert convert(value, source, target) == pytest.approx(result, rel=1e-12)


@pytest.mark.parametrize(
    ("source", "target", "named"),
    [
        ("km/week", "km2/week", "km2/week"),
        ("troops", "km2", "km2"),
        ("bn EUR", "bn USD", "exchange rate"),
        ("per cent/year", "1/week", "say which number is meant"),
        ("probability", "probability/week", "probability/week"),
        ("probability", "share", "share"),
        ("km2/week", "km2", "km2"),
        ("weeks", "troops", "thousand troops"),
    ],
)
def test_what_does_not_convert_names_what_would(source: str, target: str, named: str) -> None:
    with pytest.raises(CaseError) as caught:
        conversion(source, target)
    assert "does not convert" in caught.value.message
    assert named in f"{caught.value.expected} {caught.value.next_step}"


@pytest.mark.parametrize(
    ("text", "close"),
    [
        ("trops", "troops"),
        ("kmm2/week", "km2"),
        ("km2/wek", "week"),
        ("gw", "GW"),
        ("k troops", "thousand troops"),
        ("USd", "USD"),
        ("", "troops"),
        ("/", "troops"),
        ("GW hit", "hit"),
        ("thousand", "thousand troops"),
    ],
)
def test_an_unknown_unit_names_the_close_ones(text: str, close: str) -> None:
    with pytest.raises(CaseError) as caught:
        parse_unit(text)
    assert "is not a unit" in caught.value.message
    assert close in f"{caught.value.expected} {caught.value.next_step}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tanks", "vehicles"),
        ("planes", "aircraft"),
        ("billion dollars", "billion USD"),
        ("square kilometres per week", "km2/week"),
        ("thousands of troops", "thousand troops"),
        ("percent/yr", "per cent/year"),
        ("wombats", None),
        ("hours", None),
        ("volunteers", None),
    ],
)
def test_a_word_of_another_meaning_is_not_proposed(text: str, meant: str | None) -> None:
    assert nearest_unit(text) == meant
    if meant:
        parse_unit(meant)


def test_a_certain_event_has_no_rate() -> None:
    with pytest.raises(CaseError, match="not a probability that has a rate"):
        convert(1.0, "probability/year", "1/week")


PAIRS = [
    ("thousand troops", "troops"),
    ("km2/day", "km2/week"),
    ("km2/month", "km2/year"),
    ("per cent", "share"),
    ("bn USD/year", "million USD/week"),
    ("probability/year", "probability/week"),
    ("probability/week", "1/year"),
    ("probability/day", "1/week"),
    ("per cent/year", "probability/week"),
    ("per cent/week", "probability/week"),
]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from(PAIRS), st.floats(1e-6, 0.99))
def test_there_and_back_again(pair: tuple[str, str], value: float) -> None:
    there = convert(value, *pair)
    assert convert(there, pair[1], pair[0]) == pytest.approx(value, rel=1e-9)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from(PAIRS), st.floats(0, 0.99), st.floats(0, 0.99))
def test_conversions_keep_the_order(pair: tuple[str, str], one: float, two: float) -> None:
    low, high = sorted([one, two])
    assert convert(low, *pair) <= convert(high, *pair)


def test_every_outcome_and_series_has_a_unit_of_the_table() -> None:
    for quantity in [*OUTCOMES.values(), *SERIES.values()]:
        assert parse_unit(quantity.unit).text
