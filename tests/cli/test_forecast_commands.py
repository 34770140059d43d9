"""The commands about forecasts, called as the command line calls them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from excomm.cli.arguments import begun_whole
from excomm.cli.forecast_commands import app
from excomm.errors import ExCommError, InputError, UsageError
from excomm.hindcast.ledger import ForecastLedger, Question
from excomm.storage import write_parquet

RULE = ("--text", "Will it rain?", "--rule", "Yes if the gauge says so.", "--closes", "2025-06-30")


def call(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "forecasts.db"
    call("add", "rain", *RULE, "--probability", ".2", "--made", "2025-01-01", "--ledger", path)
    return path


def test_a_second_resolution_needs_a_correction_with_its_reason(book: Path) -> None:
    told = ("--source", "gauge", "--on", "2025-07-01", "--ledger", book)
    with pytest.raises(UsageError, match="nothing to correct"):
        call("resolve", "rain", "no", *told, "--correct", "a slip")
    assert "rain resolved to no" in call("resolve", "rain", "no", *told)
    for outcome in ("yes", "no", "void"):
        with pytest.raises(UsageError, match="was resolved to no on 2025-07-01") as caught:
            call("resolve", "rain", outcome, *told)
        assert "--correct" in str(caught.value.next_step)
    with pytest.raises(UsageError, match="gives no reason"):
        call("resolve", "rain", "yes", *told, "--correct", " ")
    assert json.loads(call("score", "--ledger", book, "--json"))["corrected"] == 0
    assert "corrects the earlier" in call(
        "resolve", "rain", "yes", *told, "--correct", "read the wrong gauge"
    )
    kept = [
        (entry["outcome"], entry.get("correction"))
        for entry in json.loads(call("show", "--ledger", book, "--json"))["entries"]
        if entry["kind"] == "resolution"
    ]
    shown = call("show", "rain", "--ledger", book)
    assert "resolved to yes on 2025-07-01 (source: gauge); corrects the earlier" in shown
    assert kept == [(0.0, None), (1.0, "read the wrong gauge")]
    score = json.loads(call("score", "--ledger", book, "--json"))
    assert (score["resolved"], score["corrected"]) == (1, 1)
    assert score["forecasters"][0]["brier"] == pytest.approx(0.64)


@pytest.mark.parametrize(
    "arguments", [("show",), ("score",), ("calibration",), ("resolve", "rain", "yes", "--source", "gauge")]
)
def test_a_mistyped_ledger_is_not_begun(book: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="no such file") as caught:
        call(*arguments, "--ledger", book.with_name("forcasts.db"))
    assert caught.value.next_step == f"Did you mean {book}?"
    assert [each.name for each in book.parent.iterdir()] == [book.name]


def test_a_ledger_is_begun_only_by_what_succeeds(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="incomplete"):
        call("add", "rain", "--text", "Will it rain?", "--ledger", tmp_path / "forecasts.db")
    with pytest.raises(UsageError, match="cannot be written"):
        call("add", "rain", *RULE, "--ledger", tmp_path / "nowhere" / "forecasts.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", [KeyboardInterrupt, BrokenPipeError])
def test_a_new_ledger_that_holds_entries_outlives_an_interruption(
    tmp_path: Path, fault: type[BaseException]
) -> None:
    path = tmp_path / "forecasts.db"

    def begin(*questions: Question) -> None:
        with begun_whole(path), ForecastLedger(path) as opened:
            for question in questions:
                opened.ask(question)
            raise fault

    with pytest.raises(fault):
        begin()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(fault):
        begin(Question("rain", "Will it rain?", "Yes if the gauge says so.", date(2025, 6, 30)))
    assert "Will it rain?" in call("show", "--ledger", path)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder of stored runs with one, of which only what forecasts need is there."""
    folder = tmp_path / "runs" / "strait-0123456789ab"
    folder.mkdir(parents=True)
    events = {"ceasefire_probability": 0.25, "clash_probability": 0.02, "nuclear_use_probability": 1e-5}
    outcomes = [
        {"id": name, "mean": mean} for name, mean in {**events, "neighbour_probability": None}.items()
    ]
    reference = {"id": "aid", "name": "Current aid", "vs_reference": [], "outcomes": outcomes}
    other = {**reference, "id": "shield", "vs_reference": [{"outcome": "clash_probability"}]}
    shape = {"case": "strait", "as_of": "2031-03-01", "options": [other, reference]}
    (folder / "assessment.json").write_text(json.dumps(shape))
    (folder / "manifest.json").write_text("{}")
    write_parquet(folder / "weekly.parquet", {"week": np.arange(1, 53, dtype=np.int32)})
    return folder.parent


@pytest.mark.parametrize("named", ["strait", "strait-0123456789ab", "strait-01"])
def test_a_run_gives_its_events_as_questions_with_rules(runs: Path, tmp_path: Path, named: str) -> None:
    ledger = tmp_path / "forecasts.db"
    added = json.loads(call("from-run", named, "--out", runs, "--ledger", ledger, "--json"))
    assert (added["questions"], added["forecasts"]) == (3, 3)
    assert "amounts" in added["warnings"][0]
    again = call("from-run", runs / "strait-0123456789ab", "--ledger", ledger)
    assert again.startswith("0 questions, 0 forecasts")
    entries = json.loads(call("show", "--ledger", ledger, "--json"))["entries"]
    asked, made = entries[0], entries[1]
    assert asked["question"] == made["question"] == "strait/ceasefire/2032-02-28"
    assert asked["rule"].endswith("Void if an option other than Current aid is adopted before.")
    assert (made["forecaster"], made["probability"], made["made"]) == (
        "excomm/strait-0123456789ab",
        0.25,
        "2031-03-01",
    )
    shown = call("show", "strait/ceasefire/2032-02-28", "--ledger", ledger)
    assert "A ceasefire is agreed by 28 February 2032. Closes 2032-02-28. Rule: Both sides" in shown


def test_what_is_no_run_is_said(runs: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "forecasts.db"
    with pytest.raises(UsageError, match="no stored run 'cuba'"):
        call("from-run", "cuba", "--out", runs, "--ledger", ledger)
    (runs / "strait-0123456789ab" / "assessment.json").unlink()
    with pytest.raises(UsageError, match="cannot be read"):
        call("from-run", "strait", "--out", runs, "--ledger", ledger)
    assert not ledger.exists()


@pytest.mark.parametrize(
    ("content", "fault"),
    [("", "the file is empty"), ("{}", "no such table"), ("market_id,short_name,url,last\n", "no rows")],
)
def test_a_bad_import_says_file_and_fault(tmp_path: Path, content: str, fault: str) -> None:
    path = tmp_path / "questions.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=fault) as caught:
        call("import", path, "--ledger", tmp_path / "forecasts.db")
    assert caught.value.file == str(path)
    assert caught.value.next_step or fault != "no such table"
    assert [each.name for each in tmp_path.iterdir()] == ["questions.csv"]
    with pytest.raises(ExCommError, match="no such file"):
        call("import", tmp_path / "question.csv", "--ledger", tmp_path / "forecasts.db")
