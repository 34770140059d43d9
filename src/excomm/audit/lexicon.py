"""The topic lexicon: `topics.yaml`, with the names of a case's actors and the overrides of its `audit.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, cast

import yaml

from excomm.case.model import Case
from excomm.errors import CaseError
from excomm.evidence.lexicon import fold

__all__ = ["Lexicon", "Meaning", "Rule", "Side", "Topic", "Wording", "lexicon_of"]

Side = Literal["higher", "lower"]
MEANINGS = ("event", "level", "change", "versus", "rank", "proposition", "record", "exceeds", "unmodelled")
OVERRIDE = "audit.yaml"
_OWN_WORDS = {"adversary": "foe", "host": "host-leader"}  # role -> concept in which a case adds words for it
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Meaning:
    """What a statement says of its target in numbers.

    kind: see `topics.yaml`; level: the threshold in the target's unit, or as a share of `share_of`; decisive: the
    level where the text says decisive; source: where the level comes from.
    """

    kind: str
    level: float | None = None
    decisive: float | None = None
    share_of: str | None = None
    against: str | None = None
    kept: str | None = None
    among: tuple[str, ...] = ()
    without_force: tuple[str, float] | None = None
    source: str = ""


@dataclass(frozen=True)
class Rule:
    """One way of saying it: concepts that must stand together, and the side of the target that they claim."""

    all: tuple[str, ...]
    pivot: str
    side: Side
    some: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    turn: tuple[str, ...] = ()
    carry: tuple[str, ...] = ()
    keep_word: bool = False
    reported: bool = False
    negation: str = "turn"
    options: str | None = None
    says: str | None = None


@dataclass(frozen=True)
class Topic:
    """What an assertion can be about, the outcome or parameter behind it, and what saying it means.

    claims: side -> what it says in plain words; `either` alone where the model covers no side. also: other outcomes
    that the same statement is about -> whether it claims the same side of them or the opposite one.
    """

    id: str
    label: str
    kind: str
    target: str | None
    meaning: Meaning
    options: str
    because: str
    rules: tuple[Rule, ...]
    claims: Mapping[str, str] = field(default_factory=dict, compare=False)
    also: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Wording:
    """Compiled word lists beside the topics."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    not_negation: re.Pattern[str]
    reach: int
    stops: re.Pattern[str]
    reported: re.Pattern[str]
    hedges: tuple[tuple[str, re.Pattern[str]], ...]
    not_hedge: re.Pattern[str]
    much: re.Pattern[str]
    decisive: re.Pattern[str]
    much_by: float
    ought: re.Pattern[str]
    not_ought: re.Pattern[str]
    start: re.Pattern[str]
    against: re.Pattern[str]


