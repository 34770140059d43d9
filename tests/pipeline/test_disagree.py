"""Two files that disagree: the distance is that of two runs, and its parts add up."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from excomm.case import load
from excomm.errors import UsageError
from excomm.pipeline.assess import assess
from excomm.pipeline.disagree import COMMITMENTS, disagree

SMALL = {"draws": 16, "replicates": 4}


@pytest.fixture(scope="module")
def doubt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Strait as another analyst sees it: a faster front, a higher nuclear hazard, a longer floor."""
    folder = tmp_path_factory.mktemp("cases") / "doubt"
    shutil.copytree(load("strait").folder, folder)
    file = folder / "case.yaml"
    text = file.read_text(encoding="utf-8").replace("id: strait ", "id: doubt ", 1)
    text = text.replace("front.initial_gain: {prior: 2 to 10", "front.initial_gain: {prior: 20 to 40", 1)
    stated = "parameters:\n  nuclear.baseline: {prior: 0.001 to 0.01 probability/week, source: judgement}\n"
    file.write_text(re.sub(r"^parameters:\n", stated, text, count=1, flags=re.MULTILINE), encoding="utf-8")
    return folder


def test_the_distance_is_that_of_two_runs_and_its_parts_add_up(doubt: Path, stored: Any) -> None:
    found = disagree(load("strait"), load(str(doubt)), outcome="area_change", option="current-aid", **SMALL)
    other = assess(str(doubt), **SMALL, seed=0, store=False)
    assert found.why
    for side, run in ((found.why.first, stored), (found.why.second, other)):
        wanted = float(run.outcomes["area_change"].sel(option="current-aid").mean())
        assert side == pytest.approx(wanted, rel=1e-4)
    assert set(found.why.groups) == {"front", "nuclear"}
    assert found.why.effect.sum() == pytest.approx(found.why.distance, rel=1e-6)
    assert abs(found.why.share[found.why.groups.index("front")]) > 0.8
    assert {each.name for each in found.settings} == {"front.initial_gain", "nuclear.baseline"}
    assert "front.initial_gain" in found.sentence


def test_the_result_furthest_apart_is_explained_by_default(doubt: Path) -> None:
    found = disagree(load("strait"), load(str(doubt)), **SMALL)
    assert found.apart[0].clear
    assert found.why
    assert found.to_json()["why"]["groups"]
    shares = np.abs([each.distance for each in found.apart if each.clear])
    assert (np.diff(shares) <= 0).all()


def test_two_perspectives_differ_by_their_weights_alone() -> None:
    strait = load("strait")
    found = disagree(strait, strait, perspectives=("northland", "southland"), option="intervention", **SMALL)
    assert found.why
    assert all(name.startswith("weights on ") for name in found.why.groups)
    assert found.why.effect.sum() == pytest.approx(found.why.distance)
    assert found.sides == ("Northland", "Southland")


def test_a_file_does_not_disagree_with_itself() -> None:
    strait = load("strait")
    found = disagree(strait, strait, **SMALL)
    assert (found.settings, found.why) == ((), None)
    assert found.sentence.endswith("nothing differs that a conclusion could rest on.")


def test_commitments_are_a_group_of_their_own(doubt: Path, tmp_path: Path) -> None:
    shutil.copytree(doubt, tmp_path / "longer")
    file = tmp_path / "longer" / "case.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("weeks: 26}", "weeks: 40}"), encoding="utf-8")
    found = disagree(load(str(doubt)), load(str(tmp_path / "longer")), outcome="area_change", **SMALL)
    assert [each.group for each in found.settings] == [COMMITMENTS]


def test_what_cannot_be_compared_is_refused() -> None:
    strait, cuba = load("strait"), load("cuba-1962")
    with pytest.raises(UsageError, match="no reference option in common"):
        disagree(strait, cuba)
    with pytest.raises(UsageError, match="is no outcome"):
        disagree(strait, strait, outcome="glory")
    with pytest.raises(UsageError, match="is no coding"):
        disagree(strait, strait, codings=("narrow", "wide"))
