"""What does a small step in each parameter do to an outcome? Slopes along the mean path, as effects of priors.

Every parameter is counted on the scale of a normal score: one standard deviation is the step from the 50% to the 84%
point of its prior. On that scale independent parameters are independent and normal, so that the bounds of
`gradient_effects` hold exactly, whatever the prior; a proposition stays as true or false as the draw has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from excomm.analysis.gradients import GradientEffects, gradient_effects
from excomm.analysis.wording import joined, number, upper_first
from excomm.beliefs.draws import Draws, values_at
from excomm.beliefs.record import Coding
from excomm.case.model import Case
from excomm.engine.slopes import BLOCK, PATH_OUTCOMES, WorldPath
from excomm.errors import UsageError
from excomm.pipeline.compilation import use_compilation_cache
from excomm.pipeline.drawing import draw_case
from excomm.pipeline.reading import read_evidence
from excomm.quantities import OUTCOMES

__all__ = ["OutcomeSlopes", "slopes"]

Floats = NDArray[np.float64]

CHECKED = 10  # parameters whose whole range is run beside the slope
_STEP = 1e-3  # of a normal score; the quantiles are smooth over it
_LOW, _HIGH = 0.05, 0.95
_SMALLEST = 1e-9  # of a probability before its logarithm is taken
_DRAWS = (64, 4096)


@dataclass(frozen=True, eq=False)
class OutcomeSlopes:
    """Effects of small steps on an outcome along the mean path, and how they compare with large ones.

    straight: by parameter, what the mean slope makes of the way from the 5% to the 95% point of the prior; moved: what
    that way does in fact, averaged over draws, for the `CHECKED` parameters with the largest bounds. steps: parameters
    whose slope is 0 in every draw although the outcome differs between their 5% and 95% points: they act by steps
    alone. still: parameters that vary and do neither along this path. tied: the effects that a stated correlation ties.
    """

    outcome: str
    option: str
    scale: str
    effects: GradientEffects
    straight: Mapping[str, float]
    moved: Mapping[str, float]
    steps: tuple[str, ...]
    still: tuple[str, ...]
    tied: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The findings in plain words, with their numbers."""
        what = f"{self.scale}{OUTCOMES[self.outcome].phrase} under {self.option}"
        said = self.effects.sentence
        told = [
            f"{upper_first(what)}, both postures held and without chance: {said[:1].lower()}{said[1:]} "
            f"(90% intervals, {self.effects.draws} draws.)"
        ]
        bent = [name for name in self.moved if self._is_bent(name)]
        if bent:
            name = bent[0]
            told.append(
                f"A slope tells only of small steps: from the 5% to the 95% point {name} moves it by "
                f"{number(self.moved[name])}, its slope says {number(self.straight[name])}"
                f"{self._and_more(bent[1:])}."
            )
        elif self.moved:
            told.append(
                f"From the 5% to the 95% points of the {len(self.moved)} strongest the slopes hold within a quarter, "
                "or a tenth of the longest way."
            )
        if self.steps:
            told.append(f"Without a slope, by steps alone: {joined(self.steps)}.")
        if self.tied:
            told.append(
                f"The case states correlations of {joined(self.tied)}: for them the shares of variance are a guide."
            )
        return tuple(told)

    def _is_bent(self, name: str) -> bool:
        """Slope and way differ by a quarter, and by more than a tenth of the longest way (judgement)."""
        apart = abs(self.moved[name] - self.straight[name])
        return apart > max(0.25 * abs(self.moved[name]), 0.1 * max(map(abs, self.moved.values())))

    @staticmethod
    def _and_more(names: list[str]) -> str:
        return f"; likewise {joined(names)}" if names else ""

    def to_json(self) -> dict[str, Any]:
        """The shape of `excomm sensitivity --slopes --json`."""
        columns = ("mean", "low", "high", "rising", "linear", "bound", "bound_low", "bound_high")
        return {
            "outcome": self.outcome,
            "option": self.option,
            "scale": "logarithm" if self.effects.is_logarithmic else "amount",
            "draws": self.effects.draws,
            "sentences": list(self.sentences),
            "parameters": [
                {
                    "parameter": self.effects.parameters[place],
                    **{key: float(getattr(self.effects, key)[place]) for key in columns},
                    "straight": self.straight[self.effects.parameters[place]],
                    "moved": self.moved.get(self.effects.parameters[place]),
                }
                for place in self.effects.order
                if self.effects.bound[place] > 0
            ],
            "steps": list(self.steps),
            "still": list(self.still),
        }


