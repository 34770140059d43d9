"""All randomness of the simulation, drawn before it from named streams.

A stream's numbers depend on the seed, the stream's name, the draw and the replicate, and on nothing else: not on
the size of a chunk, the number of workers, the options or the other streams. What belongs to a side carries the
name of the actor on that side, so that a case with its sides swapped meets mirrored chance.

NumPy's Philox makes the numbers: it is counter-based, so every draw has its own place in a stream, and it fills
arrays faster than a compiled threefry while there is nothing to compile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import Array

from excomm.streams import name_bits
from excomm.world.sides import Sides
from excomm.world.state import SideNoise, WeekNoise

__all__ = ["Noise", "Streams", "draw_noise", "streams"]

# Field -> law. What belongs to a side is drawn for each side; `front` is made from both sides' normals.
_SIDE = {
    "intensity": "normal",
    "drone": "normal",
    "missile": "normal",
    "intercept_drone": "normal",
    "intercept_missile": "normal",
    "broken": "uniform",
    "failure": "uniform",
}
_COMMON = {"energy": "normal", "agreement": "uniform", "relapse": "uniform", "incident": "uniform"}
_ONCE = ("aid_cut", "type_adversary")
_MOVES = ("move_alliance", "move_adversary")
Floats = np.ndarray[Any, np.dtype[np.float32]]
Streams = Mapping[str, tuple[int, int]]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Noise:
    """Noise of a chunk. weekly: leading axis weeks. Once and per epoch: uniforms.

    Shapes: aid_cut, type_adversary (draws, replicates); move_alliance, move_adversary
    (epochs, draws, replicates).
    """

    weekly: WeekNoise
    aid_cut: Array
    type_adversary: Array
    move_alliance: Array
    move_adversary: Array


def streams(seed: int, host: str, adversary: str) -> Streams:
    """Key of each stream; host and adversary: ids of the actors on the two sides."""
    names = {name: name for name in (*_ONCE, *_MOVES, *_COMMON)}
    for name in (*_SIDE, "front"):
        names |= {f"{name}/host": f"{name}/{host}", f"{name}/adversary": f"{name}/{adversary}"}
    return {place: (seed & (2**64 - 1), name_bits(f"noise/{name}", 64)) for place, name in names.items()}


def _fill(key: tuple[int, int], law: str, draws: np.ndarray[Any, Any], replicates: int, count: int) -> Floats:
    """Numbers of a stream, shape (count, draws, replicates).

    Within a draw the replicates follow each other, so more replicates leave the first ones as they are.
    """
    values = np.empty((len(draws), replicates, count), dtype=np.float32)
    # As uint64: a plain list with one large and one small integer would pass through floats and lose bits.
    bits = np.random.Philox(key=np.array(key, dtype=np.uint64), counter=[0, 0, 0, 0])
    random, beginning = np.random.Generator(bits), bits.state
    for place, draw in enumerate(draws):
        # The counter's highest word is the draw. Setting it costs a tenth of making another generator.
        beginning["state"]["counter"][3] = draw
        bits.state = beginning
        if law == "normal":
            random.standard_normal(out=values[place], dtype=np.float32)
        else:
            random.random(out=values[place], dtype=np.float32)
    return np.ascontiguousarray(np.moveaxis(values, -1, 0))


def draw_noise(
    keys: Streams, draws: np.ndarray[Any, Any], *, replicates: int, weeks: int, epochs: int
) -> Noise:
    """Noise of the draws with the given numbers and of replicates 0..replicates-1."""

    def filled(name: str, law: str, count: int) -> Floats:
        return _fill(keys[name], law, draws, replicates, count)

    def of_side(side: str) -> SideNoise:
        fields: dict[str, Any] = {name: filled(f"{name}/{side}", law, weeks) for name, law in _SIDE.items()}
        return SideNoise(**fields)

    # One front, pushed from both sides.
    front = filled("front/adversary", "normal", weeks) - filled("front/host", "normal", weeks)
    common: dict[str, Any] = {name: filled(name, law, weeks) for name, law in _COMMON.items()}
    common["front"] = front / np.sqrt(np.float32(2.0))
    weekly = WeekNoise(sides=Sides(host=of_side("host"), adversary=of_side("adversary")), **common)
    once: dict[str, Any] = {name: filled(name, "uniform", 1)[0] for name in _ONCE}
    moves: dict[str, Any] = {name: filled(name, "uniform", epochs) for name in _MOVES}
    return Noise(weekly=weekly, **once, **moves)
