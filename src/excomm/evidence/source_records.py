"""Track records: resolved claims update the Beta laws of a source's hit and false-alarm rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from excomm.evidence.settings import Letter, default_credibility

__all__ = ["Counts", "Verdict", "records_from", "shaped"]


@dataclass(frozen=True)
class Verdict:
    """What one source said of one proposition that is now settled."""

    source: str
    proposition: str
    asserted: bool
    outcome: bool


@dataclass(frozen=True)
class Counts:
    """Settled cases: asserted and denied among the true ones, and among the false ones."""

    asserted_true: int = 0
    denied_true: int = 0
    asserted_false: int = 0
    denied_false: int = 0


def records_from(verdicts: Iterable[Verdict]) -> dict[str, Counts]:
    """Counts by source name."""
    table: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for verdict in verdicts:
        table[verdict.source][(0 if verdict.outcome else 2) + (0 if verdict.asserted else 1)] += 1
    return {source: Counts(*counts) for source, counts in table.items()}


def shaped(letter: str, counts: Counts) -> Letter:
    """The letter's prior means with their weight, plus the counts.

    h ~ Beta(w h0 + asserted_true, w (1-h0) + denied_true); f alike with the false ones. The result holds both means
    and the smaller of the two total weights. A false-alarm rate never exceeds the hit rate.
    """
    config = default_credibility()
    prior = config.letters.get(letter, config.letters["F"])
    trues, falses = counts.asserted_true + counts.denied_true, counts.asserted_false + counts.denied_false
    hit = (prior.weight * prior.hit + counts.asserted_true) / (prior.weight + trues)
    alarm = (prior.weight * prior.false_alarm + counts.asserted_false) / (prior.weight + falses)
    return Letter(hit, min(alarm, hit), prior.weight + min(trues, falses))
