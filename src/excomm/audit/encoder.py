"""A small encoder of sentences: what a stretch of text means, as numbers, given what stands before it.

A transformer of BERT's form (Devlin and others 2019): word pieces, six layers of attention, outputs of the first
place and the mean over the stretch. The weights began as all-MiniLM-L6-v2 (Wang and others 2020; Reimers and Gurevych
2019; Apache License 2.0), were trained on the corpus by `training`, and are kept in one byte each.
The same function runs in NumPy, where a text is read, and in JAX, where the encoder is trained.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from excomm.audit.word_pieces import WordPieces

__all__ = [
    "HEAD",
    "NUMPY",
    "OPTIONS",
    "Encoder",
    "Library",
    "Numbers",
    "Weights",
    "lined_up",
    "outputs",
    "packed",
    "through",
    "unpacked",
]

Numbers = NDArray[np.float32]
Weights = Mapping[str, Any]
# Most pieces of a stretch and of what stands before it that are read; judgement: 99 % of the corpus is shorter.
STRETCH, BEFORE = 56, 32
# Pieces to which stretches are filled up, so that few shapes occur; judgement.
LENGTHS = (16, 24, 32, 40, 48, 56, 64, 72, STRETCH + BEFORE + 3)
TOGETHER = 32  # stretches read at once; judgement
HEAD_WIDTH = 32  # outputs that one head of attention sees, as in MiniLM
TINY = 1e-12  # keeps the spread from zero, as in BERT
HIDDEN = -1e9  # score of a place that is only filling: no weight after the softmax
HEAD, OPTIONS = "head", "options"  # tables that tell topic and side, and the kind of option recommended
# Actors as the corpus and the audit write them -> words that the encoder knows.
_ROLES = {
    "ADV": "the enemy", "HOST": "the host", "ALLY": "the alliance", "PATRON": "the patron", "NEIGH": "the neighbour",
    "NAME": "somebody",
}  # fmt: skip
_ROLE = re.compile(rf"\b(?:{'|'.join(_ROLES)})\b")


@dataclass(frozen=True)
class Library:
    """The library of arrays that computes: its module, its error function and its softmax over the last axis."""

    arrays: Any
    erf: Callable[[Any], Any]
    softmax: Callable[[Any], Any]


def _numpy() -> Library:
    from scipy.special import erf, softmax

    return Library(np, erf, lambda scores: softmax(scores, axis=-1))


NUMPY = _numpy()


class Encoder:
    """Pieces of words and weights of a network, and what it makes of stretches."""

    def __init__(self, pieces: WordPieces, weights: Weights) -> None:
        self.pieces = pieces
        self.weights = weights

    def places(self, stretches: Sequence[tuple[str, str]]) -> list[tuple[list[int], int]]:
        """Places of the pieces of each stretch and of what stands before it, and how many are the stretch's own.

        stretches: (text, what stands before it).
        """
        found = []
        for text, before in stretches:
            own = [self.pieces.start, *self.pieces.places(_in_words(text))[:STRETCH], self.pieces.end]
            earlier = self.pieces.places(_in_words(before))[-BEFORE:]
            found.append((own + (earlier and [*earlier, self.pieces.end]), len(own)))
        return found

    def outputs(self, stretches: Sequence[tuple[str, str]]) -> Numbers:
        """What each stretch means, shape (stretches, 2 * width)."""
        rows = self.places(stretches)
        found = np.zeros((len(rows), 2 * self.weights["places.weight"].shape[1]), dtype=np.float32)
        for length, inside in by_length(rows).items():
            for start in range(0, len(inside), TOGETHER):
                some = inside[start : start + TOGETHER]
                found[some] = outputs(self.weights, lined_up([rows[at] for at in some], length), NUMPY)
        return found

    def scores(self, head: str, outputs: Numbers) -> Numbers:
        """Scores that a head gives to its labels (log odds up to a constant), shape (stretches, labels)."""
        return np.asarray(through(self.weights, head, outputs))


def by_length(rows: Sequence[tuple[list[int], int]]) -> dict[int, list[int]]:
    """Which stretches are filled up to which of `LENGTHS`."""
    found: dict[int, list[int]] = {}
    for at, (pieces, _) in enumerate(rows):
        found.setdefault(next(length for length in LENGTHS if length >= len(pieces)), []).append(at)
    return found


def lined_up(
    rows: Sequence[tuple[list[int], int]], length: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]]:
    """Places, whether a place is of what stands before (1) or of the stretch (0), and whether it is no filling.

    Each has shape (stretches, length).
    """
    places = np.zeros((len(rows), length), dtype=np.int32)
    earlier = np.zeros_like(places)
    real = np.zeros(places.shape, dtype=np.bool_)
    for at, (pieces, own) in enumerate(rows):
        places[at, : len(pieces)] = pieces
        earlier[at, own : len(pieces)] = 1
        real[at, : len(pieces)] = True
    return places, earlier, real


def outputs(
    weights: Weights,
    lines: tuple[Any, Any, Any],
    library: Library,
    drop: Callable[[Any], Any] | None = None,
) -> Any:
    """What stretches mean, shape (stretches, 2 * width): output of the first place, and mean over the stretch's own.

    lines: as `lined_up` gives them; drop: takes outputs out at random, while training.
    """
    drop = drop or _keep
    places, earlier, real = lines
    last = _last_layer(weights, places, earlier, real, library, drop)
    own = (real & (earlier == 0))[..., None]
    mean = (last * own).sum(axis=1) / own.sum(axis=1)
    return drop(library.arrays.concatenate([last[:, 0], mean], axis=-1))


def _last_layer(
    weights: Weights, places: Any, earlier: Any, real: Any, library: Library, drop: Callable[[Any], Any]
) -> Any:
    """Outputs of the last layer, shape (stretches, length, width)."""
    many, length = places.shape
    width = weights["places.weight"].shape[1]
    outputs = (
        weights["pieces.weight"][places]
        + weights["places.weight"][:length]
        + weights["parts.weight"][earlier]
    )
    outputs = drop(_normed(weights, "norm", outputs, library))
    unseen = library.arrays.where(real, 0.0, HIDDEN).astype(np.float32)[:, None, None, :]
    layer = 0
    while f"{layer}.query.weight" in weights:
        heads = [
            through(weights, f"{layer}.{name}", outputs)
            .reshape(many, length, width // HEAD_WIDTH, HEAD_WIDTH)
            .transpose(0, 2, 1, 3)
            for name in ("query", "key", "value")
        ]
        query, key, value = heads
        seen = library.softmax(query @ key.transpose(0, 1, 3, 2) / np.float32(HEAD_WIDTH**0.5) + unseen)
        joined = (drop(seen) @ value).transpose(0, 2, 1, 3).reshape(many, length, width)
        outputs = _normed(
            weights,
            f"{layer}.attention_norm",
            outputs + drop(through(weights, f"{layer}.joined", joined)),
            library,
        )
        wide = through(weights, f"{layer}.wide", outputs)
        bent = (
            wide * np.float32(0.5) * (1.0 + library.erf(wide * np.float32(0.5**0.5)))
        )  # the Gaussian error unit
        outputs = _normed(
            weights, f"{layer}.norm", outputs + drop(through(weights, f"{layer}.narrow", bent)), library
        )
        layer += 1
    return outputs


def through(weights: Weights, name: str, values: Any) -> Any:
    """Values through a table and its bias."""
    return values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _normed(weights: Weights, name: str, values: Any, library: Library) -> Any:
    mean = values.mean(axis=-1, keepdims=True)
    spread = ((values - mean) ** 2).mean(axis=-1, keepdims=True)
    flat = (values - mean) / library.arrays.sqrt(spread + np.float32(TINY))
    return flat * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _keep(values: Any) -> Any:
    return values


def _in_words(text: str) -> str:
    return _ROLE.sub(lambda match: _ROLES[match.group()], text)


def packed(weights: Weights) -> dict[str, NDArray[Any]]:
    """Weights as they are kept: tables in one byte each, with a scale for every row; the rest in two bytes."""
    found: dict[str, NDArray[Any]] = {}
    for name, values in weights.items():
        plain = np.asarray(values, dtype=np.float32)
        if plain.ndim == 2:
            scale = np.maximum(np.abs(plain).max(axis=1, keepdims=True), 1e-12) / 127.0
            found[name] = np.round(plain / scale).astype(np.int8)
            found[f"{name}.scale"] = scale.astype(np.float32)
        else:
            found[name] = plain.astype(np.float16)
    return found


def unpacked(kept: Mapping[str, NDArray[Any]]) -> dict[str, Numbers]:
    """Weights as they are used, from what `packed` made."""
    return {
        name: values.astype(np.float32) * kept[f"{name}.scale"]
        if values.dtype == np.int8
        else values.astype(np.float32)
        for name, values in kept.items()
        if not name.endswith(".scale")
    }
