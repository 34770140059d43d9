"""The parts of a case file: actors, postures, options, propositions and the rest, read and checked."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from itertools import pairwise
from typing import TypeVar

from excomm.case.distributions import Prior
from excomm.case.frozen import FrozenMap
from excomm.case.model import (
    Acceptance,
    Actor,
    CalendarEvent,
    Correlation,
    Floor,
    NewsSource,
    Option,
    Parameter,
    Perspective,
    Posture,
    Proposition,
    QuantityRange,
    Rival,
)
from excomm.case.parameter_source import read_overrides
from excomm.case.prior_text import parse_interval, parse_prior
from excomm.case.section import Section
from excomm.errors import CaseError

__all__ = [
    "ADVERSARY_ATTRIBUTES",
    "ALLIANCE_ATTRIBUTES",
    "EFFECTS",
    "FRAMEWORKS",
    "OPTION_POSTURES",
    "PURPOSES",
    "ROLES",
    "RULES_OF_ENGAGEMENT",
    "TRIGGERS",
    "read_acceptance",
    "read_actors",
    "read_calendar",
    "read_correlations",
    "read_options",
    "read_perspectives",
    "read_postures",
    "read_propositions",
    "read_sources",
]

ROLES = ("host", "alliance", "adversary", "patron", "neighbour", "ally", "third-party")
SIDES = ("alliance", "adversary")
ALLIANCE_ATTRIBUTES = ("aid", "shield", "presence", "engaged")
ADVERSARY_ATTRIBUTES = ("front", "air", "horizontal", "strikes_forces", "strikes_territory")
EFFECTS = ("aid_review", "budget", "election", "none")
PURPOSES = ("reassure", "deter", "roll-back")
TRIGGERS = ("now", "on-ceasefire")
OPTION_POSTURES = ("none", "air-only", "rear", "line")
RULES_OF_ENGAGEMENT = ("none", "self-defence", "air-defence", "combat")
FRAMEWORKS = ("alliance", "coalition", "one-state")

Thing = TypeVar("Thing")


def _distinct(
    sections: list[Section], read: Callable[[Section], Thing], key: Callable[[Thing], str]
) -> tuple[Thing, ...]:
    """Read each section; note an id that stands twice, and keep both, so that nothing else seems to be missing."""
    found: list[Thing] = []
    names: set[str] = set()
    for section in sections:
        thing = read(section)
        section.finish()
        name = key(thing)
        if name in names and name:
            section.problems.add(
                section.place,
                f'"{name}" stands twice in this list.',
                "each of them once",
                "Rename or delete one of the two.",
            )
        found.append(thing)
        names.add(name)
    return tuple(found)


def read_actors(root: Section) -> tuple[Actor, ...]:
    """Actors; one host, one alliance and one adversary are needed."""

    def read(section: Section) -> Actor:
        return Actor(
            section.slug(),
            section.text("name"),
            section.one_of("role", ROLES),
            section.text("description", optional=True),
            section.words("aliases"),
        )

    actors = _distinct(root.sections("actors", 2, 60, what="actors"), read, lambda actor: actor.id)
    for role in ("host", "alliance", "adversary"):
        count = len({actor.id for actor in actors if actor.role == role})  # an id that stands twice is noted
        unread = any(not actor.role for actor in actors)  # noted already; it may be the one that is missing
        if actors and count != 1 and not (count == 0 and unread):
            root.note(
                "actors",
                f'{count or "no"} actors have the role "{role}".',
                "exactly one host, one alliance and one adversary",
                f"Give one actor `role: {role}`"
                + ("; further states are `ally` or `third-party`." if count else "."),
            )
    return actors


def read_postures(root: Section) -> dict[str, tuple[Posture, ...]]:
    """Postures of both sides, from lowest to highest."""
    both = root.section("postures")
    found: dict[str, tuple[Posture, ...]] = {}
    for side, names in zip(SIDES, (ALLIANCE_ATTRIBUTES, ADVERSARY_ATTRIBUTES), strict=True):

        def read(section: Section, names: tuple[str, ...] = names) -> Posture:
            return Posture(
                section.slug(),
                section.text("name"),
                section.integer("rung", 0, 10),
                FrozenMap(
                    {name: section.number(name, 0.0, 10.0, what="a share or factor") for name in names}
                ),
                section.text("source"),
                section.flag("start") if "front" in names else False,
            )

        ladder = _distinct(both.sections(side, 2, 7, what="postures"), read, lambda posture: posture.id)
        for place, (lower, higher) in enumerate(pairwise(ladder)):
            if lower.rung > higher.rung:
                both.problems.add(
                    both.at(side, place + 1, "rung"),
                    f"rung {higher.rung} lies below rung {lower.rung} of {lower.id} before it.",
                    "postures from lowest to highest",
                    "Reorder the postures or correct the rung.",
                )
        found[side] = ladder
    starts = list(dict.fromkeys(posture.id for posture in found["adversary"] if posture.is_start))
    if found["adversary"] and len(starts) != 1:
        both.note(
            "adversary",
            f"marked as the adversary's posture at the information date: {', '.join(starts) or 'none'}.",
            "exactly one posture of the adversary with `start: true`",
            "Mark the posture that describes the adversary now.",
        )
    both.finish()
    return found


def read_calendar(root: Section) -> tuple[CalendarEvent, ...]:
    """Dated events, sorted by date."""

    def read(section: Section) -> CalendarEvent:
        return CalendarEvent(
            section.day("date"),
            section.text("event"),
            section.one_of("effect", EFFECTS, default="none"),
            section.text("source"),
        )

    sections = root.sections("calendar", 0, 200, what="events")
    events = []
    for section in sections:
        events.append(read(section))
        section.finish()
    return tuple(sorted(events, key=lambda event: event.date))


def read_correlations(root: Section, known: Collection[str]) -> tuple[Correlation, ...]:
    """Rank correlations between two known parameters, each pair once."""
    found: dict[frozenset[str], Correlation] = {}
    for section in root.sections("correlations", 0, 500, what="correlations"):
        pair = section.words("between")
        rank = section.number("rank", -0.99, 0.99, what="a rank correlation")
        source = section.text("source")
        section.finish()
        if len(pair) != 2 or pair[0] == pair[1]:
            section.note(
                "between", "a correlation needs two parameters.", "two different ids", "Write [one, another]."
            )
            continue
        for name in pair:
            check_known(section, "between", name, known, "parameter")
        if frozenset(pair) in found:
            section.note("between", "this pair stands twice.", "each pair once", "Delete one of the two.")
        found[frozenset(pair)] = Correlation((pair[0], pair[1]), rank, source)
    return tuple(found.values())


def check_known(section: Section, key: str, name: str, known: Collection[str], kind: str) -> None:
    """Note a reference to something that is not there."""
    from excomm.case.section import suggest

    if name not in known:
        listed = sorted(known)
        otherwise = {
            "parameter": "List the parameters that exist with `excomm parameters CASE`.",
            "outcome": "Take one from the reference of outcomes.",
            "outcome or weekly series": "Take one from the reference of outcomes.",
        }.get(kind, f"Add the {kind}, or write one that is stated.")
        section.note(
            key,
            f'"{name}" is not a known {kind}.',
            f"the id of {'an' if kind[0] in 'aeiou' else 'a'} {kind}"
            + (f": {', '.join(listed)}" if 0 < len(listed) <= 12 else ""),
            suggest(name, known, otherwise),
        )


def read_sources(root: Section, actors: Collection[str]) -> tuple[NewsSource, ...]:
    """News sources with their reliability letter."""

    def read(section: Section) -> NewsSource:
        interests = section.words("interests")
        for name in interests:
            check_known(section, "interests", name, actors, "actor")
        return NewsSource(
            section.slug(),
            section.text("name"),
            section.one_of("letter", ("A", "B", "C", "D", "E", "F")),
            section.text("kind", optional=True),
            section.text("owner", optional=True),
            section.text("state", optional=True),
            interests,
        )

    return _distinct(root.sections("sources", 0, 500, what="sources"), read, lambda source: source.id)


def read_probability(section: Section, key: str = "prior") -> Prior:
    """A prior of a probability: a number, or text such as "0.1 to 0.5 probability"."""
    from excomm.case.distributions import Fixed

    stated = section.raw(key, expected="a probability between 0 and 1")
    if stated is None:
        return Fixed(0.5)
    try:
        if isinstance(stated, bool) or not isinstance(stated, str | int | float):
            raise CaseError(
                "this is not a probability.", expected="a number between 0 and 1", next_step="Write 0.3."
            )
        return parse_prior(stated, "probability")
    except CaseError as error:
        section.problems.adopt(section.at(key), error)
        return Fixed(0.5)


def read_propositions(
    root: Section, actors: Collection[str], parameters: Mapping[str, Parameter]
) -> tuple[Proposition, ...]:
    """Propositions with their rivals."""

    def read(section: Section) -> Proposition:
        target = section.text("target", optional=True) or None
        if target is not None:
            check_known(section, "target", target, actors, "actor")
        parameter = section.text("parameter", optional=True) or None
        if parameter is not None:
            check_known(section, "parameter", parameter, parameters, "parameter")
        rivals = _distinct(
            section.sections("rivals", 0, 8, what="rival explanations"),
            lambda rival: Rival(rival.slug(), rival.text("text"), read_probability(rival)),
            lambda rival: rival.id,
        )
        return Proposition(
            id=section.slug(),
            text=section.text("text"),
            actor=section.one_of("actor", sorted(actors), what="an actor"),
            event=section.words("event"),
            target=target,
            quantity=_read_range(section),
            keywords=section.words("keywords"),
            prior=read_probability(section),
            source=section.text("source"),
            rivals=rivals,
            parameter=parameter,
            line=section.problems.document.line(section.place),
        )

    sections = root.sections("propositions", 0, 60, what="propositions")
    return _distinct(sections, read, lambda proposition: proposition.id)


def _read_range(section: Section) -> QuantityRange | None:
    """`{above: 5000 troops}`, `{below: …}` or `{between: 10 to 20 troops}`."""
    if not section.has("quantity"):
        return None
    inner = section.section("quantity")
    keys = [key for key in ("above", "below", "between") if inner.has(key)]
    inner.finish()
    if len(keys) != 1:
        section.note(
            "quantity", "a range needs one key.", "above, below or between", "Write {above: 5000 troops}."
        )
        return None
    stated = inner.raw(keys[0], expected="a quantity with its unit")
    try:
        low, high, unit = parse_interval(stated if isinstance(stated, str | int | float) else "")
        if keys[0] == "above":
            return QuantityRange(low, math.inf, unit)
        return QuantityRange(-math.inf if keys[0] == "below" else low, high, unit)
    except CaseError as error:
        inner.problems.adopt(inner.at(keys[0]), error)
        return None


def read_acceptance(root: Section) -> Acceptance:
    """Who lets claims count; nobody where nothing is stated."""
    if not root.has("acceptance"):
        return Acceptance("none", "nobody")
    section = root.section("acceptance")
    acceptance = Acceptance(section.one_of("policy", ("none", "linked")), section.text("by"))
    section.finish()
    return acceptance


def read_perspectives(
    root: Section, actors: Collection[str], outcomes: Collection[str]
) -> tuple[Perspective, ...]:
    """Value weights by actor."""

    def read(section: Section) -> Perspective:
        weights = section.section("weights")
        stated = {}
        for name in weights:
            check_known(weights, name, name, outcomes, "outcome")
            stated[name] = weights.number(name, -1e6, 1e6, what="a weight")
        if not any(stated.values()):
            section.note(
                "weights",
                "no outcome has a weight.",
                "at least one that is not 0",
                "Write {area_change: 0.5}.",
            )
        return Perspective(
            section.one_of("actor", sorted(actors), what="an actor"),
            section.text("source"),
            FrozenMap(stated),
        )

    sections = root.sections("perspectives", 0, 60, what="perspectives")
    return _distinct(sections, read, lambda perspective: perspective.actor)


def read_options(
    root: Section,
    ladder: tuple[Posture, ...],
    parameters: Mapping[str, Parameter],
    propositions: tuple[Proposition, ...],
    horizon_weeks: int,
) -> tuple[Option, ...]:
    """Options as patches; exactly one is the reference."""
    names = [posture.id for posture in ladder]

    def read(section: Section) -> Option:
        start = section.one_of("start", names, what="an alliance posture")
        ceiling = section.one_of("ceiling", names, what="an alliance posture")
        floor = _read_floor(section, names, horizon_weeks)
        for key, lower in (("floor", floor.posture), ("start", start)):
            if lower in names and ceiling in names and names.index(lower) > names.index(ceiling):
                section.note(
                    key,
                    f"the {key} ({lower}) lies above the ceiling ({ceiling}).",
                    f"a {key} at or below the ceiling",
                    f"Raise the ceiling, or lower the {key} to {ceiling} or below.",
                )
        return Option(
            id=section.slug(),
            name=section.text("name"),
            is_reference=section.flag("reference"),
            description=section.text("description"),
            purpose=section.one_of("purpose", PURPOSES),
            trigger=section.one_of("trigger", TRIGGERS),
            posture=section.one_of("posture", OPTION_POSTURES),
            rules_of_engagement=section.one_of("rules_of_engagement", RULES_OF_ENGAGEMENT),
            framework=section.one_of("framework", FRAMEWORKS),
            start=start,
            ceiling=ceiling,
            floor=floor,
            exit=section.text("exit", optional=True),
            parameters=read_overrides(section.section("set", optional=True), parameters, propositions),
        )

    options = _distinct(root.sections("options", 1, 12, what="options"), read, lambda option: option.id)
    references = list(dict.fromkeys(option.id for option in options if option.is_reference))
    if options and len(references) != 1:
        root.note(
            "options",
            f"marked as the reference: {', '.join(references) or 'no option'}.",
            "exactly one option with `reference: true`",
            "Mark the option that the others are compared with"
            + (", and only that one." if references else "."),
        )
    return options


def _read_floor(section: Section, names: list[str], horizon_weeks: int) -> Floor:
    if not section.has("floor"):
        return Floor(names[0] if names else "", 0)
    inner = section.section("floor")
    floor = Floor(
        inner.one_of("posture", names, what="an alliance posture"),
        inner.integer("weeks", 0, horizon_weeks, default=0),
    )
    inner.finish()
    return floor


def horizon_of(root: Section) -> int:
    """52 or 104 weeks, written `52 weeks`."""
    expected = "52 weeks or 104 weeks"
    value = root.raw("horizon", expected=expected)
    found = re.fullmatch(r"(52|104) weeks", str(value))
    if value is not None and not found:
        root.note("horizon", f'"{str(value)[:60]}" is not a horizon.', expected, "Write `horizon: 52 weeks`.")
    return int(found[1]) if found else 52
