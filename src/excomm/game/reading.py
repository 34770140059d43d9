"""What a solved crisis game says in numbers: who does what, what a threat is worth, who is provoked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from excomm.game.forward import Flow, flow
from excomm.game.states import ADVERSARY_MOVES, ALLIANCE_MOVES, HOLD, LOWER, RAISE, WARN, States

__all__ = [
    "CONTRASTED",
    "MoveReading",
    "OptionReading",
    "Threats",
    "follow",
    "postures_path",
    "read_moves",
    "read_option",
    "read_threats",
    "readings_from_json",
    "readings_to_json",
]

if TYPE_CHECKING:
    from excomm.game.equilibrium import SolvedGroup

Floats = np.ndarray[Any, np.dtype[np.float64]]
TYPES = ("bluffing", "resolved")
# Draws whose games are solved again for other purposes; judgement: solving takes most of the time of a small run.
CONTRASTED = 8


@dataclass(frozen=True)
class MoveReading:
    """Mean probabilities of the moves in one situation of the first epoch, front in the middle, belief at its prior.

    actor: alliance or adversary; kind: type of the adversary, "any" for the alliance; alliance, adversary: levels of
    the postures; warned: is a warning outstanding; belief: mean belief that the adversary is resolved; probabilities:
    by the name of the move, over the legal ones.
    """

    actor: str
    kind: str
    alliance: int
    adversary: int
    warned: bool
    belief: float
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class Threats:
    """What warnings do, expected over a crisis from the outset; means over draws, NaN where nothing happened.

    given: number of warnings. heeded: share after which the alliance stepped down. stepped_down_unwarned: share of its
    moves without a warning that step down. carried_out: share of the warnings not heeded that were carried out; by type
    `carried_out_bluffing`, `carried_out_resolved`. belief: before the adversary's move on a warning not heeded;
    belief_broken, belief_kept: after it was not, or was, carried out.
    """

    given: float
    heeded: float
    stepped_down_unwarned: float
    carried_out: float
    carried_out_bluffing: float
    carried_out_resolved: float
    belief: float
    belief_broken: float
    belief_kept: float


@dataclass(frozen=True)
class OptionReading:
    """An option's game. draws: how many are read. belief: mean prior that the adversary is resolved.

    alliance_path, adversary_path: probability of each posture at the end of each epoch while the crisis lasts,
    (epochs, postures). fought: probability that the adversary stands at strikes on allied forces or more, mean over
    the epochs and the first `CONTRASTED` draws; by how far it takes the option for an attempt to roll it back: as
    stated, not at all, wholly.
    """

    option: str
    draws: int
    belief: float
    alliance_path: Floats
    adversary_path: Floats
    threats: Threats
    fought: float
    fought_reassured: float
    fought_threatened: float
    first_moves: tuple[MoveReading, ...]


def readings_to_json(readings: tuple[OptionReading, ...]) -> str:
    """Readings as text that `readings_from_json` turns back into equal ones."""
    rows = []
    for reading in readings:
        row = asdict(reading)
        rows.append(row | {name: row[name].tolist() for name in ("alliance_path", "adversary_path")})
    return json.dumps(rows)


def readings_from_json(text: str) -> tuple[OptionReading, ...]:
    """Readings from the text of `readings_to_json`."""
    found = []
    for row in json.loads(text):
        row |= {name: np.asarray(row[name]) for name in ("alliance_path", "adversary_path")}
        threats = Threats(**row.pop("threats"))
        moves = tuple(MoveReading(**move) for move in row.pop("first_moves"))
        found.append(OptionReading(**row, threats=threats, first_moves=moves))
    return tuple(found)


def _games(group: SolvedGroup, option: int, draws: int) -> Any:
    """Places of the games of the first draws of an option."""
    return group.place[group.options.index(option)][:draws]


def follow(group: SolvedGroup, option: int, start: tuple[int, int], prior: Floats) -> Flow:
    """Follow the first draws of an option, as many as priors are given; start: postures of both sides."""
    places = _games(group, option, prior.size)
    strategies = tuple(table[places] for table in group.solution.strategies)
    first = int(group.states.number(*start, group.states.middle, 0))
    return flow(group.game.take(places), strategies, group.solution.belief_grids[1], first, prior)


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def read_threats(course: Flow, states: States, *, alliance_first: bool) -> Threats:
    """What warnings do in a crisis."""
    warned = np.append(states.parts[3] == 1, False)
    draws = course.mass.shape[1]
    alliance = course.moves[0 if alliance_first else 1 :: 2]
    adversary = course.moves[1 if alliance_first else 0 :: 2]
    given = sum(float(step[..., WARN].sum()) for step in adversary)
    heeded = sum(float(step[:, warned][..., LOWER].sum()) for step in alliance)
    asked = sum(float(step[:, warned].sum()) for step in alliance)
    unasked_down = sum(float(step[:, ~warned][:, :-1][..., LOWER].sum()) for step in alliance)
    unasked = sum(float(step[:, ~warned][:, :-1].sum()) for step in alliance)
    table = sum(step[:, warned].sum(axis=(0, 1, 2)) for step in adversary)  # types, moves
    broken, kept = table[:, [LOWER, HOLD]].sum(axis=1), table[:, RAISE]
    return Threats(
        given=given / draws,
        heeded=_share(heeded, asked),
        stepped_down_unwarned=_share(unasked_down, unasked),
        carried_out=_share(float(kept.sum()), float(kept.sum() + broken.sum())),
        carried_out_bluffing=_share(float(kept[0]), float(kept[0] + broken[0])),
        carried_out_resolved=_share(float(kept[1]), float(kept[1] + broken[1])),
        belief=_share(float(kept[1] + broken[1]), float(kept.sum() + broken.sum())),
        belief_broken=_share(float(broken[1]), float(broken.sum())),
        belief_kept=_share(float(kept[1]), float(kept.sum())),
    )


def postures_path(course: Flow, states: States) -> tuple[Floats, Floats]:
    """Probability of each posture of the alliance and of the adversary at the end of each epoch, while it lasts."""
    alive = course.mass[1:, :, :-1].sum(axis=(1, 3, 4))  # epochs, states
    whole = alive.sum(axis=1, keepdims=True)
    a, r = states.parts[:2]
    paths = []
    for level, number in ((a, states.alliance), (r, states.adversary)):
        paths.append(np.stack([alive[:, level == k].sum(axis=1) for k in range(number)], axis=1) / whole)
    return paths[0], paths[1]


def fought(mass: Floats, states: States, strikes: Floats) -> float:
    """Mean probability over the epochs that the adversary stands at strikes; strikes: which of its postures are."""
    at = np.append(strikes[states.parts[1]] > 0, False)
    return float(mass[1:, :, at].sum(axis=(2, 3, 4)).mean())


def read_moves(
    group: SolvedGroup, option: int, prior: Floats, *, alliance_first: bool
) -> tuple[MoveReading, ...]:
    """Mean moves of the first epoch in all pairs of postures, front in the middle, at the mean prior."""
    states, places = group.states, _games(group, option, prior.size)
    grid = group.solution.belief_grids[1]
    low = np.clip(np.searchsorted(grid, prior, side="right") - 1, 0, grid.size - 2)
    part = (prior - grid[low]) / (grid[low + 1] - grid[low])
    rows = np.arange(prior.size)
    found = []
    for number in (0, 1):
        by_alliance = (number == 0) == alliance_first
        table = group.solution.strategies[number][places][:, :, :, 0]  # draws, states, types, beliefs, moves
        legal = group.game.steps[number].legal
        names = ALLIANCE_MOVES if by_alliance else ADVERSARY_MOVES
        for state, (a, r, f, w) in enumerate(zip(*states.parts, strict=True)):
            if f != states.middle or (w and r == states.adversary - 1):
                continue
            for kind in range(table.shape[2]):
                here = table[:, state, kind]
                between = (1 - part)[:, None] * here[rows, low] + part[:, None] * here[rows, low + 1]
                mean = between.mean(axis=0)
                found.append(
                    MoveReading(
                        actor="alliance" if by_alliance else "adversary",
                        kind="any" if by_alliance else TYPES[kind],
                        alliance=int(a),
                        adversary=int(r),
                        warned=bool(w),
                        belief=float(prior.mean()),
                        probabilities={
                            name: float(p)
                            for name, p, may in zip(names, mean, legal[state], strict=True)
                            if may
                        },
                    )
                )
    return tuple(found)


def read_option(
    groups: Mapping[str, SolvedGroup],
    option: int,
    name: str,
    start: tuple[int, int],
    prior: Floats,
    strikes: Floats,
    *,
    alliance_first: bool,
) -> OptionReading:
    """Read an option's game.

    groups: the solved games "as stated", and with the purpose perceived as "reassuring" and as "threatening". start:
    postures at the outset. prior: of the draws that are read. strikes: intensity of strikes on allied forces by the
    adversary's posture.
    """
    states = groups["as stated"].states
    stated = follow(groups["as stated"], option, start, prior)
    again = {
        way: follow(groups[way], option, start, prior[:CONTRASTED]) for way in ("reassuring", "threatening")
    }
    alliance_path, adversary_path = postures_path(stated, states)
    return OptionReading(
        option=name,
        draws=prior.size,
        belief=float(prior.mean()),
        alliance_path=alliance_path,
        adversary_path=adversary_path,
        threats=read_threats(stated, states, alliance_first=alliance_first),
        fought=fought(stated.mass[:, :CONTRASTED], states, strikes),
        fought_reassured=fought(again["reassuring"].mass, states, strikes),
        fought_threatened=fought(again["threatening"].mass, states, strikes),
        first_moves=read_moves(groups["as stated"], option, prior, alliance_first=alliance_first),
    )
