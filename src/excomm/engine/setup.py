"""From a case and its draws to what the world reads: postures, commitments, members, origin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import jax
import numpy as np

from excomm.beliefs.draws import Draws
from excomm.case.model import Case, Option, Posture
from excomm.world.coalition import Members, Scope, participation
from excomm.world.parameters import WorldParameters
from excomm.world.setting import Commitments, PostureTables, Setting
from excomm.world.state import Origin
from excomm.world.step import originate

__all__ = ["build_origin", "build_setting", "members", "originated", "review_week", "scope", "week_of"]

ELECTION_WEEKS = 26.0  # half a year ahead; judgement


def week_of(case: Case, day: date) -> float:
    """Weeks from the information date to a day."""
    return (day - case.as_of).days / 7.0


def _column(postures: Sequence[Posture], attribute: str) -> Any:
    return np.asarray([posture.attributes.get(attribute, 0.0) for posture in postures], dtype=np.float32)


def _numbers(values: Any, kind: type = np.float32) -> Any:
    return np.asarray(values, dtype=kind)


def _per_option(values: Sequence[float], kind: type = np.float32) -> Any:
    return np.asarray(values, dtype=kind)[:, None, None]


def build_setting(case: Case, options: Sequence[Option]) -> Setting:
    """Postures, commitments and season of a case under the given options."""
    alliance, adversary = case.postures["alliance"], case.postures["adversary"]
    tables = PostureTables(
        aid=_column(alliance, "aid"),
        shield=_column(alliance, "shield"),
        presence=_column(alliance, "presence"),
        engaged=_column(alliance, "engaged"),
        alliance_rung=_numbers([posture.rung for posture in alliance]),
        front=_column(adversary, "front"),
        air=_column(adversary, "air"),
        horizontal=_column(adversary, "horizontal"),
        strikes_forces=_column(adversary, "strikes_forces"),
        strikes_territory=_column(adversary, "strikes_territory"),
        adversary_rung=_numbers([posture.rung for posture in adversary]),
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
        adversary_start=_numbers(adversary.index(case.adversary_start), np.int32),
        week_of_year=_numbers(case.as_of.timetuple().tm_yday / 7.0),
    )


def _elections(case: Case) -> Any:
    """Members with an election or a change of government ahead: 1 for those that the event names.

    An event of the calendar that names no member weighs on all of them, each with its share of one.
    """
    number = max(len(case.members), 1)
    weight = np.zeros(number, dtype=np.float32)
    for event in case.calendar:
        if event.effect in ("election", "aid_review") and 0 <= week_of(case, event.date) <= ELECTION_WEEKS:
            named = [place for place, member in enumerate(case.members) if member.name in event.event]
            weight[named or slice(None)] += 1.0 if named else 1.0 / number
    return np.minimum(weight, 1.0)


def members(case: Case) -> Members:
    """Members of the alliance as possible contributors; one average member where a case lists none."""
    listed = case.members

    def column(values: Sequence[float]) -> Any:
        return np.asarray(values, dtype=np.float32)

    if not listed:
        return Members(
            weight=column([1]), forces=column([0]), border=column([0]), support=column([0.5]),
            election=_elections(case),
        )  # fmt: skip
    gdp = np.asarray([member.gdp_bn for member in listed])
    return Members(
        weight=column(list(gdp / gdp.sum())),
        forces=column([member.active_forces for member in listed]),
        border=column([float(member.border) for member in listed]),
        support=column([member.support for member in listed]),
        election=_elections(case),
    )


@jax.jit
def originated(parameters: WorldParameters, setting: Setting, contributors: Members, scope: Scope) -> Origin:
    """`build_origin` as arrays of JAX: part of a program, differentiable in the parameters."""
    contributions = participation(parameters.coalition, parameters.deployment, contributors, scope)
    return originate(parameters, setting, contributions)


def scope(case: Case, options: Sequence[Option]) -> Scope:
    """What each option asks the members to join."""
    start = [case.postures["alliance"][case.posture_index("alliance", option.start)] for option in options]
    return Scope(
        combat=_per_option([option.rules_of_engagement == "combat" for option in options]),
        on_ceasefire=_per_option([option.trigger == "on-ceasefire" for option in options]),
        roll_back=_per_option([option.purpose == "roll-back" for option in options]),
        rung=_per_option([posture.rung for posture in start]),
        consensus=_per_option([option.framework == "alliance" for option in options]),
    )


def build_origin(
    case: Case, options: Sequence[Option], parameters: WorldParameters, setting: Setting
) -> Origin:
    """Values at the information date: who takes part in each option's force, strengths, losses, electricity."""
    origin = originated(parameters, setting, members(case), scope(case, options))
    return jax.tree.map(np.asarray, origin)  # type: ignore[no-any-return]


def review_week(case: Case, draws: Draws) -> Draws:
    """Draws with the week of the aid review counted from the review in the calendar, where it has one."""
    reviews = [
        event.date for event in case.calendar if event.effect == "aid_review" and event.date >= case.as_of
    ]
    if not reviews:
        return draws
    values = dict(draws.values)
    values["aid.review_week"] = values["aid.review_week"] + week_of(case, min(reviews))
    return Draws(values=values, options=draws.options, percentiles=draws.percentiles, truths=draws.truths)
