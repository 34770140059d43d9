"""The risk of catastrophe by itself, held against a line that the reader draws and never averaged into a value."""

from __future__ import annotations

from excomm.analysis.answers.answer import Answer, answered
from excomm.analysis.perspectives import acceptable_risk
from excomm.analysis.study import Study
from excomm.errors import UsageError
from excomm.quantities import OUTCOMES

__all__ = ["risk"]


def risk(study: Study, *, outcome: str = "nuclear_use_probability", line: float = 0.01) -> Answer:
    """Each option's probability of a rare event beside a maximum acceptable risk in (0, 1)."""
    values = study.outcome(outcome)
    if OUTCOMES[outcome].kind != "probability":
        likely = [name for name, each in OUTCOMES.items() if each.kind == "probability" and each.rare]
        raise UsageError(
            f"{outcome} is no probability",
            path="--outcome",
            expected=", ".join(likely),
            next_step="Name one.",
        )
    if not 0 < line < 1:
        raise UsageError(
            f"a risk line of {line}",
            path="--line",
            expected="a probability between 0 and 1",
            next_step="Try 0.001 for 1 in 1,000.",
        )
    held = acceptable_risk(values.clip(0, 1), study.labels, line=line, event=OUTCOMES[outcome].name)
    return answered(
        study,
        "risk",
        f"Is the risk of {OUTCOMES[outcome].phrase} above the line?",
        {"risk": held},
        [held.sentence],
        ["The spread over draws is what is not known about the hazards; all of it holds within the model."],
        subject=outcome,
    )
