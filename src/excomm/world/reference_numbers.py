"""Published and closed-form numbers that the submodels must reproduce, each with how the code computes it.

The tests hold every computed number to its tolerance; the pages on the submodels print the same list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp

from excomm.world import lanchester

__all__ = ["REFERENCE_NUMBERS", "ReferenceNumber", "euler_of_iwo_jima", "iwo_jima"]

ENGEL = "Engel (1954), JORSA 2"


@dataclass(frozen=True)
class ReferenceNumber:
    """A number of the literature. tolerance: absolute, in the unit of the number; computed: what the code gives."""

    submodel: str
    what: str
    published: float
    tolerance: float
    source: str
    computed: Callable[[], float]


# Engel's Iwo Jima: rates per day as the textbooks give them; landings within the first, third and sixth day.
US_LOSS, JAPAN_LOSS, DEFENDERS, OBSERVED_END = 0.0544, 0.0106, 21_500.0, 52_735.0
LANDINGS = {0: 54_000.0, 2: 6_000.0, 5: 13_000.0}
DAYS = 36


@jax.jit
def _campaign(landed: Any) -> Any:
    """Strengths after each day; landed: soldiers put ashore in the course of each day."""

    def day(strengths: Any, ashore: Any) -> Any:
        left = lanchester.advance(
            lambda _time, us, japan: (ashore - US_LOSS * japan, -JAPAN_LOSS * us),
            *strengths,
            time=1.0,
            steps=20,
        )
        return left, jnp.stack(left)

    _, path = jax.lax.scan(day, (jnp.zeros_like(landed[0]), jnp.full_like(landed[0], DEFENDERS)), landed)
    return path


@cache
def iwo_jima() -> tuple[tuple[float, float], ...]:
    """Strengths (United States, Japan) at the end of each of the 36 days, by Runge-Kutta steps."""
    with jax.enable_x64(True):
        path = _campaign(jnp.asarray([LANDINGS.get(day, 0.0) for day in range(DAYS)]))
        return tuple((float(us), float(japan)) for us, japan in path)


def _strength(day: int, side: int) -> float:
    return iwo_jima()[day - 1][side]


def euler_of_iwo_jima() -> tuple[float, float]:
    """The same campaign by one Euler step a day: what a poor integrator makes of it."""
    us, japan = 0.0, DEFENDERS
    for day in range(DAYS):
        us, japan = us + LANDINGS.get(day, 0.0) - US_LOSS * japan, japan - JAPAN_LOSS * us
    return us, japan


def _conserved(opponent: float, own: float) -> float:
    """Relative change of the invariant over a fight in which the weaker side loses more than a third."""
    form, a, b = lanchester.Exponents(opponent, own), 0.3, 0.2
    with jax.enable_x64(True):
        fight = jax.jit(
            lambda x, y: lanchester.advance(
                lambda _time, x, y: (-a * y**opponent * x**own, -b * x**opponent * y**own),
                x, y, time=1.5, steps=60,
            )
        )  # fmt: skip
        left = fight(jnp.asarray(1.0), jnp.asarray(0.7))
    before = lanchester.invariant(1.0, 0.7, a, b, form)
    return float(abs(lanchester.invariant(float(left[0]), float(left[1]), a, b, form) - before) / abs(before))


def _ground() -> list[ReferenceNumber]:
    def square(place: int) -> Callable[[], float]:
        return lambda: float(lanchester.square_law(1000.0, 800.0, 0.01, 0.01, 1e6)[place])

    closed = "closed form of the square law"
    numbers = [
        ReferenceNumber("ground", "survivors of 1,000 against 800, square law, 0.01 a day each", 600.0, 0.01, closed,
                        square(0)),
        ReferenceNumber("ground", "days until the 800 are gone", 109.8612, 1e-3, closed,
                        lambda: float(lanchester.square_end(1000.0, 800.0, 0.01, 0.01))),
        ReferenceNumber("ground", "survivors of 1,000 against 800, linear law, equal rates", 200.0, 1e-6,
                        "closed form of the linear law",
                        lambda: float(lanchester.invariant(1000.0, 800.0, 1.0, 1.0, lanchester.FORMS["linear"]))),
    ]  # fmt: skip
    known = {
        1: (52_835, 21_220), 3: (56_587, 20_092), 5: (54_466, 18_915), 6: (66_454, 18_274), 10: (62_778, 15_537),
        20: (56_063, 9_268), 28: (53_042, 4_656), 36: (51_985, 217),
    }  # fmt: skip
    for day, strengths in known.items():
        for place, side in enumerate(("United States", "Japan")):
            numbers.append(
                ReferenceNumber("ground", f"Iwo Jima, strength of {side} after day {day}", strengths[place], 5.0,
                                f"{ENGEL}, equations and rates; integrated twice",
                                partial(_strength, day, place))
            )  # fmt: skip
    numbers.append(
        ReferenceNumber("ground", "Iwo Jima, strength of the United States at the end, observed", OBSERVED_END,
                        0.02 * OBSERVED_END, ENGEL, lambda: iwo_jima()[-1][0])
    )  # fmt: skip
    for pair in ((1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.5, 0.5), (1.5, 0.2)):
        numbers.append(
            ReferenceNumber("ground", f"relative change of the invariant, p = {pair[0]:g}, q = {pair[1]:g}", 0.0, 1e-8,
                            "conservation law of the family", partial(_conserved, *pair))
        )  # fmt: skip
    return numbers


REFERENCE_NUMBERS: tuple[ReferenceNumber, ...] = (*_ground(),)
