"""Two files that disagree: the distance is that of two runs, and its parts add up."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from excomm.beliefs.draws import Draws, draw
from excomm.case import load
from excomm.case.model import Case
from excomm.errors import UsageError
from excomm.pipeline import disagree as room
from excomm.pipeline.assess import assess
from excomm.pipeline.disagree import COMMITMENTS, disagree
from excomm.quantities import OUTCOMES

SMALL = {"draws": 16, "replicates": 4}
MANY = {
    "aid.cost": "1 bn USD/week",
    "air.adversary.ballistic": "2 weapons/week",
    "energy.memory": "0.95 ratio",
    "front.adaptation": "30 ratio",
    "game.discount": "0.97 ratio",
    "morale.dark_effect": "0.05 index/week",
    "nuclear.accident_share": "0.5 share",
    "perception.deter": "0.5 share",
}


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
    widest = found.apart[0]
    assert widest.option_name == load("strait").option(widest.option).name
    assert f"{OUTCOMES[widest.outcome].phrase} under {widest.option_name} (" in found.sentence
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


def in_a_row(case: Case, draws: Draws, *, replicates: int, **_: Any) -> SimpleNamespace:
    """A model in which every option's area is the sum of what the two files below state differently."""
    area = np.sum([draws.values[name] for name in MANY], axis=0)
    return SimpleNamespace(
        outcomes={
            name: np.repeat(area[..., None], replicates, axis=2) if name == "area_change"
            else np.zeros((*area.shape, replicates))
            for name in OUTCOMES
        }
    )  # fmt: skip


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("perspectives", [None, ("northland", "southland")])
def test_many_groups_are_exchanged_in_some_orders_alone(
    seed: int, perspectives: tuple[str, str] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight submodels apart: the parts of a sum are its terms, in whichever order; values have weights beside them."""
    shutil.copytree(load("strait").folder, tmp_path / "many")
    file = tmp_path / "many" / "case.yaml"
    lines = "".join(f"  {name}: {{prior: {text}, source: judgement}}\n" for name, text in MANY.items())
    text = file.read_text(encoding="utf-8").replace("parameters:\n", f"parameters:\n{lines}", 1)
    file.write_text(text.replace("id: strait ", "id: many ", 1), encoding="utf-8")
    monkeypatch.setattr(room, "simulate", in_a_row)
    one, two = load("strait"), load(str(tmp_path / "many"))
    found = disagree(
        one, two, outcome="area_change", option="current-aid", perspectives=perspectives, seed=seed, **SMALL
    )
    assert found.why
    felt = [name for name in found.why.groups if not name.startswith("weights on ")]
    assert len(felt) == len(MANY)
    assert found.why.effect.sum() == pytest.approx(found.why.distance, abs=1e-9)
    if perspectives is None:
        for name in MANY:
            drawn = [
                draw(each, options=["current-aid"], number=16, seed=seed).values[name] for each in (one, two)
            ]
            effect = found.why.effect[found.why.groups.index(name.partition(".")[0])]
            assert effect == pytest.approx(float(np.mean(drawn[1] - drawn[0])), rel=1e-6)


def test_what_cannot_be_compared_is_refused() -> None:
    strait, cuba = load("strait"), load("cuba-1962")
    with pytest.raises(UsageError, match="no reference option in common"):
        disagree(strait, cuba)
    with pytest.raises(UsageError, match="is no outcome"):
        disagree(strait, strait, outcome="glory")
    with pytest.raises(UsageError, match="is no coding"):
        disagree(strait, strait, codings=("narrow", "wide"))
