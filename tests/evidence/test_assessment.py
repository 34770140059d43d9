"""Worked examples of the likelihood rule and the changes to which it must be blind or must answer."""

from __future__ import annotations

import dataclasses
import math
import random
from datetime import date

import pytest

from excomm.evidence import Acceptance
from excomm.evidence.likelihood import (
    combine,
    discount,
    effective_number,
    likelihood_ratio,
    log_odds,
    probability,
)
from excomm.evidence.settings import default_credibility

from .story import SOURCES, TROOPS, Proposition, World, report

PLAIN = "Eastmark has deployed troops in Southland."
LIKELY = "Eastmark has probably deployed troops in Southland."
DENIAL = "The Foreign Ministry of Eastmark denies that Eastmark has troops in Southland."


def letter_ratio(letter: str, stated: float) -> float:
    record = default_credibility().letters[letter]
    return likelihood_ratio(stated, record.hit, record.false_alarm)


@pytest.mark.parametrize(
    ("letter", "stated", "expected", "tolerance"),
    [
        ("A", 0.97, 12.0, 0.1),
        ("B", 0.97, 7.1, 0.1),
        ("C", 0.97, 2.9, 0.05),
        ("D", 0.97, 1.4, 0.05),
        ("E", 0.97, 1.0, 1e-9),
        ("F", 0.97, 1.5, 0.05),
        ("A", 0.68, 2.0, 0.05),
        ("B", 0.68, 1.8, 0.05),
        ("C", 0.68, 1.5, 0.05),
        ("A", 0.10, 0.16, 0.01),
        ("B", 0.10, 0.22, 0.01),
        ("C", 0.10, 0.41, 0.01),
    ],
)
def test_likelihood_ratios_match_the_table(
    letter: str, stated: float, expected: float, tolerance: float
) -> None:
    assert letter_ratio(letter, stated) == pytest.approx(expected, abs=tolerance)


def posterior(prior: float, total: float) -> float:
    return probability(log_odds(prior) + total)


def test_forty_copies_of_one_weak_report() -> None:
    assert posterior(0.05, math.log(letter_ratio("C", 0.68))) == pytest.approx(0.072, abs=0.001)


def test_a_weak_report_and_an_official_confirmation() -> None:
    ratios = [math.log(letter_ratio("C", 0.68)), math.log(letter_ratio("B", 0.97))]
    assert posterior(0.05, combine(ratios, 0.0)) == pytest.approx(0.35, abs=0.005)


def test_three_plain_reports_that_depend_on_each_other() -> None:
    assert posterior(0.05, combine([math.log(letter_ratio("C", 0.97))] * 3, 0.3)) == pytest.approx(
        0.28, abs=0.005
    )


def test_published_copy_model() -> None:
    """Hit .8 and false alarm .3: two independent reports 7.1111, a full copy 2.6667, prior .2 gives .64."""
    once = math.log(likelihood_ratio(1.0, 0.8, 0.3))
    assert math.exp(combine([once, once], 0.0)) == pytest.approx(7.1111, abs=1e-4)
    assert math.exp(combine([once, once], 1.0)) == pytest.approx(2.6667, abs=1e-4)
    assert posterior(0.2, combine([once, once], 0.0)) == pytest.approx(0.64, abs=1e-3)


def test_effective_number_and_discount_have_their_limits() -> None:
    assert effective_number(7, 0.0) == 7
    assert effective_number(7, 1.0) == pytest.approx(1.0)
    assert discount(0.9, 0.1, 1.0) == pytest.approx(0.9)
    assert likelihood_ratio(0.3, 0.8, 0.25) == pytest.approx(1 / likelihood_ratio(0.7, 0.8, 0.25))


def test_forty_copies_move_a_small_prior_a_little() -> None:
    names = ["Harbour Times", "Daily Gull", "Coast Wire"]
    reports = [report(LIKELY, names[number % 3], 1 + number % 25) for number in range(40)]
    found = World().assess(reports)
    assert len([origin for origin in found.origins if origin.log_lr]) == 1
    assert found.posterior == pytest.approx(0.074, abs=0.004)


def test_confirmation_by_the_actor_itself() -> None:
    own = "Eastmark has deployed soldiers to Southland, the Foreign Ministry of Eastmark confirmed."
    found = World().assess([report(LIKELY), report(own, "Eastmark Ministry", 3)])
    assert found.posterior == pytest.approx(0.36, abs=0.015)
    assert found.status == "confirmed"
    assert found.letter == "B"


