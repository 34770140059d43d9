"""States outside the fighting: those drawn in, those that feed the adversary, refugees, the price of energy.

A neighbour is drawn in with a hazard that rises with pressure below war and with combat between alliance and
adversary. A patron sends troops and materiel, and more of both as the alliance commits itself. Refugees leave as
power fails and land is lost, and return under a ceasefire. The price of energy is an autoregression that crises
push up. Limits: neighbours and patrons answer by rule, they do not choose; one price for all energy; refugees of
the host only. Source: Siverson and Starr (1991) for diffusion; coefficients are judgement.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Energy, Neighbour, Patron

__all__ = ["energy_next", "materiel_factor", "neighbour_hazard", "patron_materiel_next", "refugees_next"]


def neighbour_hazard(neighbour: Neighbour, *, horizontal: Array, presence: Array, clash: Array) -> Array:
    """Probability per week that a state outside the fighting is drawn in.

    horizontal: intensity of sabotage, proxies and cyber attacks; presence: share of an allied force in theatre;
    clash: intensity of combat between alliance and adversary and of strikes on alliance territory.
    """
    log_factor = (
        neighbour.pressure_effect * horizontal
        + neighbour.presence_effect * presence
        + neighbour.clash_effect * clash
    )
    return -jnp.expm1(-neighbour.baseline * jnp.exp(log_factor))


def patron_materiel_next(patron: Patron, level: Array, *, commitment: Array) -> Array:
    """Deliveries next week against the information date (1); commitment of the alliance above its aid, 0 to 1."""
    wanted = 1.0 + patron.materiel_response * commitment
    return level + (wanted - level) / jnp.maximum(patron.materiel_lag, 1.0)


def materiel_factor(patron: Patron, level: Array) -> Array:
    """Factor on the adversary's combat strength: its patrons supply a share of what it fires."""
    return 1.0 + patron.materiel_share * (level - 1.0)


def refugees_next(
    neighbour: Neighbour, refugees: Array, *, dark: Array, area_lost: Array, ceasefire: Array
) -> Array:
    """New refugees abroad since the information date [thousand people].

    dark: demand not served above that of the outset; area_lost: land that the host loses in the week [km2], at
    least 0. Under a ceasefire a share returns each week.
    """
    leaving = neighbour.refugees_dark * jnp.maximum(dark, 0.0) + neighbour.refugees_area * area_lost
    return refugees + leaving * (1.0 - ceasefire) - neighbour.return_share * ceasefire * refugees


def energy_next(energy: Energy, price: Array, *, horizontal: Array, clash: Array, noise: Array) -> Array:
    """Logarithm of the price of energy next week against the information date: AR(1) around what the crisis asks for.

    In a lasting crisis the mean tends to the effects themselves; noise is standard normal, and the standard
    deviation of the price in calm is `sd` whatever the memory.
    """
    wanted = energy.pressure_effect * horizontal + energy.clash_effect * clash
    shock = jnp.sqrt(1.0 - energy.memory**2) * energy.sd * noise
    return wanted + energy.memory * (price - wanted) + shock
