"""What the reports have to do with a number: each proposition, the number with and without it, and the sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from excomm.analysis.study import Study

__all__ = ["grounds"]

_FEWEST = 8  # draws on either side of a proposition below which nothing is said; judgement


def grounds(study: Study, outcome: str, option: str) -> list[dict[str, Any]]:
    """Every proposition of the case with the mean of an outcome where it holds and where it does not.

    Returns, for each: id, text, probability; holds, fails: means over the draws of either kind, in the unit of the
    outcome; difference (holds less fails) with error, half the width of its 90 % interval; beyond_chance: whether the
    difference exceeds two standard errors, which chance alone does for one in twenty; claims: report, source and
    quote of each that counts. Means and what follows are None where either kind has fewer than eight draws.
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
                "error": None if error is None else 1.645 * error,
                "beyond_chance": gap is not None and error is not None and abs(gap) > 2 * error,
                "claims": [
                    {"report": claim.report, "source": claim.source, "quote": claim.quote}
                    for claim in study.claims.get(proposed.id, ())
                ],
            }
        )
    return found
