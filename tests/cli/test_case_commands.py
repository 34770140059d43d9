"""The commands about cases, called as the command line calls them."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
import typer
from typer.testing import CliRunner

from excomm.case import defaults, library, load, new
from excomm.cli import case_commands
from excomm.errors import CaseErrors, ReportError
from excomm.pipeline.reading import read_evidence

APP = typer.Typer()
for command in (case_commands.check, case_commands.cases, case_commands.new, case_commands.parameters):
    APP.command()(command)


def run(*arguments: str):
    return CliRunner().invoke(APP, list(arguments))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new("my-crisis", tmp_path)


def test_a_sound_case_is_called_so(folder: Path) -> None:
    found = run("check", str(folder))
    assert found.exit_code == 0
    assert found.stdout.startswith("my-crisis: the case file is sound. 2 options")
    assert json.loads(run("check", str(folder), "--json").stdout) == {
        "ok": True,
        "errors": [],
        "plausibility": [],
        "warnings": [],
    }


def test_problems_go_to_standard_output_as_json_with_exit_code_2(folder: Path) -> None:
    path = folder / "case.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("purpose: deter", "purpose: detr"), encoding="utf-8"
    )
    found = run("check", str(folder), "--json")
    assert found.exit_code == 2
    answer = json.loads(found.stdout)
    assert answer["ok"] is False
    (error,) = answer["errors"]
    assert set(error) == {"kind", "file", "line", "path", "message", "expected", "next"}
    assert error["next"] == "Did you mean deter?"
    # Without --json the error itself goes up; the registry of commands prints it.
    assert isinstance(run("check", str(folder)).exception, CaseErrors)


def test_plausibility_is_asked_of_the_pipeline(folder: Path, monkeypatch) -> None:
    asked = []

    def check(case):
        asked.append(case.id)
        return [{"id": "advance", "value": 80.0, "low": 5.0, "high": 60.0, "ok": False, "source": "[maps]"}]

    stand_in = ModuleType("excomm.pipeline.plausibility")
    stand_in.check = check
    monkeypatch.setitem(sys.modules, "excomm.pipeline", ModuleType("excomm.pipeline"))
    monkeypatch.setitem(sys.modules, "excomm.pipeline.plausibility", stand_in)
    answer = json.loads(run("check", str(folder), "--plausibility", "--json").stdout)
    assert (answer["ok"], answer["plausibility"][0]["id"], asked) == (False, "advance", ["my-crisis"])
    assert "[maps]" in run("check", str(folder), "--plausibility").stdout


def test_the_shipped_cases_are_listed() -> None:
    listed = json.loads(run("cases", "--json").stdout)
    assert [row["id"] for row in listed] == [case.id for case in library()]
    assert all(row["title"] in run("cases").stdout for row in listed)


def test_a_new_case_is_written_and_sound(tmp_path: Path) -> None:
    found = run("new", "fresh-case", "--in", str(tmp_path), "--json")
    path = Path(json.loads(found.stdout)["path"])
    assert load(path).id == "fresh-case"
    assert "exists already" in str(run("new", "fresh-case", "--in", str(tmp_path)).exception)


def test_every_parameter_is_listed_with_its_source(folder: Path) -> None:
    rows = json.loads(run("parameters", str(folder), "--json").stdout)
    assert [row["id"] for row in rows] == list(defaults())
    assert all({"id", "prior", "unit", "source", "grade", "enters"} <= set(row) for row in rows)
    assert all(row["source"] and row["unit"] and row["grade"] in "ABC" for row in rows)
    assert f"{len(rows)} parameters" in run("parameters", str(folder)).stdout


def test_parameters_can_be_listed_under_an_option(folder: Path) -> None:
    assert run("parameters", str(folder), "--option", "rear-presence").exit_code == 0
    error = run("parameters", str(folder), "--option", "rear-presense").exception
    assert "Did you mean rear-presence?" in str(error)


def test_reports_that_do_not_count_are_said(folder: Path) -> None:
    reports = folder / "reports"
    reports.mkdir(exist_ok=True)
    for old in reports.iterdir():
        old.unlink()
    day = load(str(folder)).as_of
    (reports / "1.txt").write_text(f"source: A\npublished: {day}\n\nThe ships left the port.")
    (reports / "2.txt").write_text(f"source: A\npublished: {day + timedelta(days=1)}\n\nThe ships came back.")
    (reports / "3.txt").write_text("")
    (reports / "4.txt").write_text("language: fr\n\nLes navires ont quitté le port.", encoding="utf-8")
    found = run("check", str(folder))
    assert found.exit_code == 0
    assert "1 report read from 4 files" in found.stdout
    said = json.loads(run("check", str(folder), "--json").stdout)["warnings"]
    assert [Path(note.split(": ")[0]).name for note in said] == ["2.txt", "3.txt", "4.txt"]
    for word, note in zip(("later than", "no text", "French is not read"), said, strict=True):
        assert word in note
    (reports / "photo.png").write_bytes(b"\x89PNG\r\n")
    (reports / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    said = json.loads(run("check", str(folder), "--json").stdout)["warnings"]
    assert [Path(note.split(": ")[0]).name for note in said if "no name of a report" in note] == [
        "Thumbs.db",
        "photo.png",
    ]
    assert len(read_evidence(load(str(folder)), as_of=day, seed=1).reports) == 2
    (reports / "5.txt").write_bytes(bytes(range(256)) * 20)
    assert isinstance(run("check", str(folder)).exception, ReportError)
    found = run("check", str(folder), "--json")
    assert found.exit_code == 2
    answer = json.loads(found.stdout)
    assert (answer["ok"], answer["plausibility"]) == (False, [])
    (error,) = answer["errors"]
    assert (error["kind"], error["file"]) == ("ReportError", str(reports / "5.txt"))
