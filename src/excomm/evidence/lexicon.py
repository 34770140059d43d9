"""The cue lists as compiled patterns, one set a language; loaded on first use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from excomm.evidence.settings import load_resource

__all__ = ["LANGUAGES", "EventTypes", "Lexicon", "event_types", "fold", "gazetteer", "lexicon"]

LANGUAGES = ("en", "uk", "ru")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def fold(text: str) -> str:
    """Lower case of the same length, straight apostrophes: spans stay valid."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return lowered.replace("’", "'").replace("ʼ", "'").replace("\u00a0", " ").replace("\u202f", " ")


_KEYED = re.compile(r"([a-zа-яіїєґ'])([a-zа-яіїєґ'])(?![?*{])")
_LOOKBEHIND = re.compile(r"^(?:\(\?<[!=][^()]*\))+")
_WORD_START = re.compile(r"(?<!\w)\w\S")


@lru_cache(maxsize=64)
def _openings(folded: str) -> dict[str, list[int]]:
    """First two characters of every word of a sentence, with the places where they stand."""
    found: dict[str, list[int]] = {}
    for match in _WORD_START.finditer(folded):
        found.setdefault(match.group(), []).append(match.start())
    return found


class WordList:
    """Whole-word patterns. Those with a plain beginning are only tried where some word begins alike."""

    def __init__(self, patterns: list[str]) -> None:
        plain = [pattern.replace("’", "'") for pattern in patterns]
        openings = {pattern: _openings_of(pattern) for pattern in plain}
        keyed = [pattern for pattern in plain if openings[pattern]]
        general = [pattern for pattern in plain if not openings[pattern]]
        self._keys = frozenset(key for pattern in keyed for key in openings[pattern])
        self._keyed = re.compile(rf"(?:{'|'.join(keyed)})(?!\w)") if keyed else None
        self._general = re.compile(rf"(?<!\w)(?:{'|'.join(general)})(?!\w)") if general else None
        self._all = re.compile(rf"(?:{'|'.join(plain)})") if plain else re.compile(r"(?!)")

    def _places(self, folded: str) -> list[int]:
        openings = _openings(folded)
        common = self._keys & openings.keys()
        if not common:
            return []
        if len(common) == 1:
            return openings[next(iter(common))]
        return sorted(place for key in common for place in openings[key])

    def search(self, folded: str) -> re.Match[str] | None:
        """First match in folded text."""
        first = None
        if self._keyed is not None:
            for place in self._places(folded):
                first = self._keyed.match(folded, place)
                if first is not None:
                    break
        if self._general is not None:
            other = self._general.search(folded)
            if other is not None and (first is None or other.start() < first.start()):
                return other
        return first

    def finditer(self, folded: str) -> list[re.Match[str]]:
        """All matches in order; a plain and a general pattern may overlap."""
        found: list[re.Match[str]] = []
        if self._keyed is not None:
            end = 0
            for place in self._places(folded):
                if place >= end:
                    match = self._keyed.match(folded, place)
                    if match is not None:
                        found.append(match)
                        end = match.end()
        if self._general is not None:
            found += self._general.finditer(folded)
            found.sort(key=lambda match: match.start())
        return found

    def fullmatch(self, folded: str) -> re.Match[str] | None:
        """Whether the whole text is one of the patterns."""
        return self._all.fullmatch(folded)


def _openings_of(pattern: str) -> frozenset[str]:
    """First two letters with which any match begins; empty where that cannot be told from the pattern."""
    keys: set[str] = set()
    for branch in _branches(pattern):
        branch = _LOOKBEHIND.sub("", branch)
        plain = _KEYED.match(branch)
        if plain:
            keys.add(branch[:2])
            continue
        end = _group_end(branch)
        if not branch.startswith("(?:") or end < 0 or branch[end + 1 : end + 2] in {"?", "*", "{"}:
            return frozenset()
        inside = _openings_of(branch[3:end])
        if not inside:
            return frozenset()
        keys |= inside
    return frozenset(keys)


def _group_end(pattern: str) -> int:
    """Place of the bracket that closes the one at the beginning; -1 where there is none."""
    depth = 0
    for place, char in enumerate(pattern):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return place if char == ")" else -1
    return -1


def _branches(pattern: str) -> list[str]:
    """Alternatives on the outermost level."""
    depth, parts, start = 0, [], 0
    for place, char in enumerate(pattern):
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            parts.append(pattern[start:place])
            start = place + 1
    return [*parts, pattern[start:]]


def words(patterns: list[str]) -> WordList:
    """A list of whole-word patterns."""
    return WordList(patterns)


def alternatives(patterns: list[str]) -> str:
    """Patterns as a group to be built into a larger pattern, longer ones first."""
    return "(?:" + "|".join(sorted(patterns, key=len, reverse=True)) + ")"


# fmt: off
_WORD_LISTS = (
    "condition", "negation", "denial", "unconfirmed", "hearsay", "confirmed", "self_act", "contradicted",
    "retract", "opinion", "modal_opinion", "evaluation_said", "forecast", "background", "instructions",
    "plan", "threat", "ordered", "done", "say", "per", "declined", "anonymous", "killed_verb",
    "wounded_verb", "lost_verb", "vague", "before", "after", "numeric_hedge", "locative", "source_of",
    "non_assertion", "refusal", "talk", "speech_act", "housekeeping", "pronoun", "state_says", "decided",
    "own_will", "enemy_loss", "leaked", "pluperfect", "no_name", "open_modal", "evaluated", "own_deed",
    "no_speaker", "deed", "idle_deed",
)
# fmt: on


