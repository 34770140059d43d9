"""What the audit takes from a run: draws of outcomes and parameters, grades, origins, what is believed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from excomm.analysis.given_data import FirstOrder, Prepared, first_order, prepare
from excomm.case.model import Case
from excomm.errors import AnalysisError, UsageError
from excomm.quantities import OUTCOMES
from excomm.storage import read_parquet

if TYPE_CHECKING:
    from excomm.engine.run import Run

__all__ = ["Believed", "Figures"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Believed:
    """A proposition of the case after the reports: status, posterior probability, 90 % interval."""

    id: str
    status: str
    posterior: float
    p05: float
    p95: float


@dataclass(frozen=True, eq=False)
class Figures:
    """Draws of a run. outcomes, random, parameters: id -> (options, draws); random is the replicate variance.

    grades: (outcome, option) -> grade; settings: seed, draws, replicates, coding, as_of of the run.
    """

    run: str
    case: Case
    options: tuple[str, ...]
    outcomes: Mapping[str, Floats]
    random: Mapping[str, Floats]
    parameters: Mapping[str, Floats]
    replicates: int
    grades: Mapping[tuple[str, str], str]
    believed: tuple[Believed, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_run(cls, run: Run) -> Figures:
        """Figures of a run in memory."""
        graded = run.summary["grade"]
        return cls(
            run=run.id,
            case=run.case,
            options=run.options,
            outcomes={name: np.asarray(run.outcomes[name].values, dtype=float) for name in OUTCOMES},
            random={
                name: np.asarray(run.outcomes[f"{name}__random"].values, dtype=float) for name in OUTCOMES
            },
            parameters={
                str(name): np.asarray(values.values, dtype=float)
                for name, values in run.parameters.data_vars.items()
            },
            replicates=run.replicates,
            grades={
                (name, option): str(graded.sel(outcome=name, option=option).item())
                for name in OUTCOMES
                for option in run.options
            },
            believed=tuple(
                Believed(each.proposition, each.status, each.posterior, each.p05, each.p95)
                for each in run.propositions
            ),
            settings={"seed": run.seed, "draws": run.draws, "replicates": run.replicates},
        )

    @classmethod
    def from_folder(cls, folder: Path, case: Case) -> Figures:
        """Figures of a stored run. Raises UsageError where it is incomplete or belongs to another case."""
        try:
            shape = json.loads((folder / "assessment.json").read_text(encoding="utf-8"))
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            outcomes = read_parquet(folder / "outcomes.parquet")
            parameters = read_parquet(folder / "parameters.parquet")
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{folder} cannot be read",
                path="--run",
                expected="a complete stored run",
                next_step="Run `excomm assess` again.",
            ) from error
        if shape["case"] != case.id:
            raise UsageError(
                f"the run {shape['run']} is of the case {shape['case']}",
                path="--run",
                expected=f"a run of {case.id}",
                next_step="List the stored runs with `excomm runs`.",
            )
        options = tuple(item["id"] for item in shape["options"])
        draws = int(shape["draws"])

        def table(columns: Mapping[str, Any], name: str) -> Floats:
            return np.asarray(columns[name], dtype=float).reshape(len(options), draws)

        names = [name for name in OUTCOMES if name in outcomes]
        return cls(
            run=shape["run"],
            case=case,
            options=options,
            outcomes={name: table(outcomes, name) for name in names},
            random={name: table(outcomes, f"{name}__random_var") for name in names},
            parameters={
                name: table(parameters, name) for name in parameters if name not in ("option", "draw")
            },
            replicates=int(shape["replicates"]),
            grades={
                (cell["id"], item["id"]): str(cell["grade"])
                for item in shape["options"]
                for cell in item["outcomes"]
            },
            believed=tuple(
                Believed(each["id"], each["status"], each["posterior"], each["p05"], each["p95"])
                for each in shape["propositions"]
            ),
            settings=manifest["settings"],
        )

    @property
    def draws(self) -> int:
        """Number of epistemic draws."""
        return int(next(iter(self.outcomes.values())).shape[1])

    @property
    def reference(self) -> str:
        """Id of the reference option."""
        return self.case.reference.id

    def place(self, option: str) -> int:
        """Place of an option on the first axis; AnalysisError where the run does not have it."""
        if option not in self.options:
            raise AnalysisError(
                f"the run {self.run} has no option {option!r}",
                expected=", ".join(self.options),
                next_step="Audit against a run of all options.",
            )
        return self.options.index(option)

    @cached_property
    def _prepared(self) -> dict[str, Prepared | None]:
        return {}

    def drivers(self, option: str, values: Floats, noise: Floats | None) -> FirstOrder | None:
        """Shares of the variance of `values` (draws,) by parameter; None where the draws are too few to tell."""
        if float(np.ptp(values)) <= 1e-12:
            return None
        if option not in self._prepared:
            at = self.place(option)
            moving = [name for name, table in self.parameters.items() if float(np.ptp(table[at])) > 0]
            columns = np.stack([self.parameters[name][at] for name in moving], axis=1)
            try:
                self._prepared[option] = prepare(columns, moving)
            except AnalysisError:
                self._prepared[option] = None
        ready = self._prepared[option]
        return None if ready is None else first_order(ready, values, ready.ids, noise_variance=noise)
