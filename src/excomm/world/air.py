"""Long-range strikes, air and missile defence, electricity, and harm to civilians.

Three classes of weapon: one-way drones, cruise missiles, ballistic missiles. Each side launches and each side
defends. A class is intercepted with a share that varies from week to week by a common cause (logit-normal): a
binomial with a fixed share is refuted by the record of attacks. Missiles are engaged only while interceptors
last. An alliance shield is one more layer in front, with its own coverage, kill probability and stock.
Limits: shares of a class, not engagements; no saturation of radars; damage is proportional to what gets through.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Air, Civil, Power, Shield

__all__ = ["Strikes", "civilian_deaths", "demand", "power_next", "strikes", "unserved"]

WINTER_PEAK_WEEK = 3.0  # week of the year with the highest demand; northern winter


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Strikes:
    """One week of strikes by one side on the other [weapons/week].

    spent: interceptors used by the side that is struck; allied_spent: by the alliance's shield before it.
    """

    drones: Array
    missiles: Array
    drones_leaked: Array
    missiles_leaked: Array
    spent: Array
    allied_spent: Array


def _leak_share(kill: Array, spread: Array, noise: Array | None) -> Array:
    """1 - kill where the log odds of `kill` vary with a standard deviation; without noise the mean.

    The mean of a logit-normal, by the probit approximation of MacKay (1992); off by at most 0.02.
    """
    if noise is None:
        shrunk = jnp.log(kill / (1.0 - kill)) / jnp.sqrt(1.0 + jnp.pi * spread**2 / 8.0)
        return jax.nn.sigmoid(-shrunk)
    return (1.0 - kill) / (1.0 - kill + kill * jnp.exp(spread * noise))


def _launched(mean: Array, dispersion: Array, noise: Array | None) -> Array:
    """Launches with the mean and variance of a negative binomial, by a lognormal of the same moments."""
    if noise is None:
        return mean
    variance = jnp.log1p(1.0 / jnp.maximum(mean, 1e-3) + 1.0 / dispersion)
    return mean * jnp.exp(jnp.sqrt(variance) * noise - 0.5 * variance)


def strikes(
    own: Air,
    facing: Air,
    *,
    year: Array,
    tempo: Array,
    interceptors: Array,
    noise_drone: Array | None,
    noise_missile: Array | None,
    noise_kill_drone: Array | None,
    noise_kill_missile: Array | None,
    shield: Shield | None = None,
    shield_on: Array | float = 0.0,
) -> Strikes:
    """Launches of one side, interceptions by the other and leakers of one week.

    own, facing: the side that launches and the side that is struck. year: years since the outset; tempo: factor
    on launches; interceptors: stock of the side that is struck; shield_on: share of the shield in operation.
    Noise is standard normal; None takes the means.
    """
    growth_drone = jnp.exp(own.drone_growth * year)
    growth_missile = jnp.exp(own.missile_growth * year)
    # The tempo scales the salvos of a week; it does not change how much they vary in proportion.
    drones = tempo * _launched(own.drones * growth_drone, own.drone_dispersion, noise_drone)
    # One noise for both missile classes: they are launched in the same salvos.
    cruise = tempo * _launched(own.cruise * growth_missile, own.missile_dispersion, noise_missile)
    ballistic = tempo * _launched(own.ballistic * growth_missile, own.missile_dispersion, noise_missile)

    drones_in, cruise_in, ballistic_in = drones, cruise, ballistic
    allied_spent = jnp.zeros_like(drones)
    if shield is not None:
        shielded_drone = shield_on * shield.coverage_drone
        shielded_cruise = shield_on * shield.coverage_cruise
        shielded_ballistic = shield_on * shield.coverage_ballistic
        allied_spent = shield.shots * (
            shielded_drone * drones + shielded_cruise * cruise + shielded_ballistic * ballistic
        )
        drones_in = drones * (1.0 - shielded_drone * shield.kill_drone)
        cruise_in = cruise * (1.0 - shielded_cruise * shield.kill_missile)
        ballistic_in = ballistic * (1.0 - shielded_ballistic * shield.kill_missile)

    kill_cruise = 1.0 - _leak_share(facing.kill_cruise, facing.kill_missile_sd, noise_kill_missile)
    kill_ballistic = 1.0 - _leak_share(facing.kill_ballistic, facing.kill_missile_sd, noise_kill_missile)
    needed = facing.shots * (cruise_in + ballistic_in)
    adequacy = jnp.minimum(1.0, interceptors / jnp.maximum(needed, 1e-6))
    return Strikes(
        drones=drones,
        missiles=cruise + ballistic,
        drones_leaked=drones_in * _leak_share(facing.kill_drone, facing.kill_drone_sd, noise_kill_drone),
        missiles_leaked=cruise_in * (1.0 - kill_cruise * adequacy)
        + ballistic_in * (1.0 - kill_ballistic * adequacy),
        spent=needed * adequacy,
        allied_spent=allied_spent,
    )


def demand(power: Power, week_of_year: Array) -> Array:
    """Electricity demand of a side in a week of the year [GW]."""
    phase = 2.0 * jnp.pi * (week_of_year - WINTER_PEAK_WEEK) / 52.18
    return power.demand * (1.0 + power.season_amplitude * jnp.cos(phase))


def power_next(power: Power, now: Array, *, missiles: Array, drones: Array, repair_factor: Array) -> Array:
    """Capacity of a side next week [GW]; missiles and drones: leakers against that side this week."""
    # What strikes do not reach (nuclear plants, scattered and underground plant) is never lost, and the fewer
    # targets are left, the less a hit destroys.
    exposed = jnp.clip(
        (now - power.protected) / jnp.maximum(power.full_capacity - power.protected, 1e-3), 0.0, 1.0
    )
    lost = jnp.minimum(
        exposed * (power.damage_missile * missiles + power.damage_drone * drones),
        jnp.maximum(now - power.protected, 0.0),
    )
    # A draw may start above the capacity that repair aims at: nothing is repaired then, and nothing torn down.
    missing = jnp.maximum(power.full_capacity - now, 0.0)
    repaired = jnp.minimum(power.repair * repair_factor, 1.0) * missing
    return jnp.maximum(now - lost + repaired, 0.0)


def unserved(power: Power, capacity: Array, week_of_year: Array) -> Array:
    """Share of a side's demand that cannot be met."""
    return jnp.maximum(0.0, 1.0 - (capacity + power.imports) / demand(power, week_of_year))


def civilian_deaths(civil: Civil, *, drones: Array, missiles: Array, front_tempo: Array) -> Array:
    """Civilians of a side killed in a week; drones and missiles: leakers against that side."""
    return civil.deaths_drone * drones + civil.deaths_missile * missiles + civil.front_deaths * front_tempo
