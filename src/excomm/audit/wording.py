"""Findings in the words of the terminal and of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from excomm.analysis.wording import natural_base, number, percent, upper_first
from excomm.audit.meaning import PLAIN
from excomm.quantities import OUTCOMES

if TYPE_CHECKING:
    from excomm.audit.model import Finding

__all__ = [
    "claim_text",
    "claimed_text",
    "heading_text",
    "model_text",
    "percent_text",
    "probability_text",
    "reader_text",
    "sentence_of",
    "target_text",
    "untested_text",
    "value_text",
    "with_interval",
]

_SIDES = {"higher": "high", "lower": "low", "unclear": "side unclear"}


def with_interval(probability: float, low: float, high: float) -> str:
    """A probability with its 90 % interval, both on one scale.

    "12% (under 1% to 31%)"; below 1 % in natural frequencies: "about 3 in 1,000 (0.6 to 20 in 1,000)", unless the
    interval is hundreds of times as wide.
    """
    base = natural_base(probability, 0.95)
    if 0 < probability < 0.01 and high * base <= 300:
        ends = " to ".join(_count(end * base) for end in (low, high))
        return f"about {_count(probability * base)} in {base:,} ({ends} in {base:,})"
    return f"{percent_text(probability)} ({percent_text(low)} to {percent_text(high)})"


def _count(number_of: float) -> str:
    return f"{number_of:.0f}" if number_of >= 9.5 else f"{number_of:.1g}"


def percent_text(probability: float) -> str:
    """A probability in percent: "0%", "under 1%", "43%", "more than 99%"."""
    if probability <= 0:
        return "0%"
    return "under 1%" if probability < 0.01 else percent(probability)


def target_text(finding: Finding) -> str:
    """What an assertion is about, in the model's names: "Allied dead per 1,000 deployed: low"."""
    if not finding.links:
        if finding.kind == "conclusion":
            return finding.label
        return f"{finding.label} ({'side unclear' if finding.verdict == 'sense unclear' else 'not modelled'})"
    link = finding.links[0]
    named = OUTCOMES[link.target].label if link.target in OUTCOMES else finding.label
    return f"{named}: {_SIDES.get(link.direction, link.direction)}"


def heading_text(finding: Finding) -> str:
    """Verdict, kind, grade and who read it where it was not the rules: "contradicted, forecast, grade C"."""
    if finding.kind == "conclusion":
        told = "conclusion" if finding.stance is None else f"argues {finding.stance} {finding.option}"
    else:
        told = f"{finding.verdict}, {finding.kind}"
    if finding.grade is not None:
        told += f", grade {finding.grade}"
    if finding.confidence is not None:
        return f"{told}; learned reader, {finding.confidence:.0%} sure of the topic"
    return told if finding.reader == "rules" else f"{told}; {finding.reader}"


def model_text(finding: Finding) -> str:
    """What the model gives for which statement, under which option; or why it gives nothing."""
    if finding.probability is None:
        return _without_number(finding)
    report, _, matter = _of_a_report(finding)
    if matter:
        return f"{report}; {probability_text(finding)} that {matter}"
    told = f"{probability_text(finding)} that {finding.statement}"
    option = finding.links[0].option if finding.links else None
    return told if option is None or option in finding.statement else f"{told}, under every option"


def _of_a_report(finding: Finding) -> tuple[str, str, str]:
    """A statement on the standing of a report, which the ledger settles, and the matter that has a probability."""
    return finding.statement.partition("; the probability is that ")


def _without_number(finding: Finding) -> str:
    if finding.kind == "conclusion":
        if finding.stance is None:
            return f"A recommendation on {finding.option}; whether for or against is not clear."
        return f"The text argues {finding.stance} {finding.option}."
    if finding.verdict == "not modelled":
        return f"Not modelled: {finding.because}."
    which = "About this, but which side the text takes is not clear"
    return f"{which}: {finding.label.lower()}."


def sentence_of(finding: Finding) -> str:
    """The whole finding: verdict, what the model gives for which statement, the text's own word against it."""
    if finding.probability is None:
        return _without_number(finding)
    report, _, matter = _of_a_report(finding)
    given = f"{report}; the model gives {probability_text(finding)} that {matter}"
    if not matter:
        given = f"the model gives {model_text(finding)}"
    told = f"{upper_first(finding.verdict)}: {given}."
    if finding.word is not None:
        told += f" The text: {claimed_text(finding)}."
    untested = untested_text(finding)
    return f"{told} {untested}" if untested else told


def untested_text(finding: Finding) -> str:
    """Amounts of the text that the probability is not of, with the reason; empty where there are none."""
    missed = [one for one in finding.amounts if not one.tested]
    if not missed:
        return ""
    told = "; ".join(f"“{one.quote}” ({one.because})" for one in missed)
    only = "" if len(missed) < len(finding.amounts) else "; only what is said without it was tested"
    return f"Amount not tested: {told}{only}."


def claimed_text(finding: Finding) -> str:
    """How likely the text calls the same statement: by its own word, or by saying it plainly."""
    if finding.probability is None:
        return ""
    if finding.word is None or finding.words is None:
        if _of_a_report(finding)[2]:
            return "says it plainly (the ledger settles it)"
        return f"says it plainly (read as {PLAIN:.0%} or more)"
    word = finding.word
    against = "which fits the model's number"
    if finding.words != "match":
        side = "above" if finding.probability < word.low else "below"
        against = f"{side} the model's number"
    return f"“{word.cue}” ({word.low:.0%} to {word.high:.0%}), {against}"


def reader_text(finding: Finding) -> str:
    """Where a finding of the learned reader comes from; empty for the others."""
    if finding.confidence is None:
        return ""
    return f"Learned reader, {finding.confidence:.0%} confident of the topic; most like “{finding.nearest}”"


def claim_text(finding: Finding) -> str:
    """The side that a finding is read to take, and by whom where a language model has read it."""
    read = "Read by a language model" if finding.reader == "language model" else "Read"
    if finding.claim:
        return f"{read} as: {finding.claim}"
    return "" if read == "Read" else read


def probability_text(finding: Finding) -> str:
    """Probability of the finding's `statement` with its interval: "43% (38% to 48%)"."""
    if finding.probability is None or finding.p05 is None or finding.p95 is None:
        return "–"
    return with_interval(finding.probability, finding.p05, finding.p95)


def value_text(finding: Finding) -> str:
    """Mean and 90 % range of the quantity behind a finding; a difference is called one."""
    if finding.value is None or finding.value["unit"] == "probability":
        return ""
    mean, low, high = (number(float(finding.value[key])) for key in ("mean", "p05", "p95"))
    named = "difference " if finding.value["of"] == "difference" else ""
    return f"{named}{mean} {finding.value['unit']} (90% of draws {low} to {high})"
