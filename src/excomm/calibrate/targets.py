"""The targets of `excomm calibrate`: which series, which model, which predictive checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from excomm.calibrate import models
from excomm.calibrate.beta_binomial import fit_beta_binomial
from excomm.calibrate.posterior import Fit, summarise_draws
from excomm.calibrate.sampling import CHAINS, DRAWS, Draws, sample_posterior
from excomm.errors import ObservationError, UsageError
from excomm.observations.air_attacks import CLASSES, read_air_attacks
from excomm.observations.history import read_threats
from excomm.observations.reported_losses import daily_increments, read_claimed_losses
from excomm.observations.territory import read_territory, weekly_gain
from excomm.streams import generator

__all__ = ["TARGETS", "run_calibration"]

Array = npt.NDArray[np.float64]
YEAR = 52  # weeks of data that a fit rests on: older ones describe another phase of the war; judgement
HALF_YEAR = 26


def _tail(observed: float, replicates: Array) -> float:
    """Share of replicates at or above the observed statistic, ties counted half."""
    return float(np.mean(replicates > observed) + 0.5 * np.mean(replicates == observed))


def _some(draws: Draws, count: int = 400) -> npt.NDArray[np.int64]:
    total = next(iter(draws.sites.values())).shape
    return np.linspace(0, total[0] * total[1] - 1, count).astype(int)


def _needs(n: int, least: int, what: str) -> None:
    if n < least:
        raise ObservationError(
            f"only {n} {what} to fit", expected=f"at least {least}", next_step="Choose a later --train-until."
        )


def _air_leaks(paths: Sequence[Path], until: pd.Timestamp, seed: int) -> list[Fit]:
    attacks = read_air_attacks(paths)
    fits = []
    for weapon in CLASSES:
        rows = attacks.of_class(weapon)
        known = (rows["known"] < until + pd.Timedelta(days=1)) & (
            rows["start"] > until - pd.Timedelta(weeks=YEAR)
        )
        rows = rows[known]
        _needs(len(rows), 12, f"attacks by {weapon}")
        month, _ = pd.factorize(rows["start"].dt.to_period("M"))
        leaked, launched = rows["leaked"].to_numpy(dtype=int), rows["launched"].to_numpy(dtype=int)
        draws = sample_posterior(
            models.leak_shares, leaked, launched, month, int(month.max()) + 1, seed=seed, progress=weapon
        )
        share = 1 / (1 + np.exp(-draws.sites["level"]))
        spread = np.exp(draws.sites["log_spread"])
        rng = generator(seed, f"calibrate/air-leaks/{weapon}")
        place = _some(draws)
        odds = (
            draws.flat("level")[place, None] + draws.flat("between")[place, None] * draws.flat("shift")[place]
        )
        mean = (1 / (1 + np.exp(-odds)))[:, month]
        size = np.exp(draws.flat("log_spread"))[place, None]
        again = rng.binomial(launched, rng.beta(mean * size, (1 - mean) * size)) / launched
        seen = leaked / launched
        fits.append(
            Fit(
                "air-leaks", weapon, str(models.leak_shares.__doc__).strip().splitlines()[0], "NUTS (NumPyro)",
                str(rows["start"].min().date()), str(rows["start"].max().date()), len(rows),
                (
                    summarise_draws("share", "share", "share that leaks in a typical month", share),
                    summarise_draws("between_months", "logit", "SD of the months' levels", draws.sites["between"]),
                    summarise_draws("concentration", "weapons", "phi: attacks of one month are alike", spread),
                    summarise_draws("between_attacks", "share", "SD of the leak share between attacks of a month",
                                    np.sqrt(share * (1 - share) / (spread + 1))),
                ),
                draws.divergences, DRAWS * CHAINS, CHAINS,
                {"mean leak share": _tail(float(seen.mean()), again.mean(axis=1)),
                 "SD of leak shares": _tail(float(seen.std()), again.std(axis=1)),
                 "share of attacks without a leak": _tail(float((seen == 0).mean()), (again == 0).mean(axis=1))},
            )
        )  # fmt: skip
    return fits


def _launches(paths: Sequence[Path], until: pd.Timestamp, seed: int) -> list[Fit]:
    rows = read_air_attacks(paths).rows
    fits = []
    last = until + pd.Timedelta(days=1)
    for weapon in CLASSES:
        mine = rows[(rows["weapon"] == weapon) & (rows["start"] < last)]
        age = ((last - mine["start"]).dt.total_seconds() / (7 * 86400)).astype(int)
        inside = age < HALF_YEAR
        counts = np.bincount(age[inside], mine["launched"][inside], HALF_YEAR)[::-1]
        _needs(int((counts > 0).sum()), 6, f"weeks with launches of {weapon}")
        weeks = np.arange(HALF_YEAR) - (HALF_YEAR - 1.0)
        draws = sample_posterior(models.launches, counts, weeks, seed=seed, progress=weapon)
        rng = generator(seed, f"calibrate/launches/{weapon}")
        place = _some(draws)
        mean = np.exp(draws.flat("log_now")[place, None] + draws.flat("growth")[place, None] * weeks)
        size = np.exp(draws.flat("log_size"))[place, None]
        again = rng.poisson(rng.gamma(np.broadcast_to(size, mean.shape), mean / size))
        fits.append(
            Fit(
                "launches", weapon, str(models.launches.__doc__).strip().splitlines()[0], "NUTS (NumPyro)",
                str((last - pd.Timedelta(weeks=HALF_YEAR)).date()), str(until.date()), HALF_YEAR,
                (
                    summarise_draws("now", "weapons/week", "mean of the last week of data",
                                    np.exp(draws.sites["log_now"])),
                    summarise_draws("growth", "1/week", "growth of the log mean", draws.sites["growth"]),
                    summarise_draws("dispersion", "ratio", "size of the negative binomial: small is bursty",
                                    np.exp(draws.sites["log_size"])),
                ),
                draws.divergences, DRAWS * CHAINS, CHAINS,
                {"SD of weekly counts": _tail(float(counts.std()), again.std(axis=1)),
                 "largest week": _tail(float(counts.max()), again.max(axis=1)),
                 "empty weeks": _tail(float((counts == 0).mean()), (again == 0).mean(axis=1))},
            )
        )  # fmt: skip
        if weapon == "shahed":
            inside = age < YEAR
            year = np.bincount(age[inside], mine["launched"][inside], YEAR)[::-1]
            # Drones come every week; a level that walks says more about the next weeks than a growth that goes on.
            first = int(np.flatnonzero(year)[0])
            days = str((last - pd.Timedelta(weeks=YEAR - first)).date()), str(until.date())
            level = np.log(year[first:] + 0.5)
            fits.append(_local_level("launches", "shahed level", level, "weapons/week", days, seed))
    return fits


def _steady_gain(walk: Array, noise: Array) -> Array:
    """Share of a week's news that the level takes up: the Kalman gain once it no longer changes."""
    ratio = (walk / np.maximum(noise, 1e-9)) ** 2
    return np.asarray((np.sqrt(ratio**2 + 4.0 * ratio) - ratio) / 2.0)


