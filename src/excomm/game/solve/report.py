"""What a chunk of draws leaves behind when it is solved."""

from __future__ import annotations

from dataclasses import dataclass, fields

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from excomm.game.solve import path
from excomm.game.solve.markov import Floats, MarkovGame


@dataclass(frozen=True)
class ChunkSolution:
    """The fields of `DynamicSolution` for some draws, draws first."""

    strategies: tuple[Floats, ...]
    values: Floats
    residual: Floats
    unsolved: NDArray[np.int_]
    turned: NDArray[np.int_]
    followed: NDArray[np.int_]
    flagged: tuple[NDArray[np.int8], ...]
    other_equilibria: NDArray[np.int_]
    ambiguity: Floats
    martingale_error: Floats
    sharpness: Floats
    refinement: NDArray[np.int_]

    def take(self, places: NDArray[np.int_]) -> ChunkSolution:
        """Some draws of the chunk."""
        if np.array_equal(places, np.arange(self.residual.size)):
            return self

        def pick(part: object) -> object:
            return tuple(pick(each) for each in part) if isinstance(part, tuple) else part[places]  # type: ignore[index]

        return ChunkSolution(**{field.name: pick(getattr(self, field.name)) for field in fields(self)})  # type: ignore[arg-type]


def final_values(game: MarkovGame, refine: int) -> jax.Array:
    """Values after the last step, (D, S, 2, types 0, types 1, points 0, points 1).

    They do not depend on beliefs. Where values before a reply are kept more finely, these are too: one array shape.
    """
    payoff = game.final_payoff[..., None, None]
    factor = refine if 1 in game.points else 1
    points = [factor * (number - 1) + 1 for number in game.points]
    return jnp.asarray(np.broadcast_to(payoff, (game.draws, game.states, 2, *game.types, *points)))


def is_informed(game: MarkovGame, mover: int) -> bool:
    """Has the mover private types?"""
    return game.types[mover] == 2


class Report:
    """Collects the play of the last level, step by step."""

    def __init__(self, game: MarkovGame, refine: int) -> None:
        self.game = game
        self.refine = refine
        self.strategies: dict[int, jax.Array] = {}
        self.flagged: dict[int, NDArray[np.int8]] = {}
        self.residual: list[jax.Array] = []
        self.drift: list[jax.Array] = []
        self.sharpness: list[jax.Array] = []
        self.other_equilibria = np.full(game.draws, -1)
        self.ambiguity = np.full(game.draws, np.nan)

    def add_reply(self, number: int, reply: path.Reply) -> None:
        """A move by an actor with one type."""
        self.strategies[number] = reply.strategy
        self.sharpness.append(reply.sharpness)

    def add_played(self, number: int, played: path.Played) -> None:
        """An informed move."""
        self.strategies[number] = played.strategy
        self.residual.append(played.residual)
        self.drift.append(played.drift)

    def add_flagged(self, number: int, flagged: NDArray[np.int8] | None) -> None:
        """Nodes that are unsolved (2) or turned (1), as seen by the mover: (D, S, other's belief, own belief)."""
        assert flagged is not None
        self.flagged[number] = flagged if self.game.steps[number].mover == 1 else flagged.swapaxes(-2, -1)

    def add_scan(self, found: tuple[NDArray[np.int_], Floats]) -> None:
        """Nodes with another fixed point and the largest spread, as `scan_nodes` returns them."""
        count, spread = found
        self.other_equilibria = np.maximum(self.other_equilibria, 0) + count
        self.ambiguity = np.fmax(self.ambiguity, spread)

    def add_proof(self, proved: NDArray[np.bool_]) -> None:
        """Draws whose nodes are all proved to have no other fixed point: a scan could not find one."""
        self.other_equilibria[proved], self.ambiguity[proved] = 0, 0.0

    def finish(self, values: jax.Array, followed: NDArray[np.int_]) -> ChunkSolution:
        """All of it, with the values before the first step."""
        steps = range(len(self.game.steps))
        flagged = []
        for step in steps:
            strategy = self.strategies[step]
            shape = (*strategy.shape[:2], *strategy.shape[3:5])
            flagged.append(self.flagged.get(step, np.broadcast_to(np.int8(0), shape)))

        def nodes(kind: int) -> NDArray[np.int_]:
            counts = [(table == kind).sum(axis=(1, 2, 3)) for table in self.flagged.values()]
            return np.asarray(sum(counts, np.zeros(self.game.draws, dtype=int)), dtype=int)

        return ChunkSolution(
            strategies=tuple(np.asarray(self.strategies[step]) for step in steps),
            values=self._at_beliefs(np.asarray(values)),
            residual=self._largest(self.residual),
            unsolved=nodes(2),
            turned=nodes(1),
            followed=followed,
            flagged=tuple(flagged),
            other_equilibria=self.other_equilibria,
            ambiguity=self.ambiguity,
            martingale_error=self._largest(self.drift),
            sharpness=self._largest(self.sharpness),
            refinement=np.full(self.game.draws, self.refine),
        )

    def _at_beliefs(self, values: Floats) -> Floats:
        """Values at the beliefs of the game, where the first step is a reply that was tabulated more finely."""
        first, second = (
            self.refine if have > wanted else 1
            for have, wanted in zip(values.shape[-2:], self.game.points, strict=True)
        )
        return values[..., ::first, ::second]

    def _largest(self, parts: list[jax.Array]) -> Floats:
        every = [np.zeros(self.game.draws), *(np.asarray(part) for part in parts)]
        return np.asarray(np.max(every, axis=0), dtype=float)
