"""The numbers of a run, taken out of its datasets once, for quick look-up while the brief is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from excomm.case.model import Case, Option
from excomm.engine.run import Run

if TYPE_CHECKING:
    from excomm.analysis.study import Study

__all__ = ["Change", "Figure", "Figures"]

Floats = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Figure:
    """One outcome under one option, in the outcome's unit: mean, 90 % interval, Monte Carlo error, grade."""

    mean: float
    median: float
    p05: float
    p95: float
    mcse: float
    grade: str


@dataclass(frozen=True)
class Change:
    """Difference of an option from the reference, draw by draw; prob_higher counts ties by half."""

    mean: float
    p05: float
    p95: float
    prob_higher: float

    @property
    def is_nil(self) -> bool:
        """Whether the option changes nothing in any draw that the interval covers."""
        return self.mean == 0 and self.p05 == 0 and self.p95 == 0


@dataclass(frozen=True)
class Figures:
    """A run's summary, differences, draws and weekly quantiles by name."""

    run: Run

    @cached_property
    def study(self) -> Study:
        """The run as the analyses see it."""
        from excomm.analysis.study import study_of

        return study_of(self.run)

    @property
    def case(self) -> Case:
        """The case of the run."""
        return self.run.case

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """Options of the run, in the order of the case."""
        return tuple(self.case.option(name) for name in self.run.options)

    @cached_property
    def reference(self) -> Option:
        """Option that the others are compared with."""
        return next((option for option in self.options if option.is_reference), self.options[0])

    @property
    def others(self) -> tuple[Option, ...]:
        """Options other than the reference."""
        return tuple(option for option in self.options if option.id != self.reference.id)

    def actor(self, role: str, default: str) -> str:
        """Name of the first actor in a role."""
        actors = self.case.in_role(role)
        return actors[0].name if actors else default

    @cached_property
    def _cells(self) -> Mapping[tuple[str, str], Figure]:
        summary = self.run.summary
        fields = {
            name: np.asarray(summary[name].values)
            for name in ("mean", "median", "p05", "p95", "mcse", "grade")
        }
        return {
            (str(outcome), str(option)): Figure(
                mean=float(fields["mean"][row, column]),
                median=float(fields["median"][row, column]),
                p05=float(fields["p05"][row, column]),
                p95=float(fields["p95"][row, column]),
                mcse=float(fields["mcse"][row, column]),
                grade=str(fields["grade"][row, column]),
            )
            for row, outcome in enumerate(summary["outcome"].values)
            for column, option in enumerate(summary["option"].values)
        }

    @cached_property
    def _changes(self) -> Mapping[tuple[str, str], Change]:
        table = self.run.differences
        fields = [np.asarray(table[name].values) for name in ("mean", "p05", "p95", "prob_higher")]
        return {
            (str(outcome), str(option)): Change(*(float(field[row, column]) for field in fields))
            for row, outcome in enumerate(table["outcome"].values)
            for column, option in enumerate(table["option"].values)
        }

    def has(self, outcome: str) -> bool:
        """Whether the run reports an outcome."""
        return (outcome, self.reference.id) in self._cells

    def cell(self, outcome: str, option: Option) -> Figure:
        """An outcome under an option."""
        return self._cells[outcome, option.id]

    def change(self, outcome: str, option: Option) -> Change:
        """An outcome's difference from the reference."""
        return self._changes[outcome, option.id]

    @cached_property
    def _draws(self) -> Mapping[str, Floats]:
        names = [str(name) for name in self.run.outcomes.data_vars]
        return {name: np.asarray(self.run.outcomes[name].values, dtype=np.float64) for name in names}

    def draws(self, outcome: str) -> Floats:
        """Means over replicates, shape (options, draws)."""
        return self._draws[outcome]

    def noise(self, outcome: str) -> Floats:
        """Variance of the means over replicates, shape (options, draws)."""
        return np.asarray(
            self.run.outcomes[f"{outcome}__random"].values / self.run.replicates, dtype=np.float64
        )

    def weekly(self, series: str) -> Floats:
        """Weekly quantiles, shape (options, weeks, 5): 5, 25, 50, 75 and 95 %."""
        return np.asarray(self.run.weekly[series].values, dtype=np.float64)

    @cached_property
    def parameters(self) -> Mapping[str, Floats]:
        """Draws of the parameters, shape (options, draws)."""
        names = [str(name) for name in self.run.parameters.data_vars]
        return {name: np.asarray(self.run.parameters[name].values, dtype=np.float64) for name in names}
