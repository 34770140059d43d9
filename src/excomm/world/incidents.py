"""Incidents between forces that meet, and nuclear use that nobody decided in calm.

An encounter (a scramble, a close pass, a shot in contested air) turns lethal with a small probability, and a lethal
incident escalates with another. Inadvertent use has two roots: false alarm or accident, which is part of the
public estimates at the information date and grows with the rung, and loss of control in combat between the two
sides. Limits: encounters are alike and independent; a host that takes more risks under the protection of an allied
force (entrapment) only raises their number. Source: Sagan (1993) for accidents, scrambles published by NATO for
encounters; probabilities are judgement.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Escalation, Nuclear

__all__ = ["encounters", "inadvertent_hazard", "incident_hazard", "quiet_share"]


def quiet_share(escalation: Escalation, ceasefire: Array) -> Array:
    """Factor on encounters and on deliberate use: 1 while the war goes on, less under a ceasefire (0 or 1)."""
    return 1.0 - ceasefire * (1.0 - escalation.ceasefire_share)


def encounters(
    escalation: Escalation, *, shield: Array, presence: Array, deployed: Array, entrapment: Array
) -> Array:
    """Encounters a week. shield, deployed: those that the shield and the force bring; presence: force there (0..1)."""
    return (escalation.encounters_base + shield + deployed) * jnp.exp(entrapment * presence)


def incident_hazard(escalation: Escalation, encounters: Array) -> Array:
    """Probability per week that an encounter turns lethal *and* escalates; encounters per week."""
    return -jnp.expm1(-encounters * escalation.lethal * escalation.escalates)


def inadvertent_hazard(
    escalation: Escalation,
    nuclear: Nuclear,
    *,
    rungs: Array,
    clash: Array,
    strikes_territory: Array,
    incident: Array,
) -> Array:
    """Probability per week of nuclear use that nobody decided in calm.

    rungs: rungs above the information date; incident: hazard of an escalating incident, times the combat that one
    stands for (a week); strikes on alliance territory count as clash once more.
    """
    accident = nuclear.baseline * nuclear.accident_share
    alarm = accident * jnp.exp(jnp.log(escalation.tension_factor) * rungs)
    control = escalation.clash_nuclear * jnp.minimum(clash + strikes_territory + incident, 2.0)
    return jnp.minimum(alarm + control, 0.5)
