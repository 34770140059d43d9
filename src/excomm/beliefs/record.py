"""Reading a record of warnings, and the simplest model of how often they are carried out."""

from __future__ import annotations

import csv
import datetime
import difflib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from excomm.beliefs.warning_table import (
    CODINGS,
    COLUMNS,
    ISSUES,
    LINE_STATUSES,
    OUTCOMES,
    RANKS,
    Coding,
    IssueCounts,
    Outcome,
    Record,
    RecordedWarning,
)
from excomm.errors import RecordError, UsageError

__all__ = [
    "CODINGS",
    "COLUMNS",
    "ISSUES",
    "RANKS",
    "BetaPosterior",
    "Coding",
    "IssueCounts",
    "Record",
    "RecordedWarning",
    "beta_posterior",
    "effective_number",
    "posterior",
    "read_record",
]

MAY_BE_EMPTY = frozenset({"outcome_date", "outcome", "note"})
LARGEST_FILE = 5_000_000  # bytes; a record of a hundred warnings has about 30,000
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class BetaPosterior:
    """Posterior Beta(a, b) of the probability that a warning is carried out.

    executed, informative: counts as coded; `effective`: number of informative warnings after the allowance
    for serial dependence.
    """

    a: float
    b: float
    executed: int
    informative: int
    effective: float

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return self.a / (self.a + self.b)

    def quantile(self, probability: float) -> float:
        """Posterior quantile."""
        from scipy.special import betaincinv

        return float(betaincinv(self.a, self.b, probability))

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Central interval with probability `level`."""
        tail = (1.0 - level) / 2.0
        return self.quantile(tail), self.quantile(1.0 - tail)


def effective_number(n: float, icc: float) -> float:
    """Number of independent warnings that n warnings of intraclass correlation `icc` are worth."""
    if not 0.0 <= icc <= 1.0:
        raise UsageError(
            f"An intraclass correlation of {icc:g} is not possible.",
            expected="a share from 0 (independent warnings) to 1 (all of them one warning)",
            next_step="Warnings in a series suggest 0.2 to 0.5.",
        )
    return n / (1.0 + (n - 1.0) * icc) if n > 0 else 0.0


def beta_posterior(
    executed: int, informative: int, *, prior: tuple[float, float] = (0.5, 0.5), icc: float = 0.0
) -> BetaPosterior:
    """Beta posterior for `executed` of `informative` warnings.

    prior: parameters of the Beta prior; (0.5, 0.5) is Jeffreys' and (1, 1) gives the rule of succession.
    icc: serial dependence; both counts shrink in the same proportion.
    """
    a, b = prior
    if not (0 <= executed <= informative):
        raise UsageError(
            f"{executed} of {informative} warnings cannot have been carried out.",
            expected="0 <= executed <= informative",
        )
    if a <= 0.0 or b <= 0.0:
        raise UsageError(
            f"Beta({a:g}, {b:g}) is no distribution.", expected="two positive numbers, such as (0.5, 0.5)"
        )
    effective = effective_number(informative, icc)
    worth = effective / informative if informative else 0.0
    return BetaPosterior(
        a=a + executed * worth,
        b=b + (informative - executed) * worth,
        executed=executed,
        informative=informative,
        effective=effective,
    )


def posterior(
    record: Record,
    issue: str | None,
    coding: Coding,
    *,
    prior: tuple[float, float] = (0.5, 0.5),
    icc: float = 0.35,
    actor: str | None = None,
) -> BetaPosterior:
    """Probability that a warning on `issue` (None: on any) is carried out once its line is crossed.

    Censored warnings do not count. icc: 0.2 to 0.5 is a judgement for warnings that come in series. The model
    treats all crossed lines alike; `excomm.beliefs.resolve` does not.
    """
    coded = [entry.coded(coding) for entry in record.by(actor, issue)]
    executed = coded.count("executed")
    return beta_posterior(executed, executed + coded.count("not-executed"), prior=prior, icc=icc)


# Reading ---------------------------------------------------------------------------------------------------


def read_record(path: str | Path) -> Record:
    """Read and check `record.csv`; `RecordError` with file and line for the first thing that is wrong.

    The order of the rows is free. An empty table (header only) is a record without warnings.
    """
    place = Path(path)
    name = f"{place.parent.name}/{place.name}" if place.parent.name else place.name
    rows = csv.reader(io.StringIO(_text(place, name), newline=""), strict=True)
    entries: list[RecordedWarning] = []
    first_line: dict[str, int] = {}
    header: list[str] | None = None
    line = 1
    try:
        for cells in rows:
            start, line = line, rows.line_num + 1
            if header is None:
                header = _header(cells, name)
                continue
            if not any(cell.strip() for cell in cells):
                continue
            entry = _entry(cells, header, name, start)
            if entry.id in first_line:
                raise RecordError(
                    f'The id "{entry.id}" is used twice.',
                    file=name,
                    line=start,
                    path="id",
                    expected=f"an id other than that of line {first_line[entry.id]}",
                    next_step="Give this warning another id, or remove the row if it is a copy.",
                )
            first_line[entry.id] = start
            entries.append(entry)
    except csv.Error as problem:
        raise RecordError(
            f"The table cannot be read: {problem}.",
            file=name,
            line=line,
            expected="comma-separated values with text that holds commas or quotes in double quotes",
            next_step="Save the table again as CSV (UTF-8) from a spreadsheet.",
        ) from None
    if header is None:
        _header([], name)
    entries.sort(key=lambda entry: (entry.date, entry.id))
    return Record(tuple(entries), name)


def _text(place: Path, name: str) -> str:
    if not place.is_file():
        raise RecordError(
            "There is no such file.",
            file=str(place),
            expected="a table of dated warnings",
            next_step="Name an existing file, or leave the record out of the case.",
        )
    size = place.stat().st_size
    if size > LARGEST_FILE:
        raise RecordError(
            f"The file has {size:,} bytes.",
            file=name,
            expected=f"a record of at most {LARGEST_FILE:,} bytes",
            next_step="Check that this is the table of warnings.",
        )
    raw = place.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise RecordError(
            "The file is not UTF-8 text.",
            file=name,
            line=raw[: problem.start].count(b"\n") + 1,
            expected="UTF-8",
            next_step="Save the table again as CSV (UTF-8).",
        ) from None


def _header(cells: Sequence[str], name: str) -> list[str]:
    header = [cell.strip() for cell in cells]
    for column in header:
        if column not in COLUMNS or header.count(column) > 1:
            close = difflib.get_close_matches(column, COLUMNS, n=1)
            known = column in COLUMNS
            raise RecordError(
                f'The column "{column}" stands twice.'
                if known
                else f'"{column}" is not a column of a record.',
                file=name,
                line=1,
                expected=", ".join(COLUMNS),
                next_step=f"Did you mean {close[0]}?" if close and not known else "Remove the column.",
            )
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise RecordError(
            f"The first line lacks {', '.join(missing)}.",
            file=name,
            line=1,
            expected=", ".join(COLUMNS),
            next_step="Add the columns; outcome_date, outcome and note may stay empty.",
        )
    return header


class _Row:
    """One row while it is read: each cell is checked as it is asked for."""

    def __init__(self, cells: Sequence[str], header: Sequence[str], name: str, line: int) -> None:
        self.name, self.line = name, line
        if len(cells) != len(header):
            raise RecordError(
                f"The row has {len(cells)} cells.",
                file=name,
                line=line,
                expected=f"{len(header)} cells, as in the first line",
                next_step="Put text that holds a comma in double quotes.",
            )
        self.cells = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        for column, cell in self.cells.items():
            if not cell and column not in MAY_BE_EMPTY:
                raise self.error(column, "is empty", "a value", f"Fill in {column}.")

    def error(self, column: str, problem: str, expected: str, next_step: str | None = None) -> RecordError:
        return RecordError(
            f"{column} {problem}.",
            file=self.name,
            line=self.line,
            path=column,
            expected=expected,
            next_step=next_step,
        )

    def one_of(self, column: str, values: Sequence[str]) -> str:
        cell = self.cells[column]
        if cell not in values:
            close = difflib.get_close_matches(cell, values, n=1)
            raise self.error(
                column,
                f'is "{cell}"',
                "one of " + ", ".join(values),
                f"Did you mean {close[0]}?" if close else None,
            )
        return cell

    def day(self, column: str) -> datetime.date:
        cell = self.cells[column]
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell):
                raise ValueError
            return datetime.date.fromisoformat(cell)
        except ValueError:
            raise self.error(
                column,
                f'is "{cell}"',
                "a day such as 2024-02-29",
                "Where only the month is known, take a day in its middle and say so in note.",
            ) from None

    def slug(self, column: str) -> str:
        cell = self.cells[column]
        if not SLUG.fullmatch(cell):
            raise self.error(
                column, f'is "{cell}"', "small letters, digits and hyphens, such as united-states"
            )
        return cell


def _entry(cells: Sequence[str], header: Sequence[str], name: str, line: int) -> RecordedWarning:
    row = _Row(cells, header, name, line)
    day = row.day("date")
    outcome_day = row.day("outcome_date") if row.cells["outcome_date"] else None
    if outcome_day is not None and outcome_day < day:
        raise row.error(
            "outcome_date",
            f"is {outcome_day}, before the warning of {day}",
            "the day of what followed",
            "Swap the dates if they are in the wrong columns.",
        )
    status = row.one_of("line_status", LINE_STATUSES)
    narrow = cast(Outcome, row.one_of("narrow", OUTCOMES))
    broad = cast(Outcome, row.one_of("broad", OUTCOMES))
    for column, coded in (("narrow", narrow), ("broad", broad)):
        if status in ("respected", "untested") and coded != "censored":
            raise row.error(
                column,
                f'is "{coded}" although the line was {status}',
                "censored: nobody can know whether the threat would have been carried out",
                "Write censored, or crossed as line_status if the line was crossed.",
            )
    if narrow == "executed" and broad != "executed":
        raise row.error(
            "broad",
            f'is "{broad}" although narrow is executed',
            "executed: carrying out the threat is a serious reaction too",
        )
    if "executed" in (narrow, broad) and outcome_day is None:
        raise row.error(
            "outcome_date", "is empty although the warning was acted on", "the day of the reaction"
        )
    return RecordedWarning(
        id=row.slug("id"),
        date=day,
        speaker=row.cells["speaker"],
        speaker_rank=row.one_of("speaker_rank", RANKS),
        actor=row.slug("actor"),
        target=row.slug("target"),
        issue=row.one_of("issue", ISSUES),
        severity=int(row.one_of("severity", ("1", "2", "3", "4", "5"))),
        explicit=row.one_of("explicit", ("yes", "no")) == "yes",
        warning=row.cells["warning"],
        line_status=status,
        outcome_date=outcome_day,
        outcome=row.cells["outcome"],
        narrow=narrow,
        broad=broad,
        source=row.cells["source"],
        note=row.cells["note"],
        line=line,
    )
