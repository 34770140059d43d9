"""A fitted posterior with its diagnostics, as a small YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from excomm.storage import write_whole

__all__ = ["Fit", "Parameter", "effective_size", "round_to", "split_rhat", "summarise_draws", "write_fits"]

Array = npt.NDArray[np.float64]
LARGEST_RHAT = 1.01  # Vehtari et al. 2021
SMALLEST_EFFECTIVE = 400.0  # draws, over all chains; Vehtari et al. 2021


@dataclass(frozen=True)
class Parameter:
    """Posterior of one parameter. rhat and effective are None where the posterior is exact."""

    name: str
    unit: str
    meaning: str
    mean: float
    sd: float
    p05: float
    p50: float
    p95: float
    rhat: float | None = None
    effective: float | None = None


@dataclass(frozen=True)
class Fit:
    """One finished calibration.

    checks: posterior predictive probabilities that a replicate's statistic is at or above the observed one; near 0
    or 1 the model does not produce what was seen.
    """

    target: str
    group: str
    model: str
    method: str
    first: str
    last: str
    n: int
    parameters: tuple[Parameter, ...]
    divergences: int = 0
    draws: int = 0
    chains: int = 0
    checks: Mapping[str, float] = field(default_factory=dict)

    def problems(self) -> list[str]:
        """Everything about the fit that a user must know before using it."""
        found = []
        for one in self.parameters:
            if one.rhat is not None and one.rhat > LARGEST_RHAT:
                found.append(
                    f"{self.group}: {one.name} has R-hat {one.rhat:.3f} (at most {LARGEST_RHAT} is wanted)"
                )
            if one.effective is not None and one.effective < SMALLEST_EFFECTIVE:
                found.append(
                    f"{self.group}: {one.name} rests on {one.effective:.0f} effective draws "
                    f"({SMALLEST_EFFECTIVE:.0f} wanted)"
                )
        if self.divergences:
            found.append(f"{self.group}: {self.divergences} divergent transitions")
        for name, share in self.checks.items():
            if not 0.01 <= share <= 0.99:
                found.append(
                    f"{self.group}: the model does not reproduce the {name} of the data (p {share:.3f})"
                )
        return found

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, rounded to what they are worth."""
        return {
            "group": self.group,
            "model": self.model,
            "method": self.method,
            "observations": {"from": self.first, "to": self.last, "n": self.n},
            "parameters": {
                one.name: {
                    "meaning": one.meaning,
                    "unit": one.unit,
                    **{key: round_to(getattr(one, key)) for key in ("mean", "sd", "p05", "p50", "p95")},
                    "rhat": None if one.rhat is None else round(one.rhat, 4),
                    "effective_draws": None if one.effective is None else round(one.effective),
                }
                for one in self.parameters
            },
            "diagnostics": {
                "chains": self.chains,
                "draws": self.draws,
                "divergences": self.divergences,
                "predictive_checks": {name: round(share, 3) for name, share in self.checks.items()},
                "problems": self.problems(),
            },
        }


def round_to(value: float, digits: int = 4) -> float:
    """A number with `digits` significant digits."""
    return float(f"{value:.{digits}g}")


def split_rhat(chains: Array) -> float:
    """R-hat of split chains, shape (chains, draws): 1 where all halves agree (Gelman et al. 2013)."""
    half = chains.shape[1] // 2
    parts = np.concatenate([chains[:, :half], chains[:, half : 2 * half]])
    within = float(parts.var(axis=1, ddof=1).mean())
    between = half * float(parts.mean(axis=1).var(ddof=1))
    if within == 0:
        return 1.0
    return float(np.sqrt(((half - 1) / half * within + between / half) / within))


def effective_size(chains: Array) -> float:
    """Effective number of draws over all chains, Geyer's initial positive sequence; shape (chains, draws)."""
    count, length = chains.shape
    centred = chains - chains.mean(axis=1, keepdims=True)
    size = 2 ** int(np.ceil(np.log2(2 * length)))
    power = np.abs(np.fft.rfft(centred, size, axis=1)) ** 2
    covariance = np.fft.irfft(power, size, axis=1)[:, :length].mean(axis=0) / length
    within = float(chains.var(axis=1, ddof=1).mean())
    between = float(chains.mean(axis=1).var(ddof=1)) if count > 1 else 0.0
    total = (length - 1) / length * within + between
    if total == 0:
        return float(count * length)
    rho = 1 - (within - covariance) / total
    rho[0] = 1.0
    tau, lag = -1.0, 0
    while lag + 1 < length and rho[lag] + rho[lag + 1] > 0:
        tau += 2 * (rho[lag] + rho[lag + 1])
        lag += 2
    return float(min(count * length / max(tau, 1e-9), count * length * np.log10(count * length)))


def summarise_draws(name: str, unit: str, meaning: str, chains: Array) -> Parameter:
    """Parameter from draws of shape (chains, draws)."""
    flat = chains.ravel()
    low, middle, high = (float(v) for v in np.quantile(flat, [0.05, 0.5, 0.95]))
    return Parameter(
        name,
        unit,
        meaning,
        float(flat.mean()),
        float(flat.std(ddof=1)),
        low,
        middle,
        high,
        split_rhat(chains),
        effective_size(chains),
    )


def write_fits(path: Path, target: str, fits: list[Fit], sources: list[str], train_until: str | None) -> None:
    """Write fits as YAML, readable without this program."""
    import yaml

    content = {
        "format": 1,
        "target": target,
        "train_until": train_until,
        "data": sources,
        "intervals": "p05, p50 and p95 are quantiles of the posterior",
        "fits": [fit.to_json() for fit in fits],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110))
