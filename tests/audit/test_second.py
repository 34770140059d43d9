"""The second, learned reader: its training, its confidence, what it adds to the rules and what it must not touch."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

import excomm
from excomm.audit.corpus_text import NO_ASSERTION, labelled_sentences
from excomm.audit.features import negations
from excomm.audit.learned import SIDE_BAR, TOPIC_BAR, SecondReader, _left_out, second_reader
from excomm.audit.lexicon import lexicon_of
from excomm.audit.reading import Reading, read_argument
from excomm.audit.second import CONCLUDES, read_the_rest
from excomm.case import load
from excomm.engine.run import Run

from .scoring import (
    AFTER_THE_SECOND_READER,
    AFTER_THE_WIDENING,
    BY_ANOTHER_HAND,
    DEVELOPMENT,
    EDITORIALS,
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


def test_training_gives_the_same_reader_each_time() -> None:
    some = labelled_sentences()[::4]
    one, other = SecondReader(some), SecondReader(some)
    assert np.array_equal(one.held_out.score, other.held_out.score)
    assert np.array_equal(one.held_out.margin, other.held_out.margin)


def test_the_errors_of_a_register_left_out_are_those_of_a_fit_without_it() -> None:
    numbers = np.random.default_rng(5)
    rows, wanted = numbers.normal(size=(40, 12)), numbers.normal(size=(40, 3))
    registers = np.repeat(np.array(["a", "b", "c", "d"]), 10)
    like = rows @ rows.T
    inverse = np.linalg.inv(like + 0.5 * np.eye(40))
    errors = _left_out(inverse, inverse @ wanted, registers)
    inside, others = registers == "b", registers != "b"
    duals = np.linalg.solve(like[np.ix_(others, others)] + 0.5 * np.eye(30), wanted[others])
    assert np.allclose(errors[inside], wanted[inside] - like[np.ix_(inside, others)] @ duals)


def test_topics_and_sides_of_held_out_registers_are_as_right_as_the_bars_ask() -> None:
    reader = second_reader()
    held = reader.held_out
    named = np.array([topic != NO_ASSERTION for topic in held.topic])
    sure = named & (reader.topic_confidence(held.score) >= TOPIC_BAR)
    assert sure.mean() >= 0.6
    assert held.right[sure].mean() >= 0.63
    sided = reader.side_confidence(held.margin) >= SIDE_BAR
    assert sided.mean() >= 0.2
    assert held.side_right[sided].mean() >= 0.93


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


def test_two_negations_leave_the_side_open() -> None:
    text = "nobody doubts that adv would not be scared off"
    assert negations(text) > 1
    found = second_reader().recognise([(text, "")])[0]
    assert found is not None
    assert (found.topic, found.side) == ("deter", "")


@pytest.mark.parametrize("name", sorted(path.stem for path in EDITORIALS.glob("*.txt")))
def test_every_finding_has_its_place(read: Callable[[str], Reading], name: str) -> None:
    text = (EDITORIALS / f"{name}.txt").read_text(encoding="utf-8")
    for one in read(text).stated:
        assert text[one.start : one.end] == one.quote
        assert one.recognised is None or one.recognised.nearest


@pytest.mark.parametrize("names", [DEVELOPMENT, HELD_BACK, NEGATED, BY_ANOTHER_HAND, AFTER_THE_WIDENING])
def test_both_readers_find_more_than_the_rules_and_link_no_more_to_the_wrong_side(
    names: tuple[str, ...],
) -> None:
    rules, both = score(names), score(names, "both")
    assert both.found >= rules.found
    assert (
        both.right >= rules.right - 1
    )  # where the readers disagree, no side is given, now and then a right one
    assert both.opposite <= rules.opposite, both.wrong
    assert both.found / both.marks >= 0.8, both.missed


def test_unseen_prose_is_read_no_worse_than_when_opened() -> None:
    """101 of 117 found, 41 of them right and 2 opposite: floors; the bar on links is not met."""
    both = score(AFTER_THE_SECOND_READER, "both")
    assert both.marks == 117
    assert both.found / both.marks >= 0.8, both.missed
    assert both.right >= 41, both.wrong
    assert both.about >= 59, both.wrong
    assert both.opposite <= 2, both.wrong
    assert both.extra / both.findings <= 0.2


def test_the_learned_reader_alone_is_no_worse_than_the_page_says() -> None:
    """Of the third set by another hand, which the author of the corpus had not read when writing it."""
    alone = score(BY_ANOTHER_HAND, "learned")
    assert alone.found >= 60, alone.missed
    assert alone.about >= 37, alone.wrong
    assert alone.opposite <= 3, alone.wrong


def test_a_side_that_the_readers_disagree_on_is_taken_back() -> None:
    """The rules take "will not" for a negation of "bluffing"."""
    case = load("strait")
    lexicon = lexicon_of(case)
    text = "Southland is bluffing: it will not strike League territory."
    rules = read_argument(text, case, lexicon)
    (wrong,) = rules.stated
    assert wrong.topic is not None
    assert (wrong.topic.id, wrong.side, wrong.is_sided) == ("resolve", "higher", True)
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
