"""Sentences with their places in the text: own splitter with abbreviation lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from excomm.evidence.lexicon import Lexicon

__all__ = ["sentences"]

LONGEST = 600  # characters; longer stretches without a stop are cut so that no pattern sees more
_STOP = re.compile(r"[.!?…]+[\"'»”’)\]]*(?=\s)|\n+")
_LAST_WORD = re.compile(r"([\w.]+)$")


def sentences(text: str, lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence; blank stretches are left out."""
    start = 0
    for stop in _STOP.finditer(text):
        if stop.group()[0] == "." and not _ends_sentence(text, start, stop, lexicon):
            continue
        if (
            stop.group()[0] in "?!…"
            and len(stop.group()) > 1
            and text[stop.end() + 1 : stop.end() + 2].islower()
        ):
            continue  # `"Where?" the mayor asked.`
        yield from _pieces(text, start, stop.end())
        start = stop.end()
    yield from _pieces(text, start, len(text))


def _ends_sentence(text: str, start: int, stop: re.Match[str], lexicon: Lexicon) -> bool:
    after = text[stop.end() : stop.end() + 3].lstrip()
    if after and (after[0].islower() or after[0] in ",;:"):
        return False
    word = _LAST_WORD.search(text, max(start, stop.start() - 20), stop.start())
    if word is None:
        return True
    name = word.group(1).lower()
    if len(name) == 1 and name.isalpha() and word.group(1).isupper():
        return False
    if (
        "." in name
        and not name.replace(".", "").isdigit()
        and max(len(part) for part in name.split(".")) <= 1
    ):
        return name not in {"u.s", "u.k", "e.u", "u.n"} or _new_sentence(text, stop.end())
    return name not in lexicon.abbreviations or (
        name in {"о", "с", "р", "м", "no"} and len(word.group(1)) > 1
    )


def _new_sentence(text: str, end: int) -> bool:
    return bool(re.match(r"\s+(?:The|A|An|It|They|He|She|In|On|But|This)\b", text[end : end + 12]))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = cut if cut > start else start + LONGEST
        yield start, cut
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if end > start and any(char.isalnum() for char in text[start:end]):
        yield start, end
