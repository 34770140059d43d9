"""The parameters that the world reads: one block a submodel, one field a parameter.

The id of a parameter is `<block>.<field>`, or `<block>.<side>.<field>` in blocks that each side has of its own;
inside the world it is found under the same names. Meaning, unit, bounds, prior and source of each stand in the
shipped defaults of the same ids. A value has shape (options, draws, 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import jax
import numpy as np
from jax import Array

from excomm.world.sides import SIDES, Sides

__all__ = ["BLOCKS", "SIDES", "TWO_SIDED", "WorldParameters", "declared_ids", "pack", "unpack"]

T = TypeVar("T")


def _block(cls: type[T]) -> type[T]:
    """Freeze a class of array fields and register it as a JAX pytree."""
    frozen = dataclass(frozen=True)(cls)
    names = [field.name for field in fields(frozen)]  # type: ignore[arg-type]
    return jax.tree_util.register_dataclass(frozen, data_fields=names, meta_fields=[])


@_block
class Ground:
    """Forces of a side in contact, their losses and their replacement."""

    strength: Array
    quality: Array
    casualties: Array
    killed_share: Array
    return_share: Array
    recruits: Array
    pool: Array
    surge: Array
    recruit_skill: Array
    training_weeks: Array


@_block
class Attrition:
    """Form and noise of attrition, common to both sides."""

    form: Array
    intensity_sd: Array
    attacker_factor: Array
    intensity_carry: Array
    intensity_memory: Array


@_block
class Front:
    """Movement of the front."""

    form: Array
    initial_gain: Array
    max_gain: Array
    sensitivity: Array
    noise_sd: Array
    noise_memory: Array
    occupied_area: Array
    break_level: Array
    break_slope: Array
    break_factor: Array
    adaptation: Array
    prosecution_threshold: Array
    prosecution_effect: Array


@_block
class Airpower:
    """Who rules the air over the front, and what that changes."""

    host: Array
    allied: Array
    lag: Array
    attrition_effect: Array
    drift_effect: Array


@_block
class Morale:
    """Morale of the forces of both sides."""

    recovery: Array
    loss_effect: Array
    dark_effect: Array
    aid_effect: Array
    success_effect: Array


@_block
class Air:
    """Long-range strikes by a side, and that side's own defence against the other."""

    drones: Array
    cruise: Array
    ballistic: Array
    drone_growth: Array
    missile_growth: Array
    drone_dispersion: Array
    drone_carry: Array
    drone_memory: Array
    missile_dispersion: Array
    kill_drone: Array
    kill_cruise: Array
    kill_ballistic: Array
    kill_drone_sd: Array
    kill_drone_carry: Array
    kill_drone_memory: Array
    kill_missile_sd: Array
    interceptors: Array
    interceptor_production: Array
    shots: Array
    channels: Array
    drone_channels: Array
    decoy_share: Array
    failure: Array
    failure_kill: Array
    glide_share: Array
    glide_growth: Array


@_block
class Power:
    """Electricity of a side: what strikes destroy and repair restores."""

    capacity: Array
    full_capacity: Array
    protected: Array
    demand: Array
    season_amplitude: Array
    imports: Array
    damage_missile: Array
    damage_drone: Array
    repair: Array
    logistics_effect: Array


@_block
class Civil:
    """Harm to civilians of a side."""

    deaths_drone: Array
    deaths_missile: Array
    front_deaths: Array
    displaced_unserved: Array


@_block
class Aid:
    """Materiel from the alliance."""

    level: Array
    cut_probability: Array
    cut_size: Array
    review_week: Array
    lag: Array
    elasticity: Array
    interceptors: Array
    cost: Array


@_block
class Shield:
    """Air defence by the alliance itself, from its own territory or airspace."""

    coverage_drone: Array
    coverage_cruise: Array
    coverage_ballistic: Array
    kill_drone: Array
    kill_missile: Array
    shots: Array
    channels: Array
    kill_sd: Array
    encounters: Array
    delay: Array
    cost: Array


@_block
class Deployment:
    """An allied force in theatre."""

    size_requested: Array
    midpoint: Array
    spread: Array
    engaged_share: Array
    quality: Array
    combat_casualties: Array
    rear_casualties: Array
    killed_share: Array
    rotation: Array
    cost: Array
    encounters: Array
    lift: Array
    approval_delay: Array
    relief: Array
    relief_limit: Array
    structural: Array


@_block
class Coalition:
    """Who takes part, and how support at home moves."""

    support_effect: Array
    proximity_effect: Array
    peer_effect: Array
    base: Array
    combat_shift: Array
    ceasefire_shift: Array
    deployable_share: Array
    coordination: Array
    dead_effect: Array
    roll_back_shift: Array
    risk_effect: Array
    election_shift: Array
    mandate: Array
    mandate_shift: Array
    consent_shift: Array
    unity: Array
    quorum: Array
    burden_exponent: Array
    entrapment: Array


