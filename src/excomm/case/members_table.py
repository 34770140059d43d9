"""members.csv: the members of the alliance as possible contributors."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from excomm.case.model import Member
from excomm.case.section import ID, suggest
from excomm.case.yaml_source import read_text
from excomm.errors import CaseError, CaseErrors

__all__ = ["COLUMNS", "read_members"]

# Column -> lowest and highest value; texts have none.
COLUMNS: Mapping[str, tuple[float, float] | None] = {
    "id": None,
    "name": None,
    "population_m": (0.001, 2000.0),
    "gdp_bn": (0.001, 100_000.0),
    "active_forces": (0.0, 10_000_000.0),
    "defence_share": (0.0, 1.0),
    "border": (0.0, 1.0),
    "support": (0.0, 1.0),
    "source": None,
}


def read_members(path: Path, *, shown: str) -> tuple[Member, ...]:
    """Rows of the table; `CaseErrors` lists what is wrong with its line."""
    reader = csv.reader(io.StringIO(read_text(path, shown=shown)), strict=True)
    errors: list[CaseError] = []
    found: dict[str, Member] = {}
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, shown)
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            member = _read_row(header, row, shown, reader.line_num, errors)
            if member is not None and member.id in found:
                errors.append(
                    CaseError(
                        f'"{member.id}" stands twice.',
                        file=shown,
                        line=reader.line_num,
                        expected="each member once",
                        next_step="Delete one of the two lines.",
                    )
                )
            if member is not None:
                found[member.id] = member
    except csv.Error as problem:
        errors.append(
            CaseError(
                f"this is not a table: {problem}.",
                file=shown,
                line=max(reader.line_num, 1),
                expected="comma-separated values",
                next_step="Close the quotation marks, or save the table again as CSV.",
            )
        )
    if errors:
        raise CaseErrors(errors)
    return tuple(found.values())


def _check_header(header: list[str], shown: str) -> None:
    missing = [name for name in COLUMNS if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    if missing or unknown or len(set(header)) != len(header):
        said = (
            f'no column "{missing[0]}"'
            if missing
            else f'a column "{(unknown or header)[0]}" that has no place'
        )
        raise CaseError(
            f"the table has {said}.",
            file=shown,
            line=1,
            expected=f"the columns {', '.join(COLUMNS)}",
            next_step=suggest(missing[0], unknown, "Correct the first line.")
            if missing
            else "Correct the first line.",
        )


def _read_row(
    header: list[str], row: list[str], shown: str, line: int, errors: list[CaseError]
) -> Member | None:
    def fail(column: str | None, message: str, expected: str, next_step: str) -> None:
        errors.append(
            CaseError(message, file=shown, line=line, path=column, expected=expected, next_step=next_step)
        )

    if len(row) != len(header):
        fail(
            None,
            f"{len(row)} cells stand in this line.",
            f"{len(header)} cells",
            "Put texts with commas into quotation marks.",
        )
        return None
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
    numbers: dict[str, float] = {}
    before = len(errors)
    for name, limits in COLUMNS.items():
        if limits is None:
            if not cells[name]:
                fail(name, "the cell is empty.", "a text", "Fill it; a source may be `judgement`.")
            continue
        try:
            numbers[name] = float(cells[name])
        except ValueError:
            numbers[name] = float("nan")
        whole = name != "border" or numbers[name] in (0.0, 1.0)
        if not (limits[0] <= numbers[name] <= limits[1] and whole):
            expected = "0 or 1" if name == "border" else f"a number from {limits[0]:g} to {limits[1]:g}"
            fail(name, f'"{cells[name][:40]}" does not fit.', expected, "Correct the cell.")
    if cells["id"] and not ID.fullmatch(cells["id"]):
        fail(
            "id",
            f'"{cells["id"][:40]}" is not an id.',
            "lower-case letters, digits, hyphens",
            "Write it like new-albion.",
        )
    if len(errors) > before:
        return None
    return Member(
        id=cells["id"],
        name=cells["name"],
        population_m=numbers["population_m"],
        gdp_bn=numbers["gdp_bn"],
        active_forces=numbers["active_forces"],
        defence_share=numbers["defence_share"],
        border=numbers["border"] == 1.0,
        support=numbers["support"],
        source=cells["source"],
    )
