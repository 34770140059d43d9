"""A week of ground war: strengths, losses, replacement, morale and the front, of both sides together."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array

from excomm.world import airpower as air_control
from excomm.world import front as moving_front
from excomm.world import ground as ground_war
from excomm.world import neighbours
from excomm.world.lanchester import remaining
from excomm.world.parameters import Ground, Power, WorldParameters
from excomm.world.setting import Attributes
from excomm.world.sides import Sides, each
from excomm.world.state import Origin, SideNoise, SideOrigin, SideState, State, WeekNoise

__all__ = ["Battle", "Forces", "fight", "strengths"]

GAIN_MEMORY = 0.75  # weekly weight of the past in the remembered gain (about four weeks); judgement
LOSS_WEEKS = 4.0  # losses are remembered as those of so many weeks, about the memory above; judgement
RECOVERY_WEEKS = 10.0  # mean stay of the wounded who return; judgement
ROUT_MEMORY = 0.6  # a broken sector is restored within about a month; judgement


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Forces:
    """What takes part in a week beside the soldiers of both sides.

    engaged: allied soldiers in combat; rear: those in theatre who are not; patron: soldiers of the adversary's
    patron; air: share of the allied air power that takes part (0..1); aid and patron_materiel: effective level of
    what the alliance and the patrons deliver, 1 at the outset.
    """

    engaged: Array
    rear: Array
    patron: Array
    air: Array
    aid: Array
    patron_materiel: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Battle:
    """Result of a week: the sides afterwards (but for what the air war decides), losses, and the front.

    lost, killed: soldiers of each side; allied_lost; log_ratio: log of (adversary / host effective strength) less
    its value at the outset; gain of the adversary [km2/week]; the rest as in `State`.
    """

    sides: Sides[SideState]
    lost: Sides[Array]
    killed: Sides[Array]
    allied_lost: Array
    log_ratio: Array
    gain: Array
    area: Array
    front_noise: Array
    gain_memory: Array
    air_control: Array


def strengths(
    parameters: WorldParameters,
    sides: Sides[SideState],
    skill_usual: Sides[Array],
    dark: Sides[Array],
    forces: Forces,
) -> Sides[Array]:
    """Effective strength of each side [soldiers of reference quality].

    The host fights with aid^elasticity, the adversary in part with what its patrons send. Allied soldiers in the
    rear free soldiers of the host for the front, up to a limit. What no modern war has shown of allied forces in
    combat is in `deployment.structural`.
    """
    p = parameters
    host = p.ground.host.quality
    freed = jnp.minimum(p.deployment.relief * forces.rear, p.deployment.relief_limit * sides.host.strength)
    foreign = Sides(
        host=host * (forces.engaged * p.deployment.quality * p.deployment.structural + freed),
        adversary=forces.patron * p.patron.quality * p.ground.adversary.quality,
    )
    materiel = Sides(
        host=jnp.exp(p.aid.elasticity * jnp.log(jnp.maximum(forces.aid, 0.02))),
        adversary=neighbours.materiel_factor(p.patron, forces.patron_materiel),
    )

    def of_side(
        ground: Ground,
        power: Power,
        now: SideState,
        usual: Array,
        dark: Array,
        materiel: Array,
        foreign: Array,
    ) -> Array:
        return ground_war.effective_strength(
            ground,
            now.strength,
            now.morale,
            1.0 - power.logistics_effect * dark,
            materiel,
            now.skill / usual,
            foreign,
        )

    return each(of_side, p.ground, p.power, sides, skill_usual, dark, materiel, foreign)


def fight(
    parameters: WorldParameters,
    origin: Origin,
    state: State,
    held: Attributes,
    noise: WeekNoise,
    forces: Forces,
    dark: Sides[Array],
    *,
    fighting: Array,
    year: Array,
) -> Battle:
    """One week of ground war.

    dark: unserved share of each side's demand; fighting: 0 under a ceasefire; year: years since the outset.
    """
    p, clock = parameters, origin.clock
    now, outset = state.sides, origin.sides
    loss_cap = clock.weeks(ground_war.LOSS_CAP)
    loss_span = clock.steps(LOSS_WEEKS)
    memory_kept = clock.memory(GAIN_MEMORY)
    effective = strengths(p, now, each(lambda start: start.skill, outset), dark, forces)
    relative = each(lambda strength, start: strength / start.strength, effective, outset)
    tempo = held.front * fighting
    is_adaptive = p.front.form > 0.5

    # Control of the air and the tactical factor move the exchange; both are 1 as long as the war is what it was.
    control = air_control.control_next(p.airpower, state.air_control, forces.air)
    gained = control - air_control.control_settled(p.airpower, 0.0)
    shift = ground_war.attack_role(p.front, state.gain_memory) - ground_war.attack_role(
        p.front, p.front.initial_gain
    )
    favour = jnp.exp(p.airpower.attrition_effect * gained + jnp.log(p.attrition.attacker_factor) * shift)
    give_way = each(moving_front.contact, _retreat(now), _retreat(outset), _prosecution(now.opposed))
    contact = jnp.where(is_adaptive, give_way.host * give_way.adversary, 1.0)

    # Share of the fighting that a side's own soldiers do.
    own_share = Sides(host=now.host.strength / (now.host.strength + forces.engaged), adversary=jnp.ones(()))
    intensity = each(lambda mine: _intensity(p.attrition.intensity_sd, mine.intensity), noise.sides)

    def rate(ground: Ground, now: SideState, opponent: Array, shared: Array, factor: Array) -> Array:
        expected = ground_war.loss_rate(
            ground, p.attrition, strength=now.strength, opponent_ratio=opponent, tempo=tempo, shared=shared,
            cap=loss_cap,
        )  # fmt: skip
        return jnp.minimum(expected * contact * factor, loss_cap)

    # Glide bombs: more of them by their growth and the tempo in the air, fewer as the air is lost to the other side.
    bombs = Sides(
        host=jnp.exp(p.air.host.glide_growth * year) * jnp.clip(1.0 + gained, 0.0, 1.0),
        adversary=held.air * jnp.exp(p.air.adversary.glide_growth * year) * jnp.clip(1.0 - gained, 0.0, 1.0),
    )
    bombed = each(lambda air, bombs: 1.0 + air.glide_share * (bombs - 1.0), p.air.opposed, bombs.opposed)
    exchange = Sides(
        host=bombed.host * intensity.host / favour, adversary=bombed.adversary * intensity.adversary * favour
    )
    rates = each(rate, p.ground, now, relative.opposed, own_share, exchange)
    left = Sides(*remaining(rates.host, rates.adversary, *ground_war.exponents(p.attrition)))
    loss_fraction = each(lambda left: 1.0 - left, left)
    lost = each(lambda now, fraction: now.strength * fraction, now, loss_fraction)
    killed = each(lambda ground, lost: lost * ground.killed_share, p.ground, lost)

    combat_rate = (
        p.deployment.combat_casualties / 1000.0 * tempo * relative.adversary * exchange.host * contact
    )
    rear_rate = p.deployment.rear_casualties / 1000.0 * held.strikes_forces
    allied_lost = jnp.minimum(
        forces.engaged * combat_rate + forces.rear * rear_rate,
        loss_cap * (forces.engaged + forces.rear),
    )

    # Front
    log_ratio = jnp.log(jnp.maximum(relative.adversary, 1e-6)) - jnp.log(jnp.maximum(relative.host, 1e-6))
    memory = p.front.noise_memory
    front_noise = memory * state.front_noise + jnp.sqrt(1.0 - memory**2) * p.front.noise_sd * noise.front
    four_week = each(
        lambda now, fraction: memory_kept * now.loss_memory + (1.0 - memory_kept) * loss_span * fraction,
        now,
        loss_fraction,
    )

    def rout_next(now: SideState, four_week: Array, mine: SideNoise) -> Array:
        breaks = mine.broken < moving_front.break_probability(p.front, four_week) * fighting
        return jnp.maximum(clock.memory(ROUT_MEMORY) * now.rout, breaks.astype(jnp.float32))

    rout = each(rout_next, now, four_week, noise.sides)
    retreat = each(
        lambda now, four_week, start: moving_front.withdrawal_next(
            p.front, now.retreat, loss_fraction=four_week / loss_span, threshold=start.loss_fraction
        ),
        now,
        four_week,
        outset,
    )
    prosecution = each(
        lambda now, four_week, start: moving_front.prosecution_next(
            p.front, now.prosecution, loss_fraction=four_week / loss_span, usual=start.loss_fraction
        ),
        now,
        four_week,
        outset,
    )
    drift = moving_front.drift_gain(p.front, log_ratio - p.airpower.drift_effect * gained)
    adaptive = moving_front.adaptive_gain(
        p.front,
        host=retreat.host,
        adversary=retreat.adversary,
        host_presses=prosecution.host,
        adversary_presses=prosecution.adversary,
    )
    collapse = p.front.break_factor * p.front.max_gain * (rout.host - rout.adversary)
    gain = tempo * (jnp.where(is_adaptive, adaptive, drift) + front_noise + collapse)
    area = jnp.minimum(state.area - gain, p.front.occupied_area)
    gain = state.area - area

    # Morale and skill
    beyond_usual = (gain - p.front.initial_gain * tempo) / p.front.max_gain
    morale = each(
        lambda now, start, fraction, dark, aid, success: ground_war.morale_next(
            p.morale,
            now.morale,
            relative_losses=fraction / start.loss_fraction - 1.0,
            dark=dark - start.unserved,
            aid=aid,
            success=success,
        ),
        now,
        outset,
        loss_fraction,
        dark,
        Sides(host=forces.aid - 1.0, adversary=jnp.zeros(())),
        Sides(host=-beyond_usual, adversary=beyond_usual),
    )

    # Where the alliance fights, the adversary mobilises more.
    opposed_abroad = Sides(host=jnp.zeros(()), adversary=(forces.engaged > 0).astype(jnp.float32))

    def side_next(
        ground: Ground, now: SideState, lost: Array, killed: Array, abroad: Array, morale: Array,
        four_week: Array, rout: Array, retreat: Array, prosecution: Array,
    ) -> SideState:  # fmt: skip
        mobilised = jnp.minimum(ground.recruits + ground.surge * abroad, now.pool)
        wounded = lost - killed
        returning = now.recovering / clock.steps(RECOVERY_WEEKS)
        return SideState(
            strength=jnp.maximum(now.strength - lost + returning + mobilised, 1.0),
            recovering=now.recovering - returning + ground.return_share * wounded,
            pool=now.pool - mobilised,
            killed=now.killed + killed,
            wounded=now.wounded + wounded,
            morale=morale,
            loss_memory=four_week,
            rout=rout,
            interceptors=now.interceptors,
            power=now.power,
            civilian_dead=now.civilian_dead,
            skill=ground_war.skill_next(ground, now.skill, joining=mobilised / now.strength),
            retreat=retreat,
            prosecution=prosecution,
        )

    sides = each(
        side_next,
        p.ground,
        now,
        lost,
        killed,
        opposed_abroad,
        morale,
        four_week,
        rout,
        retreat,
        prosecution,
    )
    return Battle(
        sides=sides,
        lost=lost,
        killed=killed,
        allied_lost=allied_lost,
        log_ratio=log_ratio,
        gain=gain,
        area=area,
        front_noise=front_noise,
        gain_memory=memory_kept * state.gain_memory + (1.0 - memory_kept) * gain,
        air_control=control,
    )


def _retreat(sides: Sides[SideState] | Sides[SideOrigin]) -> Sides[Array]:
    return Sides(host=sides.host.retreat, adversary=sides.adversary.retreat)


def _prosecution(sides: Sides[SideState]) -> Sides[Array]:
    return Sides(host=sides.host.prosecution, adversary=sides.adversary.prosecution)


def _intensity(spread: Array, normal: Array | None) -> Array:
    """Lognormal factor on losses with mean 1; its mean where there is no noise."""
    if normal is None:
        return jnp.ones(())
    return jnp.exp(spread * normal - 0.5 * spread**2)
