"""How sure the second reader may be: what stands around a stretch weighed in, and curves of confidence, both fitted to
sentences of hands that it has not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from excomm.audit.chain import Floats
from excomm.audit.context import Context, editorials, fitted
from excomm.audit.corpus_text import CONCLUDES, NO_ASSERTION, NO_OPTION, Labelled
from excomm.audit.encoder import HEAD, OPTIONS, Encoder
from excomm.audit.labels import Label, Shares
from excomm.audit.learned import odds
from excomm.audit.thread import followed

__all__ = ["calibrated", "logistic"]


def calibrated(
    encoder: Encoder,
    sentences: Sequence[Labelled],
    labels: Sequence[Label],
    kinds: Sequence[str],
    context: Context,
) -> tuple[dict[str, Any], Context]:
    """How right an encoder is on sentences that it has not seen, without (`alone`) and with the text around them; the
    curves of confidence fitted to that; and the context with fitted weights. The weights with which the sentences of
    one hand are measured are fitted to the other hands.
    """
    seen = encoder.outputs([(one.text, one.before) for one in sentences])
    scores = encoder.scores(HEAD, seen).astype(float)
    places = np.array([labels.index(one.label) for one in sentences])
    texts = editorials(sentences)
    alone = _right(scores, sentences, labels)
    context, beside = _weighed(
        context, texts, [sentences[text[0]].register for text in texts], places, scores
    )
    for text, more in zip(texts, beside, strict=True):
        scores[text] += more
    shares = Shares.of(labels)
    topics = shares.topics(softmax(scores, axis=1))
    right = np.array(
        [shares.names[at] == one.topic for at, one in zip(topics.argmax(axis=1), sentences, strict=True)]
    )
    named = np.array([shares.names[at] != NO_ASSERTION for at in topics.argmax(axis=1)])
    margin, agrees = _sides(scores, sentences, shares)
    spoken = [at for at, one in enumerate(sentences) if one.option not in ("", NO_OPTION)]
    heard = _followed(softmax(encoder.scores(OPTIONS, seen).astype(float), axis=1), texts, kinds)
    meant = np.array([heard[at][0] == sentences[at].option for at in spoken])
    recommending = np.array([sentences[at].topic == CONCLUDES for at in spoken])
    belief = np.array([heard[at][1] for at in spoken])
    about = {
        **{f"{name}_alone": share for name, share in alone.items()},
        **_right(scores, sentences, labels),
        "recommended_right": float(meant[recommending].mean()),
        "options_right": float(meant.mean()),
        "topic_curve": logistic(odds(topics.max(axis=1)[named]), right[named]).tolist(),
        "side_curve": logistic(np.abs(margin), agrees).tolist(),
        "option_curve": logistic(odds(belief), meant).tolist(),
    }
    return about, context


def _weighed(
    context: Context,
    texts: Sequence[Sequence[int]],
    hands: Sequence[str],
    places: NDArray[np.int64],
    scores: Floats,
) -> tuple[Context, list[Floats]]:
    """A context with weights fitted to all texts; and for each text what stands around its stretches, with weights
    fitted to the other hands alone, so that what is measured and calibrated on it is not flattered. A hand without
    others has those of all texts.
    """
    heard = [(places[text], scores[text]) for text in texts]
    whole = fitted(context, heard)
    others = {
        hand: fitted(whole, [one for one, by in zip(heard, hands, strict=True) if by != hand])
        for hand in sorted(set(hands))
    }
    return whole, [others[by].beside(told) for by, (_, told) in zip(hands, heard, strict=True)]


def _right(scores: Floats, sentences: Sequence[Labelled], labels: Sequence[Label]) -> dict[str, float]:
    """Share of asserting sentences whose topic is right, and of those with a side whose side is, given the topic."""
    shares = Shares.of(labels)
    best = shares.topics(softmax(scores, axis=1)).argmax(axis=1)
    right = [
        shares.names[at] == one.topic
        for at, one in zip(best, sentences, strict=True)
        if one.topic != NO_ASSERTION
    ]
    return {
        "topics_right": float(np.mean(right)),
        "sides_right": float(_sides(scores, sentences, shares)[1].mean()),
    }


def _sides(scores: Floats, sentences: Sequence[Labelled], shares: Shares) -> tuple[Floats, NDArray[np.bool_]]:
    """How much the higher side is ahead where a sentence has one of two, and whether the one ahead is its own."""
    sided = [at for at, one in enumerate(sentences) if one.side and one.topic in shares.sides]
    margin = np.array([shares.margin(sentences[at].topic, scores[at]) for at in sided])
    return margin, (margin > 0) == np.array([sentences[at].side == "higher" for at in sided])


def _followed(
    shares: Floats, texts: Sequence[Sequence[int]], kinds: Sequence[str]
) -> list[tuple[str, float]]:
    """The kind of option that each sentence speaks of, given its editorial, and the belief in it."""
    found = [followed(kinds, [row])[0] for row in shares]
    for text in texts:
        for at, heard in zip(text, followed(kinds, shares[text]), strict=True):
            found[at] = heard
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
