"""What a rolling hindcast returns: single forecasts, and their scores against baselines.

A forecast for a date uses everything that was known before it and nothing after. Differences to a baseline
are paired (same dates, same outcomes); their intervals come from a moving-block bootstrap, with blocks at
least as long as the horizon, because neighbouring forecasts overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from excomm.observations.breaks import Break
from excomm.streams import generator

__all__ = ["Forecast", "Hindcast", "ScoreLine", "block_bootstrap", "summarise"]

Array = npt.NDArray[np.float64]
RESAMPLES = 20_000  # fewer for long series, whose quantiles of the mean need less


@dataclass(frozen=True)
class Forecast:
    """One forecast and what came.

    made: last day whose observations were used; target: day (or end of the period) forecast; observed: in
    the unit of the series; quantiles: 5, 25, 50, 75, 95 % (None for classes); scores: of the model; baselines:
    the same scores of each baseline; inside50, inside90: 1 if the interval covers the outcome, for counts the
    share of the outcome's probability mass inside (randomised PIT, Czado et al. 2009).
    """

    series: str
    horizon: int
    made: pd.Timestamp
    target: pd.Timestamp
    observed: float
    scores: dict[str, float]
    baselines: dict[str, dict[str, float]]
    quantiles: tuple[float, float, float, float, float] | None = None
    inside50: float | None = None
    inside90: float | None = None


@dataclass(frozen=True)
class ScoreLine:
    """One score of one series at one horizon; difference = model minus baseline (negative: model better)."""

    series: str
    horizon: int
    score: str
    n: int
    model: float
    model_se: float
    baselines: dict[str, float]
    difference: dict[str, dict[str, float]]
    coverage50: float | None
    coverage90: float | None

    def verdict(self, baseline: str) -> str:
        """`better`, `worse`, or `tie` where the 90 % interval of the difference holds 0."""
        interval = self.difference[baseline]
        return "better" if interval["p95"] < 0 else "worse" if interval["p05"] > 0 else "tie"

    def to_json(self) -> dict[str, Any]:
        """The object of the contract, plus the verdict against each baseline."""
        return {
            "series": self.series,
            "horizon": self.horizon,
            "score": self.score,
            "n": self.n,
            "model": self.model,
            "model_se": self.model_se,
            "baselines": self.baselines,
            "difference": self.difference,
            "verdict": {name: self.verdict(name) for name in self.difference},
            "coverage50": self.coverage50,
            "coverage90": self.coverage90,
        }


@dataclass(frozen=True)
class Hindcast:
    """A finished hindcast of one target."""

    target: str
    train: tuple[pd.Timestamp, pd.Timestamp, int]
    test: tuple[pd.Timestamp, pd.Timestamp, int]
    unit: str
    breaks: tuple[Break, ...]
    scores: tuple[ScoreLine, ...]
    forecasts: tuple[Forecast, ...]
    warnings: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The object that `excomm hindcast --json` prints."""

        def span(part: tuple[pd.Timestamp, pd.Timestamp, int]) -> dict[str, Any]:
            return {"from": part[0].date().isoformat(), "to": part[1].date().isoformat(), "n": part[2]}

        return {
            "target": self.target,
            "unit": self.unit,
            "train": span(self.train),
            "test": span(self.test),
            "breaks": [item.to_json() for item in self.breaks],
            "scores": [line.to_json() for line in self.scores],
            "warnings": list(self.warnings),
        }


def block_bootstrap(values: Array, *, block: int, resamples: int = RESAMPLES, seed: int = 0) -> Array:
    """Means of moving-block resamples of a series (circular blocks), shape (resamples,)."""
    n = values.size
    rng = generator(seed, "hindcast/bootstrap")
    resamples = max(2000, min(resamples, 2_000_000 // n))
    blocks = int(np.ceil(n / block))
    starts = rng.integers(0, n, size=(resamples, blocks))
    places = ((starts[..., None] + np.arange(block)) % n).reshape(resamples, -1)[:, :n]
    return np.asarray(values[places].mean(axis=1))


def summarise(forecasts: Sequence[Forecast], *, seed: int = 0, least_block: int = 1) -> tuple[ScoreLine, ...]:
    """Scores by series and horizon, in order of first appearance; least_block: shortest block of the bootstrap."""
    groups: dict[tuple[str, int], list[Forecast]] = {}
    for one in forecasts:
        groups.setdefault((one.series, one.horizon), []).append(one)
    lines = []
    for (series, horizon), members in groups.items():
        n = len(members)
        block = max(1, min(n, max(horizon, least_block, round(n ** (1 / 3)))))
        for score in members[0].scores:
            model = np.array([one.scores[score] for one in members])
            spread = block_bootstrap(model, block=block, seed=seed)
            baselines, difference = {}, {}
            for name, theirs in members[0].baselines.items():
                if score not in theirs:
                    continue
                rival = np.array([one.baselines[name][score] for one in members])
                resampled = block_bootstrap(model - rival, block=block, seed=seed)
                baselines[name] = float(rival.mean())
                difference[name] = {
                    "mean": float((model - rival).mean()),
                    "p05": float(np.quantile(resampled, 0.05)),
                    "p95": float(np.quantile(resampled, 0.95)),
                }
            lines.append(
                ScoreLine(
                    series, horizon, score, n, float(model.mean()), float(spread.std(ddof=1)), baselines, difference,
                    _mean([one.inside50 for one in members]), _mean([one.inside90 for one in members]),
                )
            )  # fmt: skip
    return tuple(lines)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
