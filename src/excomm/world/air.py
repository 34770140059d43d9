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
    """One week of strikes; per side that *launches* (host, adversary), [weapons/week].

    spent: interceptors used by each *defending* side; allied_spent: by the alliance's shield.
    """

    drones: Array
    missiles: Array
    drones_leaked: Array
    missiles_leaked: Array
    spent: Array
    allied_spent: Array


def _logit_shift(share: Array, shift: Array) -> Array:
    odds = share / (1.0 - share) * jnp.exp(shift)
    return odds / (1.0 + odds)


def _launched(mean: Array, dispersion: Array, noise: Array) -> Array:
    """Launches with the mean and variance of a negative binomial, by a lognormal of the same moments."""
    variance = jnp.log1p(1.0 / jnp.maximum(mean, 1e-3) + 1.0 / dispersion)
    return mean * jnp.exp(jnp.sqrt(variance) * noise - 0.5 * variance)


def strikes(
    air: Air,
    shield: Shield,
    *,
    year: Array,
    tempo: Array,
    shield_on: Array,
    interceptors: Array,
    noise_drone: Array,
    noise_missile: Array,
    noise_kill_drone: Array,
    noise_kill_missile: Array,
) -> Strikes:
    """Launches, interceptions and leakers of one week.

    year: years since the outset; tempo: factor on launches per launching side; shield_on: share of the shield
    in operation (protects the host); interceptors: stock per defending side. Noise is standard normal.
    """
    growth_drone = jnp.exp(air.drone_growth * year)
    growth_missile = jnp.exp(air.missile_growth * year)
    drones = _launched(air.drones * growth_drone * tempo, air.drone_dispersion, noise_drone)
    # One noise for both missile classes: they are launched in the same salvos.
    cruise = _launched(air.cruise * growth_missile * tempo, air.missile_dispersion, noise_missile)
    ballistic = _launched(air.ballistic * growth_missile * tempo, air.missile_dispersion, noise_missile)

    # The shield stands only before the host, that is before what the adversary (side 1) launches.
    protected = jnp.stack([jnp.zeros_like(shield_on), shield_on])
    shielded_drone = protected * shield.coverage_drone
    shielded_cruise = protected * shield.coverage_cruise
    shielded_ballistic = protected * shield.coverage_ballistic
    allied_spent = shield.shots * jnp.sum(
        shielded_drone * drones + shielded_cruise * cruise + shielded_ballistic * ballistic, axis=0
    )
    drones_in = drones * (1.0 - shielded_drone * shield.kill_drone)
    cruise_in = cruise * (1.0 - shielded_cruise * shield.kill_missile)
    ballistic_in = ballistic * (1.0 - shielded_ballistic * shield.kill_missile)

    # Everything the defender has is turned round so that axis 0 is the side that launches.
    def facing(values: Array) -> Array:
        return jnp.flip(values, axis=0)

    kill_drone = _logit_shift(facing(air.kill_drone), facing(air.kill_drone_sd * noise_kill_drone))
    shift = facing(air.kill_missile_sd * noise_kill_missile)
    kill_cruise = _logit_shift(facing(air.kill_cruise), shift)
    kill_ballistic = _logit_shift(facing(air.kill_ballistic), shift)
    needed = facing(air.shots) * (cruise_in + ballistic_in)
    adequacy = jnp.minimum(1.0, facing(interceptors) / jnp.maximum(needed, 1e-6))
    return Strikes(
        drones=drones,
        missiles=cruise + ballistic,
        drones_leaked=drones_in * (1.0 - kill_drone),
        missiles_leaked=cruise_in * (1.0 - kill_cruise * adequacy)
        + ballistic_in * (1.0 - kill_ballistic * adequacy),
        spent=facing(needed * adequacy),
        allied_spent=allied_spent,
    )


def demand(power: Power, week_of_year: Array) -> Array:
    """Electricity demand per side in a week of the year [GW]."""
    phase = 2.0 * jnp.pi * (week_of_year - WINTER_PEAK_WEEK) / 52.18
    return power.demand * (1.0 + power.season_amplitude * jnp.cos(phase))


def power_next(power: Power, now: Array, *, missiles: Array, drones: Array, repair_factor: Array) -> Array:
    """Capacity per side next week [GW]; missiles and drones: leakers against that side this week."""
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
    """Share of demand that cannot be met, per side."""
    return jnp.maximum(0.0, 1.0 - (capacity + power.imports) / demand(power, week_of_year))


def civilian_deaths(civil: Civil, *, drones: Array, missiles: Array, front_tempo: Array) -> Array:
    """Civilians killed per side in a week; drones and missiles: leakers against that side."""
    return civil.deaths_drone * drones + civil.deaths_missile * missiles + civil.front_deaths * front_tempo
