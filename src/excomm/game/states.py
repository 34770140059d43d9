"""The public states of the crisis game, and where each move leads.

A state is (alliance posture, adversary posture, front bin, warning outstanding or not); one further state, the last,
stands for a crisis that is over. Each epoch both sides make one move from the same menu in every state; what is not
possible in a state is masked, so that a longer list of names never makes a move likelier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["ADVERSARY_MOVES", "ALLIANCE_MOVES", "HOLD", "LOWER", "RAISE", "WARN", "States"]

LOWER, HOLD, RAISE, WARN = range(4)
ALLIANCE_MOVES = ("lower", "hold", "raise")
ADVERSARY_MOVES = ("lower", "hold", "raise", "warn")
WARNINGS = 2  # none outstanding, or one
Integers = np.ndarray[Any, np.dtype[np.int64]]
Booleans = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class States:
    """Numbering of the public states.

    alliance, adversary: numbers of postures, from the lowest; the alliance's end at the option's ceiling. fronts:
    number of bins of the front, from the worst for the host to the best; odd, the middle one is the mean path.
    """

    alliance: int
    adversary: int
    fronts: int

    @property
    def count(self) -> int:
        """Number of states, the one of a crisis that is over included."""
        return self.alliance * self.adversary * self.fronts * WARNINGS + 1

    @property
    def over(self) -> int:
        """The state of a crisis that is over."""
        return self.count - 1

    @property
    def middle(self) -> int:
        """The bin of the mean path."""
        return self.fronts // 2

    def number(self, alliance: Any, adversary: Any, front: Any, warned: Any) -> Any:
        """Number of a state; arguments are integers or arrays of them."""
        return ((alliance * self.adversary + adversary) * self.fronts + front) * WARNINGS + warned

    @property
    def parts(self) -> tuple[Integers, Integers, Integers, Integers]:
        """Alliance posture, adversary posture, front bin and warning of each state but the last."""
        shape = (self.alliance, self.adversary, self.fronts, WARNINGS)
        first, second, third, fourth = (grid.reshape(-1) for grid in np.indices(shape))
        return first, second, third, fourth

    def alliance_moves(self) -> tuple[Booleans, Integers]:
        """Which moves are legal, and the state after each; (states, 3).

        A warning is heeded, and lapses, where the alliance steps down or stays at its lowest posture.
        """
        a, r, f, w = self.parts
        legal = np.stack([a > 0, np.ones_like(a, dtype=bool), a < self.alliance - 1], axis=1)
        after = [
            self.number(np.maximum(a - 1, 0), r, f, 0),
            self.number(a, r, f, np.where(a == 0, 0, w)),
            self.number(np.minimum(a + 1, self.alliance - 1), r, f, w),
        ]
        return self._with_end(legal, np.stack(after, axis=1))

    def adversary_moves(self) -> tuple[Booleans, Integers]:
        """Which moves are legal, and the state after each; (states, 4).

        A warning threatens the next posture up, so none is given at the highest, and none on top of another: the
        adversary's next move carries it out or not, and it is gone.
        """
        a, r, f, w = self.parts
        top = r == self.adversary - 1
        legal = np.stack([r > 0, np.ones_like(top), ~top, ~top & (w == 0)], axis=1)
        after = [
            self.number(a, np.maximum(r - 1, 0), f, 0),
            self.number(a, r, f, 0),
            self.number(a, np.minimum(r + 1, self.adversary - 1), f, 0),
            self.number(a, r, f, 1),
        ]
        return self._with_end(legal, np.stack(after, axis=1))

    def _with_end(self, legal: Booleans, after: Integers) -> tuple[Booleans, Integers]:
        stay = np.zeros((1, legal.shape[1]), dtype=bool)
        stay[0, HOLD] = True
        after = np.where(legal, after, self._own()[:, None])
        return (
            np.concatenate([legal, stay]),
            np.concatenate([after, np.full((1, legal.shape[1]), self.over)]).astype(np.int64),
        )

    def _own(self) -> Integers:
        return np.arange(self.count - 1)
