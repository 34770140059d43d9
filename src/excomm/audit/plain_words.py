"""Words of a stretch of text: its negations, and what it shares with a sentence of the corpus."""

from __future__ import annotations

import math
import re
from functools import lru_cache

__all__ = ["likeness", "negations"]

_WORD = re.compile(r"[a-z]+(?:[-'][a-z]+)*|\d[\d.,]*")
_ENDINGS = (
    "ations", "ation", "ingly", "ments", "ment", "ness", "ings", "ing", "edly", "ied", "ies", "ed", "es", "ly", "s",
)  # fmt: skip
_NEGATING = (
    "not no never nobody nothing none nor neither without hardly scarcely barely cannot little few far unlikely "
    "improbable fail fails failed refuse refuses deny lacks lack stop stops"
)
_NEGATIONS = frozenset(_NEGATING.split())
_COMMONEST = (
    "the a an of to in on at by for with from as and or but is are was were be been being it its this that these those "
    "there their they them he him his she her we our us you your i my would will could should may might must can has "
    "have had do does did so such than then if when which who whom what one some any all more most"
)
_COMMON = frozenset(_COMMONEST.split())
_FLIPS = re.compile(
    r"(?<!\w)(?:not(?! only| just| merely)|\w+n't|no(?! doubt| wonder)|never|nobody|none|nor|neither|nothing|without"
    r"|hardly|scarcely|barely|cannot|little|few|far from|fewer|unlikely|improbable|implausible|inconceivable"
    r"|unthinkable|impossible|doubt\w*|hard to (?:see|imagine|believe)|difficult to|fail\w*|refus\w+|deny|denied"
    r"|lacks?|myth|illusion|nonsense|wishful|out of (?:reach|the question)|anything but|vanishing\w*|remote|yet to"
    r"|free of|tiny|overdone|overrated|questionable|seldom|rarely)(?!\w)"
)


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    """A word without its common endings; short, common and negating words are left."""
    if word in _COMMON or word in _NEGATIONS:
        return word
    word = word.removesuffix("'s").removesuffix("'")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 4 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word[-1] in "ey" else word


def _words_of(text: str) -> list[str]:
    """Words of a text in lower case, figures as 0, "n't" as "not"."""
    found: list[str] = []
    for token in _WORD.findall(text.lower()):
        found += ["0"] if token[0].isdigit() else token.replace("n't", " not").split()
    return found


def negations(text: str) -> int:
    """How many words of a stretch turn its sense round."""
    return len(_FLIPS.findall(text.lower()))


@lru_cache(maxsize=50_000)
def _content_of(text: str) -> frozenset[str]:
    """Stems of the words of a text that are not common."""
    return frozenset(_stem(word) for word in _words_of(text) if word not in _COMMON)


def likeness(text: str, other: str) -> float:
    """Share of content words that two texts have in common, between 0 and 1 (cosine)."""
    ours, theirs = _content_of(text), _content_of(other)
    return len(ours & theirs) / math.sqrt(max(1, len(ours)) * max(1, len(theirs)))
