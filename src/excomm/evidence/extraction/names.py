"""Which actors a sentence names, and in which place of the sentence."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from excomm.evidence.lexicon import Lexicon, fold, gazetteer
from excomm.evidence.model import ActorNames, Profile

__all__ = ["Mention", "find_actors", "profile_of_case"]


# How texts call the alliance of a case, whatever its name.
_ALLIANCE = ("alliance", "allies", "allied", "European allies", "Western allies", "альянс", "союзник")
_WORD_START = re.compile(r"(?<![\w-])\w")


@dataclass(frozen=True)
class Mention:
    """An actor named in a sentence; start and end within the sentence."""

    actor: str
    start: int
    end: int


def _is_cyrillic(name: str) -> bool:
    return bool(re.search(r"[\u0400-\u04ff]", name))


def _pattern(name: str, *, is_stem: bool) -> str:
    """Pattern for a name in folded text; Cyrillic names end as grammar wants."""
    folded = fold(name)
    if not _is_cyrillic(name):
        bare = folded.removeprefix("the ")
        return re.escape(bare) + r"(?:'?s)?"
    if _is_acronym(name):
        return re.escape(folded)
    stem = folded if is_stem else re.sub(r"[аеиіїйоуыьэюя]$", "", folded)
    return r"\s+".join(re.escape(part) + r"\w{0,6}" for part in stem.split())


def _is_acronym(name: str) -> bool:
    """Names such as US, EU, рф: only capitals count in Latin script, so that `us` is no state."""
    return name.isupper() and len(name.replace(".", "")) <= 5


@lru_cache(maxsize=64)
def _index(actors: tuple[ActorNames, ...]) -> dict[str, list[tuple[re.Pattern[str], str, bool]]]:
    """First two letters -> (pattern, actor id, whether capitals are needed), longest names first."""
    entries: list[tuple[str, str, bool]] = []
    taken: set[str] = set()
    for actor in actors:
        known = {fold(name).removeprefix("the ") for name in actor.names} | {actor.id}
        entries += [(actor.id, _pattern(name, is_stem=False), _is_acronym(name)) for name in actor.names]
        for place in gazetteer():
            if place["id"] in known or any(fold(english) in known for english in place["en"]):
                taken.add(place["id"])
                entries += _place_entries(actor.id, place)
    for place in gazetteer():
        if place["id"] not in taken:
            entries += _place_entries(place["id"], place)
    entries.sort(key=lambda entry: -len(entry[1]))
    index: dict[str, list[tuple[re.Pattern[str], str, bool]]] = defaultdict(list)
    for actor_id, pattern, capitals in dict.fromkeys(entries):
        index[re.sub(r"\\", "", pattern)[:2]].append((re.compile(rf"{pattern}(?!\w)"), actor_id, capitals))
    return dict(index)


def _place_entries(actor: str, place: dict[str, list[str]]) -> list[tuple[str, str, bool]]:
    found = [(actor, _pattern(name, is_stem=False), _is_acronym(name)) for name in place["en"]]
    for language in ("uk", "ru"):
        found += [(actor, _pattern(name, is_stem=True), _is_acronym(name)) for name in place[language]]
    return found


def find_actors(sentence: str, actors: tuple[ActorNames, ...]) -> list[Mention]:
    """Actors in the order of the sentence. Names begin with a capital; adjectives of six letters or more need not."""
    index, folded, end = _index(actors), fold(sentence), 0
    found: list[Mention] = []
    for start in _WORD_START.finditer(folded):
        if start.start() < end:
            continue
        for pattern, actor, capitals in index.get(folded[start.start() : start.start() + 2], ()):
            match = pattern.match(folded, start.start())
            if match is None:
                continue
            written = sentence[match.start() : match.end()]
            if written[:2].isupper() if capitals else written[0].isupper() or len(written) >= 6:
                found.append(Mention(actor, match.start(), match.end()))
                end = match.end()
                break
    return found


def profile_of_case(
    actors: Iterable[object], propositions: Iterable[object] = (), scale: str | None = None
) -> Profile:
    """Profile from the actors and propositions of a case (objects with `id`, `name`, optionally `aliases`)."""
    names = []
    for actor in actors:
        identity = str(getattr(actor, "id", ""))
        given = [
            str(getattr(actor, "name", "") or identity),
            *map(str, getattr(actor, "aliases", None) or ()),
            *(_ALLIANCE if str(getattr(actor, "role", "")) == "alliance" else ()),
        ]
        names.append(ActorNames(identity, tuple(dict.fromkeys(name for name in given if name))))
    return Profile(tuple(names), tuple(propositions), scale)  # type: ignore[arg-type]


def is_preceded_by(folded: str, start: int, words: Lexicon, cue: str) -> bool:
    """Whether the word before `start` (an article aside) is one of the list `cue`."""
    before = folded[max(0, start - 24) : start]
    word = re.search(r"(\S+)\s+(?:the\s+)?$", before)
    return bool(word and words.cues[cue].fullmatch(word.group(1).strip("(\"'«“,")))


__all__ += ["fold", "is_preceded_by"]
