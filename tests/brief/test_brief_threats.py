"""The equilibrium in plain words: every number of the paragraph is one of the readings, every verdict follows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from brief_case import example_run

from excomm.brief.figures import Figures
from excomm.brief.threats import game_findings, reading_paragraph
from excomm.engine.run import Run
from excomm.game.reading import MoveReading, OptionReading, Threats

THREATS = Threats(
    given=2.4, heeded=0.31, stepped_down_unwarned=0.12, carried_out=0.44, carried_out_bluffing=0.38,
    carried_out_resolved=0.62, belief=0.25, belief_broken=0.17, belief_kept=0.35,
)  # fmt: skip


def moves(case: object) -> tuple[MoveReading, ...]:
    """In every pair of postures: the adversary holds by type, the alliance always does the same."""
    found = []
    for a in range(4):
        for r in range(5):
            own = {"lower": 0.2, "hold": 0.5, "raise": 0.3}
            found.append(MoveReading("alliance", "any", a, r, False, 0.25, own))
            for kind, hold in (("bluffing", 0.6), ("resolved", 0.2)):
                rest = (1 - hold) / 3
                shares = {"lower": rest, "hold": hold, "raise": rest, "warn": rest}
                found.append(MoveReading("adversary", kind, a, r, False, 0.25, shares))
    return tuple(found)


def read(threats: Threats = THREATS, fought: tuple[float, float, float] = (0.05, 0.05, 0.05)) -> Run:
    run = example_run()
    path = np.full((13, 5), 0.2)
    readings = tuple(
        OptionReading(name, 16, 0.25, path[:, :4], path, threats, *fought, moves(run.case))
        for name in run.options
    )
    return replace(run, game=replace(run.game, readings=readings))


def paragraph(threats: Threats = THREATS) -> str:
    return reading_paragraph(Figures(read(threats)))


def test_the_paragraph_says_what_the_readings_say() -> None:
    text = paragraph()
    # Both types at a belief of .25: holds .75 * .6 + .25 * .2 = .5, the rest in three.
    assert "holds in 50, goes up in 17, steps down in 17 and threatens in 17 of 100 cases" in text
    for part in (
        "about 2.4 times",
        "44 in 100",
        "62 in 100",
        "38 in 100",
        "from 25 in 100 to 17 in 100",
        "35 in 100",
    ):
        assert part in text
    assert "31 in 100" in text
    assert "threats move it" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"heeded": 0.125}, "threats hardly move it"),
        ({"heeded": 0.05}, "stand firmer"),
        ({"belief_broken": 0.249, "belief_kept": 0.251}, "tells hardly anything about its resolve"),
    ],
)
def test_verdicts_follow_the_numbers(changes: dict[str, float], said: str) -> None:
    assert said in paragraph(replace(THREATS, **changes))


def test_nothing_is_said_of_what_never_happened() -> None:
    nan = float("nan")
    silent = Threats(0.0, nan, 0.1, nan, nan, nan, nan, nan, nan)
    text = paragraph(silent)
    assert "nan" not in text
    assert "about 0.0 times" in text


@pytest.mark.parametrize(
    ("fought", "said"),
    [
        ((0.10, 0.05, 0.15), "the same force provokes"),
        ((0.10, 0.15, 0.05), "deters more"),
        ((0.10, 0.10, 0.101), "makes little difference"),
        ((0.02, 0.018, 0.022), "makes little difference"),
    ],
)
def test_the_same_force_under_other_purposes(fought: tuple[float, float, float], said: str) -> None:
    findings = {finding.id: finding for finding in game_findings(Figures(read(fought=fought)))}
    assert said in findings["purpose"].points[0].text


def test_a_force_that_cannot_be_misread_is_not_discussed() -> None:
    assert "purpose" not in {finding.id for finding in game_findings(Figures(read()))}


def test_a_run_without_readings_has_no_such_findings() -> None:
    assert game_findings(Figures(example_run())) == ()
    assert reading_paragraph(Figures(example_run())) == ""


def test_resolve_stands_by_issue_with_the_extrapolation_said() -> None:
    run = read()
    figures = Figures(run)
    findings = {finding.id: finding for finding in game_findings(figures)}
    if "resolve.adversary" in run.parameters:
        assert len(findings["resolve"].points) >= 2
        assert "judgement" in findings["resolve"].lead
    else:
        assert "resolve" not in findings
