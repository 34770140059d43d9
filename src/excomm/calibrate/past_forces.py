"""Past allied forces as analogues: what the coalition model says of them from its default priors alone.

IFOR in Bosnia, KFOR in Kosovo, ISAF in Afghanistan and the air campaign over Libya, with the members of the alliance
of the day. `fit` is where the defaults of the threshold game come from; `compare` holds these against what came.
Limits: sizes of forces and economies are rounded; public support is one figure for all, where polls differ by
country; four cases, all of which went ahead.
Source: IISS, The Military Balance (active forces), World Bank (GDP), both rounded; forces as published by NATO.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from excomm.case import defaults
from excomm.world.coalition import Members, Participation, Scope, participation
from excomm.world.parameters import declared_ids, pack

__all__ = ["PAST_FORCES", "Comparison", "PastForce", "compare", "fit"]

Floats = np.ndarray[Any, Any]

# Member -> active forces [thousand] and GDP [bn USD of the year], rounded.
_SIXTEEN = {
    "United States": (1518, 7640), "Türkiye": (508, 170), "France": (409, 1600), "Germany": (340, 2590),
    "Italy": (317, 1170), "United Kingdom": (237, 1340), "Spain": (206, 610), "Greece": (171, 135),
    "Netherlands": (74, 450), "Canada": (71, 600), "Portugal": (54, 118), "Belgium": (47, 290), "Denmark": (33, 185),
    "Norway": (30, 150), "Luxembourg": (1, 21), "Iceland": (0, 7),
}  # fmt: skip
_NINETEEN = {
    "United States": (1372, 9630), "Türkiye": (639, 250), "France": (317, 1490), "Germany": (333, 2200),
    "Italy": (266, 1250), "United Kingdom": (212, 1690), "Spain": (187, 630), "Greece": (166, 140),
    "Netherlands": (56, 440), "Canada": (61, 680), "Portugal": (50, 130), "Belgium": (42, 260), "Denmark": (24, 180),
    "Norway": (31, 160), "Luxembourg": (1, 22), "Iceland": (0, 9), "Poland": (241, 170), "Czechia": (58, 65),
    "Hungary": (43, 49),
}  # fmt: skip
_TWENTY_EIGHT = {
    "United States": (1569, 15540), "Türkiye": (511, 840), "France": (239, 2860), "Germany": (251, 3750),
    "Italy": (185, 2290), "United Kingdom": (174, 2660), "Spain": (143, 1480), "Greece": (144, 285),
    "Netherlands": (37, 905), "Canada": (66, 1790), "Portugal": (43, 245), "Belgium": (34, 520), "Denmark": (19, 345),
    "Norway": (26, 500), "Luxembourg": (1, 60), "Iceland": (0, 15), "Poland": (100, 530), "Czechia": (24, 230),
    "Hungary": (27, 140), "Romania": (72, 190), "Bulgaria": (31, 57), "Slovakia": (16, 99), "Slovenia": (8, 52),
    "Croatia": (19, 63), "Albania": (14, 13), "Estonia": (6, 23), "Latvia": (5, 27), "Lithuania": (11, 43),
}  # fmt: skip


@dataclass(frozen=True)
class PastForce:
    """A force of the past. troops: the largest number in theatre, None for an air campaign; members: taking part.

    asked: size asked for; combat, on_ceasefire, rung: its scope, see `world.coalition.Scope`; support: share of
    the public in favour, one figure for all members; source of what came.
    """

    id: str
    name: str
    year: int
    alliance: dict[str, tuple[int, int]]
    asked: float
    combat: float
    on_ceasefire: float
    rung: float
    support: float
    troops: float | None
    members: int
    source: str


PAST_FORCES = (
    PastForce(
        "ifor", "IFOR, Bosnia", 1996, _SIXTEEN, 60e3, 0.0, 1.0, 2.0, 0.45, 60e3, 16,
        "NATO: about 60,000 soldiers, all 16 members and others; support about as in Gallup, December 1995",
    ),
    PastForce(
        "kfor", "KFOR, Kosovo", 1999, _NINETEEN, 50e3, 0.0, 1.0, 2.0, 0.5, 50e3, 19,
        "NATO: about 50,000 soldiers at the height, all 19 members and others; support judgement",
    ),
    PastForce(
        "isaf", "ISAF, Afghanistan", 2011, _TWENTY_EIGHT, 140e3, 0.5, 0.0, 3.0, 0.4, 131e3, 28,
        "NATO placemat of June 2011: about 131,000 soldiers, all 28 members and others; half of the scope combat and "
        "support of 40 per cent are judgement",
    ),
    PastForce(
        "libya-part", "Libya, taking part", 2011, _TWENTY_EIGHT, 15e3, 0.0, 0.0, 3.0, 0.45, None, 14,
        "14 of 28 members took part (Haesebrouck 2017); support about as in polls of spring 2011",
    ),
    PastForce(
        "libya-strike", "Libya, striking", 2011, _TWENTY_EIGHT, 15e3, 1.0, 0.0, 3.0, 0.45, None, 8,
        "8 of 28 members struck targets on the ground (Haesebrouck 2017)",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """What the model says of a past force, and what came: 5 %, 50 % and 95 % points over draws."""

    force: PastForce
    troops: tuple[float, float, float]
    members: tuple[float, float, float]
    gap: tuple[float, float, float]

    @property
    def troops_inside(self) -> bool:
        """Whether the force that came lies within the central 90 % of the draws, to a tenth."""
        came = self.force.troops
        return came is None or 0.9 * self.troops[0] <= came <= 1.1 * self.troops[2]

    @property
    def members_inside(self) -> bool:
        """Whether the number of members lies within the central 90 % of the draws, to one member."""
        return self.members[0] - 1 <= self.force.members <= self.members[2] + 1


def _members(force: PastForce) -> Members:
    def column(values: Any) -> Any:
        return np.asarray(values, dtype=np.float32)

    table = list(force.alliance.values())
    gdp = column([row[1] for row in table])
    number = len(table)
    return Members(
        weight=gdp / gdp.sum(),
        forces=column([1000.0 * row[0] for row in table]),
        border=column(np.zeros(number)),
        support=column(np.full(number, force.support)),
        election=column(np.zeros(number)),
    )


def _solve(values: dict[str, Floats]) -> dict[str, Participation]:
    """The model for each past force; values: id -> (1, draws). All of them had a mandate of the United Nations."""
    found = {}
    solve = jax.jit(participation)
    for force in PAST_FORCES:
        mandated = np.ones_like(values["coalition.mandate"])
        asked = np.full_like(mandated, force.asked)
        parameters = pack({**values, "coalition.mandate": mandated, "deployment.size_requested": asked})
        combat, later, rung, none, one = (
            jnp.full((1, 1, 1), value) for value in (force.combat, force.on_ceasefire, force.rung, 0.0, 1.0)
        )
        scope = Scope(combat=combat, on_ceasefire=later, roll_back=none, rung=rung, consensus=one)
        found[force.id] = solve(parameters.coalition, parameters.deployment, _members(force), scope)
    return found


def _priors(draws: int, seed: int) -> dict[str, Floats]:
    """Default priors in equal steps of probability, in random order."""
    random = np.random.default_rng(seed)
    known = defaults()
    return {
        name: np.asarray(known[name].prior.ppf((random.permutation(draws) + 0.5) / draws))[None, :]
        for name in declared_ids()
    }


def _points(values: Any, weights: Floats | None = None) -> tuple[float, float, float]:
    flat = np.asarray(values, dtype=float).ravel()
    found = np.quantile(flat, (0.05, 0.5, 0.95), method="inverted_cdf", weights=weights)
    return float(found[0]), float(found[1]), float(found[2])


def compare(draws: int = 512, seed: int = 0) -> tuple[Comparison, ...]:
    """Every past force under the default priors."""
    results = _solve(_priors(draws, seed))
    return tuple(
        Comparison(
            force=force,
            troops=_points(results[force.id].realised),
            members=_points(results[force.id].members),
            gap=_points(results[force.id].gap),
        )
        for force in PAST_FORCES
    )


def fit(draws: int = 20_000, seed: int = 0) -> dict[str, tuple[float, float, float]]:
    """5 %, 50 % and 95 % points of the coalition's parameters after the past forces, by importance weights.

    Priors before the fit: the defaults, but base normal(-2, 1.2), peer effect uniform(0.3, 7), combat shift and
    deployable share lognormal around 1.4 and 6 per cent. Errors of the model: 12 per cent of the members, a factor
    of 1.5 in troops (all judgement).
    """
    values = _priors(draws, seed)
    random = np.random.default_rng(seed + 1)
    shape = (1, draws)
    values["coalition.base"] = random.normal(-2.0, 1.2, shape)
    values["coalition.peer_effect"] = random.uniform(0.3, 7.0, shape)
    values["coalition.combat_shift"] = np.exp(random.normal(np.log(1.4), 0.5, shape))
    values["coalition.deployable_share"] = np.exp(random.normal(np.log(0.06), 0.4, shape))
    results = _solve(values)
    log_weight = np.zeros(draws)
    for force in PAST_FORCES:
        members = np.asarray(results[force.id].members, dtype=float).ravel()
        log_weight -= 0.5 * ((members - force.members) / (0.12 * len(force.alliance))) ** 2
        if force.troops is not None:
            troops = np.maximum(np.asarray(results[force.id].realised, dtype=float).ravel(), 1.0)
            log_weight -= 0.5 * (np.log(troops / force.troops) / 0.4) ** 2
    weights = np.exp(log_weight - log_weight.max())
    names = [name for name in declared_ids() if name.startswith("coalition.")]
    return {name: _points(values[name], weights / weights.sum()) for name in names}
