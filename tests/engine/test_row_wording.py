"""All numbers of a row are counted in the same cases and end at the same digit, in Python and in the explorer."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import excomm
from excomm.engine.wording import Spoken, from_to, row_wording
from excomm.quantities import OUTCOMES

Cells = list[tuple[float, float, float, float]]
WORDS = Path(excomm.__file__).parent / "web/static/words.js"

ROWS: list[tuple[str, Cells, list[str]]] = [
    # One cell with a large Monte Carlo error does not change how it is written.
    (
        "nuclear_use_probability",
        [(0.0131, 0.002, 0.038, 0.003), (0.0154, 0.003, 0.043, 0.006), (0.0151, 0.003, 0.044, 0.003)],
        ["1.3 in 100 (0.2 to 3.8)", "1.5 in 100 (0.3 to 4.3)", "1.5 in 100 (0.3 to 4.4)"],
    ),
    (
        "clash_probability",
        [(0.016, 0.0, 0.061, 0.001), (0.05, 0.0004, 0.3, 0.002), (1.0, 1.0, 1.0, 0.0)],
        ["1.6 in 100 (0 to 6.1)", "5.0 in 100 (<0.1 to 30)", "100 in 100"],
    ),
    (
        "area_change",
        [(-563, -1_652, 87, 120), (-368, -1_110, 281, 60), (3, -971, 1_320, 180), (0, 0, 0, 0)],
        ["−600 km² (−1,700 to 100)", "−400 km² (−1,100 to 300)", "0 km² (−1,000 to 1,300)", "0 km²"],
    ),
    # A cell that hardly varies has no say, and is told from one in which nobody dies.
    (
        "killed_alliance",
        [(0, 0, 0, 0), (0.15, 0, 0, 0.1), (58.2, 0, 185.4, 9)],
        ["0 people", "<1 person (0 to 0)", "58 people (0 to 185)"],
    ),
    # Two cells that vary little do not give the third digits that it does not have.
    (
        "wounded_alliance",
        [(1.0, 0, 6.0, 0.5), (2.0, 0.7, 7.0, 0.5), (552.1, 13.0, 1_961.5, 30)],
        ["1 person (0 to 6)", "2 people (1 to 7)", "552 people (13 to 1,962)"],
    ),
    (
        "unserved_energy_host",
        [(0.041, 0.01, 0.09, 0.001), (0.12, 0.05, 0.2, 0.001), (0.035, 0.01, 0.08, 0.001)],
        ["4.1% (1.0 to 9.0%)", "12.0% (5.0 to 20.0%)", "3.5% (1.0 to 8.0%)"],
    ),
    (
        "ceasefire_probability",
        [(0.231, 0.08, 0.47, 0.01), (0.004, 0.0, 0.02, 0.01)],
        ["23% (8 to 47%)", "<1% (0 to 2%)"],
    ),
    (
        "morale_host",
        [(0.964, 0.822, 1.09, 0.01), (0.991, 0.88, 1.09, 0.01)],
        ["0.96 (0.82 to 1.09)", "0.99 (0.88 to 1.09)"],
    ),
]


@pytest.mark.parametrize(("outcome", "cells", "told"), ROWS, ids=[row[0] for row in ROWS])
def test_a_row_has_one_rule(outcome: str, cells: Cells, told: list[str]) -> None:
    wording = row_wording(OUTCOMES[outcome], cells)
    assert [str(wording.say(*cell[:3])) for cell in cells] == told


def test_the_explorer_writes_the_same() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    rows = [
        {
            "outcome": {name: getattr(OUTCOMES[outcome], name) for name in ("kind", "rare", "unit")},
            "cells": [dict(zip(("mean", "low", "high", "mcse"), cell, strict=True)) for cell in cells],
        }
        for outcome, cells, _ in ROWS
    ]
    script = f"""
        import(process.argv[1]).then((words) => console.log(JSON.stringify({json.dumps(rows)}.map((row) => {{
          const rule = words.rowWording(row.outcome, row.cells);
          return row.cells.map((cell) => {{
            const flat = cell.low === cell.mean && cell.mean === cell.high;
            return [words.mean(rule, cell), flat ? '' : words.interval(rule, cell), rule.unit];
          }});
        }}))));
    """
    done = subprocess.run(
        [node, "--input-type=module", "-e", script, str(WORDS)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    rules = [(row_wording(OUTCOMES[outcome], cells), cells) for outcome, cells, _ in ROWS]
    spoken = [[rule.say(*cell[:3]) for cell in cells] for rule, cells in rules]
    assert json.loads(done.stdout) == [
        [[each.main, each.interval, each.unit] for each in row] for row in spoken
    ]


def test_before_and_after_are_told_apart() -> None:
    assert from_to(OUTCOMES["nuclear_use_probability"], 0.0131, 0.0154) == "from 1.3 to 1.5 in 100"
    assert from_to(OUTCOMES["killed_host"], 49_100, 49_300) == "from 49,100 to 49,300 people"
    assert from_to(OUTCOMES["ceasefire_probability"], 0.23, 0.31) == "from 23% to 31%"
    assert from_to(OUTCOMES["ceasefire_probability"], 0.425, 0.415) == "from 42.5% to 41.5%"
    assert from_to(OUTCOMES["ceasefire_probability"], 0.42, 0.4203) == "from 42.00% to 42.03%"


@pytest.mark.parametrize(
    ("outcome", "before", "after", "told"),
    [
        ("ceasefire_probability", 0.42, 0.42, "stays at 42%"),
        ("ceasefire_probability", 0.42, 0.42000001, "stays at 42%"),
        ("killed_host", 12_345.678, 12_345.680, "stays at 12,000 people"),
        ("killed_host", 0.0, 0.0, "stays at 0 people"),
    ],
)
def test_what_two_more_digits_cannot_tell_apart_stays(
    outcome: str, before: float, after: float, told: str
) -> None:
    assert from_to(OUTCOMES[outcome], before, after) == told


def test_an_error_has_its_own_digit_and_the_unit_of_its_mean() -> None:
    told = [
        row_wording(OUTCOMES[outcome], [cell]).error(error)
        for outcome, cell, error in (
            ("ceasefire_probability", (0.42, 0.3, 0.5, 0.002), 0.0033),
            ("unserved_energy_host", (0.12, 0.05, 0.2, 0.001), 0.0016),
            ("nuclear_use_probability", (0.013, 0.002, 0.038, 0.0002), 0.00036),
            ("killed_host", (12_345.0, 9_000.0, 15_000.0, 76.0), 125.0),
            ("ceasefire_probability", (0.42, 0.42, 0.42, 0.0), 0.0),
        )
    ]
    assert told == ["0.3%", "0.2%", "0.04 in 100", "100 people", "0%"]


def test_one_is_not_many() -> None:
    assert str(Spoken("+1", "−1 to 3", "weeks")) == "+1 week (−1 to 3)"
    assert [Spoken(main, "", "weeks").amount for main in ("1", "−1", "0", "1.0", "11")] == [
        "1 week", "−1 week", "0 weeks", "1.0 weeks", "11 weeks",
    ]  # fmt: skip
    assert Spoken("1", "", "km²").amount == "1 km²"
