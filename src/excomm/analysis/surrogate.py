"""A surrogate of a run: what its outcomes would be if a few parameters were known, without running again.

Each outcome of each option is regressed on the parameters over the draws that the run already has: second-order
polynomials of the parameters that matter most (the levers), straight lines of the next ones, shrunk by ridge
regression whose strength is chosen by leaving one draw out. Setting levers shifts every draw by the difference of
the fit at its own values and at those set, so that what the fit leaves unexplained stays with the draw, and nothing
moves where nothing is set. Errors of the shift follow from the same regression with the left-out error as its noise.

Limits: within the range that the draws cover, alone and together; smooth effects; means over replicates. It is an
approximation, says how good it is, and answers nothing outside its range.
Source: ridge regression as a Gaussian posterior, and left-out residuals from the hat matrix (Hastie, Tibshirani and
Friedman 2009, The Elements of Statistical Learning, sections 3.4.1 and 7.10).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Literal

import numpy as np

from excomm.analysis.given_data import first_order, prepare
from excomm.analysis.samples import Floats, checked_ids, finite
from excomm.errors import TooFewDraws, UsageError

__all__ = ["Fit", "Lever", "Prediction", "Surrogate", "fit_surrogate"]

Kind = Literal["amount", "share", "probability"]

# Prior standard deviations of the terms against a straight line, and strengths of the shrinkage tried, per draw:
# judgement; the strength itself is chosen by the left-out error.
_CURVED, _JOINT = 0.5, 0.35
_STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_RANGE_STRENGTH = 0.01
_ENDS = (0.01, 0.99)
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Lever:
    """A parameter that can be set, within the range that the draws cover (1 to 99 %).

    options: those that draw it alike; where options state different priors, each group has a lever of its own, and
    only the largest goes by the name of the parameter alone (`aid.level`, `reduced-support/aid.level`).
    scale: centre and spread of the scores, on the logarithm where `is_log`. share: sum over the outcomes of its
    largest first-order share, by which levers are ranked.
    """

    id: str
    parameter: str
    options: tuple[str, ...]
    low: float
    high: float
    is_log: bool
    centre: float
    spread: float
    share: float

    def score(self, value: Any) -> Any:
        """Standard score of a value, or of an array of values."""
        return (
            (np.log(value) if self.is_log else np.asarray(value, dtype=float)) - self.centre
        ) / self.spread


@dataclass(frozen=True, eq=False)
class Design:
    """Regression design of an option: scores of its levers (draws, levers), 0 where a lever does not act.

    weights: (terms,), scale of each lever term; loadings: (terms, rank) and squares (rank,) give the posterior
    covariance for any strength; limit: largest reach of a draw, beyond which settings are refused.
    """

    scores: Floats
    weights: Floats
    loadings: Floats
    squares: Floats
    limit: float


@dataclass(frozen=True, eq=False)
class Fit:
    """One outcome of one option: amounts (draws,), its transform, coefficients of the lever terms.

    error: left-out error of one draw [unit of the outcome]; explained: left-out share of the variance over draws
    (below 0: no better than the mean); noise: left-out variance on the transformed scale.
    """

    amounts: Floats
    transform: Literal["identity", "log", "logit"]
    offset: float
    coefficients: Floats
    strength: float
    noise: float
    error: float
    explained: float


@dataclass(frozen=True, eq=False)
class Prediction:
    """An outcome of an option at the settings: its draws (draws,), their mean, and the 90 % error of the mean."""

    draws: Floats
    mean: float
    change: float
    error: float


@dataclass(frozen=True, eq=False)
class Surrogate:
    """Levers, designs by option, fits by (outcome, option). Numbers in the units of parameters and outcomes."""

    options: tuple[str, ...]
    outcomes: tuple[str, ...]
    levers: tuple[Lever, ...]
    designs: Mapping[str, Design] = field(repr=False)
    fits: Mapping[tuple[str, str], Fit] = field(repr=False)

    def predict(self, settings: Mapping[str, float]) -> dict[tuple[str, str], Prediction]:
        """Outcomes by (outcome, option) with some levers set. Raises UsageError outside the range of the draws."""
        places = {lever.id: place for place, lever in enumerate(self.levers)}
        unknown = [name for name in settings if name not in places]
        if unknown:
            raise UsageError(f"{unknown[0]!r} is no lever of this run", expected=", ".join(places))
        for name, value in settings.items():
            lever = self.levers[places[name]]
            if (
                not lever.low * (1 - _SAME * np.sign(lever.low))
                <= value
                <= lever.high + abs(lever.high) * _SAME
            ):
                raise UsageError(
                    f"{value:g} lies outside what the run has drawn for {name}",
                    expected=f"{lever.low:.6g} to {lever.high:.6g}",
                    next_step="Choose a value in the range, or run the model at this setting.",
                )
        found: dict[tuple[str, str], Prediction] = {}
        for option in self.options:
            design = self.designs[option]
            moved = design.scores.copy()
            for name, value in settings.items():
                if option in self.levers[places[name]].options:
                    moved[:, places[name]] = self.levers[places[name]].score(value)
            shift = _terms(moved) - _terms(design.scores)
            if _reach(design, shift.mean(axis=0)) > design.limit:
                raise UsageError(
                    "these settings together lie outside what the run has drawn",
                    expected="settings of which at most a few are extreme at the same time",
                    next_step="Move a lever back, or run the model at these settings.",
                )
            for outcome in self.outcomes:
                found[outcome, option] = _predicted(self.fits[outcome, option], design, shift)
        return found


def fit_surrogate(
    parameters: Mapping[str, Any],
    outcomes: Mapping[str, Any],
    options: Sequence[str],
    *,
    kinds: Mapping[str, Kind],
    ranked_by: Collection[str] | None = None,
    settable: Collection[str] | None = None,
    levers: int = 10,
    others: int = 20,
) -> Surrogate:
    """Fit a surrogate to the draws of a run.

    Parameters
    ----------
    parameters, outcomes: id -> array (options, draws); outcomes are means over replicates.
    kinds: what each outcome is; probabilities and positive amounts are fitted on a logit or logarithm.
    ranked_by: outcomes whose drivers become levers, all by default. settable: parameters that may be levers.
    levers, others: number of levers, and of further parameters that enter by a straight line.
    """
    inputs = {name: finite(values, name, 2) for name, values in parameters.items()}
    amounts = {name: finite(values, name, 2) for name, values in outcomes.items()}
    names = checked_ids(options, next(iter(inputs.values())).shape[0], "options")
    if (draws := next(iter(inputs.values())).shape[1]) < 8:
        raise TooFewDraws(draws, "for a surrogate", 8)
    ranked = _ranked(inputs, {name: amounts[name] for name in (ranked_by or amounts)}, names)
    chosen = [each for each in ranked if settable is None or each[0] in settable][:levers]
    beside = [each for each in ranked if each not in chosen][:others]
    largest = {name: max(groups, key=len) for name, groups in _groups(inputs, names).items()}
    made = tuple(
        _lever(name, group, share, inputs, names, is_largest=group == largest[name])
        for name, group, share in chosen
    )
    designs: dict[str, Design] = {}
    projections: dict[str, tuple[Floats, Floats]] = {}
    for place, option in enumerate(names):
        scores = np.zeros((next(iter(inputs.values())).shape[1], len(made)))
        for column, lever in enumerate(made):
            if option in lever.options:
                scores[:, column] = lever.score(inputs[lever.parameter][place])
        straight = [inputs[name][place] for name, group, _ in beside if option in group]
        designs[option], projections[option] = _design(scores, straight)
    fits = {
        (outcome, option): _fit(values[place], kinds[outcome], designs[option], *projections[option])
        for outcome, values in amounts.items()
        for place, option in enumerate(names)
    }
    return Surrogate(names, tuple(amounts), made, designs, fits)


def _groups(inputs: Mapping[str, Floats], options: Sequence[str]) -> dict[str, list[tuple[str, ...]]]:
    """Options that draw a parameter alike, by parameter."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for name, values in inputs.items():
        taken: list[list[int]] = []
        for place in range(len(options)):
            own = next((group for group in taken if np.array_equal(values[group[0]], values[place])), None)
            if own is None:
                taken.append([place])
            else:
                own.append(place)
        groups[name] = [tuple(options[at] for at in group) for group in taken]
    return groups


