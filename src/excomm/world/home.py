"""The home front of both sides: output of the economy and support for the war, 1 at the information date.

Support falls with the logarithm of the cumulative dead (Mueller 1973), so the first losses cost most; it falls
with hardship and rises with success at the front (Gelpi, Feaver and Reifler 2009). Limits: an index, not a poll;
no elections, no repression, no rally at the beginning. Coefficients are judgement.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from excomm.world.parameters import Economy, Home

__all__ = ["output", "support"]


def output(economy: Economy, *, year: Array, dark: Array, price: Array) -> Array:
    """Output against the information date, at least a tenth.

    dark: demand for electricity not served above that of the outset; price: logarithm of the price of energy
    against the outset (exporters gain, importers lose).
    """
    change = economy.growth * year - economy.dark_effect * dark + economy.energy_effect * price
    return jnp.maximum(1.0 + change, 0.1)


def support(home: Home, *, killed: Array, usual_killed: Array, output: Array, success: Array) -> Array:
    """Support for the war, within 0.05 and 1.5.

    killed: own soldiers since the information date; usual_killed: in a year at the pace of the outset; success:
    own gain of land over half a year of the largest gain of an offensive, within -1 and 1.
    """
    toll = home.dead_effect * jnp.log1p(killed / usual_killed)
    hardship = home.hardship_effect * (1.0 - output)
    return jnp.clip(1.0 - toll - hardship + home.success_effect * success, 0.05, 1.5)
