"""What may be exchanged apart when the variance of an outcome is divided among submodels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from excomm.case import load
from excomm.errors import UsageError
from excomm.pipeline.sensitivity import sensitivity, submodel_groups


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
