"""The outcomes of a chunk of replicates, from its final state."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from excomm.engine.simulate import ChunkResult
from excomm.world.air import unserved
from excomm.world.clock import WEEKS_PER_YEAR
from excomm.world.crisis import home_fronts
from excomm.world.diplomacy import relapse_hazard
from excomm.world.parameters import WorldParameters
from excomm.world.setting import Setting
from excomm.world.sides import Sides, each
from excomm.world.state import Origin

__all__ = ["outcome_values"]


def outcome_values(
    result: ChunkResult,
    parameters: WorldParameters,
    setting: Setting,
    origin: Origin,
    *,
    reference: int,
    weeks: int,
) -> dict[str, Array]:
    """Values of all outcomes of `quantities.OUTCOMES`; arrays (options, draws, replicates).

    reference: place of the option that `deterred` and `provoked` are paired with.
    """
    state, trace = result.state, result.trace
    host, adversary = state.sides.host, state.sides.adversary
    tables, commitments = setting.postures, setting.commitments
    area = result.area

    def regained(by: int) -> Array:
        return jnp.maximum(area[min(by, weeks) - 1], 0.0) / parameters.front.occupied_area

    # Durability of a ceasefire under the option: with the force in place that the option brings to one.
    presence = (origin.force_realised > 0).astype(jnp.float32)
    breaks = relapse_hazard(
        parameters.diplomacy,
        presence=presence,
        guaranteed=origin.guarantee,
        settled=jnp.zeros_like(origin.guarantee),
    )
    holds = 1.0 - breaks
    dark = each(
        lambda power, now: unserved(power, now.power, setting.week_of_year + weeks),
        parameters.power,
        state.sides,
    )
    output, support = home_fronts(
        parameters,
        origin,
        year=weeks / WEEKS_PER_YEAR,
        dark=dark,
        killed=Sides(host=host.killed, adversary=adversary.killed),
        area=state.area,
        price=state.energy,
    )
    sends = origin.force_realised > 0
    usual = trace.adversary_max[reference][None]
    peak = jnp.maximum(state.troops_peak, 1.0)
    levels = tables.aid.shape[0]
    stake = commitments.start / max(levels - 1, 1)
    kept = 1.0 - 2.0 * trace.below_start
    drain = state.troops_peak / jnp.maximum(origin.force_pool, 1.0)
    credibility = parameters.credibility
    values = {
        "killed_host": host.killed,
        "wounded_host": host.wounded,
        "killed_adversary": adversary.killed,
        "wounded_adversary": adversary.wounded,
        "killed_alliance": state.allied_killed,
        "wounded_alliance": state.allied_wounded,
        "deaths_per_1000_deployed": 1000.0 * state.allied_killed / peak,
        "deaths_civilian_host": host.civilian_dead,
        "deaths_civilian_adversary": adversary.civilian_dead,
        "displaced_host": state.displaced,
        "area_change": state.area,
        "regained_share_12": regained(12),
        "regained_share_26": regained(26),
        "regained_share_52": regained(52),
        "power_capacity_host": host.power,
        "unserved_energy_host": state.unserved / weeks,
        "leakers_host": state.leaked,
        "interceptors_left": host.interceptors,
        "interceptors_spent_alliance": state.allied_interceptors,
        "troops_requested": parameters.deployment.size_requested,
        "troops_realised": state.troops_peak,
        "troops_sustained": origin.force_sustained,
        "coalition_members": origin.members * (sends | (tables.shield[commitments.start] > 0)),
        "coalition_gap": origin.members_gap * sends,
        "consensus_probability": origin.consensus,
        "largest_contribution": origin.largest_share * sends,
        "energy_price": jnp.exp(state.energy),
        "output_host": output.host,
        "output_adversary": output.adversary,
        "home_support_host": support.host,
        "home_support_adversary": support.adversary,
        "refugees_host": state.refugees,
        "cost_alliance": state.cost,
        "rung_max": state.rung_max,
        "clash_probability": state.clash,
        "territory_strike_probability": state.territory_strike,
        "nuclear_signal_probability": state.signal,
        "nuclear_use_probability": state.deliberate + state.inadvertent,
        "nuclear_deliberate_probability": state.deliberate - trace.noise_deliberate,
        "nuclear_inadvertent_probability": state.inadvertent - trace.noise_inadvertent,
        "nuclear_noise_probability": trace.noise_deliberate + trace.noise_inadvertent,
        "general_exchange_probability": state.general,
        "neighbour_probability": state.neighbour,
        "horizontal_weeks": state.horizontal_weeks,
        "warnings": trace.warnings,
        "warnings_ignored": trace.ignored,
        "warnings_executed": trace.executed,
        "deterred": (trace.adversary_max < usual) * 1.0,
        "provoked": (trace.adversary_max > usual) * 1.0,
        "ceasefire_probability": (state.ceasefire_first < weeks) * 1.0,
        "ceasefire_weeks": state.ceasefire_first,
        "ceasefire_holds_26": holds**26,
        "ceasefire_holds_52": holds**52,
        "withdrawal_probability": state.withdrawal,
        "settlement_probability": state.settlement,
        "victory_host_probability": state.victory_host,
        "victory_adversary_probability": state.victory_adversary,
        "regime_change_host_probability": state.regime_host,
        "regime_change_adversary_probability": state.regime_adversary,
        "belief_adversary_resolve": trace.belief,
        "credibility_elsewhere": credibility.kept_effect * stake * kept - credibility.drain_effect * drain,
        "morale_host": host.morale,
    }
    shape = state.area.shape
    return {name: jnp.broadcast_to(value, shape).astype(jnp.float32) for name, value in values.items()}
