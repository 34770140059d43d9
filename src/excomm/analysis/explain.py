"""Unfold one number: its distribution, what drives it, where that comes from, down to the sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from excomm.analysis.given_data import Prepared, first_order, prepare
from excomm.analysis.samples import finite
from excomm.analysis.wording import interval, joined, natural_base, number, percent
from excomm.errors import UsageError

__all__ = ["ClaimSource", "Driver", "Explanation", "Origin", "explain_outcome"]


@dataclass(frozen=True)
class ClaimSource:
    """A sentence in a report that a parameter rests on."""

    report: str
    quote: str
    source: str = ""
    proposition: str = ""


@dataclass(frozen=True)
class Origin:
    """Where a parameter comes from: its prior as written, unit, source or "judgement", grade, and claims."""

    prior: str
    unit: str
    source: str
    grade: str
    claims: tuple[ClaimSource, ...] = ()


@dataclass(frozen=True)
class Driver:
    """A parameter that drives the outcome: its share of the variance with a 90% interval, and its origin.

    direction: rank correlation with the outcome; p05, p95: its range over the draws; of: what the variance is of.
    """

    parameter: str
    share: float
    low: float
    high: float
    direction: float
    p05: float
    p95: float
    origin: Origin
    of: str = "the variance"

    @property
    def sentence(self) -> str:
        """The driver with its prior and source."""
        rise = "more of it means more" if self.direction > 0 else "more of it means less"
        span = interval(self.p05, self.p95, self.origin.unit)
        text = (
            f"{self.parameter} explains {percent(self.share)} of {self.of} ({rise}); it ranges over {span} "
            f"(prior {self.origin.prior}; source: {self.origin.source}, grade {self.origin.grade})"
        )
        if not self.origin.claims:
            return f"{text}."
        quotes = joined([f"“{claim.quote}” ({claim.report})" for claim in self.origin.claims])
        return f"{text}. It rests on {quotes}."


@dataclass(frozen=True, eq=False)
class Explanation:
    """One outcome of one option, unfolded. Shares are of the epistemic variance, one parameter at a time.

    outcome, option: ids; subject: both as a reader says them. is_logarithmic: shares are of the logarithm's variance.
    """

    outcome: str
    option: str
    unit: str
    mean: float
    median: float
    p05: float
    p95: float
    mcse: float
    drivers: tuple[Driver, ...]
    explained: float
    overlap: bool
    draws: int
    warnings: tuple[str, ...] = field(default=())
    subject: str = ""
    is_logarithmic: bool = False

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        base = natural_base(self.mean or 1.0) if self.is_logarithmic else 1
        unit = f"in {base:,}" if self.is_logarithmic else self.unit
        mean, low, high, error = (base * each for each in (self.mean, self.p05, self.p95, self.mcse))
        head = (
            f"{self.subject or f'{self.outcome} under {self.option}'} is {number(mean, error)} {unit}".rstrip()
            + f" on average of {self.draws:,} draws (90% interval over draws {interval(low, high, unit, error)})"
        )
        if not self.drivers:
            return f"{head}; no single parameter stands out as its driver."
        parts = [f"{driver.parameter} ({percent(driver.share)})" for driver in self.drivers[:3]]
        return f"{head}; it is driven most by {joined(parts)}."

    def lines(self) -> list[str]:
        """The walk back, line by line: number, drivers, priors and sources, sentences in the reports."""
        unfolded = [self.sentence]
        unfolded += [f"  {place}. {driver.sentence}" for place, driver in enumerate(self.drivers, start=1)]
        if self.overlap:
            unfolded.append("  Some parameters are correlated: their shares overlap and do not add up.")
        return unfolded + [f"  Note: {warning}" for warning in self.warnings]

    def to_json(self) -> dict[str, Any]:
        """The shape of `excomm explain --json`."""
        return {
            "outcome": self.outcome,
            "option": self.option,
            "unit": self.unit,
            "scale": "logarithm" if self.is_logarithmic else "amount",
            "mean": self.mean,
            "median": self.median,
            "p05": self.p05,
            "p95": self.p95,
            "mcse": self.mcse,
            "draws": self.draws,
            "sentence": self.sentence,
            "drivers": [
                {
                    "parameter": driver.parameter,
                    "share": driver.share,
                    "low": driver.low,
                    "high": driver.high,
                    "direction": driver.direction,
                    "prior": driver.origin.prior,
                    "unit": driver.origin.unit,
                    "source": driver.origin.source,
                    "grade": driver.origin.grade,
                    "claims": [
                        {
                            "report": claim.report,
                            "quote": claim.quote,
                            "source": claim.source,
                            "proposition": claim.proposition,
                        }
                        for claim in driver.origin.claims
                    ],
                }
                for driver in self.drivers
            ],
            "warnings": list(self.warnings),
        }


def explain_outcome(
    values: ArrayLike,
    parameters: ArrayLike | Prepared,
    ids: Sequence[str],
    origins: Mapping[str, Origin],
    *,
    outcome: str,
    option: str,
    unit: str = "",
    noise_variance: ArrayLike | None = None,
    logarithms: ArrayLike | None = None,
    subject: str = "",
    drivers: int = 5,
) -> Explanation:
    """Unfold an outcome (draws,) of one option by the parameters (draws, parameters) that drive it.

    origins: one for every parameter: a number without an origin would break the walk back and is refused. Only
    drivers that the draws can tell from nothing are listed. logarithms: (draws,), the scale on which the drivers of a
    rare event are sought; noise_variance then is that of the logarithms.
    """
    amounts = finite(values, "values", 1)
    ready = parameters if isinstance(parameters, Prepared) else prepare(parameters, ids)
    missing = [name for name in ready.ids if name not in origins]
    if missing:
        raise UsageError(
            f"no origin is stated for {joined(missing[:5])}", expected='a source, or the word "judgement"'
        )
    sought = amounts if logarithms is None else finite(logarithms, "logarithms", 1)
    shares = first_order(ready, sought, ready.ids, noise_variance=noise_variance)
    leading = shares.clear[:drivers]
    low, high = np.quantile(ready.inputs, [0.05, 0.95], axis=0)
    found = tuple(
        Driver(
            parameter=shares.parameters[place],
            share=float(shares.share[place]),
            low=float(shares.low[place]),
            high=float(shares.high[place]),
            direction=float(shares.direction[place]),
            p05=float(low[place]),
            p95=float(high[place]),
            origin=origins[shares.parameters[place]],
            of="the variance" if logarithms is None else "the variance of its logarithm",
        )
        for place in leading
    )
    p05, median, p95 = np.quantile(amounts, [0.05, 0.5, 0.95])
    warnings = []
    if shares.noise_share > 0.3:
        warnings.append(
            f"{percent(shares.noise_share)} of the spread over draws is replicate noise; more replicates would "
            "sharpen the shares."
        )
    return Explanation(
        outcome=outcome,
        option=option,
        unit=unit,
        mean=float(amounts.mean()),
        median=float(median),
        p05=float(p05),
        p95=float(p95),
        mcse=float(amounts.std(ddof=1) / np.sqrt(len(amounts))),
        drivers=found,
        explained=float(sum(driver.share for driver in found)),
        overlap=shares.strongest_correlation > 0.3,
        draws=len(amounts),
        warnings=tuple(warnings),
        subject=subject,
        is_logarithmic=logarithms is not None,
    )
