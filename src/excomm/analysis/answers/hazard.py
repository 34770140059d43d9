"""The risk of catastrophe by itself, held against a line that the reader draws and never averaged into a value."""

from __future__ import annotations

from excomm.analysis.answers.answer import Answer, answered
from excomm.analysis.perspectives import acceptable_risk
from excomm.analysis.study import Study
from excomm.errors import UsageError
from excomm.quantities import OUTCOMES

__all__ = ["risk"]


def risk(study: Study, *, outcome: str = "nuclear_use_probability", line: float = 0.01) -> Answer:
    """Each option's probability of an event beside a line in (0, 1): for a risk, the highest that is acceptable.

    Events that nobody fears as such (a ceasefire, a victory) are held against a line too, but not called a risk.
    """
    values, event = study.outcome(outcome), OUTCOMES[outcome]
    if event.kind != "probability":
        risks = [name for name, each in OUTCOMES.items() if each.is_risk]
        raise UsageError(
            f"{outcome} is no probability",
            path="--outcome",
            expected=f"a risk ({', '.join(risks)}) or another probability, such as ceasefire_probability",
            next_step="Name one.",
        )
    if not 0 < line < 1:
        raise UsageError(
            f"a risk line of {line}",
            path="--line",
            expected="a probability between 0 and 1",
            next_step="Try 0.001 for 1 in 1,000.",
        )
    measure = "risk" if event.is_risk else "probability"
    held = acceptable_risk(
        values.clip(0, 1), study.labels, line=line, event=event.name, measure=measure, rare=event.rare
    )
    return answered(
        study,
        "risk",
        f"Is the risk of {event.phrase} above the line?"
        if event.is_risk
        else f"Is the probability of “{event.name}” above the line?",
        {"risk": held},
        [held.sentence],
        ["The spread over draws is what is not known about the hazards; all of it holds within the model."],
        subject=outcome,
    )
