"""An argument held against the figures of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from excomm.audit.conclusion import Argued, Premise, Rerun, conclude
from excomm.audit.figures import Figures
from excomm.audit.foreign import foreign_notes
from excomm.audit.lexicon import lexicon_of
from excomm.audit.model import Audit, Conclusion, Finding
from excomm.audit.model_reader import ModelReading, read_by_model
from excomm.audit.readers import contested_conclusions, together
from excomm.audit.reading import Reading, Stated, read_argument
from excomm.audit.second import read_the_rest
from excomm.audit.verdicts import judge
from excomm.case.model import Case
from excomm.errors import UsageError
from excomm.evidence.language_model import Settings
from excomm.evidence.reading.languages import detect_language, language_name
from excomm.evidence.settings import default_credibility

__all__ = ["LONGEST", "audit_argument", "check_request"]

_SHOWN = 5  # reasons for dropping parts of an answer that are listed
# Least confidence at which premises and conclusion rest on what the second reader alone has read; judgement, the best
# of .6 to .9 on the recommendations of 18 editorials by others.
CARRYING_BAR = 0.6
LONGEST = 200_000  # characters; an editorial has about 5,000


def check_request(
    text: str,
    case: Case,
    *,
    scale: str,
    perspective: str | None,
    argued: Argued | None = None,
    options: Sequence[str] | None = None,
) -> None:
    """Raise UsageError for an empty, overlong or foreign text, an unknown scale or an unknown conclusion; CaseError:
    unknown perspective. options: those of the run; those of the case by default.
    """
    if not text.strip():
        raise UsageError("the text is empty", path="TEXT", expected="an editorial or an analysis in English")
    language = detect_language(text)
    if language != "en":
        raise UsageError(
            f"the text does not look English: {language_name(language)}",
            path="TEXT",
            expected="an editorial or an analysis in English",
            next_step="Audit a translation, and say with the result that it is one.",
        )
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
        case.perspective(perspective)
    if argued is not None:
        _check_argued(argued, tuple(option.id for option in case.options) if options is None else options)


def _check_argued(argued: Argued, options: Sequence[str]) -> None:
    """Raise UsageError where no text can argue so. options: those that are compared."""
    if argued.option not in options:
        wrong, expected = f"the run has no option {argued.option}", f"one of {', '.join(options)}"
    elif argued.stance not in ("for", "against"):
        wrong, expected = f"a text argues for or against, not {argued.stance!r}", "for or against"
    elif len(options) < 2:
        wrong, expected = (
            f"the run has nothing to hold {argued.option} against",
            "a run of two options or more",
        )
    else:
        return
    raise UsageError(
        wrong,
        path="--conclusion",
        expected=expected,
        next_step=f"Write, for example, --conclusion {options[-1]} against.",
    )


def audit_argument(
    text: str,
    figures: Figures,
    *,
    scale: str = "lay",
    perspective: str | None = None,
    argued: Argued | None = None,
    rerun: Rerun | None = None,
    learned: bool = True,
    language_model: Settings | None = None,
) -> Audit:
    """Hold a text against a run: its assertions, what the model says of each, whether the conclusion survives.

    scale: whose ranges the probability words have, `lay` readers or `icd203`. perspective: actor whose weights say
    which side of an outcome is better. argued: what the text argues for or against, where the readers of it took it
    for something else. rerun: how to run again with a parameter kept within limits, where too few
    draws support a premise; without it such a premise has no result. learned: whether the second, learned reader
    reads what the rules leave and checks what they read. language_model: how a third one is reached, off by default; it
    adds findings and may take back the side of one, but premises and conclusion rest on the first two.

    Raises UsageError for an empty or overlong text, an unknown scale or an unknown perspective.
    """
    check_request(
        text, figures.case, scale=scale, perspective=perspective, argued=argued, options=figures.options
    )
    lexicon = lexicon_of(figures.case)
    ruled = read_argument(text, figures.case, lexicon, scale=scale)
    reading = read_the_rest(text, figures.case, lexicon, ruled, scale=scale) if learned else ruled
    ours = [one for one in reading.stated if _carries(one)]
    concluded = [one for one in ours if one.kind == "conclusion"]
    if (
        learned
    ):  # of 18 editorials by others the second reader had a right recommendation of 12, the rules of 5
        concluded = [one for one in concluded if one.recognised is not None or one.confirmed] or concluded
    other = next((one.option for one in reversed(concluded) if one.option != figures.reference), None)
    if argued is not None and argued.option != figures.reference:
        other = argued.option
    findings, premises = [], []
    for stated in reading.stated:
        finding, held = judge(stated, figures, other)
        findings.append(finding)
        if held is not None and _carries(stated):
            premises.append(Premise(finding, stated, held))
    weighed = [
        finding
        for finding, stated in zip(findings, reading.stated, strict=True)
        if _carries(stated) and finding.verdict != "sense unclear"
    ]
    conclusion = conclude(
        concluded, ours, weighed, premises, figures, named=argued, perspective=perspective, rerun=rerun
    )
    notes: tuple[str, ...] = ()
    if language_model is not None and language_model.mode != "off":
        # From here on, so that nothing above can have read an answer: the conclusion stands as it is.
        proposed = read_by_model(text, figures.case, lexicon, language_model, scale=scale)
        shown = _with_what_carries(together(reading, proposed, ruled.unread), reading, conclusion)
        known = {id(stated): finding for stated, finding in zip(reading.stated, findings, strict=True)}
        findings = [
            known[id(stated)] if id(stated) in known else _judged_again(stated, figures, other)
            for stated in shown.stated
        ]
        notes = _notes(reading, proposed)
        reading = shown
    findings = _told_once(findings)
    warnings = [*foreign_notes(text, figures.case, lexicon)]
    if not findings:
        warnings.append("No assertion of the text fits a topic of the lexicon.")
    if conclusion is None and argued is not None:
        warnings.append(
            f"The run has no outcome on which {argued.option} could be held against another option."
        )
    elif conclusion is None:
        warnings.append("No sentence was read that surely recommends or rejects an option of the case.")
    return Audit(
        run=figures.run,
        case=figures.case.id,
        text=text,
        assertions=tuple(findings),
        conclusion=conclusion,
        unread=reading.unread,
        warnings=(*warnings, *notes),
    )


def _with_what_carries(shown: Reading, reading: Reading, conclusion: Conclusion | None) -> Reading:
    """A reading with what the conclusion and its premises rest on, where the language model's took its place."""
    if conclusion is None:
        return shown
    places = {(conclusion.start, conclusion.quote), *((None, one.quote) for one in conclusion.premises)}
    missing = [
        one
        for one in reading.stated
        if one not in shown.stated
        and one.reader == "learned"
        and _carries(one)
        and ((one.start, one.quote) in places or (None, one.quote) in places)
    ]
    stated = tuple(sorted((*shown.stated, *missing), key=lambda one: (one.start, one.end)))
    return replace(shown, stated=stated)


