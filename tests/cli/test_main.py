"""The command line as people and programs meet it: exit codes, streams, shapes, errors without a traceback."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from excomm.case import library, load, new
from excomm.cli import COMMANDS, GROUPS, main
from excomm.pipeline import store

SCHEMAS = Path(__file__).parent.parent / "schemas"
SMALL = ("--draws", "16", "--replicates", "4")  # the shape that the tests of engine and pipeline compile too


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def excomm(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Calls a command; its sentences come unfolded, whatever width the terminal of the tests states."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*arguments: str) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            main(list(arguments))
        written = capsys.readouterr()
        return Answer(int(leaving.value.code or 0), written.out, written.err)

    return call


def matches(content: Any, schema: str) -> None:
    jsonschema.validate(content, json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8")))


# ---- what each command prints -----------------------------------------------------------------------------------


def test_runs_of_an_empty_folder(excomm, tmp_path: Path) -> None:
    assert excomm("runs", "--out", str(tmp_path), "--json").json() == []
    assert "excomm assess" in excomm("runs", "--out", str(tmp_path)).out


def test_cases(excomm) -> None:
    found = excomm("cases", "--json").json()
    matches(found, "cases")
    assert [case["id"] for case in found] == [case.id for case in library()]


@pytest.mark.parametrize("case", [case.id for case in library()])
def test_check_of_the_shipped_cases(excomm, case: str) -> None:
    answer = excomm("check", case, "--json")
    assert answer.code == 0
    matches(answer.json(), "check")
    assert answer.json()["errors"] == []


def test_check_of_a_broken_case(excomm, tmp_path: Path) -> None:
    path = new("mine", tmp_path) / "case.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("question:", "qestion:"), encoding="utf-8")
    answer = excomm("check", str(tmp_path / "mine"), "--json")
    assert answer.code == 2
    matches(answer.json(), "check")
    assert answer.json()["ok"] is False
    assert "question" in json.dumps(answer.json()["errors"])
    assert excomm("check", str(tmp_path / "mine")).code == 2


def test_parameters_are_all_of_them(excomm) -> None:
    found = excomm("parameters", "strait", "--json").json()
    matches(found, "parameters")
    assert [row["id"] for row in found] == list(load("strait").parameters())


def test_version_and_help(excomm) -> None:
    assert excomm("--version").out.startswith("excomm ")
    helped = excomm("--help")
    assert helped.code == 0
    for name in (*COMMANDS, *GROUPS):
        assert name in helped.out


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_has_help_and_knows_json(excomm, command: str) -> None:
    answer = excomm(command, "--help")
    assert answer.code == 0
    assert "--json" in answer.out


@pytest.mark.parametrize("words", [[], *([group] for group in GROUPS)])
def test_no_summary_is_cut_or_wrapped_in_a_window_of_80_columns(
    excomm, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    _, _, listed = excomm(*words, "--help").out.partition("Commands:\n")
    lines = [line for line in listed.splitlines() if line.strip()]
    commands = {"ledger": 12, "game": 5, "forecast": 7}
    assert len(lines) == (commands[words[0]] if words else len(COMMANDS) + len(GROUPS))
    assert [line for line in lines if line.rstrip().endswith(("…", "..."))] == []


def test_slopes_print_their_shape_and_a_table(excomm) -> None:
    call = ("sensitivity", "strait", "--slopes", "--outcome", "cost_alliance", "--base", "64")
    shape = excomm(*call, "--json").json()
    matches(shape, "slopes")
    assert shape["parameters"][0]["parameter"] == "aid.cost"
    answer = excomm(*call)
    assert answer.code == 0
    assert answer.out.startswith(shape["sentences"][0])
    row = next(line for line in answer.out.splitlines() if line.startswith("  aid."))
    assert row.startswith("  aid.cost: ")
    assert "per standard deviation" in row


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (("--outcome", "glory"), "is no outcome"),
        (("--outcome", "warnings"), "not read off the mean path"),
        (("--option", "wonder"), "wonder"),
        (("--base", "8"), "8 draws"),
        (("--replicates", "4"), "without chance"),
    ],
)
def test_slopes_refuse_what_they_cannot_tell(excomm, settings: tuple[str, str], problem: str) -> None:
    answer = excomm("sensitivity", "strait", "--slopes", *settings)
    assert answer.code == 2
    assert problem in answer.err
    assert "Traceback" not in answer.err


# ---- what it does with bad input --------------------------------------------------------------------------------

BAD = {
    "no such case": (("assess", "strayt"), "strait"),
    "no such option": (("assess", "strait", "--options", "intervene"), "intervention"),
    "not a date": (("assess", "strait", "--as-of", "1 March"), "year-month-day"),
    "a day that does not exist": (("assess", "strait", "--as-of", "2031-02-30"), "year-month-day"),
    "after the information date": (("assess", "strait", "--as-of", "2032-01-01"), "2031-03-01"),
    "no such submodel": (("assess", "strait", *SMALL, "--only", "ground,frnt"), "front"),
    "negative seed": (("assess", "strait", "--seed", "-1"), "from 0"),
    "seed that is no number": (("assess", "strait", "--seed", "zero"), "--help"),
    "too few draws": (("assess", "strait", "--draws", "1"), "2 to"),
    "no replicates": (("assess", "strait", "--replicates", "0"), "1 to"),
    "no such perspective": (("assess", "strait", "--perspective", "mars"), "northland"),
    "no case named": (("assess",), "--help"),
    "no such command": (("asess", "strait"), "--help"),
    "no such flag": (("assess", "strait", "--sed", "0"), "--help"),
    "runs into a file": (("assess", "strait", "--out", "{file}"), "Name another place"),
    "runs below a file": (("assess", "strait", "--out", "{file}/runs"), "Name another place"),
    "compared with no run": (("assess", "strait", "--compare", "{file}"), "excomm runs"),
    "chart below a file": (("disagree", "strait", "strait", "--chart", "{file}/a.svg"), "Name another place"),
    "chart of no kind": (("disagree", "strait", "strait", "--chart", "a.doc"), "a.svg"),
    "game in a folder": (("game", "strait", "--draw", "."), "Name another place"),
    "game of nowhere": (("game", "export", "strait", "--output", "no/a.efg"), "Name another place"),
    "figure below a file": (
        ("hindcast", "battles", "--data", "{file}", "--plot", "{file}/a.png"),
        "Name another place",
    ),
    "posterior below a file": (
        ("calibrate", "threats", "--data", "{file}", "--out", "{file}/a.yaml"),
        "Name another place",
    ),
    "page of an argument below a file": (
        ("audit", "{file}", "--case", "strait", "--html", "{file}/a.html"),
        "Name another place",
    ),
    "page of reports below a file": (("read", "{file}", "--html", "{file}/a.html"), "Name another place"),
    "parameters of nothing": (("parameters", "atlantis"), "excomm cases"),
}


@pytest.mark.parametrize("problem", list(BAD))
@pytest.mark.parametrize("as_json", [True, False])
def test_bad_input_is_one_error_and_leaves_nothing(
    excomm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: str, as_json: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("notes", encoding="utf-8")
    arguments, said = BAD[problem]
    given = [part.replace("{file}", "notes.txt") for part in arguments]
    json_too = as_json and given[:2] != ["game", "export"]  # prints no answer of its own
    answer = excomm(*given, *(["--json"] if json_too else []))
    assert answer.code == 2
    assert answer.out == ""
    assert "Traceback" not in answer.err
    if json_too:
        assert len(answer.err.strip().splitlines()) == 1
        error = json.loads(answer.err)
        matches(error, "error")
        assert error["error"]["message"]
        assert said in answer.err
    else:
        assert answer.err.strip()
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("problem", "work"),
    [
        ("runs below a file", "excomm.pipeline.assess.draw_case"),
        ("compared with no run", "excomm.pipeline.assess.assess"),
        ("chart below a file", "excomm.pipeline.disagree.disagree"),
        ("game in a folder", "excomm.pipeline.crisis_games.read_case_game"),
        ("game of nowhere", "excomm.pipeline.crisis_games.export_option"),
        ("figure below a file", "excomm.hindcast.targets.run_hindcast"),
        ("posterior below a file", "excomm.calibrate.targets.run_calibration"),
        ("page of an argument below a file", "excomm.pipeline.audit.audit_text"),
        ("page of reports below a file", "excomm.evidence.extract"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_the_work(
    excomm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: str, work: str
) -> None:
    def begun(*_: object, **__: object) -> None:
        raise AssertionError("the work has begun")

    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("notes", encoding="utf-8")
    module, _, name = work.rpartition(".")
    monkeypatch.setattr(import_module(module), name, begun)
    arguments, _ = BAD[problem]
    assert excomm(*[part.replace("{file}", "notes.txt") for part in arguments]).code == 2


def test_a_run_that_fails_leaves_nothing_half_written(
    excomm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something that is nobody's mistake keeps its traceback, but no folder."""

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(store, "write_parquet", fail)
    with pytest.raises(OSError, match="disk full"):
        main(["assess", "strait", *SMALL, "--out", str(tmp_path / "runs")])
    assert list((tmp_path / "runs").iterdir()) == []


