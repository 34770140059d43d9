"""What the pages and the README show runs as it stands: Python blocks, commands, and the output of `console` blocks.

The blocks of a page run in order, in one empty folder. An assessment is a fixed function of its arguments, so the
same call on several pages is computed once; commands without `--draws` or `--base` get small numbers. A block that is
not to be run says so in the line before it: `<!-- not run: reason -->`.
"""

from __future__ import annotations

import json
import math
import re
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from markdown_blocks import PAGES, PROJECT, RUNNABLE, Block, blocks, name_of

import excomm
from excomm.cli import main

SMALL = {"assess": ["--draws", "64", "--replicates", "8"], "sensitivity": ["--base", "64"]}
WITH_EXAMPLES = [page for page in PAGES if any(b.language in RUNNABLE and not b.reason for b in blocks(page))]
SHELL_WORDS = {"bash", "shell", "zsh", "py", "python3", "pycon"}
TARGETS = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.fixture(scope="module")
def remembered() -> dict[str, Any]:
    return {}


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remembered: dict[str, Any]) -> Path:
    """An empty folder to work in, where an assessment that was computed before is looked up.

    Briefs are not drawn here, which takes longer than the assessment: the test of the JSON shapes draws one.
    """
    assess: Callable[..., Any] = excomm.assess

    def once(*given: Any, **stated: Any) -> Any:
        call = signature(assess).bind(*given, **stated)
        call.apply_defaults()
        settings = {name: value for name, value in call.arguments.items() if name not in ("out", "progress")}
        case = settings.pop("case")
        case = case if isinstance(case, excomm.Case) else excomm.load(case)
        key = case.canonical_json() + repr(settings)
        if key not in remembered:
            run = assess(*given, **stated)
            folder = run.files["manifest"].parent.resolve() if run.files else None
            remembered[key] = (run, folder)
        run, folder = remembered[key]
        if folder is not None:  # a run that another page has stored stands where this one looks for it too
            here = Path(call.arguments["out"]) / folder.name
            if not here.exists():
                shutil.copytree(folder, here)
        return run

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("excomm.brief.write_brief", lambda _run, path: Path(path).write_text("", "utf-8"))
    monkeypatch.setattr("excomm.pipeline.assess.assess", once)
    return tmp_path


def run_command(words: list[str]) -> int:
    with pytest.raises(SystemExit) as left:
        main(words)
    return int(left.value.code or 0)


def run_shell(block: Block) -> None:
    for line in block.text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        where = f"{name_of(block.page)}:{block.line}: {line}"
        if words[0] == "make":
            assert set(words[1:]) <= TARGETS, f"{where}: no such target"
        elif words[0] == "excomm":
            small = SMALL.get(words[1], [])
            small = [] if {"--draws", "--base"} & set(words) else small
            assert run_command([*words[1:], *small]) == 0, where
        else:
            pytest.fail(f"{where}: only `excomm` and `make` are run; mark the block as not run")


def same_line(shown: str, printed: str) -> bool:
    """Whether two lines agree but for spaces and the last digits of numbers (tiny ones count as zero)."""

    def same(one: str, other: str) -> bool:
        try:
            return math.isclose(float(one), float(other), rel_tol=1e-3, abs_tol=1e-6)
        except ValueError:
            return one == other

    first, second = (re.findall(r"[-+]?[\d.]+(?:e[-+]?\d+)?|[^\d\s]+", line) for line in (shown, printed))
    return len(first) == len(second) and all(map(same, first, second))


