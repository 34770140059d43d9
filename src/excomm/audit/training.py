"""Training of the second reader: one ridge regression from what stands for a stretch to topic and side.

Run where the corpus or the features have changed: `python -m excomm.audit.training`. It writes `reader.npz`, takes
some minutes, and gives the same file each time on one machine.

The regression is solved by conjugate gradients, all labels at once. Confidence is calibrated on the corpus itself:
its registers are dealt into folds, each fold is read by a reader trained on the others, and two logistic curves tell
from the score how often the topic, and from the difference between its two sides how often the side, is right.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from excomm.audit.corpus_text import NO_ASSERTION, Labelled, labelled_sentences
from excomm.audit.portrait import Floats, Portrait, odds, score_of, shares_of

__all__ = ["HeldOut", "corpus_mark", "fit", "held_out", "labels_of", "train"]

# Of the ridge (tried: .12 to 1.6 on the editorials 1 to 6, flat from .25 to .5); the three blocks weigh the same.
RIDGE = 0.5
FOLDS = 5  # of the registers; judgement
ROUNDS = 60  # of the conjugate gradients at most; twice as many read no better
TOLERANCE = 1e-3  # of the first residual, at which they end; judgement


def labels_of(sentences: Sequence[Labelled]) -> tuple[tuple[str, str], ...]:
    """All pairs of topic and side that occur."""
    return tuple(sorted({(one.topic, one.side) for one in sentences}))


def fit(
    words: Any, senses: NDArray[np.float32], sentences: Sequence[Labelled], labels: Sequence[tuple[str, str]]
) -> NDArray[np.float32]:
    """Weights of the words and cosines for each label, shape (words + WAVES, labels); rarer labels are weighed up."""
    place = {label: at for at, label in enumerate(labels)}
    known = np.array([place[one.topic, one.side] for one in sentences])
    wanted = np.zeros((len(sentences), len(labels)), dtype=np.float32)
    wanted[np.arange(len(sentences)), known] = 1.0
    weight = (1.0 / np.sqrt(np.bincount(known, minlength=len(labels))[known])).astype(np.float32)
    weight /= weight.mean()
    cut = words.shape[1]

    def forward(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(words @ values[:cut] + senses @ values[cut:])

    def back(rows: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = weight[:, None] * rows
        return np.concatenate([words.T @ rows, senses.T @ rows])

    # Conjugate gradients for each label at once; every label has its own steps.
    found = np.zeros((cut + senses.shape[1], len(labels)), dtype=np.float32)
    rest = back(wanted)
    goal = np.square(rest).sum(axis=0)
    course, size = rest.copy(), goal.copy()
    for _ in range(ROUNDS):
        moved = back(forward(course)) + RIDGE * course
        step = size / np.maximum((course * moved).sum(axis=0), 1e-30)
        found += step * course
        rest -= step * moved
        now = np.square(rest).sum(axis=0)
        if (now <= TOLERANCE**2 * goal).all():
            break
        course = rest + (now / np.maximum(size, 1e-30)) * course
        size = now
    return found


@dataclass(frozen=True)
class HeldOut:
    """Predictions for each sentence of a corpus by a reader trained without its register.

    best: topic with the highest score; share: of that topic among all; right: whether it is the topic; margin: score
    of the higher side less that of the lower, of the sentence's own topic, nan where it has no two sides; agrees:
    whether the margin has the sentence's side.
    """

    best: NDArray[np.str_]
    share: Floats
    right: NDArray[np.bool_]
    margin: Floats
    agrees: NDArray[np.bool_]


def held_out(sentences: Sequence[Labelled], folds: int = FOLDS) -> HeldOut:
    """Each register read by a reader trained on those of the other folds; the largest registers are dealt first."""
    sizes: dict[str, int] = {}
    for one in sentences:
        sizes[one.register] = sizes.get(one.register, 0) + 1
    loads = [0] * folds
    fold: dict[str, int] = {}
    for register in sorted(sizes, key=lambda name: (-sizes[name], name)):
        fold[register] = int(np.argmin(loads))
        loads[fold[register]] += sizes[register]
    labels = labels_of(sentences)
    scores = np.zeros((len(sentences), len(labels)))
    dealt = np.array([fold[one.register] for one in sentences])
    for number in range(folds):
        others = [one for one, at in zip(sentences, dealt, strict=True) if at != number]
        portrait = Portrait.of(others)
        words, senses = portrait.blocks([(one.text, one.before) for one in others])
        weights = fit(words, senses, others, labels)
        inside = np.flatnonzero(dealt == number)
        left = [one for one, at in zip(sentences, dealt, strict=True) if at == number]
        words, senses = portrait.blocks([(one.text, one.before) for one in left])
        scores[inside] = words @ weights[: words.shape[1]] + senses @ weights[words.shape[1] :]
    topics, names, sides = score_of(scores, labels)
    shares = shares_of(topics)
    best = np.array(names)[shares.argmax(axis=1)]
    margin = np.full(len(sentences), np.nan)
    for at, one in enumerate(sentences):
        if one.topic in sides and one.side:
            high, low = sides[one.topic]
            margin[at] = scores[at, high] - scores[at, low]
    own = np.array([{"higher": 1.0, "lower": -1.0, "": 0.0}[one.side] for one in sentences])
    return HeldOut(
        best,
        shares.max(axis=1),
        best == np.array([one.topic for one in sentences]),
        margin,
        np.sign(margin) == own,
    )


def logistic(values: Floats, right: NDArray[np.bool_]) -> Floats:
    """Intercept and slope of a logistic curve by Newton's method."""
    design = np.stack([np.ones_like(values), values], axis=1)
    curve = np.zeros(2)
    for _ in range(25):
        share = expit(design @ curve)
        spread = design.T @ (design * (share * (1.0 - share))[:, None])
        curve = curve + np.linalg.solve(spread, design.T @ (right - share))
    return curve


