"""Numbers as people read them: as many digits as they deserve, rare events in natural frequencies."""

from __future__ import annotations

import math

from excomm.quantities import Outcome

__all__ = ["frequency_text", "interval_text", "number_text", "outcome_text"]


def number_text(value: float, spread: float | None = None) -> str:
    """A number with two or three significant digits, or as many as its `spread` allows; 12,300 and 0.034."""
    if value is None or math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    scale = abs(spread) if spread else abs(value) / 10
    exponent = math.floor(math.log10(max(scale, abs(value) * 1e-3, 1e-300)))
    digits = max(-exponent, 0)
    rounded = round(value, -exponent)
    if rounded == 0:
        return "0"
    text = f"{rounded:,.{min(digits, 12)}f}"
    return text.replace("-", "−")


def frequency_text(probability: float) -> str:
    """A small probability as a natural frequency ("3 in 1,000"), a larger one as a percentage."""
    if math.isnan(probability):
        return "–"
    if probability <= 0:
        return "0"
    if probability >= 0.10:
        return f"{probability:.0%}"
    for base in (100, 1_000, 10_000, 100_000, 1_000_000):
        count = probability * base
        if count >= 0.95:
            shown = f"{count:.0f}" if count >= 2.95 else f"{count:.1f}".removesuffix(".0")
            return f"{shown} in {base:,}"
    return "under 1 in 1,000,000"


def _same_base(values: tuple[float, float, float]) -> tuple[str, str, str]:
    """Three small probabilities over one base, chosen by the first."""
    middle = max(values[0], 1e-9)
    base = next(
        (base for base in (100, 1_000, 10_000, 100_000, 1_000_000) if middle * base >= 0.95), 1_000_000
    )

    def count(value: float) -> str:
        amount = value * base
        if amount >= 9.5:
            return f"{amount:,.0f}"
        return f"{amount:.1f}".removesuffix(".0") if amount >= 0.05 else "0"

    return f"{count(values[0])} in {base:,}", count(values[1]), count(values[2])


def outcome_text(outcome: Outcome, value: float) -> str:
    """One value of an outcome, without its unit."""
    if outcome.kind == "probability":
        return frequency_text(value) if outcome.rare else f"{value:.0%}"
    if outcome.kind == "share":
        return f"{value:.0%}" if value >= 0.1 or value == 0 else f"{value:.1%}"
    return number_text(value)


def interval_text(outcome: Outcome, mean: float, p05: float, p95: float) -> str:
    """Mean and 90 % interval of an outcome, without its unit: "12,300 (9,800 to 15,100)"."""
    if outcome.rare and max(mean, p95) < 0.10 and mean > 0:
        middle, low, high = _same_base((mean, p05, p95))
        return f"{middle} ({low} to {high})"
    if outcome.kind in ("probability", "share"):
        if outcome.rare and mean < 0.1:
            return f"{frequency_text(mean)} ({frequency_text(p05)} to {frequency_text(p95)})"
        return f"{outcome_text(outcome, mean)} ({outcome_text(outcome, p05)} to {outcome_text(outcome, p95)})"
    # Two significant digits of the interval's width.
    width = abs(p95 - p05) / 20 or None
    return f"{number_text(mean, width)} ({number_text(p05, width)} to {number_text(p95, width)})"
