"""Unfold one number: its distribution, what drives it, where that comes from, down to the sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from excomm.analysis.given_data import FEWEST_DRAWS, Prepared, first_order, prepare
from excomm.analysis.samples import finite
from excomm.analysis.wording import interval, joined, percent
from excomm.engine.wording import RowWording, plain_unit, row_wording
from excomm.errors import UsageError
from excomm.quantities import OUTCOMES, Outcome

__all__ = ["ClaimSource", "Driver", "Explanation", "Origin", "explain_outcome", "speaks_for"]


def speaks_for(polarity: int | None, rival: str | None) -> bool | None:
    """Whether a claim speaks for its proposition; against it where it supports a rival; None where it is open."""
    if not polarity:
        return None
    return (polarity > 0) == (rival is None)


@dataclass(frozen=True)
class ClaimSource:
    """A sentence in a report that a parameter rests on; speaks_for: for its proposition, against it, or open (None)."""

    report: str
    quote: str
    source: str = ""
    proposition: str = ""
    speaks_for: bool | None = None

    @property
    def line(self) -> str:
        """The sentence with its side and where it stands."""
        side = {True: "For: ", False: "Against: ", None: ""}[self.speaks_for]
        where = f"{self.report}, {self.source}" if self.source and self.source != self.report else self.report
        return f"{side}“{self.quote.strip()}” ({where})"


@dataclass(frozen=True)
class Origin:
    """Where a parameter comes from: its prior as written, unit, source or "judgement", grade, claims, what it means."""

    prior: str
    unit: str
    source: str
    grade: str
    claims: tuple[ClaimSource, ...] = ()
    meaning: str = ""

    @property
    def source_text(self) -> str:
        """The source; the notes that a case keeps behind "judgement" stay with the parameter."""
        return "judgement" if self.source.lower().startswith("judgement;") else self.source


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
        rise = "rises" if self.direction > 0 else "falls"
        origin = self.origin
        meaning = f" {origin.meaning.strip().rstrip('.')}." if origin.meaning else ""
        return (
            f"{self.parameter} explains {percent(self.share)} of {self.of}: the outcome {rise} with it.{meaning} It "
            f"lies within {interval(self.p05, self.p95, plain_unit(origin.unit))} in 90% of draws. Prior as written: "
            f"{origin.prior}; source: {origin.source_text}; grade {origin.grade}."
        )

    def lines(self) -> list[str]:
        """The sentence, and below it those of the reports that the parameter rests on."""
        return [self.sentence, *(claim.line for claim in self.origin.claims)]


@dataclass(frozen=True, eq=False)
class Explanation:
    """One outcome of one option, unfolded. Shares are of the epistemic variance, one parameter at a time.

    outcome, option: ids; subject: both as a reader says them. is_logarithmic: shares are of the logarithm's variance.
    mean to mcse: over draws, each the average of its histories. wording: how these numbers are written; table: 5% and
    95% of the options table, None where there is none.
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
    wording: RowWording | None = None
    table: tuple[float, float] | None = None

    @property
    def intervals(self) -> str:
        """Which interval is which: that of the options table holds chance, that over draws does not."""
        rule = self._rule
        own = rule.say(self.mean, self.p05, self.p95).interval
        if not own:
            own = "none: the same in every draw"
        shown = rule.say(self.mean, *self.table).interval if self.table is not None else own
        if shown == own:
            return f"90% interval over draws: {own}"
        return (
            f"90% interval in the table of the brief: {shown}, over draws and chance; over draws alone, each the "
            f"average of its histories: {own}"
        )

    @property
    def _rule(self) -> RowWording:
        if self.wording is not None:
            return self.wording
        rare = self.is_logarithmic
        plain = Outcome(
            self.outcome, "", self.unit, "", "probability" if rare else "amount", (), "", rare=rare
        )
        return row_wording(OUTCOMES.get(self.outcome, plain), [(self.mean, self.p05, self.p95, self.mcse)])

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        rule = self._rule
        mean = f"{rule.number(self.mean, one_sided=self.p05 >= 0)} {rule.unit}".rstrip()
        subject = self.subject or f"{self.outcome} under {self.option}"
        head = f"{subject}: {mean} on average of {self.draws:,} draws. {self.intervals}."
        if self.draws < FEWEST_DRAWS:
            return (
                f"{head} No drivers are named: {self.draws:,} draws are too few to tell a driver from chance, at least "
                f"{FEWEST_DRAWS} are needed."
            )
        if not self.drivers:
            return f"{head} No single parameter stands out as its driver."
        parts = [f"{driver.parameter} ({percent(driver.share)})" for driver in self.drivers[:3]]
        spread = "" if self.table is None else "The spread over draws alone"
        return f"{head} {spread or 'It'} is driven most by {joined(parts)}."

    def lines(self) -> list[str]:
        """The walk back, line by line: number, drivers, priors and sources, sentences in the reports."""
        unfolded = [self.sentence]
        for place, driver in enumerate(self.drivers, start=1):
            first, *claims = driver.lines()
            unfolded += [f"  {place}. {first}", *(f"     {line}" for line in claims)]
        if self.overlap and self.drivers:
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
            "table": None if self.table is None else {"p05": self.table[0], "p95": self.table[1]},
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
                            "speaks_for": claim.speaks_for,
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
    wording: RowWording | None = None,
    table: tuple[float, float] | None = None,
) -> Explanation:
    """Unfold an outcome (draws,) of one option by the parameters (draws, parameters) that drive it.

    origins: one for every parameter: a number without an origin would break the walk back and is refused. Only
    drivers that the draws can tell from nothing are listed. logarithms: (draws,), the scale on which the drivers of a
    rare event are sought; noise_variance then is that of the logarithms. wording, table: as in the options table.
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
        wording=wording,
        table=table,
    )
