"""The second reader: topic, side and kind of option of a stretch by an encoder trained on the labelled corpus.

`training` trains it and writes `reader.npz`; here it is read and used. Confidence is calibrated on registers of the
corpus, by other hands, that an encoder trained on the rest had not seen.
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
from numpy.typing import NDArray
from scipy.special import expit, logit, softmax

from excomm.audit.corpus_text import NO_ASSERTION, Labelled, labelled_sentences
from excomm.audit.encoder import HEAD, OPTIONS, Encoder, Numbers, unpacked
from excomm.audit.plain_words import likeness
from excomm.audit.word_pieces import WordPieces

__all__ = [
    "OPTION_BAR",
    "SIDE_BAR",
    "TOPIC_BAR",
    "Floats",
    "Label",
    "Recognised",
    "SecondReader",
    "Shares",
    "odds",
    "second_reader",
]

Floats = NDArray[np.float64]
Label = tuple[str, str]  # topic, side
# Least calibrated confidence at which a topic, a side and a kind of option are named. Judgement, chosen on the
# editorials 3 to 12; the hands on which the confidence is calibrated are harder to read than these.
TOPIC_BAR = 0.4
SIDE_BAR = 0.7
OPTION_BAR = 0.6


@dataclass(frozen=True)
class Recognised:
    """What a stretch is taken for. topic: also "none" and "conclude"; side: higher, lower, or "" where it is not told;
    share: of the topic among all, as the reader scores it; confidence: that the topic is right, from held-out
    registers; side_confidence: the same of the side; kinds: share of each kind
    of option that it may speak of, as the reader scores the stretch by itself; option: the kind that it speaks of after
    what stands before it, "" where that is not clear; nearest: a sentence of the corpus on the same that shares words.
    """

    topic: str
    side: str
    share: float
    confidence: float
    side_confidence: float
    kinds: tuple[float, ...] = ()
    option: str = ""
    nearest: str = ""

    @property
    def is_assertion(self) -> bool:
        """Whether something is asserted, and the topic is likely enough."""
        return self.topic != NO_ASSERTION and self.confidence >= TOPIC_BAR


@dataclass(frozen=True)
class Shares:
    """Which labels belong to which topic. names: of the topics; of_topic: shape (labels, topics), 1 where a label is
    of a topic; sides: places of the labels of both sides, for topics that have two.
    """

    names: tuple[str, ...]
    of_topic: Floats
    sides: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, labels: Sequence[Label]) -> Shares:
        """The topics of some labels."""
        names = tuple(dict.fromkeys(topic for topic, _ in labels))
        joined = np.zeros((len(labels), len(names)))
        joined[np.arange(len(labels)), [names.index(topic) for topic, _ in labels]] = 1.0
        known = {label: at for at, label in enumerate(labels)}
        both = {
            name: (known[name, "higher"], known[name, "lower"])
            for name in names
            if (name, "higher") in known and (name, "lower") in known
        }
        return cls(names, joined, both)

    def topics(self, shares: Floats) -> Floats:
        """Shares of topics from shares of labels, shape (stretches, topics)."""
        return np.asarray(shares @ self.of_topic)

    def margin(self, topic: str, scores: Floats) -> float:
        """How much the higher side of a topic is ahead of the lower one, in log odds; scores of one stretch."""
        high, low = self.sides[topic]
        return float(scores[high] - scores[low])


class SecondReader:
    """Reads topic, side and kind of option of stretches whose actors' names have been replaced by roles."""

    def __init__(self, path: Path, corpus: Sequence[Labelled]) -> None:
        with np.load(path) as kept:
            self.about: Mapping[str, Any] = json.loads(str(kept["about"]))
            pieces = WordPieces(str(kept["vocabulary"]).split("\n"))
            tables = {name: kept[name] for name in kept.files if name not in ("about", "vocabulary")}
        self.encoder = Encoder(pieces, unpacked(tables))
        self.corpus = tuple(corpus)
        self.labels: tuple[Label, ...] = tuple((topic, side) for topic, side in self.about["labels"])
        self.options: tuple[str, ...] = tuple(self.about["options"])
        self._shares = Shares.of(self.labels)
        # Sentences of a label, found when first asked for.
        self._alike: dict[tuple[str, str], tuple[Labelled, ...]] = {}

    def topic_confidence(self, share: Floats) -> Floats:
        """Probability that the topic is right at such a share, fitted to held-out sentences."""
        return _on(self.about["topic_curve"], odds(share))

    def side_confidence(self, margin: Floats) -> Floats:
        """Probability that the side is right at such a margin, fitted to held-out sentences."""
        return _on(self.about["side_curve"], np.abs(margin))

    def option_of(self, heard: tuple[str, float]) -> str:
        """A kind of option and the belief in it as a `Thread` gives them: the kind, or "" where it is not sure."""
        kind, belief = heard
        sure = float(_on(self.about["option_curve"], odds(np.array(belief))))
        return kind if sure >= OPTION_BAR else ""

    def _scores(self, outputs: Numbers) -> tuple[Floats, Floats]:
        """Scores of the labels and shares of the topics."""
        scores = self.encoder.scores(HEAD, outputs).astype(float)
        return scores, self._shares.topics(softmax(scores, axis=1))

    def recognise(self, stretches: Sequence[tuple[str, str]]) -> list[Recognised]:
        """What each stretch asserts. stretches: (text, what stands before it)."""
        if not stretches:
            return []
        outputs = self.encoder.outputs(stretches)
        scores, shares = self._scores(outputs)
        confidence = self.topic_confidence(shares.max(axis=1))
        kinds = softmax(self.encoder.scores(OPTIONS, outputs).astype(float), axis=1)
        found = []
        for number, best in enumerate(shares.argmax(axis=1)):
            topic = self._shares.names[best]
            side, sure = self._side(topic, scores[number])
            share = float(shares[number, best])
            found.append(
                Recognised(topic, side, share, float(confidence[number]), sure, tuple(kinds[number].tolist()))
            )
        return found

    def _side(self, topic: str, scores: Floats) -> tuple[str, float]:
        if topic not in self._shares.sides:
            return next(side for name, side in self.labels if name == topic), 1.0
        margin = self._shares.margin(topic, scores)
        sure = float(self.side_confidence(np.array(margin)))
        if sure < SIDE_BAR:
            return "", sure  # no side is better than the wrong one
        return ("higher" if margin > 0 else "lower"), sure

    def nearest(self, text: str, one: Recognised) -> str:
        """The sentence of the corpus with the same label that shares most words with a stretch."""
        if (one.topic, one.side) not in self._alike:
            self._alike[one.topic, one.side] = tuple(
                each for each in self.corpus if each.topic == one.topic and one.side in ("", each.side)
            )
        return max(self._alike[one.topic, one.side], key=lambda each: likeness(text, each.text)).shown


def odds(share: Floats) -> Floats:
    """Log odds, kept finite."""
    return np.asarray(logit(np.clip(share, 1e-6, 1 - 1e-6)))


def _on(curve: Sequence[float], values: Floats) -> Floats:
    return np.asarray(expit(curve[0] + curve[1] * values))


@lru_cache(maxsize=1)
def second_reader() -> SecondReader:
    """The reader as shipped."""
    return SecondReader(Path(str(files("excomm.audit").joinpath("reader.npz"))), labelled_sentences())
