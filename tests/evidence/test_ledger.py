"""The ledger: append-only, a fold as of any date, several writers, nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from excomm.errors import InputError, UsageError
from excomm.evidence.ledger import Ledger
from excomm.evidence.ledger_state import LedgerState, compare_states, fold, timeline
from excomm.evidence.model import Report

from .story import SOURCES, TROOPS, World, report

PLAIN = "Eastmark has deployed troops in Southland."
DENIAL = "The Foreign Ministry of Eastmark denies that Eastmark has troops in Southland."
OTHER = "More than 4,000 soldiers from Eastmark are stationed in Southland, a monitoring group says."


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "ledger.sqlite")
    made.define([TROOPS], SOURCES, who="tester", why="set-up")
    return made


def put(ledger: Ledger, item: Report) -> str:
    [*claims] = World().claims([item])
    ledger.add(item, claims, who="tester", why="daily reading")
    return next(claim.id for claim in claims if claim.proposition)


def posterior(state: LedgerState) -> float:
    return state.assess()[0].posterior


def test_a_claim_moves_nothing_until_it_is_accepted_and_not_after_it_is_rejected(ledger: Ledger) -> None:
    claim = put(ledger, report(PLAIN))
    assert posterior(fold(ledger)) == 0.05
    ledger.record("accept", claim, who="ann", why="read it", effective=date(2031, 3, 2))
    assert posterior(fold(ledger)) > 0.1
    assert posterior(fold(ledger, date(2031, 3, 1))) == 0.05
    ledger.record("reject", claim, who="bob", why="misread", effective=date(2031, 3, 5))
    assert posterior(fold(ledger)) == 0.05
    assert posterior(fold(ledger, date(2031, 3, 4))) > 0.1


def test_the_fold_equals_the_plain_assessment(ledger: Ledger) -> None:
    reports = [
        report(PLAIN),
        report(OTHER, "Coast Wire", 4),
        report(DENIAL, "Eastmark Ministry", 6),
        report(PLAIN, "Daily Gull", 7),
    ]
    for item in reports:
        put(ledger, item)
    direct, folded = World().assess(reports), fold(ledger, policy="linked").assess()[0]
    assert (folded.posterior, folded.p05, folded.p95) == pytest.approx(
        (direct.posterior, direct.p05, direct.p95)
    )
    assert folded.admiralty == direct.admiralty
    assert len(folded.origins) == len(direct.origins)


def test_a_retraction_equals_never_added(ledger: Ledger, tmp_path: Path) -> None:
    kept, gone = report(PLAIN), report(OTHER, "Coast Wire", 4)
    put(ledger, kept)
    put(ledger, gone)
    ledger.record(
        "retract", f"report:{gone.id}", who="ann", why="withdrawn by the outlet", effective=date(2031, 3, 9)
    )
    with Ledger(tmp_path / "other.sqlite") as other:
        other.define([TROOPS], SOURCES, who="tester", why="set-up")
        put(other, kept)
        never = fold(other, policy="linked").assess()[0]
    after = fold(ledger, policy="linked").assess()[0]
    assert (after.posterior, after.p05, after.p95, after.origins) == (
        never.posterior,
        never.p05,
        never.p95,
        never.origins,
    )
    assert posterior(fold(ledger, date(2031, 3, 8), policy="linked")) > after.posterior


def test_a_correction_replaces_its_report(ledger: Ledger) -> None:
    wrong = report(PLAIN)
    put(ledger, wrong)
    put(
        ledger,
        report("There are no Eastmark troops in Southland, the monitoring group said.", "Coast Wire", 3),
    )
    ledger.record("correct", f"report:{wrong.id}", who="ann", why="new figures", effective=date(2031, 3, 3))
    assert posterior(fold(ledger, policy="linked")) < 0.05


def test_regrading_a_source_changes_its_weight_from_that_day(ledger: Ledger) -> None:
    put(ledger, report(PLAIN))
    ledger.record(
        "regrade",
        "source:harbour-times",
        who="ann",
        why="two hoaxes",
        effective=date(2031, 4, 1),
        body={"letter": "E"},
    )
    assert posterior(fold(ledger, policy="linked")) == pytest.approx(0.05)
    assert posterior(fold(ledger, date(2031, 3, 30), policy="linked")) > 0.1


def test_a_resolution_settles_the_proposition_and_the_record_of_its_sources(ledger: Ledger) -> None:
    put(ledger, report(PLAIN))
    put(ledger, report(DENIAL, "Eastmark Ministry", 2))
    ledger.record(
        "resolve",
        "proposition:foreign-troops",
        who="ann",
        why="seen by all",
        effective=date(2031, 5, 1),
        body={"outcome": True},
    )
    state = fold(ledger, policy="linked")
    assert posterior(state) == 1.0
    by_id = {source.id: source for source in state.sources}
    right, wrong, silent = (
        by_id["harbour-times"].record,
        by_id["eastmark-ministry"].record,
        by_id["coast-wire"].record,
    )
    assert right is not None
    assert wrong is not None
    assert silent is None
    assert right.hit == pytest.approx((10 * 0.8 + 1) / 11)
    assert wrong.hit == pytest.approx((10 * 0.9 + 0) / 11)


def test_every_change_names_who_and_why(ledger: Ledger) -> None:
    claim = put(ledger, report(PLAIN))
    with pytest.raises(UsageError, match="who"):
        ledger.record("accept", claim, who=" ", why="x")
    with pytest.raises(UsageError, match="nothing"):
        ledger.record("accept", "ffffffffffff", who="ann", why="x")
    with pytest.raises(UsageError, match="no kind"):
        ledger.record("delete", claim, who="ann", why="x")
    kinds = [update.kind for update in fold(ledger).updates]
    assert kinds == ["define"] * (1 + len(SOURCES)) + ["new", "new"]


def test_the_kinds_of_new_claims_are_told_apart(ledger: Ledger) -> None:
    put(ledger, report(PLAIN))
    put(ledger, report(OTHER, "Coast Wire", 2))
    put(ledger, report(DENIAL, "Eastmark Ministry", 3))
    roles = [update.kind for update in fold(ledger).updates if update.subject.startswith("claim:")]
    assert roles == ["new", "corroborate", "deny"]


def test_nothing_can_be_changed_or_deleted(ledger: Ledger) -> None:
    put(ledger, report(PLAIN))
    raw = sqlite3.connect(ledger.path)
    for statement in (
        "DELETE FROM updates",
        "UPDATE updates SET who = 'x'",
        "DELETE FROM reports",
        "UPDATE claims SET body = ''",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute(statement)
    raw.close()


def test_the_same_report_is_added_once(ledger: Ledger) -> None:
    put(ledger, report(PLAIN))
    count = ledger.count("updates")
    assert ledger.add(report(PLAIN), World().claims([report(PLAIN)]), who="tester", why="again") == ()
    assert ledger.count("updates") == count


def test_export_and_import_give_the_same_state(ledger: Ledger, tmp_path: Path) -> None:
    for place, text in enumerate([PLAIN, OTHER, DENIAL]):
        put(ledger, report(text, SOURCES[place].name, place + 1))
    lines = list(ledger.export())
    assert all(json.loads(line) for line in lines)
    with Ledger(tmp_path / "copy.sqlite") as other:
        assert other.load(lines) == len(lines)
        assert other.load(lines) == 0
        assert fold(other, policy="linked").assess() == fold(ledger, policy="linked").assess()
        assert list(other.export()) == lines
        with pytest.raises(InputError, match="not a line"):
            other.load(['{"update": {"kind": "nonsense"}}'])


def test_timeline_ends_at_the_current_belief(ledger: Ledger) -> None:
    for place, text in enumerate([PLAIN, OTHER, DENIAL]):
        put(ledger, report(text, SOURCES[place].name, 2 * place + 1))
    state = fold(ledger, policy="linked")
    course = timeline(state, "foreign-troops")
    assert [each["date"] for each in course] == ["2031-03-01", "2031-03-03", "2031-03-05"]
    assert course[-1]["posterior"] == pytest.approx(posterior(state))
    for each in course:
        day = date.fromisoformat(each["date"])
        assert each["posterior"] == pytest.approx(posterior(fold(ledger, day, policy="linked")))


def test_differences_name_the_claims(ledger: Ledger) -> None:
    put(ledger, report(PLAIN))
    claim = put(ledger, report(DENIAL, "Eastmark Ministry", 6))
    before, after = (
        fold(ledger, day, policy="linked").assess() for day in (date(2031, 3, 2), date(2031, 3, 7))
    )
    [change] = compare_states(before, after)
    assert change["added"] == [claim]
    assert change["after"] < change["before"]
    assert compare_states(after, after) == []


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite"
    path.write_text("these are not the bytes of a database, just a long enough line of text " * 20)
    with pytest.raises(InputError, match="not a ledger"):
        Ledger(path)


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.evidence.story import SOURCES, TROOPS, World, report
from excomm.evidence.ledger import Ledger
ledger = Ledger(sys.argv[2])
world, start = World(), int(sys.argv[3])
number = start
while number < start + int(sys.argv[4]):
    item = report(f"Eastmark has deployed {number + 7} troops in Southland, said witness {number}.", f"Paper {number}")
    ledger.add(item, world.claims([item]), who="writer", why="load")
    print(item.id, flush=True)
    number += 1
"""


