"""All randomness of the simulation, drawn before it from named streams.

A stream's numbers depend on the seed, the stream's name, the draw and the replicate, and on nothing else: not on
the size of a chunk, the number of workers, the options or the other streams. What belongs to a side carries the
name of the actor on that side, so that a case with its sides swapped meets mirrored chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from excomm.streams import name_bits
from excomm.world.state import WeekNoise

__all__ = ["Noise", "StreamKeys", "draw_noise", "stream_keys"]

# Field of WeekNoise -> (law, per side). `front` is made from both sides' normals.
_WEEKLY = {
    "intensity": ("normal", True),
    "front": ("normal", True),
    "drone": ("normal", True),
    "missile": ("normal", True),
    "intercept_drone": ("normal", True),
    "intercept_missile": ("normal", True),
    "broken": ("uniform", True),
    "agreement": ("uniform", False),
    "relapse": ("uniform", False),
    "incident": ("uniform", False),
}
_ONCE = ("aid_cut", "type_alliance", "type_adversary")
_MOVES = ("move_alliance", "move_adversary")

StreamKeys = dict[str, Array]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Noise:
    """Noise of a chunk. weekly: leading axis weeks. Once and per epoch: uniforms.

    Shapes: aid_cut, type_alliance, type_adversary (draws, replicates); move_alliance, move_adversary
    (epochs, draws, replicates).
    """

    weekly: WeekNoise
    aid_cut: Array
    type_alliance: Array
    type_adversary: Array
    move_alliance: Array
    move_adversary: Array


def stream_keys(seed: int, host: str, adversary: str) -> StreamKeys:
    """One key a stream; host and adversary: ids of the actors on the two sides."""
    root = jax.random.key(seed & 0xFFFFFFFF)
    root = jax.random.fold_in(root, (seed >> 32) & 0xFFFFFFFF)
    names: dict[str, str] = {name: name for name in (*_ONCE, *_MOVES)}
    for name, (_, per_side) in _WEEKLY.items():
        if per_side:
            names |= {f"{name}/host": f"{name}/{host}", f"{name}/adversary": f"{name}/{adversary}"}
        else:
            names[name] = name
    return {key: jax.random.fold_in(root, name_bits(name)) for key, name in names.items()}


@partial(jax.jit, static_argnames=("replicates", "weeks", "epochs"))
def draw_noise(keys: StreamKeys, draws: Array, *, replicates: int, weeks: int, epochs: int) -> Noise:
    """Noise of the draws with the given numbers (integers, shape (draws,)) and of replicates 0..replicates-1."""

    def stream(key: Array, law: str, count: int) -> Array:
        """Shape (count, draws, replicates)."""

        def one(draw: Array, replicate: Array) -> Array:
            cell = jax.random.fold_in(jax.random.fold_in(key, draw), replicate)
            return (
                jax.random.normal(cell, (count,)) if law == "normal" else jax.random.uniform(cell, (count,))
            )

        numbers = jnp.arange(replicates)
        values = jax.vmap(lambda draw: jax.vmap(lambda r: one(draw, r))(numbers))(draws)
        return jnp.moveaxis(values, -1, 0)

    fields = {}
    for name, (law, per_side) in _WEEKLY.items():
        if not per_side:
            fields[name] = stream(keys[name], law, weeks)
        else:
            host = stream(keys[f"{name}/host"], law, weeks)
            adversary = stream(keys[f"{name}/adversary"], law, weeks)
            if name == "front":  # one front, pushed from both sides
                fields[name] = (adversary - host) / jnp.sqrt(2.0)
            else:
                fields[name] = jnp.stack([host, adversary], axis=1)
    once = {name: stream(keys[name], "uniform", 1)[0] for name in _ONCE}
    moves = {name: stream(keys[name], "uniform", epochs) for name in _MOVES}
    return Noise(weekly=WeekNoise(**fields), **once, **moves)
