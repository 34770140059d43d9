"""What a case says, once it has been read and checked. Nothing here can be changed after loading."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar

from excomm.case.distributions import Prior
from excomm.errors import CaseError

__all__ = [
    "Acceptance",
    "Actor",
    "CalendarEvent",
    "Case",
    "Correlation",
    "Floor",
    "Member",
    "NewsSource",
    "Option",
    "Parameter",
    "Perspective",
    "PlausibilityBand",
    "Posture",
    "Proposition",
    "QuantityRange",
    "Rival",
]


class Named(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """Its id."""


Thing = TypeVar("Thing", bound=Named)


@dataclass(frozen=True)
class Actor:
    """Who takes part; `role` is the place in the model, `aliases` other names in reports."""

    id: str
    name: str
    role: str
    description: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Posture:
    """What one side can have committed. `attributes` are the shares and factors [-] that the world reads.

    is_start: where the adversary stands at the information date (the alliance's start belongs to the option).
    """

    id: str
    name: str
    rung: int
    attributes: Mapping[str, float]
    source: str
    is_start: bool = False


@dataclass(frozen=True)
class CalendarEvent:
    """A dated event known at the information date; `effect` is aid_review, budget, election or none."""

    date: date
    event: str
    effect: str
    source: str


@dataclass(frozen=True)
class Parameter:
    """A quantity of the model with its prior, where that comes from and where it is stated.

    `bounds` are hard limits in `unit`; `file` and `line` say where the prior in force was written.
    """

    id: str
    prior: Prior
    unit: str
    source: str
    grade: str
    meaning: str
    bounds: tuple[float, float]
    note: str = ""
    file: str = ""
    line: int = 1

    @property
    def submodel(self) -> str:
        """First part of the id: the part of the world that the parameter enters."""
        return self.id.partition(".")[0]

    @property
    def text(self) -> str:
        """Prior with its unit, as in a case file."""
        return self.prior.text_in(self.unit)


@dataclass(frozen=True)
class Floor:
    """Commitment floor: going below `posture` within `weeks` costs the audience cost."""

    posture: str
    weeks: int


@dataclass(frozen=True)
class Option:
    """A named patch on the case, with its commitments. `parameters` are those that differ under it."""

    id: str
    name: str
    is_reference: bool
    description: str
    purpose: str
    trigger: str
    posture: str
    rules_of_engagement: str
    framework: str
    start: str
    ceiling: str
    floor: Floor
    exit: str
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True)
class Correlation:
    """Rank correlation (Spearman) between the priors of two parameters."""

    between: tuple[str, str]
    rank: float
    source: str


@dataclass(frozen=True)
class NewsSource:
    """A source of reports; `letter` is its reliability (A to F), `interests` the actors it leans to."""

    id: str
    name: str
    letter: str
    kind: str = ""
    owner: str = ""
    state: str = ""
    interests: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuantityRange:
    """Range of a quantity that a claim must fall into; an open end is infinite."""

    low: float
    high: float
    unit: str


@dataclass(frozen=True)
class Rival:
    """Another explanation of the same reports; `prior` is its probability."""

    id: str
    text: str
    prior: Prior


@dataclass(frozen=True)
class Proposition:
    """What is believed or not; the slots link claims to it. `prior` is its probability."""

    id: str
    text: str
    actor: str
    event: tuple[str, ...]
    target: str | None
    quantity: QuantityRange | None
    keywords: tuple[str, ...]
    prior: Prior
    source: str
    rivals: tuple[Rival, ...]
    parameter: str | None
    line: int = 1


@dataclass(frozen=True)
class Acceptance:
    """Which claims count without a person: `none`, or `linked` (those that link to a proposition)."""

    policy: str
    by: str


@dataclass(frozen=True)
class Perspective:
    """Weights with which an actor values outcomes; positive: more is better. They change no behaviour."""

    actor: str
    source: str
    weights: Mapping[str, float]


@dataclass(frozen=True)
class PlausibilityBand:
    """A published figure that the reference option should reproduce, in the unit of its quantity."""

    id: str
    text: str
    quantity: str
    statistic: str
    weeks: tuple[int, int]
    low: float
    high: float
    unit: str
    source: str
    informed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Member:
    """A member of the alliance as a possible contributor.

    population_m: million people; gdp_bn: bn USD; active_forces: troops; defence_share: share of GDP;
    border: whether it borders the adversary; support: share of the public in favour of sending troops.
    """

    id: str
    name: str
    population_m: float
    gdp_bn: float
    active_forces: float
    defence_share: float
    border: bool
    support: float
    source: str


@dataclass(frozen=True, repr=False)
class Case:
    """A crisis as its author states it: who, what may be done, what is known and how well.

    `options` stand in the order of the file, postures from lowest to highest, weeks count from `as_of`.
    """

    id: str
    title: str
    question: str
    as_of: date
    horizon_weeks: int
    summary: str
    first_mover: str
    actors: tuple[Actor, ...]
    postures: Mapping[str, tuple[Posture, ...]]
    calendar: tuple[CalendarEvent, ...]
    base_parameters: Mapping[str, Parameter]
    correlations: tuple[Correlation, ...]
    sources: tuple[NewsSource, ...]
    propositions: tuple[Proposition, ...]
    acceptance: Acceptance
    perspectives: tuple[Perspective, ...]
    options: tuple[Option, ...]
    plausibility: tuple[PlausibilityBand, ...]
    members: tuple[Member, ...]
    folder: Path
    file: str
    record_path: Path | None
    report_paths: tuple[Path, ...]
    files_hashes: Mapping[str, str]
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Case {self.id}: {self.as_of}, {self.horizon_weeks} weeks, {len(self.options)} options>"

    @property
    def reference(self) -> Option:
        """The option against which the others are compared."""
        return next(option for option in self.options if option.is_reference)

    @property
    def adversary_start(self) -> Posture:
        """The adversary's posture at the information date."""
        return next(posture for posture in self.postures["adversary"] if posture.is_start)

    def option(self, option_id: str) -> Option:
        """Option by id; `CaseError` that names the others."""
        return self._find("option", self.options, option_id)

    def actor(self, actor_id: str) -> Actor:
        """Actor by id; `CaseError` that names the others."""
        return self._find("actor", self.actors, actor_id)

    def in_role(self, role: str) -> tuple[Actor, ...]:
        """Actors in a role: host, alliance, adversary, patron, neighbour, ally or third-party."""
        return tuple(actor for actor in self.actors if actor.role == role)

    def proposition(self, proposition_id: str) -> Proposition:
        """Proposition by id; `CaseError` that names the others."""
        return self._find("proposition", self.propositions, proposition_id)

    def perspective(self, actor_id: str) -> Perspective:
        """Perspective of an actor; `CaseError` that names those stated."""
        for perspective in self.perspectives:
            if perspective.actor == actor_id:
                return perspective
        names = [perspective.actor for perspective in self.perspectives]
        raise self._unknown("perspective", names, actor_id)

    def posture_index(self, side: str, posture_id: str) -> int:
        """Place of a posture of `alliance` or `adversary`, 0 for the lowest."""
        names = [posture.id for posture in self.postures[side]]
        if posture_id not in names:
            raise self._unknown(f"posture of the {side}", names, posture_id)
        return names.index(posture_id)

    def parameter(self, parameter_id: str, option: str | Option | None = None) -> Parameter:
        """Parameter in force, under an option where one is named."""
        parameters = self.parameters(option)
        if parameter_id not in parameters:
            raise self._unknown("parameter", list(parameters), parameter_id)
        return parameters[parameter_id]

    def parameters(self, option: str | Option | None = None) -> Mapping[str, Parameter]:
        """All parameters in force: defaults, then the case, then the option; sorted by id."""
        if option is None:
            return self.base_parameters
        patch = (self.option(option) if isinstance(option, str) else option).parameters
        return {**self.base_parameters, **patch}

    def canonical_json(self) -> str:
        """Everything that can change a result, as JSON with sorted keys, without paths and lines."""
        return json.dumps(_canonical(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def _find(self, kind: str, things: tuple[Thing, ...], wanted: str) -> Thing:
        for thing in things:
            if thing.id == wanted:
                return thing
        raise self._unknown(kind, [thing.id for thing in things], wanted)

    def _file_to_edit(self) -> str:
        """The case file; for a shipped case a copy of it, because nobody edits an installed package."""
        if Path(__file__).parent in self.folder.parents:
            return f"a copy: `excomm new my-{self.id} --from {self.id}`"
        return self.file

    def _unknown(self, kind: str, known: list[str], wanted: str) -> CaseError:
        import difflib

        close = difflib.get_close_matches(wanted, known, n=3)
        return CaseError(
            f'"{wanted}" is no {kind} of the case {self.id}.',
            file=self.file,
            expected=", ".join(known[:12]) + (" …" if len(known) > 12 else "") or "none is stated",
            next_step=f"Did you mean {' or '.join(close)}?"
            if close
            else f"Name one of these, or add it to {self._file_to_edit()}.",
        )


_NOT_CONTENT = {"folder", "file", "line", "record_path", "report_paths", "files_hashes", "warnings"}


def _canonical(thing: Any) -> Any:
    if isinstance(thing, Prior):
        return thing.to_json()
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        names = [field.name for field in dataclasses.fields(thing) if field.name not in _NOT_CONTENT]
        content = {name: _canonical(getattr(thing, name)) for name in names}
        if isinstance(thing, Case):
            # case.yaml itself enters by its content, so that a comment changes no address.
            content["attachments"] = {
                name: digest for name, digest in thing.files_hashes.items() if not name.endswith(".yaml")
            }
        return content
    if isinstance(thing, Mapping):
        return {str(key): _canonical(value) for key, value in thing.items()}
    if isinstance(thing, tuple | list):
        return [_canonical(item) for item in thing]
    if isinstance(thing, date):
        return thing.isoformat()
    if isinstance(thing, float) and thing in (float("inf"), float("-inf")):
        return str(thing)
    return thing
