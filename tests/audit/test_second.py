"""The second, learned reader: its training, its confidence, what it adds to the rules and what it must not touch."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

import excomm
from excomm.audit import training
from excomm.audit.corpus_text import NO_ASSERTION, Labelled, labelled_sentences
from excomm.audit.learned import TOPIC_BAR, SecondReader, second_reader
from excomm.audit.lexicon import lexicon_of
from excomm.audit.reading import Reading, read_argument
from excomm.audit.second import CONCLUDES, read_the_rest
from excomm.audit.training import corpus_mark, fit, held_out, labels_of, train
from excomm.case import load
from excomm.engine.run import Run

from .scoring import (
    AFTER_THE_SECOND_READER,
    AFTER_THE_WIDENING,
    BY_ANOTHER_HAND,
    DEVELOPMENT,
    EDITORIALS,
    FRESH,
    FRESH_TOO,
    HELD_BACK,
    NEGATED,
    score,
)


@pytest.fixture(scope="module")
def read() -> Callable[[str], Reading]:
    case = load("ukraine-2024")
    lexicon = lexicon_of(case)
    return lambda text: read_the_rest(text, case, lexicon, read_argument(text, case, lexicon))


def test_every_label_of_the_corpus_is_a_topic() -> None:
    known = {topic.id for topic in lexicon_of(load("strait")).topics} | {CONCLUDES, NO_ASSERTION}
    assert {one.topic for one in labelled_sentences()} <= known
    texts = [one.text for one in labelled_sentences()]
    assert len(texts) == len(set(texts))


def test_no_editorial_stands_in_the_corpus() -> None:
    """No run of six words is shared with an editorial that the reader is measured on."""

    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[a-z']+", text.lower().replace("\u2019", "'"))
        return {tuple(words[at : at + 6]) for at in range(len(words) - 5)}

    own = set().union(*(runs(one.text) for one in labelled_sentences()))
    for path in EDITORIALS.glob("*.txt"):
        assert not own & runs(path.read_text(encoding="utf-8")), path.name


def test_the_reader_was_trained_on_the_corpus_as_it_stands() -> None:
    """Otherwise run `python -m excomm.audit.training`."""
    assert second_reader().about["corpus"] == corpus_mark(labelled_sentences())


def test_training_gives_the_same_reader_each_time(tmp_path: Path) -> None:
    some = labelled_sentences()[::150]
    files = [tmp_path / "one.npz", tmp_path / "other.npz"]
    for file in files:
        train(some, file)
    with np.load(files[0]) as one, np.load(files[1]) as other:
        assert all(np.array_equal(one[name], other[name]) for name in one.files)
    reader = SecondReader(files[0], some)
    assert reader.labels == tuple(sorted({(sentence.topic, sentence.side) for sentence in some}))


def test_the_regression_is_the_ridge_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the normal equations, rarer labels weighed up."""
    monkeypatch.setattr(training, "TOLERANCE", 1e-7)
    dice = np.random.default_rng(5)
    sentences = [
        Labelled("x", "deter" if at % 3 else "power", "higher" if at % 2 else "lower", "r")
        for at in range(60)
    ]
    labels = labels_of(sentences)
    words, senses = sparse.random_array((60, 12), density=0.4, rng=dice).tocsr(), dice.normal(size=(60, 5))
    found = fit(words.astype(np.float32), senses.astype(np.float32), sentences, labels)
    known = np.array([labels.index((one.topic, one.side)) for one in sentences])
    weight = 1 / np.sqrt(np.bincount(known)[known])
    weight /= weight.mean()
    rows = np.hstack([words.toarray(), senses])
    normal = rows.T @ (weight[:, None] * rows) + training.RIDGE * np.eye(17)
    assert np.allclose(
        found, np.linalg.solve(normal, rows.T @ (weight[:, None] * np.eye(4)[known])), atol=1e-4
    )


def test_registers_are_held_out_together() -> None:
    """A sentence is never read by a reader that has seen its own register."""
    same = [
        Labelled("the lamps stay on", "power", "higher", "a"),
        Labelled("they bluff", "resolve", "lower", "a"),
    ]
    others = [
        Labelled(f"{text} {at}", topic, side, register)
        for register in "bcd"
        for at in range(3)
        for text, topic, side in (
            ("soldiers die", "allied-losses", "higher"),
            ("none die", "allied-losses", "lower"),
        )
    ]
    held = held_out([*same, *others], folds=4)
    assert set(held.best[:2]) == {"allied-losses"}


def test_topics_and_sides_of_held_out_registers_are_as_right_as_the_page_says() -> None:
    about = second_reader().about
    assert about["topics_right"] >= 0.69
    assert about["sides_right"] >= 0.78