def run_console(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    """Run the lines after `$`; what a page shows below a command must be among what it prints, in order."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, *shown = part.rstrip().splitlines()
        capsys.readouterr()
        run_shell(replace(block, text=command))
        printed = iter(capsys.readouterr().out.splitlines())
        for line in shown:
            where = f"{name_of(block.page)}:{block.line}: `{command}` does not print: {line}"
            assert any(same_line(line, other) for other in printed), where


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=name_of)
def test_the_examples_run(page: Path, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    space: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.file:
            (workplace / block.file).write_text(block.text, encoding="utf-8")
        if block.reason or block.language not in RUNNABLE:
            continue
        if block.language == "sh":
            run_shell(block)
        elif block.language == "console":
            run_console(block, capsys)
        else:
            # Blank lines in front, so that a traceback names the line of the page.
            exec(compile("\n" * (block.line - 1) + block.text, name_of(page), "exec"), space)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_code_is_named_so_that_it_is_run(page: Path) -> None:
    for block in blocks(page):
        assert block.language not in SHELL_WORDS, (
            f"{name_of(page)}:{block.line}: write `sh`, `console` or `python`"
        )
        assert not (block.reason and block.language not in RUNNABLE), (
            f"{name_of(page)}:{block.line}: not code"
        )


def test_lines_of_output_are_compared() -> None:
    assert same_line("  A: threaten 0.676909", "A:  threaten 0.67691")
    assert same_line("residual 1.1e-15.", "residual 3e-16.")
    assert not same_line("A: threaten 0.676909", "A: threaten 0.66")
    assert not same_line("A: threaten 0.6", "B: threaten 0.6")


def test_the_readme_shows_ten_lines_of_python_and_the_two_commands() -> None:
    shown = blocks(PROJECT / "README.md")
    (python,) = [block.text for block in shown if block.language == "python"]
    assert len(python.splitlines()) == 10
    commands = " ".join(block.text for block in shown if block.language == "sh")
    assert "make demo" in commands
    assert "make test" in commands


def test_the_tutorial_counts_right() -> None:
    from excomm.beliefs.record import read_record

    case = excomm.load("strait")
    assert case.record_path is not None
    text = (PROJECT / "docs" / "tutorial" / "first-brief.md").read_text(encoding="utf-8")
    words = {3: "three", 4: "four", 5: "five", 6: "six"}
    for count, thing in (
        (len(case.report_paths), "invented news reports"),
        (len(read_record(case.record_path)), "warnings"),
        (len(case.members), "members"),
        (len(case.options), "options"),
    ):
        assert re.search(rf"\b{words[count]} {thing}", text), thing


def test_the_page_on_readings_counts_right() -> None:
    from excomm.beliefs.record import posterior, read_record

    case = excomm.load("strait")
    assert case.record_path is not None
    record = read_record(case.record_path)
    words = {4: "four", 5: "five", 6: "six"}
    own = [warning for warning in record.warnings if warning.actor == "southland"]
    known = posterior(record, issue=None, coding="narrow", actor="southland").informative
    text = (PROJECT / "docs" / "how-to" / "run-another-reading.md").read_text(encoding="utf-8")
    assert (
        f"has {words[len(record)]} warnings, {words[len(own)]} of them by Southland, and of {words[known]} of"
        in text
    )


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_reads_as_it_stands(page: Path) -> None:
    """Many readers meet the Markdown itself: nothing waits for the build to be filled in, but whole parts."""
    assert "{{" not in page.read_text(encoding="utf-8")


# JSON shapes -----------------------------------------------------------------------------------------------------


def shapes() -> dict[str, Any]:
    """Heading of the page on JSON -> the first shape below it, as nested lists, dictionaries and None."""
    text = (PROJECT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    found = {}
    for heading, body in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL):
        shown = re.search(
            r"```\{code-block\} text\n:class: shape\n\n(.*?)^```", body, re.MULTILINE | re.DOTALL
        )
        assert shown, heading
        found[heading] = parse_shape(shown[1])
    return found


def parse_shape(text: str) -> Any:
    tokens = re.findall(r'"[^"]+"|[{}\[\]:,]|\w+', text)

    def value() -> Any:
        if not tokens or tokens[0] not in "{[":
            return None
        closing = {"{": "}", "[": "]"}[opened := tokens.pop(0)]
        inner: dict[str, Any] = {}
        items = []
        while tokens[0] != closing:
            if opened == "[":
                items.append(value())
            else:
                token = tokens.pop(0)
                name, held = token.strip('"'), None
                if tokens[0] == ":":
                    tokens.pop(0)
                    held = value()
                if token.startswith('"'):  # without quotes, as in `{outcome: weight}`, it stands for any key
                    inner[name] = held
            while tokens[0] not in (",", closing):
                tokens.pop(0)  # words such as `or null`
            if tokens[0] == ",":
                tokens.pop(0)
        tokens.pop(0)
        return inner if opened == "{" else items

    return value()


def missing(shape: Any, found: Any, place: str = "$") -> list[str]:
    """Places of the shape that what was printed does not have."""
    if found is None or shape is None:
        return []
    if isinstance(shape, list):
        if not isinstance(found, list):
            return [f"{place} is no list"]
        return [lack for item in found if shape for lack in missing(shape[0], item, f"{place}[]")]
    if not isinstance(found, dict):
        return [f"{place} is no object"]
    lacking = [f"{place}.{name}" for name in shape if name not in found]
    return lacking + [
        lack
        for name in shape
        if name in found
        for lack in missing(shape[name], found[name], f"{place}.{name}")
    ]


# In this order: `runs` lists what `assess` has stored in the same folder.
PRINTING = {
    "cases": ["cases"],
    "check": ["check", "strait"],
    "new": ["new", "my-crisis"],
    "parameters": ["parameters", "strait"],
    "assess": ["assess", "strait", *SMALL["assess"]],
    "runs": ["runs"],
    "doctor": ["doctor"],
    "record": ["record", "strait"],
    "mechanisms": ["mechanisms", "strait", "--submodels", "deployment", "--draws", "16", "--replicates", "4"],
    "read": ["read", "{report}", "--case", "strait"],
    "audit": ["audit", "{report}", "--case", "strait"],
}


def test_the_json_of_the_commands_has_the_shapes_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from excomm.cli import COMMANDS

    monkeypatch.chdir(tmp_path)
    report = str(excomm.load("strait").report_paths[0])
    for command, words in PRINTING.items():
        if command not in COMMANDS:
            continue
        assert run_command([report if word == "{report}" else word for word in words] + ["--json"]) == 0
        printed = json.loads(capsys.readouterr().out)
        assert printed, command
        assert missing(shapes()[command], printed) == [], command


def test_an_error_has_the_shape_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["check", "no-such-case"]) == 2
    assert run_command(["parameters", "no-such-case", "--json"]) == 2
    printed = capsys.readouterr().err.strip().splitlines()[-1]
    assert missing(shapes()["Errors"], json.loads(printed)) == []


def test_a_shape_that_is_not_kept_is_found() -> None:
    shape = parse_shape('{"a", "b": [{"c": {"d", "e"} or null}], "f": [text]}')
    assert shape == {"a": None, "b": [{"c": {"d": None, "e": None}}], "f": [None]}
    assert missing(shape, {"a": 1, "b": [{"c": None}, {"c": {"d": 1}}], "f": []}) == ["$.b[].c.e"]
    assert missing(shape, {"a": 1, "b": {}, "f": []}) == ["$.b is no list"]