def _ranked(
    inputs: Mapping[str, Floats], amounts: Mapping[str, Floats], options: Sequence[str]
) -> list[tuple[str, tuple[str, ...], float]]:
    """(parameter, options that share its draws, score), the largest score first; only what can be told from nothing."""
    groups = _groups(inputs, options)
    best: dict[tuple[str, tuple[str, ...]], dict[str, float]] = {}
    for place, option in enumerate(options):
        varying = [name for name, values in inputs.items() if np.ptp(values[place]) > 0]
        if not varying:
            continue
        ready = prepare(np.stack([inputs[name][place] for name in varying], axis=1), varying)
        for outcome, values in amounts.items():
            if np.ptp(values[place]) == 0:
                continue
            shares = first_order(ready, values[place], varying)
            for name, share, low in zip(varying, shares.share, shares.low, strict=True):
                if low > 0:
                    key = (name, next(group for group in groups[name] if option in group))
                    entry = best.setdefault(key, {})
                    entry[outcome] = max(entry.get(outcome, 0.0), float(share))
    scored = [(name, group, sum(entry.values())) for (name, group), entry in best.items()]
    return sorted(scored, key=lambda each: (-each[2], each[0], each[1]))


def _lever(
    name: str,
    group: tuple[str, ...],
    share: float,
    inputs: Mapping[str, Floats],
    options: Sequence[str],
    *,
    is_largest: bool,
) -> Lever:
    values = inputs[name][options.index(group[0])]
    low, high = (float(end) for end in np.quantile(values, _ENDS))
    is_log = bool(values.min() > 0 and _skew(np.log(values)) < _skew(values))
    seen = np.log(values) if is_log else values
    return Lever(
        id=name if is_largest else f"{'+'.join(group)}/{name}",
        parameter=name,
        options=group,
        low=low,
        high=high,
        is_log=is_log,
        centre=float(seen.mean()),
        spread=float(seen.std()),
        share=share,
    )


