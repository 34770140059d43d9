"""What is it worth to find out? Expected value of perfect, partial and sample information, and of reports.

Net benefits are values of the options on one scale, (options, draws), for one perspective. Information is
worth what it adds, on average, by letting the choice follow it; it is worth nothing where no answer would
change the choice. Conditional expectations are estimated by regression on the run's own draws (Strong, Oakley
and Brennan 2014), with a standard error, a bias correction and an honest check on draws that were left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import f as f_distribution
from scipy.stats import norm

from excomm.analysis.given_data import Prepared
from excomm.analysis.samples import Floats, checked_ids, finite
from excomm.analysis.smoothing import Smoother, basis, default_terms, smooth_many, smooth_one
from excomm.analysis.wording import number, percent
from excomm.errors import TooFewDraws, UsageError
from excomm.streams import generator

__all__ = ["InformationValue", "evpi", "evppi", "evppi_all", "evppi_table", "evsi", "simulated_measurement"]


@dataclass(frozen=True, eq=False)
class InformationValue:
    """What one piece of information is worth, in the unit of the net benefits.

    value: corrected for bias, never negative, with its standard error `error` and 90% interval; raw: before
    correction; left_out: what choices fitted on other draws would have gained here, a check that errs on the
    low side; p_value: of "tells nothing about any option"; share: of the value of knowing everything.
    """

    name: str
    kind: str
    unit: str
    value: float
    error: float
    low: float
    high: float
    raw: float
    bias: float
    left_out: float
    p_value: float
    share: float | None
    draws: int

    @property
    def fragile(self) -> bool:
        """Is the estimate more than two standard errors above what left-out draws confirm?"""
        return self.value - self.left_out > 2 * self.error + 1e-12

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        if self.value <= 1e-12:
            return f"Knowing {self.name} would not change which option has the highest expected value."
        if self.low <= 1e-12:
            most = f"{number(self.high, self.error)} {self.unit}".strip()
            return f"{self.kind} {self.name} is worth at most {most}: the draws do not tell it from nothing."
        size = f"{number(self.value, self.error)} {self.unit}".strip()
        span = f"{number(self.low, self.error)} to {number(self.high, self.error)}"
        text = f"{self.kind} {self.name} is worth {size} on average (90% interval {span})"
        if self.share is not None:
            text += f", {percent(min(self.share, 1.0))} of the value of knowing everything"
        if self.fragile:
            return f"{text}; left-out draws confirm only {number(max(self.left_out, 0.0), self.error)}."
        return f"{text}."


def _benefits(net_benefit: ArrayLike) -> Floats:
    benefit = finite(net_benefit, "net_benefit", 2)
    if len(benefit) < 2:
        raise UsageError("there is one option", expected="two or more: information needs a choice")
    return benefit


def evpi(
    net_benefit: ArrayLike, *, noise_variance: ArrayLike | None = None, unit: str = "", seed: int = 0
) -> InformationValue:
    """Value of knowing everything that is epistemic: E[max] - max E over (options, draws).

    noise_variance: variance of the replicate means, (options, draws). Noise makes the best of each draw look
    too good: one and two portions of it are added, and the trend is extrapolated to none (SIMEX, quadratic).
    """
    benefit = _benefits(net_benefit)
    draws = benefit.shape[1]
    raw, gains = _gain(benefit)
    bias = 0.0
    if noise_variance is not None:
        spread = np.sqrt(np.maximum(finite(noise_variance, "noise_variance", 2), 0))
        chance = generator(seed, "analysis/evpi-noise")
        twice, thrice = (
            np.mean(
                [_gain(benefit + more * spread * chance.standard_normal(benefit.shape))[0] for _ in range(20)]
            )
            for more in (1.0, np.sqrt(2.0))
        )
        bias = raw - float(3 * raw - 3 * twice + thrice)
    error = float(gains.std(ddof=1) / np.sqrt(draws)) if draws > 1 else np.inf
    return _value("everything", "Knowing", unit, raw, bias, error, raw - bias, 0.0, None, draws)


def _gain(benefit: Floats) -> tuple[float, Floats]:
    """Average gain of the best of each draw over the best on average, and its draws."""
    gains = benefit.max(axis=0) - benefit[int(np.argmax(benefit.mean(axis=1)))]
    return float(gains.mean()), gains


def _value(
    name: str,
    kind: str,
    unit: str,
    raw: float,
    bias: float,
    error: float,
    left_out: float,
    p_value: float,
    everything: float | None,
    draws: int,
) -> InformationValue:
    value = max(raw - bias, 0.0)
    reach = float(norm.ppf(0.95)) * error
    return InformationValue(
        name=name,
        kind=kind,
        unit=unit,
        value=value,
        error=error,
        low=max(value - reach, 0.0) if p_value < 0.05 else 0.0,
        high=value + reach,
        raw=raw,
        bias=bias,
        left_out=left_out,
        p_value=p_value,
        share=value / everything if everything else None,
        draws=draws,
    )


def evppi(
    net_benefit: ArrayLike,
    parameters: ArrayLike,
    *,
    name: str = "the parameter",
    unit: str = "",
    everything: float | None = None,
    kind: str = "Knowing",
    seed: int = 0,
) -> InformationValue:
    """Value of knowing one parameter (draws,) or several together (draws, parameters).

    everything: the value of knowing everything, for the share. One parameter gets a curve whose length is
    chosen by left-out draws; several get a sum of curves and of products of pairs, shrunk by a ridge.
    """
    benefit = _benefits(net_benefit)
    draws = benefit.shape[1]
    columns = np.asarray(parameters, dtype=np.float64)
    columns = finite(columns[:, None] if columns.ndim == 1 else columns, "parameters", 2)
    if len(columns) != draws:
        raise UsageError(
            f"{len(columns)} draws of parameters, {draws} of benefits", expected="the same draws"
        )
    if draws < 50:
        raise TooFewDraws(draws, "for a regression", 50)
    against, varying = _against_leader(benefit)
    if not varying.any():
        return _value(name, kind, unit, 0.0, 0.0, 0.0, 0.0, 1.0, everything, draws)
    if columns.shape[1] == 1:
        curve = basis(columns[:, 0], default_terms(draws))
        return _of_curve(curve, against, varying, name, kind, unit, everything, seed)
    pairs = columns.shape[1] <= 6
    smoother = smooth_many(columns, against[varying], pairs=pairs).smoother
    p_value = _p_value(_low_terms(columns), against[varying])
    raw, bias, error = _regression_gain(against, smoother, seed)
    left_out = _left_out_gain(against, smoother, 1.0, seed)
    return _value(name, kind, unit, raw, bias, error, left_out, p_value, everything, draws)


def _against_leader(benefit: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Net benefits less those of the option that leads on average, and which of them vary at all."""
    against = benefit - benefit[int(np.argmax(benefit.mean(axis=1)))]
    return against, against.std(axis=1) > 1e-12 * max(float(np.abs(benefit).max()), 1e-300)


