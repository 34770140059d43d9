"""A case loads as a whole, with defaults, options as patches and hashes of every input."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path

import pytest
from small_case import DEFAULTS

import excomm.case as case_room
from excomm.case.load import LIBRARY
from excomm.case.priors import Conditional
from excomm.errors import CaseError


def test_the_small_case_says_what_it_says(bench) -> None:
    case = bench.load()
    assert case.id == "small"
    assert case.horizon_weeks == 52
    assert [option.id for option in case.options] == ["current-aid", "line-force"]
    assert case.reference.id == "current-aid"
    assert case.adversary_start.id == "war"
    assert case.posture_index("alliance", "line") == 1
    assert case.postures["alliance"][1].attributes["presence"] == 1
    assert [actor.id for actor in case.in_role("patron")] == ["eastmark"]
    assert case.plausibility[0].low == 5
    assert case.proposition("foreign-troops").quantity.low == 5000
    assert case.correlations[0].rank == -0.5


def test_a_parameter_knows_where_it_was_written(bench) -> None:
    case = bench.load()
    stated, default = case.parameter("ground.host.strength"), case.parameter("ground.pace")
    assert (stated.file, stated.line) == (str(bench.case_folder / "case.yaml"), 26)
    assert (stated.prior.p05, stated.prior.p95) == (40_000, 60_000)
    assert stated.meaning.startswith("Soldiers")
    assert (default.file, default.line) == ("defaults/all.yaml", 8)
    assert default.text == "10 to 40 km2/week"
    assert default.submodel == "ground"


def test_an_option_is_a_patch_on_the_parameters(bench) -> None:
    case = bench.load()
    base, patched = case.parameters(), case.parameters("line-force")
    assert {name for name in base if base[name] != patched[name]} == {"deployment.size_requested"}
    assert case.parameter("deployment.size_requested", "line-force").prior.p05 == 5000
    assert case.parameter("deployment.size_requested").prior.mean == 0


def test_a_prior_may_depend_on_a_proposition(bench) -> None:
    prior = bench.load().parameter("patron.troops_present").prior
    assert isinstance(prior, Conditional)
    assert (prior.proposition, prior.probability) == ("foreign-troops", 0.3)
    assert prior.if_false.mean == 0


def test_lookups_name_the_nearest(bench) -> None:
    case = bench.load()
    for look, nearest in [
        (lambda: case.parameter("ground.host.strengt"), "ground.host.strength"),
        (lambda: case.option("line-forse"), "line-force"),
        (lambda: case.actor("nothland"), "northland"),
        (lambda: case.perspective("northlan"), "northland"),
        (lambda: case.proposition("foreign-trops"), "foreign-troops"),
    ]:
        with pytest.raises(CaseError) as caught:
            look()
        assert nearest in (caught.value.next_step or "")


def test_changed_defaults_are_read_again(bench) -> None:
    assert bench.load().parameter("ground.pace").prior.p95 == 40
    assert (
        bench.load(defaults=DEFAULTS.replace("10 to 40", "10 to 400")).parameter("ground.pace").prior.p95
        == 400
    )


def test_every_input_is_hashed(bench) -> None:
    folder = bench.write()
    (folder / "reports" / "wire").mkdir(parents=True)
    (folder / "reports" / "b.txt").write_text("two", encoding="utf-8")
    (folder / "reports" / "wire" / "a.html").write_text("one", encoding="utf-8")
    (folder / "reports" / ".hidden").write_text("no", encoding="utf-8")
    (folder / "record.csv").write_text("date\n", encoding="utf-8")
    case = bench.load()
    assert case.report_paths == (folder / "reports" / "b.txt", folder / "reports" / "wire" / "a.html")
    assert case.record_path == folder / "record.csv"
    assert set(case.files_hashes) == {
        "case.yaml",
        "record.csv",
        "reports/b.txt",
        "reports/wire/a.html",
        "defaults/all.yaml",
    }
    assert case.files_hashes["reports/b.txt"] == hashlib.sha256(b"two").hexdigest()


def test_the_canonical_form_follows_content_not_comments(bench, swap) -> None:
    plain = bench.load().canonical_json()
    assert json.loads(plain)["id"] == "small"
    assert bench.load(swap("format: 1", "# a comment\nformat: 1")).canonical_json() == plain
    assert bench.load(swap("40000 to 60000", "40000 to 60001")).canonical_json() != plain
    (bench.case_folder / "reports").mkdir()
    (bench.case_folder / "reports" / "a.txt").write_text("one", encoding="utf-8")
    assert bench.load().canonical_json() != plain


def test_a_case_can_be_pickled_and_not_changed(bench) -> None:
    case = bench.load()
    assert pickle.loads(pickle.dumps(case)) == case
    with pytest.raises(AttributeError):
        case.title = "another"
    with pytest.raises(TypeError):
        case.base_parameters["ground.pace"] = None


@pytest.mark.parametrize("name", [case.id for case in case_room.library()])
def test_every_shipped_case_loads(name: str) -> None:
    case = case_room.load(name)
    assert case.id == name
    assert set(case.parameters()) == set(case_room.defaults())


def test_the_template_loads_as_shipped() -> None:
    assert case_room.load(LIBRARY / "template").id == "template"


def test_a_new_case_appears_whole_and_loads(tmp_path: Path) -> None:
    folder = case_room.new("my-crisis", tmp_path)
    assert folder == tmp_path / "my-crisis"
    assert [path.name for path in tmp_path.iterdir()] == ["my-crisis"]
    for name in (folder, str(folder), folder / "case.yaml"):
        assert case_room.load(name).id == "my-crisis"


@pytest.mark.parametrize("name", ["My Crisis", "../up", "", "a/b", "taken"])
def test_a_new_case_needs_a_free_id(name: str, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(CaseError) as caught:
        case_room.new(name, tmp_path)
    assert caught.value.expected
    assert caught.value.next_step
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_new_case_leaves_nothing_behind_where_it_fails(tmp_path: Path, monkeypatch) -> None:
    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(CaseError, match="No space"):
        case_room.new("my-crisis", tmp_path)
    assert list(tmp_path.iterdir()) == []


MEMBERS = """\
id,name,population_m,gdp_bn,active_forces,defence_share,border,support,source
one,One,60,2400,180000,0.021,0,0.28,invented
"""


def test_a_prior_that_loses_much_to_a_bound_is_warned_of(bench, swap) -> None:
    """In the parameters of the case, in an option and in a branch of a conditional one; a thin tail says nothing."""
    (bench.write() / "members.csv").write_text(MEMBERS, encoding="utf-8")
    whole = "40000 to 60000 troops"
    (warning,) = bench.load(swap(whole, '"normal(1000, 900) troops"')).warnings
    assert 'case.yaml:26: ground.host.strength: 13% of "normal(' in warning
    assert "beyond the bounds (0 to 10000000) and is cut away" in warning
    assert "nine times in ten" in warning
    assert bench.load(swap(whole, '"normal(1000, 600) troops"')).warnings == ()
    (warning,) = bench.load(swap("5000 to 20000 troops", '"normal(0, 500) troops"')).warnings
    assert "deployment.size_requested: 50%" in warning
    (warning,) = bench.load(swap("10000 to 15000 troops", '"normal(0, 500) troops"')).warnings
    assert "patron.troops_present: 50%" in warning


def test_an_option_whose_troops_nobody_sends_is_warned_of(bench, swap) -> None:
    line = "      deployment.size_requested: {prior: 5000 to 20000 troops, source: judgement}\n"
    (warning,) = bench.load().warnings
    assert "the option line-force has the posture line" in warning
    assert "members.csv" in warning
    (bench.case_folder / "members.csv").write_text(MEMBERS, encoding="utf-8")
    assert bench.load().warnings == ()
    (warning,) = bench.load(swap(f"    set:\n{line}", "")).warnings
    assert "deployment.size_requested is 0: nobody comes" in warning


def test_the_options_of_the_template_do_what_their_names_say() -> None:
    template = case_room.load(LIBRARY / "template")
    assert template.warnings == ()
    assert template.members
    assert template.option("rear-presence").parameters["deployment.size_requested"].prior.p05 >= 1000


@pytest.mark.parametrize("shipped", ["strait", "cuba-1962-hindsight"])
def test_a_shipped_case_can_be_copied_to_be_edited(tmp_path: Path, shipped: str) -> None:
    original = case_room.load(shipped)
    copy = case_room.load(case_room.new("my-case", tmp_path, shipped))
    assert copy.id == "my-case"
    assert len(copy.report_paths) == len(original.report_paths)
    named = f'"id":"{shipped}"'
    assert original.canonical_json().count(named) == 1
    assert copy.canonical_json() == original.canonical_json().replace(named, '"id":"my-case"')


def test_a_case_that_is_not_utf8_is_not_copied(tmp_path: Path) -> None:
    first = case_room.new("first", tmp_path) / "case.yaml"
    lines = first.read_text(encoding="utf-8").count("\n")
    first.write_bytes(first.read_bytes() + "# Größe\n".encode("latin-1"))
    with pytest.raises(CaseError, match="is not UTF-8") as caught:
        case_room.new("second", tmp_path / "new", first.parent)
    assert (caught.value.file, caught.value.line) == (str(first), lines + 1)
    assert caught.value.next_step == "Save the file as UTF-8 in your editor."
    assert not (tmp_path / "new").exists()


def test_only_the_files_of_a_case_are_copied(tmp_path: Path) -> None:
    first = case_room.new("first", tmp_path)
    (first / "runs").mkdir()
    (first / "runs" / "big.parquet").write_bytes(b"0" * 100)
    second = case_room.new("second", first, first)
    assert {path.name for path in second.iterdir()} == {"case.yaml", "members.csv"}


def test_a_copy_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no case to copy"):
        case_room.new("my-case", tmp_path, tmp_path)
    with pytest.raises(CaseError, match="there is no case"):
        case_room.new("my-case", tmp_path, "strayt")
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_in_a_shipped_case_is_added_to_a_copy(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        case_room.load("strait").option("blockade-of-the-moon")
    assert "excomm new my-strait --from strait" in str(caught.value)
    own = case_room.load(case_room.new("my-strait", tmp_path, "strait"))
    with pytest.raises(CaseError) as caught:
        own.option("blockade-of-the-moon")
    assert f"add it to {own.file}" in str(caught.value)
