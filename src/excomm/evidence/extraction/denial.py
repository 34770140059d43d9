"""Whether a sentence says that something is not so: words of denial, and negations that deny a deed."""

from __future__ import annotations

import re

from excomm.evidence.extraction.attribution import Chain
from excomm.evidence.lexicon import Lexicon

__all__ = ["is_denial", "is_refusal"]

_NOT_DENIED = re.compile(
    r"(?<!\w)(?:did not|does not|no longer|neither .*|nor|not|не|ні|ані|ни|не стал\w*|не буд\w*)\s(?:\w+\s)?$"
)
_CONTRAST = re.compile(r"(?:,|(?<!\w)(?:but|and|rather|а|але|но))\s$")  # `a hope, not a promise`
# In Ukrainian and Russian `no`, `nobody`, `never` stand beside the negation of the verb and only repeat it.
_VERBAL = frozenset({"не", "немає", "нема", "нет", "нету"})


def is_denial(folded: str, words: Lexicon, chain: Chain, *, in_doubt: bool) -> bool:
    """Whether the sentence says, or reports, that something is not so.

    `in_doubt`: the sentence says that something is unconfirmed, or that somebody kept silent; its negation then
    belongs to that.
    """
    match = words.find("denial", folded)
    if match is not None:
        return not _NOT_DENIED.search(folded[max(0, match.start() - 25) : match.start()])
    if in_doubt:
        return False
    found = words.cues["negation"].finditer(folded)
    verbal = [each for each in found if each.group() in _VERBAL]
    return any(_negates_deed(folded, each, words, chain) for each in verbal or found)


def _negates_deed(folded: str, match: re.Match[str], words: Lexicon, chain: Chain) -> bool:
    """A negation that is no idiom, and stands in no condition, wish, demand, purpose or relative clause."""
    if match.group() in {"without", "без"} or chain.covers(match.start()):
        return False
    before, after = folded[max(0, match.start() - 90) : match.start()], folded[match.end() : match.end() + 40]
    if match.group() in {"not", "не"} and _CONTRAST.search(before):
        return False
    return not (words.idle_before.search(before) or words.idle_after.match(after))


def is_refusal(folded: str, words: Lexicon) -> bool:
    """Whether every negation is of what will be done: a refusal or a promise denies no report."""
    refused = [match.span() for match in words.cues["refusal"].finditer(folded)]
    return bool(refused) and not any(
        _PERFECT.search(folded[: match.start()])
        and not any(start <= match.start() < end for start, end in refused)
        for match in words.cues["negation"].finditer(folded)
    )


_PERFECT = re.compile(
    r"(?<!\w)(?:has|have|had|did|was|were) $"
)  # `we have not closed the strait and will not`
