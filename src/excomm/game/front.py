"""Chance at the front as the crisis game sees it: how far it moves the area, and the bins in which that is counted.

Noise adds up to a normal whose memory has first to build up; now and then a sector of either side collapses. Most of
the spread may come from few collapses, so the bins follow the true law, not a normal of the same variance.
Limits: collapses come at the rate of the outset where the bins are laid, and each moves its whole area at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy.special import ive, ndtr

from excomm.world.battle import LOSS_WEEKS, ROUT_MEMORY
from excomm.world.front import break_probability
from excomm.world.parameters import Front
from excomm.world.state import Origin

__all__ = ["BINS", "FrontChance", "bin_nodes", "front_chance", "front_law"]

# Where the search for the bins begins: the best stand-ins of few points for a standard normal (Lloyd 1957, Max 1960).
BINS: dict[int, tuple[float, ...]] = {
    1: (0.0,),
    3: (-1.2240, 0.0, 1.2240),
    5: (-1.7241, -0.7646, 0.0, 0.7646, 1.7241),
    7: (-2.0334, -1.1881, -0.5606, 0.0, 0.5606, 1.1881, 2.0334),
}
SMALLEST_SPREAD = 1e-3  # km2: a front that chance does not move at all stays in its bin
_TURNS = 60  # of Lloyd's search; nodes move by less than 1e-6 of their distance in the last [measured]
_LEAST_SHARE = 1e-9  # a bin less probable than this keeps its node

Floats = np.ndarray[Any, np.dtype[np.float64]]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class FrontChance:
    """Chance at the front at the usual tempo.

    noise: standard deviation of the area that noise has moved by the end of each epoch, (epochs, options, draws)
    [km2]. breaks: expected collapses of both sides by then, same shape. collapse: area that one moves, (options, draws)
    [km2].
    """

    noise: Any
    breaks: Any
    collapse: Any

    @property
    def within(self) -> Floats:
        """Standard deviation of what noise moves within each epoch, (options, draws, epochs) [km2].

        Epochs are taken for independent; their variances add up to what has been built up.
        """
        variance = np.diff(self.noise**2, axis=0, prepend=0.0)
        return np.asarray(np.moveaxis(np.sqrt(variance), 0, 2))


@partial(jax.jit, static_argnames=("epochs", "weeks"))
def front_chance(front: Front, origin: Origin, *, epochs: int, weeks: int) -> FrontChance:
    """Chance at the front from the outset; weeks: in an epoch."""
    memory = front.noise_memory
    week = jnp.arange(1, epochs * weeks + 1, dtype=jnp.float32)[:, None, None, None]
    # A shock of a week moves, by the end of k weeks, 1 - memory^k of what it moves in all.
    built_up = jnp.cumsum((1.0 - memory**week) ** 2, axis=0)[weeks - 1 :: weeks]
    noise = front.noise_sd * jnp.sqrt((1.0 + memory) / (1.0 - memory) * built_up)
    sides = (origin.sides.host, origin.sides.adversary)
    rate = sum((break_probability(front, LOSS_WEEKS * side.loss_fraction) for side in sides), jnp.zeros(()))
    collapse = front.break_factor * front.max_gain / (1.0 - ROUT_MEMORY)
    shape = origin.force_realised.shape

    def full(array: Array) -> Array:
        return jnp.broadcast_to(array, (*array.shape[: array.ndim - len(shape)], *shape))[..., 0]

    return FrontChance(full(noise), full(rate * week[weeks - 1 :: weeks]), full(collapse))


def bin_nodes(chance: FrontChance, fronts: int) -> Floats:
    """Places of the bins at the end of each epoch, (epochs, options, draws, fronts) [km2]; the middle one is at 0.

    The best stand-in for the law of the area, by Lloyd's search: each node is the mean of what lies nearest to it. The
    law is a normal with the noise's variance and the difference of two Poisson numbers of collapses, of both sides
    alike.
    """
    noise = np.maximum(chance.noise, SMALLEST_SPREAD)[..., None, None]
    most = int(np.ceil(5.0 * np.sqrt(chance.breaks.max()))) + 2
    number = np.arange(-most, most + 1)
    share = ive(np.abs(number), chance.breaks[..., None])
    share = (share / share.sum(axis=-1, keepdims=True))[..., None]
    moved = (number * chance.collapse[..., None])[..., None]
    spread = np.sqrt(chance.noise**2 + chance.breaks * chance.collapse**2)
    nodes = spread[..., None] * np.array(BINS[fronts])
    for _ in range(_TURNS if fronts > 1 else 0):
        border = 0.5 * (nodes[..., 1:] + nodes[..., :-1])
        z = (border[..., None, :] - moved) / noise
        edge = np.zeros((*z.shape[:-1], 1))
        mass = np.diff(np.concatenate([edge, ndtr(z), edge + 1.0], axis=-1), axis=-1)
        slope = np.diff(np.concatenate([edge, _density(z), edge], axis=-1), axis=-1)
        within = (share * mass).sum(axis=-2)
        centre = (share * (moved * mass - noise * slope)).sum(axis=-2) / np.maximum(within, _LEAST_SHARE)
        nodes = np.where(within > _LEAST_SHARE, centre, nodes)
    nodes[..., fronts // 2] = 0.0  # but for rounding it is
    return np.asarray(nodes)


def front_law(
    shift: Floats,
    places: Floats,
    limits: Floats,
    noise: Floats,
    breaks: tuple[Floats, Floats],
    collapse: Floats,
) -> Floats:
    """Probability of each bin at the end of an epoch, (..., from, to).

    shift: mean change of area in the epoch from each bin, (..., from); places: area of each bin before it, (..., from);
    limits: borders between the bins after it, (..., to - 1); noise: standard deviation of the change, (...); breaks:
    probabilities that a sector of the host and of the adversary collapses, (..., from); collapse: the area that then
    changes hands, (...).
    """
    scale = np.maximum(noise, SMALLEST_SPREAD)[..., None, None]
    host, adversary = (probability[..., None] for probability in breaks)
    # Two collapses at once cancel out.
    one_way = ((host * (1.0 - adversary), -1.0), (adversary * (1.0 - host), 1.0))
    ahead = limits[..., None, :] - (places + shift)[..., :, None]
    below = (1.0 - sum(share for share, _ in one_way)) * ndtr(ahead / scale)
    for share, way in one_way:
        below += share * ndtr((ahead - way * collapse[..., None, None]) / scale)
    edge = np.zeros((*below.shape[:-1], 1))
    return np.diff(np.concatenate([edge, below, edge + 1.0], axis=-1), axis=-1)


def _density(z: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi))
