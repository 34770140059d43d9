"""The mean path of the world under postures that stay as they are: what the crisis game is compiled from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world import front as moving_front
from excomm.world.parameters import WorldParameters
from excomm.world.setting import Setting, attributes
from excomm.world.sides import Sides, each
from excomm.world.state import Origin, SideNoise, State, WeekNoise
from excomm.world.step import WeekRecord, start, step

__all__ = ["MeanPath", "mean_path", "quiet"]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class MeanPath:
    """A mean path; arrays (weeks, options, draws, pairs of postures).

    records: what the weeks bring. front_noise: push at the front [km2/week]. breaks: probability per week that a sector
    of either side collapses.
    """

    records: WeekRecord
    front_noise: Array
    breaks: Sides[Array]


def quiet() -> WeekNoise:
    """Noise of a week in which everything takes its mean and nothing happens by chance: uniforms at 1."""
    zero, one = jnp.zeros((1, 1)), jnp.ones((1, 1))
    side = SideNoise(
        intensity=None,
        drone=None,
        missile=None,
        intercept_drone=None,
        intercept_missile=None,
        broken=one,
        failure=None,
    )
    return WeekNoise(
        sides=Sides(side, side), front=zero, energy=zero, agreement=one, relapse=one, incident=one
    )


def mean_path(
    parameters: WorldParameters,
    setting: Setting,
    origin: Origin,
    alliance: Array,
    adversary: Array,
    *,
    weeks: int,
    aid_cut: Array,
    push: Array | None = None,
) -> MeanPath:
    """What comes about along the mean path, for every pair of postures.

    alliance, adversary: levels of the pairs, shape (pairs,). aid_cut: expected share of the cut, shape
    (options, draws, 1). push: what the front's noise is to bring in each week at the usual tempo [km2 gained by the
    adversary], shape (weeks, options, draws, pairs); without it nothing.
    """
    options, draws = parameters.front.initial_gain.shape[:2]
    held = attributes(setting.postures, alliance[None, None, :], adversary[None, None, :])
    first = start(parameters, origin, (options, draws, alliance.shape[0]), weeks)
    front = parameters.front
    # What a shock of 1 adds to the noise; where a case has no noise at the front nothing can push it.
    shock = jnp.sqrt(1.0 - front.noise_memory**2) * front.noise_sd

    def noise_of(state: State, pushed: Array | None) -> WeekNoise:
        if pushed is None:
            return quiet()
        missing = pushed - front.noise_memory * state.front_noise
        return replace(quiet(), front=jnp.where(shock > 0, missing / jnp.maximum(shock, 1e-6), 0.0))

    def advance(state, now):  # type: ignore[no-untyped-def]
        week, pushed = now
        noise = noise_of(state, pushed)
        state, record = step(parameters, setting, origin, state, held, noise, week=week, aid_cut=aid_cut)
        breaks = each(lambda side: moving_front.break_probability(front, side.loss_memory), state.sides)
        return state, MeanPath(record, state.front_noise, breaks)

    path: MeanPath
    _, path = jax.lax.scan(advance, first, (jnp.arange(1, weeks + 1, dtype=jnp.float32), push))
    return path
