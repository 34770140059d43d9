"""Runs with a submodel switched off: what is left, what is said of it, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from excomm.errors import UsageError
from excomm.pipeline.mechanisms import Mechanisms, find_mechanisms


@pytest.fixture(scope="module")
def found() -> Mechanisms:
    return find_mechanisms(
        "strait", submodels=["deployment", "energy"], outcomes=["killed_alliance", "clash_probability"],
        draws=16, replicates=4,
    )  # fmt: skip


def test_without_the_deployment_an_intervention_kills_no_allied_soldier(found: Mechanisms) -> None:
    place = found.options.index("intervention"), found.outcomes.index("killed_alliance")
    assert found.effect[place] > 10.0
    assert found.without[(found.submodels.index("deployment"), *place)] == 0.0
    name, added, error = found.makers("intervention", "killed_alliance")[0]
    assert name == "deployment"
    assert added == pytest.approx(found.effect[place])
    assert 0.0 < error < added
    assert "; 0 without deployment" in found.sentence("intervention", "killed_alliance")


def test_what_makes_no_difference_is_not_named(found: Mechanisms) -> None:
    assert found.makers("air-shield", "killed_alliance") == []
    assert "no submodel by itself" in found.sentence("air-shield", "killed_alliance")


def test_json_holds_the_same_numbers(found: Mechanisms) -> None:
    content = json.loads(json.dumps(found.to_json()))
    assert len(content["effects"]) == len(found.options) * 2
    first = content["effects"][0]
    assert first["effect"] == found.effect[0, 0]
    assert [each["submodel"] for each in first["without"]] == ["deployment", "energy"]
    assert np.allclose([each["effect"] for each in first["without"]], found.without[:, 0, 0])


@pytest.mark.parametrize("wrong", [{"submodels": ["tanks"]}, {"outcomes": ["glory"]}])
def test_an_unknown_name_is_refused_with_the_known_ones(wrong: dict[str, list[str]]) -> None:
    with pytest.raises(UsageError, match="is not known"):
        find_mechanisms("strait", **wrong)
