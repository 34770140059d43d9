"""Published figures beside what the reference option gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from excomm.case.model import Case, PlausibilityBand
from excomm.engine.run import Plausibility
from excomm.quantities import OUTCOMES

__all__ = ["NOISE_LIMIT", "check", "choice_noise", "compare_with_bands"]

Floats = np.ndarray[Any, Any]
NOISE_LIMIT = 0.05  # largest share of nuclear use that may be noise in choice: a rule of the model
NOISE, USE = "nuclear_noise_probability", "nuclear_use_probability"


def _statistic(band: PlausibilityBand, series: Floats) -> Floats:
    first, last = band.weeks
    span = series[first - 1 : last]
    if band.statistic == "sum":
        return np.asarray(span.sum(axis=0))
    return np.asarray(span[-1] if band.statistic == "end" else span.mean(axis=0))


def choice_noise(outcomes: dict[str, Floats]) -> Plausibility | None:
    """Share of nuclear use that comes from noise in the moves, in the option with the largest; None if not split.

    outcomes: id -> (options, draws, replicates). Noise is no cause of nuclear war: where it is more than a
    twentieth of it, the sharpness of choice or the payoffs are wrong, and the numbers must not be used.
    """
    if NOISE not in outcomes:
        return None
    noise, use = (outcomes[name].mean(axis=(1, 2)) for name in (NOISE, USE))
    share = np.where(use > 0, noise / np.maximum(use, 1e-30), 0.0)
    by_draw = outcomes[NOISE].mean(axis=2) / np.maximum(outcomes[USE].mean(axis=2), 1e-30)
    worst = int(np.argmax(share))
    low, high = (float(x) for x in np.quantile(by_draw[worst], (0.05, 0.95)))
    return Plausibility(
        id="nuclear-choice-noise",
        text="Share of nuclear use that is noise in choice, largest of the options",
        value=float(share[worst]),
        p05=low,
        p95=high,
        low=0.0,
        high=NOISE_LIMIT,
        unit="share",
        ok=bool(share[worst] <= NOISE_LIMIT),
        source="rule of the model",
    )


def compare_with_bands(
    case: Case, outcomes: dict[str, Floats], weekly: dict[str, Floats], reference: int
) -> tuple[Plausibility, ...]:
    """Hold the reference option against every band of the case.

    outcomes: id -> (options, draws, replicates); weekly: id -> (weeks, options, draws, replicates). A band is met
    where the median over draws and replicates lies within it. The rule on noise in choice comes last.
    """
    results = []
    for band in case.plausibility:
        if band.quantity in OUTCOMES:
            values = outcomes[band.quantity][reference]
        else:
            values = _statistic(band, weekly[band.quantity][:, reference])
        p05, median, p95 = (float(x) for x in np.quantile(values, (0.05, 0.5, 0.95)))
        results.append(
            Plausibility(
                id=band.id,
                text=band.text,
                value=median,
                p05=p05,
                p95=p95,
                low=band.low,
                high=band.high,
                unit=band.unit,
                ok=bool(band.low <= median <= band.high),
                source=band.source,
            )
        )
    noise = choice_noise(outcomes)
    return (*results, noise) if noise else tuple(results)


def check(case: Case) -> list[dict[str, Any]]:
    """Run the reference option of a case on a few draws and hold it against the bands; shape as in `check`."""
    from excomm.pipeline.assess import assess
    from excomm.pipeline.shapes import plausibility_shape

    run = assess(case, options=[case.reference.id], draws=128, replicates=8, store=False)
    return plausibility_shape(run.plausibility)
