"""Public estimates of rare events: conversion between spans, pooling, and what a count without an event says.

Experts and forecasters give the probability of nuclear use for spans and definitions that differ. They are put on
one span by constant hazard and pooled by the mean of their log-odds (the geometric mean of the odds); the spread
between them is kept, because it is most of what is known. Limits: the sample of estimates is small and its members
have read each other; a pooled number alone would mislead, so the range comes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import expit, logit

__all__ = ["Pool", "event_rate", "extremise", "over_span", "pool"]


@dataclass(frozen=True)
class Pool:
    """Pooled probability with the range that goes with it.

    low, high: central 90 % range of one further estimate like these, on the log-odds scale.
    """

    probability: float
    low: float
    high: float
    number: int


def over_span(probability: float, span: float, *, to: float) -> float:
    """A probability over `span` as one over `to` (same unit of time), with a constant hazard in between."""
    if not 0.0 <= probability < 1.0 or span <= 0.0 or to < 0.0:
        raise ValueError(f"a probability in [0, 1) over a positive span, not {probability} over {span}")
    return float(-np.expm1(np.log1p(-probability) * to / span))


def pool(probabilities: Sequence[float]) -> Pool:
    """Mean of the log-odds and the range of a further estimate (Student's t, so few estimates give a wide one)."""
    values = logit(np.asarray(probabilities, dtype=float))
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError("pooling needs at least one probability strictly between 0 and 1")
    centre = float(values.mean())
    if values.size == 1:
        return Pool(float(expit(centre)), 0.0, 1.0, 1)
    spread = float(values.std(ddof=1)) * np.sqrt(1.0 + 1.0 / values.size)
    reach = float(stats.t.ppf(0.95, values.size - 1)) * spread
    return Pool(float(expit(centre)), float(expit(centre - reach)), float(expit(centre + reach)), values.size)


def extremise(probabilities: Sequence[float], factor: float, *, base_rate: float = 0.5) -> float:
    """Pooled log-odds moved away from those of the base rate by a factor.

    With the usual base rate of one half a rare event all but vanishes: state the base rate of its class.
    """
    anchor = float(logit(base_rate))
    return float(expit(anchor + factor * (float(logit(np.asarray(probabilities)).mean()) - anchor)))


def event_rate(trials: float, events: int) -> tuple[float, float, float]:
    """5 %, 50 % and 95 % point of a probability per trial after `events` in `trials` (Jeffreys' prior)."""
    law = stats.beta(events + 0.5, trials - events + 0.5)
    low, middle, high = (float(x) for x in law.ppf([0.05, 0.5, 0.95]))
    return low, middle, high
