"""The step of the world: a week, or an equal part of one.

Inside the world the unit of time is the step: parameters that are stated by the week hold for a step of a week, and
weeks are numbered by steps. What the code itself states in weeks (spans, memories, caps) goes through the clock, so
that the world can also run in shorter steps. ExComm always runs it in weeks; shorter steps serve to measure what the
step costs in accuracy, with parameters converted to match.
Limits: chance is by the week (spreads, memories of waves); in shorter steps only the mean path has a meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from jax import Array

__all__ = ["WEEKLY", "WEEKS_PER_YEAR", "Clock"]

WEEKS_PER_YEAR = 52.18

Time = TypeVar("Time", float, Array)


@dataclass(frozen=True)
class Clock:
    """How long a step is; per_week: steps in a week, at least 1."""

    per_week: int = 1

    def steps(self, weeks: float) -> float:
        """A span of weeks in steps."""
        return weeks * self.per_week

    def weeks(self, steps: Time) -> Time:
        """A number of steps in weeks; also what a step brings of something that is stated for a week."""
        return steps / self.per_week

    def memory(self, weekly: float) -> float:
        """Weight of the past after a step, by that after a week."""
        return float(weekly ** (1.0 / self.per_week))


WEEKLY = Clock()
