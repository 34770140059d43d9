"""A statement held against a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Held"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Held:
    """A statement held against a run.

    target: outcome, parameter, proposition or `record`; holds: (draws,), probability that the statement holds in
    each draw, None for what is no quantity of the draws; probability with its interval: over draws for an event,
    of Monte Carlo otherwise; values: (draws,), the quantity itself, and noise: its replicate variance of the mean.
    statement: what was checked, in words. granted: (draws,), the outcome as it would have to be for the statement to
    hold in every draw. settled: whether the ledger settles the matter. region: limits of a parameter within which
    the statement holds.
    """

    target: str
    option: str | None
    holds: Floats | None
    probability: float
    p05: float
    p95: float
    is_event: bool
    values: Floats | None
    noise: Floats | None
    unit: str
    statement: str
    source: str
    grade: str | None
    region: tuple[float, float] | None = None
    settled: bool | None = None
    granted: Floats | None = None
