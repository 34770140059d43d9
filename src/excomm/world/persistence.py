"""Waves that last: a part of each week's chance stays in the level of the weeks that follow.

    x_t = e_t + carry * level_t,     level_(t+1) = memory * level_t + e_t,     level_1 = 0

The shock e is the only chance (a state space with a single source of error, Hyndman et al. 2008), so the series
needs no random numbers of its own; carry 0 leaves weeks independent. What is lognormal in x keeps its median: a
level that is as likely to double as to halve. Its mean then rises slowly, by half the variance that the level adds.
Applied to the intensity of losses, to the drones that a side launches and to the log-odds of its defence against
drones. It depends on no move and no option; an option that patches these parameters has no effect on it.
Limits: missiles stay independent from week to week, as their salvos are; the waves of the two sides are independent.
"""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Air, WorldParameters
from excomm.world.sides import each
from excomm.world.state import SideNoise, WeekNoise

__all__ = ["carried", "level_variance", "persist"]


def level_variance(carry: Array, memory: Array, weeks: Array) -> Array:
    """Variance that the level adds to a week's unit variance after `weeks` earlier weeks."""
    return carry**2 * (1.0 - memory ** (2.0 * weeks)) / (1.0 - memory**2)


def carried(shocks: Array | None, carry: Array, memory: Array) -> Array | None:
    """Shocks of shape (weeks, draws, replicates) with their waves; carry and memory: (draws, 1).

    None, where nothing happens by chance, stays None.
    """
    if shocks is None:
        return None

    def week(level: Array, shock: Array) -> tuple[Array, Array]:
        return memory * level + shock, shock + carry * level

    _, waves = jax.lax.scan(week, jnp.zeros_like(shocks[0]), shocks)
    return jnp.asarray(waves)


def persist(noise: WeekNoise, parameters: WorldParameters) -> WeekNoise:
    """Weekly noise (leading axis: weeks) with the waves of losses, drone launches and defence against drones."""
    attrition = parameters.attrition

    def waves(mine: SideNoise, air: Air) -> SideNoise:
        return replace(
            mine,
            intensity=carried(mine.intensity, attrition.intensity_carry[0], attrition.intensity_memory[0]),
            drone=carried(mine.drone, air.drone_carry[0], air.drone_memory[0]),
            intercept_drone=carried(mine.intercept_drone, air.kill_drone_carry[0], air.kill_drone_memory[0]),
        )

    return replace(noise, sides=each(waves, noise.sides, parameters.air))
