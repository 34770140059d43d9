"""An encoder small enough to be trained in a test: 32 outputs, one layer, letters and some words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from excomm.audit.corpus_text import Labelled
from excomm.audit.encoder import LENGTHS, Encoder
from excomm.audit.word_pieces import END, START, UNKNOWN, WordPieces

WIDTH, WIDE = 32, 64
LETTERS = "abcdefghijklmnopqrstuvwxyz"
TABLES = {
    "query": (WIDTH, WIDTH), "key": (WIDTH, WIDTH), "value": (WIDTH, WIDTH), "joined": (WIDTH, WIDTH),
    "wide": (WIDE, WIDTH), "narrow": (WIDTH, WIDE),
}  # fmt: skip


def small_encoder(sentences: Sequence[Labelled] = ()) -> Encoder:
    """Random weights, the same each time; the words of the sentences are pieces of their own."""
    dice = np.random.Generator(np.random.Philox(3))

    def table(*shape: int) -> np.ndarray:
        return dice.normal(scale=0.05, size=shape).astype(np.float32)

    words = sorted(
        {word for one in sentences for word in one.text.lower().split() if word.isalpha()} - {*LETTERS}
    )
    pieces = (START, UNKNOWN, END, *LETTERS, *(f"##{letter}" for letter in LETTERS), *words)
    weights = {
        "pieces.weight": table(len(pieces), WIDTH),
        "places.weight": table(LENGTHS[-1], WIDTH),
        "parts.weight": table(2, WIDTH),
    }
    for name, shape in TABLES.items():
        weights[f"0.{name}.weight"] = table(*shape)
        weights[f"0.{name}.bias"] = table(shape[0])
    for name in ("norm", "0.attention_norm", "0.norm"):
        weights[f"{name}.weight"] = 1 + table(WIDTH)
        weights[f"{name}.bias"] = table(WIDTH)
    return Encoder(WordPieces(pieces), weights)
