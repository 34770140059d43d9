"""Do several seeds say the same? Agreement of weight regions, leading drivers and tipping points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from excomm.analysis.wording import joined
from excomm.errors import UsageError

__all__ = ["SeedFindings", "Stability", "compare_seeds"]


@dataclass(frozen=True)
class SeedFindings:
    """What one seed found: share of weights by option, leading drivers, tipping points with their intervals."""

    seed: int
    weight_shares: Mapping[str, float]
    drivers: tuple[str, ...]
    tipping: Mapping[str, tuple[float | None, float | None, float | None]]


@dataclass(frozen=True)
class Stability:
    """Agreement over seeds. spread: largest difference of a weight share; moved: what does not agree."""

    seeds: tuple[int, ...]
    spread: float
    tolerance: float
    drivers: tuple[tuple[str, ...], ...]
    moved: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Do all seeds agree?"""
        return not self.moved

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        seeds = joined([str(seed) for seed in self.seeds])
        if self.agrees:
            return (
                f"Seeds {seeds} agree on the leading drivers, the tipping points and the weight regions (shares "
                f"within {100 * self.spread:.0f} points)."
            )
        return f"Seeds {seeds} do not agree on {joined(self.moved)}: more draws are needed to settle it."


def compare_seeds(findings: Sequence[SeedFindings], *, tolerance: float = 0.05) -> Stability:
    """Compare seeds: weight shares within `tolerance`, the same set of drivers, tipping points that overlap.

    Tipping points agree where all seeds find one or none does, and each lies in the others' intervals.
    """
    if len(findings) < 2:
        raise UsageError("one seed cannot disagree", expected="findings of two seeds or more")
    options = sorted({name for one in findings for name in one.weight_shares})
    shares = np.array([[one.weight_shares.get(name, 0.0) for name in options] for one in findings])
    spread = float(np.ptp(shares, axis=0).max()) if options else 0.0
    moved = []
    if spread > tolerance:
        place = int(np.argmax(np.ptp(shares, axis=0)))
        moved.append(f"the weight region of {options[place]} ({100 * spread:.0f} points apart)")
    if len({frozenset(one.drivers) for one in findings}) > 1:
        moved.append("the leading drivers")
    for name in sorted({name for one in findings for name in one.tipping}):
        found = [one.tipping.get(name, (None, None, None)) for one in findings]
        values = [value for value, _, _ in found if value is not None]
        if not values:
            continue
        if len(values) < len(found) or not all(_within(value, found) for value in values):
            moved.append(f"the tipping point of {name}")
    return Stability(
        tuple(one.seed for one in findings),
        spread,
        tolerance,
        tuple(one.drivers for one in findings),
        tuple(moved),
    )


def _within(value: float, found: Sequence[tuple[float | None, float | None, float | None]]) -> bool:
    return all((low is None or low <= value) and (high is None or value <= high) for _, low, high in found)
