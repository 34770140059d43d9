"""What a crisis fixes beside its parameters: posture attributes, commitments of the options, the season."""

from __future__ import annotations

from dataclasses import dataclass

import jax
from jax import Array

__all__ = ["Attributes", "Commitments", "PostureTables", "Setting", "attributes"]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class PostureTables:
    """What each posture means to the world, by level; arrays of shape (levels,).

    Alliance: aid and shield (factors on the option's aid and shield), presence and engaged (shares of the
    deployed force in theatre and of its combat part in combat). Adversary: front and air (tempo against now),
    horizontal (sabotage, proxies, cyber: share of full intensity), strikes_forces and strikes_territory
    (intensity of strikes on alliance forces in theatre and on alliance territory).
    """

    aid: Array
    shield: Array
    presence: Array
    engaged: Array
    alliance_rung: Array
    front: Array
    air: Array
    horizontal: Array
    strikes_forces: Array
    strikes_territory: Array
    adversary_rung: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Commitments:
    """What each option binds, shape (options, 1, 1): postures as levels, spans in weeks.

    on_ceasefire: 1 where the force comes only after a ceasefire. start: alliance posture at the outset;
    ceiling: highest one that stays open; floor and floor_weeks: lowest one that can be left only at the price
    of the audience cost, and for how long.
    """

    on_ceasefire: Array
    start: Array
    ceiling: Array
    floor: Array
    floor_weeks: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Setting:
    """Postures, commitments, initial adversary posture (level) and week of the year at the outset."""

    postures: PostureTables
    commitments: Commitments
    adversary_start: Array
    week_of_year: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Attributes:
    """Attributes of the postures that both sides hold now; shape (options, draws, replicates)."""

    aid: Array
    shield: Array
    presence: Array
    engaged: Array
    front: Array
    air: Array
    horizontal: Array
    strikes_forces: Array
    strikes_territory: Array
    talks: Array
    rung: Array


def attributes(tables: PostureTables, alliance: Array, adversary: Array) -> Attributes:
    """Look up what the postures `alliance` and `adversary` (levels, integers) mean."""
    rung = jax.numpy.maximum(tables.alliance_rung[alliance], tables.adversary_rung[adversary])
    return Attributes(
        aid=tables.aid[alliance],
        shield=tables.shield[alliance],
        presence=tables.presence[alliance],
        engaged=tables.engaged[alliance],
        front=tables.front[adversary],
        air=tables.air[adversary],
        horizontal=tables.horizontal[adversary],
        strikes_forces=tables.strikes_forces[adversary],
        strikes_territory=tables.strikes_territory[adversary],
        talks=(adversary == 0).astype(jax.numpy.float32),
        rung=rung,
    )