def corpus_mark(sentences: Sequence[Labelled]) -> str:
    """A hash of the corpus, so that a reader trained on another one is noticed."""
    plain = json.dumps([(one.text, one.topic, one.side, one.register, one.before) for one in sentences])
    return hashlib.sha256(plain.encode()).hexdigest()


def train(sentences: Sequence[Labelled], path: Path) -> dict[str, Any]:
    """Fit, calibrate and write a reader; returns what the file says of its training.

    Weights are rounded to one byte, with a scale for each label.
    """
    held = held_out(sentences)
    named = held.best != NO_ASSERTION
    topic_curve = logistic(odds(held.share[named]), held.right[named])
    sided = ~np.isnan(held.margin)
    side_curve = logistic(np.abs(held.margin[sided]), held.agrees[sided])
    portrait, labels = Portrait.of(sentences), labels_of(sentences)
    words, senses = portrait.blocks([(one.text, one.before) for one in sentences])
    weights = fit(words, senses, sentences, labels)
    scale = np.abs(weights).max(axis=0) / 127.0
    asserting = np.array([one.topic != NO_ASSERTION for one in sentences])
    about = {
        "corpus": corpus_mark(sentences),
        "sentences": len(sentences),
        "registers": len({one.register for one in sentences}),
        "topics_right": float(held.right[asserting].mean()),
        "sides_right": float(held.agrees[sided].mean()),
        "topic_curve": topic_curve.tolist(),
        "side_curve": side_curve.tolist(),
        "labels": labels,
    }
    np.savez_compressed(
        path,
        about=np.array(json.dumps(about)),
        topic_names=np.array("\n".join(portrait.topics.names)),
        topic_rarity=portrait.topics.rarity.astype(np.float32),
        side_names=np.array("\n".join(portrait.sides.names)),
        side_rarity=portrait.sides.rarity.astype(np.float32),
        waves=portrait.waves.astype(np.float32),
        phases=portrait.phases.astype(np.float32),
        weights=np.round(weights / scale).astype(np.int8),
        scale=scale.astype(np.float32),
    )
    return about


if __name__ == "__main__":
    print(
        json.dumps(
            train(labelled_sentences(), Path(str(files("excomm.audit"))).joinpath("reader.npz")), indent=1
        )
    )
