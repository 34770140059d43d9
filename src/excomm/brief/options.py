"""What the options do: their commitments in plain words, and what each sets differently from the reference."""

from __future__ import annotations

from dataclasses import dataclass

from excomm.brief.figures import Figures
from excomm.brief.palette import Mark, mark_of
from excomm.brief.words import listed, upper_first
from excomm.case.model import Option, Parameter

__all__ = ["OptionCard", "Setting", "option_cards"]

_PURPOSES = {
    "reassure": "reassure the host",
    "deter": "deter a further attack",
    "roll-back": "roll the adversary back",
}
_TRIGGERS = {"now": "at once", "on-ceasefire": "once a ceasefire is in force"}
_POSTURES = {
    "rear": "in the rear",
    "line": "at the line of contact",
    "air-only": "in the air only",
    "none": "no forces",
}
_RULES = {
    "none": "no forces, so none needed",
    "self-defence": "self-defence only",
    "air-defence": "shoot down drones and missiles",
    "combat": "combat beside the host",
}
_FRAMEWORKS = {
    "alliance": "the alliance as a whole",
    "coalition": "a coalition of the willing",
    "one-state": "one state",
}


@dataclass(frozen=True)
class Setting:
    """A parameter that an option sets, with the prior it replaces."""

    parameter: str
    meaning: str
    prior: str
    replaces: str
    grade: str
    source: str


@dataclass(frozen=True)
class OptionCard:
    """An option in words; `lines` are (label, text) pairs."""

    id: str
    name: str
    mark: Mark
    is_reference: bool
    description: str
    lines: tuple[tuple[str, str], ...]
    settings: tuple[Setting, ...]
    grades: str


def _posture_name(figures: Figures, posture: str) -> str:
    named = figures.case.postures["alliance"]
    return next((each.name for each in named if each.id == posture), posture)


def _floor(figures: Figures, option: Option) -> str:
    if option.floor.weeks <= 0:
        return "none: the alliance may step down at any time without breaking its word"
    name = _posture_name(figures, option.floor.posture)
    return f"not below “{name}” for {option.floor.weeks} weeks; an earlier step down costs leaders at home"


def _moves(figures: Figures, option: Option) -> str:
    postures = figures.case.postures["alliance"]
    start = figures.case.posture_index("alliance", option.start)
    ceiling = figures.case.posture_index("alliance", option.ceiling)
    floor = figures.case.posture_index("alliance", option.floor.posture) if option.floor.weeks > 0 else 0
    begin = f"starts at “{postures[start].name}”"
    if ceiling > start:
        begin += f"; may go up to “{postures[ceiling].name}”"
    else:
        begin += "; no step up foreseen"
    down = [f"“{each.name}”" for each in postures[:start]]
    if not down:
        return begin
    when = f" (while the floor holds, not below “{postures[floor].name}”)" if option.floor.weeks > 0 else ""
    return f"{begin}; may step down to {listed(down)}{when}"


def _grades(figures: Figures, option: Option) -> str:
    summary = figures.run.summary
    grades = [str(grade) for grade in summary["grade"].sel(option=option.id).values]
    counts = {letter: grades.count(letter) for letter in ("A", "B", "C")}
    return listed([f"{count} {letter}" for letter, count in counts.items() if count])


def _setting(base: Parameter | None, parameter: Parameter) -> Setting:
    return Setting(
        parameter=parameter.id,
        meaning=parameter.meaning,
        prior=parameter.text,
        replaces=base.text if base else "–",
        grade=parameter.grade,
        source=parameter.source,
    )


def option_cards(figures: Figures) -> tuple[OptionCard, ...]:
    """One card an option, in the order of the case."""
    cards = []
    for option in figures.options:
        lines = (
            ("Purpose", upper_first(_PURPOSES.get(option.purpose, option.purpose))),
            ("Begins", upper_first(_TRIGGERS.get(option.trigger, option.trigger))),
            ("Forces", upper_first(_POSTURES.get(option.posture, option.posture))),
            ("Rules", upper_first(_RULES.get(option.rules_of_engagement, option.rules_of_engagement))),
            ("Framework", upper_first(_FRAMEWORKS.get(option.framework, option.framework))),
            ("Commitment floor", upper_first(_floor(figures, option))),
            ("Later moves", upper_first(_moves(figures, option))),
            ("Exit", upper_first(option.exit)),
        )
        base = figures.case.parameters()
        cards.append(
            OptionCard(
                id=option.id,
                name=option.name,
                mark=mark_of(figures.case, option.id),
                is_reference=option.is_reference,
                description=option.description,
                lines=tuple(line for line in lines if line[1]),
                settings=tuple(_setting(base.get(name), each) for name, each in option.parameters.items()),
                grades=_grades(figures, option),
            )
        )
    return tuple(cards)
