"""Sobol indices by submodel: against a model whose indices are known, and against what must hold of the real one."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from excomm.beliefs.draws import Draws
from excomm.case import load
from excomm.case.model import Case
from excomm.engine.simulation import Simulation, simulate
from excomm.errors import UsageError
from excomm.pipeline import sensitivity as room
from excomm.pipeline.sensitivity import CHANCE, Sensitivity, sensitivity, submodel_groups


def known_model(case: Case, draws: Draws, *, replicates: int, chance: Any, **_: Any) -> SimpleNamespace:
    """2 a + b + c d + 2 e of normal scores: a and b of the front, c and d of two other submodels, e chance.

    Its variance is 4 + 1 + 1 + 4 / replicates.
    """
    priors = case.parameters(case.reference.id)

    def score(name: str) -> Any:
        return ndtri(priors[name].prior.cdf(draws.values[name][0]))

    luck = np.random.default_rng(0).normal(size=(chance.max() + 1, replicates))[chance]
    straight = 2 * score("front.initial_gain") + score("front.noise_sd")
    product = score("ground.host.strength") * score("nuclear.baseline")
    return SimpleNamespace(outcomes={"area_change": ((straight + product)[:, None] + 2 * luck)[None]})


def by_group(found: Sensitivity, kind: str) -> dict[str, float]:
    return dict(zip(found.indices.groups, getattr(found.indices, kind).tolist(), strict=True))


def test_a_model_of_known_indices_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Largest standard error of an index with 4,096 base points: 0.019; every other submodel has exactly none."""
    monkeypatch.setattr(room, "simulate", known_model)
    found = sensitivity(load("strait"), outcome="area_change", base=4096, replicates=4)
    idle = dict.fromkeys(set(found.indices.groups) - {"front", "ground", "nuclear", CHANCE}, 0.0)
    first, total = by_group(found, "first"), by_group(found, "total")
    alone = {"front": 5 / 7, "ground": 0.0, "nuclear": 0.0, CHANCE: 1 / 7}
    assert first == pytest.approx(alone | idle, abs=0.05)
    assert total == pytest.approx(dict.fromkeys(alone, 1 / 7) | {"front": 5 / 7} | idle, abs=0.03)
    assert max(abs(total[name]) + abs(first[name]) for name in idle) < 1e-12
    assert found.indices.interactions_low <= 1 / 7 <= found.indices.interactions_high
    assert found.indices.variance == pytest.approx(7, rel=0.1)


def test_submodels_joined_by_a_correlation_are_one_group() -> None:
    case = load("strait")
    names = ["ground.host.strength", "front.noise_sd", "nuclear.baseline"]
    assert submodel_groups(case, names, ["current-aid"]) == {
        name.partition(".")[0]: (name,) for name in names
    }
    joined = replace(case.correlations[0], between=("ground.host.strength", "front.noise_sd"))
    assert submodel_groups(replace(case, correlations=(joined,)), names, ["current-aid"]) == {
        "ground + front": ("ground.host.strength", "front.noise_sd"),
        "nuclear": ("nuclear.baseline",),
    }


def test_submodels_that_one_proposition_decides_are_one_group() -> None:
    """Whether Yugoslavia yields soon decides two parameters under an air campaign, and none under talks."""
    case = load("kosovo-1999")
    names = ["diplomacy.agreement_ratio", "civil.host.front_deaths", "front.noise_sd"]
    assert list(submodel_groups(case, names, ["air-campaign"])) == ["diplomacy + civil", "front"]
    apart = case.reference.id
    assert list(submodel_groups(case, names, [apart])) == ["diplomacy", "civil", "front"]


def test_a_size_that_is_no_power_of_two_is_refused() -> None:
    with pytest.raises(UsageError, match="base of 100"):
        sensitivity(load("strait"), outcome="area_change", base=100)


@pytest.mark.long
def test_chance_and_submodels_share_the_variance(monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds of any model, within the errors; and chance has the share that the replicates of a draw give it.

    Three standard errors: one false alarm in 370 for each comparison of the two ways to the share of chance.
    """
    kept = []

    def remembered(*given: Any, **settings: Any) -> Simulation:
        kept.append(simulate(*given, **settings))
        return kept[-1]

    monkeypatch.setattr(room, "simulate", remembered)
    base, replicates = 64, 4
    found = sensitivity(load("strait"), outcome="area_change", base=base, replicates=replicates)
    first, total, indices = by_group(found, "first"), by_group(found, "total"), found.indices
    histories = kept[0].outcomes["area_change"][0, : 2 * base].astype(np.float64)
    by_replicates = histories.var(axis=1, ddof=1).mean() / replicates / histories.mean(axis=1).var()
    high, low = (by_group(found, f"total_{end}")[CHANCE] for end in ("high", "low"))
    assert total[CHANCE] == pytest.approx(by_replicates, abs=3 * (high - low) / 3.29)
    assert low > 0.02

    assert (indices.first_low <= indices.total_high).all()
    assert (indices.total >= 0).all()
    assert indices.interactions_high >= 0
    assert indices.total_high.sum() >= 1
    assert first["front"] > 0.1
    assert total["civil"] == pytest.approx(0, abs=1e-6)  # harm to civilians moves no front
    assert total["shield"] == pytest.approx(0, abs=1e-6)  # nor does a shield that this option does not give
