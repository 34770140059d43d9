"""A case with some parameters known and other value weights: what a reader sets to question the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from excomm.case.distributions import Fixed
from excomm.case.frozen import FrozenMap
from excomm.case.model import Case, Parameter
from excomm.errors import UsageError

__all__ = ["Setting", "amend"]

_SOURCE = "judgement; set by a reader to question the model"


@dataclass(frozen=True)
class Setting:
    """A parameter known to have a value, in the unit of the parameter, under some options."""

    parameter: str
    options: tuple[str, ...]
    value: float


def _known(parameter: Parameter, value: float) -> Parameter:
    low, high = parameter.bounds
    if not low <= value <= high:
        raise UsageError(
            f"{parameter.id} cannot be {value:g} {parameter.unit}",
            path=parameter.id,
            expected=f"{low:g} to {high:g} {parameter.unit}",
            next_step="Choose another value.",
        )
    return replace(parameter, prior=Fixed(value), source=_SOURCE, grade="C")


def amend(
    case: Case,
    settings: Sequence[Setting] = (),
    *,
    weights: Mapping[str, Mapping[str, float]] | None = None,
) -> Case:
    """The case with parameters fixed under the named options, and the value weights of actors replaced.

    The value is stated for each option by itself, so that every other draw, and every correlation, stays as it is.
    Raises UsageError for a value outside the bounds of its parameter, CaseError for names that the case lacks.
    """
    patches = {option.id: dict(option.parameters) for option in case.options}
    for setting in settings:
        for name in setting.options:
            patches[case.option(name).id][setting.parameter] = _known(
                case.parameter(setting.parameter, name), setting.value
            )
    stated = dict(weights or {})
    for actor in stated:
        case.perspective(actor)
    return replace(
        case,
        options=tuple(
            replace(option, parameters=FrozenMap(dict(sorted(patches[option.id].items()))))
            for option in case.options
        ),
        perspectives=tuple(
            replace(view, weights=FrozenMap(dict(stated[view.actor])), source=_SOURCE)
            if view.actor in stated
            else view
            for view in case.perspectives
        ),
    )
