"""Invented stories with known truth that spread through newsrooms: some report, many copy, some translate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from excomm.evidence import Report
from excomm.evidence.likelihood import likelihood_ratio, log_odds, probability
from excomm.evidence.settings import default_credibility

from .story import ACTORS, TROOPS, Proposition, Source, World

NEWSROOMS = tuple(
    Source(f"{name.lower()}-post", f"{name} Post", letter)
    for name, letter in zip(
        ("Amber", "Birch", "Cedar", "Delta", "Ember", "Fjord", "Grove", "Heath"), "ABBCCCDD", strict=True
    )
)
COPIERS = tuple(Source(f"copy-{number}-news", f"Copy {number} News", "D") for number in range(30))
SHARED = 0.5  # chance that a newsroom draws on what all others draw on: gives errors a correlation of SHARED squared
YES = {
    "en": "Eastmark has deployed troops in Southland",
    "uk": "Істмарк розгорнув війська у Саутланді",
    "ru": "Истмарк разместил войска в Саутланде",
}
NO = {
    "en": "Eastmark has not deployed troops in Southland",
    "uk": "Істмарк не розгортав війська у Саутланді",
    "ru": "Истмарк не размещал войска в Саутланде",
}
CITES = {"en": "{}, the {} reports.", "uk": "{}, пише {}.", "ru": "{}, сообщает {}."}
ALIASES = (ACTORS[0], ACTORS[1], ACTORS[2], ACTORS[3])


@dataclass(frozen=True)
class Story:
    """A proposition that is true or not, and what was printed about it."""

    prior: float
    truth: bool
    reports: tuple[Report, ...]
    says: tuple[bool, ...]
    letters: tuple[str, ...]


def make_story(random: np.random.Generator) -> Story:
    """One to four newsrooms report, right with odds h to f of their letter; each is copied up to fifteen times."""
    prior = float(random.uniform(0.05, 0.6))
    truth = bool(random.random() < prior)
    common = random.random()
    reports: list[Report] = []
    says: list[bool] = []
    letters: list[str] = []
    chosen = random.choice(len(NEWSROOMS), size=int(random.integers(1, 5)), replace=False)
    for place in chosen:
        newsroom = NEWSROOMS[int(place)]
        record = default_credibility().letters[newsroom.letter]
        right = record.hit / (record.hit + record.false_alarm)
        draw = common if random.random() < SHARED else random.random()
        said = truth if draw < right else not truth
        day = date(2031, 3, 1) + timedelta(days=int(random.integers(0, 5)))
        filler = " ".join(
            "".join(random.choice(list("bcdfgklmnprst"), 6)) + "a" for _ in range(30)
        ).capitalize()
        base = (YES if said else NO)["en"]
        reports.append(Report(text=f"{base}. {filler}.", source=newsroom.name, published=day))
        says.append(said)
        letters.append(newsroom.letter)
        for _ in range(int(random.integers(0, 16))):
            copier = COPIERS[int(random.integers(len(COPIERS)))]
            language = str(random.choice(["en", "uk", "ru"]))
            later = day + timedelta(days=int(random.integers(1, 4)))
            if random.random() < 0.4:
                text, language = f"{base}. {filler}. Read by {copier.name}.", "en"
            else:
                text = CITES[language].format((YES if said else NO)[language], newsroom.name)
            reports.append(Report(text=text, source=copier.name, published=later, language=language))
            says.append(said)
            letters.append(copier.letter)
    return Story(prior, truth, tuple(reports), tuple(says), tuple(letters))


def believe(story: Story) -> float:
    """Posterior of ExComm, from the printed texts."""
    proposition = Proposition(
        TROOPS.id, TROOPS.text, TROOPS.actor, TROOPS.event, TROOPS.target, prior=story.prior
    )
    world = World((proposition,), (*NEWSROOMS, *COPIERS), ALIASES)
    return world.assess(list(story.reports)).posterior


def believe_naively(story: Story) -> float:
    """Posterior that takes every report as independent."""
    total = 0.0
    for said, letter in zip(story.says, story.letters, strict=True):
        record = default_credibility().letters[letter]
        ratio = math.log(likelihood_ratio(0.97, record.hit, record.false_alarm))
        total += ratio if said else -ratio
    return probability(log_odds(story.prior) + total)


def believe_everything(story: Story) -> float:
    """What most reports say is so."""
    share = sum(story.says) / len(story.says)
    return 0.99 if share > 0.5 else 0.01 if share < 0.5 else story.prior


@dataclass(frozen=True)
class Comparison:
    """Brier scores and calibration errors over stories."""

    brier: dict[str, float]
    calibration: dict[str, float]
    count: int


def brier(values: Sequence[float], truths: Sequence[bool]) -> float:
    return float(np.mean((np.asarray(values) - np.asarray(truths, dtype=float)) ** 2))


def calibration_error(values: Sequence[float], truths: Sequence[bool], bins: int = 5) -> float:
    """Mean |stated - observed| over equally filled bins."""
    order = np.argsort(values)
    parts = np.array_split(order, bins)
    stated, seen = np.asarray(values), np.asarray(truths, dtype=float)
    return float(np.mean([abs(stated[part].mean() - seen[part].mean()) for part in parts]))


def compare(count: int, seed: int) -> Comparison:
    random = np.random.default_rng(seed)
    stories = [make_story(random) for _ in range(count)]
    truths = [story.truth for story in stories]
    beliefs = {
        "excomm": [believe(story) for story in stories],
        "independent": [believe_naively(story) for story in stories],
        "everything": [believe_everything(story) for story in stories],
        "prior": [story.prior for story in stories],
    }
    return Comparison(
        {name: brier(values, truths) for name, values in beliefs.items()},
        {name: calibration_error(values, truths) for name, values in beliefs.items()},
        count,
    )
