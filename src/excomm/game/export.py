"""A small version of a crisis game as an extensive form in Gambit's format, which `excomm game solve` reads.

One draw, the front left out, the first epochs only. Payoffs are multiplied by each side's own lambda, so that the
equilibrium of the file at lambda 1 is that of the crisis game.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from excomm.errors import UsageError
from excomm.game.solve import MarkovGame
from excomm.game.states import ADVERSARY_MOVES, ALLIANCE_MOVES, States

__all__ = ["LARGEST_TREE", "write_tree"]

LARGEST_TREE = 100_000  # nodes; two epochs of the flagship have some 20,000, three more than a million
_DIGITS = Decimal("0.000000000001")
_TYPES = ("bluffing", "resolved")


class _Writer:
    """Writes nodes in pre-order."""

    def __init__(self, game: MarkovGame, states: States, labels: tuple[tuple[str, ...], ...]) -> None:
        self.game, self.states, self.labels = game, states, labels
        self.lines: list[str] = []
        self.sets: dict[tuple[Any, ...], int] = {}
        self.outcomes = 0

    def place(self, state: int) -> str:
        """A public state in words."""
        if state == self.states.over:
            return "over"
        a, r, _, w = (int(part[state]) for part in self.states.parts)
        return f"{self.labels[0][a]} / {self.labels[1][r]}{' / warned' if w else ''}"

    def add(self, line: str) -> None:
        self.lines.append(line)
        if len(self.lines) > LARGEST_TREE:
            raise UsageError(
                f"the tree has more than {LARGEST_TREE:,} nodes",
                path="--epochs",
                expected="fewer epochs",
                next_step="Try --epochs 1 or --epochs 2.",
            )

    def chance(self, label: str, shares: list[tuple[str, float]]) -> None:
        """A chance node; shares add up to 1 exactly, as the format wants."""
        rounded = [Decimal(share).quantize(_DIGITS) for _, share in shares]
        rounded[0] += 1 - sum(rounded)
        told = " ".join(f'"{name}" {share:f}' for (name, _), share in zip(shares, rounded, strict=True))
        self.add(f'c "{label}" {self._number("chance", len(self.lines))} "" {{ {told} }} 0')

    def _number(self, *key: Any) -> int:
        mine = [known for known in self.sets if known[0] == key[0]]
        return self.sets.setdefault(key, len(mine) + 1)

    def play(self, step: int, state: int, kind: int, past: tuple[int, ...], gained: Any) -> None:
        """The game from one step on; past: public history; gained: payoffs so far times lambda, of both."""
        if step == len(self.game.steps) or state == self.states.over:
            self.outcomes += 1
            self.add(f't "" {self.outcomes} "{self.place(state)}" {{ {gained[0]!r}, {gained[1]!r} }}')
            return
        now = self.game.steps[step]
        legal = np.flatnonzero(now.legal[state])
        names = ADVERSARY_MOVES if now.mover else ALLIANCE_MOVES
        told = " ".join(f'"{names[move]}"' for move in legal)
        key = ("adversary", past, kind) if now.mover else ("alliance", past)
        who = f"{now.name}{f', {_TYPES[kind]}' if now.mover else ''}: {self.place(state)}"
        self.add(f'p "" {now.mover + 1} {self._number(*key)} "{who}" {{ {told} }} 0')
        for move in legal:
            payoff = now.payoff[0, state, move]
            both = payoff[:, 0, kind if payoff.shape[-1] == 2 else 0]
            total = tuple(
                float(value + lam * more)
                for value, lam, more in zip(gained, self.game.lambdas[0], both, strict=True)
            )
            after = int(np.atleast_1d(now.successor[state, move])[0])
            history = (*past, int(move))
            if now.chance is None or step == len(self.game.steps) - 1:
                self.play(step + 1, after, kind, history, total)
                continue
            law = now.chance[0, after]
            there = np.flatnonzero(law > 0)
            self.chance("what chance brings", [(self.place(int(each)), float(law[each])) for each in there])
            for each in there:
                self.play(step + 1, int(each), kind, (*history, -1 - int(each)), total)


def write_tree(
    game: MarkovGame,
    states: States,
    start: int,
    prior: float,
    *,
    title: str,
    postures: tuple[tuple[str, ...], tuple[str, ...]],
) -> str:
    """The text of the file. game: one draw, one bin of the front. Raises UsageError where it grows too large."""
    writer = _Writer(game, states, postures)
    quoted = title.replace('"', "'")
    head = f'EFG 2 D "{quoted}" {{ "alliance" "adversary" }}\n"Payoffs times lambda: solve with --lambda 1"'
    writer.chance("type of the adversary", list(zip(_TYPES, (1.0 - prior, prior), strict=True)))
    for kind in (0, 1):
        writer.play(0, start, kind, (), (0.0, 0.0))
    return "\n".join([head, *writer.lines]) + "\n"
