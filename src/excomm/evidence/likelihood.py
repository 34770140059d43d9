"""Likelihood ratios of single claims, and how origins combine. Plain functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "best_prefix",
    "combine",
    "discount",
    "effective_number",
    "likelihood_ratio",
    "log_odds",
    "probability",
]

Array = NDArray[np.float64]


def likelihood_ratio(stated: float, hit: float, false_alarm: float) -> float:
    """LR = (p h + (1-p) f) / (p f + (1-p) h) of an assertion made with stated probability p.

    hit h = P(asserts | true), false_alarm f = P(asserts | false). p = 1/2 gives 1, and LR(1-p) = 1 / LR(p).
    """
    return (stated * hit + (1 - stated) * false_alarm) / (stated * false_alarm + (1 - stated) * hit)


def discount(hit: float, false_alarm: float, weight: float) -> float:
    """False-alarm rate of a party in its own interest: f' = f + w (h - f); w = 1 makes it worthless."""
    return false_alarm + weight * (hit - false_alarm)


def effective_number(count: int, rho: float) -> float:
    """n / (1 + (n-1) rho): number of independent origins that n origins with mean dependence rho are worth."""
    return count / (1 + (count - 1) * rho) if count else 0.0


def combine(log_ratios: Sequence[float], rho: float, cap: float = 4.6) -> float:
    """Mean log likelihood ratio times the effective number of origins, within +-cap."""
    if not log_ratios:
        return 0.0
    total = math.fsum(log_ratios) / len(log_ratios) * effective_number(len(log_ratios), rho)
    return max(-cap, min(cap, total))


def best_prefix(log_ratios: Sequence[float], rho: float) -> int:
    """How many of the ratios (same sign, strongest first) to keep so that a weaker one never lowers the total."""
    if not log_ratios:
        return 0
    count = np.arange(1, len(log_ratios) + 1)
    totals = np.abs(np.cumsum(np.asarray(log_ratios))) / (1 + (count - 1) * rho)
    return int(np.argmax(totals > totals.max() * (1 - 1e-12))) + 1


def log_odds(value: float) -> float:
    """ln(p / (1-p)) with p kept within 1e-9 of the ends."""
    inside = min(1 - 1e-9, max(1e-9, value))
    return math.log(inside / (1 - inside))


def probability(odds: float) -> float:
    """Inverse of `log_odds`."""
    return 1 / (1 + math.exp(-odds)) if odds >= 0 else math.exp(odds) / (1 + math.exp(odds))
