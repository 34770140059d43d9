"""What the explore page computes with: levers, surrogate, value scales and words, as one JSON object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from excomm.analysis.surrogate import Surrogate, fit_surrogate
from excomm.beliefs.draws import Draws, draw
from excomm.brief.palette import mark_of
from excomm.case.amendments import Setting
from excomm.errors import AnalysisError, UsageError
from excomm.quantities import GROUPS, OUTCOMES
from excomm.web.catalogue import StoredRun

__all__ = ["drawn_again", "exploration", "settings_of", "shown_outcomes", "surrogate_of"]

_DIGITS = 6
_SAME = 1e-6
Places = np.ndarray[Any, np.dtype[np.int64]]


def shown_outcomes(run: StoredRun) -> tuple[str, ...]:
    """Outcomes on the page: the headline ones, and every one that a perspective weighs."""
    weighed = {name for view in run.case.perspectives for name in view.weights}
    return tuple(
        name
        for name, outcome in OUTCOMES.items()
        if name in run.outcomes and (outcome.headline or name in weighed)
    )


def drawn_again(run: StoredRun) -> tuple[Draws, Places]:
    """The draws behind a run, and the places of those that it kept: a draw whose game failed is not among them.

    Raises AnalysisError where the run was not made from these draws.
    """
    drawn = draw(
        run.case, options=run.options, number=int(run.manifest["settings"]["draws"]),
        seed=int(run.assessment["seed"]),
        probabilities={each["id"]: each["posterior"] for each in run.assessment["propositions"]},
    )  # fmt: skip
    number = int(run.assessment["draws"])
    for name in drawn.percentiles:
        if name not in run.parameters:
            continue
        made, kept = drawn.values[name][0], run.parameters[name][0]
        order = np.argsort(made)
        at = order[np.clip(np.searchsorted(made[order], kept * (1 - _SAME)), 0, len(made) - 1)]
        if len(np.unique(at)) == number and np.allclose(made[at], kept, rtol=_SAME, atol=0.0):
            return drawn, at
    raise AnalysisError("the draws of the run cannot be found again", next_step="Run the case again.")


def _settable(run: StoredRun) -> set[str]:
    """Parameters whose draws follow from the priors of the case alone: a known value can take their place."""
    if not run.is_current:
        return set(run.parameters)
    drawn, places = drawn_again(run)
    return {
        name
        for name, values in drawn.values.items()
        if name in run.parameters
        and np.allclose(values[:, places], run.parameters[name], rtol=1e-5, atol=1e-12)
    }


def surrogate_of(run: StoredRun) -> Surrogate:
    """The surrogate of a run."""
    names = shown_outcomes(run)
    return fit_surrogate(
        run.parameters,
        {name: run.outcomes[name] for name in names},
        run.options,
        kinds={name: OUTCOMES[name].kind for name in names},
        ranked_by=[name for name in names if OUTCOMES[name].headline],
        settable=_settable(run),
    )


def settings_of(surrogate: Surrogate, stated: dict[str, float]) -> list[Setting]:
    """Settings of levers by id. Raises UsageError for what is no lever of the run."""
    levers = {lever.id: lever for lever in surrogate.levers}
    for name in stated:
        if name not in levers:
            raise UsageError(f"{name[:80]!r} is no lever of this run", expected=", ".join(levers))
    return [Setting(levers[name].parameter, levers[name].options, value) for name, value in stated.items()]


def _short(values: Any) -> Any:
    """Numbers with six significant digits, so that the page loads quickly."""
    array = np.asarray(values, dtype=float)
    if array.ndim > 1:
        return [_short(row) for row in array]
    return [float(f"{value:.{_DIGITS}g}") for value in array]


def exploration(run: StoredRun, surrogate: Surrogate) -> dict[str, Any]:
    """Everything that the page needs to move its charts by itself; arrays follow `surrogate`'s own."""
    case = run.case
    options = [
        {
            "id": name,
            "name": case.option(name).name,
            "reference": case.option(name).is_reference,
            "symbol": mark_of(case, name).symbol,
            "ink": mark_of(case, name).ink.name,
            "shape": mark_of(case, name).shape,
        }
        for name in run.options
    ]
    outcomes = [
        {
            "id": name,
            "label": OUTCOMES[name].label,
            "unit": OUTCOMES[name].unit,
            "group": GROUPS[OUTCOMES[name].group],
            "kind": OUTCOMES[name].kind,
            "rare": OUTCOMES[name].rare,
            "paired": OUTCOMES[name].paired,
            "headline": OUTCOMES[name].headline,
            "definition": OUTCOMES[name].definition,
        }
        for name in surrogate.outcomes
    ]
    return {
        "run": run.id,
        "case": case.id,
        "draws": run.assessment["draws"],
        "replicates": run.assessment["replicates"],
        "seed": run.assessment["seed"],
        "options": options,
        "outcomes": outcomes,
        "levers": _levers(run, surrogate),
        "perspectives": _perspectives(run, surrogate),
        "designs": _designs(surrogate),
        "cells": [
            [_cell(run, surrogate, outcome, option) for option in surrogate.options]
            for outcome in surrogate.outcomes
        ],
    }