def slopes(
    case: Case,
    *,
    outcome: str,
    option: str | None = None,
    draws: int = 64,
    seed: int = 0,
    coding: str = "narrow",
) -> OutcomeSlopes:
    """Slopes of an outcome of `PATH_OUTCOMES` under an option in every parameter that varies.

    Raises UsageError for an outcome, option or size that does not fit.
    """
    use_compilation_cache()
    if outcome not in PATH_OUTCOMES:
        problem = (
            "has no slopes: it is not read off the mean path" if outcome in OUTCOMES else "is no outcome"
        )
        raise UsageError(
            f"{outcome!r} {problem}",
            path="--outcome",
            expected=", ".join(PATH_OUTCOMES),
            next_step="Name one.",
        )
    if not _DRAWS[0] <= draws <= _DRAWS[1]:
        raise UsageError(
            f"{draws} draws",
            path="--base",
            expected=f"{_DRAWS[0]} to {_DRAWS[1]}",
            next_step="Try 256.",
        )
    chosen = case.option(option).id if option else case.reference.id
    evidence = read_evidence(case, as_of=case.as_of, seed=seed)
    drawn = draw_case(
        case,
        options=(chosen,),
        number=draws,
        seed=seed,
        coding=cast(Coding, coding),
        as_of=case.as_of,
        probabilities={item.id: item.posterior for item in evidence.assessments},
    )
    path = WorldPath(case, drawn, chosen)
    rare = OUTCOMES[outcome].rare
    values, found = path.slopes(outcome)
    names = [name for name in found if name in drawn.percentiles and np.ptp(drawn.values[name]) > 0]
    steps = {name: _per_score(case, drawn, chosen, name) for name in names}
    # d log(y) is dy / y: where a value is too small to be told from nothing its slope counts as none.
    weight = np.where(values > _SMALLEST, 1.0 / np.maximum(values, _SMALLEST), 0.0) if rare else 1.0
    if not names:
        raise UsageError(
            f"nothing varies in {case.id} under {chosen}",
            path="CASE",
            expected="a case with uncertain parameters",
            next_step="Give a parameter a prior with a range.",
        )
    kind = OUTCOMES[outcome]
    effects = gradient_effects(
        np.stack([found[name] * steps[name] * weight for name in names], axis=1),
        np.stack([_scores(drawn.percentiles[name]) for name in names], axis=1),
        _scaled(values, rare),
        names,
        unit=kind.unit if kind.kind == "amount" else "",
        is_logarithmic=rare,
        seed=seed,
    )
    way = float(np.diff(_scores(np.array([_LOW, _HIGH])))[0])
    leading = [effects.parameters[place] for place in effects.order[:CHECKED] if effects.bound[place] > 0]
    rest = [name for name in names if not found[name].any()]
    few = _first(drawn, BLOCK)
    short = WorldPath(case, few, chosen)
    by_steps = tuple(name for name in rest if np.any(_moved(case, few, short, chosen, outcome, name, rare)))
    tied = {name for pair in case.correlations if pair.rank for name in pair.between}
    return OutcomeSlopes(
        outcome=outcome,
        option=case.option(chosen).name,
        scale="the logarithm of " if rare else "",
        effects=effects,
        straight={name: float(mean) * way for name, mean in zip(names, effects.mean, strict=True)},
        moved={
            name: float(_moved(case, drawn, path, chosen, outcome, name, rare).mean()) for name in leading
        },
        steps=by_steps,
        still=tuple(name for name in rest if name not in by_steps),
        tied=tuple(name for name in leading if name in tied),
    )


def _scores(percentiles: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(percentiles), dtype=np.float64)


def _at(case: Case, drawn: Draws, option: str, name: str, percentiles: Floats) -> Floats:
    return np.asarray(values_at(case.parameters(option)[name], percentiles, drawn.truths), dtype=np.float64)


def _per_score(case: Case, drawn: Draws, option: str, name: str) -> Floats:
    """Units of the parameter per standard deviation of its normal score, in each draw."""
    from scipy.special import ndtr

    scores = _scores(drawn.percentiles[name])
    ends = [_at(case, drawn, option, name, ndtr(scores + way * _STEP)) for way in (-1.0, 1.0)]
    return np.asarray((ends[1] - ends[0]) / (2.0 * _STEP))


def _moved(
    case: Case, drawn: Draws, path: WorldPath, option: str, outcome: str, name: str, rare: bool
) -> Floats:
    """Change of the outcome (draws,) as a parameter goes from its 5% to its 95% point, all else as drawn."""
    # What the draws add to the prior (the date of a review in the calendar) stays added.
    added = drawn.values[name][0] - _at(case, drawn, option, name, drawn.percentiles[name])
    ends = [
        _at(case, drawn, option, name, np.full(drawn.number, percentile)) + added
        for percentile in (_LOW, _HIGH)
    ]
    low, high = (_scaled(path.values({name: end})[outcome], rare) for end in ends)
    return high - low


def _scaled(values: Floats, rare: bool) -> Floats:
    return np.log(np.maximum(values, _SMALLEST)) if rare else values


def _first(drawn: Draws, number: int) -> Draws:
    """The first draws alone."""
    return replace(
        drawn,
        values={name: each[:, :number] for name, each in drawn.values.items()},
        percentiles={name: each[:number] for name, each in drawn.percentiles.items()},
        truths={name: each[:number] for name, each in drawn.truths.items()},
    )
