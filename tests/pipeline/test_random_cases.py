"""Random valid cases run through `assess` without failure or nonsense."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from random_cases import write_case

import excomm
from excomm.engine.run import Run
from excomm.quantities import OUTCOMES

# Outcomes that can have either sign.
SIGNED = {"area_change", "credibility_elsewhere"}
TOLERANCE = 1e-4


def nonsense(run: Run) -> list[str]:
    """What no world can give: numbers that are not finite, probabilities beyond 1, parts larger than their whole."""
    found = []
    values = {name: np.asarray(run.outcomes[name].values, dtype=float) for name in OUTCOMES}
    for name, table in values.items():
        outcome = OUTCOMES[name]
        if not np.isfinite(table).all():
            found.append(f"{name} is not finite")
            continue
        if outcome.kind in ("probability", "share") and (
            table.min() < -TOLERANCE or table.max() > 1 + TOLERANCE
        ):
            found.append(f"{name} runs from {table.min():.4g} to {table.max():.4g}")
        if name not in SIGNED and table.min() < -TOLERANCE:
            found.append(f"{name} is negative: {table.min():.4g}")
    parts = sum(values[f"nuclear_{part}_probability"] for part in ("deliberate", "inadvertent", "noise"))
    if np.abs(np.minimum(parts, 1.0) - values["nuclear_use_probability"]).max() > 1e-3:
        found.append("the parts of nuclear use do not add up")
    for part, whole in (
        ("general_exchange_probability", "nuclear_use_probability"),
        ("troops_realised", "troops_requested"),
    ):
        excess = values[part] - values[whole]
        if excess.max() > 1e-3 * max(1.0, float(np.abs(values[whole]).max())):
            found.append(f"{part} exceeds {whole} by {excess.max():.4g}")
    if (values["deterred"] + values["provoked"]).max() > 1 + TOLERANCE:
        found.append("deterred and provoked add up to more than 1")
    reference = run.options.index(run.case.reference.id)
    for name in ("deterred", "provoked"):
        if values[name][reference].max() > 0:
            found.append(f"{name} under the reference itself")
    if values["ceasefire_weeks"].max() > run.case.horizon_weeks + TOLERANCE:
        found.append("a ceasefire after the horizon")
    if (
        values["ceasefire_holds_52"].max() - values["ceasefire_holds_26"].min() > 1
        or (values["ceasefire_holds_52"] - values["ceasefire_holds_26"]).max() > TOLERANCE
    ):
        found.append("a ceasefire holds longer more surely than shorter")
    # An alliance without a table of members counts as one.
    if values["coalition_members"].max() > max(len(run.case.members), 1) + TOLERANCE:
        found.append("more members take part than there are")
    found += [problem for side in ("host", "adversary") for problem in _men(run, values, side)]
    for name, variable in run.summary.data_vars.items():
        if name != "grade" and not np.isfinite(np.asarray(variable.values, dtype=float)).all():
            found.append(f"summary of {name} is not finite")
    for name, series in run.weekly.data_vars.items():
        if not np.isfinite(series.values).all():
            found.append(f"the series {name} is not finite")
    return found


def _men(run: Run, values: dict[str, np.ndarray], side: str) -> list[str]:  # type: ignore[type-arg]
    """Conservation: nobody dies who was neither there nor recruited nor sent."""
    get = run.parameters
    there = get[f"ground.{side}.strength"].values + get[f"ground.{side}.pool"].values
    if side == "adversary":
        there = there + get["patron.troops_present"].values + get["patron.troops_surge"].values
    excess = values[f"killed_{side}"] - there
    return [f"more {side} soldiers die than there are: {excess.max():.4g}"] if excess.max() > 1 else []


def check(folder: Path, seed: int, **shape: int) -> None:
    case = excomm.load(write_case(folder / f"case-{seed}", seed, **shape))
    run = excomm.assess(case, draws=16, replicates=4, seed=seed, store=False, brief=False)
    found = nonsense(run)
    assert not found, f"random case {seed} {shape}: {found}"


@pytest.mark.parametrize("seed", range(1))
def test_a_random_case_runs_and_makes_sense(tmp_path: Path, seed: int) -> None:
    check(tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 200))
def test_many_random_cases_run_and_make_sense(tmp_path: Path, seed: int) -> None:
    shapes = ((4, 4, 5), (2, 3, 3), (6, 5, 5), (3, 2, 6))
    options, alliance, adversary = shapes[seed % len(shapes)]
    check(tmp_path, seed, options=options, alliance=alliance, adversary=adversary)
