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

from excomm.world import interception, lanchester

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


WILKENING = "criterion of Wilkening (1999), Science & Global Security 8"
HUGHES = "equations of Hughes (1995), Naval Research Logistics 42"


def _air() -> list[ReferenceNumber]:
    numbers = []

    def add(what: str, published: float, tolerance: float, source: str, computed: Callable[[], Any]) -> None:
        numbers.append(ReferenceNumber("air", what, published, tolerance, source, lambda: float(computed())))

    for kill, shots, leaked in ((0.5, 2, 0.25), (0.7, 2, 0.09), (0.8, 3, 0.008), (0.8, 4, 0.0016)):
        add(f"leakage of {shots} shots at {kill:g} each", leaked, 1e-9, "closed form",
            partial(interception.leak, kill, shots))  # fmt: skip
    for threats, needed in ((4, 0.94574), (5, 0.95635), (10, 0.97793), (20, 0.98890), (50, 0.99555)):
        add(f"kill probability at which none of {threats} leaks with 0.8", needed, 5e-5, WILKENING,
            partial(interception.required_kill, threats))  # fmt: skip
    for threats, row in ((10, (0.9779, 0.8514, 0.7195, 0.6146)), (20, (0.9889, 0.8947, 0.7770, 0.6754))):
        for shots, single in enumerate(row, start=1):
            add(f"single shot for {threats} threats and {shots} shots each", single, 5e-5, WILKENING,
                partial(interception.required_single_shot, threats, shots))  # fmt: skip
    for tracked, chances in ((1.0, (0.9936, 0.9841, 0.9685)), (0.99, (0.9545, 0.8900, 0.7921))):
        for threats, chance in zip((4, 10, 20), chances, strict=True):
            add(f"none of {threats} leaks, 4 shots at 0.8, {tracked:g} tracked", chance, 5e-5, WILKENING,
                partial(interception.none_leaks, threats, 0.8, 4, tracked=tracked))  # fmt: skip
    add("none of 10 leaks at a leakage of 0.09 each", 0.389416, 5e-7, "binomial",
        partial(interception.none_leaks, 10, 0.7, 2))  # fmt: skip
    add("40 threats, 50 interceptors at 0.7: leak, spread evenly", 9.90, 1e-4, "closed form",
        lambda: 40 * interception.even_leak(0.7, 50 / 40))  # fmt: skip
    add("the same, two each as long as they last", 17.25, 1e-9, "closed form",
        lambda: 15 + 25 * interception.leak(0.7, 2))  # fmt: skip
    salvos = (
        ((2, 4, 0, 1), (3, 4, 4, 2), 2.0, 0.0), ((3, 4, 2, 2), (3, 4, 2, 2), 3.0, 3.0),
        ((2, 24, 16, 2), (6, 6, 1, 1), 2.0, 6.0),
    )  # fmt: skip
    for one, other, first, second in salvos:
        for place, lost in ((0, first), (1, second)):
            add(f"salvo of {one[0]} against {other[0]} units, losses of the {('first', 'second')[place]}", lost, 1e-9,
                HUGHES, partial(_hughes, one, other, place))  # fmt: skip
    return numbers


def _hughes(one: tuple[float, ...], other: tuple[float, ...], place: int) -> float:
    return interception.hughes_losses(interception.Salvo(*one), interception.Salvo(*other))[place]


REFERENCE_NUMBERS: tuple[ReferenceNumber, ...] = (*_ground(), *_air())
