"""Published figures beside what the reference option gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from excomm.case.model import Case, PlausibilityBand
from excomm.engine.run import Plausibility
from excomm.quantities import OUTCOMES

__all__ = ["check", "compare_with_bands"]

Floats = np.ndarray[Any, Any]


def _statistic(band: PlausibilityBand, series: Floats) -> Floats:
    first, last = band.weeks
    span = series[first - 1 : last]
    if band.statistic == "sum":
        return np.asarray(span.sum(axis=0))
    return np.asarray(span[-1] if band.statistic == "end" else span.mean(axis=0))


def compare_with_bands(
    case: Case, outcomes: dict[str, Floats], weekly: dict[str, Floats], reference: int
) -> tuple[Plausibility, ...]:
    """Hold the reference option against every band of the case.

    outcomes: id -> (options, draws, replicates); weekly: id -> (weeks, options, draws, replicates). A band is met
    where the median over draws and replicates lies within it.
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
    return tuple(results)


def check(case: Case) -> list[dict[str, Any]]:
    """Run the reference option of a case on a few draws and hold it against the bands; shape as in `check`."""
    from excomm.pipeline.assess import assess
    from excomm.pipeline.shapes import plausibility_shape

    run = assess(case, options=[case.reference.id], draws=128, replicates=8, store=False)
    return plausibility_shape(run.plausibility)