def start_writer(path: Path, start: int, count: int) -> subprocess.Popen[str]:
    project = Path(__file__).parent.parent.parent
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(project), str(path), str(start), str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_several_processes_may_write(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    writers = [start_writer(path, 1000 * place, 8) for place in range(2)]
    acknowledged = {
        line.strip() for writer in writers for line in writer.communicate(timeout=120)[0].splitlines()
    }
    assert all(writer.returncode == 0 for writer in writers)
    with Ledger(path) as ledger:
        assert {item.id for item in ledger.reports()} == acknowledged
        assert len(acknowledged) == 16
        assert [update.seq for update in ledger.updates()] == list(range(1, ledger.count("updates") + 1))


def kill_rounds(path: Path, rounds: int) -> int:
    """Kill a writer while it adds; returns how many reports were acknowledged. Asserts that none is lost."""
    acknowledged: set[str] = set()
    for place in range(rounds):
        writer = start_writer(path, 100_000 * place, 100_000)
        assert writer.stdout is not None
        acknowledged.add(writer.stdout.readline().strip())
        time.sleep(0.0007 * (place * 37 % 100))
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged |= {
            line.strip() for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")
        }
        writer.stdout.close()
        writer.wait()
    with Ledger(path) as ledger:
        assert ledger.is_sound()
        held = {item.id for item in ledger.reports()}
        assert acknowledged <= held
        noted = {update.subject for update in ledger.updates()}
        assert {f"report:{identity}" for identity in held} <= noted, "half a report was written"
    return len(acknowledged)


def test_nothing_acknowledged_is_lost_when_a_writer_is_killed(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path / "ledger.sqlite", 2) >= 2


@pytest.mark.long
def test_nothing_acknowledged_is_lost_in_200_kills(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path / "ledger.sqlite", 200) >= 200