def _of_curve(
    curve: Floats,
    against: Floats,
    varying: NDArray[np.bool_],
    name: str,
    kind: str,
    unit: str,
    everything: float | None,
    seed: int,
) -> InformationValue:
    """Value of knowing one parameter, given its `basis`."""
    smoother = smooth_one(curve, against[varying])
    raw, bias, error = _regression_gain(against, smoother, seed)
    left_out = _left_out_gain(against, smoother, 0.0, seed)
    p_value = _p_value(curve, against[varying])
    return _value(name, kind, unit, raw, bias, error, left_out, p_value, everything, against.shape[1])


def evppi_all(
    net_benefit: ArrayLike,
    parameters: Prepared,
    *,
    unit: str = "",
    everything: float | None = None,
    seed: int = 0,
) -> tuple[InformationValue, ...]:
    """Value of knowing each of many parameters that were made ready once, the highest first; as `evppi`.

    A parameter whose relation to every option chance explains (p above 0.05) is worth nothing that the draws can
    show: its value is stated as 0, with the bias-corrected estimate left out.
    """
    benefit = _benefits(net_benefit)
    draws = benefit.shape[1]
    if draws < 50:
        raise TooFewDraws(draws, "for a regression", 50)
    if len(parameters.inputs) != draws:
        raise UsageError(
            f"{len(parameters.inputs)} draws of parameters, {draws} of benefits", expected="the same draws"
        )
    against, varying = _against_leader(benefit)
    found = []
    for name, curve in zip(parameters.ids, parameters.curves, strict=True):
        p_value = _p_value(curve, against[varying]) if varying.any() else 1.0
        if p_value >= 0.05:
            found.append(_value(name, "Knowing", unit, 0.0, 0.0, 0.0, 0.0, p_value, everything, draws))
        else:
            found.append(_of_curve(curve, against, varying, name, "Knowing", unit, everything, seed))
    return tuple(sorted(found, key=lambda each: (-each.value, each.p_value)))


