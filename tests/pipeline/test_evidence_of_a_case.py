"""What of a case's reports and of a ledger does not count, and that an assessment says so."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from excomm.case import load
from excomm.errors import UsageError
from excomm.evidence import Ledger, extract, profile_of_case, read_reports
from excomm.pipeline.reading import ledger_digest, read_evidence


def test_reports_that_are_not_read_are_warnings(tmp_path: Path) -> None:
    shutil.copytree(load("strait").folder, tmp_path / "strait")
    reports = tmp_path / "strait" / "reports"
    (reports / "french.txt").write_text("language: fr\n\nLes soldats sont partis.", encoding="utf-8")
    (reports / "empty.txt").write_text("")
    (reports / "late.txt").write_text("published: 2031-04-01\n\nThe soldiers have left.")
    case = load(tmp_path / "strait")
    found = read_evidence(case, as_of=case.as_of, seed=0)
    assert [Path(note.split(": ")[0]).name for note in found.warnings] == ["empty.txt", "french.txt"]
    assert len(found.reports) == 4
    assert read_evidence(load("strait"), as_of=case.as_of, seed=0).warnings == ()


def test_a_decision_after_the_information_date_is_a_warning(tmp_path: Path) -> None:
    case, path = load("strait"), tmp_path / "ledger.sqlite"
    profile = profile_of_case(case.actors, case.propositions)
    with Ledger(path) as ledger:
        ledger.define(case.propositions, case.sources, case.actors, who="ann", why="case")
        claims = []
        for report in read_reports(case.report_paths):
            found = extract(report, profile)
            ledger.add(report, found, who="ann")
            claims += [claim.id for claim in found if claim.proposition]
        ledger.record("accept", claims[0], who="ann", why="read", effective=case.as_of)
    assert read_evidence(case, as_of=case.as_of, seed=0, ledger=path).warnings == ()
    with Ledger(path) as ledger:
        later = case.as_of + timedelta(days=1)
        ledger.record("accept", claims[1], who="ann", why="read", effective=later)
        ledger.record("reject", claims[2], who="ann", why="read", effective=later)
    [warning] = read_evidence(case, as_of=case.as_of, seed=0, ledger=path).warnings
    assert "1 accept, 1 reject" in warning
    assert f"--date {case.as_of}" in warning
    assert read_evidence(case, as_of=date(2031, 4, 1), seed=0, ledger=path).warnings == ()
    with pytest.raises(UsageError, match="no such file") as caught:
        ledger_digest(tmp_path / "leger.sqlite")
    assert caught.value.next_step == f"Did you mean {path}?"
    with pytest.raises(UsageError, match="no such file") as caught:
        ledger_digest(tmp_path / "other.db")
    assert "`excomm ledger add" in str(caught.value.next_step)
