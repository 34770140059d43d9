"""Leaks of an attack given its class and size: a beta-binomial whose level moves and whose spread is learnt.

    leaked | m, phi ~ BetaBinomial(launched, m phi, (1 - m) phi),   logit m = level + slope ln(launched / size0)
    phi = spread * (launched / size0)^evening

The posterior stands on a grid, exact up to its spacing. The *level* remembers the past with a short half-life
(averaged over several by their own predictive record); the *spread* and the slope remember 100 attacks.
A noticed break discounts what was learnt before it. Half-lives, the slope for cruise missiles and the form
were chosen by rolling one-step forecasts of the attacks before July 2024. So was the *evening*: salvos of cruise
missiles range from 1 to 90 weapons on several routes, so the share that leaks through varies less in large ones; .5
won 1.3 % of the CRPS of 2023-01 to 2024-06 over 0 (four values tried), and made the other classes worse.
Limits: attacks of one night are treated as independent; the counts are claims of the defender.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaln, expit, gammaln
from scipy.stats import binom

from excomm.errors import ObservationError
from excomm.hindcast.rolling import Forecast
from excomm.hindcast.scores import crps_counts, pmf_quantiles
from excomm.observations.air_attacks import CLASSES, AirAttacks, read_air_attacks

__all__ = ["LeakModel", "LeakSettings", "forecast_air_leaks"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LeakSettings:
    """Prior and memory of one weapon class.

    centre: prior mean of the level [logit]; size0: attack size at which the level holds;
    slopes: candidate changes of the logit per unit of ln(size); half_lives: memory of the level [attacks];
    evening: power of the size by which phi grows, 0 where the share varies alike in small and large attacks.
    """

    centre: float
    size0: float
    slopes: tuple[float, ...]
    half_lives: tuple[float, ...]
    evening: float = 0.0


# Centres: shares seen in 2022-23 (drones .12, cruise missiles .2, ballistic .7). The rest by cross-validation.
SETTINGS = {
    "shahed": LeakSettings(-2.0, 20.0, (0.0,), (4.0, 8.0, 16.0)),
    "cruise": LeakSettings(-1.2, 5.0, (-0.8, -0.4, -0.2, 0.0, 0.2, 0.4, 0.8), (16.0, 32.0, 64.0), 0.5),
    "ballistic": LeakSettings(1.0, 2.0, (0.0,), (4.0, 8.0, 16.0, 32.0)),
}
LEVEL_SD = 1.5  # logit; judgement, wide
SPREADS = (0.3, 0.6, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
LONG_HALF_LIFE = 100.0  # attacks
RECORD_MEMORY = 0.97  # weight of the predictive record of a half-life, per attack
KEPT_AT_BREAK = 0.25  # share of what was learnt that survives a noticed break; judgement


class LeakModel:
    """Sequential forecaster of one class; `predict` before `update`."""

    def __init__(self, settings: LeakSettings) -> None:
        levels = np.linspace(-5.0, 4.5, 48)
        grid = np.array([(m, p, b) for m in levels for p in SPREADS for b in settings.slopes])
        self._level, self._spread, self._slope = grid.T
        self._size0, self._evening = settings.size0, settings.evening
        self._memory = np.asarray(settings.half_lives)
        shape = -0.5 * ((np.log(self._spread) - np.log(8.0)) / 1.2) ** 2 - 0.5 * (self._slope / 0.4) ** 2
        self._level_prior = -0.5 * ((self._level - settings.centre) / LEVEL_SD) ** 2
        self._long_prior = self._level_prior + shape
        kinds = np.stack([self._spread, self._slope], axis=1)
        self._shape_index = np.unique(kinds, axis=0, return_inverse=True)[1].ravel()
        self._recent = np.zeros((self._memory.size, grid.shape[0]))
        self._long = np.zeros(grid.shape[0])
        self._record = np.zeros(self._memory.size)

    def _shapes(self, launched: float) -> tuple[Array, Array]:
        mean = expit(self._level + self._slope * np.log(launched / self._size0))
        phi = self._spread * (launched / self._size0) ** self._evening
        return mean * phi, (1 - mean) * phi

    def _posterior(self) -> Array:
        """Weights over the grid for every half-life, shape (half-lives, grid points)."""
        long = self._long_prior + self._long
        shape = np.bincount(self._shape_index, np.exp(long - long.max()))
        log_weight = self._level_prior + np.log(shape / shape.sum() + 1e-12)[self._shape_index] + self._recent
        weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))

    def predict(self, launched: int) -> Array:
        """Probabilities of 0 ... launched leaks."""
        trust = np.exp(self._record - self._record.max())
        weight = (trust / trust.sum()) @ self._posterior()
        keep = weight > weight.max() * 1e-3
        alpha, beta = (shape[keep] for shape in self._shapes(launched))
        k = np.arange(launched + 1.0)[:, None]
        ways = gammaln(launched + 1.0) - gammaln(k + 1) - gammaln(launched - k + 1)
        ln = ways + gammaln(k + alpha) + gammaln(launched - k + beta) - gammaln(launched + alpha + beta)
        pmf = np.exp(ln - betaln(alpha, beta)) @ weight[keep]
        return np.asarray(pmf / pmf.sum())

    def update(self, leaked: float, launched: float) -> None:
        """Learn from one attack."""
        alpha, beta = self._shapes(launched)
        ways = gammaln(launched + 1.0) - gammaln(leaked + 1) - gammaln(launched - leaked + 1)
        ln = ways + betaln(leaked + alpha, launched - leaked + beta) - betaln(alpha, beta)
        chance = self._posterior() @ np.exp(ln)
        self._record = RECORD_MEMORY * self._record + np.log(np.maximum(chance, 1e-12))
        self._recent = self._recent * (0.5 ** (1 / self._memory))[:, None] + ln
        self._long = self._long * 0.5 ** (1 / LONG_HALF_LIFE) + ln

    def forget(self) -> None:
        """Discount the past at a noticed break."""
        self._recent *= KEPT_AT_BREAK
        self._long *= KEPT_AT_BREAK
        self._record *= KEPT_AT_BREAK


def _window(rates: list[float], launched: int, length: int) -> Array:
    """Baseline: the shares that leaked in the last attacks, applied to this size."""
    recent = np.rint(np.asarray(rates[-length:] or [0.2]) * launched).astype(int)
    return np.asarray(np.bincount(recent, minlength=launched + 1) / recent.size)


def _binomial(past: list[tuple[float, float]], launched: int) -> Array:
    """Baseline: one chance for all, from the last 40 attacks."""
    leaked, size = np.asarray(past[-40:] or [(1.0, 5.0)]).sum(axis=0)
    return np.asarray(binom.pmf(np.arange(launched + 1), launched, (leaked + 0.5) / (size + 1.0)))


def _inside(pmf: Array, low: float, high: float, observed: int) -> float:
    """Share of the outcome's stretch of the distribution function that lies between two levels."""
    upper = float(pmf[: observed + 1].sum())
    lower = upper - float(pmf[observed])
    width = max(upper - lower, 1e-12)
    return max(0.0, min(upper, high) - max(lower, low)) / width


