"""The second, learned reader: its training, its confidence, what it adds to the rules and what it must not touch."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

import excomm
from excomm.audit import second
from excomm.audit.audit import CARRYING_BAR
from excomm.audit.corpus_text import CONCLUDES, NO_ASSERTION, labelled_sentences
from excomm.audit.learned import TOPIC_BAR, second_reader
from excomm.audit.lexicon import lexicon_of
from excomm.audit.reading import Reading, read_argument
from excomm.audit.second import read_the_rest
from excomm.audit.training import HELD_OUT, corpus_mark
from excomm.audit.verdicts import direction_of
from excomm.case import load
from excomm.engine.run import Run
from excomm.errors import UsageError

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
    IN_CONTEXT,
    IN_CONTEXT_TOO,
    IN_PLAIN_PROSE,
    NEGATED,
    WITH_OPTIONS,
    WITH_OPTIONS_TOO,
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


def test_sentences_name_kinds_of_options() -> None:
    kinds = {one.option for one in labelled_sentences()}
    assert kinds == {"", "aid", "any", "ceasefire", "combat", "reduced", "shield", "stabilise"}
    assert not any(one.option for one in labelled_sentences() if one.topic == NO_ASSERTION)


def test_registers_held_out_for_calibration_stand_in_the_corpus() -> None:
    assert {one.register for one in labelled_sentences()} >= HELD_OUT
    assert set(second_reader().about["held_out"]) <= HELD_OUT
    assert second_reader().about["held_out"]


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
    assert about["topics_right"] >= 0.71
    assert about["sides_right"] >= 0.865
    assert about["options_right"] >= 0.755
    assert about["recommended_right"] >= 0.65
    # What stands around a stretch tells much of it.
    assert about["topics_right"] - about["topics_right_alone"] >= 0.03
    assert about["sides_right"] - about["sides_right_alone"] >= 0.02


def test_a_sentence_of_the_corpus_is_recognised_and_names_itself() -> None:
    text = "his own people would get rid of him."
    found = second_reader().recognise(second_reader().hear([(text, "")])[0])
    assert (found.topic, found.side) == ("regime-adversary", "higher")
    assert second_reader().nearest(text, found) == "His own people would get rid of him."


def test_stand_ins_for_names_are_shown_in_plain_words() -> None:
    assert not any(
        re.search(r"\b(?:ADV|HOST|ALLY|PATRON|NEIGH|NAME)\b", one.shown) for one in labelled_sentences()
    )


@pytest.mark.parametrize("text", ["\x00\x01 ((([[[", "...", "?!"])
def test_noise_is_left_unread(read: Callable[[str], Reading], text: str) -> None:
    assert read(text).stated == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Lampen w\u00fcrden wieder brennen, und die Heizungen w\u00fcrden warm bleiben.", "German"),
        ("Les lampes resteraient allum\u00e9es et les radiateurs chauds tout l'hiver.", "French"),
        ("Do we wiemy, co to jest: we wsi nie ma ju\u017c nikogo, a front do nas idzie.", "Polish"),
    ],
)
def test_a_text_in_another_language_is_refused(run: Run, text: str, language: str) -> None:
    with pytest.raises(UsageError, match=language):
        excomm.audit_text(text, "strait", run=run)


def test_questions_and_quotations_assert_nothing(read: Callable[[str], Reading]) -> None:
    assert read("Would the lamps stay on and the radiators stay warm?").stated == ()
    assert read("\u201cThe lamps would stay on and the radiators warm,\u201d the minister said.").stated == ()
    assert read("The lamps would stay on and the radiators warm.").stated != ()


@pytest.mark.parametrize(
    "name", [*FRESH, *AFTER_THE_ENCODER, *AFTER_MORE_HANDS, *AFTER_MORE_HANDS_TOO, *WITH_OPTIONS, *IN_CONTEXT]
)
def test_every_finding_has_its_place(name: str) -> None:
    text = (EDITORIALS / f"{name}.txt").read_text(encoding="utf-8")
    for one in read_by_both(text).stated:
        assert text[one.start : one.end] == one.quote
        assert one.recognised is None or one.recognised.nearest


# Found, right and opposite with both readers, and right options, as the page has them; each may get better.
@pytest.mark.parametrize(
    ("names", "found", "right", "opposite", "options"),
    [
        pytest.param(DEVELOPMENT, 72, 72, 0, 0, marks=pytest.mark.long),
        pytest.param(HELD_BACK, 81, 80, 0, 0, marks=pytest.mark.long),
        pytest.param(NEGATED, 67, 58, 1, 0, marks=pytest.mark.long),
        pytest.param(BY_ANOTHER_HAND, 78, 69, 3, 0, marks=pytest.mark.long),
        pytest.param(AFTER_THE_WIDENING, 103, 63, 5, 0, marks=pytest.mark.long),
        pytest.param(AFTER_THE_SECOND_READER, 104, 75, 2, 0, marks=pytest.mark.long),
        (FRESH, 116, 95, 3, 0),
        (FRESH_TOO, 117, 87, 7, 0),
        (AFTER_THE_ENCODER, 114, 90, 3, 43),
        (IN_PLAIN_PROSE, 117, 102, 2, 50),
        (AFTER_MORE_HANDS, 117, 85, 13, 44),
        (AFTER_MORE_HANDS_TOO, 119, 102, 2, 51),
        (WITH_OPTIONS, 112, 95, 5, 53),
        (WITH_OPTIONS_TOO, 112, 95, 4, 49),
        (IN_CONTEXT, 117, 82, 3, 47),
        (IN_CONTEXT_TOO, 113, 87, 3, 45),
    ],
)
def test_editorials_are_read_no_worse_than_the_page_says(
    names: tuple[str, ...], found: int, right: int, opposite: int, options: int
) -> None:
    """Four fifths are found; the bars of four fifths right and none opposite are not met on others' prose."""
    both = score(names, "both")
    assert both.found / both.marks >= 0.8, both.missed
    assert both.found >= found, both.missed
    assert both.right >= right, both.wrong
    assert both.opposite <= opposite, both.wrong
    assert both.options >= options
    assert both.found >= score(names).found


