"""What the stretches around one say about it: a text keeps to a matter, and leans to one side for a while.

Two things are learned from the labels of whole editorials, not from their words. *Leaning*: a hidden Markov chain with
two states, one in which losses are low, threats empty and gains swift, one in which they are not; a passage mostly
stays in one of them. *Company*: which topics stand one, two and three stretches apart, and which anywhere else in a
text, more often than by chance. How much they weigh beside the scores of the stretch itself is fitted to editorials by
hands that the reader has not seen. The rest of a text counts as much as `MOST` stretches do, however long it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from excomm.audit.chain import Floats, carried
from excomm.audit.corpus_text import Labelled
from excomm.audit.labels import Label, Shares

__all__ = ["Context", "editorials", "fitted", "learned_context"]

Places = NDArray[np.int64]

NEAR = 3  # stretches apart up to which the company of topics is told by distance; judgement
# States; three and four were no better on the hands held out. Probability to stay in one when the fit begins;
# judgement.
LEANINGS, FIRST_STAY = 2, 0.9
ROUNDS = 40  # of expectation and maximisation; the likelihood hardly moves after 30
DOUBT = 2.0  # sides of each topic and state taken as seen before any is; judgement
# Topics taken as seen beside one before any is, near and further apart; judgement (half and twice are alike).
BESIDE, FURTHER = 100.0, 1000.0
MOST = 30  # stretches further apart that count at most, as in the editorials from which it is learned
# Where the fit of the weights begins, of the leaning, of the company at each distance and of that further apart, and
# the largest that a weight may be; judgement (none of those found comes near it).
FIRST_WEIGHTS, LARGEST = (1.0, 0.5, 0.3, 0.2, 0.3), 2.0
SEED = 20241215


@dataclass(frozen=True)
class Context:
    """labels: topic and side; common: (labels,), share of each in editorials; taught: (labels,), share of each for
    which the scores stand, as the reader was taught; sides: (states, labels), probability of the side of a label given
    its topic and the state; moves: (states, states) and first: (states,), of the leaning; company: (NEAR + 1, topics,
    topics), how many times as often as by chance the second topic stands one, two, … stretches behind the first, and
    last, further apart; weights: (NEAR + 2,), of the leaning and of each company.
    """

    labels: tuple[Label, ...]
    common: Floats
    taught: Floats
    sides: Floats
    moves: Floats
    first: Floats
    company: Floats
    weights: Floats

    def beside(self, scores: Floats) -> Floats:
        """What to add to the scores of each stretch of a text for what the others say, shape (stretches, labels).

        scores: log odds up to a constant, shape (stretches, labels), as a reader of single stretches gives them.
        """
        if len(scores) < 2:
            return np.zeros_like(scores)
        shares = self._shares
        heard = softmax(scores, axis=1)
        usual = _of_topic(self.common, shares)
        likely = heard / _of_topic(self.taught, shares)
        _, leaning, _ = carried(likely @ self.sides.T, self.moves, self.first)
        found = self.weights[0] * np.log(leaning @ self.sides / usual)
        topics = shares.topics(heard)
        told = np.zeros_like(topics)
        for distance in range(1, min(NEAR, len(scores) - 1) + 1):
            company, weight = self.company[distance - 1], self.weights[distance]
            told[distance:] += weight * np.log(topics[:-distance] @ company)
            told[:-distance] += weight * np.log(topics[distance:] @ company.T)
        sums = np.vstack([np.zeros(topics.shape[1]), np.log(topics @ self.company[-1]).cumsum(axis=0)])
        places = np.arange(len(scores))
        low, high = np.maximum(places - NEAR, 0), np.minimum(places + NEAR + 1, len(scores))
        far = (len(scores) - (high - low))[:, None]
        told += (
            self.weights[-1]
            * (sums[-1] - (sums[high] - sums[low]))
            * np.minimum(1.0, MOST / np.maximum(far, 1))
        )
        return np.asarray(found + told @ shares.of_topic.T)

    @cached_property
    def _shares(self) -> Shares:
        return Shares.of(self.labels)

    def tables(self) -> dict[str, Floats]:
        """The arrays of it, by name, for a file."""
        return {name: getattr(self, name) for name in _TABLES}

    @classmethod
    def of(cls, labels: Sequence[Label], tables: Mapping[str, NDArray[Any]]) -> Context:
        """Of the arrays that `tables` gave."""
        return cls(tuple(labels), **{name: np.asarray(tables[name], dtype=np.float64) for name in _TABLES})


_TABLES = ("common", "taught", "sides", "moves", "first", "company", "weights")


def editorials(sentences: Sequence[Labelled]) -> list[list[int]]:
    """Places of the sentences of each whole editorial, in order."""
    found: list[list[int]] = []
    for at, one in enumerate(sentences):
        if not one.before or not found:
            found.append([])
        found[-1].append(at)
    return [some for some in found if len(some) > 1]


def learned_context(
    texts: Sequence[Sequence[Label]], labels: Sequence[Label], taught: Floats | None = None
) -> Context:
    """The leaning and the company of labelled editorials; its weights are those at which a fit begins.

    taught: share of each label for which the scores of the reader stand; that in the editorials by default.
    """
    known = {label: at for at, label in enumerate(labels)}
    told = [np.array([known[label] for label in text]) for text in texts]
    shares = Shares.of(labels)
    counts = np.bincount(np.concatenate([np.arange(0), *told]), minlength=len(labels)) + 0.5
    common = counts / counts.sum()
    sides, moves, first = _leaning(told, common, shares)
    topics = [shares.of_topic.argmax(axis=1)[text] for text in told]
    company = np.stack([*(_company(topics, common @ shares.of_topic, d) for d in range(1, NEAR + 2))])
    taught = common if taught is None else taught
    return Context(tuple(labels), common, taught, sides, moves, first, company, np.array(FIRST_WEIGHTS))


def _leaning(told: Sequence[Places], common: Floats, shares: Shares) -> tuple[Floats, Floats, Floats]:
    """Sides by state, moves and first states by expectation and maximisation (Baum and others 1970)."""
    usual = _of_topic(common, shares)
    dice = np.random.Generator(np.random.Philox(SEED))
    sides = usual * dice.uniform(0.5, 1.5, size=(LEANINGS, len(common)))
    sides /= _summed(sides, shares)
    moves = np.full((LEANINGS, LEANINGS), (1.0 - FIRST_STAY) / max(1, LEANINGS - 1))
    np.fill_diagonal(moves, FIRST_STAY)
    first = np.full(LEANINGS, 1.0 / LEANINGS)
    for _ in range(ROUNDS):
        seen = np.tile(DOUBT * usual, (LEANINGS, 1))
        moved, begun = np.ones_like(moves), np.ones_like(first)
        for text in told:
            likely = sides[:, text].T
            belief, _, pairs = carried(likely, moves, first)
            np.add.at(seen.T, text, belief)
            moved += pairs
            begun += belief[0]
        sides = seen / _summed(seen, shares)
        moves = moved / moved.sum(axis=1, keepdims=True)
        first = begun / begun.sum()
    return sides, moves, first


def _company(topics: Sequence[Places], by_chance: Floats, distance: int) -> Floats:
    """How many times as often as by chance a topic stands so far behind another; beyond `NEAR`, on either side."""
    many = len(by_chance)
    counts = np.zeros((many, many))
    for text in topics:
        if distance <= NEAR:
            np.add.at(counts, (text[:-distance], text[distance:]), 1.0)
        else:
            apart = np.abs(np.subtract.outer(np.arange(len(text)), np.arange(len(text)))) > NEAR
            one, other = np.nonzero(apart)
            np.add.at(counts, (text[one], text[other]), 1.0)
    before = BESIDE if distance <= NEAR else FURTHER
    share = (counts + before * by_chance) / (counts.sum(axis=1, keepdims=True) + before)
    return np.asarray(share / by_chance)


def fitted(context: Context, heard: Sequence[tuple[Places, Floats]]) -> Context:
    """A context with the weights, 0 or more, under which editorials that the reader has not seen are likeliest (by the
    method of Byrd and others 1995).

    heard: labels and scores of the stretches of each. Raises RuntimeError where the search does not come to an end.
    """

    def cost(weights: Floats) -> float:
        some, total, count = replace(context, weights=weights), 0.0, 0
        for wanted, scores in heard:
            told = scores + some.beside(scores)
            total += float((logsumexp(told, axis=1) - told[np.arange(len(wanted)), wanted]).sum())
            count += len(wanted)
        return total / count

    if not heard:
        return context
    found = minimize(
        cost, context.weights, method="L-BFGS-B", bounds=[(0.0, LARGEST)] * len(context.weights),
        options={"ftol": 1e-6},
    )  # fmt: skip
    if not found.success:
        raise RuntimeError(f"the weights of the context are not found: {found.message}")
    return replace(context, weights=np.asarray(found.x))


def _summed(of_labels: Floats, shares: Shares) -> Floats:
    """For each label the sum over those of its topic; shape as given."""
    return np.asarray(of_labels @ shares.of_topic @ shares.of_topic.T)


def _of_topic(common: Floats, shares: Shares) -> Floats:
    """Share of each label among those of its topic."""
    return common / _summed(common, shares)