@dataclass(frozen=True)
class Lexicon:
    """All cues of one language. `cues[name]` is a pattern for a word list; text must be folded first."""

    language: str
    cues: dict[str, WordList]
    hedges: tuple[tuple[str, WordList], ...]
    voices: tuple[tuple[WordList, str, bool], ...]
    outlets: re.Pattern[str]
    abbreviations: frozenset[str]
    bounds: dict[str, re.Pattern[str]]
    units: tuple[tuple[str, re.Pattern[str]], ...]
    any_unit: str
    number_words: tuple[tuple[re.Pattern[str], float], ...]
    number_pattern: str
    multipliers: tuple[tuple[re.Pattern[str], float], ...]
    multiplier_pattern: str
    of: str
    idle_before: re.Pattern[str]
    idle_after: re.Pattern[str]
    raw: dict[str, Any]

    def find(self, name: str, text: str) -> re.Match[str] | None:
        """First cue of the list `name` in folded text."""
        return self.cues[name].search(text)


_CLASS = re.compile(r"%([a-z]+)%")


def _with_classes(raw: dict[str, Any]) -> dict[str, Any]:
    """Cues with each `%class%` put in full: patterns speak of classes of words (`classes`), not of each word."""
    classes = {name: alternatives([str(each) for each in words]) for name, words in raw["classes"].items()}

    def full(value: Any) -> Any:
        if isinstance(value, str):
            return _CLASS.sub(lambda match: classes[match[1]], value)
        if isinstance(value, list):
            return [full(each) for each in value]
        return value if not isinstance(value, dict) else {key: full(each) for key, each in value.items()}

    return {name: full(value) for name, value in raw.items() if name != "classes"}


@lru_cache(maxsize=8)
def lexicon(language: str) -> Lexicon:
    """The cues of a language (en, uk, ru); any other language is read with the English ones."""
    language = language if language in LANGUAGES else "en"
    raw = _with_classes(yaml.load(load_resource(f"lexicons/{language}.yaml"), Loader=_LOADER))
    numbers = {str(key): float(value) for key, value in raw["numbers"].items()}
    multipliers = {str(key): float(value) for key, value in raw["multipliers"].items()}
    return Lexicon(
        language=language,
        cues={name: words([str(each) for each in raw[name]]) for name in _WORD_LISTS},
        hedges=tuple((category, words(patterns)) for category, patterns in raw["hedges"].items()),
        voices=tuple((words([pattern]), kind, bool(named)) for pattern, kind, named in raw["voices"]),
        outlets=re.compile(rf"(?<!\w)(?:{'|'.join(raw['outlets'])})(?!\w)"),
        abbreviations=frozenset(str(each).lower() for each in raw["abbreviations"]),
        bounds={
            name: re.compile(rf"(?<!\w){alternatives(patterns)}\s+(?:\w+\s+)?$")
            for name, patterns in raw["bounds"].items()
            if name != "plus"
        },
        units=tuple(
            (unit, re.compile(rf"{alternatives(patterns)}(?!\w)")) for unit, patterns in raw["units"].items()
        ),
        any_unit=alternatives([pattern for patterns in raw["units"].values() for pattern in patterns]),
        number_words=tuple((re.compile(key), value) for key, value in numbers.items()),
        number_pattern=alternatives(list(numbers)),
        multipliers=tuple((re.compile(key), value) for key, value in multipliers.items()),
        multiplier_pattern=alternatives(list(multipliers)),
        of=alternatives([str(each) for each in raw["of"]]),
        idle_before=re.compile(rf"(?<!\w){alternatives(raw['idle_before'])}\s$"),
        idle_after=re.compile(rf"\s{alternatives(raw['idle_after'])}(?!\w)"),
        raw=raw,
    )


@dataclass(frozen=True)
class EventTypes:
    """Event cues of one language: (type, weight, pattern)."""

    cues: tuple[tuple[str, float, WordList], ...]


@lru_cache(maxsize=8)
def event_types(language: str) -> EventTypes:
    """Event cues of a language; English for a language without a list."""
    raw = _events()
    chosen = raw[language if language in LANGUAGES else "en"]
    return EventTypes(
        tuple(
            (name, float(weight), words(patterns))
            for name, groups in chosen.items()
            for weight, patterns in groups.items()
        )
    )


@lru_cache(maxsize=1)
def _events() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(load_resource("lexicons/events.yaml"), Loader=_LOADER)
    return loaded


def event_names(word: str) -> tuple[str, ...]:
    """Event types that a case means by `word` (deploy, air-defence, DEPLOY …); empty where it names none."""
    raw = _events()
    key = word.strip().lower().replace("_", "-").replace(" ", "-")
    if key in raw["aliases"]:
        return tuple(raw["aliases"][key])
    upper = word.strip().upper().replace("-", "_")
    named = {name.upper(): name for name in raw["definitions"]}
    return (named[upper],) if upper in named else ()


@lru_cache(maxsize=1)
def gazetteer() -> tuple[dict[str, Any], ...]:
    """States and organisations with their names in three languages."""
    return tuple(yaml.load(load_resource("lexicons/actors.yaml"), Loader=_LOADER))
