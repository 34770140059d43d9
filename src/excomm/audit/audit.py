"""An argument held against the figures of a run."""

from __future__ import annotations

from excomm.audit.conclusion import Premise, Rerun, conclude
from excomm.audit.figures import Figures
from excomm.audit.lexicon import lexicon_of
from excomm.audit.model import Audit
from excomm.audit.reading import read_argument
from excomm.audit.second import read_the_rest
from excomm.audit.verdicts import judge
from excomm.errors import UsageError
from excomm.evidence.settings import default_credibility

__all__ = ["LONGEST", "audit_argument"]

LONGEST = 200_000  # characters; an editorial has about 5,000


def audit_argument(
    text: str,
    figures: Figures,
    *,
    scale: str = "lay",
    perspective: str | None = None,
    rerun: Rerun | None = None,
    learned: bool = True,
) -> Audit:
    """Hold a text against a run: its assertions, what the model says of each, whether the conclusion survives.

    scale: whose ranges the probability words have, `lay` readers or `icd203`. perspective: actor whose weights say
    which side of an outcome is better. rerun: how to run again with a parameter kept within limits, where too few
    draws support a premise; without it such a premise has no result. learned: whether the second, learned reader
    reads what the rules leave; premises and conclusion rest on the rules alone.

    Raises UsageError for an empty or overlong text, an unknown scale or an unknown perspective.
    """
    if not text.strip():
        raise UsageError("the text is empty", path="TEXT", expected="an editorial or an analysis in English")
    if len(text) > LONGEST:
        raise UsageError(
            f"the text has {len(text):,} characters",
            path="TEXT",
            expected=f"up to {LONGEST:,}",
            next_step="Audit one article at a time.",
        )
    if scale not in default_credibility().scales:
        raise UsageError(
            f"{scale!r} is no scale of probability words",
            path="--scale",
            expected=" or ".join(default_credibility().scales),
            next_step="Choose one.",
        )
    if perspective is not None:
        figures.case.perspective(perspective)
    lexicon = lexicon_of(figures.case)
    reading = read_argument(text, figures.case, lexicon, scale=scale)
    if learned:
        reading = read_the_rest(text, figures.case, lexicon, reading)
    ours = [one for one in reading.stated if one.recognised is None and not one.disputed]
    concluded = [one for one in ours if one.kind == "conclusion"]
    argued = next((one.option for one in reversed(concluded) if one.option != figures.reference), None)
    findings, premises = [], []
    for stated in reading.stated:
        finding, held = judge(stated, figures, argued)
        findings.append(finding)
        if held is not None and stated.recognised is None:
            premises.append(Premise(finding, stated, held))
    weighed = [one for one in findings if one.reader == "rules" and one.verdict != "sense unclear"]
    conclusion = conclude(concluded, ours, weighed, premises, figures, perspective=perspective, rerun=rerun)
    warnings = []
    if not findings:
        warnings.append("No assertion of the text fits a topic of the lexicon.")
    if conclusion is None:
        warnings.append("The text recommends no option of the case in words that the lexicon knows.")
    return Audit(
        run=figures.run,
        case=figures.case.id,
        text=text,
        assertions=tuple(findings),
        conclusion=conclusion,
        unread=reading.unread,
        warnings=tuple(warnings),
    )