def test_strict_leaves_with_3_where_a_band_is_missed(
    excomm, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from excomm.pipeline import assess as room

    honest = room.compare_with_bands

    def missed(*arguments: Any) -> Any:
        from dataclasses import replace

        return tuple(replace(band, ok=False) for band in honest(*arguments))

    monkeypatch.setattr(room, "compare_with_bands", missed)
    answer = excomm("assess", "strait", *SMALL, "--out", str(runs), "--strict")
    assert answer.code == 3
    assert "Outside its plausibility band" in answer.out


# ---- cheap to start ---------------------------------------------------------------------------------------------

HEAVY = {"jax", "jaxlib", "pandas", "scipy", "altair", "xarray", "numpyro"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["assess", "--help"], ["cases"]])
def test_what_needs_no_numbers_loads_no_numerical_library(arguments: list[str]) -> None:
    """In a process of its own, so that what other tests have imported does not count."""
    program = (
        "import sys\nfrom excomm.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit as leaving:\n    code = leaving.code\n"
        f"loaded = sorted(set(sys.modules) & {HEAVY!r})\n"
        "print(code, loaded, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr.strip().splitlines()[-1] == "0 []"


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = f"import sys, excomm\nprint(sorted(set(sys.modules) & {HEAVY | {'numpy', 'typer'}!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_public_names_are_there() -> None:
    import excomm

    for name in excomm.__all__:
        assert getattr(excomm, name) is not None
    assert set(excomm.__all__) <= set(dir(excomm))
    with pytest.raises(AttributeError, match="asses"):
        _ = excomm.asses


# ---- what needs a run comes last: another worker of the tests has by then compiled the programs of this shape ------


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


def test_assess_prints_its_shape_and_keeps_the_run(excomm, runs: Path) -> None:
    answer = excomm("assess", "strait", *SMALL, "--out", str(runs), "--json")
    assert answer.code == 0
    shape = answer.json()
    matches(shape, "assess")
    assert (shape["case"], shape["draws"], shape["replicates"], shape["seed"]) == ("strait", 16, 4, 0)
    for kind in ("brief", "outcomes", "weekly", "manifest"):
        assert Path(shape["files"][kind]).is_file(), kind
    listed = excomm("runs", "--out", str(runs), "--json")
    matches(listed.json(), "runs")
    assert [entry["run"] for entry in listed.json()] == [shape["run"]]


def test_assess_prints_a_table_and_the_path_of_the_brief(excomm, runs: Path) -> None:
    answer = excomm("assess", "strait", *SMALL, "--out", str(runs))
    assert answer.code == 0
    last = answer.out.strip().splitlines()[-1]
    assert last.startswith("Brief: ")
    assert Path(last.removeprefix("Brief: ")).is_file()
    assert "4 options, 16 draws x 4 replicates, seed 0" in answer.out


def test_analyse_answers_from_a_stored_run(excomm, runs: Path) -> None:
    for analysis, setting in (("compare", ("--outcome", "killed_host")), ("risk", ("--line", "0.001"))):
        answer = excomm("analyse", "strait", analysis, *setting, "--out", str(runs), "--json")
        assert answer.code == 0
        matches(answer.json(), "analyse")
        assert answer.json()["analysis"] == analysis
    told = excomm("analyse", "strait", "weights", "--out", str(runs))
    assert told.out.startswith(
        "For whose values does each option lead, on the outcomes of Northland?\n  - With the"
    )
    chart = runs / "chart.svg"
    assert excomm("analyse", "strait", "risk", "--chart", str(chart), "--out", str(runs)).code == 0
    assert "<svg" in chart.read_text(encoding="utf-8")
    for words, said in (
        (("divination",), "compare, drivers"),
        (("risk", "--line", "7"), "0.001 for 1 in 1,000"),
        (("weights", "--line", "0.1"), "takes no --line"),
        (
            ("drivers",),
            "16 draws are too few to tell a driver from chance. Expected at least 50 draws. Make a larger run",
        ),
        (("tipping",), "16 draws are too few to tell where a preference turns. Expected at least 50 draws"),
        (("information", "--collect", "patron.troops_present"), "PARAMETER=ERROR"),
        (("risk", "--chart", "chart.png"), ".svg or .json"),
        (("robustness", "--requirement", "7"), "from 0 (the worst"),
        (("robustness", "--requirement", "-0.1"), "from 0 (the worst"),
        (
            ("information",),
            "too few to tell what knowing a parameter is worth. Expected at least 50 draws. Make a larger run",
        ),
        (("tipping", "--parameters", "front.initial_gain"), "at least 50 draws. Make a larger run"),
    ):
        refused = excomm("analyse", "strait", *words, "--out", str(runs))
        assert (refused.code, refused.out) == (2, "")
        assert said in refused.err


def test_explain_unfolds_a_number(excomm, runs: Path) -> None:
    answer = excomm("explain", "strait", "killed_host", "--out", str(runs), "--json")
    assert answer.code == 0
    assert answer.json()["option"] == "current-aid"
    [ground] = answer.json()["propositions"]
    told = excomm("explain", "strait", "killed_host", "--out", str(runs))
    assert ground["text"] in told.out
    assert ground["claims"]
    assert all(claim["quote"] in told.out for claim in ground["claims"])
    assert {claim["speaks_for"] for claim in ground["claims"]} == {True, False}
    assert "     For: “" in told.out
    assert "     Against: “" in told.out
    assert "16 draws are too few to tell a driver from chance" in told.out
    [folder] = [path.parent for path in runs.glob("strait-*/manifest.json")]
    assert told.err == f"Run {folder.name}: 16 draws x 4 replicates, in {folder}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "strait", "killed_host"),
        ("analyse", "strait", "compare"),
        ("analyse", "strait", "weights"),
        ("parameters", "strait"),
        ("game", "strait"),
    ],
)
def test_what_is_printed_fits_the_terminal(
    excomm, runs: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    stored = ("--out", str(runs)) if words[0] in ("explain", "analyse") else ()
    answer = excomm(*words, *stored)
    assert answer.code == 0
    assert max(map(len, answer.out.splitlines())) <= 80
    if words[0] == "parameters":
        assert all(
            line.rstrip().endswith(("│", "┃", "┓", "┩", "┘")) for line in answer.out.splitlines()[1:-2]
        )
        assert "interceptors/week" in answer.out
        assert "…" not in answer.out


def test_the_table_in_the_terminal_keeps_units_and_options() -> None:
    """At 80 columns the options stand in parts below each other; every number ends as in the page of the brief."""
    from rich.console import Console

    import excomm as package

    run = package.assess("strait", draws=16, replicates=4, store=False, brief=False)
    page = io.StringIO()
    Console(file=page, width=80).print(run)
    text = page.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert {"people", "km²", "GW", "troops", "bn USD"} <= set(re.findall(r"│   (\S.*?) +│", text))
    for option in run.options:
        assert run.case.option(option).name.split()[0] in text
    from excomm.brief.figures import Figures
    from excomm.brief.table import options_table

    for group in options_table(Figures(run)).headline:
        for row in group.rows:
            for cell in row.cells:
                assert cell.text.main in text, (row.id, cell.option)
                assert cell.text.interval in text, (row.id, cell.option)
