"""Conversions between rates and probabilities over different spans of time.

Probabilities assume a constant hazard within the span: p = 1 - exp(-hazard * time).
"""

from __future__ import annotations

import math

__all__ = [
    "DAYS_PER_WEEK",
    "WEEKS_PER_MONTH",
    "WEEKS_PER_YEAR",
    "hazard_from_probability",
    "probability_from_hazard",
    "weekly_probability",
]

DAYS_PER_WEEK = 7.0
WEEKS_PER_YEAR = 365.25 / 7.0
WEEKS_PER_MONTH = WEEKS_PER_YEAR / 12.0


def hazard_from_probability(probability: float, weeks: float) -> float:
    """Constant weekly hazard [1/week] that gives `probability` (0 <= p < 1) within `weeks`."""
    if not 0.0 <= probability < 1.0:
        raise ValueError(f"a probability below 1 is needed, not {probability}")
    if weeks <= 0:
        raise ValueError(f"a positive span of weeks is needed, not {weeks}")
    return -math.log1p(-probability) / weeks


def probability_from_hazard(hazard: float, weeks: float) -> float:
    """Probability of at least one event within `weeks` under a constant weekly hazard [1/week]."""
    return -math.expm1(-hazard * weeks)


def weekly_probability(probability: float, weeks: float) -> float:
    """Probability within one week that compounds to `probability` within `weeks`."""
    return probability_from_hazard(hazard_from_probability(probability, weeks), 1.0)
