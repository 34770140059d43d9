"""The second reader: topic and side of a stretch by ridge regression on the labelled sentences of the corpus.

Both are trained at first use from the text files, in the same way each time; nothing is stored. Confidence is
calibrated on the corpus itself with each register held out in turn: the share of sentences of a register that the
others get right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, softmax

from excomm.audit.corpus_text import NO_ASSERTION, Labelled, labelled_sentences
from excomm.audit.features import Space, negations, side_features, topic_features

__all__ = ["SIDE_BAR", "TOPIC_BAR", "Recognised", "SecondReader", "second_reader"]

Floats = NDArray[np.float64]
RIDGE = 0.5  # of the topics; with SIDE_RIDGE, SHARPNESS and OTHER_TOPICS chosen on held-out registers
SIDE_RIDGE = 0.3
SHARPNESS = 12.0
OTHER_TOPICS = 0.1  # what a sentence on another topic tells of a side, beside one on the same
TOPIC_BAR = 0.35  # least calibrated confidence at which a topic is named; judgement
# Least confidence in the other side at which the side that the rules gave is taken back; judgement.
DISPUTE_BAR = 0.8
# Least calibrated confidence at which a side is named; judgement, so that a wrong side is rare.
SIDE_BAR = 0.9
_SIGNS = {"higher": 1.0, "lower": -1.0, "": 0.0}


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


@dataclass(frozen=True)
class HeldOut:
    """Predictions for each sentence of the corpus by a reader trained without its register."""

    topic: tuple[str, ...]
    score: Floats
    right: NDArray[np.bool_]
    margin: Floats
    side_right: NDArray[np.bool_]
    sided: NDArray[np.bool_]


class SecondReader:
    """Reads topic and side of stretches whose actors' names have been replaced by roles."""

    def __init__(self, corpus: Sequence[Labelled]) -> None:
        self.corpus = tuple(corpus)
        self.topics = sorted({one.topic for one in corpus})
        place = {name: at for at, name in enumerate(self.topics)}
        self._topic = np.array([place[one.topic] for one in corpus])
        self._sign = np.array([_SIGNS[one.side] for one in corpus])
        registers = np.array([one.register for one in corpus])
        # Topics: ridge on topic-and-side labels, rarer labels weighed up; sides of a topic count together.
        labels = sorted({(one.topic, one.side) for one in corpus})
        at = {label: number for number, label in enumerate(labels)}
        label = np.array([at[one.topic, one.side] for one in corpus])
        wanted = np.zeros((len(corpus), len(labels)))
        wanted[np.arange(len(corpus)), label] = 1.0
        joined = np.zeros((len(labels), len(self.topics)))
        joined[np.arange(len(labels)), [place[name] for name, _ in labels]] = 1.0
        wanted = wanted @ joined
        weight = 1.0 / np.sqrt(np.bincount(label).astype(float))[label]
        rows = [topic_features(one.text) for one in corpus]
        self._space = Space(rows)
        self._rows = self._space.matrix(rows)
        like = (self._rows @ self._rows.T).toarray()
        inverse = _inverse(like + RIDGE * np.diag(weight.mean() / weight))
        duals = inverse @ wanted
        self._weights: Floats = self._rows.T @ duals
        blind = wanted - _left_out(inverse, duals, registers)
        # Sides: one ridge over all topics with two sides; sentences on the same topic count most.
        self.two_sided = {
            name for name in self.topics if len({one.side for one in corpus if one.topic == name}) == 2
        }
        self._sided = np.array([one.topic in self.two_sided and one.side != "" for one in corpus])
        rows = [side_features(one.text) for one in corpus]
        self._side_space = Space(rows)
        self._side_rows = self._side_space.matrix(rows)[self._sided]
        topic = self._topic[self._sided]
        gate = np.where(topic[:, None] == topic[None, :], 1.0, OTHER_TOPICS)
        inverse = _inverse(
            (self._side_rows @ self._side_rows.T).toarray() * gate + SIDE_RIDGE * np.eye(len(topic))
        )
        sign = self._sign[self._sided]
        self._side_duals = inverse @ sign
        margin = sign - _left_out(inverse, self._side_duals[:, None], registers[self._sided])[:, 0]
        self.held_out = self._calibrate(blind, margin, sign)

    def _calibrate(self, blind: Floats, margin: Floats, sign: Floats) -> HeldOut:
        shares = _shares(blind)
        best = shares.argmax(axis=1)
        score, right = shares.max(axis=1), best == self._topic
        named = np.array([self.topics[one] != NO_ASSERTION for one in best])
        agrees = np.sign(margin) == sign
        self._topic_curve = _logistic(_odds(score[named]), right[named])
        self._side_curve = _logistic(np.abs(margin), agrees)
        return HeldOut(tuple(self.topics[one] for one in best), score, right, margin, agrees, self._sided)

    def topic_confidence(self, score: Floats) -> Floats:
        """Probability that the topic is right at such a score, fitted to held-out sentences."""
        return _on(self._topic_curve, _odds(score))

    def side_confidence(self, margin: Floats) -> Floats:
        """Probability that the side is right at such a margin, fitted to held-out sentences."""
        return _on(self._side_curve, np.abs(margin))

    def recognise(self, stretches: Sequence[tuple[str, str]]) -> list[Recognised | None]:
        """What each stretch asserts; None where nothing is likely enough. stretches: (text, what stands around it)."""
        if not stretches:
            return []
        rows = self._space.matrix([topic_features(text, before) for text, before in stretches])
        shares = _shares(np.asarray(rows @ self._weights))
        confidence = self.topic_confidence(shares.max(axis=1))
        likeness = (rows @ self._rows.T).toarray()
        found: list[Recognised | None] = []
        for number, (text, _) in enumerate(stretches):
            at = int(shares[number].argmax())
            if self.topics[at] == NO_ASSERTION or confidence[number] < TOPIC_BAR:
                found.append(None)
                continue
            side, sure = self._side(text, at)
            fits = self._topic == at
            if side:
                fits &= self._sign == _SIGNS[side]
            nearest = int(np.where(fits, likeness[number], -1.0).argmax())
            found.append(
                Recognised(self.topics[at], side, float(confidence[number]), sure, self.corpus[nearest].shown)
            )
        return found

    def disputes(self, text: str, topic: str, side: str) -> bool:
        """Whether a stretch is surely on this topic and rather surely on its other side."""
        rows = self._space.matrix([topic_features(text)])
        shares = _shares(np.asarray(rows @ self._weights))[0]
        at = int(shares.argmax())
        if self.topics[at] != topic or topic not in self.two_sided or negations(text) > 1:
            return False
        margin = self._margin(text, at)
        return bool(
            self.topic_confidence(shares[at : at + 1])[0] >= TOPIC_BAR
            and self.side_confidence(np.array(margin)) >= DISPUTE_BAR
            and np.sign(margin) == -_SIGNS[side]
        )

    def _margin(self, text: str, topic: int) -> float:
        row: Any = self._side_space.matrix([side_features(text)])
        gate = np.where(self._topic[self._sided] == topic, 1.0, OTHER_TOPICS)
        return float(((row @ self._side_rows.T).toarray().ravel() * gate) @ self._side_duals)

    def _side(self, text: str, topic: int) -> tuple[str, float]:
        if self.topics[topic] not in self.two_sided:
            sides = {one.side for one in self.corpus if one.topic == self.topics[topic]}
            return sides.pop(), 1.0
        margin = self._margin(text, topic)
        sure = float(self.side_confidence(np.array(margin)))
        if sure < SIDE_BAR or negations(text) > 1:
            return "", sure  # no side is better than the wrong one
        return ("higher" if margin > 0 else "lower"), sure


