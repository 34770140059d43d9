"""The options as stated weights see them, and the risk of catastrophe held against a line of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from excomm.analysis.samples import Floats, checked_ids, finite
from excomm.analysis.wording import chance, likely_that, line_in
from excomm.engine.wording import row_wording
from excomm.errors import AnalysisError, UsageError
from excomm.quantities import Outcome

__all__ = ["AcceptableRisk", "PerspectiveView", "acceptable_risk", "perspective_views"]


@dataclass(frozen=True, eq=False)
class PerspectiveView:
    """The options as one perspective's weights see them.

    expected: (options,), expected value on the 0 to 1 scale; first: (options,), share of draws in which the
    option has the highest value; leader: highest expected value. turns: for each criterion, the share of all
    weight that would have to move to it before another option leads (None: never), and turns_to: that option.
    """

    perspective: str
    options: tuple[str, ...]
    criteria: tuple[str, ...]
    weights: Floats
    expected: Floats
    first: Floats
    turns: tuple[float | None, ...]
    turns_to: tuple[str | None, ...]
    draws: int

    @property
    def leader(self) -> str:
        """The option with the highest expected value under these weights."""
        return self.options[int(np.argmax(self.expected))]

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        place = int(np.argmax(self.expected))
        text = (
            f"With the weights of {self.perspective}, {self.leader} has the highest expected value; "
            f"{_lower(likely_that(float(self.first[place]), self.draws))} it has the highest value of all options"
        )
        known = [(turn, at) for at, turn in enumerate(self.turns) if turn is not None]
        if not known:
            return f"{text}. No shift of weight to a single criterion changes that."
        turn, at = min(known)
        return f"{text}. {self.turns_to[at]} leads once {100 * turn:.0f}% of the weight moves to {self.criteria[at]}."


def perspective_views(
    values: ArrayLike,
    options: Sequence[str],
    criteria: Sequence[str],
    perspectives: Mapping[str, ArrayLike],
) -> tuple[PerspectiveView, ...]:
    """Every perspective's view of values (options, draws, criteria). Weights (criteria,) are made to sum to 1."""
    worth = finite(values, "values", 3)
    names = checked_ids(options, len(worth), "options")
    kinds = checked_ids(criteria, worth.shape[2], "criteria")
    mean = worth.mean(axis=1)
    views = []
    for name, stated in perspectives.items():
        weights = finite(stated, f"weights of {name}", 1)
        if len(weights) != len(kinds) or weights.min() < 0 or weights.sum() <= 0:
            raise UsageError(
                f"the weights of {name} do not fit", expected=f"{len(kinds)} weights, none below 0, not all 0"
            )
        weights = weights / weights.sum()
        scores = worth @ weights
        first = scores == scores.max(axis=0)
        expected = mean @ weights
        leader = int(np.argmax(expected))
        turns = [_turn(mean, expected, leader, at) for at in range(len(kinds))]
        views.append(
            PerspectiveView(
                perspective=name,
                options=names,
                criteria=kinds,
                weights=weights,
                expected=expected,
                first=(first / first.sum(axis=0)).mean(axis=1),
                turns=tuple(turn for turn, _ in turns),
                turns_to=tuple(None if rival is None else names[rival] for _, rival in turns),
                draws=worth.shape[1],
            )
        )
    return tuple(views)


def _turn(mean: Floats, expected: Floats, leader: int, criterion: int) -> tuple[float | None, int | None]:
    """Share t of the weight at which (1 - t) x lead now + t x lead on one criterion alone falls to 0."""
    now = expected[leader] - expected
    then = mean[leader, criterion] - mean[:, criterion]
    best: tuple[float | None, int | None] = (None, None)
    for rival in range(len(mean)):
        if rival != leader and then[rival] < 0:
            turn = float(now[rival] / (now[rival] - then[rival]))
            if best[0] is None or turn < best[0]:
                best = (turn, rival)
    return best


@dataclass(frozen=True, eq=False)
class AcceptableRisk:
    """Each option's probability of catastrophe beside a line that the reader draws, never averaged away.

    mean, p05, p95: (options,), over draws; mcse: Monte Carlo error of the mean; above: share of draws above the line;
    worst_draw: highest probability in any draw. measure: what the probability is called, a risk or a probability;
    rare: written in natural frequencies.
    """

    event: str
    line: float
    options: tuple[str, ...]
    mean: Floats
    p05: Floats
    p95: Floats
    above: Floats
    worst_draw: Floats
    mcse: Floats
    draws: int
    measure: str = "risk"
    rare: bool = True

    @property
    def sentence(self) -> str:
        """The finding in plain words, with its numbers."""
        event = Outcome(self.event, self.event, "probability", "", "probability", (), "", rare=self.rare)
        rows = zip(self.mean, self.p05, self.p95, self.mcse, strict=True)
        rule = row_wording(event, ((float(a), float(b), float(c), float(d)) for a, b, c, d in rows))
        parts = []
        for place, name in enumerate(self.options):
            told = rule.say(*(float(each[place]) for each in (self.mean, self.p05, self.p95)))
            span = f", 90% interval {told.interval}" if told.interval else ""
            parts.append(
                f"{name} {chance(float(self.above[place]), self.draws)}, mean {told.main} {told.unit}{span}"
            )
        return f"{self.event}: is the {self.measure} above {line_in(self.line)}? {'; '.join(parts)}."


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def acceptable_risk(
    probabilities: ArrayLike,
    options: Sequence[str],
    *,
    line: float,
    event: str = "Catastrophe",
    measure: str = "risk",
    rare: bool = True,
) -> AcceptableRisk:
    """Hold probabilities of an event (options, draws) against a maximum acceptable risk in (0, 1).

    measure, rare: what the probability is called, and whether it is written in natural frequencies.
    """
    risk = finite(probabilities, "probabilities", 2)
    names = checked_ids(options, len(risk), "options")
    if not 0 < line < 1:
        raise UsageError(f"a risk line of {line}", expected="a probability between 0 and 1, such as 0.001")
    if risk.min() < 0 or risk.max() > 1:
        raise AnalysisError("probabilities outside 0 to 1", expected="probabilities of draws")
    p05, p95 = np.quantile(risk, [0.05, 0.95], axis=1)
    return AcceptableRisk(
        event=event,
        line=line,
        options=names,
        mean=risk.mean(axis=1),
        p05=p05,
        p95=p95,
        above=(risk > line).mean(axis=1),
        worst_draw=risk.max(axis=1),
        mcse=risk.std(axis=1, ddof=1) / np.sqrt(risk.shape[1]) if risk.shape[1] > 1 else np.zeros(len(risk)),
        draws=risk.shape[1],
        measure=measure,
        rare=rare,
    )
