"""Runs on disk: brief, outcomes, weekly series, parameters, and a manifest; each run appears at once or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from excomm.engine.run import Run
from excomm.pipeline.changes import evidence_shape
from excomm.pipeline.shapes import assess_shape
from excomm.pipeline.walk_back import origins_shape
from excomm.quantities import OUTCOMES
from excomm.storage import new_folder, write_parquet

__all__ = ["FILES", "list_runs", "write_run"]

FILES = {
    "brief": "brief.html",
    "outcomes": "outcomes.parquet",
    "weekly": "weekly.parquet",
    "parameters": "parameters.parquet",
    "manifest": "manifest.json",
    "assessment": "assessment.json",
    "evidence": "evidence.json",
    "origins": "origins.json",
}


def _outcome_columns(run: Run) -> dict[str, Any]:
    """One row per option and draw."""
    draws = run.outcomes["draw"].values
    columns: dict[str, Any] = {
        "option": [name for name in run.options for _ in draws],
        "draw": np.tile(draws.astype(np.int32), len(run.options)),
    }
    for name in OUTCOMES:
        columns[name] = run.outcomes[name].values.reshape(-1)
        columns[f"{name}__random_var"] = run.outcomes[f"{name}__random"].values.reshape(-1)
    return columns


def _parameter_columns(run: Run) -> dict[str, Any]:
    draws = run.parameters["draw"].values
    columns: dict[str, Any] = {
        "option": [name for name in run.options for _ in draws],
        "draw": np.tile(draws.astype(np.int32), len(run.options)),
    }
    for name, values in run.parameters.data_vars.items():
        columns[str(name)] = values.values.reshape(-1)
    return columns


def _weekly_columns(run: Run) -> dict[str, Any]:
    """One row per option, week and quantile."""
    weekly = run.weekly
    options, weeks, quantiles = (weekly[name].values for name in ("option", "week", "quantile"))
    columns: dict[str, Any] = {
        "option": [str(o) for o in options for _ in weeks for _ in quantiles],
        "week": np.tile(np.repeat(weeks.astype(np.int32), len(quantiles)), len(options)),
        "quantile": np.tile(quantiles, len(options) * len(weeks)),
    }
    for name, values in weekly.data_vars.items():
        columns[str(name)] = values.values.reshape(-1)
    return columns


def write_run(
    run: Run,
    *,
    settings: Mapping[str, Any],
    out: Path,
    with_brief: bool,
    began: float,
    progress: Callable[[str, int, int], None] | None = None,
) -> Run:
    """Store a run under `out`/<id>; returns it with its files and its full time."""
    from excomm.pipeline.assess import versions

    target = out / run.id
    names = {kind: name for kind, name in FILES.items() if with_brief or kind != "brief"}
    stored = replace(run, files={kind: target / name for kind, name in names.items()})
    with new_folder(target) as folder:
        if with_brief:
            if progress:
                progress("brief", 0, 1)
            from excomm.brief import write_brief

            write_brief(stored, folder / FILES["brief"])
            if progress:
                progress("brief", 1, 1)
        write_parquet(folder / FILES["outcomes"], _outcome_columns(run))
        write_parquet(folder / FILES["weekly"], _weekly_columns(run))
        write_parquet(folder / FILES["parameters"], _parameter_columns(run))
        stored = replace(stored, timing={**run.timing, "total_s": perf_counter() - began})
        manifest = {
            "run": run.id,
            "case": run.case.id,
            "title": run.case.title,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "settings": dict(settings),
            "inputs": dict(run.case.files_hashes),
            "versions": versions(),
            "game": asdict(replace(run.game, readings=())),
            "timing": dict(stored.timing),
            "warnings": list(run.warnings),
        }
        (folder / FILES["manifest"]).write_text(_json(manifest), encoding="utf-8")
        (folder / FILES["origins"]).write_text(_json(origins_shape(run)), encoding="utf-8")
        (folder / FILES["evidence"]).write_text(_json(evidence_shape(run)), encoding="utf-8")
        (folder / FILES["assessment"]).write_text(_json(assess_shape(stored)), encoding="utf-8")
    return stored


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, default=str, allow_nan=False)


def list_runs(out: Path) -> list[dict[str, Any]]:
    """Stored runs under a folder, newest first, in the shape of `excomm runs --json`."""
    found = []
    for path in sorted(out.glob(f"*/{FILES['manifest']}")):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found.append(
                {
                    "run": manifest["run"],
                    "case": manifest["case"],
                    "created": manifest["created"],
                    "seed": manifest["settings"]["seed"],
                    "options": list(manifest["settings"]["options"]),
                    "path": str(path.parent),
                }
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a folder that merely looks like a run
    return sorted(found, key=lambda entry: entry["created"], reverse=True)
