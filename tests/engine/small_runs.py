"""Cases and simulations in the one shape that all tests of the engine share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from excomm.beliefs.draws import Draws, draw
from excomm.case.distributions import Prior
from excomm.case.frozen import FrozenMap
from excomm.case.model import Case
from excomm.case.prior_text import parse_prior
from excomm.engine.setup import review_week
from excomm.engine.simulation import Simulation, simulate

DRAWS, REPLICATES, CHUNK = 16, 4, 16


def drawn(case: Case, *, number: int = DRAWS, seed: int = 0) -> Draws:
    options = tuple(option.id for option in case.options)
    return review_week(case, draw(case, options=options, number=number, seed=seed))


def simulated(case: Case, *, number: int = DRAWS, seed: int = 0, **settings: Any) -> Simulation:
    settings = {"replicates": REPLICATES, "chunk_draws": CHUNK, "workers": 1} | settings
    draws = settings.pop("draws", None) or drawn(case, number=number, seed=seed)
    return simulate(case, draws, seed=seed, **settings)


def with_priors(case: Case, **texts: str) -> Case:
    """The case with other base priors by id (`__` for dots), in the unit of the parameter."""
    stated = dict(case.base_parameters)
    for name, text in texts.items():
        key = name.replace("__", ".")
        old = stated[key]
        stated[key] = replace(old, prior=parsed(text, old.unit))
    return replace(case, base_parameters=FrozenMap(stated))


def parsed(text: str, unit: str) -> Prior:
    return parse_prior(f"{text} {unit}", unit)


def mirrored(case: Case) -> tuple[Case, Case]:
    """A case in which nothing but the parameters of the two sides sets them apart, and the same with sides swapped.

    All postures of a side mean the same, so that moves change nothing; no effect of aid, no patron, no allied
    force, a front at rest, talks without effect, reports unread. Correlations stay.
    """
    quiet = {
        "aid__elasticity": "0", "aid__interceptors": "0", "aid__level": "1", "aid__cut_probability": "0",
        "aid__cut_size": "0", "morale__aid_effect": "0", "patron__troops_present": "0", "patron__troops_surge": "0",
        "front__initial_gain": "0", "front__occupied_area": "10000000", "diplomacy__talks_ratio": "1",
        "deployment__size_requested": "0", "diplomacy__ceasefire": "0.02",
    }  # fmt: skip
    still = with_priors(case, **quiet)
    stated = dict(still.base_parameters)
    # One side stated otherwise than the other, so that a mirror has something to show.
    stated["power.host.capacity"] = replace(stated["power.host.capacity"], prior=parsed("2 to 3", "GW"))
    stated["air.adversary.drones"] = replace(
        stated["air.adversary.drones"], prior=parsed("90 to 200", "weapons/week")
    )
    alliance = {"aid": 1.0, "shield": 0.0, "presence": 0.0, "engaged": 0.0}
    adversary = {"front": 1.0, "air": 1.0, "horizontal": 0.0, "strikes_forces": 0.0, "strikes_territory": 0.0}
    postures = {}
    for side, meaning in (("alliance", alliance), ("adversary", adversary)):
        postures[side] = tuple(
            replace(posture, rung=rung, attributes=FrozenMap(meaning))
            for rung, posture in enumerate(case.postures[side])
        )
    options = tuple(replace(option, parameters=FrozenMap({}), trigger="now") for option in still.options)
    one = replace(
        still, base_parameters=FrozenMap(stated), postures=FrozenMap(postures), options=options,
        calendar=(), propositions=(),
    )  # fmt: skip
    roles = {"host": "adversary", "adversary": "host"}
    swapped = {turned(name): replace(p, id=turned(name)) for name, p in stated.items()}
    actors = tuple(replace(actor, role=roles.get(actor.role, actor.role)) for actor in one.actors)
    correlations = tuple(
        replace(pair, between=tuple(turned(name) for name in pair.between)) for pair in one.correlations
    )
    other = replace(one, base_parameters=FrozenMap(swapped), actors=actors, correlations=correlations)
    return one, other


def turned(name: str) -> str:
    """Id of the same parameter on the other side."""
    block, _, rest = name.partition(".")
    side, _, field = rest.partition(".")
    if block in ("ground", "air", "power", "civil"):
        return f"{block}.{'adversary' if side == 'host' else 'host'}.{field}"
    return name


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    """Equal to the last bit, name by name."""
    assert list(one) == list(other)
    for name in one:
        assert one[name].tobytes() == other[name].tobytes(), name
