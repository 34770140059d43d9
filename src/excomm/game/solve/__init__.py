"""Agent quantal response equilibria of finite-horizon crisis games with private types, batched over draws."""

from .bounds import PlayBounds, bound_play
from .derivatives import GameGradient, differentiate
from .interpolation import belief_grid
from .markov import MarkovGame, Step
from .path import Tolerances
from .solution import DynamicSolution, place_on_grid, read_policy, update_belief
from .solver import SolveSettings, solve

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
