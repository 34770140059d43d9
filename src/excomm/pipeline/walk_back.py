"""Walk back from a number of a stored run: its distribution, its drivers, their sources, the sentence in the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from excomm.analysis.explain import ClaimSource, Explanation, Origin, explain_outcome
from excomm.engine.run import Run
from excomm.errors import UsageError
from excomm.quantities import OUTCOMES
from excomm.storage import read_parquet

__all__ = ["explain_run", "find_run", "origins_shape"]


def origins_shape(run: Run) -> dict[str, Any]:
    """Origin of every parameter under every option, as stored beside a run."""
    shape: dict[str, Any] = {}
    for option in run.options:
        for name, parameter in run.case.parameters(option).items():
            entry = {
                "prior": parameter.text,
                "unit": parameter.unit,
                "source": parameter.source,
                "grade": parameter.grade,
                "proposition": getattr(parameter.prior, "proposition", None),
            }
            if option == run.case.reference.id or entry != shape.get(name, {}).get(run.case.reference.id):
                shape.setdefault(name, {})[option] = entry
    return shape


def find_run(name: str, out: Path) -> Path:
    """Folder of a stored run: a path, an id, or the beginning of an id (the newest that fits)."""
    if (Path(name) / "manifest.json").is_file():
        return Path(name)
    fitting = sorted(out.glob(f"{name}*/manifest.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    if fitting:
        return fitting[0].parent
    raise UsageError(
        f"there is no stored run {name!r} under {out}",
        path="RUN",
        expected="the folder or the id of a stored run",
        next_step="List the stored runs with `excomm runs`.",
    )


def _json_file(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} cannot be read",
            path="RUN",
            expected="a complete stored run",
            next_step="Run `excomm assess` again.",
        ) from error
    return content


def explain_run(folder: Path, outcome: str, option: str | None = None) -> Explanation:
    """Unfold an outcome of a stored run under an option, the reference where none is named.

    Raises UsageError for an outcome or option that the run does not have.
    """
    if outcome not in OUTCOMES:
        raise UsageError(
            f"{outcome!r} is no outcome",
            path="OUTCOME",
            expected=", ".join(OUTCOMES),
            next_step="Name one of these.",
        )
    assessment = _json_file(folder / "assessment.json")
    evidence = _json_file(folder / "evidence.json")
    stated = _json_file(folder / "origins.json")
    options = [item["id"] for item in assessment["options"]]
    reference = next(item["id"] for item in assessment["options"] if not item["vs_reference"])
    chosen = option or reference
    if chosen not in options:
        raise UsageError(
            f"{chosen!r} is no option of this run",
            path="--option",
            expected=", ".join(options),
            next_step="Name one.",
        )
    outcomes = read_parquet(folder / "outcomes.parquet")
    parameters = read_parquet(folder / "parameters.parquet")
    rows = np.asarray([str(name) == chosen for name in outcomes["option"]])
    values = np.asarray(outcomes[outcome], dtype=float)[rows]
    noise = np.asarray(outcomes[f"{outcome}__random_var"], dtype=float)[rows] / assessment["replicates"]
    names, columns = [], []
    for name in parameters:
        if name in ("option", "draw"):
            continue
        column = np.asarray(parameters[name], dtype=float)[rows]
        if np.ptp(column) > 0:
            names.append(name)
            columns.append(column)
    claims: dict[str, list[ClaimSource]] = {}
    for claim in evidence["claims"]:
        source = ClaimSource(
            report=claim["title"] or claim["report"],
            quote=claim["quote"],
            source=claim["source"] or "",
            proposition=claim["proposition"],
        )
        claims.setdefault(claim["proposition"], []).append(source)

    def origin(name: str) -> Origin:
        entry = stated[name].get(chosen) or stated[name][reference]
        return Origin(
            prior=entry["prior"],
            unit=entry["unit"],
            source=entry["source"],
            grade=entry["grade"],
            claims=tuple(claims.get(entry["proposition"], ())),
        )

    return explain_outcome(
        values,
        np.stack(columns, axis=1),
        names,
        {name: origin(name) for name in names},
        outcome=outcome,
        option=chosen,
        unit=OUTCOMES[outcome].unit,
        noise_variance=noise,
    )
