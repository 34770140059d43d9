"""Small invented worlds for the tests of this room."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from excomm.evidence import Acceptance, Assessment, Claim, Profile, Report, assess, extract, profile_of_case
from excomm.evidence.model import GENRES

GOLD = Path(__file__).parent / "gold"


@dataclass(frozen=True)
class Actor:
    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    id: str
    name: str
    letter: str
    kind: str = "newspaper"
    owner: str | None = None
    state: str | None = None
    interests: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposition:
    id: str
    text: str
    actor: str
    event: tuple[str, ...]
    target: str | None = None
    quantity: Any = None
    keywords: tuple[str, ...] = ()
    prior: Any = 0.05
    rivals: tuple[dict[str, Any], ...] = ()
    parameter: str | None = None


ACTORS = (
    Actor("northland", "Northland", ("Нортланд",)),
    Actor("southland", "Southland", ("Саутланд",)),
    Actor("league", "the League", ("Ліга", "Лига")),
    Actor("eastmark", "Eastmark", ("Істмарк", "Истмарк")),
)
SOURCES = (
    Source("harbour-times", "Harbour Times", "C"),
    Source("daily-gull", "Daily Gull", "C"),
    Source("coast-wire", "Coast Wire", "C"),
    Source(
        "eastmark-ministry",
        "Eastmark Ministry",
        "B",
        kind="official",
        state="eastmark",
        interests=("eastmark",),
    ),
)
TROOPS = Proposition(
    "foreign-troops", "Eastmark has troops in Southland", "eastmark", ("deploy",), "southland"
)


@dataclass(frozen=True)
class World:
    propositions: tuple[Any, ...] = (TROOPS,)
    sources: tuple[Source, ...] = SOURCES
    actors: tuple[Actor, ...] = ACTORS
    accepted: Acceptance = field(default_factory=lambda: Acceptance("linked"))

    @property
    def profile(self) -> Profile:
        return profile_of_case(self.actors, self.propositions)

    def claims(self, reports: list[Report]) -> list[Claim]:
        return [claim for report in reports for claim in extract(report, self.profile)]

    def assess(self, reports: list[Report], *, as_of: date | None = None, seed: int = 0) -> Assessment:
        found = assess(
            self.claims(reports),
            reports,
            self.propositions,
            self.sources,
            acceptance=self.accepted,
            as_of=as_of,
            seed=seed,
        )
        return found[0]


def report(text: str, source: str | None = "Harbour Times", day: int = 1, **more: Any) -> Report:
    return Report(text=text, source=source, published=date(2031, 3, day), **more)


def gold_world() -> tuple[tuple[Actor, ...], tuple[Proposition, ...]]:
    raw = yaml.safe_load((GOLD / "propositions.yaml").read_text(encoding="utf-8"))
    actors = tuple(Actor(each["id"], each["name"], tuple(each.get("aliases", ()))) for each in raw["actors"])
    propositions = tuple(
        Proposition(
            each["id"],
            each["text"],
            each["actor"],
            tuple(each["event"]),
            each["target"],
            each["quantity"],
            tuple(each["keywords"]),
            each["prior"],
            tuple(each["rivals"]),
        )
        for each in raw["propositions"]
    )
    return actors, propositions


HANDS = {  # who wrote which files of the gold set
    "first": ("en", "uk", "ru"),
    "second": ("en-second",),
    "third": ("en-third",),
    "fourth": ("en-fourth",),
}


def gold_documents(split: str | None = None, hand: str = "first") -> list[dict[str, Any]]:
    """Documents of one split (dev, test; check of the second and fourth hand), each with its language."""
    return [
        {**document, "language": name[:2]}
        for name in HANDS[hand]
        for document in yaml.safe_load((GOLD / f"{name}.yaml").read_text(encoding="utf-8"))
        if split in {None, document["split"]}
    ]


def gold_report(document: dict[str, Any]) -> Report:
    return Report(
        text=" ".join(sentence["t"] for sentence in document["sentences"]),
        source=document["source"],
        genre=document["genre"] if document["genre"] in GENRES else "news",
        language=document["language"],
        published=document["published"],
    )
