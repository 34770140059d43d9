"""A stored run read back as a study, so that any single analysis can be asked of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from excomm.analysis.explain import ClaimSource, speaks_for
from excomm.analysis.study import Proposed, Stated, Study, View, truths_of
from excomm.errors import UsageError
from excomm.quantities import OUTCOMES
from excomm.storage import read_parquet

__all__ = ["find_run", "read_study"]


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


def _broken(path: Path) -> UsageError:
    return UsageError(
        f"{path} cannot be read",
        path="RUN",
        expected="a complete run stored by this version",
        next_step="Run `excomm assess` again.",
    )


def _json_file(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _broken(path) from error
    return content


def _table(path: Path, options: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Columns of a table with one row an option and draw, as (options, draws)."""
    try:
        columns = read_parquet(path)
        named = np.asarray([str(name) for name in columns.pop("option")])
        columns.pop("draw")
    except Exception as error:
        raise _broken(path) from error
    rows = [np.flatnonzero(named == option) for option in options]
    return {
        name: np.stack([np.asarray(values, dtype=np.float64)[at] for at in rows])
        for name, values in columns.items()
    }


def _claims(evidence: Mapping[str, Any]) -> dict[str, tuple[ClaimSource, ...]]:
    found: dict[str, list[ClaimSource]] = {}
    for claim in evidence["claims"]:
        source = ClaimSource(
            report=claim["title"] or claim["report"],
            quote=claim["quote"],
            source=claim["source"] or "",
            proposition=claim["proposition"],
            speaks_for=speaks_for(claim["polarity"], claim["rival"]),
        )
        found.setdefault(claim["proposition"], []).append(source)
    return {name: tuple(sources) for name, sources in found.items()}


def read_study(folder: Path) -> Study:
    """The study of a run in a folder; the same as that of the run in memory.

    Raises UsageError where a file is missing, broken, or was stored by a version that kept less.
    """
    assessment = _json_file(folder / "assessment.json")
    evidence = _json_file(folder / "evidence.json")
    origins = _json_file(folder / "origins.json")
    try:
        options = tuple(str(item["id"]) for item in assessment["options"])
        reference = next(item["id"] for item in assessment["options"] if not item["vs_reference"])
        outcomes = _table(folder / "outcomes.parquet", options)
        parameters = _table(folder / "parameters.parquet", options)
        replicates, draws = int(assessment["replicates"]), int(assessment["draws"])
        stated = {
            name: {
                option: Stated(
                    id=name,
                    **{
                        key: entry[key]
                        for key in ("meaning", "prior", "unit", "source", "grade", "proposition")
                    },
                )
                for option, entry in entries.items()
            }
            for name, entries in origins.items()
        }
        known = [name for name in OUTCOMES if name in outcomes]
        propositions = assessment["propositions"]
        truths = truths_of(
            [item["id"] for item in propositions],
            [float(item["posterior"]) for item in propositions],
            draws=draws,
            seed=int(assessment["seed"]),
            left_out=_json_file(folder / "manifest.json")["game"]["failed_draws"],
        )
        return Study(
            run=assessment["run"],
            seed=int(assessment["seed"]),
            replicates=replicates,
            options=options,
            names={item["id"]: item["name"] for item in assessment["options"]},
            places={item["id"]: item["place"] for item in assessment["options"]},
            reference=reference,
            outcomes={name: outcomes[name] for name in known},
            noise={name: outcomes[f"{name}__random_var"] / replicates for name in known},
            parameters={name: values for name, values in parameters.items() if name in stated},
            stated=stated,
            views=tuple(
                View(each["actor"], each["name"], each["source"], dict(each["weights"]))
                for each in assessment["perspectives"]
            ),
            perspective=assessment["perspective"],
            propositions=tuple(
                Proposed(item["id"], item["text"], item["parameter"], float(item["posterior"]), truth)
                for item, truth in zip(propositions, truths, strict=True)
            ),
            claims=_claims(evidence),
            cells={
                (cell["id"], item["id"]): (
                    float(cell["mean"]),
                    float(cell["p05"]),
                    float(cell["p95"]),
                    float(cell["mcse"]),
                )
                for item in assessment["options"]
                for cell in item["outcomes"]
                if None not in (cell["mean"], cell["p05"], cell["p95"], cell["mcse"])
            },
        )
    except (KeyError, TypeError, StopIteration) as error:
        raise _broken(folder) from error