def _skew(values: Floats) -> float:
    """Size of the third standardised moment: a parameter is taken on the scale where it is more symmetric."""
    centred = values - values.mean()
    return float(abs((centred**3).mean()) / max(values.std(), 1e-300) ** 3)


def _terms(scores: Floats) -> Floats:
    """Lever terms (draws, terms): scores, their squares, products of pairs in order."""
    pairs = [scores[:, i] * scores[:, j] for i, j in combinations(range(scores.shape[1]), 2)]
    return np.column_stack([scores, scores**2, *pairs])


def _design(scores: Floats, straight: Sequence[Floats]) -> tuple[Design, tuple[Floats, Floats]]:
    """The design, and left vectors with singular values of the whole regression."""
    levers = scores.shape[1]
    terms = _terms(scores)
    size = np.array([1.0] * levers + [_CURVED] * levers + [_JOINT] * (terms.shape[1] - 2 * levers))
    spread = terms.std(axis=0)
    weights = np.where(spread > _SAME, size / np.where(spread > _SAME, spread, 1.0), 0.0)
    columns = [(terms - terms.mean(axis=0)) * weights]
    for values in straight:
        columns.append(((values - values.mean()) / values.std())[:, None])
    left, singular, right = np.linalg.svd(np.hstack(columns), full_matrices=False)
    kept = singular > singular[0] * 1e-9 if len(singular) and singular[0] > 0 else singular > 0
    left, singular, right = left[:, kept], singular[kept], right[kept]
    loadings = weights[:, None] * right[:, : terms.shape[1]].T
    design = Design(scores, weights, loadings, singular**2, np.inf)
    centred = terms - terms.mean(axis=0)
    limit = max((_reach(design, row) for row in centred), default=0.0)
    return Design(scores, weights, loadings, singular**2, limit), (left, singular)


