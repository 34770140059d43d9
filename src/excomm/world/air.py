"""Long-range strikes, air and missile defence, electricity, and harm to civilians.

Three classes of weapon reach behind the front: one-way drones, cruise missiles, ballistic missiles (glide bombs act
at the front, see `battle.py`). Each side launches and each side defends. A class is intercepted with a share that
varies from week to week by a common cause (logit-normal), and that fails in some weeks for all at once: a binomial
with a fixed share is refuted by the record of attacks. A defence can engage no more than its channels allow; missiles
are engaged as interceptors last, spread evenly when they are short; decoys fill channels and do no harm. An alliance
shield is one more layer in front, with its own coverage, kill probability, channels and stock.
Limits: weeks, not salvos; one magazine against all missiles; damage is proportional to what gets through.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world.clock import WEEKS_PER_YEAR
from excomm.world.interception import effectiveness, engaged_share
from excomm.world.parameters import Air, Civil, Power, Shield

__all__ = ["Strikes", "civilian_deaths", "demand", "power_next", "strikes", "unserved"]

WINTER_PEAK_WEEK = 3.0  # week of the year with the highest demand; northern winter


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Strikes:
    """One week of strikes by one side on the other [weapons/week].

    drones counts decoys, drones_leaked does not. spent: interceptors used by the side that is struck; allied_spent:
    by the alliance's shield before it.
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
    fails: Array,
    shield: Shield | None = None,
    shield_on: Array | float = 0.0,
) -> Strikes:
    """Launches of one side, interceptions by the other and leakers of one week.

    own, facing: the side that launches and the side that is struck. year: years since the outset; tempo: factor
    on launches; interceptors: stock of the side that is struck; fails: 1 where its defence fails by a common mode
    (or the probability of it); shield_on: share of the shield in operation.
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
        # What makes the host's defence fare ill or well in a week does the same to the shield.
        kill_drone = 1.0 - _leak_share(shield.kill_drone, shield.kill_sd, noise_kill_drone)
        kill_missile = 1.0 - _leak_share(shield.kill_missile, shield.kill_sd, noise_kill_missile)
        met_drones, met_cruise, met_ballistic = (
            jnp.minimum(shield_on * coverage * coming, shield.channels)
            for coverage, coming in (
                (shield.coverage_drone, drones),
                (shield.coverage_cruise, cruise),
                (shield.coverage_ballistic, ballistic),
            )
        )
        allied_spent = shield.shots * (met_drones + met_cruise + met_ballistic)
        drones_in = drones - met_drones * kill_drone
        cruise_in = cruise - met_cruise * kill_missile
        ballistic_in = ballistic - met_ballistic * kill_missile

    works = 1.0 - fails * (1.0 - facing.failure_kill)
    kill_drone = 1.0 - _leak_share(facing.kill_drone, facing.kill_drone_sd, noise_kill_drone)
    kill_cruise = 1.0 - _leak_share(facing.kill_cruise, facing.kill_missile_sd, noise_kill_missile)
    kill_ballistic = 1.0 - _leak_share(facing.kill_ballistic, facing.kill_missile_sd, noise_kill_missile)
    missiles_in = cruise_in + ballistic_in
    served = engaged_share(facing.channels, missiles_in)
    targets = served * missiles_in
    shots = jnp.minimum(facing.shots, interceptors / jnp.maximum(targets, 1e-6))
    stops_cruise = works * served * kill_cruise * effectiveness(facing.kill_cruise, facing.shots, shots)
    stops_ballistic = (
        works * served * kill_ballistic * effectiveness(facing.kill_ballistic, facing.shots, shots)
    )
    stops_drones = works * kill_drone * engaged_share(facing.drone_channels, drones_in)
    return Strikes(
        drones=drones,
        missiles=cruise + ballistic,
        drones_leaked=(1.0 - own.decoy_share) * drones_in * (1.0 - stops_drones),
        missiles_leaked=cruise_in * (1.0 - stops_cruise) + ballistic_in * (1.0 - stops_ballistic),
        spent=shots * targets,
        allied_spent=allied_spent,
    )


def demand(power: Power, week_of_year: Array) -> Array:
    """Electricity demand of a side in a week of the year [GW]."""
    phase = 2.0 * jnp.pi * (week_of_year - WINTER_PEAK_WEEK) / WEEKS_PER_YEAR
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
