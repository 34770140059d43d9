"""What would confirmation or denial of one report be worth?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from excomm.analysis.samples import Floats, checked_ids, finite, resample_counts
from excomm.analysis.wording import chance, likely_that, number
from excomm.errors import AnalysisError, UsageError

__all__ = ["ReportValue", "report_value"]


@dataclass(frozen=True, eq=False)
class ReportValue:
    """Value of learning whether a proposition is confirmed or denied, in the unit of the net benefits.

    value: expected, corrected for bias, with standard error and 90% interval; if_confirmed, if_denied: what
    the better choice gains in that case; now, then_confirmed, then_denied: the option with the highest
    expected value before and after; prior, posterior_confirmed, posterior_denied: probability that it is true.
    """

    report: str
    unit: str
    value: float
    error: float
    low: float
    high: float
    bias: float
    prior: float
    probability_confirmed: float
    posterior_confirmed: float
    posterior_denied: float
    if_confirmed: float
    if_denied: float
    now: str
    then_confirmed: str
    then_denied: str
    draws: int

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        head = f"{likely_that(self.prior)} {self.report} is true now"
        turns = []
        if self.then_confirmed != self.now:
            turns.append(
                f"confirmation ({chance(self.posterior_confirmed)}) would turn the lead from {self.now} to "
                f"{self.then_confirmed} and gain {self._size(self.if_confirmed)}"
            )
        if self.then_denied != self.now:
            turns.append(
                f"denial ({chance(self.posterior_denied)}) would turn the lead from {self.now} to "
                f"{self.then_denied} and gain {self._size(self.if_denied)}"
            )
        if not turns:
            return f"{head}; neither confirmation nor denial would change that {self.now} leads."
        worth = f"{self._size(self.value)} (90% interval {number(self.low, self.error)} to "
        return f"{head}; {' and '.join(turns)}. Asking is worth {worth}{number(self.high, self.error)})."

    def _size(self, value: float) -> str:
        return f"{number(value, self.error or None)} {self.unit}".strip()


def report_value(
    net_benefit: ArrayLike,
    truth: ArrayLike,
    options: Sequence[str],
    *,
    hit: float = 1.0,
    false_alarm: float = 0.0,
    report: str = "The report",
    unit: str = "",
    resamples: int = 300,
    seed: int = 0,
) -> ReportValue:
    """Value of an answer about a proposition, from net benefits (options, draws).

    truth: whether it holds in each draw, or its probability there, (draws,). hit, false_alarm: probability of
    a confirmation when it is true and when it is not; 1 and 0 are a perfect answer. Draws are reweighted by
    Bayes' rule; no regression is needed.
    """
    benefit = finite(net_benefit, "net_benefit", 2)
    names = checked_ids(options, len(benefit), "options")
    holds = finite(np.asarray(truth, dtype=np.float64), "truth", 1)
    draws = benefit.shape[1]
    if holds.shape != (draws,) or holds.min() < 0 or holds.max() > 1:
        raise UsageError("truth does not fit the draws", expected=f"{draws} values from 0 to 1")
    if not (0 <= false_alarm <= 1 and 0 <= hit <= 1):
        raise UsageError("hit and false_alarm are not probabilities", expected="numbers from 0 to 1")
    if min(holds.sum(), draws - holds.sum()) < 5:
        raise AnalysisError(
            f"{report} holds in {holds.sum():.0f} of {draws} draws",
            expected="at least 5 draws in which it is true and 5 in which it is not",
        )
    confirmed = holds * hit + (1 - holds) * false_alarm
    weights = np.stack([confirmed, 1 - confirmed])
    sums = weights @ benefit.T / draws
    now = int(np.argmax(benefit.mean(axis=1)))
    gains = sums.max(axis=1) - sums[:, now]
    raw = float(gains.sum())
    counts = resample_counts(draws, resamples, seed, "report-value") / draws
    flat = np.concatenate([weights[0] * benefit, weights[1] * benefit])
    spread = (counts @ flat.T).reshape(resamples, 2, len(names))
    simulated = spread.max(axis=2).sum(axis=1) - spread.sum(axis=1).max(axis=1)
    error = float(simulated.std(ddof=1))
    bias = float(np.clip(simulated.mean() - raw, 0, raw))
    probability = weights.mean(axis=1)
    after = [_per(gain, chance_of) for gain, chance_of in zip(gains, probability, strict=True)]
    joint = float((confirmed * holds).mean())
    prior = float(holds.mean())
    reach = float(norm.ppf(0.95)) * error
    return ReportValue(
        report=report,
        unit=unit,
        value=raw - bias,
        error=error,
        low=max(raw - bias - reach, 0.0),
        high=raw - bias + reach,
        bias=bias,
        prior=prior,
        probability_confirmed=float(probability[0]),
        posterior_confirmed=_per(joint, float(probability[0])),
        posterior_denied=_per(prior - joint, float(probability[1])),
        if_confirmed=after[0],
        if_denied=after[1],
        now=names[now],
        then_confirmed=names[_leader(sums[0], now)],
        then_denied=names[_leader(sums[1], now)],
        draws=draws,
    )


def _leader(sums: Floats, now: int) -> int:
    """The leading option; a tie leaves the lead where it is."""
    return now if sums[now] >= sums.max() - 1e-15 * np.abs(sums).max() else int(np.argmax(sums))


def _per(amount: float, probability: float) -> float:
    return float(min(amount / probability, 1e300)) if probability > 1e-12 else 0.0
