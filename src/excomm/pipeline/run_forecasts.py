"""Forecasts of a stored run that events will prove right or wrong: those that its brief lists, for the ledger."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from excomm.brief.outlook import EVENTS
from excomm.brief.words import day
from excomm.errors import UsageError
from excomm.storage import read_parquet

__all__ = ["run_forecasts"]

_AMOUNTS = (
    "amounts (area, losses, launches) are not taken over: ask them with `excomm forecast add --unit` and a rule that "
    "names the count which settles them"
)


def run_forecasts(folder: Path) -> dict[str, Any]:
    """Events by the horizon under the reference option, in the shape of a file of forecasts.

    `{"case", "as_of", "forecasts": [{"id", "text", "rule", "closes", "probability"}], "left_out": [text]}`. Amounts are
    left out: the count that settles one has to be named by whoever asks. Raises UsageError for a broken run.
    """
    try:
        assessment = json.loads((folder / "assessment.json").read_text(encoding="utf-8"))
        case, as_of = str(assessment["case"]), date.fromisoformat(assessment["as_of"])
        reference = next(option for option in assessment["options"] if not option["vs_reference"])
        weeks = int(max(read_parquet(folder / "weekly.parquet")["week"]))
        means = {each["id"]: each["mean"] for each in reference["outcomes"]}
        condition = f"Void if an option other than {reference['name']} is adopted before."
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise UsageError(
            f"{folder} cannot be read",
            path="RUN",
            expected="a complete run stored by this version",
            next_step="Run `excomm assess` again.",
        ) from error
    end = as_of + timedelta(weeks=weeks)
    forecasts = [
        {
            "id": f"{case}/{outcome.removesuffix('_probability')}/{end}",
            "text": f"{statement} by {day(end)}",
            "rule": f"{rule} {condition}",
            "closes": end.isoformat(),
            "probability": min(max(means[outcome], 0.0), 1.0),
        }
        for outcome, statement, rule in EVENTS
        if means.get(outcome) is not None and math.isfinite(means[outcome])
    ]
    return {"case": case, "as_of": as_of.isoformat(), "forecasts": forecasts, "left_out": [_AMOUNTS]}
