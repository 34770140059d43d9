"""The equilibrium in plain words: who is likely to do what, what a threat is worth, whom the same force provokes."""

from __future__ import annotations

import math

from excomm.beliefs.record_summary import issue_of
from excomm.brief.figures import Figures
from excomm.brief.findings import Finding, Point, points
from excomm.brief.words import listed, share_text
from excomm.case.model import Option
from excomm.game.reading import MoveReading, OptionReading

__all__ = ["game_findings", "reading_paragraph"]

ISSUES = {
    "aid": "on aid", "strikes": "on fire from allied territory", "troops": "on allied troops",
    "troops-combat": "on allied troops in combat",
}  # fmt: skip
# Differences that a reader would call none, judgement: two points of a share, and a fifth of a probability of fighting.
SMALL_SHARE, SMALL_RATIO = 0.02, 1.2


def _in_100(share: float) -> str:
    """A share as cases in a hundred: "17 in 100", "fewer than 1 in 100"."""
    if 0 < share < 0.005:
        return "fewer than 1 in 100"
    return f"{100 * share:.0f} in 100"


def _mixed(moves: list[MoveReading]) -> dict[str, float]:
    """Moves of both types together, at the belief at which they are read."""
    total: dict[str, float] = {}
    for reading in moves:
        weight = 1.0 if reading.kind == "any" else reading.belief
        weight = 1.0 - reading.belief if reading.kind == "bluffing" else weight
        for name, probability in reading.probabilities.items():
            total[name] = total.get(name, 0.0) + weight * probability
    return total


def _moves(
    reading: OptionReading, actor: str, alliance: int, adversary: int, *, warned: bool = False
) -> dict[str, float]:
    found = [
        each
        for each in reading.first_moves
        if each.actor == actor
        and (each.alliance, each.adversary, each.warned) == (alliance, adversary, warned)
    ]
    return _mixed(found)


def _told(moves: dict[str, float]) -> str:
    """ "holds in 51, goes up in 15, steps down in 17, threatens in 17 of 100 cases"."""
    words = {"hold": "holds", "raise": "goes up", "lower": "steps down", "warn": "threatens"}
    parts = [
        f"{words[name]} in {100 * moves[name]:.0f}"
        for name in ("hold", "raise", "lower", "warn")
        if name in moves
    ]
    return f"{listed(parts)} of 100 cases"


def _mean(values: list[float]) -> float:
    kept = [value for value in values if math.isfinite(value)]
    return sum(kept) / len(kept) if kept else math.nan


def _readings(figures: Figures) -> dict[str, OptionReading]:
    return {reading.option: reading for reading in figures.run.game.readings}


def reading_paragraph(figures: Figures) -> str:
    """One paragraph on what the equilibrium says, from its numbers; empty where a run has none."""
    readings = _readings(figures)
    if not readings:
        return ""
    alliance, adversary = (
        figures.actor("alliance", "the alliance"),
        figures.actor("adversary", "the adversary"),
    )
    case = figures.case
    start = case.postures["adversary"].index(case.adversary_start)
    at_outset = [
        _moves(readings[o.id], "adversary", case.posture_index("alliance", o.start), start)
        for o in figures.options
        if o.id in readings
    ]
    usual = {name: _mean([moves.get(name, math.nan) for moves in at_outset]) for name in at_outset[0]}
    threats = [reading.threats for reading in readings.values()]
    given, carried = _mean([t.given for t in threats]), _mean([t.carried_out for t in threats])
    bluffing = _mean([t.carried_out_bluffing for t in threats])
    resolved = _mean([t.carried_out_resolved for t in threats])
    heeded, unasked = _mean([t.heeded for t in threats]), _mean([t.stepped_down_unwarned for t in threats])
    before, broken, kept = (
        _mean([getattr(t, name) for t in threats]) for name in ("belief", "belief_broken", "belief_kept")
    )
    text = (
        f"In the first four weeks, from “{case.adversary_start.name}”, {adversary} {_told(usual)}, on average over the "
        f"options. It threatens about {given:.1f} times before the horizon or the end of the crisis. "
    )
    if math.isfinite(carried):
        text += (
            f"Of the threats that {alliance} does not heed, {adversary} carries out {_in_100(carried)}: "
            f"{_in_100(resolved)} where it is resolved, {_in_100(bluffing)} where it bluffs. "
        )
        if before - broken > SMALL_SHARE / 2 or kept - before > SMALL_SHARE / 2:
            text += (
                f"So a threat without consequence lowers the chance that it is resolved from {_in_100(before)} to "
                f"{_in_100(broken)}, and one that is carried out raises it to {_in_100(kept)}. "
            )
        else:
            text += "So what follows a threat tells hardly anything about its resolve. "
    if math.isfinite(heeded):
        more = heeded - unasked
        effect = (
            "threats hardly move it"
            if abs(more) < SMALL_SHARE
            else "threats move it"
            if more > 0
            else "threats make it stand firmer"
        )
        text += (
            f"{alliance} steps down after {_in_100(heeded)} threats, and in {_in_100(unasked)} of its moves without "
            f"one: {effect}."
        )
    return text