@pytest.mark.parametrize(
    ("names", "found", "right"),
    [
        (FRESH, 124, 117),
        (FRESH_TOO, 126, 122),
        (AFTER_THE_ENCODER, 126, 120),
        (IN_PLAIN_PROSE, 124, 120),
        (AFTER_MORE_HANDS, 125, 118),
        (AFTER_MORE_HANDS_TOO, 126, 121),
        (WITH_OPTIONS, 124, 121),
        (WITH_OPTIONS_TOO, 126, 123),
        (IN_CONTEXT, 127, 122),
        (IN_CONTEXT_TOO, 129, 126),
    ],
)
def test_with_the_language_model_the_bars_are_met_on_fresh_prose(
    names: tuple[str, ...], found: int, right: int
) -> None:
    """From stored answers: at least four fifths found, four fifths right, none opposite."""
    every = score(names, "all")
    assert every.found >= found, every.missed
    assert every.found / every.marks >= 0.8
    assert every.right >= right, every.wrong
    assert every.right / every.found >= 0.8
    assert every.opposite == 0, every.wrong


def test_a_side_that_the_second_reader_surely_contradicts_is_its_own() -> None:
    """The rules take "cut" for less of it."""
    case = load("strait")
    lexicon = lexicon_of(case)
    text = "Southland would sabotage pipelines and cut valves."
    rules = read_argument(text, case, lexicon)
    (wrong,) = rules.stated
    assert wrong.topic is not None
    assert (wrong.topic.id, wrong.side, wrong.is_sided) == ("hybrid", "lower", True)
    (taken,) = read_the_rest(text, case, lexicon, rules).stated
    assert (taken.reader, taken.side, taken.is_sided) == ("learned", "higher", True)


