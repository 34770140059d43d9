"""A study whose every answer is known beforehand: three options, four parameters of which two matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import norm, qmc

from excomm.analysis.explain import ClaimSource
from excomm.analysis.study import Proposed, Stated, Study, View

__all__ = ["DRAWS", "TIPS_AT", "planted"]

DRAWS = 512
TIPS_AT = 1.0
OPTIONS = ("stay", "act", "wait")


def _stated(name: str, grade: str, prior: str = "a prior") -> Stated:
    proposition = "it-is-so" if name == "ground.size" else None
    return Stated(name, f"what {name} means", prior, "km2", "judgement", grade, proposition)


def planted(seed: int = 0) -> Study:
    """Area changes by 0 (stay), 10 (size - 1) (act), 4 drift (wait); risk by 1 in 1,000 times 10 to the power of drift.

    size, drift and the two idle parameters are standard normal; `wait` states drift anew, twice as wide.
    """
    chance = norm.ppf(qmc.Sobol(4, rng=seed).random(DRAWS))
    size, drift, idle, form = chance.T
    form = (form > 0).astype(float)
    zero = np.zeros(DRAWS)
    area = np.stack([zero, 10 * (size - TIPS_AT), 4 * drift])
    risk = np.clip(np.stack([np.full(DRAWS, 1e-4), 1e-3 * 10**drift, np.full(DRAWS, 1e-4)]), 0, 1)
    cost = np.stack([zero, np.full(DRAWS, 5.0), np.full(DRAWS, 1.0)])
    killed = np.stack([zero, 3 + 0 * size, zero])
    parameters = {
        "ground.size": np.stack([size] * 3),
        "front.drift": np.stack([drift, drift, 2 * drift]),
        "front.idle": np.stack([idle] * 3),
        "attrition.form": np.stack([form] * 3),
        "air.fixed": np.full((3, DRAWS), 7.0),
    }
    stated = {name: {"stay": _stated(name, grade)} for name, grade in zip(parameters, "ABCCC", strict=True)}
    stated["front.drift"]["wait"] = replace(_stated("front.drift", "B"), prior="a wider prior")
    outcomes = {
        "area_change": area,
        "nuclear_use_probability": risk,
        "cost_alliance": cost,
        "killed_alliance": killed,
    }
    return Study(
        run="planted",
        seed=seed,
        replicates=4,
        options=OPTIONS,
        names={"stay": "Stay", "act": "Act", "wait": "Wait"},
        places={"stay": 0, "act": 1, "wait": 2},
        reference="stay",
        outcomes=outcomes,
        noise={name: np.zeros_like(values) for name, values in outcomes.items()},
        parameters=parameters,
        stated=stated,
        views=(
            View("host", "the Host", "judgement", {"area_change": 1.0}),
            View("ally", "the Ally", "judgement", {"area_change": 0.5, "cost_alliance": -0.5}),
            View(
                "all",
                "everybody",
                "judgement",
                {"area_change": 0.4, "killed_alliance": -0.3, "nuclear_use_probability": -0.3},
            ),
        ),
        perspective="host",
        propositions=(Proposed("it-is-so", "it is so", "ground.size", 0.5, size > 0),),
        claims={"it-is-so": (ClaimSource("A report", "It is so.", "a paper", "it-is-so"),)},
    )
