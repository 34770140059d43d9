"""Near copies of a text: MinHash over character shingles, clusters by union of all pairs above the threshold."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from excomm.evidence.settings import default_credibility

__all__ = ["Groups", "copy_clusters", "signature", "similar_enough", "similarity"]

_BANDS, _ROWS = 42, 3  # a pair at similarity .5 is found with probability .996
_LEAST = 0.15  # similarity below which containment is not judged
_LONGEST = 20_000  # characters that enter a signature
_NOISE = re.compile(r"[^\w]+")
_GENERATOR = np.random.Generator(np.random.Philox(key=[0, 20310301]))
_MULTIPLIERS: NDArray[np.uint64] = _GENERATOR.integers(1, 2**63, size=128, dtype=np.uint64) * 2 + 1
_SHIFTS: NDArray[np.uint64] = _GENERATOR.integers(0, 2**63, size=128, dtype=np.uint64)


class Groups:
    """Union-find over hashable items."""

    def __init__(self) -> None:
        self._parent: dict[object, object] = {}

    def root(self, item: object) -> object:
        """Representative of the item's group."""
        parent = self._parent.setdefault(item, item)
        while parent != item:
            grand = self._parent[parent]
            self._parent[item] = grand
            item, parent = parent, grand
        return item

    def join(self, left: object, right: object) -> None:
        """Put both into one group."""
        self._parent[self.root(left)] = self.root(right)


def signature(text: str) -> tuple[NDArray[np.uint64], int]:
    """128 minima over the hashed 5-character shingles of the normalised text, and the number of shingles."""
    plain = _NOISE.sub(" ", text[:_LONGEST].lower()).strip()
    codes = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    size = int(default_credibility().number("copies", "shingle"))
    if len(codes) < size:
        codes = np.pad(codes, (0, size - len(codes)))
    windows = np.lib.stride_tricks.sliding_window_view(codes, size)
    with np.errstate(over="ignore"):
        hashed = np.zeros(len(windows), dtype=np.uint64)
        for column in range(size):
            hashed = hashed * np.uint64(1_000_003) + windows[:, column]
        hashed ^= hashed >> np.uint64(29)
        hashed *= np.uint64(0xBF58476D1CE4E5B9)
        hashed ^= hashed >> np.uint64(32)
        hashed = np.unique(hashed)
        minima = np.empty(128, dtype=np.uint64)
        for start in range(0, 128, 16):
            mixed = (
                hashed[None, :] * _MULTIPLIERS[start : start + 16, None] + _SHIFTS[start : start + 16, None]
            )
            minima[start : start + 16] = (mixed >> np.uint64(16)).min(axis=1)
    return minima, len(hashed)


def similarity(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> float:
    """Estimated Jaccard similarity of the shingle sets (standard error at most .044)."""
    return float((left == right).mean())


def similar_enough(left: tuple[NDArray[np.uint64], int], right: tuple[NDArray[np.uint64], int]) -> bool:
    """Whether two signed texts are copies: alike as a whole, or one contained in the other."""
    settings = default_credibility()
    alike, sizes = similarity(left[0], right[0]), (left[1], right[1])
    is_short = min(sizes) < settings.number("copies", "short")
    if alike >= settings.number("copies", "short_jaccard" if is_short else "jaccard"):
        return True
    share = alike * sum(sizes) / ((1 + alike) * max(min(sizes), 1))
    return share >= settings.number("copies", "contained") and not is_short and alike >= _LEAST


def copy_clusters(texts: Sequence[str]) -> list[int]:
    """Cluster number of each text: the index of its first member."""
    return clusters_of_signatures([signature(text) for text in texts])


def clusters_of_signatures(signed: Sequence[tuple[NDArray[np.uint64], int]]) -> list[int]:
    """Clusters from signatures that are already known. The order of the texts does not matter."""
    buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    groups = Groups()
    for index, (minima, _) in enumerate(signed):
        groups.root(index)
        for band in range(_BANDS):
            buckets[band, minima[band * _ROWS : (band + 1) * _ROWS].tobytes()].append(index)
    checked: set[tuple[int, int]] = set()
    for members in buckets.values():
        for place, left in enumerate(members[1:], start=1):
            right = members[place - 1]
            for other in {members[0], right}:
                pair = (other, left)
                if pair in checked or groups.root(other) == groups.root(left):
                    continue
                checked.add(pair)
                if similar_enough(signed[left], signed[other]):
                    groups.join(left, other)
    first: dict[object, int] = {}
    return [first.setdefault(groups.root(index), index) for index in range(len(signed))]
