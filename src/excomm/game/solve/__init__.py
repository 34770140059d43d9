"""Agent quantal response equilibria of finite-horizon crisis games with private types, batched over draws."""

from excomm.game.solve.bounds import PlayBounds, bound_play
from excomm.game.solve.derivatives import GameGradient, differentiate
from excomm.game.solve.interpolation import belief_grid
from excomm.game.solve.markov import MarkovGame, Step
from excomm.game.solve.path import Tolerances
from excomm.game.solve.solution import DynamicSolution, place_on_grid, read_policy, update_belief
from excomm.game.solve.solver import SolveSettings, solve

__all__ = [
    "DynamicSolution",
    "GameGradient",
    "MarkovGame",
    "PlayBounds",
    "SolveSettings",
    "Step",
    "Tolerances",
    "belief_grid",
    "bound_play",
    "differentiate",
    "place_on_grid",
    "read_policy",
    "solve",
    "update_belief",
]
