"""Compile the crisis game of every draw from the world: payoffs and transitions along its mean path.

For each pair of postures the world runs along its mean path with the postures held, by the very functions that
the simulation uses; per period of four weeks this gives territory, the dead, costs and hazards, which the
actors' utilities turn into payoffs. The same parameters drive world and game. Limits: what a posture brings in
a period does not depend on earlier postures; chance enters through the mean path only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from excomm.game.policy import EPOCH_WEEKS, CompiledGame
from excomm.world.parameters import WorldParameters
from excomm.world.path import mean_path
from excomm.world.setting import Setting
from excomm.world.state import Origin

__all__ = ["PATH_FIELDS", "EpochPath", "compile_game", "epoch_path", "own_parameters"]

Floats = np.ndarray[Any, np.dtype[np.float64]]
EpochPath = dict[str, Array]

# Fields of the weekly record that payoffs and transitions need.
PATH_FIELDS = (
    "front_gain", "killed_alliance", "dead_host", "dead_adversary", "cost", "nuclear_hazard", "incident_hazard",
    "agreement_hazard", "troops_alliance",
)  # fmt: skip


@partial(jax.jit, static_argnames=("weeks",))
def epoch_path(
    parameters: WorldParameters, setting: Setting, origin: Origin, aid_cut: Array, *, weeks: int
) -> EpochPath:
    """Sums over each period of the mean path; arrays (options, draws, epochs, alliance, adversary)."""
    levels_alliance = setting.postures.aid.shape[0]
    levels_adversary = setting.postures.front.shape[0]
    alliance = jnp.repeat(jnp.arange(levels_alliance), levels_adversary)
    adversary = jnp.tile(jnp.arange(levels_adversary), levels_alliance)
    records = mean_path(parameters, setting, origin, alliance, adversary, weeks=weeks, aid_cut=aid_cut)

    def per_epoch(series: Array) -> Array:
        epochs = series.shape[0] // EPOCH_WEEKS
        summed = series.reshape(epochs, EPOCH_WEEKS, *series.shape[1:]).sum(axis=1)
        options, draws = series.shape[1:3]
        return jnp.moveaxis(summed, 0, 2).reshape(options, draws, epochs, levels_alliance, levels_adversary)

    pairs = alliance.shape[0]
    shape = (weeks, *origin.force_realised.shape[:2], pairs)
    return {name: per_epoch(jnp.broadcast_to(getattr(records, name), shape)) for name in PATH_FIELDS}


@dataclass(frozen=True)
class _Values:
    """Draws of the game's own parameters, shape (options, draws)."""

    values: Mapping[str, Floats]

    def __call__(self, name: str) -> Floats:
        """With three trailing axes for epochs and postures."""
        return self.values[name][:, :, None, None, None]


def own_parameters() -> tuple[str, ...]:
    """Ids of the parameters that the game reads itself (the world's are in `world.parameters`)."""
    alliance = ("territory", "own_dead", "partner_dead", "cost", "pressure", "homeland", "commitment")
    adversary = ("territory", "own_dead", "presence", "pressure", "clash_gain", "commitment")
    reply = ("retaliation_forces", "retaliation_territory")
    both = ("audience", "disaster")
    return (
        "game.precision_alliance",
        "game.precision_adversary",
        "game.discount",
        *(f"utility.alliance.{name}" for name in (*alliance, *both)),
        *(f"utility.adversary.{name}" for name in (*adversary, *reply, *both)),
        "resolve.alliance",
        "resolve.adversary",
        "resolve.alliance_relief",
        "resolve.adversary_relief",
    )


def compile_game(
    path: Mapping[str, Floats],
    values: Mapping[str, Floats],
    setting: Setting,
    origin: Origin,
    *,
    alliance_first: bool,
) -> CompiledGame:
    """Payoffs and transitions of all draws from the mean path; values: id -> (options, draws)."""
    v = _Values(values)
    tables = jax.tree.map(np.asarray, setting.postures)
    commitments = jax.tree.map(lambda x: np.asarray(x)[:, 0, 0], setting.commitments)
    realised = np.asarray(origin.force_realised, dtype=float)[:, :, :, None, None]
    share = path["troops_alliance"] / EPOCH_WEEKS / np.maximum(realised, 1.0)
    horizontal, forces, territory = tables.horizontal, tables.strikes_forces, tables.strikes_territory
    rung_alliance = tables.alliance_rung[:, None] * np.ones(len(tables.front))
    thousand = 1000.0

    gain_alliance = -v("utility.alliance.territory") * path["front_gain"] / thousand
    cost_alliance = (
        v("utility.alliance.own_dead") * path["killed_alliance"] / thousand
        + v("utility.alliance.partner_dead") * path["dead_host"] / thousand
        + v("utility.alliance.cost") * path["cost"]
        + v("utility.alliance.pressure") * horizontal
        + v("utility.alliance.homeland") * territory
        + v("utility.alliance.commitment") * rung_alliance
    )
    gain_adversary = (
        v("utility.adversary.territory") * path["front_gain"] / thousand
        + v("utility.adversary.pressure") * horizontal
        + v("utility.adversary.clash_gain") * forces * share
    )
    cost_adversary = (
        v("utility.adversary.own_dead") * path["dead_adversary"] / thousand
        + v("utility.adversary.presence") * share
        + v("utility.adversary.commitment") * tables.adversary_rung
        + v("utility.adversary.retaliation_forces") * forces
        + v("utility.adversary.retaliation_territory") * territory
    )
    nuclear = np.minimum(path["nuclear_hazard"], 1.0)

    def stack(first: Floats, second: Floats) -> Floats:
        shape = path["front_gain"].shape
        return np.stack([np.broadcast_to(first, shape), np.broadcast_to(second, shape)])

    def pair(name: str) -> Floats:
        return np.stack([values[name.format("alliance")], values[name.format("adversary")]])

    return CompiledGame(
        gain=stack(gain_alliance, gain_adversary),
        cost=stack(cost_alliance, cost_adversary),
        catastrophe=stack(
            v("utility.alliance.disaster") * nuclear, v("utility.adversary.disaster") * nuclear
        ),
        incident=-np.expm1(-path["incident_hazard"]),
        ends=-np.expm1(-path["agreement_hazard"]),
        audience=pair("utility.{}.audience"),
        precision=pair("game.precision_{}"),
        relief=pair("resolve.{}_relief"),
        ceiling=commitments.ceiling.astype(int),
        floor=commitments.floor.astype(int),
        floor_epochs=commitments.floor_weeks / EPOCH_WEEKS,
        discount=values["game.discount"],
        alliance_first=alliance_first,
    )
