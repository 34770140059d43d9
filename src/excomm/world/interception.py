"""Interception in closed forms: leakage, magazines, saturation, and the exchange of salvos.

A threat that is engaged by n interceptors of single-shot kill probability k leaks with (1 - k)^n. When interceptors
are short, they are spread evenly: some threats get one more than the others. That leaks less than serving some in
full and others not at all, because (1 - k)^n is convex. Limits: shots are independent given k; a common cause, which
the records of attacks require, comes in from outside through k. Sources: Wilkening (1999), Science & Global Security
8; Hughes (1995), Naval Research Logistics 42.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

__all__ = [
    "Salvo",
    "best_shots",
    "effectiveness",
    "engaged_share",
    "even_leak",
    "hughes_losses",
    "leak",
    "none_leaks",
    "required_kill",
    "required_single_shot",
    "shots_when_looking",
]


def leak(kill: Any, shots: Any) -> Any:
    """Probability that a threat leaks through a number of independent shots."""
    return (1.0 - kill) ** shots


def even_leak(kill: Any, shots: Any) -> Any:
    """Share that leaks where each threat gets `shots` on average, spread evenly: the floor or one more."""
    fewer = jnp.floor(shots)
    more = shots - fewer
    # (1 - kill)^fewer by exp and log, kept off the end at kill = 1.
    passed = jnp.exp(fewer * jnp.log(jnp.maximum(1.0 - kill, 1e-30)))
    return passed * (1.0 - more * kill)


def effectiveness(kill: Any, wanted: Any, shots: Any) -> Any:
    """Share of the usual kill probability that is left where a threat gets `shots` instead of those wanted.

    kill: probability at the wanted number; the single shot follows from it. 0 at no shots, 1 at those wanted, and
    concave in between: the first shots do most.
    """
    single = 1.0 - jnp.exp(jnp.log(jnp.maximum(1.0 - kill, 1e-30)) / wanted)
    return (1.0 - even_leak(single, jnp.minimum(shots, wanted))) / (1.0 - even_leak(single, wanted))


def none_leaks(threats: Any, kill: Any, shots: Any, *, tracked: Any = 1.0) -> Any:
    """Probability that none of some threats leaks; tracked: probability that a threat is seen (Wilkening)."""
    return (tracked * (1.0 - leak(kill, shots))) ** threats


def required_kill(threats: Any, *, wanted: float = 0.8) -> Any:
    """Kill probability for each threat at which none leaks with the wanted probability."""
    return wanted ** (1.0 / threats)


def required_single_shot(threats: Any, shots: Any, *, wanted: float = 0.8) -> Any:
    """Single-shot kill probability that this takes with a number of shots at each."""
    return 1.0 - (1.0 - required_kill(threats, wanted=wanted)) ** (1.0 / shots)


def shots_when_looking(kill: float, most: int) -> float:
    """Expected shots at a threat where each is awaited before the next, up to `most`."""
    return sum((1.0 - kill) ** earlier for earlier in range(most))


def best_shots(kill: float, threats: float, stock: float, refill: float, weeks: int) -> int:
    """Shots at each threat, 1 to 3, that let the fewest leak over some weeks, with what the magazine allows.

    threats and refill per week. A full magazine asks for more shots, an emptying one for fewer: its shadow price.
    """
    leaked = []
    for shots in (1, 2, 3):
        left, total = stock, 0.0
        for _ in range(weeks):
            fired = min(left + refill, shots * threats)
            total += threats * float(even_leak(kill, fired / threats))
            left = left + refill - fired
        leaked.append(total)
    return int(np.argmin(leaked)) + 1


@dataclass(frozen=True)
class Salvo:
    """A force in an exchange of salvos: units, shots that hit per unit, hits that it stops, hits that sink one."""

    units: float
    striking: float
    defending: float
    staying: float


def hughes_losses(one: Salvo, other: Salvo) -> tuple[float, float]:
    """Units that each force loses in one simultaneous exchange of salvos, between none and all (Hughes 1995)."""

    def lost(attacker: Salvo, defender: Salvo) -> float:
        through = attacker.striking * attacker.units - defender.defending * defender.units
        return float(np.clip(through / defender.staying, 0.0, defender.units))

    return lost(other, one), lost(one, other)


def engaged_share(channels: Array, threats: Array) -> Array:
    """Share of the threats that a defence can engage with its channels in a week; the rest leaks untouched."""
    return jnp.minimum(1.0, channels / jnp.maximum(threats, 1e-6))