def _variance(design: Design, shift: Floats, strength: float) -> float:
    """shift' (design' design + strength)^-1 shift, for a shift (terms,); also where draws are fewer than terms."""
    along = shift @ design.loadings
    spread = float(((shift * design.weights) ** 2).sum())
    lost = float((along**2 * (1 / strength - 1 / (design.squares + strength))).sum())
    return max(spread / strength - lost, 0.0)


def _reach(design: Design, shift: Floats) -> float:
    return _variance(design, shift, _RANGE_STRENGTH * len(design.scores))


def _to(values: Floats, transform: str, offset: float) -> Floats:
    if transform == "log":
        return np.asarray(np.log(values + offset))
    if transform == "logit":
        clipped = np.clip(values, offset, 1 - offset)
        return np.asarray(np.log(clipped / (1 - clipped)))
    return values


def _back(values: Floats, transform: str, offset: float) -> Floats:
    if transform == "log":
        return np.asarray(np.exp(np.minimum(values, 700.0)) - offset)
    return np.asarray(1 / (1 + np.exp(-values))) if transform == "logit" else values


def _slope(values: Floats, transform: str, offset: float) -> Floats:
    if transform == "log":
        return values + offset
    return np.asarray(values * (1 - values)) if transform == "logit" else np.ones_like(values)


def _transform(values: Floats, kind: Kind) -> tuple[Literal["identity", "log", "logit"], float]:
    """Scale on which effects are closest to additive: odds for probabilities, factors for positive amounts."""
    if values.min() < 0 or np.ptp(values) == 0:
        return "identity", 0.0
    if kind == "amount":
        return "log", 0.05 * float(values.mean())
    if values.max() > 1:
        return "identity", 0.0
    # A rare event can be far rarer in single draws: half the smallest positive one stands for none.
    positive = values[values > 0]
    return "logit", float(min(max(positive.min() / 2, 1e-12), 0.005))


def _fit(values: Floats, kind: Kind, design: Design, left: Floats, singular: Floats) -> Fit:
    transform, offset = _transform(values, kind)
    seen = _to(values, transform, offset)
    draws = len(values)
    centred = seen - seen.mean()
    along = left.T @ centred
    best: tuple[float, float, Floats] | None = None
    for strength in _STRENGTHS:
        shrunk = singular**2 / (singular**2 + strength * draws)
        fitted = left @ (shrunk * along)
        hat = (left**2 * shrunk).sum(axis=1) + 1 / draws
        left_out = (centred - fitted) / np.maximum(1 - hat, 1e-6)
        press = float((left_out**2).mean())
        if best is None or press < best[0]:
            best = (press, strength * draws, left_out)
    assert best is not None
    noise, strength, left_out = best
    # A strength of s per draw is a prior variance of noise / s: coefficients on the scale of the raw terms.
    coefficients = design.loadings @ (singular / (singular**2 + strength) * along)
    total = float(centred.var()) * (draws / (draws - 1)) ** 2  # the mean itself, one draw left out
    predicted = _back(seen - left_out, transform, offset)
    return Fit(
        amounts=values,
        transform=transform,
        offset=offset,
        coefficients=coefficients,
        strength=strength,
        noise=noise,
        error=float(np.sqrt(np.mean((predicted - values) ** 2))),
        explained=1 - noise / total if total > 0 else 0.0,
    )


def _predicted(fit: Fit, design: Design, shift: Floats) -> Prediction:
    moved = shift @ fit.coefficients
    seen = _to(fit.amounts, fit.transform, fit.offset)
    # The difference is added to the draw as it is, so that clipping in the transform changes nothing by itself.
    change = _back(seen + moved, fit.transform, fit.offset) - _back(seen, fit.transform, fit.offset)
    draws = fit.amounts + change
    if fit.transform != "identity":
        draws = np.clip(draws, 0.0, 1.0 if fit.transform == "logit" else None)
    spread = np.sqrt(fit.noise * _variance(design, shift.mean(axis=0), fit.strength))
    slope = float(_slope(_back(seen + moved, fit.transform, fit.offset), fit.transform, fit.offset).mean())
    return Prediction(
        draws=draws,
        mean=float(draws.mean()),
        change=float(draws.mean() - fit.amounts.mean()),
        error=float(1.6449 * spread * slope),
    )
