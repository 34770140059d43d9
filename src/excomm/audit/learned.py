"""The second reader: topic and side of a stretch by a ridge regression that was trained on the labelled corpus.

`training` fits it and writes `reader.npz`; here it is read and used. Confidence is calibrated on registers of the
corpus that a reader trained on the others had not seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from excomm.audit.corpus_text import NO_ASSERTION, Labelled, labelled_sentences
from excomm.audit.features import Space, negations, topic_features
from excomm.audit.portrait import Floats, Portrait, odds, score_of, shares_of

__all__ = ["SIDE_BAR", "TOPIC_BAR", "Recognised", "SecondReader", "second_reader"]

# Least calibrated confidence at which a topic is named; judgement: about as often right as wrong on other hands' prose.
TOPIC_BAR = 0.4
# Least confidence in the other side at which the side that the rules gave is taken back; judgement.
DISPUTE_BAR = 0.95
# Least calibrated confidence at which a side is named; judgement, so that a wrong side is rare.
SIDE_BAR = 0.8


@dataclass(frozen=True)
class Recognised:
    """What a stretch is taken for. side: higher, lower, or "" where it is not told; confidence: of the topic, from
    held-out registers; side_confidence: of the side; nearest: the sentence of the corpus that is most like it.
    """

    topic: str
    side: str
    confidence: float
    side_confidence: float
    nearest: str


class SecondReader:
    """Reads topic and side of stretches whose actors' names have been replaced by roles."""

    def __init__(self, path: Path, corpus: Sequence[Labelled]) -> None:
        with np.load(path) as kept:
            self.about: Mapping[str, Any] = json.loads(str(kept["about"]))
            self._portrait = Portrait(
                _space(kept["topic_names"], kept["topic_rarity"]),
                _space(kept["side_names"], kept["side_rarity"]),
                kept["waves"].astype(float),
                kept["phases"].astype(float),
            )
            self._weights = kept["weights"].astype(np.float32) * kept["scale"]
        self.corpus = tuple(corpus)
        # Sentences of a label with their features, found when first asked for.
        self._alike: dict[tuple[str, str], tuple[tuple[Labelled, ...], Any]] = {}
        self.labels = tuple((topic, side) for topic, side in self.about["labels"])
        _, self.topics, self._sides = score_of(np.zeros((1, len(self.labels))), self.labels)

    def topic_confidence(self, share: Floats) -> Floats:
        """Probability that the topic is right at such a share, fitted to held-out sentences."""
        return _on(self.about["topic_curve"], odds(share))

    def side_confidence(self, margin: Floats) -> Floats:
        """Probability that the side is right at such a margin, fitted to held-out sentences."""
        return _on(self.about["side_curve"], np.abs(margin))

    def _scores(self, stretches: Sequence[tuple[str, str]]) -> tuple[Floats, Floats]:
        """Scores of the labels and shares of the topics."""
        words, senses = self._portrait.blocks(stretches)
        cut = words.shape[1]
        scores = np.asarray(words @ self._weights[:cut] + senses @ self._weights[cut:], dtype=float)
        topics, _, _ = score_of(scores, self.labels)
        return scores, shares_of(topics)

    def recognise(self, stretches: Sequence[tuple[str, str]]) -> list[Recognised | None]:
        """What each stretch asserts; None where nothing is likely enough. stretches: (text, what stands around it)."""
        if not stretches:
            return []
        scores, shares = self._scores(stretches)
        confidence = self.topic_confidence(shares.max(axis=1))
        found: list[Recognised | None] = []
        for number, (text, _) in enumerate(stretches):
            topic = self.topics[int(shares[number].argmax())]
            if topic == NO_ASSERTION or confidence[number] < TOPIC_BAR:
                found.append(None)
                continue
            side, sure = self._side(topic, scores[number])
            found.append(
                Recognised(topic, side, float(confidence[number]), sure, self._nearest(text, topic, side))
            )
        return found

    def disputes(self, text: str, topic: str, side: str) -> bool:
        """Whether a stretch is surely on this topic and rather surely on its other side."""
        if topic not in self._sides or negations(text) > 1:
            return False
        scores, shares = self._scores([(text, "")])
        at = int(shares[0].argmax())
        if self.topics[at] != topic:
            return False
        margin = self._margin(topic, scores[0])
        return bool(
            self.topic_confidence(shares[0, at : at + 1])[0] >= TOPIC_BAR
            and self.side_confidence(np.array(margin)) >= DISPUTE_BAR
            and (margin < 0) == (side == "higher")
        )

    def _margin(self, topic: str, scores: Floats) -> float:
        high, low = self._sides[topic]
        return float(scores[high] - scores[low])

    def _side(self, topic: str, scores: Floats) -> tuple[str, float]:
        if topic not in self._sides:
            return next(side for name, side in self.labels if name == topic), 1.0
        margin = self._margin(topic, scores)
        sure = float(self.side_confidence(np.array(margin)))
        if sure < SIDE_BAR:
            return "", sure  # no side is better than the wrong one
        return ("higher" if margin > 0 else "lower"), sure

    def _nearest(self, text: str, topic: str, side: str) -> str:
        """The sentence of the corpus with the same label that shares most with a stretch."""
        if (topic, side) not in self._alike:
            alike = tuple(one for one in self.corpus if one.topic == topic and side in ("", one.side))
            features = self._portrait.topics.matrix([topic_features(one.text) for one in alike])
            self._alike[topic, side] = (alike, features)
        alike, features = self._alike[topic, side]
        row: Any = self._portrait.topics.matrix([topic_features(text)])
        return alike[int((features @ row.T).toarray().ravel().argmax())].shown


def _space(names: Any, rarity: Any) -> Space:
    return Space(str(names).split("\n"), rarity.astype(float))


def _on(curve: Sequence[float], values: Floats) -> Floats:
    return np.asarray(expit(curve[0] + curve[1] * values))


@lru_cache(maxsize=1)
def second_reader() -> SecondReader:
    """The reader as shipped."""
    return SecondReader(Path(str(files("excomm.audit").joinpath("reader.npz"))), labelled_sentences())
