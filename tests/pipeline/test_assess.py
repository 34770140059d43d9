"""`assess`: what it returns, what it stores, that it does so again to the byte, and what it refuses."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from excomm.case import load
from excomm.case.load import LIBRARY
from excomm.engine.run import Run
from excomm.errors import CaseError, InputError, UsageError
from excomm.pipeline import store
from excomm.pipeline.assess import assess
from excomm.pipeline.compilation import settle_compilation
from excomm.pipeline.shapes import assess_shape
from excomm.pipeline.store import FILES, list_runs
from excomm.quantities import OUTCOMES, SERIES
from excomm.storage import read_parquet

SCHEMAS = Path(__file__).parent.parent / "schemas"
TABLES = ("outcomes", "weekly", "parameters")


def matches(content: Any, schema: str) -> None:
    jsonschema.validate(content, json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8")))


# ---- what a run holds -------------------------------------------------------------------------------------------


def test_the_run_has_a_folder_with_all_its_files(stored: Run, folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES.values())
    assert set(stored.files) == set(FILES)
    assert all(path.stat().st_size > 100 for path in stored.files.values())
    assert [path.name for path in folder.parent.iterdir()] == [stored.id]


def test_the_shape_is_that_of_the_contract(stored: Run) -> None:
    shape = assess_shape(stored)
    matches(shape, "assess")
    assert json.loads(stored.files["assessment"].read_text(encoding="utf-8")) == json.loads(
        json.dumps(shape, allow_nan=False)
    )
    assert [option["id"] for option in shape["options"]] == [option.id for option in load("strait").options]
    for option in shape["options"]:
        assert [row["id"] for row in option["outcomes"]] == list(OUTCOMES)
        expected = [] if option["id"] == "current-aid" else list(OUTCOMES)
        assert [row["outcome"] for row in option["vs_reference"]] == expected
    assert shape["game"]["failed"] == 0
    assert shape["game"]["max_residual"] < 1e-8


def test_the_contract_notices_what_is_missing(stored: Run) -> None:
    shape = assess_shape(stored)
    for key in ("run", "options", "game", "timing", "files"):
        with pytest.raises(jsonschema.ValidationError):
            matches({name: value for name, value in shape.items() if name != key}, "assess")
    shape["options"][0]["outcomes"][0]["mean"] = "many"
    with pytest.raises(jsonschema.ValidationError):
        matches(shape, "assess")


def test_outcomes_are_one_row_per_option_and_draw(stored: Run) -> None:
    table = read_parquet(stored.files["outcomes"])
    assert set(table) == {"option", "draw", *OUTCOMES, *(f"{name}__random_var" for name in OUTCOMES)}
    rows = list(zip(map(str, table["option"]), map(int, table["draw"]), strict=True))
    assert rows == [(option, draw) for option in stored.options for draw in range(16)]
    for name in OUTCOMES:
        assert np.array_equal(table[name], stored.outcomes[name].values.reshape(-1)), name
        assert float(stored.summary["mean"].sel(outcome=name, option="intervention")) == pytest.approx(
            float(table[name].reshape(4, 16)[3].astype(float).mean()), rel=1e-5, abs=1e-9
        )


def test_weekly_series_are_ordered_quantiles(stored: Run) -> None:
    table = read_parquet(stored.files["weekly"])
    assert set(table) == {"option", "week", "quantile", *SERIES}
    assert len(table["week"]) == 4 * 52 * 5
    for name in SERIES:
        assert (np.diff(table[name].reshape(4, 52, 5), axis=2) >= 0).all(), name


def test_parameters_are_those_of_the_case(stored: Run) -> None:
    table = read_parquet(stored.files["parameters"])
    assert set(table) == {"option", "draw", *load("strait").base_parameters}
    week = (date(2031, 6, 15) - date(2031, 3, 1)).days / 7
    prior = load("strait").base_parameters["aid.review_week"].prior
    waited = np.sort(
        table["aid.review_week"].reshape(4, 16)[0] - week
    )  # one draw in each sixteenth of the prior
    edges = prior.ppf(np.clip(np.arange(17) / 16, 1e-9, 1 - 1e-9))
    assert ((waited >= edges[:-1] - 1e-6) & (waited <= edges[1:] + 1e-6)).all()


def test_differences_are_paired_with_the_reference(stored: Run) -> None:
    reference = stored.differences.sel(option="current-aid")
    for field in ("mean", "p05", "p95"):
        assert (np.asarray(reference[field]) == 0).all()
    assert (np.asarray(reference["prob_higher"]) == 0.5).all()
    change = stored.outcomes["area_change"].sel(option="intervention") - stored.outcomes["area_change"].sel(
        option="current-aid"
    )
    cell = stored.differences.sel(outcome="area_change", option="intervention")
    assert float(cell["mean"]) == pytest.approx(float(change.mean()), rel=1e-5)


def test_variance_splits_into_what_is_not_known_and_chance(stored: Run) -> None:
    """Nested analysis of variance: the spread of the draw means holds a share of the random variance."""
    cell = stored.summary.sel(outcome="killed_host", option="current-aid")
    means = stored.outcomes["killed_host"].sel(option="current-aid").values.astype(float)
    within = float(stored.outcomes["killed_host__random"].sel(option="current-aid").values.mean())
    assert float(cell["random_var"]) == pytest.approx(within, rel=1e-5)
    assert float(cell["epistemic_var"]) == pytest.approx(max(means.var(ddof=1) - within / 4, 0), rel=1e-4)
    assert float(cell["mcse"]) == pytest.approx(means.std(ddof=1) / 4, rel=1e-4)


def test_the_manifest_says_what_the_run_was_made_from(stored: Run, settings: dict[str, Any]) -> None:
    manifest = json.loads(stored.files["manifest"].read_text(encoding="utf-8"))
    assert manifest["run"] == stored.id
    assert manifest["settings"]["seed"] == 0
    assert manifest["settings"]["draws"] == settings["draws"]
    assert set(manifest["versions"]) >= {"excomm", "python", "jax", "jaxlib", "numpy", "scipy", "code"}
    for name, digest in manifest["inputs"].items():
        folder = LIBRARY if name.startswith("defaults/") else load("strait").folder
        path = folder / name
        assert digest == hashlib.sha256(path.read_bytes()).hexdigest(), name
    assert "case.yaml" in manifest["inputs"]


def test_the_run_shows_itself(stored: Run) -> None:
    assert stored.id in repr(stored)
    assert len(repr(stored).splitlines()) == 1
    html = stored._repr_html_()
    headline = [outcome for outcome in OUTCOMES.values() if outcome.headline]
    assert html.count("<tr>") == len(headline) + 1
    assert stored.table().row_count == len(headline)


# ---- the same again ---------------------------------------------------------------------------------------------


def test_the_same_seed_stores_the_same_bytes(stored: Run, tmp_path: Path, settings: dict[str, Any]) -> None:
    again = assess("strait", **settings, out=tmp_path, brief=False)
    assert again.id == stored.id
    for kind in TABLES:
        assert again.files[kind].read_bytes() == stored.files[kind].read_bytes(), kind


def test_chunk_and_perspective_change_no_outcome(stored: Run, settings: dict[str, Any]) -> None:
    other = assess("strait", **settings, perspective="southland", store=False)
    assert other.perspective == "southland"
    assert other.id != stored.id
    for name in OUTCOMES:
        assert np.array_equal(other.outcomes[name], stored.outcomes[name]), name
    better = [
        {row["outcome"]: row["prob_better"] for row in assess_shape(run)["options"][3]["vs_reference"]}
        for run in (stored, other)
    ]
    # Northland wants ground, Southland does not: the same outcome, seen from two sides.
    assert better[0]["area_change"] == pytest.approx(1 - better[1]["area_change"])


def test_another_seed_is_another_run(stored: Run, settings: dict[str, Any]) -> None:
    other = assess("strait", **{**settings, "seed": 1}, store=False)
    assert other.id != stored.id
    assert not np.array_equal(other.outcomes["killed_host"], stored.outcomes["killed_host"])


def test_the_reference_always_runs(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from excomm.pipeline.assess import _chosen

    case = load("strait")
    assert _chosen(case, ["intervention"]) == ("current-aid", "intervention")
    assert _chosen(case, ["intervention", "air-shield", "intervention"]) == (
        "current-aid", "air-shield", "intervention",
    )  # fmt: skip


def test_only_what_is_named_stays_switched_on(settings: dict[str, Any]) -> None:
    found = assess("strait", **settings, only=["ground", "front"], store=False)
    assert (found.outcomes["leakers_host"] == 0).all()
    assert (found.outcomes["nuclear_use_probability"] == 0).all()
    assert (found.outcomes["killed_host"] > 0).all()


# ---- runs on disk -----------------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first_and_other_folders_are_not(
    stored: Run, folder: Path, tmp_path: Path
) -> None:
    import shutil

    for number, stamp in enumerate(("2031-01-01T00:00:00+00:00", "2031-01-03T00:00:00+00:00")):
        copy = tmp_path / f"run-{number}"
        shutil.copytree(folder, copy)
        manifest = json.loads((copy / FILES["manifest"]).read_text(encoding="utf-8"))
        manifest |= {"created": stamp, "run": f"run-{number}"}
        (copy / FILES["manifest"]).write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "notes").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / FILES["manifest"]).write_text("{", encoding="utf-8")
    found = list_runs(tmp_path)
    matches(found, "runs")
    assert [entry["run"] for entry in found] == ["run-1", "run-0"]
    assert found[0]["options"] == list(stored.options)
    assert list_runs(tmp_path / "nowhere") == []


@pytest.mark.parametrize("broken", ["write_parquet", "assess_shape"])
def test_a_run_that_fails_leaves_nothing(
    stored: Run, tmp_path: Path, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(store, broken, fail)
    with pytest.raises(OSError, match="disk full"):
        assess("strait", **settings, out=tmp_path / "runs", brief=False)
    assert list((tmp_path / "runs").iterdir()) == []


def test_an_earlier_run_outlives_a_failing_one(
    tmp_path: Path, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = assess("strait", **settings, out=tmp_path, brief=False)
    before = {path.name: path.read_bytes() for path in first.files["manifest"].parent.iterdir()}

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(store, "assess_shape", fail)
    with pytest.raises(OSError, match="disk full"):
        assess("strait", **settings, out=tmp_path, brief=False)
    assert {path.name: path.read_bytes() for path in first.files["manifest"].parent.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == [first.id]


# ---- bad input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        ({"options": ["intervene"]}, CaseError, "intervention"),
        ({"draws": 1}, UsageError, "2 to"),
        ({"draws": 10**6}, UsageError, "2 to"),
        ({"replicates": 0}, UsageError, "1 to"),
        ({"seed": -1}, UsageError, "from 0"),
        ({"as_of": date(2031, 3, 2)}, UsageError, "up to 2031-03-01"),
        ({"perspective": "eastmark"}, CaseError, "perspective"),
        ({"only": ["grond"]}, UsageError, "ground"),
    ],
)
def test_arguments_that_cannot_be_run_are_refused(
    tmp_path: Path, arguments: dict[str, Any], kind: type[InputError], said: str
) -> None:
    with pytest.raises(kind) as caught:
        assess("strait", **({"draws": 16, "replicates": 4} | arguments), out=tmp_path / "runs")
    assert said in str(caught.value)
    assert caught.value.next_step
    assert caught.value.exit_code == 2
    assert not (tmp_path / "runs").exists()


def test_a_folder_of_runs_that_is_a_file_is_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    """Before any work is done, and with a word on what to do."""
    (tmp_path / "runs").write_text("notes", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        assess("strait", **settings, out=tmp_path / "runs")
    assert caught.value.path == "--out"
    assert (tmp_path / "runs").read_text(encoding="utf-8") == "notes"


def test_an_earlier_information_date_reads_fewer_reports(settings: dict[str, Any], stored: Run) -> None:
    early = assess("strait", **settings, as_of=date(2030, 1, 1), store=False)
    assert len(early.reports) == 0 < len(stored.reports)
    posterior = {item.proposition: item.posterior for item in stored.propositions}
    before = {item.proposition: item.posterior for item in early.propositions}
    assert posterior["eastmark-troops"] != before["eastmark-troops"]


# ---- compilation ------------------------------------------------------------------------------------------------


LOOPS = "--xla_backend_extra_options=xla_cpu_use_multi_output_fusion"


@pytest.mark.parametrize(
    ("machine", "given", "expected"),
    [
        ("x86_64", "", f"--xla_cpu_max_isa=AVX {LOOPS}"),
        ("AMD64", "--xla_dump_to=/tmp/x", f"--xla_dump_to=/tmp/x --xla_cpu_max_isa=AVX {LOOPS}"),
        ("x86_64", "--xla_cpu_max_isa=AVX512", f"--xla_cpu_max_isa=AVX512 {LOOPS}"),
        ("aarch64", "", LOOPS),
        ("aarch64", "--xla_backend_extra_options=other", "--xla_backend_extra_options=other"),
    ],
)
def test_flags_are_set_where_the_user_has_set_none(
    monkeypatch: pytest.MonkeyPatch, machine: str, given: str, expected: str
) -> None:
    import os

    monkeypatch.setenv("XLA_FLAGS", given)
    monkeypatch.setattr("platform.machine", lambda: machine)
    settle_compilation()
    assert os.environ["XLA_FLAGS"] == expected
