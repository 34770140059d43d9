"""What stands for a stretch of text in the second reader: weighted words, pairs, letters and classes of words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ROLES", "Space", "is_english", "negations", "side_features", "topic_features", "words_of"]

ROLES = ("adv", "host", "ally", "patron", "neigh")  # what the names of actors are replaced by
# Weights of the kinds of features, and how far a negation reaches in words: judgement, tried on held-out registers.
CONTEXT, COMMON, PAIR, LETTERS, TOGETHER, PARITY = 0.2, 0.25, 0.5, 0.25, 0.45, 0.4
REACH = {"topic": 5, "side": 7}
ENGLISH = 0.2  # least share of common English words in a text; other languages share next to none

_WORD = re.compile(r"[a-z]+(?:[-'][a-z]+)*|\d[\d.,]*|[?;:,]")
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


@lru_cache(maxsize=1)
def _classes() -> Mapping[str, tuple[str, ...]]:
    """Stem -> classes of words that say much the same (`senses.txt`)."""
    table: dict[str, list[str]] = {}
    text = files("excomm.audit").joinpath("senses.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        name, colon, words = line.partition(":")
        if colon and not line.startswith("#"):
            for word in words.split():
                table.setdefault(_stem(word), []).append(name)
    return {word: tuple(dict.fromkeys(names)) for word, names in table.items()}


def words_of(text: str) -> list[str]:
    """Words and marks of a text in lower case, figures as 0, "n't" as "not"."""
    found: list[str] = []
    for token in _WORD.findall(text.lower()):
        found += ["0"] if token[0].isdigit() else token.replace("n't", " not").split()
    return found


def is_english(text: str) -> bool:
    """Whether enough of the words are the commonest English ones."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    return bool(words) and sum(word in _COMMON for word in words) >= ENGLISH * len(words)


def negations(text: str) -> int:
    """How many words of a stretch turn its sense round."""
    return len(_FLIPS.findall(text.lower()))


class _Weights(dict[str, float]):
    def put(self, name: str, weight: float) -> None:
        self[name] = max(self.get(name, 0.0), weight)


def topic_features(text: str, before: str = "") -> dict[str, float]:
    """Features by which the topic is told. before: what stands around it; counts for little."""
    found = _Weights()
    words = [word for word in words_of(text) if word not in ";:,"]
    classes: list[str] = []
    until = -1
    last = ""
    for at, word in enumerate(words):
        root, common = _stem(word), word in _COMMON
        found.put(f"w {root}", COMMON if common else 1.0)
        if at:
            found.put(f"b {last} {root}", 0.2 if common and words[at - 1] in _COMMON else PAIR)
        last = root
        if not common and len(root) > 4:
            for place in range(len(root) - 3):
                found.put(f"c {root[place : place + 4]}", LETTERS)
        if word in _NEGATIONS:
            until = at + REACH["topic"]
            found.put("neg", 0.7)
        for name in _classes().get(root, ()):
            classes.append(name)
            found.put(f"k {name}", 1.0)
            if at <= until and word not in _NEGATIONS:
                found.put(f"n {name}", 0.9)
    present = sorted(set(classes)) + [f"@{role}" for role in sorted(set(words) & set(ROLES))]
    for one, other in combinations(present, 2):
        found.put(f"p {one} {other}", TOGETHER)
    if before:
        for name, weight in topic_features(before).items():
            if name[0] in "wk":
                found.put(name, CONTEXT * weight)
    return found


def side_features(text: str) -> dict[str, float]:
    """Features by which the side is told: each word and class with whether a negation governs it."""
    found = _Weights()
    odd = "O" if negations(text) % 2 else "E"
    found.put(f"par {odd}", 0.7)
    entities: list[str] = []
    until, last = -1, ""
    for at, word in enumerate(words_of(text), start=1):
        if word in (";", ":", ","):
            until, last = (until if word == "," else -1), ""
            continue
        if word == "but":
            until = -1
        root, sign = _stem(word), "N" if at <= until else "P"
        weight = COMMON if word in _COMMON else 1.0
        found.put(f"{sign} {root}", weight)
        found.put(f"{odd} {root}", PARITY * weight)
        if last:
            found.put(f"b {last} {root}", 0.4)
        last = root
        for name in _classes().get(root, ()):
            found.put(f"{sign}k {name}", 1.0)
            found.put(f"{odd}k {name}", PARITY)
            entities.append(f"{sign}{name}")
        if word in _NEGATIONS:
            until = at + REACH["side"] if sign == "P" else -1
        if word in (*ROLES, "we", "they", "it", "he", "our"):
            entities.append(f"@{word}")
    for one, other in combinations(sorted(set(entities)), 2):
        found.put(f"p {one} {other}", TOGETHER)
    return found


class Space:
    """Named features, weighed by their rarity; rows have unit length."""

    def __init__(self, names: Sequence[str], rarity: NDArray[np.float64]) -> None:
        self.names = tuple(names)
        self.rarity = rarity
        self._place = {name: place for place, name in enumerate(names)}

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, float]], least: int = 2) -> Space:
        """The features that stand in at least so many of some stretches."""
        counts: dict[str, int] = {}
        for row in rows:
            for name in row:
                counts[name] = counts.get(name, 0) + 1
        kept = sorted(name for name, count in counts.items() if count >= least)
        return cls(kept, np.log(1.0 + len(rows) / np.array([counts[name] for name in kept], dtype=float)))

    def matrix(self, rows: Iterable[Mapping[str, float]]) -> Any:
        """Sparse matrix of some stretches, shape (stretches, features)."""
        from scipy import sparse

        values: list[float] = []
        columns: list[int] = []
        ends = [0]
        for row in rows:
            known = [(self._place[name], weight) for name, weight in row.items() if name in self._place]
            columns += [place for place, _ in known]
            values += [weight for _, weight in known]
            ends.append(len(columns))
        at = np.array(columns, dtype=np.int64)
        weights: NDArray[np.float64] = np.array(values, dtype=float) * self.rarity[at]
        found = sparse.csr_matrix((weights, at, ends), shape=(len(ends) - 1, len(self._place)))
        length = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
        return sparse.diags(1.0 / np.maximum(length, 1e-9)) @ found