def test_a_sentence_of_the_corpus_is_recognised_and_names_itself() -> None:
    found = second_reader().recognise([("his own people would get rid of him.", "")])[0]
    assert found is not None
    assert (found.topic, found.nearest) == ("regime-adversary", "His own people would get rid of him.")


def test_stand_ins_for_names_are_shown_in_plain_words() -> None:
    assert not any(
        re.search(r"\b(?:ADV|HOST|ALLY|PATRON|NEIGH|NAME)\b", one.shown) for one in labelled_sentences()
    )


@pytest.mark.parametrize(
    "text",
    [
        "Die Lampen w\u00fcrden wieder brennen, und die Heizungen w\u00fcrden warm bleiben.",
        "Les lampes resteraient allum\u00e9es et les radiateurs chauds tout l'hiver.",
        "",
        "\x00\x01 ((([[[",
    ],
)
def test_other_languages_and_noise_are_left_unread(read: Callable[[str], Reading], text: str) -> None:
    assert read(text).stated == ()


def test_questions_and_quotations_assert_nothing(read: Callable[[str], Reading]) -> None:
    assert read("Would the lamps stay on and the radiators stay warm?").stated == ()
    assert read("\u201cThe lamps would stay on and the radiators warm,\u201d the minister said.").stated == ()
    assert read("The lamps would stay on and the radiators warm.").stated != ()


@pytest.mark.parametrize("name", sorted(path.stem for path in EDITORIALS.glob("*.txt")))
def test_every_finding_has_its_place(read: Callable[[str], Reading], name: str) -> None:
    text = (EDITORIALS / f"{name}.txt").read_text(encoding="utf-8")
    for one in read(text).stated:
        assert text[one.start : one.end] == one.quote
        assert one.recognised is None or one.recognised.nearest


# Found, right and opposite with both readers, as the page has them; each may get better.
@pytest.mark.parametrize(
    ("names", "found", "right", "opposite"),
    [
        (DEVELOPMENT, 72, 72, 0),
        (HELD_BACK, 81, 80, 0),
        (NEGATED, 66, 61, 2),
        (BY_ANOTHER_HAND, 77, 66, 0),
        (AFTER_THE_WIDENING, 102, 50, 6),
        (AFTER_THE_SECOND_READER, 98, 51, 1),
        (FRESH, 114, 67, 10),
        (FRESH_TOO, 104, 54, 4),
    ],
)
def test_editorials_are_read_no_worse_than_the_page_says(
    names: tuple[str, ...], found: int, right: int, opposite: int
) -> None:
    """Four fifths are found; the bars of four fifths right and none opposite are not met on others' prose."""
    both = score(names, "both")
    assert both.found / both.marks >= 0.8, both.missed
    assert both.found >= found, both.missed
    assert both.right >= right, both.wrong
    assert both.opposite <= opposite, both.wrong
    assert both.found >= score(names).found


@pytest.mark.parametrize(("names", "right"), [(FRESH, 114), (FRESH_TOO, 120)])
def test_with_the_language_model_the_bars_are_met_on_fresh_prose(names: tuple[str, ...], right: int) -> None:
    """From stored answers: at least four fifths found, four fifths right, none opposite."""
    every = score(names, "all")
    assert every.found == every.marks
    assert every.right >= right, every.wrong
    assert every.right / every.found >= 0.8
    assert every.opposite == 0, every.wrong


def test_a_side_that_the_readers_disagree_on_is_taken_back() -> None:
    """The rules take "cut" for less of it."""
    case = load("strait")
    lexicon = lexicon_of(case)
    text = "Southland would sabotage cables and cut valves."
    rules = read_argument(text, case, lexicon)
    (wrong,) = rules.stated
    assert wrong.topic is not None
    assert (wrong.topic.id, wrong.side, wrong.is_sided) == ("hybrid", "lower", True)
    (disputed,) = read_the_rest(text, case, lexicon, rules).stated
    assert disputed.disputed
    assert not disputed.is_sided


def test_premises_and_conclusion_rest_on_the_rules_alone(run: Run) -> None:
    text = (
        "The lamps would stay on and the radiators warm. The Archipelago is half in the dark already. "
        "The League's casualties would be low. The League should intervene directly."
    )
    both = excomm.audit_text(text, "strait", run=run)
    alone = excomm.audit_text(text, "strait", run=run, learned=False)
    assert len(both.assertions) > len(alone.assertions)
    assert both.conclusion == alone.conclusion
    added = [one for one in both.assertions if one.reader == "learned"]
    assert added
    for one in added:
        assert one.confidence is not None
        assert TOPIC_BAR <= one.confidence <= 1
        assert one.nearest
        assert one.probability is None or one.verdict not in ("sense unclear", "not modelled")