@_block
class Patron:
    """Troops that the adversary's patron sends."""

    troops_present: Array
    troops_surge: Array
    surge_midpoint: Array
    quality: Array
    escalation_response: Array
    materiel_share: Array
    materiel_response: Array
    materiel_lag: Array


@_block
class Escalation:
    """Incidents between forces that meet."""

    encounters_base: Array
    lethal: Array
    escalates: Array
    clash_nuclear: Array
    tension_factor: Array
    ceasefire_share: Array


@_block
class Nuclear:
    """Deliberate use, reply and general exchange."""

    baseline: Array
    territory_effect: Array
    clash_effect: Array
    strikes_effect: Array
    restraint: Array
    reply_nuclear: Array
    general: Array
    accident_share: Array
    regime_effect: Array
    signal_ratio: Array
    reply_conventional: Array
    second_use: Array


@_block
class Neighbour:
    """States outside the fighting."""

    baseline: Array
    pressure_effect: Array
    presence_effect: Array
    clash_effect: Array
    refugees_dark: Array
    refugees_area: Array
    return_share: Array


@_block
class Diplomacy:
    """Ceasefire, its durability, and withdrawal without combat."""

    ceasefire: Array
    agreement_ratio: Array
    talks_ratio: Array
    stalemate_effect: Array
    relapse: Array
    relapse_ratio: Array
    withdrawal: Array
    withdrawal_effect: Array
    mediation_ratio: Array
    mediation_rise: Array
    liberation_effect: Array
    burden_effect: Array
    commitment_problem: Array
    guarantee_ratio: Array
    fear_effect: Array
    settlement_share: Array
    settlement_ratio: Array
    victory: Array
    victory_effect: Array
    regime: Array
    regime_effect: Array


@_block
class Energy:
    """The price of energy, common to all."""

    memory: Array
    sd: Array
    pressure_effect: Array
    clash_effect: Array


@_block
class Economy:
    """Output of a side's economy."""

    growth: Array
    dark_effect: Array
    energy_effect: Array


@_block
class Home:
    """Support for the war at home."""

    dead_effect: Array
    hardship_effect: Array
    success_effect: Array


@_block
class Credibility:
    """Effects in other theatres."""

    kept_effect: Array
    drain_effect: Array


@_block
class WorldParameters:
    """All parameters of the world. Shapes: see the module."""

    ground: Sides[Ground]
    attrition: Attrition
    front: Front
    airpower: Airpower
    morale: Morale
    air: Sides[Air]
    power: Sides[Power]
    civil: Sides[Civil]
    aid: Aid
    shield: Shield
    deployment: Deployment
    coalition: Coalition
    patron: Patron
    escalation: Escalation
    nuclear: Nuclear
    neighbour: Neighbour
    diplomacy: Diplomacy
    energy: Energy
    economy: Sides[Economy]
    home: Sides[Home]
    credibility: Credibility


BLOCKS: Mapping[str, type[Any]] = {
    "ground": Ground,
    "attrition": Attrition,
    "front": Front,
    "airpower": Airpower,
    "morale": Morale,
    "air": Air,
    "power": Power,
    "civil": Civil,
    "aid": Aid,
    "shield": Shield,
    "deployment": Deployment,
    "coalition": Coalition,
    "patron": Patron,
    "escalation": Escalation,
    "nuclear": Nuclear,
    "neighbour": Neighbour,
    "diplomacy": Diplomacy,
    "energy": Energy,
    "economy": Economy,
    "home": Home,
    "credibility": Credibility,
}
TWO_SIDED = frozenset({"ground", "air", "power", "civil", "economy", "home"})


def declared_ids() -> tuple[str, ...]:
    """Ids of all parameters that the world reads, in the order of the blocks."""
    ids = []
    for name, block in BLOCKS.items():
        for field in fields(block):
            ids += (
                [f"{name}.{side}.{field.name}" for side in SIDES]
                if name in TWO_SIDED
                else [f"{name}.{field.name}"]
            )
    return tuple(ids)


def pack(values: Mapping[str, np.ndarray]) -> WorldParameters:
    """Parameters of the world from draws by id, each of shape (options, draws).

    Raises KeyError for an id that is missing.
    """

    def filled(name: str, block: type[Any]) -> Any:
        return block(
            **{
                field.name: np.asarray(values[f"{name}.{field.name}"], dtype=np.float32)[..., None]
                for field in fields(block)
            }
        )

    blocks = {
        name: Sides(*(filled(f"{name}.{side}", block) for side in SIDES))
        if name in TWO_SIDED
        else filled(name, block)
        for name, block in BLOCKS.items()
    }
    return WorldParameters(**blocks)


def unpack(parameters: WorldParameters) -> dict[str, Any]:
    """The fields of packed parameters by id, as they are: the way back from `pack`."""
    found: dict[str, Any] = {}
    for name, block in BLOCKS.items():
        held = getattr(parameters, name)
        for prefix, part in (
            [(f"{name}.{side}", getattr(held, side)) for side in SIDES]
            if name in TWO_SIDED
            else [(name, held)]
        ):
            found |= {f"{prefix}.{field.name}": getattr(part, field.name) for field in fields(block)}
    return found
