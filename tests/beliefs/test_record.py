"""The record of warnings: strict reading, censoring, and the conjugate model with its published numbers."""

from __future__ import annotations

import csv
import datetime
from importlib.resources import files
from pathlib import Path

import pytest

from excomm.beliefs.record import (
    COLUMNS,
    ISSUES,
    RANKS,
    Record,
    beta_posterior,
    effective_number,
    posterior,
    read_record,
)
from excomm.errors import RecordError, UsageError

SHIPPED = Path(str(files("excomm"))) / "case" / "library" / "cases" / "ukraine-2024" / "record.csv"
ROW = {
    "id": "a-2020",
    "date": "2020-01-02",
    "speaker": "Anna Example",
    "speaker_rank": "head",
    "actor": "southland",
    "target": "league",
    "issue": "aid",
    "severity": "3",
    "explicit": "yes",
    "warning": "If arms come, ports will be closed",
    "line_status": "crossed",
    "outcome_date": "2020-03-01",
    "outcome": "Ports closed",
    "narrow": "executed",
    "broad": "executed",
    "source": "Harbour Times 2020-01-02",
    "note": "",
}


def written(folder: Path, *rows: dict[str, str], header: tuple[str, ...] = COLUMNS) -> Path:
    path = folder / "record.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, header)
        table.writeheader()
        table.writerows(rows)
    return path


# Published and exact numbers


@pytest.mark.parametrize(
    ("executed", "informative", "mean", "low", "high"),
    [
        (0, 20, 0.02381, 0.0000242, 0.11664),
        (2, 24, 0.1000, 0.01772, 0.24140),
        (3, 19, 0.1750, 0.04657, 0.36424),
    ],
)
def test_jeffreys_posterior(executed: int, informative: int, mean: float, low: float, high: float) -> None:
    found = beta_posterior(executed, informative)
    assert found.mean == pytest.approx(mean, abs=5e-6)
    assert found.interval(0.95) == (pytest.approx(low, abs=5e-6), pytest.approx(high, abs=5e-6))


def test_rule_of_succession_and_a_sceptical_prior() -> None:
    assert beta_posterior(2, 24, prior=(1, 1)).mean == pytest.approx(3 / 26, abs=1e-12)
    assert beta_posterior(2, 24, prior=(1, 9)).mean == pytest.approx(0.088235, abs=5e-7)


def test_effective_number() -> None:
    assert effective_number(20, 0.0) == 20
    assert effective_number(20, 1.0) == pytest.approx(1.0)
    assert effective_number(1, 0.4) == 1.0
    assert effective_number(0, 0.4) == 0.0
    assert effective_number(20, 0.35) == pytest.approx(20 / 7.65)


def test_dependence_moves_towards_the_prior_and_widens() -> None:
    loose, tight = beta_posterior(0, 20, icc=0.5), beta_posterior(0, 20)
    assert tight.mean < loose.mean < 0.5
    assert loose.interval()[1] > tight.interval()[1]
    assert loose.a + loose.b == pytest.approx(1.0 + 20 / 10.5)


@pytest.mark.parametrize(
    "wrong", [{"executed": 3, "informative": 2}, {"executed": 1, "informative": 2, "icc": 1.2}]
)
def test_impossible_counts_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        beta_posterior(**wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        beta_posterior(1, 2, prior=(0, 1))


# Reading


def test_reads_what_was_written(tmp_path: Path) -> None:
    record = read_record(
        written(tmp_path, ROW | {"id": "b-2021", "date": "2021-05-06", "outcome_date": "2021-06-01"}, ROW)
    )
    assert [entry.id for entry in record] == ["a-2020", "b-2021"]
    first = record.warnings[0]
    assert (first.date, first.severity, first.explicit) == (datetime.date(2020, 1, 2), 3, True)
    assert (first.line, record.warnings[1].line) == (3, 2)
    assert record.file == f"{tmp_path.name}/record.csv"


def test_an_empty_table_is_a_record_without_warnings(tmp_path: Path) -> None:
    record = read_record(written(tmp_path))
    assert len(record) == 0
    assert record.table("narrow") == ()
    assert posterior(record, "aid", "narrow").mean == 0.5


@pytest.mark.parametrize(
    ("change", "column", "says"),
    [
        ({"date": "2020-13-01"}, "date", "2020-13-01"),
        ({"date": "January 2020"}, "date", "a day such as"),
        ({"speaker_rank": "president"}, "speaker_rank", "one of head"),
        ({"issue": "troop"}, "issue", "Did you mean troops?"),
        ({"severity": "6"}, "severity", "one of 1"),
        ({"severity": "3.5"}, "severity", "3.5"),
        ({"explicit": "true"}, "explicit", "yes"),
        ({"line_status": "ignored"}, "line_status", "crossed"),
        ({"narrow": "no"}, "narrow", "not-executed"),
        ({"actor": "The League"}, "actor", "hyphens"),
        ({"outcome_date": "2019-12-31"}, "outcome_date", "before the warning"),
        ({"outcome_date": ""}, "outcome_date", "acted on"),
        ({"source": " "}, "source", "is empty"),
        ({"line_status": "respected", "outcome_date": ""}, "narrow", "censored"),
        ({"line_status": "untested", "narrow": "censored"}, "broad", "censored"),
        ({"broad": "not-executed"}, "broad", "executed"),
    ],
)
def test_a_wrong_cell_is_named_with_its_line(
    tmp_path: Path, change: dict[str, str], column: str, says: str
) -> None:
    path = written(tmp_path, ROW | {"warning": "two\nlines"}, ROW | {"id": "b"} | change)
    with pytest.raises(RecordError) as caught:
        read_record(path)
    assert caught.value.line == 4
    assert caught.value.path == column
    assert caught.value.file == f"{tmp_path.name}/record.csv"
    assert says in str(caught.value)


def test_a_repeated_id_names_both_lines(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="used twice") as caught:
        read_record(written(tmp_path, ROW, ROW))
    assert caught.value.line == 3
    assert "line 2" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"", 1, "lacks id"),
        (b"id,date,severty\n", 1, "Did you mean severity?"),
        (b"id,id\n", 1, "stands twice"),
        (",".join(COLUMNS).encode() + b"\na,b\n", 2, "has 2 cells"),
        (",".join(COLUMNS).encode() + b"\n\xff\xfe,b\n", 2, "UTF-8"),
        (",".join(COLUMNS).encode() + b'\na,"b"c\n', 2, "cannot be read"),
    ],
)
def test_a_broken_file_is_explained(tmp_path: Path, content: bytes, line: int, says: str) -> None:
    path = tmp_path / "record.csv"
    path.write_bytes(content)
    with pytest.raises(RecordError) as caught:
        read_record(path)
    assert caught.value.line == line
    assert says in str(caught.value)


