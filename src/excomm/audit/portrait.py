"""What stands for a stretch of text in the second reader, and what its scores say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from excomm.audit.corpus_text import Labelled
from excomm.audit.features import Space, side_features, topic_features, words_of
from excomm.audit.word_vectors import DIMENSIONS, sense_of

__all__ = ["Floats", "Portrait", "odds", "score_of", "shares_of"]

Floats = NDArray[np.float64]
# Settings of the reader, without a unit: judgement; likenesses of 1 to 3 read the editorials 1 to 6 alike.
SHARPNESS = 12.0  # from scores to shares of topics
WAVES = 1024  # random cosines that stand for a Gaussian likeness of senses
LIKENESS = 2.0  # exp(-2 d^2) of two senses at distance d
LEAST = 2  # stretches that a feature must stand in
SEED = 20241215  # of the cosines, so that they are the same each time


@dataclass(frozen=True)
class Portrait:
    """What stands for a stretch: words by which the topic is told, words by which the side is told, and its sense."""

    topics: Space
    sides: Space
    waves: Floats
    phases: Floats

    @classmethod
    def of(cls, sentences: Sequence[Labelled]) -> Portrait:
        """The features of a corpus, with the same random cosines each time."""
        dice = np.random.Generator(np.random.Philox(SEED))
        return cls(
            Space.of([topic_features(one.text, one.before) for one in sentences], LEAST),
            Space.of([side_features(one.text) for one in sentences], LEAST),
            dice.normal(scale=np.sqrt(2.0 * LIKENESS), size=(DIMENSIONS, WAVES)),
            dice.uniform(0.0, 2.0 * np.pi, size=WAVES),
        )

    def blocks(self, stretches: Sequence[tuple[str, str]]) -> tuple[Any, NDArray[np.float32]]:
        """Sparse words, shape (stretches, words), and dense cosines of the sense, shape (stretches, WAVES).

        stretches: (text, what stands before or around it).
        """
        from scipy import sparse

        topics = self.topics.matrix([topic_features(text, before) for text, before in stretches])
        sides = self.sides.matrix([side_features(text) for text, _ in stretches])
        senses = np.array([sense_of(words_of(text)) for text, _ in stretches]).reshape(-1, DIMENSIONS)
        cosines = np.cos(senses @ self.waves + self.phases) * np.sqrt(2.0 / WAVES)
        return sparse.hstack([topics, sides]).tocsr().astype(np.float32), cosines.astype(np.float32)


def score_of(
    scores: Floats, labels: Sequence[tuple[str, str]]
) -> tuple[Floats, tuple[str, ...], dict[str, tuple[int, int]]]:
    """Scores of the topics (both sides together), their names, and the places of both sides of those that have two."""
    names = tuple(dict.fromkeys(topic for topic, _ in labels))
    joined = np.zeros((len(labels), len(names)))
    joined[np.arange(len(labels)), [names.index(topic) for topic, _ in labels]] = 1.0
    sides = {
        name: (labels.index((name, "higher")), labels.index((name, "lower")))
        for name in names
        if (name, "higher") in labels and (name, "lower") in labels
    }
    return scores @ joined, names, sides


def shares_of(scores: Floats) -> Floats:
    """Scores of topics as shares that add up to 1."""
    from scipy.special import softmax

    return np.asarray(softmax(SHARPNESS * scores, axis=1))


def odds(share: Floats) -> Floats:
    """Log odds, kept finite."""
    from scipy.special import logit

    return np.asarray(logit(np.clip(share, 1e-6, 1 - 1e-6)))
