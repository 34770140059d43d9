"""Which actors a sentence names, and in which place of the sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from excomm.evidence.lexicon import Lexicon, fold, gazetteer
from excomm.evidence.model import ActorNames, Profile

__all__ = ["Mention", "find_actors", "profile_of_case"]


@dataclass(frozen=True)
class Mention:
    """An actor named in a sentence; start and end within the sentence."""

    actor: str
    start: int
    end: int


def _is_cyrillic(name: str) -> bool:
    return bool(re.search(r"[\u0400-\u04ff]", name))


def _pattern(name: str, *, is_stem: bool) -> str:
    if not _is_cyrillic(name):
        bare = re.sub(r"^the ", "", name, flags=re.IGNORECASE)
        return re.escape(bare) + (r"(?:'?s)?" if len(bare) > 3 else "")
    if name.isupper() and len(name) <= 5:
        return re.escape(name)
    stem = name if is_stem else re.sub(r"[аеиіїйоуыьэюя]$", "", name, flags=re.IGNORECASE)
    return r"\s+".join(re.escape(part) + r"\w{0,6}" for part in stem.split())


@lru_cache(maxsize=64)
def _index(actors: tuple[ActorNames, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern with a named group an actor, longest names first; group name -> actor id."""
    entries: list[tuple[str, str]] = []
    taken: set[str] = set()
    for actor in actors:
        known = {re.sub(r"^the ", "", name.lower()) for name in actor.names} | {actor.id}
        for name in actor.names:
            entries.append((actor.id, _pattern(name, is_stem=False)))
        for place in gazetteer():
            if place["id"] in known or any(english.lower() in known for english in place["en"]):
                taken.add(place["id"])
                entries += [(actor.id, pattern) for pattern in _place_patterns(place)]
    for place in gazetteer():
        if place["id"] not in taken:
            entries += [(place["id"], pattern) for pattern in _place_patterns(place)]
    entries.sort(key=lambda entry: -len(entry[1]))
    groups = {f"g{number}": actor for number, (actor, _) in enumerate(entries)}
    joined = "|".join(f"(?P<g{number}>{pattern})" for number, (_, pattern) in enumerate(entries))
    return re.compile(rf"(?<![\w-])(?:{joined})(?!\w)", re.IGNORECASE), groups


def _place_patterns(place: dict[str, list[str]]) -> Iterable[str]:
    for name in place["en"]:
        yield (rf"(?-i:{re.escape(name)})" if len(name) <= 4 else _pattern(name, is_stem=False)) + (
            "" if len(name) > 4 else r"(?:'s)?"
        )
    for language in ("uk", "ru"):
        for name in place[language]:
            yield rf"(?-i:{re.escape(name)})" if name.isupper() else _pattern(name, is_stem=True)


def find_actors(sentence: str, actors: tuple[ActorNames, ...]) -> list[Mention]:
    """Actors in the order of the sentence. Names begin with a capital; adjectives of six letters or more need not."""
    pattern, groups = _index(actors)
    found = []
    for match in pattern.finditer(sentence.replace("’", "'")):
        first = match.group()[0]
        if first.isupper() or len(match.group()) >= 6:
            found.append(Mention(groups[match.lastgroup or ""], match.start(), match.end()))
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
        ]
        names.append(ActorNames(identity, tuple(dict.fromkeys(name for name in given if name))))
    return Profile(tuple(names), tuple(propositions), scale)  # type: ignore[arg-type]


def is_preceded_by(folded: str, start: int, words: Lexicon, cue: str) -> bool:
    """Whether the word before `start` (an article aside) is one of the list `cue`."""
    before = folded[max(0, start - 24) : start]
    word = re.search(r"(\S+)\s+(?:the\s+)?$", before)
    return bool(word and words.cues[cue].fullmatch(word.group(1).strip("(\"'«“,")))


__all__ += ["fold", "is_preceded_by"]
