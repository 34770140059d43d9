"""State of the world at the end of a week, and the noise of one week.

Shapes: (options, draws, replicates).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import jax
from jax import Array

from excomm.world.clock import WEEKLY, Clock
from excomm.world.sides import Sides

__all__ = ["Origin", "SideNoise", "SideOrigin", "SideState", "State", "WeekNoise"]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class SideNoise:
    """Noise of one week that belongs to a side; shape (draws, replicates).

    Standard normal: intensity (losses), drone and missile (launches of this side), intercept_drone and
    intercept_missile (defence of this side). Uniform in (0, 1): broken (collapse of a sector),
    failure (of the defence by a common mode). A normal that is
    None stands for the mean of what it makes, as the mean path needs it.
    """

    intensity: Array | None
    drone: Array | None
    missile: Array | None
    intercept_drone: Array | None
    intercept_missile: Array | None
    broken: Array
    failure: Array | None


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class WeekNoise:
    """Noise of one week; shape (draws, replicates).

    Standard normal: front, energy (its price). Uniform in (0, 1): agreement, relapse, incident.
    """

    sides: Sides[SideNoise]
    front: Array
    energy: Array
    agreement: Array
    relapse: Array
    incident: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class SideState:
    """What a side has and has lost.

    strength, recovering (wounded who will return), pool (people who can still be mobilised), killed and wounded
    (cumulative), morale, loss_memory (four-week loss fraction), rout (0..1, collapse of a sector), interceptors,
    power (GW), civilian_dead; skill (mean of its soldiers, 1 is trained), retreat and prosecution (as defender
    and as attacker, 0..1, see `front.py`).
    """

    strength: Array
    recovering: Array
    pool: Array
    killed: Array
    wounded: Array
    morale: Array
    loss_memory: Array
    rout: Array
    interceptors: Array
    power: Array
    civilian_dead: Array
    skill: Array
    retreat: Array
    prosecution: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class State:
    """Everything that the next week depends on.

    sides: what each side has and has lost.
    Allied force: support (share of the initial public support left), allied_killed, allied_wounded,
    troops (in theatre), troops_peak.
    Others: air_control (-1 adversary .. 1 host and allies), aid (effective level), area (km2 gained by the host),
    front_noise and gain_memory (km2/week of the adversary), ceasefire (0 or 1), ceasefire_start (week of the present
    one), ceasefire_first (week of the first, horizon if none), incident (1 if an incident escalated since the last
    moves), and probabilities of first passage, accumulated while at risk: deliberate, inadvertent (nuclear use
    is their sum), general, neighbour, withdrawal, clash, territory_strike, signal, and the first ways in which the
    war ends: settlement, victory_host, victory_adversary, regime_host, regime_adversary; clashed and struck (0 or 1,
    it has happened), settled (1 under a settlement). Summed from nothing they keep their digits, where a survival
    probability near 1
    would lose those of a rare event.
    Around the war: materiel (deliveries of patrons, 1 at the outset), energy (logarithm of its price against the
    outset), refugees (thousand people abroad, new since the outset).
    """

    sides: Sides[SideState]
    support: Array
    allied_killed: Array
    allied_wounded: Array
    troops: Array
    troops_peak: Array
    air_control: Array
    aid: Array
    area: Array
    front_noise: Array
    gain_memory: Array
    ceasefire: Array
    ceasefire_start: Array
    ceasefire_first: Array
    incident: Array
    deliberate: Array
    inadvertent: Array
    general: Array
    neighbour: Array
    withdrawal: Array
    clash: Array
    territory_strike: Array
    clashed: Array
    struck: Array
    signal: Array
    settled: Array
    settlement: Array
    victory_host: Array
    victory_adversary: Array
    regime_host: Array
    regime_adversary: Array
    materiel: Array
    energy: Array
    refugees: Array
    leaked: Array
    unserved: Array
    displaced: Array
    allied_interceptors: Array
    cost: Array
    rung_max: Array
    horizontal_weeks: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class SideOrigin:
    """A side at the information date: effective strength, weekly loss fraction, unserved share of demand, skill of
    its soldiers, rate of withdrawal (0..1).
    """

    strength: Array
    loss_fraction: Array
    unserved: Array
    skill: Array
    retreat: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Origin:
    """Values at the information date that later weeks are measured against; shape (options, draws, 1).

    force_realised, force_sustained and force_pool (troops), members, public_support (share); members_gap (between
    the fixed points), consensus (probability), largest_share, abandonment (see `coalition.Participation`);
    guarantee: share of the fear of a broken promise that the whole force takes away; clock: the step, to which the
    loss fractions belong and in which later weeks are taken.
    """

    sides: Sides[SideOrigin]
    force_realised: Array
    force_sustained: Array
    force_pool: Array
    members: Array
    public_support: Array
    members_gap: Array
    consensus: Array
    largest_share: Array
    abandonment: Array
    guarantee: Array
    clock: Clock = field(default=WEEKLY, metadata={"static": True})
