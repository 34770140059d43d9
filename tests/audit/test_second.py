"""The second, learned reader: its training, its confidence, what it adds to the rules and what it must not touch."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

import excomm
from excomm.audit.corpus_text import CONCLUDES, NO_ASSERTION, labelled_sentences
from excomm.audit.learned import TOPIC_BAR, second_reader
from excomm.audit.lexicon import lexicon_of
from excomm.audit.reading import Reading, read_argument
from excomm.audit.second import read_the_rest
from excomm.audit.training import HELD_OUT, corpus_mark
from excomm.case import load
from excomm.engine.run import Run

from .scoring import (
    AFTER_MORE_HANDS,
    AFTER_MORE_HANDS_TOO,
    AFTER_THE_ENCODER,
    AFTER_THE_SECOND_READER,
    AFTER_THE_WIDENING,
    BY_ANOTHER_HAND,
    DEVELOPMENT,
    EDITORIALS,
    FRESH,
    FRESH_TOO,
    HELD_BACK,
    IN_PLAIN_PROSE,
    NEGATED,
    read_by_both,
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


def test_recommendations_name_kinds_of_options() -> None:
    kinds = {one.option for one in labelled_sentences() if one.topic == CONCLUDES}
    assert kinds == {"", "aid", "ceasefire", "combat", "reduced", "shield", "stabilise"}
    assert not any(one.option for one in labelled_sentences() if one.topic != CONCLUDES)


def test_registers_held_out_for_calibration_stand_in_the_corpus() -> None:
    assert {one.register for one in labelled_sentences()} >= HELD_OUT
    assert set(second_reader().about["held_out"]) == HELD_OUT


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


def test_topics_and_sides_of_held_out_registers_are_as_right_as_the_page_says() -> None:
    about = second_reader().about
    assert about["topics_right"] >= 0.80
    assert about["sides_right"] >= 0.87
    assert about["options_right"] >= 0.57


def test_a_sentence_of_the_corpus_is_recognised_and_names_itself() -> None:
    text = "his own people would get rid of him."
    found = second_reader().recognise([(text, "")])[0]
    assert (found.topic, found.side) == ("regime-adversary", "higher")
    assert second_reader().nearest(text, found) == "His own people would get rid of him."


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


@pytest.mark.parametrize("name", [*FRESH, *AFTER_THE_ENCODER, *AFTER_MORE_HANDS, *AFTER_MORE_HANDS_TOO])
def test_every_finding_has_its_place(name: str) -> None:
    text = (EDITORIALS / f"{name}.txt").read_text(encoding="utf-8")
    for one in read_by_both(text).stated:
        assert text[one.start : one.end] == one.quote
        assert one.recognised is None or one.recognised.nearest


# Found, right and opposite with both readers, as the page has them; each may get better.
@pytest.mark.parametrize(
    ("names", "found", "right", "opposite"),
    [
        pytest.param(DEVELOPMENT, 72, 72, 0, marks=pytest.mark.long),
        pytest.param(HELD_BACK, 82, 80, 0, marks=pytest.mark.long),
        pytest.param(NEGATED, 67, 62, 2, marks=pytest.mark.long),
        pytest.param(BY_ANOTHER_HAND, 79, 67, 1, marks=pytest.mark.long),
        pytest.param(AFTER_THE_WIDENING, 105, 66, 7, marks=pytest.mark.long),
        pytest.param(AFTER_THE_SECOND_READER, 102, 72, 3, marks=pytest.mark.long),
        (FRESH, 116, 90, 6),
        (FRESH_TOO, 118, 84, 8),
        (AFTER_THE_ENCODER, 117, 82, 5),
        (IN_PLAIN_PROSE, 113, 96, 1),
        (AFTER_MORE_HANDS, 115, 78, 13),
        (AFTER_MORE_HANDS_TOO, 121, 92, 9),
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


@pytest.mark.parametrize(
    ("names", "right", "opposite"),
    [
        (FRESH, 115, 0),
        (FRESH_TOO, 121, 0),
        (AFTER_THE_ENCODER, 118, 1),
        (IN_PLAIN_PROSE, 117, 0),
        (AFTER_MORE_HANDS, 116, 0),
        (AFTER_MORE_HANDS_TOO, 118, 0),
    ],
)
def test_with_the_language_model_the_bars_are_met_on_fresh_prose(
    names: tuple[str, ...], right: int, opposite: int
) -> None:
    """From stored answers: at least four fifths found, four fifths right; none opposite, but for one in 750."""
    every = score(names, "all")
    assert every.found == every.marks
    assert every.right >= right, every.wrong
    assert every.right / every.found >= 0.8
    assert every.opposite <= opposite, every.wrong


def test_a_side_that_the_readers_disagree_on_is_taken_back() -> None:
    """The rules take "cut" for less of it."""
    case = load("strait")
    lexicon = lexicon_of(case)
    text = "Southland would sabotage pipelines and cut valves."
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