def _carries(stated: Stated) -> bool:
    """Whether premises and conclusion may rest on what a text states: its side is told, and the second reader, where
    it alone has read it, is sure of the topic.
    """
    if stated.disputed or not stated.is_sided:
        return False
    return stated.recognised is None or stated.recognised.confidence >= CARRYING_BAR


def _told_once(findings: list[Finding]) -> list[Finding]:
    """The findings, each without amounts that another finding of the same words tests."""
    tested = {(one.start, one.end) for finding in findings for one in finding.amounts if one.tested}
    return [
        replace(
            finding,
            amounts=tuple(one for one in finding.amounts if one.tested or (one.start, one.end) not in tested),
        )
        for finding in findings
    ]


def _judged_again(stated: Stated, figures: Figures, argued: str | None) -> Finding:
    """The finding for what the language model reads, or for what it disputes."""
    finding, _ = judge(stated, figures, argued)
    if stated.reader == "rules":
        return replace(finding, because="the language model reads the other side in it")
    return finding


def _notes(reading: Reading, proposed: ModelReading) -> tuple[str, ...]:
    """What a reader of the audit has to know of the language model's answers."""
    notes = [
        f"The language model reads the opposite recommendation in “{one.quote}”"
        for one in contested_conclusions(reading, proposed)
    ]
    if proposed.dropped:
        some = "; ".join(proposed.dropped[:_SHOWN])
        more = f"; {len(proposed.dropped) - _SHOWN} more" if len(proposed.dropped) > _SHOWN else ""
        notes.append(f"Of the language model's answer was dropped: {some}{more}.")
    return tuple(notes)
