"""How sure the second reader may be: curves of confidence, fitted to sentences of hands that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from excomm.audit.corpus_text import CONCLUDES, NO_ASSERTION, NO_OPTION, Labelled
from excomm.audit.encoder import HEAD, OPTIONS, Encoder
from excomm.audit.learned import Floats, Label, Shares, odds
from excomm.audit.thread import Thread

__all__ = ["calibrated", "logistic"]


def calibrated(
    encoder: Encoder, sentences: Sequence[Labelled], labels: Sequence[Label], kinds: Sequence[str]
) -> dict[str, Any]:
    """How right an encoder is on sentences that it has not seen, and the curves of confidence fitted to that."""
    seen = encoder.outputs([(one.text, one.before) for one in sentences])
    scores = encoder.scores(HEAD, seen).astype(float)
    shares = Shares.of(labels)
    topics = shares.topics(softmax(scores, axis=1))
    best = topics.argmax(axis=1)
    right = np.array([shares.names[at] == one.topic for at, one in zip(best, sentences, strict=True)])
    named = np.array([shares.names[at] != NO_ASSERTION for at in best])
    sided = [at for at, one in enumerate(sentences) if one.side and one.topic in shares.sides]
    margin = np.array([shares.margin(sentences[at].topic, scores[at]) for at in sided])
    agrees = (margin > 0) == np.array([sentences[at].side == "higher" for at in sided])
    asserting = np.array([one.topic != NO_ASSERTION for one in sentences])
    spoken = [at for at, one in enumerate(sentences) if one.option not in ("", NO_OPTION)]
    followed = _followed(sentences, softmax(encoder.scores(OPTIONS, seen).astype(float), axis=1), kinds)
    meant = np.array([followed[at][0] == sentences[at].option for at in spoken])
    recommending = np.array([sentences[at].topic == CONCLUDES for at in spoken])
    belief = np.array([followed[at][1] for at in spoken])
    return {
        "topics_right": float(right[asserting].mean()),
        "sides_right": float(agrees.mean()),
        "recommended_right": float(meant[recommending].mean()),
        "options_right": float(meant.mean()),
        "topic_curve": logistic(odds(topics.max(axis=1)[named]), right[named]).tolist(),
        "side_curve": logistic(np.abs(margin), agrees).tolist(),
        "option_curve": logistic(odds(belief), meant).tolist(),
    }


def _followed(sentences: Sequence[Labelled], shares: Floats, kinds: Sequence[str]) -> list[tuple[str, float]]:
    """The kind of option that each sentence speaks of after those before it in its editorial, and the belief in it."""
    found: list[tuple[str, float]] = []
    thread = Thread(kinds)
    for one, heard in zip(sentences, shares, strict=True):
        if not one.before:  # a new editorial, or a sentence without one
            thread = Thread(kinds)
        found.append(thread.hear(heard))
    return found


def logistic(values: Floats, right: NDArray[np.bool_]) -> Floats:
    """Intercept and slope of a logistic curve by Newton's method."""
    design = np.stack([np.ones_like(values), values], axis=1)
    curve = np.zeros(2)
    for _ in range(25):
        share = expit(design @ curve)
        spread = design.T @ (design * (share * (1.0 - share))[:, None])
        curve = curve + np.linalg.solve(spread, design.T @ (right - share))
    return curve
