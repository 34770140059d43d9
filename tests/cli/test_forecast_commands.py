"""The commands about forecasts, called as the command line calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from excomm.cli.forecast_commands import app
from excomm.errors import ExCommError, InputError, UsageError

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
    assert [each.name for each in tmp_path.iterdir()] == ["questions.csv"]
    with pytest.raises(ExCommError, match="no such file"):
        call("import", tmp_path / "question.csv", "--ledger", tmp_path / "forecasts.db")