def _behaviour(figures: Figures) -> Finding:
    readings, case = _readings(figures), figures.case
    start = case.postures["adversary"].index(case.adversary_start)
    adversary = figures.actor("adversary", "the adversary")
    alliance = figures.actor("alliance", "the alliance")

    def text(option: Option) -> str:
        reading = readings[option.id]
        level = case.posture_index("alliance", option.start)
        by_posture = [
            f"in “{posture.name}” it {_told(_moves(reading, 'adversary', level, place))}"
            for place, posture in enumerate(case.postures["adversary"])
        ]
        own = [
            f"in “{posture.name}” it {_told(_moves(reading, 'alliance', place, start))}"
            for place, posture in enumerate(case.postures["alliance"])
            if place <= case.posture_index("alliance", option.ceiling)
        ]
        return (
            f"{adversary}, facing “{case.postures['alliance'][level].name}”: {'; '.join(by_posture)}. "
            f"{alliance}, facing “{case.adversary_start.name}”: {'; '.join(own)}."
        )

    shown = [option for option in figures.options if option.id in readings]
    number = next(iter(readings.values())).draws
    return Finding(
        "path",
        "What each side is likely to do in each posture",
        reading_paragraph(figures),
        points(figures, shown, text),
        f"Moves of the first four weeks, in the equilibrium of the crisis game, mean of {number} draws; both types of "
        "the adversary weighted with the belief at the outset. Utilities are judgement.",
    )


def _purpose(figures: Figures) -> Finding | None:
    readings = _readings(figures)
    adversary = figures.actor("adversary", "the adversary")

    def text(option: Option) -> str:
        reading = readings[option.id]
        low, stated, high = reading.fought_reassured, reading.fought, reading.fought_threatened
        # A ratio alone would speak of shares that read the same.
        reads_alike = share_text(low) == share_text(high)
        if high > SMALL_RATIO * low and not reads_alike:
            verdict = "the same force provokes where it is taken for a roll-back"
        elif low > SMALL_RATIO * high and not reads_alike:
            verdict = "the same force deters more where it is taken for a roll-back"
        else:
            verdict = "what it is taken for makes little difference"
        return (
            f"{adversary} stands at strikes on allied forces or more in {share_text(stated)} of the time as stated; "
            f"{share_text(low)} if it takes the force for no roll-back at all, {share_text(high)} if for nothing else: "
            f"{verdict}."
        )

    apart = [
        option
        for option in figures.options
        if option.id in readings
        and abs(readings[option.id].fought_threatened - readings[option.id].fought_reassured) > 1e-12
    ]
    if not apart:
        return None
    reference = readings[figures.reference.id].fought if figures.reference.id in readings else math.nan
    lead = "The same force is solved for under other purposes that the adversary may read into it. "
    if math.isfinite(reference):
        lead += f"Under {figures.reference.name} it is at strikes in {share_text(reference)} of the time."
    return Finding(
        "purpose", "Where the same force deters and where it provokes", lead, points(figures, apart, text)
    )


def _resolve(figures: Figures) -> Finding | None:
    if "resolve.adversary" not in figures.run.parameters:
        return None
    values = figures.run.parameters["resolve.adversary"].values
    adversary = figures.actor("adversary", "the adversary")
    by_issue: dict[str, tuple[float, list[Option]]] = {}
    for option in figures.options:
        mean = float(values[figures.run.options.index(option.id)].mean())
        by_issue.setdefault(issue_of(option), (mean, []))[1].append(option)
    if len(by_issue) < 2:
        return None
    told = tuple(
        Point((), f"{ISSUES[issue]} ({listed([o.name for o in options])})", f"resolved with {_in_100(mean)}.")
        for issue, (mean, options) in by_issue.items()
    )
    return Finding(
        "resolve",
        f"How resolved {adversary} is held to be, by issue",
        "The record of warnings is about what the alliance has done so far, most of it aid. What it says of issues "
        "that were never put to the test is carried over by judgement, not by evidence: the further an option goes "
        "beyond the record, the more its figure rests on that judgement.",
        told,
    )


def game_findings(figures: Figures) -> tuple[Finding, ...]:
    """What the solved game says, for the section on reactions; empty where a run has no readings."""
    if not _readings(figures):
        return ()
    found = (_behaviour(figures), _purpose(figures), _resolve(figures))
    return tuple(finding for finding in found if finding is not None)
