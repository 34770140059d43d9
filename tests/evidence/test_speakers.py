"""Who speaks where a sentence alone does not say it in full: labels, surnames, pronouns, states, leaked papers."""

from __future__ import annotations

from datetime import date

import pytest

from excomm.evidence import Claim, Report, extract

from .scoring import gold_profile


def _read(text: str, language: str, genre: str = "news", source: str = "Daily Gull") -> tuple[Claim, ...]:
    report = Report(
        text=text,
        source=source,
        genre=genre,  # type: ignore[arg-type]
        language=language,
        published=date(2031, 3, 1),
    )
    return extract(report, gold_profile())


def _links(claim: Claim) -> list[str]:
    return [link.kind + ("" if link.named else "?") for link in claim.attribution]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Southland's foreign minister, Dalia Rusk, said that the port is open. Rusk: It was never closed.",
        ),
        (
            "en",
            'Foreign Minister Dalia Rusk said that the port is open. "It was never closed," she told reporters.',
        ),
        ("en", "Foreign Minister Dalia Rusk said that the port is open. It was never closed, Rusk added."),
        ("uk", "Міністерка Далія Руск сказала, що порт відкрито. Його не закривали, додала Руск."),
        ("ru", "Министр Далия Руск сказала, что порт открыт. Его не закрывали, добавила Руск."),
        ("uk", "Міністерка Далія Руск сказала, що порт відкрито. «Його не закривали», — сказала вона."),
        ("ru", "Министр Далия Руск сказала, что порт открыт. «Его не закрывали», — сказала она."),
    ],
)
def test_a_surname_or_a_pronoun_stands_for_whom_the_report_has_introduced(language: str, text: str) -> None:
    first, second = _read(text, language)
    assert _links(first) == ["official"]
    assert _links(second) == ["official"]
    assert second.status == "denied"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Southland insists that the port is open."),
        ("uk", "Саутланд наполягає, що порт відкрито."),
        ("ru", "Саутланд настаивает, что порт открыт."),
    ],
)
def test_a_state_that_insists_speaks_through_its_officials(language: str, text: str) -> None:
    [claim] = _read(text, language)
    assert _links(claim) == ["official"]
    assert claim.attribution[0].actor == "southland"


def test_a_paper_that_was_called_leaked_stays_so() -> None:
    first, second = _read(
        "A leaked annex lists three ways. The largest costs most, according to the annex.", "en"
    )
    assert _links(first) == _links(second) == ["document?"]
    assert second.status == "unconfirmed"


def test_what_will_be_said_and_what_a_ministry_is_said_to_have_said_are_no_voices() -> None:
    [claim] = _read("The clowns in the ministry will say that it was a circus.", "en")
    assert claim.attribution == ()


def test_a_label_that_is_no_voice_gives_none() -> None:
    for text in (
        "Correction: there were four missiles.",
        "A warning: the bridge is mined.",
        "At 14:05 it began.",
    ):
        [claim] = _read(text, "en")
        assert claim.attribution == (), text


def test_an_own_statement_confirms_what_was_done_but_not_what_the_enemy_lost() -> None:
    text = (
        "The Islands have closed their ports. Our navy sank two ships of the enemy. We call on all to stop."
    )
    statuses = [each.status for each in _read(text, "en", "statement", "Islands Government")]
    assert statuses == ["confirmed", None, None]


def test_an_opinion_carries_no_status() -> None:
    [claim] = _read(
        "A ministry that denies the deaths and confirms the medals deserves no trust.", "en", "oped"
    )
    assert (claim.kind, claim.status) == ("opinion", None)
