"""What a crisis fixes beside its parameters: posture attributes, commitments of the options, the season."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array

__all__ = ["Attributes", "Commitments", "PostureTables", "Setting", "at_level", "attributes"]


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


def at_level(column: Array, level: Array) -> Array:
    """Entry of a short column, shape (levels,), for every level; levels beyond its ends count as the ends.

    By comparison: gathering would read one number after the other.
    """
    found = jnp.broadcast_to(column[0], level.shape)
    for place in range(1, column.shape[0]):
        found = jnp.where(level >= place, column[place], found)
    return found


def attributes(tables: PostureTables, alliance: Array, adversary: Array) -> Attributes:
    """Look up what the postures `alliance` and `adversary` (levels, integers) mean."""
    return Attributes(
        aid=at_level(tables.aid, alliance),
        shield=at_level(tables.shield, alliance),
        presence=at_level(tables.presence, alliance),
        engaged=at_level(tables.engaged, alliance),
        front=at_level(tables.front, adversary),
        air=at_level(tables.air, adversary),
        horizontal=at_level(tables.horizontal, adversary),
        strikes_forces=at_level(tables.strikes_forces, adversary),
        strikes_territory=at_level(tables.strikes_territory, adversary),
        talks=(adversary == 0).astype(jnp.float32),
        rung=jnp.maximum(
            at_level(tables.alliance_rung, alliance), at_level(tables.adversary_rung, adversary)
        ),
    )