def test_a_side_that_the_second_reader_doubts_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the two bars neither side stands."""
    case = load("strait")
    lexicon = lexicon_of(case)
    text = "Southland would sabotage pipelines and cut valves."
    monkeypatch.setattr(second, "TURN_BAR", 1.1)
    (disputed,) = read_the_rest(text, case, lexicon, read_argument(text, case, lexicon)).stated
    assert disputed.reader == "rules"
    assert disputed.disputed
    assert not disputed.is_sided


def test_a_probability_word_is_read_with_the_side_before_it(read: Callable[[str], Reading]) -> None:
    """The second reader hears the whole stretch; what is said to be unlikely is the other side."""
    (one,) = read("A bomb over a town is most unlikely to follow from any of this.").stated
    assert one.reader == "learned"
    assert one.word is not None
    assert one.word.says_unlikely
    assert (one.side, direction_of(one)) == ("higher", "lower")


@pytest.mark.parametrize(
    "text",
    [
        "A bomb over a Ukrainian town is not at all improbable if the West intervenes directly.",
        "Nobody should call it unlikely that the lamps would go out.",
    ],
)
def test_a_word_that_is_itself_denied_leaves_the_side_open(read: Callable[[str], Reading], text: str) -> None:
    for one in read(text).stated:
        assert one.word is None or not one.word.says_unlikely
        assert one.reader == "rules" or not one.is_sided


@pytest.mark.parametrize(
    ("case", "text", "option"),
    [
        (
            "strait",
            "The League should build the air shield. It would save many civilian lives.",
            "air-shield",
        ),
        ("strait", "If we do not act, the front will crumble before the autumn.", "current-aid"),
        ("strait", "With more of the same, more civilians would die every month.", "current-aid"),
        (
            "strait",
            "As things stand, direct intervention would cost the League heavy casualties.",
            "intervention",
        ),
        (
            "ukraine-2024",
            "A peace force that comes only once the guns are silent is the sounder plan. It would cost less money.",
            "stabilisation-on-ceasefire",
        ),
        (
            "cuba-1962",
            "The invasion of Cuba would be bloody. It would cost the lives of thousands of American soldiers.",
            "invasion",
        ),
    ],
)
def test_an_assertion_is_held_against_the_option_that_is_spoken_of(case: str, text: str, option: str) -> None:
    loaded = load(case)
    lexicon = lexicon_of(loaded)
    stated = read_the_rest(text, loaded, lexicon, read_argument(text, loaded, lexicon)).stated
    assert stated
    assert stated[-1].option == option


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("Instead of doing nothing, the League should build the air shield.", "air-shield"),
        ("As things stand, the League should intervene directly.", "intervention"),
        (
            "If nothing changes, the front falls; therefore the League should build the air shield now.",
            "air-shield",
        ),
    ],
)
def test_what_is_set_aside_is_not_what_is_recommended(text: str, option: str) -> None:
    case = load("strait")
    lexicon = lexicon_of(case)
    stated = read_the_rest(text, case, lexicon, read_argument(text, case, lexicon)).stated
    assert [(one.option, one.stance) for one in stated if one.kind == "conclusion"] == [(option, "for")]


def test_the_last_recommendation_that_both_readers_hear_is_the_conclusion(run: Run) -> None:
    """Not an earlier one that the second reader hears alone."""
    text = (
        "The shield looks like the course worth taking. Civilian deaths would fall with it. "
        "The League's casualties would be low. Therefore the League should intervene directly, and at once."
    )
    conclusion = excomm.audit_text(text, "strait", run=run).conclusion
    assert conclusion is not None
    assert (conclusion.option, conclusion.stance) == ("intervention", "for")


def test_premises_and_conclusion_rest_on_what_is_read_surely(run: Run) -> None:
    """What the second reader alone has read counts where it is sure of topic and side, else it is only listed."""
    text = (
        "The lamps would stay on and the radiators warm. The Archipelago is half in the dark already. "
        "The League's casualties would be low. The League should intervene directly."
    )
    both = excomm.audit_text(text, "strait", run=run)
    alone = excomm.audit_text(text, "strait", run=run, learned=False)
    assert both.conclusion is not None
    assert alone.conclusion is not None
    assert {one.quote for one in alone.conclusion.premises} < {one.quote for one in both.conclusion.premises}
    sure = {
        one.quote
        for one in both.assertions
        if one.reader == "rules" or (one.confidence is not None and one.confidence >= CARRYING_BAR)
    }
    assert {one.quote for one in both.conclusion.premises} <= sure
    added = [one for one in both.assertions if one.reader == "learned"]
    assert added
    for one in added:
        assert one.confidence is not None
        assert TOPIC_BAR <= one.confidence <= 1
        assert one.nearest
        assert one.probability is None or one.verdict not in ("sense unclear", "not modelled")