def test_an_exact_copy_changes_nothing() -> None:
    reports = [report(PLAIN), report(DENIAL, "Eastmark Ministry", 2)]
    once = World().assess(reports)
    copied = World().assess([*reports, report(PLAIN, "Daily Gull", 4), report(PLAIN, None, 5)])
    assert copied.posterior == once.posterior
    assert (copied.p05, copied.p95) == (once.p05, once.p95)


def test_a_story_that_cites_the_first_outlet_changes_nothing() -> None:
    first = report("Eastmark has deployed troops in Southland, two officials told us.", "Harbour Times")
    again = report(
        "Soldiers sent by Eastmark are already in Southland, the Harbour Times reports, citing officials.",
        "Daily Gull",
        3,
    )
    assert World().assess([first, again]).posterior == World().assess([first]).posterior


def test_order_does_not_matter() -> None:
    texts = [
        PLAIN,
        LIKELY,
        DENIAL,
        "More than 5,000 Eastmark soldiers are stationed in Southland, villagers said.",
    ]
    reports = [report(text, SOURCES[place].name, place + 1) for place, text in enumerate(texts)]
    first = World().assess(reports)
    shuffled = list(reports)
    random.Random(4).shuffle(shuffled)
    again = World().assess(shuffled)
    assert (again.posterior, again.p05, again.p95) == pytest.approx((first.posterior, first.p05, first.p95))


def test_more_hedging_moves_the_ratio_towards_one() -> None:
    phrases = ["has", "has almost certainly", "has probably", "may have"]
    posteriors = [
        World().assess([report(f"Eastmark {each} deployed troops in Southland.")]).posterior
        for each in phrases
    ]
    assert posteriors == sorted(posteriors, reverse=True)
    assert posteriors[-1] == pytest.approx(0.05)
    assert len(set(posteriors)) == 4


def test_a_condition_updates_nothing() -> None:
    text = "Eastmark has deployed troops in Southland, if the images are confirmed."
    assert World().assess([report(text)]).posterior == pytest.approx(0.05)


def test_a_denial_lowers_and_its_interest_is_counted() -> None:
    denied = World().assess([report(DENIAL, "Eastmark Ministry")])
    assert denied.posterior < 0.05
    assert denied.status == "denied"
    neutral = World().assess(
        [report("There are no Eastmark troops in Southland, the monitoring group said.", "Coast Wire")]
    )
    [own], [other] = denied.origins, neutral.origins
    assert "own interest" in " ".join(own.notes)
    assert not other.notes
    assert abs(own.log_lr) < abs(math.log(letter_ratio("B", 0.97)))


def test_swapping_names_swaps_the_slots_only() -> None:
    mirrored = dataclasses.replace(TROOPS, actor="southland", target="eastmark")
    register = tuple(
        dataclasses.replace(
            each,
            id=each.id.replace("eastmark", "southland"),
            name=each.name.replace("Eastmark", "Southland"),
            state="southland" if each.state == "eastmark" else each.state,
            interests=tuple("southland" if party == "eastmark" else party for party in each.interests),
        )
        for each in SOURCES
    )  # the names change in the register too: the ministry that denies is a listed source in both worlds
    turned_world = World((mirrored,), register)
    swap = {"Eastmark": "Southland", "Southland": "Eastmark"}
    texts = [
        PLAIN,
        LIKELY,
        "Up to 9,000 Eastmark soldiers may be sent to Southland, two officials said.",
        DENIAL,
    ]
    for text in texts:
        turned = " ".join(
            swap.get(word.strip(".,"), word.strip(".,")) + word[len(word.strip(".,")) :]
            for word in text.split()
        )
        plain, swapped = World().claims([report(text)]), turned_world.claims([report(turned)])
        names = {"eastmark": "southland", "southland": "eastmark"}
        for left, right in zip(plain, swapped, strict=True):
            assert right.actor == names.get(left.actor or "", left.actor)
            assert right.target == names.get(left.target or "", left.target)
            assert (right.kind, right.event_types, right.modality, right.status) == (
                left.kind,
                left.event_types,
                left.modality,
                left.status,
            )
            assert (right.proposition, right.polarity) == (left.proposition, left.polarity)
        assert turned_world.assess([report(turned)]).posterior == pytest.approx(
            World().assess([report(text)]).posterior
        )


