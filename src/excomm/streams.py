"""Named random streams: every source of chance has a name and draws from a stream of its own.

A stream is fixed by the seed and its name alone. Adding a parameter or a submodel therefore changes no
other stream, options that share a stream are compared on common random numbers, and the order or size of
the work has no influence. Seed 0 is a seed like any other.
"""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["generator", "name_bits"]


def name_bits(name: str, bits: int = 32) -> int:
    """A stable unsigned integer of `bits` bits for a name: the same on every machine and version."""
    digest = hashlib.sha256(name.encode("utf-8")).digest()
    return int.from_bytes(digest[: bits // 8], "big")


def generator(seed: int, name: str) -> np.random.Generator:
    """NumPy generator of the stream `name` under `seed` (Philox, keyed by both)."""
    # As uint64: a plain list with one large and one small integer would pass through floats and lose bits.
    key = np.array([seed & (2**64 - 1), name_bits(name, 64)], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