@dataclass(frozen=True)
class Lexicon:
    """Everything that reading an argument about one case needs.

    named: option -> pattern of its own names; kinds: kind of option -> pattern; roles: role -> words for its actors.
    """

    concepts: Mapping[str, re.Pattern[str]]
    topics: tuple[Topic, ...]
    wording: Wording
    named: Mapping[str, re.Pattern[str]]
    kinds: Mapping[str, re.Pattern[str]]
    roles: Mapping[str, tuple[str, ...]]

    def topic(self, name: str) -> Topic:
        """Topic by id; KeyError where there is none."""
        return next(topic for topic in self.topics if topic.id == name)


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    text = files("excomm.audit").joinpath("topics.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=_LOADER)
    return loaded


def _pattern(words: list[str]) -> re.Pattern[str]:
    if not words:
        return re.compile(r"(?!)")
    # A word between two others may carry an apostrophe or a hyphen; it may not be a negation.
    between = r"(?:(?!(?:not|never|no|nobody|hardly|without|nor|cannot)\b|\w+n't\b)[\w'-]+ )"
    parts = sorted((str(word).strip().replace(r"(?:\w+ )", between) for word in words), key=len)
    return re.compile(rf"(?<!\w)(?:{'|'.join(reversed(parts))})(?!\w)")


def _stem(name: str) -> str:
    """Pattern of a name with its adjective: Russia, Russian, Russians, Russia's."""
    plain = fold(name).removeprefix("the ").strip()
    if not re.search(r"[a-z]", plain):
        return re.escape(plain)
    if len(plain) >= 5 and plain[-1] in "aeiouy":
        return rf"(?:the )?{re.escape(plain[:-1])}\w{{0,5}}(?:'s)?"
    return rf"(?:the )?{re.escape(plain)}(?:(?:ia)?ns?|s|'s|s')?"


def _role_words(case: Case) -> dict[str, list[str]]:
    roles: dict[str, list[str]] = {}
    for actor in case.actors:
        names = [_stem(name) for name in (actor.name, *actor.aliases) if name.strip()]
        role = "alliance" if actor.role == "ally" else actor.role
        roles.setdefault(role, []).extend(names)
        if actor.role == "third-party":
            united = "united nations" in fold(actor.name)
            roles.setdefault("un" if united else "others", []).extend(names)
    return roles


def _filled(words: list[str], roles: Mapping[str, list[str]]) -> list[str]:
    """Words with the placeholders of roles filled in; a word whose role nobody holds is left out."""
    filled = []
    for word in words:
        text = str(word)
        found = re.findall(r"\{([a-z]+)\}", text)
        if any(name not in roles for name in found):
            continue
        for name in found:
            text = text.replace("{" + name + "}", "(?:" + "|".join(roles[name]) + ")")
        filled.append(text)
    return filled


def _meaning(entry: Mapping[str, Any]) -> Meaning:
    says = entry["says"]
    source = str(entry.get("source", ""))
    if isinstance(says, str):
        return Meaning(says, among=tuple(entry.get("among", ())), source=source)
    instead = entry.get("without_force")
    key = next((name for name in ("proposition", "record", "exceeds") if name in says), "level")
    return Meaning(
        key,
        level=float(says["level"]) if "level" in says else None,
        decisive=float(entry["decisive"]) if "decisive" in entry else None,
        share_of=says.get("share_of"),
        against=says.get("exceeds") or says.get("proposition") or says.get("record"),
        kept=says.get("share_kept"),
        without_force=(str(instead["target"]), float(instead["level"])) if instead else None,
        source=source,
    )


def _rule(entry: Mapping[str, Any]) -> Rule:
    lists = {name: tuple(entry.get(name, ())) for name in ("all", "some", "none", "context", "turn", "carry")}
    return Rule(
        **lists,
        pivot=str(entry.get("pivot", entry["all"][0])),
        side=cast(Side, entry.get("side", "higher")),
        negation=str(entry.get("negation", "turn")),
        options=entry.get("options"),
        says=entry.get("says"),
        keep_word=entry.get("hedge") == "keep",
        reported=bool(entry.get("reported", False)),
    )


@lru_cache(maxsize=1)
def _topics() -> tuple[Topic, ...]:
    return tuple(
        Topic(
            id=entry["id"],
            label=entry["label"],
            kind=entry["kind"],
            target=entry.get("target"),
            meaning=_meaning(entry),
            options=entry.get("options", "any"),
            because=entry.get("because", ""),
            rules=tuple(_rule(rule) for rule in entry["rules"]),
            claims={str(side): str(said) for side, said in entry["claims"].items()},
            also={str(name): str(way) for name, way in entry.get("also", {}).items()},
        )
        for entry in _shipped()["topics"]
    )


@lru_cache(maxsize=1)
def _wording() -> Wording:
    raw = _shipped()
    negation, conclusion = raw["negation"], raw["conclusion"]
    hedges = tuple((name, _pattern(words)) for name, words in raw["hedges"].items() if name != "not")
    return Wording(
        before=_pattern(negation["before"]),
        after=_pattern(negation["after"]),
        not_negation=_pattern(negation["not"]),
        reach=int(negation["reach"]),
        stops=re.compile("|".join(negation["stops"])),
        reported=_pattern(raw["reported"]),
        hedges=hedges,
        not_hedge=_pattern(raw["hedges"]["not"]),
        much=_pattern(raw["degrees"]["much"]["words"]),
        decisive=_pattern(raw["degrees"]["decisive"]["words"]),
        much_by=float(raw["degrees"]["much"]["by"]),
        ought=_pattern(conclusion["ought"]),
        not_ought=_pattern(conclusion["not"]),
        start=re.compile(
            rf"(?:(?:then|so|first|instead|above all|and|but),? )?(?:{'|'.join(conclusion['start'])})(?!\w)"
        ),
        against=_pattern(conclusion["against"]),
    )


def _own(case: Case) -> dict[str, Any]:
    """The case's own words: `audit.yaml` beside `case.yaml`, if there is one."""
    path = case.folder / OVERRIDE
    if not path.is_file():
        return {}
    shown = f"{case.id}/{OVERRIDE}"
    try:
        own = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise CaseError(
            "this is not valid YAML",
            file=shown,
            line=mark.line + 1 if mark else 1,
            expected="options, concepts or topics",
            next_step="Compare with the example in the documentation.",
        ) from error
    _check_own(own, case, shown)
    return dict(own)


def _check_own(own: Any, case: Case, shown: str) -> None:
    def refuse(what: str, expected: str) -> CaseError:
        return CaseError(what, file=shown, line=1, expected=expected, next_step="Correct it or delete it.")

    if not isinstance(own, dict) or set(own) - {"options", "concepts", "topics"}:
        raise refuse("only words for the audit belong here", "options, concepts or topics")
    known = {
        "options": {option.id for option in case.options},
        "concepts": set(_shipped()["concepts"]),
        "topics": {topic.id for topic in _topics()},
    }
    for part, entries in own.items():
        if not isinstance(entries, dict):
            raise refuse(f"{part} is no table", f"{part}: {{name: [words]}}")
        for name, entry in entries.items():
            if name not in known[part]:
                raise refuse(f"{part}.{name}: there is no such name", ", ".join(sorted(known[part])))
            if part == "topics":
                if not isinstance(entry, dict) or set(entry) - {
                    "target",
                    "level",
                    "source",
                    "because",
                    "says",
                }:
                    raise refuse(f"topics.{name} says too much", "target, says, level, source, because")
                if entry.get("says", "event") not in MEANINGS:
                    raise refuse(f"topics.{name}.says: {entry['says']!r}", ", ".join(MEANINGS))
                continue
            if not isinstance(entry, list):
                raise refuse(f"{part}.{name} is no list", "a list of words or regular expressions")
            try:
                re.compile("|".join(str(word) for word in _filled(entry, _role_words(case))))
            except re.error as error:
                raise refuse(f"{part}.{name}: {error}", "regular expressions") from error


def _overridden(topic: Topic, own: Mapping[str, Any]) -> Topic:
    entry = own.get("topics", {}).get(topic.id)
    if not entry:
        return topic
    meaning = replace(
        topic.meaning,
        kind=entry.get("says", topic.meaning.kind),
        level=float(entry["level"]) if "level" in entry else topic.meaning.level,
        source=str(entry.get("source", topic.meaning.source)),
    )
    return replace(
        topic,
        target=entry.get("target", topic.target),
        meaning=meaning,
        because=str(entry.get("because", topic.because)),
        also={} if "target" in entry else topic.also,
    )


def _names(case: Case, own: Mapping[str, Any]) -> dict[str, re.Pattern[str]]:
    """Words by which a text can name each option: its name, its id, its aliases."""
    named = {}
    for option in case.options:
        words = {re.escape(fold(option.name)), option.id.replace("-", "[- ]")}
        words |= {str(word) for word in own.get("options", {}).get(option.id, ())}
        named[option.id] = _pattern(sorted(words))
    return named


def lexicon_of(case: Case) -> Lexicon:
    """The lexicon for a case. Raises CaseError for an `audit.yaml` that cannot be read."""
    raw, own, roles = _shipped(), _own(case), _role_words(case)
    added = own.get("concepts", {})
    concepts = {
        name: _pattern(_filled([*words, *added.get(name, ())], roles))
        for name, words in raw["concepts"].items()
    }
    return Lexicon(
        concepts=concepts,
        topics=tuple(_overridden(topic, own) for topic in _topics()),
        wording=_wording(),
        named=_names(case, own),
        kinds={name: _pattern(_filled(words, roles)) for name, words in raw["options"].items()},
        roles={
            role: (*words, *(str(word) for word in added.get(_OWN_WORDS.get(role, ""), ())))
            for role, words in roles.items()
        },
    )
