"""Parts of the plain NumPy simulation: one function for each formula that appears more than once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float32]]
# Exponents of the opponent's and of one's own strength.
FORMS = ((1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.5, 0.5))
WEEKS_PER_YEAR, SEASON_PEAK = 52.18, 3.0


def logistic(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-x))


def ramp(elapsed: Any, midpoint: Floats, spread: Any) -> Floats:
    spread = np.maximum(np.float32(0.25), spread)
    at_start = logistic(-midpoint / spread)
    value = (logistic((elapsed - midpoint) / spread) - at_start) / (1.0 - at_start)
    return np.where(elapsed > 0, value, np.float32(0.0))


def hazard(rate: Floats) -> Floats:
    return -np.expm1(-rate)


def launch(mean: Floats, size: Floats, normal: Floats) -> Floats:
    variance = np.log1p(1.0 / np.maximum(mean, np.float32(1e-3)) + 1.0 / size)
    return mean * np.exp(np.sqrt(variance) * normal - 0.5 * variance)


def shifted(share: Floats, shift: Floats) -> Floats:
    odds = share / (1.0 - share) * np.exp(shift)
    return odds / (1.0 + odds)


class Air:
    """Strikes of one side on the other within a week."""

    def __init__(self, p: Any, striker: str, defender: str) -> None:
        self.p, self.striker, self.defender = p, striker, defender

    def week(self, year: float, tempo: Floats, shield: Any, stock: Floats, drone: Floats, missile: Floats,
             kill_drone: Floats, kill_missile: Floats, fails: Floats) -> tuple[Floats, ...]:  # fmt: skip
        p, own, other = self.p, f"air.{self.striker}", f"air.{self.defender}"
        drones = tempo * launch(p(f"{own}.drones") * np.exp(p(f"{own}.drone_growth") * year),
                                 p(f"{own}.drone_dispersion"), drone)  # fmt: skip
        growth = np.exp(p(f"{own}.missile_growth") * year)
        cruise = tempo * launch(p(f"{own}.cruise") * growth, p(f"{own}.missile_dispersion"), missile)
        ballistic = tempo * launch(p(f"{own}.ballistic") * growth, p(f"{own}.missile_dispersion"), missile)
        drones_in, cruise_in, ballistic_in = drones, cruise, ballistic
        allied = np.float32(0.0)
        if shield is not None:
            coming = (("drone", drones), ("cruise", cruise), ("ballistic", ballistic))
            met = [np.minimum(shield * p(f"shield.coverage_{kind}") * launched, p("shield.channels"))
                   for kind, launched in coming]  # fmt: skip
            allied = p("shield.shots") * (met[0] + met[1] + met[2])
            missile_stop = shifted(p("shield.kill_missile"), p("shield.kill_sd") * kill_missile)
            drones_in = drones - met[0] * shifted(p("shield.kill_drone"), p("shield.kill_sd") * kill_drone)
            cruise_in = cruise - met[1] * missile_stop
            ballistic_in = ballistic - met[2] * missile_stop
        works = 1.0 - fails * (1.0 - p(f"{other}.failure_kill"))
        served = engaged_share(p(f"{other}.channels"), cruise_in + ballistic_in)
        targets = served * (cruise_in + ballistic_in)
        wanted = p(f"{other}.shots")
        shots = np.minimum(wanted, stock / np.maximum(targets, np.float32(1e-6)))
        shift = p(f"{other}.kill_missile_sd") * kill_missile
        through = np.float32(0.0)
        for kind, coming in (("cruise", cruise_in), ("ballistic", ballistic_in)):
            usual = p(f"{other}.kill_{kind}")
            stop = works * served * shifted(usual, shift) * effectiveness(usual, wanted, shots)
            through = through + coming * (1.0 - stop)
        drone_stop = (
            works
            * engaged_share(p(f"{other}.drone_channels"), drones_in)
            * shifted(p(f"{other}.kill_drone"), p(f"{other}.kill_drone_sd") * kill_drone)
        )
        leaked = (1.0 - p(f"{own}.decoy_share")) * drones_in * (1.0 - drone_stop)
        return drones, cruise + ballistic, leaked, through, shots * targets, allied


def engaged_share(channels: Floats, threats: Floats) -> Floats:
    return np.minimum(np.float32(1.0), channels / np.maximum(threats, np.float32(1e-6)))


def effectiveness(kill: Floats, wanted: Floats, shots: Floats) -> Floats:
    """Share of the usual kill probability with fewer shots than wanted, spread evenly over the targets."""
    single = 1.0 - np.exp(np.log(np.maximum(1.0 - kill, np.float32(1e-30))) / wanted)

    def leaks(fired: Floats) -> Floats:
        fewer = np.floor(fired)
        passed = np.exp(fewer * np.log(np.maximum(1.0 - single, np.float32(1e-30))))
        return passed * (1.0 - (fired - fewer) * single)

    return (1.0 - leaks(np.minimum(shots, wanted))) / (1.0 - leaks(wanted))


def demand(p: Any, side: str, week: float) -> Floats:
    phase = np.float32(2.0 * np.pi * (week - SEASON_PEAK) / 52.18)
    return p(f"power.{side}.demand") * (1.0 + p(f"power.{side}.season_amplitude") * np.cos(phase))


def dark(p: Any, side: str, capacity: Floats, week: float) -> Floats:
    return np.maximum(0.0, 1.0 - (capacity + p(f"power.{side}.imports")) / demand(p, side, week))


def home(
    p: Any, side: str, year: Any, dark: Floats, price: Floats, killed: Floats, area: Floats
) -> tuple[Floats, Floats]:
    """Output of the economy and support for the war of a side; area: gained by that side."""
    made = 1.0 + p(f"economy.{side}.growth") * year - p(f"economy.{side}.dark_effect") * dark
    made = np.maximum(made + p(f"economy.{side}.energy_effect") * price, np.float32(0.1))
    usual = np.maximum(
        np.float32(52) * p(f"ground.{side}.casualties") * p(f"ground.{side}.killed_share"), np.float32(1)
    )
    luck = np.clip(area / (np.float32(26) * p("front.max_gain")), -1, 1)
    felt = 1.0 - p(f"home.{side}.dead_effect") * np.log1p(killed / usual)
    felt = felt - p(f"home.{side}.hardship_effect") * (1.0 - made) + p(f"home.{side}.success_effect") * luck
    return made, np.clip(felt, np.float32(0.05), np.float32(1.5))


def week_of_losses(rate: Mapping[str, Floats], opponent: Floats, own: Floats) -> tuple[Floats, Floats]:
    """Shares lost by host and adversary: one Runge-Kutta step on the logarithms of what is left."""

    def slopes(u: Any, v: Any) -> tuple[Floats, Floats]:
        return (
            -rate["host"] * np.exp(opponent * v + (own - 1.0) * u),
            -rate["adversary"] * np.exp(opponent * u + (own - 1.0) * v),
        )

    u1, v1 = -rate["host"], -rate["adversary"]
    u2, v2 = slopes(u1 / 2, v1 / 2)
    u3, v3 = slopes(u2 / 2, v2 / 2)
    u4, v4 = slopes(u3, v3)
    return 1.0 - np.exp((u1 + 2 * u2 + 2 * u3 + u4) / 6), 1.0 - np.exp((v1 + 2 * v2 + 2 * v3 + v4) / 6)


def waves(shocks: Floats, p: Any, carry: str, memory: str) -> Floats:
    """Weekly shocks (weeks, draws, replicates) with the waves that they leave; see `excomm.world.persistence`."""
    kept, lasting = p(carry)[0], p(memory)[0]
    level, found = np.zeros_like(shocks[0]), np.empty_like(shocks)
    for week, shock in enumerate(shocks):
        found[week] = shock + kept * level
        level = lasting * level + shock
    return found


def chance(noise: Any, p: Any, side: str) -> Any:
    """Weekly noise of a side, with its waves."""
    own, air = getattr(noise.weekly.sides, side), f"air.{side}"
    return replace(
        own,
        intensity=waves(own.intensity, p, "attrition.intensity_carry", "attrition.intensity_memory"),
        drone=waves(own.drone, p, f"{air}.drone_carry", f"{air}.drone_memory"),
        intercept_drone=waves(own.intercept_drone, p, f"{air}.kill_drone_carry", f"{air}.kill_drone_memory"),
    )
