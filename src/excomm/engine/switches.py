"""Switch submodels off, to see what each of them contributes.

A submodel that is switched off keeps its parameters but those that carry its effect are set to the value at which
it does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from excomm.beliefs.draws import Draws
from excomm.errors import UsageError

__all__ = ["NEUTRAL", "switch_off"]

NEUTRAL: Mapping[str, Mapping[str, float]] = {
    "ground": {"ground.host.casualties": 1e-3, "ground.adversary.casualties": 1e-3,
               "ground.host.recruits": 0.0, "ground.adversary.recruits": 0.0,
               "ground.host.surge": 0.0, "ground.adversary.surge": 0.0},
    "front": {"front.sensitivity": 0.0, "front.noise_sd": 0.0, "front.break_factor": 0.0, "front.form": 0.0},
    "airpower": {"airpower.allied": 0.0},
    "morale": {"morale.loss_effect": 0.0, "morale.dark_effect": 0.0, "morale.aid_effect": 0.0,
               "morale.success_effect": 0.0},
    "air": {f"air.{side}.{weapon}": 0.0 for side in ("host", "adversary")
            for weapon in ("drones", "cruise", "ballistic", "glide_share")},
    "power": {f"power.{side}.{field}": 0.0 for side in ("host", "adversary")
              for field in ("damage_missile", "damage_drone", "logistics_effect")},
    "civil": {f"civil.{side}.{field}": 0.0 for side in ("host", "adversary")
              for field in ("deaths_drone", "deaths_missile", "front_deaths", "displaced_unserved")},
    "aid": {"aid.elasticity": 0.0, "aid.interceptors": 0.0, "aid.cut_probability": 0.0},
    "shield": {"shield.coverage_drone": 0.0, "shield.coverage_cruise": 0.0, "shield.coverage_ballistic": 0.0,
               "shield.encounters": 0.0},
    "deployment": {"deployment.size_requested": 0.0},
    "coalition": {"coalition.dead_effect": 0.0, "coalition.entrapment": 0.0},
    "patron": {"patron.troops_surge": 0.0, "patron.materiel_share": 0.0},
    "escalation": {"escalation.lethal": 0.0, "escalation.clash_nuclear": 0.0},
    "nuclear": {"nuclear.baseline": 0.0},
    "neighbour": {"neighbour.baseline": 0.0, "neighbour.refugees_dark": 0.0, "neighbour.refugees_area": 0.0},
    "diplomacy": {"diplomacy.ceasefire": 0.0, "diplomacy.withdrawal": 0.0, "diplomacy.victory": 0.0,
                  "diplomacy.regime": 0.0},
    "energy": {"energy.sd": 0.0, "energy.pressure_effect": 0.0, "energy.clash_effect": 0.0},
    "economy": {f"economy.{side}.{field}": 0.0 for side in ("host", "adversary")
                for field in ("growth", "dark_effect", "energy_effect")},
    "home": {f"home.{side}.{field}": 0.0 for side in ("host", "adversary")
             for field in ("dead_effect", "hardship_effect", "success_effect")},
    "credibility": {"credibility.kept_effect": 0.0, "credibility.drain_effect": 0.0},
}  # fmt: skip


def switch_off(draws: Draws, only: Sequence[str] | None) -> Draws:
    """Draws with every submodel neutral that is not named in `only`; unchanged where `only` is None.

    Raises UsageError for a name that is no submodel.
    """
    if only is None:
        return draws
    unknown = [name for name in only if name not in NEUTRAL]
    if unknown:
        raise UsageError(
            f"{unknown[0]!r} is no submodel that can be chosen",
            path="--only",
            expected=", ".join(NEUTRAL),
            next_step="Name one or more of these, separated by commas.",
        )
    values = dict(draws.values)
    for name, neutral in NEUTRAL.items():
        if name not in only:
            values |= {
                parameter: np.full_like(values[parameter], value) for parameter, value in neutral.items()
            }
    return replace(draws, values=values)
