"""A stored run read back is the run: the same study, the same answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from excomm.analysis.answers import ask
from excomm.analysis.study import study_of
from excomm.engine.run import Run
from excomm.errors import UsageError
from excomm.pipeline.store import write_run
from excomm.pipeline.stored import read_study
from excomm.pipeline.walk_back import explain


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        return bool(np.allclose(one, other, rtol=1e-6, atol=0))  # type: ignore[arg-type]
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)  # type: ignore
    return bool(one == other)


def test_a_stored_run_is_the_same_study(stored: Run, folder: Path) -> None:
    here, there = study_of(stored), read_study(folder)
    for field in fields(here):
        if field.name in ("_kept", "propositions", "stated"):
            continue
        assert same(getattr(here, field.name), getattr(there, field.name)), field.name
    for option in here.options:
        for name in here.parameters:
            assert here.under(name, option) == there.under(name, option)
    for one, other in zip(here.propositions, there.propositions, strict=True):
        assert (one.id, one.text, one.parameter, one.probability) == (
            other.id,
            other.text,
            other.parameter,
            other.probability,
        )
        assert one.truth.tolist() == other.truth.tolist()


def test_truths_are_those_that_the_run_drew(stored: Run) -> None:
    """Eastmark has troops there in exactly the draws in which the proposition holds."""
    study = study_of(stored)
    (proposition,) = study.propositions
    assert ((study.parameters["patron.troops_present"][0] > 0) == proposition.truth).all()


def test_truths_stay_with_their_draws_where_some_are_left_out(stored: Run, tmp_path: Path) -> None:
    kept = [draw for draw in range(stored.draws) if draw not in (0, 5)]
    fewer = replace(
        stored,
        draws=len(kept),
        outcomes=stored.outcomes.isel(draw=kept),
        parameters=stored.parameters.isel(draw=kept),
        game=replace(stored.game, failed_draws=(0, 5)),
    )
    found = write_run(fewer, settings={"seed": 0}, out=tmp_path, with_brief=False, began=0.0)
    for study in (study_of(fewer), read_study(found.files["manifest"].parent)):
        (proposition,) = study.propositions
        assert study.draws == len(kept)
        assert ((study.parameters["patron.troops_present"][0] > 0) == proposition.truth).all()


def test_answers_are_the_same_either_way(stored: Run, folder: Path) -> None:
    for analysis in ("compare", "weights", "risk"):
        assert ask(study_of(stored), analysis).sentences == ask(read_study(folder), analysis).sentences


def test_a_number_and_the_drivers_of_its_outcome_agree(stored: Run) -> None:
    """A rare event whose logarithm follows one parameter: both name it, with one share."""
    study = study_of(stored)

    def four_times(
        table: Mapping[str, np.ndarray],
    ) -> dict[str, np.ndarray]:  # no driver is named below 50 draws
        return {name: np.tile(values, 4) for name, values in table.items()}

    pace = np.tile(study.parameters["front.initial_gain"], 4)
    rare = {"nuclear_use_probability": 1e-4 * np.exp(pace / pace.mean())}
    made = replace(
        study,
        outcomes=four_times(study.outcomes) | rare,
        noise=four_times(study.noise),
        parameters=four_times(study.parameters),
    )
    found = explain(made, "nuclear_use_probability", "intervention").drivers
    shares = ask(made, "drivers", outcome="nuclear_use_probability", option="intervention").results["shares"]
    assert [driver.parameter for driver in found] == [shares.parameters[at] for at in shares.clear[:5]]
    assert found[0].parameter == "front.initial_gain"
    assert found[0].share == pytest.approx(float(shares.share[shares.clear[0]]))


def test_a_broken_run_is_one_error(folder: Path, tmp_path: Path) -> None:
    for name in ("assessment.json", "evidence.json", "origins.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(UsageError, match=r"outcomes\.parquet cannot be read"):
        read_study(tmp_path)
    (tmp_path / "assessment.json").write_text('{"options": []}', encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be read"):
        read_study(tmp_path)
