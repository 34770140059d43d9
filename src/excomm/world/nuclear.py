"""Deliberate nuclear use as a threshold decision, the signal before it, the reply after it, the general exchange.

Each week the adversary weighs what use would bring against a cost that only it knows: taboo, reply, isolation. It
uses a weapon if the gain exceeds the cost; seen from outside that is a probability, P(cost < gain). The private
cost has a logistic law, so the log-odds of use rise by one for each unit of gain, and its place is set such that
the probability in the situation of the information date equals the public estimates: what people who knew of taboo
and reply believed. Nothing is added on top of them; a share of them is accident, not decision (`incidents`).
A signal is the same decision at a lower price. Limits: the cost is drawn anew each week; no third nuclear power;
after a use the world is not simulated further. Rare events are never counted: see `world.step`.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Nuclear

__all__ = ["gain_of_use", "general_given_use", "signal_probability", "use_probability"]


def gain_of_use(
    nuclear: Nuclear, *, regained: Array, regime: Array, clash: Array, strikes_territory: Array
) -> Array:
    """Gain from use over that of the information date, in units of the spread of the private cost (log-odds).

    regained: share of the occupied area that the adversary has lost, and more where its front collapses; regime:
    fall of its support at home (0..1); clash: intensity of combat between alliance and adversary (0..1);
    strikes_territory: of strikes on alliance territory. Third powers press harder as the stakes rise, up to
    `restraint`: at the information date their pressure is in the public estimates already. Never falls with any
    of the four.
    """
    stakes = (
        nuclear.territory_effect * regained
        + nuclear.regime_effect * regime
        + nuclear.clash_effect * clash
        + nuclear.strikes_effect * strikes_territory
    )
    return stakes + jnp.minimum(nuclear.restraint, 1.0) * jnp.expm1(-stakes)


def use_probability(nuclear: Nuclear, gain: Array) -> Array:
    """P(private cost < gain) in a week: the deliberate part of the baseline at no gain, logistic in the gain."""
    at_outset = nuclear.baseline * (1.0 - nuclear.accident_share)
    odds = at_outset / (1.0 - at_outset) * jnp.exp(gain)
    return odds / (1.0 + odds)


def signal_probability(nuclear: Nuclear, used: Array) -> Array:
    """P(at least a signal) in a week in which use has probability `used`: a test, a visible alert, a demonstration.

    The same private cost against a lower price: the odds are `signal_ratio` (>= 1) times those of use. So use
    given a signal has probability used / signal, and the chain of the two is counted once.
    """
    return nuclear.signal_ratio * used / (1.0 + (nuclear.signal_ratio - 1.0) * used)


def general_given_use(nuclear: Nuclear, *, strikes_territory: Array) -> Array:
    """Probability that nuclear use grows into a general exchange.

    Use is answered by nuclear means, or by conventional ones (which a second use may answer), or not. A nuclear
    exchange becomes general with its own probability. Where alliance territory is under open attack the nuclear
    reply is taken as given.
    """
    given = jnp.minimum(strikes_territory, 1.0)
    nuclear_reply = nuclear.reply_nuclear + (1.0 - nuclear.reply_nuclear) * given
    after_conventional = (1.0 - nuclear_reply) * nuclear.reply_conventional * nuclear.second_use
    return (nuclear_reply + after_conventional) * nuclear.general
