"""From a case and its draws to what the world reads: postures, commitments, members, origin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import jax.numpy as jnp
import numpy as np

from excomm.beliefs.draws import Draws
from excomm.case.model import Case, Option, Posture
from excomm.world.coalition import Members, Participation, participation
from excomm.world.parameters import WorldParameters
from excomm.world.setting import Commitments, PostureTables, Setting

__all__ = ["build_setting", "force", "members", "week_of"]


def week_of(case: Case, day: date) -> float:
    """Weeks from the information date to a day."""
    return (day - case.as_of).days / 7.0


def _column(postures: Sequence[Posture], attribute: str) -> jnp.ndarray:
    return jnp.asarray([posture.attributes.get(attribute, 0.0) for posture in postures], dtype=jnp.float32)


def _per_option(values: Sequence[float], kind: type = np.float32) -> jnp.ndarray:
    return jnp.asarray(np.asarray(values, dtype=kind)[:, None, None])


def build_setting(case: Case, options: Sequence[Option]) -> Setting:
    """Postures, commitments and season of a case under the given options."""
    alliance, adversary = case.postures["alliance"], case.postures["adversary"]
    tables = PostureTables(
        aid=_column(alliance, "aid"),
        shield=_column(alliance, "shield"),
        presence=_column(alliance, "presence"),
        engaged=_column(alliance, "engaged"),
        alliance_rung=jnp.asarray([posture.rung for posture in alliance], dtype=jnp.float32),
        front=_column(adversary, "front"),
        air=_column(adversary, "air"),
        horizontal=_column(adversary, "horizontal"),
        strikes_forces=_column(adversary, "strikes_forces"),
        strikes_territory=_column(adversary, "strikes_territory"),
        adversary_rung=jnp.asarray([posture.rung for posture in adversary], dtype=jnp.float32),
    )

    def level(posture: str) -> int:
        return case.posture_index("alliance", posture)

    commitments = Commitments(
        on_ceasefire=_per_option([option.trigger == "on-ceasefire" for option in options]),
        start=_per_option([level(option.start) for option in options], np.int32),
        ceiling=_per_option([level(option.ceiling) for option in options], np.int32),
        floor=_per_option([level(option.floor.posture) for option in options], np.int32),
        floor_weeks=_per_option([option.floor.weeks for option in options]),
    )
    return Setting(
        postures=tables,
        commitments=commitments,
        adversary_start=jnp.asarray(adversary.index(case.adversary_start), dtype=jnp.int32),
        week_of_year=jnp.asarray(case.as_of.timetuple().tm_yday / 7.0, dtype=jnp.float32),
    )


def members(case: Case) -> Members:
    """Members of the alliance as possible contributors; one average member where a case lists none."""
    listed = case.members
    if not listed:
        one = jnp.ones(1, dtype=jnp.float32)
        return Members(weight=one, forces=one * 0.0, border=one * 0.0, support=one * 0.5)
    gdp = np.asarray([member.gdp_bn for member in listed])
    return Members(
        weight=jnp.asarray(gdp / gdp.sum(), dtype=jnp.float32),
        forces=jnp.asarray([member.active_forces for member in listed], dtype=jnp.float32),
        border=jnp.asarray([float(member.border) for member in listed], dtype=jnp.float32),
        support=jnp.asarray([member.support for member in listed], dtype=jnp.float32),
    )


def force(case: Case, options: Sequence[Option], parameters: WorldParameters) -> Participation:
    """Who takes part in each option's force and what is realised of it, per draw."""
    combat = _per_option([option.rules_of_engagement == "combat" for option in options])
    on_ceasefire = _per_option([option.trigger == "on-ceasefire" for option in options])
    return participation(
        parameters.coalition, parameters.deployment, members(case), combat=combat, on_ceasefire=on_ceasefire
    )


def review_week(case: Case, draws: Draws) -> Draws:
    """Draws with the week of the aid review taken from the calendar, where the calendar has one."""
    reviews = [
        event.date for event in case.calendar if event.effect == "aid_review" and event.date >= case.as_of
    ]
    if not reviews:
        return draws
    values = dict(draws.values)
    values["aid.review_week"] = np.full_like(values["aid.review_week"], week_of(case, min(reviews)))
    return Draws(values=values, options=draws.options, percentiles=draws.percentiles, truths=draws.truths)
