"""What the ledger and the record of warnings say of a statement: no quantity of the draws."""

from __future__ import annotations

from typing import Any

from excomm.audit.figures import Figures
from excomm.audit.held import Held
from excomm.audit.reading import Stated
from excomm.evidence.lexicon import fold

__all__ = ["hold_proposition", "hold_record"]


def hold_proposition(stated: Stated, figures: Figures) -> Held | str:
    """Whether a plan of one's own side is confirmed: the status of its proposition; or why nothing can be said."""
    case = figures.case
    ours = {actor.id for role in ("alliance", "ally") for actor in case.in_role(role)}
    fitting = [one for one in case.propositions if one.actor in ours and "deploy" in one.event]
    believed = {one.id: one for one in figures.believed}
    fitting = [one for one in fitting if one.id in believed]
    if not fitting:
        return "the case has no proposition about such a plan"
    words = fold(stated.quote)
    named = [one for one in fitting if any(fold(key) in words for key in one.keywords)]
    chosen = (named or sorted(fitting, key=lambda one: one.parameter is None))[0]
    held = believed[chosen.id]
    confirmed = held.status == "confirmed"
    # What is claimed is the standing of a report, which the ledger settles; the probability is that of the matter.
    probability = held.posterior if stated.side == "higher" else 1.0 - held.posterior
    low, high = sorted((held.p05, held.p95) if stated.side == "higher" else (1.0 - held.p05, 1.0 - held.p95))
    return Held(
        chosen.id, None, None, probability, low, high, True, None, None, "probability",
        f"the report “{chosen.text}” is {'' if stated.side == 'higher' else 'not '}confirmed: its status is "
        f"{held.status}; the probability is that the matter is {'' if stated.side == 'higher' else 'not '}so",
        chosen.source, None, settled=confirmed == (stated.side == "higher"),
    )  # fmt: skip


def hold_record(stated: Stated, figures: Figures) -> Held | str:
    """Whether crossed lines were followed by what was threatened: the record's share; or why nothing can be said."""
    case = figures.case
    if case.record_path is None:
        return "the case has no record of past warnings"
    from excomm.beliefs.record import posterior, read_record

    record = read_record(case.record_path).as_known(case.as_of)
    adversary = case.in_role("adversary")[0].id
    issue = None
    if "arms" in stated.spans:
        issue = "aid"
    coding: Any = figures.settings.get("coding", "narrow")
    rate = posterior(record, issue, coding, actor=adversary)
    if rate.informative == 0:
        return "the record has no crossed line of this kind"
    low, high = rate.interval()
    probability, p05, p95 = rate.mean, low, high
    if stated.side == "lower":
        probability, p05, p95 = 1.0 - rate.mean, 1.0 - high, 1.0 - low
    about = f" over {issue}" if issue else ""
    return Held(
        "record", None, None, probability, p05, p95, True, None, None, "share",
        f"a crossed line{about} was {'not ' if stated.side == 'lower' else ''}followed by what was threatened "
        f"({rate.executed} of {rate.informative} were, {coding} coding)",
        "record.csv of the case", None,
    )  # fmt: skip
