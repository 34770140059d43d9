"""What the three readers of a text say, put together: the rules, the learned reader and the language model.

What the rules have read stays. Where the language model reads the opposite side of the same topic in it, or judges the
same option the other way, the finding is disputed and gets no verdict; where it reads something else in it, both are
shown, each with its reader. Elsewhere the reading of the language model is shown. The learned reader, which guesses
from likeness, is heard only where the language model was not: on texts marked by hand it adds nothing right then, and
two or three guesses a text that are not marked. What is given back is for the list of findings; premises and conclusion
are not made from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from excomm.audit.clauses import Span
from excomm.audit.model_reader import ModelReading
from excomm.audit.reading import Reading, Stated
from excomm.audit.verdicts import direction_of

__all__ = ["contested_conclusions", "together"]

_OTHER = {"higher": "lower", "lower": "higher"}


def together(reading: Reading, proposed: ModelReading, forecasts: Sequence[Span] | None = None) -> Reading:
    """A reading by rules, or by rules and the learned reader, with what the language model adds and disputes.

    forecasts: those that the rules left unread; by default those that the reading leaves.
    """
    rules = [one for one in reading.stated if one.reader == "rules"]
    disputed: list[Stated] = []
    more = [one for one in reading.stated if one.reader == "learned" and not _is_heard(one, proposed)]
    for one in proposed.stated:
        here = [other for other in rules if _is_read(one, other)]
        disputed += [other for other in here if _opposes(one, other)]
        if not any(_is_same(one, other) for other in here):
            more.append(one)
    kept = [replace(one, disputed=True) if one in disputed else one for one in rules]
    unread = tuple(
        (start, end)
        for start, end in (reading.unread if forecasts is None else forecasts)
        if not any(one.start < end and start < one.end for one in more)
    )
    stated = tuple(sorted((*kept, *more), key=lambda one: (one.start, one.end)))
    return replace(reading, stated=stated, unread=unread)


def contested_conclusions(reading: Reading, proposed: ModelReading) -> tuple[Stated, ...]:
    """Recommendations of the other readers that the language model reads the other way round."""
    return tuple(
        rule
        for rule in reading.stated
        if rule.topic is None and rule.is_sided
        and any(
            one.topic is None and one.option == rule.option and one.stance != rule.stance and _overlap(one, rule)
            for one in proposed.stated
        )
    )  # fmt: skip


def _is_heard(one: Stated, proposed: ModelReading) -> bool:
    """Whether the language model has read the sentence too."""
    return any(start <= one.start < end for start, end in proposed.heard)


def _is_same(one: Stated, other: Stated) -> bool:
    """Whether two assertions are about the same topic, or recommend or reject the same option."""
    if one.topic is None or other.topic is None:
        return one.topic is other.topic and one.option == other.option
    return one.topic.id == other.topic.id


def _is_read(one: Stated, rule: Stated) -> bool:
    """Whether the rules have read what a quote says: the words that their finding rests on stand in it."""
    if rule.topic is None:
        return _overlap(one, rule)
    start, end = rule.spans["topic"]
    return one.start < end and start < one.end


def _overlap(one: Stated, other: Stated) -> bool:
    """More than half of the shorter of two stretches is common to both."""
    common = min(one.end, other.end) - max(one.start, other.start)
    return common > min(one.end - one.start, other.end - other.start) / 2


def _opposes(one: Stated, other: Stated) -> bool:
    """Whether both tell the side of the same topic, or judge the same option, and not the same side."""
    if one.topic is None and other.topic is None:
        return one.option == other.option and one.stance != other.stance
    if one.topic is None or other.topic is None or one.topic.id != other.topic.id:
        return False
    if one.topic.meaning.kind == "unmodelled" or not (one.is_sided and other.is_sided):
        return False
    return direction_of(one) == _OTHER[direction_of(other)]
