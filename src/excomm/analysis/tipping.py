"""Where does a preference turn? Values of one parameter, and of two, at which one option overtakes another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from excomm.analysis.samples import Floats, checked_ids, finite, resample_counts, weighted_quantile
from excomm.analysis.smoothing import basis, default_terms, smooth_many, smooth_one
from excomm.analysis.wording import number, percent
from excomm.errors import TooFewDraws, UsageError

__all__ = ["TippingMap", "TippingPoint", "tipping_map", "tipping_points"]


@dataclass(frozen=True, eq=False)
class TippingPoint:
    """Value of a parameter at which the expected difference of two options changes sign.

    value: None where the preference does not turn within the draws; low, high: 90% interval, None where it
    reaches beyond the draws. direction: "above" if the option is preferred above the value. preferred_share:
    share of draws on the option's side. repeated: share of bootstrap resamples that would state a turn, or none,
    as these draws do. curve: sorted parameter values and expected difference (option minus
    reference, more is better) with its 90% band, shape (points, 4).
    """

    parameter: str
    unit: str
    option: str
    reference: str
    value: float | None
    low: float | None
    high: float | None
    direction: Literal["above", "below"] | None
    preferred_share: float
    repeated: float
    others: tuple[float, ...]
    curve: Floats

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        if self.value is None:
            lead = self.option if self.preferred_share > 0.5 else self.reference
            return (
                f"No value of {self.parameter} within the draws reliably turns the preference; {lead} leads."
            )
        value = f"{number(self.value)} {self.unit}".strip()
        ends = (
            f"{'below the range of the draws' if self.low is None else number(self.low)} to "
            f"{'beyond it' if self.high is None else number(self.high)}"
        )
        more = " It turns more than once." if self.others else ""
        return (
            f"{self.option} is preferred to {self.reference} where {self.parameter} is {self.direction} {value} "
            f"(90% interval {ends}), which holds in {percent(self.preferred_share)} of draws.{more}"
        )


def tipping_points(
    parameters: ArrayLike,
    difference: ArrayLike,
    ids: Sequence[str],
    *,
    option: str = "the option",
    reference: str = "the reference",
    units: Sequence[str] | None = None,
    resamples: int = 300,
    seed: int = 0,
) -> tuple[TippingPoint, ...]:
    """Tipping points of each parameter of (draws, parameters) for a difference (draws,), more being better.

    The expected difference given one parameter is a curve through the draws, the others varying as they do.
    A turn is stated only where the curve is clearly above 0 on one side and clearly below on the other (90%
    band over all points of the curve, from a paired bootstrap); a parameter that does nothing has none.
    """
    inputs, gain = finite(parameters, "parameters", 2), finite(difference, "difference", 1)
    names = checked_ids(ids, inputs.shape[1], "parameters")
    if len(gain) != len(inputs):
        raise UsageError(
            f"{len(inputs)} draws of parameters, {len(gain)} differences", expected="the same draws"
        )
    if len(gain) < 50:
        raise TooFewDraws(len(gain), "for a curve", 50)
    labels = [""] * len(names) if units is None else list(units)
    counts = resample_counts(len(gain), resamples, seed, "tipping")
    return tuple(
        _tipping_point(inputs[:, place], gain, counts, name, labels[place], option, reference)
        for place, name in enumerate(names)
    )


def _tipping_point(
    column: Floats, gain: Floats, counts: Floats, name: str, unit: str, option: str, reference: str
) -> TippingPoint:
    whole = basis(column, default_terms(len(gain)))
    # Three terms more than predict best: less bias, so that the intervals cover.
    terms = smooth_one(whole, gain[None]).directions.shape[1]
    kept = whole[:, : terms + 3]
    points = np.unique(np.quantile(column, np.linspace(0.01, 0.99, 99), method="nearest"))
    first = np.array([int(np.argmax(column == point)) for point in points])
    curves = _resampled_curves(kept, gain, counts, first)
    design = np.column_stack([np.ones(len(gain)), kept * np.sqrt(len(gain))])
    curve = design[first] @ (design.T @ gain / len(gain))
    error = np.maximum(curves.std(axis=0, ddof=1), 1e-300)
    reach = max(float(np.quantile((np.abs(curves - curve) / error).max(axis=1), 0.9)), float(norm.ppf(0.95)))
    band = np.column_stack([points, curve, curve - reach * error, curve + reach * error])
    roots = _crossings(points, curve)
    clear = bool((band[:, 2] > 0).any() and (band[:, 3] < 0).any())
    preferred = float((gain > 0).mean())
    turns = (curves - reach * error > 0).any(axis=1) & (curves + reach * error < 0).any(axis=1)
    if not clear or not roots:
        again = 1.0 - float(turns.mean())
        return TippingPoint(name, unit, option, reference, None, None, None, None, preferred, again, (), band)
    solid = [root for root in roots if _is_solid(root, band)] or roots
    value, rising = min(solid, key=lambda root: abs(float((column > root[0]).mean()) - 0.5))
    spread = np.array([_nearest(points, one, value, rising) for one in curves])
    low, high = weighted_quantile(spread, 0.05), weighted_quantile(spread, 0.95)
    side = column > value if rising else column < value
    return TippingPoint(
        parameter=name,
        unit=unit,
        option=option,
        reference=reference,
        value=value,
        low=low if np.isfinite(low) else None,
        high=high if np.isfinite(high) else None,
        direction="above" if rising else "below",
        preferred_share=float(side.mean()),
        repeated=float(turns.mean()),
        others=tuple(root for root, _ in solid if root != value),
        curve=band,
    )


def _resampled_curves(kept: Floats, gain: Floats, counts: Floats, places: Any) -> Floats:
    """The curve at some draws, refitted to each bootstrap resample, shape (resamples, places)."""
    draws = len(gain)
    design = np.column_stack([np.ones(draws), kept * np.sqrt(draws)])
    terms = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(draws, -1)
    gram = (counts @ products).reshape(-1, terms, terms) / draws + 1e-10 * np.eye(terms)
    target = counts @ (design * gain[:, None]) / draws
    return np.asarray(np.linalg.solve(gram, target[:, :, None])[:, :, 0] @ design[places].T)


def _crossings(points: Floats, curve: Floats) -> list[tuple[float, bool]]:
    """Places where a curve crosses 0, and whether it rises there."""
    found = []
    for at in np.flatnonzero(np.signbit(curve[:-1]) != np.signbit(curve[1:])):
        step = curve[at] / (curve[at] - curve[at + 1])
        found.append(
            (float(points[at] + step * (points[at + 1] - points[at])), bool(curve[at + 1] > curve[at]))
        )
    return found


def _is_solid(root: tuple[float, bool], band: Floats) -> bool:
    """Is the band clear of 0 somewhere on both sides, with the signs that the crossing says?"""
    before, after = band[band[:, 0] <= root[0]], band[band[:, 0] > root[0]]
    if root[1]:
        return bool((before[:, 3] < 0).any() and (after[:, 2] > 0).any())
    return bool((before[:, 2] > 0).any() and (after[:, 3] < 0).any())


def _nearest(points: Floats, curve: Floats, value: float, rising: bool) -> float:
    """The crossing of the same kind nearest to `value`; minus or plus infinity if it lies beyond the draws."""
    same = [root for root, up in _crossings(points, curve) if up == rising]
    if same:
        return min(same, key=lambda root: abs(root - value))
    above = bool(curve.mean() > 0)
    return -np.inf if above == rising else np.inf


@dataclass(frozen=True, eq=False)
class TippingMap:
    """Expected difference over two parameters, for a map of who leads where.

    first, second: grid values (points,); difference: (points of first, points of second), option minus
    reference, more being better; error: its standard error. Cells without draws nearby are not a number.
    """

    parameters: tuple[str, str]
    option: str
    reference: str
    first: Floats
    second: Floats
    difference: Floats
    error: Floats

    @property
    def clear_share(self) -> tuple[float, float, float]:
        """Shares of the map where the option clearly leads, the reference clearly leads, neither (90%)."""
        known = np.isfinite(self.difference)
        score = self.difference[known] / np.maximum(self.error[known], 1e-300)
        limit = float(norm.ppf(0.95))
        ahead, behind = float((score > limit).mean()), float((score < -limit).mean())
        return ahead, behind, 1 - ahead - behind

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        ahead, behind, neither = self.clear_share
        return (
            f"Over the range of {self.parameters[0]} and {self.parameters[1]}, {self.option} clearly leads in "
            f"{100 * ahead:.0f}% of the map, {self.reference} in {100 * behind:.0f}%, and in "
            f"{100 * neither:.0f}% the draws do not tell."
        )


def tipping_map(
    parameters: ArrayLike,
    difference: ArrayLike,
    ids: Sequence[str],
    *,
    option: str = "the option",
    reference: str = "the reference",
    points: int = 25,
) -> TippingMap:
    """Map of the expected difference over two parameters (draws, 2), by curves and their products.

    Grid values are quantiles (2% to 98%), so that equal areas of the map hold equally many draws; the surface
    is read at the draws nearest to each grid point.
    """
    inputs, gain = finite(parameters, "parameters", 2), finite(difference, "difference", 1)
    names = checked_ids(ids, inputs.shape[1], "parameters")
    if len(names) != 2:
        raise UsageError(f"{len(names)} parameters for a map", expected="2")
    draws = len(gain)
    fit = smooth_many(inputs, gain[None], pairs=True)
    smoother, fitted = fit.smoother, fit.smoother.fit(gain)
    noise = float(((gain - fitted) ** 2).sum() / max(draws - 1 - smoother.freedom, 1))
    error = np.sqrt(
        noise
        * (1 / draws + (smoother.directions * smoother.shrinkage) ** 2 @ np.ones(len(smoother.shrinkage)))
    )
    levels = np.linspace(0.02, 0.98, points)
    ranks = (np.argsort(np.argsort(inputs, axis=0), axis=0) + 0.5) / draws
    centre = np.stack(np.meshgrid(levels, levels, indexing="ij"), axis=-1).reshape(-1, 2)
    width = max(0.5 / points, 0.7 / np.sqrt(draws))
    weight = np.exp(-0.5 * ((centre[:, None, :] - ranks[None]) ** 2).sum(axis=2) / width**2)
    mass = weight.sum(axis=1)
    known = mass > 0.5
    surface = np.where(known, weight @ fitted / np.maximum(mass, 1e-300), np.nan)
    spread = np.where(known, weight @ error / np.maximum(mass, 1e-300), np.nan)
    first, second = np.quantile(inputs, levels, axis=0).T
    return TippingMap(
        (names[0], names[1]),
        option,
        reference,
        first,
        second,
        surface.reshape(points, points),
        spread.reshape(points, points),
    )