def test_nothing_moves_without_acceptance() -> None:
    closed = World(accepted=Acceptance("none"))
    found = closed.assess([report(PLAIN)])
    assert found.posterior == found.prior == 0.05
    [claim] = found.pending
    opened = World(accepted=Acceptance("none", accepted=frozenset({claim}))).assess([report(PLAIN)])
    assert opened.posterior > 0.05
    refused = World(accepted=Acceptance("linked", rejected=frozenset({claim}))).assess([report(PLAIN)])
    assert refused.posterior == 0.05


def test_only_what_was_known_counts() -> None:
    reports = [report(PLAIN, day=1), report(DENIAL, "Eastmark Ministry", 20)]
    early = World().assess(reports, as_of=date(2031, 3, 10))
    assert early.posterior == World().assess(reports[:1]).posterior


def test_up_to_a_number_is_no_evidence_for_the_number() -> None:
    text = "Up to 800,000 Eastmark troops have been deployed in Southland."
    sized = dataclasses.replace(TROOPS, quantity={"above": "800000 troops"})
    small = dataclasses.replace(TROOPS, quantity={"above": "5000 troops"})
    assert World((sized,)).assess([report(text)]).posterior == pytest.approx(0.05)
    assert World((small,)).assess([report(text)]).posterior > 0.12
    other = "Up to 300,000 Eastmark troops have been deployed in Southland."
    both = World((small,)).assess([report(text), report(other, "Daily Gull", 9)])
    assert not [note for note in both.notes if "contradict" in note]


def test_sizes_that_exclude_each_other_are_noted() -> None:
    low = report("Exactly 2,000 Eastmark troops have been deployed in Southland.")
    high = report("At least 9,000 soldiers from Eastmark are stationed in Southland.", "Daily Gull", 8)
    assert any("contradict" in note for note in World().assess([low, high]).notes)


def test_a_rival_takes_what_the_proposition_loses() -> None:
    league = Proposition(
        "force",
        "The League will deploy troops in Northland",
        "league",
        ("deploy", "mobilise"),
        "northland",
        prior=0.05,
        rivals=(
            {"id": "transit-plan", "text": "A plan for transit and logistics", "prior": 0.3},
            {"id": "exercise", "text": "An exercise", "prior": 0.1},
        ),
    )
    text = (
        "The League is drawing up a logistics and transit plan for Northland, the Harbour Times has learned."
    )
    found = World((league,)).assess([report(text)])
    assert found.posterior < 0.05
    transit, exercise = found.rivals
    assert transit.posterior > 0.3
    assert exercise.posterior < 0.1
    assert found.posterior + transit.posterior + exercise.posterior < 1


def test_mobilise_transit_and_deploy_are_different_things() -> None:
    for text in (
        "Eastmark has mobilised troops near Southland.",
        "Eastmark is moving fuel by rail in transit through Southland.",
        "Eastmark held an exercise near Southland.",
    ):
        assert World().assess([report(text)]).posterior == 0.05, text


def test_the_cap_holds() -> None:
    sources = tuple(
        dataclasses.replace(SOURCES[0], id=f"s{n}", name=f"Paper {n}", letter="A") for n in range(60)
    )
    texts = [
        f"Eastmark has deployed troops in Southland, {word * 9} we saw."
        for word in map(chr, range(97, 97 + 20))
    ]
    found = World(sources=sources).assess([report(text, f"Paper {n}") for n, text in enumerate(texts)])
    assert abs(found.log_lr) <= 4.6


def test_the_interval_holds_the_value_and_knows_when_it_straddles() -> None:
    even = dataclasses.replace(TROOPS, prior=0.28)
    found = World((even,)).assess([report(PLAIN)])
    assert found.p05 < found.posterior < found.p95
    assert not found.is_discriminating
    wide = dataclasses.replace(TROOPS, prior="0.1 to 0.5 probability")
    spread = World((wide,)).assess([report(PLAIN)])
    assert spread.p95 - spread.p05 > 0.3


def test_the_seed_fixes_everything() -> None:
    first, again, other = (World().assess([report(PLAIN)], seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert other.posterior == first.posterior
    assert other.p05 != first.p05
    assert other.p05 == pytest.approx(first.p05, abs=0.02)


def test_an_unknown_source_counts_as_f() -> None:
    found = World().assess([report(PLAIN, "Nobody's Blog")])
    assert found.letter == "F"
    assert found.posterior == pytest.approx(posterior(0.05, math.log(letter_ratio("F", 0.97))))
