"""What each side gets from a period of four weeks: its utilities on what the world brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from excomm.game.periods import EPOCH_WEEKS

__all__ = ["Stage", "own_parameters", "payoff_range", "perceived_purpose", "stage_payoffs"]

Floats = np.ndarray[Any, np.dtype[np.float64]]
THOUSAND = 1000.0
SMALLEST_RANGE = 1e-9  # utility: where nothing is at stake every move is equally likely

PURPOSES = {"reassure": "reassure", "deter": "deter", "roll-back": "roll_back"}


def own_parameters() -> tuple[str, ...]:
    """Ids of the parameters that the game reads itself (the world's are in `world.parameters`)."""
    alliance = ("territory", "own_dead", "partner_dead", "cost", "pressure", "homeland", "commitment")
    adversary = (
        "territory", "own_dead", "presence", "pressure", "clash_gain", "commitment", "retaliation_forces",
        "retaliation_territory", "local_strength", "threat", "warning",
    )  # fmt: skip
    both = ("audience", "disaster")
    return (
        "game.precision_alliance",
        "game.precision_adversary",
        "game.discount",
        *(f"utility.alliance.{name}" for name in (*alliance, *both)),
        *(f"utility.adversary.{name}" for name in (*adversary, *both)),
        *(f"perception.{name}" for name in PURPOSES.values()),
        "resolve.alliance",
        "resolve.adversary",
        "resolve.alliance_relief",
        "resolve.adversary_relief",
    )


@dataclass(frozen=True)
class Stage:
    """Payoffs of a period. Axes: options o, draws d, epochs e, postures a (alliance) and r (adversary), front bins f.

    gain, cost: for (alliance, adversary), (2, o, d, e, a, r, f), without catastrophe; a resolved type feels less of
    its cost. catastrophe: expected loss from nuclear use, same shape, felt by all.
    """

    gain: Floats
    cost: Floats
    catastrophe: Floats


def perceived_purpose(values: Mapping[str, Floats], purposes: tuple[str, ...]) -> Floats:
    """How far the adversary takes each option for an attempt to roll it back, (options, draws) [share]."""
    return np.stack(
        [values[f"perception.{PURPOSES[purpose]}"][place] for place, purpose in enumerate(purposes)]
    )


def stage_payoffs(
    periods: Mapping[str, Floats],
    values: Mapping[str, Floats],
    setting: Any,
    realised: Floats,
    perceived: Floats,
) -> Stage:
    """Payoffs of all pairs of postures in all periods and bins of the front.

    values: id -> (options, draws). realised: size of each option's force, (options, draws) [troops]. perceived: how
    far the adversary takes the option for an attempt to roll it back, (options, draws) [share].
    """

    def v(name: str) -> Floats:
        return values[name][:, :, None, None, None, None]

    tables = setting.postures
    horizontal, forces, soil = (
        np.asarray(column, dtype=float)[:, None]
        for column in (tables.horizontal, tables.strikes_forces, tables.strikes_territory)
    )
    rung_alliance = np.asarray(tables.alliance_rung, dtype=float)[:, None, None]
    rung_adversary = np.asarray(tables.adversary_rung, dtype=float)[:, None]
    troops = periods["troops_alliance"] / EPOCH_WEEKS
    share = troops / np.maximum(realised, 1.0)[:, :, None, None, None, None]
    combat = v("deployment.engaged_share") * v("deployment.quality") * troops / v("ground.adversary.strength")
    threat = 1.0 + perceived[:, :, None, None, None, None] * (v("utility.adversary.threat") - 1.0)

    gain_alliance = -v("utility.alliance.territory") * periods["front_gain"] / THOUSAND
    cost_alliance = (
        v("utility.alliance.own_dead") * periods["killed_alliance"] / THOUSAND
        + v("utility.alliance.partner_dead") * periods["dead_host"] / THOUSAND
        + v("utility.alliance.cost") * periods["cost"]
        + v("utility.alliance.pressure") * horizontal
        + v("utility.alliance.homeland") * soil
        + v("utility.alliance.commitment") * rung_alliance
    )
    gain_adversary = (
        v("utility.adversary.territory") * periods["front_gain"] / THOUSAND
        + v("utility.adversary.pressure") * horizontal
        + v("utility.adversary.clash_gain") * forces * share * threat
    )
    struck_back = v("utility.adversary.retaliation_forces") + v("utility.adversary.local_strength") * combat
    cost_adversary = (
        v("utility.adversary.own_dead") * periods["dead_adversary"] / THOUSAND
        + v("utility.adversary.presence") * share * threat
        + v("utility.adversary.commitment") * rung_adversary
        + struck_back * forces
        + v("utility.adversary.retaliation_territory") * soil
    )
    nuclear = np.minimum(periods["nuclear_hazard"], 1.0)

    def both(first: Floats, second: Floats) -> Floats:
        shape = periods["front_gain"].shape
        return np.stack([np.broadcast_to(first, shape), np.broadcast_to(second, shape)])

    return Stage(
        gain=both(gain_alliance, gain_adversary),
        cost=both(cost_alliance, cost_adversary),
        catastrophe=both(v("utility.alliance.disaster") * nuclear, v("utility.adversary.disaster") * nuclear),
    )


def payoff_range(stage: Stage) -> Floats:
    """Range of the payoffs of a mean period across pairs of postures, without catastrophe; (2, options, draws).

    The period, not the horizon, is the unit: a posture can be changed again after four weeks, so what a choice
    decides is of the order of one period's payoffs, and a range over the horizon would make every move noise.
    """
    mean = (stage.gain - stage.cost).mean(axis=(3, 6))
    return np.asarray(np.maximum(mean.max(axis=(-2, -1)) - mean.min(axis=(-2, -1)), SMALLEST_RANGE))
