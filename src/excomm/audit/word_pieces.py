"""Text as the pieces of words that a BERT encoder knows: lower case, without accents, longest known piece first.

The method is WordPiece (Devlin and others 2019, BERT). The package that does this elsewhere brings a client for
downloading models with it, which a tool that must not reach the network should not install.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["WordPieces"]

LONGEST = 100  # characters of a word; a longer one is unknown, as in BERT
_TOKEN = re.compile(r"[^\W_]+|[^\s\w]|_")
START, UNKNOWN, END = "[CLS]", "[UNK]", "[SEP]"


class WordPieces:
    """The pieces of a vocabulary; a piece that goes on with a word begins with ##."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self.vocabulary = tuple(vocabulary)
        self._place = {piece: place for place, piece in enumerate(self.vocabulary)}
        self.start, self.end = self._place[START], self._place[END]
        self._of_word = lru_cache(maxsize=50_000)(self._cut)

    def places(self, text: str) -> list[int]:
        """Places in the vocabulary of the pieces of a text."""
        plain = unicodedata.normalize("NFD", text.lower())
        kept = "".join(
            sign for sign in plain if sign.isspace() or unicodedata.category(sign) not in ("Mn", "Cc", "Cf")
        )
        return [place for word in _TOKEN.findall(kept) for place in self._of_word(word)]

    def _cut(self, word: str) -> tuple[int, ...]:
        found: list[int] = []
        start = 0
        while start < len(word) <= LONGEST:
            mark = "##" if start else ""
            for end in range(len(word), start, -1):
                place = self._place.get(mark + word[start:end])
                if place is not None:
                    found.append(place)
                    start = end
                    break
            else:
                return (self._place[UNKNOWN],)
        return tuple(found) if found else (self._place[UNKNOWN],)
