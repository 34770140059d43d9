"""Parameters as stated: the shipped defaults, and what a case or one of its options says instead."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from excomm.case.distributions import Fixed, Prior, spell_number
from excomm.case.frozen import FrozenMap
from excomm.case.model import Parameter, Proposition
from excomm.case.prior_text import parse_prior
from excomm.case.priors import Conditional, Truncated
from excomm.case.section import Section, suggest
from excomm.case.units_table import parse_unit
from excomm.case.yaml_advice import spell_in_braces
from excomm.case.yaml_source import Place, Value
from excomm.errors import CaseError

__all__ = ["GRADES", "cut_priors", "read_defaults", "read_overrides"]

GRADES = ("A", "B", "C")

_PARAMETER_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")


def read_defaults(root: Section) -> dict[str, Parameter]:
    """Parameters that a defaults file declares."""
    found = {}
    for name in root:
        section = root.section(name)
        if not _PARAMETER_ID.fullmatch(name):
            root.note(
                name,
                f'"{name}" is not the id of a parameter.',
                "words_like_this with dots",
                "Write `ground.pace`.",
            )
        unit = _read_unit(section)
        bounds = _read_bounds(section)
        stated = section.raw("prior", expected="a prior")
        found[name] = Parameter(
            id=name,
            prior=_parse(section, ("prior",), stated, unit, unit, bounds),
            unit=unit,
            source=section.text("source"),
            grade=section.one_of("grade", GRADES),
            meaning=section.text("meaning"),
            bounds=bounds,
            note=section.text("note", optional=True),
            file=root.problems.document.file,
            line=root.problems.document.line(section.place),
        )
        section.finish()
    return found


def read_overrides(
    section: Section, known: Mapping[str, Parameter], propositions: tuple[Proposition, ...]
) -> Mapping[str, Parameter]:
    """Parameters that a case or an option states instead of `known` ones.

    Unit, meaning and bounds stay as declared; the grade is C unless stated, because the evidence for the
    old prior does not support a new one.
    """
    found = {}
    for name in section:
        declared = known.get(name)
        if declared is None:
            section.note(
                name,
                f'"{name}" is not a known parameter.',
                "the id of a parameter that the engine uses",
                suggest(name, known, "List them with `excomm parameters CASE`."),
            )
            continue
        stated = section.raw(name, expected="a mapping with a prior and its source")
        if isinstance(stated, str | int | float) and not isinstance(stated, bool):
            section.note(
                name,
                f'"{stated}" has no source.',
                "a mapping with a prior and its source",
                f"Write `{name}: {{prior: {spell_in_braces(str(stated))}, source: …}}` with where it is from, or the "
                "word judgement.",
            )
            continue
        entry = section.section(name)
        unit = entry.text("unit", optional=True) or None
        prior: Prior
        if entry.has("when"):
            if entry.has("prior"):
                entry.note(
                    "when", "both `prior` and `when` are stated.", "one of them", "Delete one of the two."
                )
            prior = _read_conditional(entry.section("when"), declared, unit, propositions)
        else:
            stated = entry.raw("prior", expected="a prior, or `when`")
            prior = _parse(entry, ("prior",), stated, declared.unit, unit, declared.bounds)
        found[name] = Parameter(
            id=name,
            prior=prior,
            unit=declared.unit,
            source=entry.text("source"),
            grade=entry.one_of("grade", GRADES, default="C"),
            meaning=declared.meaning,
            bounds=declared.bounds,
            note=entry.text("note", optional=True),
            file=section.problems.document.file,
            line=section.problems.document.line(entry.place),
        )
        entry.finish()
    return FrozenMap(found)


def cut_priors(parameters: Iterable[Parameter]) -> list[str]:
    """A warning for each prior of which more than a twentieth lies beyond a bound, so that its interval moves."""
    found = []
    for parameter in parameters:
        prior = parameter.prior
        for each in (prior.if_true, prior.if_false) if isinstance(prior, Conditional) else (prior,):
            if isinstance(each, Truncated) and each.cut > 0.0:
                left = f"{each.p05:.3g} to {each.p95:.3g} {parameter.unit}"
                bounds = " to ".join(
                    "any" if math.isinf(end) else spell_number(end) for end in parameter.bounds
                )
                found.append(
                    f"{parameter.file}:{parameter.line}: {parameter.id}: {each.cut:.0%} of "
                    f'"{each.inner.text_in(parameter.unit)}" lies beyond the bounds ({bounds}) and is cut away: what '
                    f"is left holds {left} nine times in ten. State an interval within the bounds."
                )
    return found


def _read_unit(section: Section) -> str:
    stated = section.text("unit")
    try:
        return parse_unit(stated).text if stated else "ratio"
    except CaseError as error:
        section.problems.adopt(section.at("unit"), error)
        return "ratio"


def _read_bounds(section: Section) -> tuple[float, float]:
    value = section.raw("bounds", expected="[lowest, highest]", optional=True)
    if value is None:
        return -math.inf, math.inf
    if isinstance(value, tuple) and len(value) == 2:
        ends = [_end(item, place) for place, item in enumerate(value)]
        if ends[0] is not None and ends[1] is not None and ends[0] < ends[1]:
            return ends[0], ends[1]
    section.note(
        "bounds", "these are not bounds.", "[lowest, highest], null for an open end", "Write [0, 1000]."
    )
    return -math.inf, math.inf


def _end(value: Value, place: int) -> float | None:
    if value is None:
        return math.inf if place else -math.inf
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return None


def _read_conditional(
    when: Section, declared: Parameter, unit: str | None, propositions: tuple[Proposition, ...]
) -> Prior:
    by_id = {proposition.id: proposition for proposition in propositions}
    name = when.one_of("proposition", sorted(by_id), what="a proposition")
    branches = [
        _parse(when, (key,), when.raw(key, expected="a prior"), declared.unit, unit, declared.bounds)
        for key in ("true", "false")
    ]
    when.finish()
    probability = by_id[name].prior.mean if name in by_id else 0.5
    return Conditional(name, branches[0], branches[1], probability)


def _parse(
    section: Section,
    place: Place,
    stated: Value,
    unit: str,
    stated_unit: str | None,
    bounds: tuple[float, float],
) -> Prior:
    """The prior; a stand-in where it is wrong, after the problem has been noted."""
    if stated is None:
        return Fixed(0.0)
    try:
        if isinstance(stated, bool) or not isinstance(stated, str | int | float):
            raise CaseError(
                "this is not a prior.",
                expected=f"a number, or text such as 10 to 40 {unit}",
                next_step=f"Write `prior: 10 to 40 {unit}`.",
            )
        return parse_prior(stated, unit, stated_unit=stated_unit, bounds=bounds)
    except CaseError as error:
        section.problems.adopt(section.at(*place), error)
        return Fixed(0.0)