def _local_level(target: str, group: str, logs: Array, unit: str, days: tuple[str, str], seed: int) -> Fit:
    """A walking level under independent noise; carry and news are what the world draws its waves from."""
    draws = sample_posterior(models.weekly_claims, logs, seed=seed, progress=group)
    rng = generator(seed, f"calibrate/{target}" if target == "personnel" else f"calibrate/{target}/{group}")
    place = _some(draws)
    walk, noise = draws.flat("walk_sd")[place, None], draws.flat("noise_sd")[place, None]
    shape = (place.size, logs.size)
    steps = np.diff(noise * rng.standard_normal(shape), axis=1) + (walk * rng.standard_normal(shape))[:, 1:]
    seen = np.diff(logs)
    level = draws.sites["level"]
    level = level + np.sqrt(draws.sites["level_variance"]) * rng.standard_normal(level.shape)
    gain = _steady_gain(draws.sites["walk_sd"], draws.sites["noise_sd"])
    # A level known up to P = gain noise^2 is news of variance P + noise^2 + walk^2 = noise^2 / (1 - gain).
    news = draws.sites["noise_sd"] / np.sqrt(np.maximum(1.0 - gain, 1e-9))
    return Fit(
        target, group, str(models.weekly_claims.__doc__).strip().splitlines()[0], "NUTS (NumPyro)",
        *days, logs.size,
        (
            summarise_draws("level_now", unit, "level of the last week", np.exp(level)),
            summarise_draws("walk_sd", "1/week", "SD of the weekly step of the log level", draws.sites["walk_sd"]),
            summarise_draws("noise_sd", "ratio", "SD of the log of a week around its level", draws.sites["noise_sd"]),
            summarise_draws("carry", "ratio", "share of a week's news that stays in the level", gain),
            summarise_draws("news_sd", "ratio", "SD of the log of a week around its forecast", news),
        ),
        draws.divergences, DRAWS * CHAINS, CHAINS,
        {"SD of weekly changes": _tail(float(seen.std()), steps.std(axis=1)),
         "largest weekly change": _tail(float(np.abs(seen).max()), np.abs(steps).max(axis=1))},
    )  # fmt: skip


