"""`excomm audit`: JSON in the shape of the contract, table, page, errors."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import excomm
from excomm.audit.page import render_page
from excomm.engine.run import Run

from .conftest import call

SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "audit.json").read_text(encoding="utf-8"))
TEXT = """The strait can wait

League casualties would be low. Southland's soldiers are poorly trained conscripts, and a full nuclear exchange is
very unlikely. The shield would save the lives of civilians & <b>protect</b> the railways. The islands could be
drawn in.

The League should intervene directly. It is a moral duty.
"""


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "editorial.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_the_json_keeps_the_contract(text: Path, runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("audit", text, "--case", "strait", "--out", runs, "--json") == 0
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    Draft202012Validator(SCHEMA).validate(printed)
    assert len(printed["assertions"]) >= 6
    for one in printed["assertions"]:
        assert printed["text"][one["start"] : one["end"]] == one["quote"]
    assert printed["conclusion"]["option"] == "intervention"


def test_the_table_names_verdicts_and_the_conclusion(
    text: Path, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("audit", text, "--case", "strait", "--out", runs) == 0
    shown = capsys.readouterr().out
    assert "supported" in shown
    assert "own criteria" in shown


def test_the_newest_stored_run_is_used(text: Path, run: Run, runs: Path) -> None:
    assert excomm.audit_text(text, "strait", out=runs).run == run.id
    assert excomm.audit_text(TEXT, "strait", run=run).run == run.id
    assert excomm.audit_text(TEXT, "strait", run=run.id, out=runs).run == run.id


def test_the_same_text_gives_the_same_audit(runs: Path) -> None:
    one, other = (excomm.audit_text(TEXT, "strait", out=runs).to_json() for _ in range(2))
    assert one == other


def test_the_page_stands_alone_and_escapes(text: Path, runs: Path, tmp_path: Path) -> None:
    page = tmp_path / "audit.html"
    assert call("audit", text, "--case", "strait", "--out", runs, "--html", page) == 0
    written = page.read_text(encoding="utf-8")
    assert "<b>protect</b>" not in written
    assert "&lt;b&gt;protect" in written
    assert "<script" not in written
    assert not re.search(r"(?:src|href)=\"(?!#)", written)
    assert "default-src 'none'" in html.unescape(written)
    assert "style=" not in written
    for number in range(1, len(excomm.audit_text(TEXT, "strait", out=runs).assertions) + 1):
        assert f'id="finding-{number}"' in written
        assert f'href="#finding-{number}"' in written
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_hostile_text_stays_text_on_the_page(run: Run) -> None:
    hostile = "</style><script>alert(1)</script>\n\nThe threats are bluffs. {{ 7 * 7 }} {% raw %}\n"
    page = render_page(excomm.audit_text(hostile, "strait", run=run), title='"><img src=x>')
    assert "<script>" not in page
    assert "<img" not in page
    assert "{{ 7 * 7 }}" in page


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere.txt", "--case", "strait"], "no file"),
        (["{text}", "--case", "atlantis"], "atlantis"),
        (["{text}", "--case", "strait", "--run", "strait-ffff"], "no stored run"),
        (["{text}", "--case", "strait", "--scale", "loud"], "scale"),
        (["{text}", "--case", "strait", "--perspective", "mars"], "mars"),
        (["{text}", "--case", "strait", "--html", "/nowhere/a.html"], "cannot be written"),
        (["{text}", "--case", "cuba-1962", "--run", "strait"], "strait"),
    ],
)
def test_bad_input_is_named(
    text: Path, runs: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [str(text) if word == "{text}" else word for word in words]
    assert call("audit", *named, "--out", runs) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert "Traceback" not in printed.err


def test_a_case_can_add_its_own_words(tmp_path: Path, run: Run) -> None:
    import shutil

    folder = tmp_path / "strait"
    shutil.copytree(excomm.load("strait").folder, folder)
    own = folder / "audit.yaml"
    own.write_text("options:\n  monitors-on-ceasefire: [white coats]\n", encoding="utf-8")
    found = excomm.audit_text("The League should send the white coats.", folder, run=run)
    assert found.conclusion is not None
    assert found.conclusion.option == "monitors-on-ceasefire"
    for wrong in (
        "options: {nobody: [x]}",
        "words: {}",
        "topics: {deter: {threshold: 3}}",
        "options: [",
        "concepts: {foe: ['(']}",
    ):
        own.write_text(wrong, encoding="utf-8")
        with pytest.raises(excomm.ExCommError, match=r"audit\.yaml"):
            excomm.audit_text("The threats are bluffs.", folder, run=run)