def test_missing_and_huge_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no such file"):
        read_record(tmp_path / "record.csv")
    (tmp_path / "record.csv").write_bytes(b"x" * 5_000_001)
    with pytest.raises(RecordError, match="bytes"):
        read_record(tmp_path / "record.csv")


# What it means


def test_lines_that_were_respected_do_not_count(tmp_path: Path) -> None:
    kept = {"line_status": "respected", "narrow": "censored", "broad": "censored", "outcome_date": ""}
    missed = {"id": "b", "narrow": "not-executed", "broad": "executed"}
    few = read_record(written(tmp_path, ROW, ROW | missed))
    many = read_record(
        written(tmp_path, ROW, ROW | missed, *(ROW | kept | {"id": f"k{i}"} for i in range(9)))
    )
    for coding in ("narrow", "broad"):
        assert posterior(many, "aid", coding) == posterior(few, "aid", coding)  # type: ignore[arg-type]
    assert posterior(many, "aid", "narrow", icc=0).mean == 0.5
    assert posterior(many, "aid", "broad", icc=0).mean == pytest.approx(2.5 / 3)
    (counts,) = many.table("narrow")
    assert (counts.warnings, counts.respected, counts.executed, counts.not_executed) == (11, 9, 1, 1)
    assert counts.censored == 9


def test_nothing_later_than_the_day_asked_for_is_known(tmp_path: Path) -> None:
    late = ROW | {"id": "late", "date": "2020-06-01", "outcome_date": "2020-07-01"}
    record = read_record(written(tmp_path, ROW, late))
    early = record.as_known(datetime.date(2020, 2, 1))
    assert [entry.id for entry in early] == ["a-2020"]
    assert early.warnings[0].narrow == early.warnings[0].broad == "censored"
    assert early.warnings[0].outcome_date is None
    assert record.as_known(datetime.date(2021, 1, 1)) == record


# The shipped record


@pytest.fixture(scope="module")
def shipped() -> Record:
    return read_record(SHIPPED)


def test_shipped_record_keeps_to_its_information_date(shipped: Record) -> None:
    end = datetime.date(2024, 12, 15)
    assert shipped.as_known(end) == shipped
    assert min(entry.date for entry in shipped) >= datetime.date(2014, 1, 1)


def test_shipped_record_has_all_sides_and_both_kinds_of_ending(shipped: Record) -> None:
    assert len(shipped) >= 40
    actors = {entry.actor for entry in shipped}
    assert {"russia", "united-states", "ukraine", "belarus", "european-allies", "nato"} <= actors
    assert {entry.issue for entry in shipped} == set(ISSUES)
    assert {entry.speaker_rank for entry in shipped} == set(RANKS)
    acted_on = sum(entry.narrow == "executed" for entry in shipped)
    heeded = sum(entry.line_status == "respected" for entry in shipped)
    missed = sum(entry.narrow == "not-executed" for entry in shipped)
    assert acted_on >= len(shipped) / 4
    assert heeded >= 8
    assert missed >= 8


def test_a_short_time_since_the_crossing_is_no_failure(shipped: Record) -> None:
    """A line crossed less than twelve months before the information date can be carried out or censored."""
    for entry in shipped:
        assert entry.outcome_date is not None or entry.narrow == "censored"
        if entry.outcome_date is not None and entry.outcome_date > datetime.date(2023, 12, 15):
            recent = entry.id in {"us-dprk-arms-2023", "us-china-2022", "ru-baltic-nuclear-2022"}
            assert entry.narrow != "not-executed" or recent, entry.id


def test_codings_differ_in_the_direction_of_their_definition(shipped: Record) -> None:
    narrow, broad = (posterior(shipped, None, coding, actor="russia") for coding in ("narrow", "broad"))
    assert narrow.mean < broad.mean
    assert broad.informative >= narrow.informative
