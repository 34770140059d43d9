from __future__ import annotations

import json

import numpy as np
import pytest

from excomm.analysis.samples import as_json, checked_ids, finite
from excomm.analysis.variance import split_variance
from excomm.analysis.wording import (
    chance,
    frequency,
    interval,
    joined,
    line_in,
    number,
    percent,
    probability_word,
)
from excomm.errors import AnalysisError, UsageError


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.0, "almost no chance"),
        (0.05, "almost no chance"),
        (0.051, "very unlikely"),
        (0.2, "very unlikely"),
        (0.45, "unlikely"),
        (0.5, "roughly even"),
        (0.56, "likely"),
        (0.81, "very likely"),
        (0.951, "almost certain"),
        (1.0, "almost certain"),
    ],
)
def test_words_of_icd_203(probability: float, word: str) -> None:
    assert probability_word(probability) == word


def test_a_word_never_stands_without_its_number() -> None:
    assert chance(0.68) == "likely (68%)"
    assert chance(0.0032) == "almost no chance (about 3 in 1,000)"
    assert chance(0.0, 512) == "almost no chance (in none of 512 draws)"
    assert chance(1.0, 512) == "almost certain (in all 512 draws)"
    with pytest.raises(AnalysisError):
        chance(1.2)


def test_rare_events_in_natural_frequencies() -> None:
    assert frequency(0.0000674) == "about 7 in 100,000"
    assert frequency(0.0096) == "about 1 in 100"
    assert frequency(0.094) == "about 9 in 100"
    assert frequency(0.096) == "about 10 in 100"
    assert frequency(0.1234) == "about 12 in 100"
    assert percent(0.995) == "more than 99%"
    assert percent(0.5) == "50%"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (0.12, "12 in 100"),
        (0.015, "1.5 in 100"),
        (0.001, "1 in 1,000"),
        (0.0003, "3 in 10,000"),
        (0.5, "50 in 100"),
    ],
)
def test_a_line_that_somebody_draws_is_told_as_it_was_drawn(line: float, told: str) -> None:
    assert line_in(line) == told


def test_digits_follow_the_monte_carlo_error() -> None:
    assert number(12345.678, 30) == "12,350"
    assert number(0.123456, 0.002) == "0.123"
    assert number(-1234.5) == "−1,230"
    assert number(-0.0001, 0.1) == "0.0"
    assert interval(1.234, 5.678, "weeks", 0.04) == "1.23 to 5.68 weeks"
    assert joined(["a", "b", "c"]) == "a, b and c"


def test_inputs_that_would_mislead_are_refused() -> None:
    with pytest.raises(AnalysisError, match="1 values that are not finite"):
        finite([1.0, np.nan], "outcome", 1)
    with pytest.raises(UsageError, match="2 dimensions"):
        finite(np.ones((2, 2)), "outcome", 1)
    with pytest.raises(UsageError, match="twice: a"):
        checked_ids(["a", "a"], 2, "parameters")


def test_a_result_is_json_with_its_sentence() -> None:
    result = split_variance([1.0, 2.0, 4.0], [0.1, 0.1, 0.1], replicates=4)
    plain = as_json({"split": result, "none": [float("nan"), np.float64(2)], "set": {"b", "a"}})
    assert json.loads(json.dumps(plain)) == plain
    assert plain["split"]["sentence"] == result.sentence
    assert plain["none"] == [None, 2.0]
    assert plain["set"] == ["a", "b"]