def _roll(attacks: AirAttacks, weapon: str, first: pd.Timestamp, last: pd.Timestamp) -> list[Forecast]:
    rows = attacks.of_class(weapon)
    model = LeakModel(SETTINGS[weapon])
    breaks = [item for item in attacks.breaks if item.series == weapon]
    by_known = np.argsort(rows["known"].to_numpy(), kind="stable")
    past: list[tuple[float, float]] = []
    rates: list[float] = []
    learnt = 0
    made: list[Forecast] = []
    for place in range(len(rows)):
        start = rows["start"].iloc[place]
        if start >= last + pd.Timedelta(days=1):
            break
        while learnt < len(rows) and rows["known"].iloc[by_known[learnt]] < start:
            known = by_known[learnt]
            leaked, size = float(rows["leaked"].iloc[known]), float(rows["launched"].iloc[known])
            model.update(leaked, size)
            past.append((leaked, size))
            rates.append(leaked / size)
            learnt += 1
        while breaks and breaks[0].noticed < start.normalize():
            model.forget()
            breaks.pop(0)
        if start < first + pd.Timedelta(days=1):
            continue
        size, observed = int(rows["launched"].iloc[place]), int(rows["leaked"].iloc[place])
        pmf = model.predict(size)
        low, lower, middle, upper, high = pmf_quantiles(pmf, (0.05, 0.25, 0.5, 0.75, 0.95))
        rivals = {
            "binomial": _binomial(past, size),
            "window-30": _window(rates, size, 30),
            "window-40": _window(rates, size, 40),
        }
        day = rows["known"].iloc[by_known[learnt - 1]] if learnt else start
        made.append(
            Forecast(
                weapon,
                1,
                pd.Timestamp(day),
                pd.Timestamp(start),
                float(observed),
                {"crps": crps_counts(pmf, observed)},
                {name: {"crps": crps_counts(theirs, observed)} for name, theirs in rivals.items()},
                (float(low), float(lower), float(middle), float(upper), float(high)),
                _inside(pmf, 0.25, 0.75, observed),
                _inside(pmf, 0.05, 0.95, observed),
            )
        )
    return made


def forecast_air_leaks(
    paths: Sequence[Path], first: pd.Timestamp, last: pd.Timestamp
) -> tuple[AirAttacks, list[Forecast], pd.DatetimeIndex]:
    """Forecasts of every attack after `first` and up to `last`; also the attacks and their dates."""
    attacks = read_air_attacks(paths)
    forecasts = [one for weapon in CLASSES for one in _roll(attacks, weapon, first, last)]
    if not forecasts:
        raise ObservationError(
            f"no attack of the scored classes between {first.date()} and {last.date()}",
            expected="attacks after --train-until",
            next_step="Choose an earlier --train-until.",
        )
    return attacks, forecasts, pd.DatetimeIndex(attacks.rows["start"])
