"""Words and sentences as the brief says them: probability words with numbers, shares, lists, dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

__all__ = [
    "chance",
    "day",
    "listed",
    "share_text",
    "upper_first",
]


def share_text(share: float) -> str:
    """A share of histories or draws as whole percent; "under 1%" where it is not nil but rounds to nothing."""
    if 0 < share < 0.005:
        return "under 1%"
    if 0.995 < share < 1:
        return "over 99%"
    return f"{share:.0%}"


def chance(probability: float) -> str:
    """Word and number together: "likely (68%)"."""
    from excomm.analysis.wording import chance as worded

    return worded(min(max(probability, 0.0), 1.0))


def listed(names: Sequence[str]) -> str:
    """A list in a sentence: "a", "a and b", "a, b and c"."""
    return "".join(names) if len(names) < 2 else f"{', '.join(names[:-1])} and {names[-1]}"


def day(moment: date) -> str:
    """A date as a reader says it: 15 December 2024."""
    return f"{moment.day} {moment:%B %Y}"


def upper_first(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