def _levers(run: StoredRun, surrogate: Surrogate) -> list[dict[str, Any]]:
    found = []
    for lever in surrogate.levers:
        stated = run.case.parameter(lever.parameter, lever.options[0])
        middle = float(np.median(run.parameters[lever.parameter][run.options.index(lever.options[0])]))
        found.append(
            {
                "id": lever.id,
                "parameter": lever.parameter,
                "options": list(lever.options),
                "meaning": stated.meaning,
                "unit": stated.unit,
                "prior": stated.text,
                "source": stated.source,
                "grade": stated.grade,
                "low": lever.low,
                "high": lever.high,
                "middle": min(max(middle, lever.low), lever.high),
                "log": lever.is_log,
                "centre": lever.centre,
                "spread": lever.spread,
            }
        )
    return found


def _perspectives(run: StoredRun, surrogate: Surrogate) -> list[dict[str, Any]]:
    """Weights of each perspective, with the ends of the value scale of each criterion (`scale_values`)."""
    names = {actor.id: actor.name for actor in run.case.actors}
    found = []
    for view in run.case.perspectives:
        criteria = []
        for name, weight in view.weights.items():
            if name not in surrogate.outcomes or not weight:
                continue
            sign = 1.0 if weight > 0 else -1.0
            low, high = np.quantile(run.outcomes[name] * sign, [0.05, 0.95])
            criteria.append(
                {
                    "outcome": name,
                    "weight": abs(weight),
                    "sign": sign,
                    "low": float(low),
                    "span": float(high - low) if high > low else 1.0,
                }
            )
        if criteria:
            found.append(
                {
                    "actor": view.actor,
                    "name": names.get(view.actor, view.actor),
                    "source": view.source,
                    "criteria": criteria,
                }
            )
    return sorted(found, key=lambda each: each["actor"] != run.assessment["perspective"])


def _designs(surrogate: Surrogate) -> list[dict[str, Any]]:
    """One design an option; those that are equal to an earlier one only say so."""
    found: list[dict[str, Any]] = []
    earlier: list[Any] = []
    for option in surrogate.options:
        design = surrogate.designs[option]
        same = next(
            (
                place
                for place, other in enumerate(earlier)
                if other is not None
                and np.array_equal(other.scores, design.scores)
                and np.array_equal(other.loadings, design.loadings)
            ),
            None,
        )
        if same is not None:
            found.append({"as": same})
            earlier.append(None)
            continue
        earlier.append(design)
        found.append(
            {
                "scores": _short(design.scores.T),
                "weights": _short(design.weights),
                "loadings": _short(design.loadings),
                "squares": _short(design.squares),
                "limit": design.limit,
            }
        )
    return found


def _cell(run: StoredRun, surrogate: Surrogate, outcome: str, option: str) -> dict[str, Any]:
    fit, cell = surrogate.fits[outcome, option], run.cells[outcome, option]
    return {
        "mean": cell["mean"],
        "p05": cell["p05"],
        "p95": cell["p95"],
        "mcse": cell["mcse"],
        "grade": cell["grade"],
        "amounts": _short(fit.amounts),
        "transform": fit.transform,
        "offset": fit.offset,
        "coefficients": _short(fit.coefficients),
        "strength": fit.strength,
        "noise": fit.noise,
        "error": fit.error,
        "explained": max(fit.explained, 0.0),
    }


def kept_file(data: Path, run: StoredRun) -> Path:
    """Where the JSON of a run's exploration is kept between starts."""
    return data / "explorations" / f"{run.id}.json"
