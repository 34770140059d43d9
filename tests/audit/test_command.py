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
from excomm.audit.foreign import foreign_notes
from excomm.audit.lexicon import lexicon_of
from excomm.audit.page import render_page
from excomm.audit.wording import probability_text, with_interval
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


def test_a_reader_can_say_what_the_text_argues(
    text: Path, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The conclusion becomes the named one, quoted where a sentence says so; the findings stay."""
    asked = ("audit", text, "--case", "strait", "--out", runs)
    assert call(*asked, "--json") == 0
    read = json.loads(capsys.readouterr().out)
    assert (read["conclusion"]["option"], read["conclusion"]["named"]) == ("intervention", False)
    assert call(*asked, "--conclusion", "air-shield", "for", "--json") == 0
    named = json.loads(capsys.readouterr().out)
    Draft202012Validator(SCHEMA).validate(named)
    end = named["conclusion"]
    assert (end["option"], end["stance"], end["rival"]) == ("air-shield", "for", "current-aid")
    assert (end["named"], end["quote"], end["start"], end["end"]) == (True, "", 0, 0)
    assert [one["quote"] for one in named["assertions"]] == [one["quote"] for one in read["assertions"]]
    assert call(*asked, "--conclusion", "intervention", "for", "--json") == 0
    same = json.loads(capsys.readouterr().out)["conclusion"]
    assert same.pop("named")
    assert not read["conclusion"].pop("named")
    assert same == read["conclusion"]
    assert call(*asked, "--conclusion", "intervention", "against") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "You said that it argues against intervention; no sentence is read so." in shown
    against = excomm.audit_text(text, "strait", out=runs, conclusion=("intervention", "against")).conclusion
    assert against is not None
    assert against.holds == pytest.approx(1 - same["holds"])


@pytest.mark.parametrize("columns", [80, 120])
def test_the_terminal_names_statement_option_and_interval(
    text: Path, runs: Path, columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert call("audit", text, "--case", "strait", "--out", runs) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= columns
    flat = " ".join(shown.split())
    found = excomm.audit_text(text, "strait", out=runs)
    for one in found.assertions:
        if one.kind == "conclusion":
            continue
        told = one.because if one.probability is None else f"{probability_text(one)} that {one.statement}"
        assert told in flat
        if one.probability is not None and one.links[0].option is not None:
            assert one.links[0].option in one.statement or f"{one.statement}, under every option" in flat
    # The number is that of the statement; the text's word stands against the same one.
    [unlikely] = [one for one in found.assertions if one.topic == "exchange"]
    assert unlikely.word is not None
    assert f"Model: {probability_text(unlikely)} that there is a general nuclear exchange" in flat
    assert f"Text: “{unlikely.word.cue}”" in flat
    assert "own criteria" in flat
    end = found.conclusion
    assert end is not None
    page = html.unescape(render_page(found))
    assert end.sentence in flat
    assert any(one.if_true_interval for one in end.premises)
    for one in end.premises:
        for share, limits in ((one.if_true, one.if_true_interval), (one.without, one.without_interval)):
            if share is not None and limits is not None:
                assert f'<td class="number">{with_interval(share, *limits)}</td>' in page
        if one.critical and one.if_true is not None and one.if_true_interval is not None:
            assert f"{with_interval(one.if_true, *one.if_true_interval)} if true" in flat


@pytest.mark.parametrize(
    ("probability", "low", "high", "shown"),
    [
        (0.12, 0.004, 0.31, "12% (under 1% to 31%)"),
        (0.0032, 0.0006, 0.021, "about 3 in 1,000 (0.6 to 21 in 1,000)"),
        (0.0, 0.0, 0.011, "0% (0% to 1%)"),
        (1.0, 0.99, 1.0, "100% (99% to 100%)"),
        (0.995, 0.97, 0.999, "more than 99% (97% to more than 99%)"),
    ],
)
def test_a_probability_has_its_interval_on_its_own_scale(
    probability: float, low: float, high: float, shown: str
) -> None:
    assert with_interval(probability, low, high) == shown


@pytest.mark.parametrize(
    ("words", "warning"),
    [
        (
            "School lunches are too expensive. The threats of the caterers are bluffs.",
            "neither Northland nor Southland",
        ),
        (
            "Taiwan must hold. China would strike Taiwan. Southland smiles. Casualties would be low.",
            "names Taiwan more",
        ),
    ],
)
def test_a_text_about_something_else_is_called_so(
    words: str, warning: str, tmp_path: Path, run: Run, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lunch.txt"
    path.write_text(words, encoding="utf-8")
    assert call("audit", path, "--case", "strait", "--out", runs) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("Warning: ")
    assert warning in shown
    found = excomm.audit_text(words, "strait", run=run)
    assert any(warning in each for each in found.to_json()["warnings"])
    page = render_page(found)
    assert page.index(warning) < page.index('id="findings"')


def test_no_editorial_about_the_case_is_called_foreign() -> None:
    case = excomm.load("ukraine-2024")
    lexicon = lexicon_of(case)
    texts = sorted((Path(__file__).parent / "editorials").glob("*.txt"))
    assert len(texts) == 48
    for path in texts:
        assert foreign_notes(path.read_text(encoding="utf-8"), case, lexicon) == (), path.name


def test_a_new_run_is_announced_before_it_begins(
    text: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def assess(case: Any, **settings: Any) -> Run:
        said.append(capsys.readouterr().err)
        settings["progress"]("game", 1, 2)
        return run

    monkeypatch.setattr("excomm.pipeline.assess.assess", assess)
    assert call("audit", text, "--case", "strait", "--out", tmp_path / "none") == 0
    [before] = said
    for told in ("No run of strait", "256 draws of 32 replicates", "minutes", "--out", "--run", "--draws 64"):
        assert told in " ".join(before.split())
    # What is wrong with the request is said before a run of minutes.
    for words in (["nowhere.txt"], [text, "--scale", "loud"], [text, "--perspective", "mars"]):
        assert call("audit", *words, "--case", "strait", "--out", tmp_path / "none") == 2
    assert len(said) == 1


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


def test_each_finding_of_the_page_stands_in_the_row_of_its_sentence(run: Run) -> None:
    found = excomm.audit_text(TEXT, "strait", run=run)
    page = render_page(found)

    def plain(part: str) -> str:
        return " ".join(html.unescape(re.sub(r"<sup>.*?</sup>|<[^>]+>", "", part)).split())

    rows = page.split('<div class="row pair')[1:]
    for number, one in enumerate(found.assertions, start=1):
        [row] = [row for row in rows if f'id="finding-{number}"' in row]
        assert " ".join(one.quote.split()) in plain(row)
        if one.probability is not None:
            assert f"The model gives {probability_text(one)} that" in plain(row)
        elif one.kind != "conclusion":
            assert one.because in plain(row) or one.label.lower() in plain(row)
    # Nothing of the text is lost or told twice.
    shown = " ".join(plain(part) for part in re.findall(r'class="text">(.*?)</div>', page, re.DOTALL))
    assert shown == " ".join(TEXT.split("\n\n", 1)[1].split())


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
        (["{text}", "--case", "strait", "--conclusion", "landing", "for"], "landing"),
        (["{text}", "--case", "strait", "--conclusion", "intervention", "perhaps"], "for or against"),
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
