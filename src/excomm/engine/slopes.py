"""Slopes of outcomes in every parameter of the world, by reverse differentiation through its weeks.

The world runs along its mean path with both postures held where they start: the same functions that the simulation
uses, and the origin (who takes part, strengths) recomputed from the same parameters, so that its part of a slope is
counted. Limits: no moves, no chance, nothing from what only the game reads; a slope is local, and steps (a cap, a
threshold, a form that is numbered) have none: it is 0 on both sides of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from excomm.beliefs.draws import Draws
from excomm.case.model import Case
from excomm.engine.setup import build_setting, members, originated, scope
from excomm.game.solve.compiler import COMPILER_OPTIONS
from excomm.world.coalition import Members, Scope
from excomm.world.parameters import WorldParameters, declared_ids, pack, unpack
from excomm.world.path import mean_path
from excomm.world.setting import Setting
from excomm.world.step import WeekRecord

__all__ = ["PATH_OUTCOMES", "WorldPath"]

Floats = NDArray[np.float64]


def _ever(hazard: Array) -> Array:
    """Probability that it happens in one of the weeks."""
    return -jnp.expm1(jnp.log1p(-hazard).sum(axis=0))


# Outcome -> its value from the weekly records of a path; the first axis of a record is the week.
PATH_OUTCOMES: Mapping[str, Callable[[WeekRecord], Array]] = {
    "killed_host": lambda record: (record.dead_host - record.civilian_deaths_host).sum(axis=0),
    "killed_adversary": lambda record: record.dead_adversary.sum(axis=0),
    "killed_alliance": lambda record: record.killed_alliance.sum(axis=0),
    "deaths_civilian_host": lambda record: record.civilian_deaths_host.sum(axis=0),
    "area_change": lambda record: record.area_change[-1],
    "power_capacity_host": lambda record: record.power_host[-1],
    "unserved_energy_host": lambda record: record.unserved_host.mean(axis=0),
    "leakers_host": lambda record: (record.drones_leaked + record.missiles_leaked).sum(axis=0),
    "interceptors_left": lambda record: record.interceptors_host[-1],
    "cost_alliance": lambda record: record.cost.sum(axis=0),
    "nuclear_use_probability": lambda record: _ever(record.nuclear_hazard),
    "ceasefire_probability": lambda record: _ever(record.agreement_hazard),
    "morale_host": lambda record: record.morale_host[-1],
}

BLOCK = 64  # draws of one call: one compiled program serves any number of them


def _values(
    parameters: WorldParameters, setting: Setting, contributors: Members, asked: Scope, weeks: int
) -> Array:
    """Values of `PATH_OUTCOMES`, shape (outcomes, draws)."""
    origin = originated(parameters, setting, contributors, asked)
    path = mean_path(
        parameters,
        setting,
        origin,
        jnp.reshape(setting.commitments.start, (1,)),
        jnp.reshape(setting.adversary_start, (1,)),
        weeks=weeks,
        aid_cut=parameters.aid.cut_probability,
    )
    draws = parameters.front.initial_gain.shape[1]
    found = [
        jnp.broadcast_to(measure(path.records), (1, draws, 1))[0, :, 0] for measure in PATH_OUTCOMES.values()
    ]
    return jnp.stack(found)


@partial(jax.jit, static_argnames=("weeks",), compiler_options=COMPILER_OPTIONS)
def _value_program(
    parameters: WorldParameters, setting: Setting, contributors: Members, asked: Scope, *, weeks: int
) -> Array:
    return _values(parameters, setting, contributors, asked, weeks)


@partial(jax.jit, static_argnames=("weeks",), compiler_options=COMPILER_OPTIONS)
def _slope_program(
    parameters: WorldParameters,
    setting: Setting,
    contributors: Members,
    asked: Scope,
    chosen: Array,
    *,
    weeks: int,
) -> tuple[WorldParameters, Array]:
    """Slopes of the outcome that is 1 in `chosen` (outcomes,), and the values of all: one program for each of them."""

    def total(given: WorldParameters) -> tuple[Array, Array]:
        values = _values(given, setting, contributors, asked, weeks)
        # Draws do not meet: the slope of the sum is each draw's own.
        return (chosen[:, None] * values).sum(), values

    slopes, values = jax.grad(total, has_aux=True)(parameters)
    return slopes, values


class WorldPath:
    """The mean path of the weeks under one option of `draws`, both postures held, as a function of the parameters."""

    def __init__(self, case: Case, draws: Draws, option: str) -> None:
        place = draws.options.index(option)
        chosen = [case.option(option)]
        self.number = draws.number
        self._weeks = case.horizon_weeks
        self._given = {name: draws.values[name][place] for name in declared_ids()}
        setting = build_setting(case, chosen)
        self._about = (setting, members(case), scope(case, chosen))

    def values(self, changed: Mapping[str, Floats] | None = None) -> dict[str, Floats]:
        """Values (draws,) of `PATH_OUTCOMES`; changed: other values of parameters by id, shape (draws,)."""
        parts = [
            np.asarray(_value_program(block, *self._about, weeks=self._weeks))
            for block in self._blocks(changed or {})
        ]
        whole = np.concatenate(parts, axis=1)[:, : self.number].astype(np.float64)
        return dict(zip(PATH_OUTCOMES, whole, strict=True))

    def slopes(self, outcome: str) -> tuple[Floats, dict[str, Floats]]:
        """Values (draws,) of an outcome, and by parameter its slopes (draws,), per unit of the parameter."""
        place = list(PATH_OUTCOMES).index(outcome)
        chosen = jnp.zeros(len(PATH_OUTCOMES)).at[place].set(1.0)
        found: list[dict[str, Floats]] = []
        values = []
        for block in self._blocks({}):
            slopes, all_values = _slope_program(block, *self._about, chosen, weeks=self._weeks)
            found.append({name: np.asarray(each)[0, :, 0] for name, each in unpack(slopes).items()})
            values.append(np.asarray(all_values)[place])

        def whole(parts: list[Any]) -> Floats:
            return np.concatenate(parts)[: self.number].astype(np.float64)

        return whole(values), {name: whole([part[name] for part in found]) for name in found[0]}

    def _blocks(self, changed: Mapping[str, Floats]) -> Iterator[WorldParameters]:
        """Parameters in blocks of draws; the last is filled up with its first draw."""
        given = {**self._given, **changed}
        for start in range(0, self.number, BLOCK):
            rows = np.arange(start, start + BLOCK)
            rows = np.where(rows < self.number, rows, start)
            yield jax.tree.map(jnp.asarray, pack({name: each[None, rows] for name, each in given.items()}))