def _shares(scores: Floats) -> Floats:
    return np.asarray(softmax(SHARPNESS * scores, axis=1))


def _odds(share: Floats) -> Floats:
    return np.asarray(logit(np.clip(share, 1e-6, 1 - 1e-6)))


def _on(curve: Floats, values: Floats) -> Floats:
    return np.asarray(expit(curve[0] + curve[1] * values))


def _logistic(values: Floats, right: NDArray[np.bool_]) -> Floats:
    """Intercept and slope of a logistic curve by Newton's method."""
    design = np.stack([np.ones_like(values), values], axis=1)
    curve = np.zeros(2)
    for _ in range(25):
        share = _on(curve, values)
        spread = design.T @ (design * (share * (1.0 - share))[:, None])
        curve = curve + np.linalg.solve(spread, design.T @ (right - share))
    return curve


def _inverse(matrix: Floats) -> Floats:
    """Inverse of a symmetric positive definite matrix, in single precision, which a ridge allows."""
    from scipy.linalg.lapack import spotrf, spotri

    factor, failed = spotrf(matrix.astype(np.float32), lower=True)
    half, failed_too = spotri(factor, lower=True)
    if failed or failed_too:
        raise np.linalg.LinAlgError("the sentences of the corpus are too much alike for the ridge")
    lower = np.tril(half).astype(float)
    return np.asarray(lower + np.tril(lower, -1).T)


def _left_out(inverse: Floats, duals: Floats, registers: NDArray[Any]) -> Floats:
    """Errors of ridge regression for each register when it is left out of the fit (closed form), shape of `duals`."""
    errors = np.empty_like(duals)
    for register in np.unique(registers):
        inside = np.flatnonzero(registers == register)
        errors[inside] = np.linalg.solve(inverse[np.ix_(inside, inside)], duals[inside])
    return errors


@lru_cache(maxsize=1)
def second_reader() -> SecondReader:
    """The reader trained on the corpus as shipped."""
    return SecondReader(labelled_sentences())