def _personnel(paths: Sequence[Path], until: pd.Timestamp, seed: int) -> list[Fit]:
    losses = read_claimed_losses(paths)
    daily = daily_increments(losses, until).to_numpy(dtype=float)
    weeks = min(daily.size // 7, 2 * YEAR)
    _needs(weeks, 26, "weeks of claims")
    claims = daily[-7 * weeks :].reshape(-1, 7).sum(axis=1)
    end = losses.total.index[losses.total.index <= until][-1]
    days = str((end - pd.Timedelta(weeks=weeks)).date()), str(end.date())
    logs = np.log(np.maximum(claims, 1.0))
    return [_local_level("personnel", "claimed losses", logs, "persons/week", days, seed)]


def _territory(paths: Sequence[Path], until: pd.Timestamp, seed: int) -> list[Fit]:
    fits = []
    for one in read_territory(paths):
        gain = weekly_gain(one.without_jumps(until)[:until])[-YEAR:]
        if gain.size < 16:
            continue
        root = np.sign(gain.to_numpy(float)) * np.sqrt(np.abs(gain.to_numpy(float)))
        draws = sample_posterior(models.front_gain, root, seed=seed, progress=one.name)
        rng = generator(seed, f"calibrate/territory/{one.name}")
        lag = np.abs(np.arange(root.size)[:, None] - np.arange(root.size)[None, :])
        again = []
        for place in _some(draws, 200):
            mean, wide, noise, memory = (
                draws.flat(name)[place] for name in ("mean", "persistent", "noise", "memory")
            )
            factor = np.linalg.cholesky(wide**2 * memory**lag + (noise**2 + 1e-6) * np.eye(root.size))
            again.append(mean + factor @ rng.standard_normal(root.size))
        replicas = np.array(again)
        mean = draws.sites["mean"]
        fits.append(
            Fit(
                "territory", one.name, str(models.front_gain.__doc__).strip().splitlines()[0], "NUTS (NumPyro)",
                str(gain.index[0].date()), str(gain.index[-1].date()), gain.size,
                (
                    summarise_draws("typical_gain", "km2/week", "gain of a week at the long-run mean of the root",
                                    np.sign(mean) * mean**2),
                    summarise_draws("memory", "ratio", "autocorrelation of the persistent part", draws.sites["memory"]),
                    summarise_draws("persistent_sd", "sqrt(km2/week)", "SD of the persistent part of the root",
                                    draws.sites["persistent"]),
                    summarise_draws("noise_sd", "sqrt(km2/week)", "SD of the part that is gone next week",
                                    draws.sites["noise"]),
                ),
                draws.divergences, DRAWS * CHAINS, CHAINS,
                {"SD of the root": _tail(float(root.std()), replicas.std(axis=1)),
                 "largest gain": _tail(float(root.max()), replicas.max(axis=1)),
                 "smallest gain": _tail(float(root.min()), replicas.min(axis=1))},
            )
        )  # fmt: skip
    _needs(len(fits), 1, "area series of 16 weeks or more")
    return fits


def _threats(paths: Sequence[Path], until: pd.Timestamp, seed: int) -> list[Fit]:
    rows = read_threats(paths)
    rows = rows[rows["known"] <= until]
    _needs(len(rows), 30, "threats with known outcome")
    by_decade = rows.groupby(rows["year"] // 10)["carried_out"].agg(["sum", "size"])
    k, n = by_decade["sum"].to_numpy(dtype=float), by_decade["size"].to_numpy(dtype=float)
    posterior = fit_beta_binomial(k, n)
    rng = generator(seed, "calibrate/threats")
    a, b = posterior.shapes()
    chosen = rng.choice(posterior.weight.size, 400, p=posterior.weight)[:, None]
    again = rng.binomial(n.astype(int), rng.beta(a[chosen], b[chosen], size=(400, n.size)))
    return [
        Fit(
            "threats", "decades", "Shares carried out by decade: hierarchical beta-binomial", "exact on a grid",
            str(rows["start"].min().date()), str(rows["start"].max().date()), len(rows), posterior.parameters(),
            checks={"SD between decades": _tail(float((k / n).std()), (again / n).std(axis=1))},
        )
    ]  # fmt: skip


TARGETS: dict[str, Callable[[Sequence[Path], pd.Timestamp, int], list[Fit]]] = {
    "air-leaks": _air_leaks,
    "launches": _launches,
    "personnel": _personnel,
    "territory": _territory,
    "threats": _threats,
}


def run_calibration(
    target: str, paths: Sequence[Path], until: pd.Timestamp | None, *, seed: int = 0
) -> list[Fit]:
    """Fit one target on data up to `until` (default: all)."""
    if target not in TARGETS:
        raise UsageError(
            f"there is nothing to calibrate called {target!r}", path="TARGET",
            expected=f"one of {', '.join(TARGETS)}", next_step="Run `excomm calibrate --help`.",
        )  # fmt: skip
    return TARGETS[target](paths, until if until is not None else _last_day(target, paths), seed)


def _last_day(target: str, paths: Sequence[Path]) -> pd.Timestamp:
    """The last day of the series."""
    if target in ("air-leaks", "launches"):
        return pd.Timestamp(read_air_attacks(paths).rows["start"].max()).normalize()
    if target == "personnel":
        return pd.Timestamp(read_claimed_losses(paths).total.index[-1])
    if target == "territory":
        return pd.Timestamp(read_territory(paths)[0].area.index[-1])
    return pd.Timestamp(read_threats(paths)["known"].max())
