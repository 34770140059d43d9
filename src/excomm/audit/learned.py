"""The second reader: topic, side and kind of option of the stretches of a text, learned from the labelled corpus.

An encoder hears each stretch with the words before it (`hear`); what the whole text is about is weighed in when all its
stretches are known (`understand`).
`training` trains it and writes `reader.npz`; here it is read and used. Confidence is calibrated on registers of the
corpus, by other hands, that an encoder trained on the rest had not seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit, logit, softmax

from excomm.audit.chain import Floats
from excomm.audit.context import Context
from excomm.audit.corpus_text import CONCLUDES, NO_ASSERTION, NO_OPTION, Labelled, labelled_sentences
from excomm.audit.encoder import HEAD, OPTIONS, Encoder, unpacked
from excomm.audit.labels import Label, Shares
from excomm.audit.plain_words import likeness
from excomm.audit.thread import followed
from excomm.audit.word_pieces import WordPieces

__all__ = [
    "CONTEXT",
    "OPTION_BAR",
    "SIDE_BAR",
    "TOPIC_BAR",
    "Heard",
    "Recognised",
    "SecondReader",
    "odds",
    "second_reader",
]

# Least calibrated confidence at which a topic, a side and a kind of option are named. Judgement, chosen on the
# editorials 4 to 14; the hands on which the confidence is calibrated are harder to read than these.
TOPIC_BAR = 0.5
SIDE_BAR = 0.65
OPTION_BAR = 0.6
# Least share of a kind of option with which a recommendation leaves what the text around it speaks of; judgement, the
# best of .3 to .7 on the editorials 4 to 12.
OWN_BAR = 0.3
CONTEXT = "context."  # how the names of the tables of what stands around begin


@dataclass(frozen=True, eq=False)
class Heard:
    """What a stretch sounds like after what stands before it. scores: (labels,), log odds of each label up to a
    constant; share: of the likeliest topic; kinds: share of each kind of option that it may speak of.
    """

    scores: Floats
    share: float
    kinds: tuple[float, ...]


@dataclass(frozen=True)
class Recognised:
    """What a stretch is taken for, given the text around it. topic: also "none" and "conclude"; side: higher, lower, or
    "" where it is not told; confidence: that the topic is right, from held-out registers; side_confidence: the same of
    the side; option: the kind of option that it speaks of, "" where that is not clear; nearest: a sentence of the
    corpus on the same that shares words.
    """

    topic: str
    side: str
    confidence: float
    side_confidence: float
    option: str = ""
    nearest: str = ""

    @property
    def is_assertion(self) -> bool:
        """Whether something is asserted, and the topic is likely enough."""
        return self.topic != NO_ASSERTION and self.confidence >= TOPIC_BAR


class SecondReader:
    """Reads topic, side and kind of option of stretches whose actors' names have been replaced by roles."""

    def __init__(self, path: Path, corpus: Sequence[Labelled]) -> None:
        with np.load(path) as kept:
            self.about: Mapping[str, Any] = json.loads(str(kept["about"]))
            pieces = WordPieces(str(kept["vocabulary"]).split("\n"))
            around = {name: kept[name] for name in kept.files if name.startswith(CONTEXT)}
            tables = {
                name: kept[name]
                for name in kept.files
                if name not in ("about", "vocabulary") and name not in around
            }
        self.encoder = Encoder(pieces, unpacked(tables))
        self.corpus = tuple(corpus)
        self.labels: tuple[Label, ...] = tuple((topic, side) for topic, side in self.about["labels"])
        self.options: tuple[str, ...] = tuple(self.about["options"])
        self.context = Context.of(
            self.labels, {name.removeprefix(CONTEXT): table for name, table in around.items()}
        )
        self._shares = Shares.of(self.labels)
        # Sentences of a label, found when first asked for.
        self._alike: dict[tuple[str, str], tuple[Labelled, ...]] = {}

    def topic_confidence(self, share: float) -> float:
        """Probability that the topic is right at such a share, fitted to held-out sentences."""
        return _on(self.about["topic_curve"], float(odds(np.array(share))))

    def side_confidence(self, margin: float) -> float:
        """Probability that the side is right at such a margin, fitted to held-out sentences."""
        return _on(self.about["side_curve"], abs(margin))

    def hear(self, stretches: Sequence[tuple[str, str]]) -> list[Heard]:
        """What each stretch sounds like. stretches: (text, what stands before it)."""
        if not stretches:
            return []
        outputs = self.encoder.outputs(stretches)
        scores = self.encoder.scores(HEAD, outputs).astype(float)
        shares = self._shares.topics(softmax(scores, axis=1)).max(axis=1)
        kinds = softmax(self.encoder.scores(OPTIONS, outputs).astype(float), axis=1)
        return [
            Heard(row, float(share), tuple(kind.tolist()))
            for row, share, kind in zip(scores, shares, kinds, strict=True)
        ]

    def understand(self, heard: Sequence[Heard]) -> list[Recognised]:
        """What the stretches of a text assert, all of them given, in order."""
        if not heard:
            return []
        beside = self.context.beside(np.stack([one.scores for one in heard]))
        spoken = followed(self.options, [one.kinds for one in heard])
        found = []
        for one, more, followed_on in zip(heard, beside, spoken, strict=True):
            said = self.recognise(one, more)
            found.append(replace(said, option=self._option(said.topic, one.kinds, followed_on)))
        return found

    def amid(self, before: Sequence[Heard], one: Heard, after: Sequence[Heard]) -> Recognised:
        """What a stretch asserts between others of its text."""
        beside = self.context.beside(np.stack([each.scores for each in (*before, one, *after)]))
        return self.recognise(one, beside[len(before)])

    def recognise(self, one: Heard, beside: Floats | float = 0.0) -> Recognised:
        """What a stretch asserts. beside: what the rest of its text says of it, to be added to its scores."""
        scores = one.scores + beside
        shares = self._shares.topics(softmax(scores))
        best = int(shares.argmax())
        topic = self._shares.names[best]
        side, sure = self._side(topic, scores)
        return Recognised(topic, side, self.topic_confidence(float(shares[best])), sure)

    def _option(self, topic: str, kinds: Sequence[float], followed_on: tuple[str, float]) -> str:
        """The kind of option that a stretch speaks of: that of the text around it, but a recommendation turns to its
        own. kinds: shares of it by itself; followed_on: the kind and the belief in it as `followed` gives them.
        """
        if topic == CONCLUDES:
            share, own = max(
                (share, kind) for share, kind in zip(kinds, self.options, strict=True) if kind != NO_OPTION
            )
            if share >= OWN_BAR:
                return own
        kind, belief = followed_on
        sure = _on(self.about["option_curve"], float(odds(np.array(belief))))
        return kind if sure >= OPTION_BAR else ""

    def _side(self, topic: str, scores: Floats) -> tuple[str, float]:
        if topic not in self._shares.sides:
            return next(side for name, side in self.labels if name == topic), 1.0
        margin = self._shares.margin(topic, scores)
        sure = self.side_confidence(margin)
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


def _on(curve: Sequence[float], value: float) -> float:
    return float(expit(curve[0] + curve[1] * value))


@lru_cache(maxsize=1)
def second_reader() -> SecondReader:
    """The reader as shipped."""
    return SecondReader(Path(str(files("excomm.audit").joinpath("reader.npz"))), labelled_sentences())
