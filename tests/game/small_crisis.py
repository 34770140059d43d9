"""A small crisis for tests of the game: three alliance postures, four of the adversary, what they bring made up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from excomm.game.crisis import CrisisBlock
from excomm.game.payoffs import own_parameters, stage_payoffs

ALLIANCE, ADVERSARY, FRONTS, EPOCHS = 3, 4, 3, 4
WORLD = ("deployment.engaged_share", "deployment.quality", "ground.adversary.strength")
TYPICAL = {
    "game.precision_alliance": 3.0, "game.precision_adversary": 3.0, "game.discount": 0.98,
    "utility.alliance.territory": 1.0, "utility.alliance.own_dead": 5.0, "utility.alliance.partner_dead": 0.05,
    "utility.alliance.cost": 0.015, "utility.alliance.pressure": 0.15, "utility.alliance.homeland": 5.0,
    "utility.alliance.commitment": 0.05, "utility.alliance.audience": 0.5, "utility.alliance.disaster": 100.0,
    "utility.adversary.territory": 1.0, "utility.adversary.own_dead": 0.02, "utility.adversary.presence": 0.2,
    "utility.adversary.pressure": 0.1, "utility.adversary.clash_gain": 0.4, "utility.adversary.commitment": 0.1,
    "utility.adversary.retaliation_forces": 0.3, "utility.adversary.retaliation_territory": 3.0,
    "utility.adversary.local_strength": 3.0, "utility.adversary.threat": 2.5, "utility.adversary.warning": 0.4,
    "utility.adversary.audience": 0.1, "utility.adversary.disaster": 100.0,
    "perception.reassure": 0.1, "perception.deter": 0.3, "perception.roll_back": 0.9,
    "resolve.alliance": 0.5, "resolve.adversary": 0.3, "resolve.alliance_relief": 0.5,
    "resolve.adversary_relief": 0.6,
    "deployment.engaged_share": 0.2, "deployment.quality": 1.5, "ground.adversary.strength": 400_000.0,
}  # fmt: skip


def setting() -> SimpleNamespace:
    """Aid, force in the rear, force in combat; talks, war, pressure, strikes on forces."""
    column = np.array
    return SimpleNamespace(
        postures=SimpleNamespace(
            presence=column([0.0, 1.0, 1.0]), engaged=column([0.0, 0.0, 1.0]), alliance_rung=column([1.0, 2.0, 4.0]),
            horizontal=column([0.0, 0.2, 1.0, 1.0]), strikes_forces=column([0.0, 0.0, 0.0, 1.0]),
            strikes_territory=column([0.0, 0.0, 0.0, 0.0]), adversary_rung=column([0.0, 1.0, 2.0, 4.0]),
        )
    )  # fmt: skip


def periods(draws: int, *, troops: float, epochs: int = EPOCHS, fronts: int = FRONTS) -> dict[str, Any]:
    """What the world brings in each period of one option, (1, draws, epochs, alliance, adversary, fronts)."""
    shape = (1, draws, epochs, ALLIANCE, ADVERSARY, fronts)
    a, r, f = (
        np.arange(n, dtype=float).reshape([-1 if k == axis else 1 for k in range(3)])
        for axis, n in enumerate(shape[3:])
    )
    present, engaged, strikes = (a >= 1) * 1.0, (a == 2) * 1.0, (r == 3) * 1.0
    table = {
        "front_gain": 500.0 - 600.0 * engaged - 100.0 * (f - fronts // 2) - 30.0 * (r == 0),
        "killed_alliance": troops * (0.004 * engaged + 0.004 * present * strikes),
        "dead_host": 4000.0 + 0.0 * a,
        "dead_adversary": 6000.0 + 2000.0 * engaged,
        "cost": 6.0 + 2.0 * present,
        "nuclear_hazard": 1e-4 * (1 + 5 * engaged + 5 * strikes * present),
        "incident_hazard": 0.01 * present,
        "agreement_hazard": 0.01 + 0.03 * (r == 0),
        "troops_alliance": 4.0 * troops * present,
        "break_host": 0.02 + 0.0 * a,
        "break_adversary": 0.01 + 0.02 * engaged,
    }
    found = {
        name: np.broadcast_to(value + 0.0 * (a + r + f), shape).astype(float) for name, value in table.items()
    }
    found["area"] = -np.cumsum(found["front_gain"], axis=2)
    return found


def crisis(
    *,
    draws: int = 1,
    troops: float = 30_000.0,
    realised: float = 30_000.0,
    ceiling: int = ALLIANCE - 1,
    epochs: int = EPOCHS,
    fronts: int = FRONTS,
    alliance_first: bool = True,
    perceived: float = 0.3,
    **changes: Any,
) -> CrisisBlock:
    """A crisis under one option; changes by id of a parameter with `__` for dots, a number or one for each draw."""
    values = {name: np.full((1, draws), TYPICAL[name], dtype=float) for name in (*own_parameters(), *WORLD)}
    for name, value in changes.items():
        assert name.replace("__", ".") in values, name
        values[name.replace("__", ".")] = np.broadcast_to(np.asarray(value, dtype=float), (1, draws)).copy()
    brought = periods(draws, troops=troops, epochs=epochs, fronts=fronts)
    shape = np.full((1, draws), realised)
    stage = stage_payoffs(brought, values, setting(), shape, np.full((1, draws), perceived))
    course = brought["area"][:, :, :, ceiling, 1]
    return CrisisBlock(
        stage=stage,
        periods=brought,
        values=values,
        area=np.concatenate([np.zeros_like(course[:, :, :1]), course], axis=2),
        noise=np.full((1, draws, epochs, ADVERSARY), 250.0),
        collapse=np.full((1, draws, ADVERSARY), 800.0),
        ceiling=np.array([ceiling]),
        floor=np.array([1]),
        floor_epochs=np.array([2.0]),
        alliance_first=alliance_first,
    )
