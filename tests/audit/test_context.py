"""What stands around a stretch: learned from labels whose law is known, and weighed beside the words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from excomm.audit.context import NEAR, Context, editorials, fitted, learned_context
from excomm.audit.corpus_text import Labelled
from excomm.audit.learned import second_reader

LABELS = (
    ("cost", "higher"), ("cost", "lower"), ("losses", "higher"), ("losses", "lower"), ("none", ""),
    ("swift", "higher"), ("swift", "lower"),
)  # fmt: skip
TOPICS = ["cost", "losses", "none", "swift"]
KNOWN = {label: at for at, label in enumerate(LABELS)}


def texts(many: int, seed: int) -> list[list[tuple[str, str]]]:
    """Texts that lean to one side for ten stretches on average; a topic is followed by itself half of the time."""
    dice = np.random.default_rng(seed)
    found = []
    for _ in range(many):
        bold, topic, text = bool(dice.random() < 0.5), str(dice.choice(TOPICS)), []
        for _ in range(20):
            bold ^= bool(dice.random() < 0.1)
            topic = topic if dice.random() < 0.5 else str(dice.choice(TOPICS))
            usual = bold == bool(dice.random() < 0.9)
            side = {"cost": ("lower", "higher"), "losses": ("lower", "higher"), "swift": ("higher", "lower")}
            text.append((topic, side[topic][0 if usual else 1] if topic != "none" else ""))
        found.append(text)
    return found


@pytest.fixture(scope="module")
def context() -> Context:
    return learned_context(texts(400, 1), LABELS)


def scores(text: list[tuple[str, str]], sure: float, seed: int = 0) -> np.ndarray:
    """Scores that a noisy reader gives: the right label is ahead by `sure`, noise of 1."""
    dice = np.random.default_rng(seed)
    found = dice.normal(size=(len(text), len(LABELS)))
    found[np.arange(len(text)), [KNOWN[label] for label in text]] += sure
    return found


def test_the_leaning_is_recovered(context: Context) -> None:
    """With 8,000 stretches a share of .9 has a standard error of .01 in each state; .05 is allowed."""
    bold = int(context.sides[:, KNOWN["swift", "higher"]].argmax())
    assert context.sides[bold, KNOWN["swift", "higher"]] == pytest.approx(0.9, abs=0.05)
    assert context.sides[bold, KNOWN["losses", "lower"]] == pytest.approx(0.9, abs=0.05)
    assert context.sides[1 - bold, KNOWN["cost", "higher"]] == pytest.approx(0.9, abs=0.05)
    assert np.allclose(np.diag(context.moves), 0.9, atol=0.05)
    assert np.allclose(context.sides[:, KNOWN["none", ""]], 1.0)


def test_the_company_is_the_share_beside_over_the_share_by_chance(context: Context) -> None:
    """A topic follows itself with .5 + .5 / 4, two apart with .25 + .75 / 4; 100 stretches are taken as by chance."""
    assert np.allclose(np.diag(context.company[0]), 4 * 0.625, rtol=0.12)
    assert np.allclose(np.diag(context.company[1]), 4 * 0.4375, rtol=0.12)
    off = context.company[0][~np.eye(4, dtype=bool)]
    assert np.allclose(off, 0.5, rtol=0.2)


def test_the_text_around_makes_a_noisy_reader_better(context: Context) -> None:
    """Of 4,000 stretches the share that is right grows by more than .05; its standard error is below .011."""
    some = texts(200, 2)
    heard = [
        (np.array([KNOWN[label] for label in text]), scores(text, 1.5, seed))
        for seed, text in enumerate(some)
    ]
    weighed = fitted(context, heard[:50])

    def right(of: Context | None) -> float:
        hits = [
            (told if of is None else told + of.beside(told)).argmax(axis=1) == wanted
            for wanted, told in heard[50:]
        ]
        return float(np.concatenate(hits).mean())

    assert right(weighed) > right(None) + 0.05


def test_a_side_that_the_words_leave_open_is_that_of_its_passage(context: Context) -> None:
    text = [("losses", "lower"), ("swift", "higher"), ("cost", "lower"), ("swift", "higher")]
    told = scores(text, 6.0)
    told[2, [KNOWN["cost", "higher"], KNOWN["cost", "lower"]]] = 4.0
    beside = context.beside(told)
    assert beside[2, KNOWN["cost", "lower"]] > beside[2, KNOWN["cost", "higher"]] + 1.0


def test_what_a_stretch_says_itself_does_not_come_back_to_it(context: Context) -> None:
    """What the others say of a stretch does not depend on its own words."""
    told = scores(texts(1, 3)[0], 2.0)
    other = told.copy()
    other[7] = scores(texts(1, 4)[0], 2.0)[7]
    assert np.allclose(context.beside(told)[7], context.beside(other)[7])
    assert not np.allclose(context.beside(told)[6], context.beside(other)[6])


@pytest.mark.parametrize("many", [0, 1])
def test_a_stretch_alone_has_nothing_around(context: Context, many: int) -> None:
    assert not context.beside(scores(texts(1, 5)[0], 2.0)[:many]).any()


@pytest.mark.parametrize("many", range(2, 2 * NEAR + 3))
def test_short_texts_are_weighed_as_by_hand(context: Context, many: int) -> None:
    """The company of topics, stretch by stretch."""
    told = scores(texts(1, 6)[0], 2.0)[:many]
    plain = replace(context, weights=np.array([0.0, *context.weights[1:]]))
    heard = np.exp(told) / np.exp(told).sum(axis=1, keepdims=True)
    topics = np.stack([heard[:, :2].sum(1), heard[:, 2:4].sum(1), heard[:, 4], heard[:, 5:].sum(1)], axis=1)
    expected = np.zeros((many, 4))
    for at in range(many):
        for other in range(many):
            if other == at:
                continue
            apart = abs(other - at)
            company = context.company[min(apart, NEAR + 1) - 1]
            told_of = topics[other] @ (company if other < at or apart > NEAR else company.T)
            expected[at] += context.weights[min(apart, NEAR + 1)] * np.log(told_of)
    assert np.allclose(plain.beside(told), expected[:, [0, 0, 1, 1, 2, 3, 3]])


@pytest.mark.parametrize("times", [10, 100])
def test_a_long_text_does_not_drown_its_words(context: Context, times: int) -> None:
    """What the rest of a text says of a stretch does not grow with its length: said often is said once."""
    once = np.vstack([scores(text, 4.0, seed) for seed, text in enumerate(texts(2, 7))])
    often = np.vstack([once] * times)
    beside, long = context.beside(once), context.beside(often)
    middle = long[len(once) * (times // 2) :][: len(once)]
    topics = [slice(0, 2), slice(2, 4), slice(4, 5), slice(5, 7)]
    told = [np.ptp([row[topic].max() for topic in topics]) for row in (*beside, *middle)]
    assert max(told[len(once) :]) < 1.5 * max(told[: len(once)])
    right = np.array([KNOWN[label] for text in texts(2, 7) for label in text])
    share = [float(np.mean((once + more).argmax(axis=1) == right)) for more in (beside, middle)]
    assert share[1] > share[0] - 0.1


def test_editorials_are_told_from_single_sentences() -> None:
    def line(before: str) -> Labelled:
        return Labelled("a", "none", "", "", "some", before)

    lines = [line(""), line(""), line("a"), line("a a"), line(""), line("a")]
    assert editorials(lines) == [[1, 2, 3], [4, 5]]
    assert editorials([]) == []


def test_the_shipped_context_leans_as_arguments_do() -> None:
    """In one state allied losses are low, gains swift and threats empty, in the other not; both last."""
    context = second_reader().context
    place = {label: at for at, label in enumerate(context.labels)}
    bold = int(context.sides[:, place["swift", "higher"]].argmax())
    for label in (
        ("allied-losses", "lower"),
        ("resolve", "lower"),
        ("nuclear-use", "lower"),
        ("deter", "higher"),
    ):
        assert context.sides[bold, place[label]] > 0.75
        assert context.sides[1 - bold, place[label]] < 0.25
    assert (np.diag(context.moves) > 0.8).all()
    assert (context.weights > 0).all()
