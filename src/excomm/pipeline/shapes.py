"""The JSON shape of an assessment: what `excomm assess --json` prints and every stored run holds."""

from __future__ import annotations

import math
from typing import Any

from excomm.engine.run import Plausibility, Run
from excomm.quantities import OUTCOMES

__all__ = ["assess_shape", "plausibility_shape"]

# Outcomes of which less is better whoever looks: the dead, and what nobody wants.
_LESS_IS_BETTER_FOR_ALL = {
    "killed_host", "wounded_host", "killed_adversary", "wounded_adversary", "killed_alliance", "wounded_alliance",
    "deaths_per_1000_deployed", "deaths_civilian_host", "deaths_civilian_adversary", "displaced_host",
    "nuclear_use_probability", "nuclear_deliberate_probability", "nuclear_inadvertent_probability",
    "nuclear_noise_probability", "general_exchange_probability", "neighbour_probability",
}  # fmt: skip


def _number(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _sense(run: Run, outcome: str) -> int:
    """Whether more is better (1), worse (-1) or neither (0) in the run's perspective."""
    for view in run.case.perspectives:
        if view.actor == run.perspective and outcome in view.weights:
            weight = view.weights[outcome]
            return (weight > 0) - (weight < 0)
    return -1 if outcome in _LESS_IS_BETTER_FOR_ALL else 0


def _versus(run: Run, option: str) -> list[dict[str, Any]]:
    rows = []
    for name in OUTCOMES:
        change = run.differences.sel(outcome=name, option=option)
        higher, sense = float(change["prob_higher"]), _sense(run, name)
        better = None if sense == 0 else higher if sense > 0 else 1.0 - higher
        rows.append(
            {
                "outcome": name,
                **{key: _number(change[key]) for key in ("mean", "p05", "p95")},
                "prob_better": better,
            }
        )
    return rows


def plausibility_shape(bands: tuple[Plausibility, ...]) -> list[dict[str, Any]]:
    """Bands in the shape of the contract, with the model's own interval beside."""
    return [
        {
            "id": band.id, "value": band.value, "low": band.low, "high": band.high, "ok": band.ok,
            "source": band.source, "text": band.text, "unit": band.unit, "p05": band.p05, "p95": band.p95,
        }
        for band in bands
    ]  # fmt: skip


def assess_shape(run: Run) -> dict[str, Any]:
    """A run as JSON."""
    fields = ("mean", "median", "p05", "p95", "mcse", "epistemic_var", "random_var")
    options = []
    for name in run.options:
        outcomes = []
        for outcome in OUTCOMES.values():
            cell = run.summary.sel(outcome=outcome.id, option=name)
            outcomes.append(
                {"id": outcome.id, "unit": outcome.unit, "grade": str(cell["grade"].item())}
                | {field: _number(cell[field]) for field in fields}
            )
        versus = [] if run.case.option(name).is_reference else _versus(run, name)
        options.append(
            {
                "id": name,
                "name": run.case.option(name).name,
                "place": [each.id for each in run.case.options].index(name),
                "outcomes": outcomes,
                "vs_reference": versus,
            }
        )
    propositions = [
        {
            "id": item.proposition, "text": run.case.proposition(item.proposition).text, "status": item.status,
            "admiralty": item.admiralty, "prior": _number(item.prior), "posterior": _number(item.posterior),
            "p05": _number(item.p05), "p95": _number(item.p95), "claims": list(item.claims),
            "parameter": run.case.proposition(item.proposition).parameter,
        }
        for item in run.propositions
    ]  # fmt: skip
    names = {each.id: each.name for each in run.case.actors}
    return {
        "run": run.id,
        "case": run.case.id,
        "as_of": run.case.as_of.isoformat(),
        "seed": run.seed,
        "draws": run.draws,
        "replicates": run.replicates,
        "perspective": run.perspective,
        "perspectives": [
            {
                "actor": each.actor,
                "name": names.get(each.actor, each.actor),
                "source": each.source,
                "weights": dict(each.weights),
            }
            for each in run.case.perspectives
        ],
        "options": options,
        "propositions": propositions,
        "plausibility": plausibility_shape(run.plausibility),
        "game": {
            "solved": run.game.solved,
            "failed": run.game.failed,
            "turned": run.game.turned,
            "max_residual": _number(run.game.max_residual),
        },
        "timing": {key: float(value) for key, value in run.timing.items()},
        "files": {kind: str(path) for kind, path in run.files.items()},
        "warnings": list(run.warnings),
    }
