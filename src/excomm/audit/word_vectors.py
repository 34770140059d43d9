"""Likeness of words that the corpus does not share: public word vectors, and what a stretch of text adds up to.

GloVe vectors of 100 dimensions (Pennington, Socher and Manning 2014; Public Domain Dedication and License 1.0),
shortened by `benchmarks/word_vectors.py`. A stretch is the mean of its words' vectors, common words counting little
(Arora, Liang and Ma 2017), unit length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["DIMENSIONS", "sense_of"]

DIMENSIONS = 100
_COMMON = 200.0  # rank at which a word counts half; judgement
# Roles of actors -> a word that stands for them.
_ROLES = {"adv": "enemy", "host": "country", "ally": "allied", "patron": "korea", "neigh": "neighbour"}


@lru_cache(maxsize=1)
def _table() -> tuple[Mapping[str, int], NDArray[np.float32], NDArray[np.float32]]:
    """Places of the words, their vectors of unit length and their weights between 0 and 1."""
    with files("excomm.audit").joinpath("word_vectors.npz").open("rb") as stream, np.load(stream) as kept:
        words = str(kept["words"]).split("\n")
        vectors = kept["vectors"].astype(np.float32)
        ranks = kept["ranks"].astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return {word: at for at, word in enumerate(words)}, vectors, ranks / (ranks + _COMMON)


def sense_of(words: Sequence[str]) -> NDArray[np.float32]:
    """The sense of a stretch, shape (100,), of unit length; zero where no word is known."""
    places, vectors, weights = _table()
    total = np.zeros(DIMENSIONS, dtype=np.float32)
    for word in words:
        for part in (word,) if word in places else word.split("-"):
            at = places.get(_ROLES.get(part, part))
            if at is not None:
                total += weights[at] * vectors[at]
    length = float(np.linalg.norm(total))
    return total / length if length > 0.0 else total
