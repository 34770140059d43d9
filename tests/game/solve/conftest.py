"""The reference games as Markov games: the informed threatener or ladder player is actor 1, its opponent actor 0."""

from __future__ import annotations

import numpy as np

from excomm.game.solve import MarkovGame, Step


def stage(
    mover: int, states: int, moves: dict[int, tuple[int, int]], payoff: np.ndarray | None = None
) -> Step:
    """A step in which `moves` names the states with two actions and where these lead; elsewhere nothing happens."""
    legal = np.zeros((states, 2), dtype=bool)
    legal[:, 0] = True
    successor = np.repeat(np.arange(states)[:, None], 2, axis=1)
    for state, after in moves.items():
        legal[state] = True
        successor[state] = after
    nothing = np.zeros((1, states, 2, 2, 1, 1))
    return Step(mover, legal, successor, nothing if payoff is None else payoff)


def signal_game(
    lambdas: np.ndarray, payoffs: dict[str, list[tuple[float, float]]], beliefs: int
) -> MarkovGame:
    """Threat, reply, war. `payoffs`: (actor 1, actor 0) of each end for type 0 (weak) and type 1 (strong)."""
    states = {"start": 0, "threat": 1, "resisted": 2, "status quo": 3, "concede": 4, "back down": 5, "war": 6}
    final = np.zeros((1, 7, 2, 1, 2))
    for name, by_type in payoffs.items():
        for kind, (own, other) in enumerate(by_type):
            final[0, states[name], 1, 0, kind] = own
            final[0, states[name], 0, 0, kind] = other
    steps = (stage(1, 7, {0: (1, 3)}), stage(0, 7, {1: (2, 4)}), stage(1, 7, {2: (6, 5)}))
    return MarkovGame(steps, final, np.repeat(lambdas[:, None], 2, axis=1), (1, 2), (beliefs, beliefs))


SIGNAL = {
    "status quo": [(0.0, 0.5)] * 2,
    "concede": [(1.0, -0.5)] * 2,
    "back down": [(-0.6, 0.8)] * 2,
    "war": [(-1.2, -0.6), (0.2, -1.0)],
}
CHEAP_BLUFF = {
    "status quo": [(0.0, 0.5)] * 2,
    "concede": [(0.6, -0.5), (1.0, -0.5)],
    "back down": [(-0.1, 0.8), (-2.5, 0.8)],
    "war": [(-1.5, 0.2), (-1.5, -2.5)],
}


def ladder_game(lambdas: np.ndarray, moves: int, beliefs: int, types: tuple[int, int] = (1, 2)) -> MarkovGame:
    """The ladder: both may escalate or hold in turn, actor 1 first; public state: escalations of both.

    Type 1 of actor 1 has escalation cost .10, type 0 .55; actor 0 loses .30 against type 1 and .12 against type 0.
    With two types of actor 0 its type 1 loses half as much.
    """
    most = moves // 2 + 1
    state = {(one, other): place for place, (one, other) in enumerate(np.ndindex(most + 1, most + 1))}
    steps = []
    for move in range(moves):
        leads = {}
        for (one, other), place in state.items():
            after = (one + 1, other) if move % 2 == 0 else (one, other + 1)
            if after in state:
                leads[place] = (state[after], place)
        steps.append(stage(1 - move % 2, len(state), leads))
    final = np.zeros((1, len(state), 2, *types))
    costs, losses, scale = (0.55, 0.10), (0.12, 0.30), (1.0, 0.5)
    for (one, other), place in state.items():
        total = one + other
        for kind_0 in range(types[0]):
            for kind_1 in range(types[1]):
                cost, loss = costs[kind_1], losses[kind_1] * scale[kind_0]
                final[0, place, 1, kind_0, kind_1] = 0.6 * (one - other) - cost * total**2 / 3
                final[0, place, 0, kind_0, kind_1] = 0.7 * (other - one) - loss * total**2 / 3
    return MarkovGame(tuple(steps), final, np.repeat(lambdas[:, None], 2, axis=1), types, (beliefs, beliefs))
