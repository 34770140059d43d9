"""What the reports have to do with a number: each proposition, the number with and without it, and the sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from excomm.analysis.explain import ClaimSource
from excomm.analysis.samples import Z90
from excomm.analysis.study import Study
from excomm.engine.wording import RowWording

__all__ = ["ground_lines", "grounds"]

_FEWEST = 8  # draws on either side of a proposition below which nothing is said; judgement


def grounds(study: Study, outcome: str, option: str) -> list[dict[str, Any]]:
    """Every proposition of the case with the mean of an outcome where it holds and where it does not.

    Returns, for each: id, text, probability; holds, fails: means over the draws of either kind, in the unit of the
    outcome; difference (holds less fails) with error, half the width of its 90 % interval; beyond_chance: whether the
    difference exceeds two standard errors, which chance alone does for one in twenty; claims: report, source,
    quote and side (`speaks_for`) of each that counts. Means and what follows are None where either kind has fewer than
    eight draws.
    """
    values = study.outcome(outcome)[study.place(option)]
    found = []
    for proposed in study.propositions:
        holds, fails = values[proposed.truth], values[~proposed.truth]
        told = min(len(holds), len(fails)) >= _FEWEST
        gap = float(holds.mean() - fails.mean()) if told else None
        error = (
            float(np.sqrt(holds.var(ddof=1) / len(holds) + fails.var(ddof=1) / len(fails))) if told else None
        )
        found.append(
            {
                "id": proposed.id,
                "text": proposed.text,
                "probability": proposed.probability,
                "holds": float(holds.mean()) if told else None,
                "fails": float(fails.mean()) if told else None,
                "difference": gap,
                "error": None if error is None else Z90 * error,
                "beyond_chance": gap is not None and error is not None and abs(gap) > 2 * error,
                "claims": [
                    {
                        "report": claim.report,
                        "source": claim.source,
                        "quote": claim.quote,
                        "speaks_for": claim.speaks_for,
                    }
                    for claim in study.claims.get(proposed.id, ())
                ],
            }
        )
    return found


def ground_lines(found: Sequence[dict[str, Any]], wording: RowWording) -> list[str]:
    """What `grounds` found, line by line, what is beyond chance first. wording: of the outcome's numbers."""
    lines = ["What the reports have to do with it:"] if found else []
    for each in sorted(found, key=lambda one: not one["beyond_chance"]):
        if each["difference"] is None:
            told = "too few draws of one kind to tell what it would change here"
        elif each["difference"] == 0:
            told = "changes nothing here"
        else:
            unit = f" {wording.unit}" if wording.unit else ""
            holds, fails = wording.number(each["holds"]), wording.number(each["fails"])
            told = f"{holds}{unit} on average where it holds, {fails}{unit} where it does not"
            told += "" if each["beyond_chance"] else ", no more than chance explains"
        lines.append(f"  {each['text']} ({each['probability']:.0%}): {told}.")
        claims = [ClaimSource(**claim) for claim in each["claims"]]
        lines += [f"     {claim.line}" for claim in claims] or ["     No report bears on it."]
    return lines
