"""What `excomm record` says: the case's record as known at its date, both codings, JSON and terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from excomm.beliefs.record_summary import issue_of, summarise_record
from excomm.beliefs.resolve import RESOLVE_ISSUES
from excomm.case import load
from excomm.case.model import Case
from excomm.cli.record_commands import record
from excomm.errors import RecordError, UsageError

APP = typer.Typer()
APP.command()(record)


@pytest.fixture(scope="module")
def strait() -> Case:
    return load("strait")


def test_summary_counts_the_adversary_only(strait: Case) -> None:
    summary = summarise_record(strait)
    own = [entry for entry in summary.record if entry.actor == "southland"]
    assert sum(counts.warnings for counts in summary.counts) == len(own) < len(summary.record)
    overall = summary.rates[-1]
    assert overall.issue == "all issues"
    assert overall.rate.informative == sum(entry.narrow != "censored" for entry in own)


def test_the_other_coding_is_the_same_fit_seen_from_the_other_side(strait: Case) -> None:
    narrow, broad = summarise_record(strait, "narrow"), summarise_record(strait, "broad")
    for issue in RESOLVE_ISSUES:
        assert narrow.fit.issue(issue).mean == broad.other.issue(issue).mean
        assert narrow.difference(issue) == pytest.approx(-broad.difference(issue))
    assert max(abs(narrow.difference(issue)) for issue in RESOLVE_ISSUES) > 0.01


def test_an_earlier_date_forgets_what_came_later(strait: Case) -> None:
    early = summarise_record(replace(strait, as_of=date(2030, 2, 20)))
    assert all(entry.date <= date(2030, 2, 20) for entry in early.record)
    assert len(early.record) < len(summarise_record(strait).record)
    assert sum(counts.executed for counts in early.counts) == 0


def test_json_has_the_numbers_of_the_summary(strait: Case) -> None:
    ran = CliRunner().invoke(APP, ["strait", "--coding", "broad", "--json"])
    assert ran.exit_code == 0
    shown = json.loads(ran.stdout)
    summary = summarise_record(strait, "broad")
    assert shown["coding"] == "broad"
    assert [entry["issue"] for entry in shown["resolve"]] == list(RESOLVE_ISSUES)
    for entry in shown["resolve"]:
        found = summary.fit.issue(entry["issue"])
        assert entry["posterior"]["mean"] == found.mean
        assert entry["grade"] == ("C" if found.informative == 0 else "B")
        assert entry["difference"] == pytest.approx(
            entry["under_other_coding"]["mean"] - entry["posterior"]["mean"]
        )
        assert 0 < entry["posterior"]["p05"] < entry["posterior"]["p95"] < 1
    assert len(shown["record"]) == len(summary.record)
    assert shown["record"][0]["date"] == "2029-11-03"
    assert shown["priors"]["troops_shift"] == [2.0, 1.0]
    assert shown["diagnostics"]["effective_sample_size"] > 0.3 * shown["diagnostics"]["points"]


def test_terminal_fits_eighty_columns_and_names_the_extrapolation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ran = CliRunner().invoke(APP, ["strait", "--rows"])
    assert ran.exit_code == 0
    assert "…" not in ran.stdout
    shown = " ".join(ran.stdout.split())
    for words in ("troops-combat", "all issues", "rest on judgement", "war if Northland closes the strait"):
        assert words in shown


def test_a_case_without_a_record_is_told_what_to_do(strait: Case) -> None:
    with pytest.raises(RecordError, match="no record") as caught:
        summarise_record(replace(strait, record_path=None))
    assert "record.csv" in str(caught.value)


def test_an_unknown_coding_is_refused() -> None:
    ran = CliRunner().invoke(APP, ["strait", "--coding", "wide"])
    assert isinstance(ran.exception, UsageError)


def test_markup_in_a_record_is_shown_as_text(
    strait: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    from excomm.cli.record_commands import _print_rows

    assert strait.record_path is not None
    text = strait.record_path.read_text(encoding="utf-8").replace("protest note", "[red]protest[/red] note")
    path = tmp_path / "record.csv"
    path.write_text(text, encoding="utf-8")
    _print_rows(Console(width=80), summarise_record(replace(strait, record_path=path)))
    assert "[red]protest[/red] note" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("posture", "rules", "issue"),
    [
        ("none", "none", "aid"),
        ("air-only", "air-defence", "strikes"),
        ("rear", "self-defence", "troops"),
        ("line", "self-defence", "troops"),
        ("line", "combat", "troops-combat"),
        ("line", "air-defence", "troops-combat"),
        ("rear", "combat", "troops-combat"),
    ],
)
def test_the_deepest_commitment_decides_the_issue(strait: Case, posture: str, rules: str, issue: str) -> None:
    assert issue_of(replace(strait.reference, posture=posture, rules_of_engagement=rules)) == issue
