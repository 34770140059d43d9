"""Parameters for tests of the world: single values, and random ones within the declared bounds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import jax
import numpy as np
from hypothesis import Phase, settings

from excomm.case import defaults
from excomm.world.parameters import WorldParameters, declared_ids, pack
from excomm.world.sides import Sides

# The same cases every time. A seed of random parameters has nothing to shrink, and trying to costs minutes.
fixed_cases = settings(deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))

Floats = np.ndarray[Any, np.dtype[np.float64]]


@cache
def middle() -> Mapping[str, float]:
    """Prior medians of the shipped defaults, by id."""
    known = defaults()
    return {name: float(known[name].prior.ppf(np.array([0.5]))[0]) for name in declared_ids()}


def world(**changes: float | Floats) -> WorldParameters:
    """Parameters at the prior medians; changes by id with `__` for dots: `front__initial_gain=20.0`.

    An array is taken along the axis of draws.
    """
    stated = {name.replace("__", "."): np.atleast_1d(value) for name, value in changes.items()}
    unknown = set(stated) - set(middle())
    assert not unknown, unknown
    draws = max([len(value) for value in stated.values()], default=1)
    values = {name: np.full((1, draws), value) for name, value in middle().items()}
    for name, value in stated.items():
        values[name] = np.broadcast_to(value, (1, draws))
    return pack(values)


def both(sides: Sides[Any]) -> Any:
    """What belongs to the sides in one object, with a leading axis: host first, adversary second."""
    return jax.tree.map(lambda host, adversary: np.stack([host, adversary]), sides.host, sides.adversary)


def random_values(seed: int, draws: int, options: int = 1, usual_share: float = 1 / 3) -> dict[str, Floats]:
    """Values by id, shape (options, draws): a share from the prior, the rest from anywhere in the bounds.

    Positive bounds over several orders of magnitude are filled evenly on the logarithmic scale.
    """
    random = np.random.default_rng(seed)
    known = defaults()
    shape = (options, draws)
    values: dict[str, Floats] = {}
    for name in declared_ids():
        low, high = known[name].bounds
        even = random.uniform(low, high, shape)
        if low >= 0 and high > 2:
            even = np.exp(random.uniform(np.log(max(low, 1e-4)), np.log(high), shape))
            even = np.where(random.uniform(size=shape) < 0.1, low, even)
        usual = known[name].prior.ppf(random.uniform(1e-3, 1 - 1e-3, shape))
        value = np.where(random.uniform(size=shape) < usual_share, usual, even)
        values[name] = np.round(value) if name == "attrition.form" else value
    return values
