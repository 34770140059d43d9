"""The mean path of the world under postures that stay as they are: what the crisis game is compiled from."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import WorldParameters
from excomm.world.setting import Setting, attributes
from excomm.world.sides import Sides
from excomm.world.state import Origin, SideNoise, WeekNoise
from excomm.world.step import WeekRecord, start, step

__all__ = ["mean_path", "quiet"]


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
    push: Array | float = 0.0,
) -> tuple[WeekRecord, Array]:
    """Weekly records along the mean path, one for every pair of postures.

    alliance, adversary: levels of the pairs, shape (pairs,). aid_cut: expected share of the cut, shape
    (options, draws, 1). push: normal of the front's noise, by its sum over the weeks relative to the root of their
    number, shape (options, draws, pairs) or a number; 0 is the mean path. Returns records, and the push at the front
    of each week [km2/week], of shape (weeks, options, draws, pairs).
    """
    options, draws = parameters.front.initial_gain.shape[:2]
    held = attributes(setting.postures, alliance[None, None, :], adversary[None, None, :])
    first = start(parameters, origin, (options, draws, alliance.shape[0]), weeks)
    noise = quiet()

    def advance(state, week):  # type: ignore[no-untyped-def]
        # Shares of week t: in sum they grow as the root of t, as chance does.
        now = replace(noise, front=noise.front + push * (jnp.sqrt(week) - jnp.sqrt(week - 1.0)))
        state, record = step(parameters, setting, origin, state, held, now, week=week, aid_cut=aid_cut)
        return state, (record, state.front_noise)

    records: WeekRecord
    _, (records, pushed) = jax.lax.scan(advance, first, jnp.arange(1, weeks + 1, dtype=jnp.float32))
    return records, pushed