def _low_terms(columns: Floats) -> Floats:
    """The straight and bent terms of several parameters, orthonormal, at most a quarter as many as draws."""
    terms = int(np.clip(len(columns) // (4 * columns.shape[1]), 1, 3))
    raw = np.column_stack([basis(column, terms)[:, :terms] for column in columns.T])
    if raw.shape[1] == 0:
        return raw
    left, singular, _ = np.linalg.svd(raw, full_matrices=False)
    return np.asarray(left[:, singular > 1e-6 * singular[0]])


def _p_value(columns: Floats, outcomes: Floats) -> float:
    """F-test of any relation, over all outcomes (Bonferroni)."""
    draws, freedom = columns.shape
    if freedom == 0:
        return 1.0
    centred = outcomes - outcomes.mean(axis=1, keepdims=True)
    explained = ((centred @ columns) ** 2).sum(axis=1) / (centred**2).sum(axis=1)
    spare = draws - 1 - freedom
    ratio = explained / np.maximum(1 - explained, 1e-300) * spare / freedom
    return float(min(f_distribution.sf(ratio, freedom, spare).min() * len(outcomes), 1.0))


def _regression_gain(against: Floats, smoother: Smoother, seed: int) -> tuple[float, float, float]:
    """Plug-in gain, its bias from the noise of the fit, and its standard error."""
    options, draws = against.shape
    fitted = smoother.fit(against)
    raw, gains = _gain(fitted)
    residual = against - fitted
    scale = residual @ residual.T / max(draws - 1 - smoother.freedom, 1)
    root = _root(scale)
    mean_root = _root(np.cov(against)) / np.sqrt(draws)
    chance = generator(seed, "analysis/evppi")
    directions = smoother.directions * smoother.shrinkage
    rounds = int(np.clip(4e6 / (options * draws), 30, 200))
    simulated = np.empty(rounds)
    for at in range(rounds):
        noise = root @ chance.standard_normal((options, directions.shape[1])) @ directions.T
        shift = mean_root @ chance.standard_normal((options, 1))
        best = (fitted + noise + shift).max(axis=0).mean()
        simulated[at] = best - (fitted.mean(axis=1) + shift[:, 0]).max()
    bias = float(simulated.mean()) - raw
    error = float(np.sqrt(simulated.var(ddof=1) + gains.var(ddof=1) / draws))
    return raw, max(bias, 0.0), error


def _root(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(np.atleast_2d(covariance))
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


def _left_out_gain(against: Floats, smoother: Smoother, penalty: float, seed: int, folds: int = 5) -> float:
    """Gain of choices fitted on the other folds, counted with each draw's own benefits."""
    draws = against.shape[1]
    part = generator(seed, "analysis/folds").permutation(np.arange(draws) % folds)
    shrinkage = np.maximum(smoother.shrinkage, 1e-12)
    extra = penalty * (1 / shrinkage - 1)
    chosen = np.zeros(draws, dtype=np.intp)
    for fold in range(folds):
        held = part == fold
        design, target = smoother.directions[~held], against[:, ~held]
        centre, level = design.mean(axis=0), target.mean(axis=1)
        gram = (design - centre).T @ (design - centre) + np.diag(extra)
        if len(extra):
            slopes = np.linalg.solve(gram, (design - centre).T @ (target - level[:, None]).T)
            predicted = level[:, None] + ((smoother.directions[held] - centre) @ slopes).T
        else:
            predicted = np.repeat(level[:, None], held.sum(), axis=1)
        chosen[held] = np.argmax(predicted, axis=0)
    return float(against[chosen, np.arange(draws)].mean() - against.mean(axis=1).max())


def evppi_table(
    net_benefit: ArrayLike,
    parameters: ArrayLike,
    ids: Sequence[str],
    *,
    groups: Mapping[str, Sequence[int]] | None = None,
    unit: str = "",
    seed: int = 0,
) -> tuple[InformationValue, ...]:
    """Value of knowing each parameter of (draws, parameters) and each group of places, the highest first."""
    inputs = finite(parameters, "parameters", 2)
    names = checked_ids(ids, inputs.shape[1], "parameters")
    whole = evpi(net_benefit).value
    members: dict[str, list[int]] = {name: [place] for place, name in enumerate(names)}
    members |= {name: list(group) for name, group in (groups or {}).items()}
    values = [
        evppi(net_benefit, inputs[:, places], name=name, unit=unit, everything=whole, seed=seed)
        for name, places in members.items()
    ]
    return tuple(sorted(values, key=lambda value: -value.value))


def simulated_measurement(truth: ArrayLike, error: float, *, name: str, seed: int = 0) -> Floats:
    """What a measurement with a normal `error` (in the parameter's unit) would show in each draw, (draws,)."""
    known = finite(truth, "truth", 1)
    return np.asarray(known + error * generator(seed, f"analysis/measure/{name}").standard_normal(len(known)))


def evsi(
    net_benefit: ArrayLike,
    findings: ArrayLike,
    *,
    name: str,
    unit: str = "",
    everything: float | None = None,
    seed: int = 0,
) -> InformationValue:
    """Value of a stated collection before it is made: `findings` is what it would show in each draw.

    findings: (draws,) or (draws, figures), simulated from each draw's parameters with the collection's error
    (`simulated_measurement`, or a count). Strong et al. (2015): regress the net benefits on the findings.
    """
    return evppi(
        net_benefit, findings, name=name, unit=unit, everything=everything, kind="The collection", seed=seed
    )
