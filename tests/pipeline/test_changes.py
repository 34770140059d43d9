"""What has moved since an earlier run of the same case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import excomm
from excomm.engine.run import Run
from excomm.errors import UsageError
from excomm.pipeline.changes import BeliefChange, Changes, OutcomeChange, changes_since


@pytest.fixture(scope="module")
def earlier(stored: Run, settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The Strait as it would have been assessed on the day before its reports."""
    day = min(report.published for report in stored.reports if report.published is not None) - timedelta(
        days=1
    )
    return excomm.assess("strait", **settings, as_of=day, out=tmp_path_factory.mktemp("earlier"), brief=False)


def test_a_run_has_not_moved_from_itself(stored: Run, folder: Path) -> None:
    changes = changes_since(stored, folder)
    assert (changes.outcomes, changes.beliefs) == ((), ())
    assert changes.sentences == ("Nothing has moved by more than chance.",)


def test_reports_move_beliefs_and_what_hangs_on_them(stored: Run, earlier: Run) -> None:
    changes = changes_since(stored, earlier.files["manifest"].parent)
    assert (changes.earlier, changes.later) == (earlier.id, stored.id)
    assert changes.beliefs
    for belief in changes.beliefs:
        assert belief.before != belief.after
    assert any(belief.claims for belief in changes.beliefs)
    for change in changes.outcomes:
        assert change.p05 <= change.after - change.before <= change.p95
        assert not change.p05 <= 0 <= change.p95
    names = [option.name for option in stored.case.options]
    told = changes.sentences
    assert len(told) == len(changes.beliefs) + len(changes.outcomes)
    for change, sentence in zip(changes.outcomes, told[len(changes.beliefs) :], strict=True):
        assert change.name in names
        assert f", {change.name}: " in sentence
    assert changes.to_json()["sentences"] == list(told)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (0.42, 0.57, "from 42% to 57%"),
        (0.42, 0.4231, "from 42.0% to 42.3%"),
        (0.4201, 0.4203, "from 42.01% to 42.03%"),
        (0.42, 0.420001, "stays at 42%"),
    ],
)
def test_a_move_has_the_digits_that_show_it(before: float, after: float, told: str) -> None:
    changes = Changes("a", "b", (), (BeliefChange("p", "The pact holds", before, after, ()),))
    assert changes.sentences == (f"The pact holds: {told}.",)


def test_an_outcome_that_moved_is_told_under_the_name_of_its_option() -> None:
    change = OutcomeChange(
        "nuclear_use_probability", "air-shield", "Air-defence shield", 0.01, 0.03, 0.01, 0.03, True
    )
    (told,) = Changes("a", "b", (change,), ()).sentences
    assert told == "Nuclear use, Air-defence shield: from 1.0 to 3.0 in 100."


def test_runs_of_two_cases_are_not_compared(stored: Run, folder: Path) -> None:
    other = replace(stored, case=replace(stored.case, id="elsewhere"))
    with pytest.raises(UsageError, match="strait"):
        changes_since(other, folder)
