"""The commands read and ledger, as a user calls them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from excomm.cli import ledger_commands, read_commands
from excomm.errors import InputError, ReportError, UsageError
from excomm.evidence import Ledger
from excomm.evidence.model import Report

from .fuzzing import check_page

TEXT = """source: Strait Wire
title: <b>Troops</b> & more
published: 2031-02-25

The League's secretary confirmed on Tuesday that Eastmark has sent at least 2,500 troops to Southland.
<script>alert(1)</script> Up to 9,000 more troops may follow, two officials said."""


@pytest.fixture
def command() -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command("read")(read_commands.read)
    app.add_typer(ledger_commands.app, name="ledger")
    return app


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def call(app: typer.Typer, *arguments: object, stdin: str | bytes | None = None) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_read_gives_claims_as_json(command: typer.Typer, paper: Path) -> None:
    shown = json.loads(call(command, "read", paper, "--case", "strait", "--json"))
    [report] = shown["reports"]
    assert {"id", "source", "title", "genre", "language", "published", "claims"} <= report.keys()
    first = report["claims"][0]
    keys = "id quote start end kind actor events modality quantity time hedge condition attribution status proposition"
    assert {*keys.split(), "parameter", "abstained"} <= first.keys()
    assert first["quantity"]["low"] == 2500
    assert first["quantity"]["high"] is None
    assert (first["time"]["start"], first["time"]["granularity"]) == ("2031-02-25", "day")
    assert first["proposition"] == "eastmark-troops"
    assert first["attribution"][0].keys() >= {"kind", "name", "named"}
    last = report["claims"][-1]
    assert (last["quantity"]["low"], last["quantity"]["high"], last["quantity"]["cue"]) == (0, 9000, "up to")
    assert last["hedge"]["cue"] == "may"


def test_read_takes_standard_input_and_prints_a_table(command: typer.Typer) -> None:
    shown = call(command, "read", "-", stdin=TEXT)
    assert "Strait Wire" in shown
    assert "2031-02-25" in shown


def test_the_page_escapes_everything(command: typer.Typer, paper: Path, tmp_path: Path) -> None:
    call(command, "read", paper, "--html", tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    check_page(page)
    assert "&lt;b&gt;Troops&lt;/b&gt; &amp; more" in page
    assert not re.search(r"<script|onerror|https?://", page)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_an_address_needs_fetch(command: typer.Typer) -> None:
    with pytest.raises(UsageError, match="is an address"):
        call(command, "read", "https://news.example/story")


def ledger_json(command: typer.Typer, ledger: Path, *arguments: object) -> Any:
    return json.loads(call(command, "ledger", *arguments, "--ledger", ledger, "--json"))


def test_the_ledger_from_adding_to_resolving(command: typer.Typer, paper: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    signed = ("--who", "ann", "--why", "read it", "--ledger", ledger)
    added = json.loads(
        call(
            command, "ledger", "add", paper, "--case", "strait", "--who", "ann", "--ledger", ledger, "--json"
        )
    )
    [entry] = added["added"]
    [claim, *_] = entry["claims"]
    before = ledger_json(command, ledger, "show", "eastmark-troops")["propositions"][0]
    assert before["posterior"] == before["prior"]
    call(command, "ledger", "accept", claim, *signed, "--date", "2031-02-26")
    shown = ledger_json(command, ledger, "show")
    [after] = [each for each in shown["propositions"] if each["id"] == "eastmark-troops"]
    assert after["posterior"] > before["posterior"]
    assert {"id", "text", "posterior", "p05", "p95", "admiralty", "origins", "updates"} <= after.keys()
    assert after["origins"][0].keys() >= {"id", "reports", "log_lr"}
    assert after["updates"][-1].keys() >= {"seq", "kind", "effective", "recorded", "who", "why"}
    assert after["updates"][-1]["kind"] == "accept"
    early = ledger_json(command, ledger, "show", "eastmark-troops", "--as-of", "2031-02-25")
    assert early["propositions"][0]["posterior"] == before["posterior"]
    changes = ledger_json(command, ledger, "diff", "2031-02-25", "2031-02-27")["changes"]
    assert changes[0]["added"] == [claim]
    assert "Eastmark has sent" in changes[0]["quotes"][claim]
    course = ledger_json(command, ledger, "timeline", "eastmark-troops")["timeline"]
    assert course[-1]["posterior"] == pytest.approx(after["posterior"])
    call(command, "ledger", "regrade", "strait-wire", "E", *signed, "--date", "2031-03-01")
    call(command, "ledger", "resolve", "eastmark-troops", "true", *signed, "--date", "2031-04-01")
    assert ledger_json(command, ledger, "show", "eastmark-troops")["propositions"][0]["posterior"] == 1.0
    call(command, "ledger", "retract", entry["report"], *signed)
    text = call(command, "ledger", "show", "--ledger", ledger)
    assert "eastmark-troops" in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_id_is_cut(
    command: typer.Typer, paper: Path, monkeypatch: pytest.MonkeyPatch, width: int, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = json.loads(call(command, "read", paper, "--case", "strait", "--json"))
    ids = [claim["id"] for claim in shown["reports"][0]["claims"]]
    text = call(command, "read", paper, "--case", "strait", "--background")
    assert [line.split()[0] for line in text.split("\n") if line[:12] in ids] == ids
    ledger = tmp_path / "a.sqlite"
    call(command, "ledger", "add", paper, "--case", "strait", "--who", "ann", "--ledger", ledger)
    linked = [claim["id"] for claim in shown["reports"][0]["claims"] if claim["proposition"]]
    kept = call(command, "ledger", "show", "eastmark-troops", "--ledger", ledger)
    assert linked
    assert all(identity in kept for identity in linked)


READING = [("show",), ("timeline", "eastmark-troops"), ("diff", "2031-01-01", "2031-02-01"), ("export",)]
DECIDING = [(verb, "3dbef6721cb7", "--who", "ann", "--why", "x") for verb in ("accept", "reject", "retract")]


@pytest.mark.parametrize("arguments", [*READING, *DECIDING])
def test_a_mistyped_ledger_is_not_begun(
    command: typer.Typer, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "ledger.sqlite").write_text("")
    with pytest.raises(UsageError, match="no such file") as caught:
        call(command, "ledger", *arguments, "--ledger", tmp_path / "legder.sqlite")
    assert "ledger.sqlite" in str(caught.value.next_step)
    assert [each.name for each in tmp_path.iterdir()] == ["ledger.sqlite"]


def test_a_ledger_is_begun_only_by_what_succeeds(command: typer.Typer, paper: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    with pytest.raises(UsageError, match="name who"):
        call(command, "ledger", "add", paper, "--who", " ", "--ledger", ledger)
    with pytest.raises(UsageError, match="cannot be written"):
        call(command, "ledger", "add", paper, "--who", "ann", "--ledger", tmp_path / "nowhere" / "l.sqlite")
    assert [each.name for each in tmp_path.iterdir()] == [paper.name]
    shown = call(command, "ledger", "add", paper, "--who", "ann", "--ledger", ledger)
    assert f"1 new report, 0 claims linked to propositions; ledger: {ledger}" in shown


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("[]", "it is no object"),
        ("{}", "neither “report” nor “update”"),
        ("rubbish", "it is not JSON"),
        ('{"update": {"kind": "new", "effective": "2031-01-01"}}', "“uid” is missing"),
        ('{"update": {"kind": "huh"}}', "“huh” is no kind of update"),
        ('{"report": {"text": "a", "colour": "red"}}', "a field is missing"),
    ],
)
def test_a_bad_import_says_file_line_and_fault(
    command: typer.Typer, tmp_path: Path, content: str, fault: str
) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(content)
    with pytest.raises(InputError, match=fault) as caught:
        call(command, "ledger", "import", lines, "--ledger", tmp_path / "ledger.sqlite")
    assert caught.value.file == str(lines)
    assert caught.value.line == (1 if content.strip() else None)
    assert not re.search(r"Error|Traceback", str(caught.value))
    assert [each.name for each in tmp_path.iterdir()] == ["lines.jsonl"]


def test_what_was_exported_comes_in_whatever_its_texts_hold(command: typer.Typer, tmp_path: Path) -> None:
    text = "Line\u2028separator, paragraph\u2029separator and next\u0085line stand in one text."
    first, second, lines = (tmp_path / name for name in ("first.sqlite", "second.sqlite", "lines.jsonl"))
    with Ledger(first) as opened:
        opened.add(Report(text), [], who="ann")
    call(command, "ledger", "export", lines, "--ledger", first)
    call(command, "ledger", "import", lines, "--ledger", second)
    with Ledger(second) as opened:
        assert [report.text for report in opened.reports()] == [text]


def test_an_interrupted_command_keeps_the_reports_it_added(
    command: typer.Typer, paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    ledger = tmp_path / "ledger.sqlite"
    monkeypatch.setattr(ledger_commands.typer, "echo", interrupt)
    arguments = ["ledger", "add", str(paper), "--who", "ann", "--ledger", str(ledger)]
    assert CliRunner().invoke(command, arguments).exit_code != 0
    with Ledger(ledger) as opened:
        assert opened.count("reports") == 1


def test_a_decision_on_several_claims_holds_for_all_or_none(
    command: typer.Typer, paper: Path, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.sqlite"
    signed = ("--who", "ann", "--why", "read it", "--ledger", ledger)
    added = json.loads(
        call(
            command, "ledger", "add", paper, "--case", "strait", "--who", "ann", "--ledger", ledger, "--json"
        )
    )
    [claim, *_] = added["added"][0]["claims"]
    before = call(command, "ledger", "export", "--ledger", ledger)
    with pytest.raises(UsageError, match="names nothing"):
        call(command, "ledger", "accept", claim, "ffffffffffff", *signed)
    assert call(command, "ledger", "export", "--ledger", ledger) == before


def test_reports_without_text_or_in_other_languages_are_said(
    command: typer.Typer, paper: Path, tmp_path: Path
) -> None:
    empty, french = tmp_path / "empty.txt", tmp_path / "french.txt"
    empty.write_text("source: Le Monde\n\n")
    french.write_text(
        "language: fr\n\nLe ministre a confirmé que 2500 soldats sont partis.", encoding="utf-8"
    )
    with pytest.raises(ReportError, match="no report with a text") as caught:
        call(command, "read", empty)
    assert caught.value.next_step
    shown = json.loads(call(command, "read", empty, french, paper, "--json"))
    assert [report["claims"] == [] for report in shown["reports"]] == [True, False]
    assert ["no text" in note or "French is not read" in note for note in shown["warnings"]] == [True, True]
    assert "French is not read" in call(command, "read", french)


def test_a_decision_for_a_case_holds_from_its_information_date(
    command: typer.Typer, paper: Path, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.sqlite"
    signed = ("--who", "ann", "--why", "read it", "--ledger", ledger)
    told = call(command, "ledger", "add", paper, "--case", "strait", "--who", "ann", "--ledger", ledger)
    assert "`excomm ledger accept CLAIM… --case strait --who YOU --why REASON`" in told
    waiting = call(command, "ledger", "show", "eastmark-troops", "--ledger", ledger)
    claim = re.findall(r"^  (\w{12})  waiting ", waiting, re.MULTILINE)[0]
    for verb in ("accept", "reject", "retract"):
        said = call(command, "ledger", verb, claim, "--case", "strait", *signed)
        assert f"{verb}  claim:{claim}  from 2031-03-01\n" in said
        assert "2031-03-01 is the information date of strait" in said
    dated = call(command, "ledger", "accept", claim, "--case", "strait", "--date", "2031-02-26", *signed)
    assert "from 2031-02-26" in dated
    assert "information date" not in dated
    plain = call(command, "ledger", "accept", claim, *signed)
    assert f"from {datetime.now(UTC).date()}" in plain
    with pytest.raises(InputError):
        call(command, "ledger", "accept", claim, "--case", "atlantis", *signed)


def test_show_lists_the_claims_with_what_was_decided(
    command: typer.Typer, paper: Path, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.sqlite"
    signed = ("--who", "ann", "--why", "read it", "--ledger", ledger)
    call(command, "ledger", "add", paper, "--case", "strait", "--who", "ann", "--ledger", ledger)
    waiting = call(command, "ledger", "show", "eastmark-troops", "--ledger", ledger)
    [identity] = re.findall(r"^  (\w{12})  waiting   \+  The League's secretary", waiting, re.MULTILINE)
    assert f"claim:{identity}  from 2031-02-26" in call(
        command, "ledger", "accept", identity[:6], *signed, "--date", "2031-02-26"
    )
    accepted = call(command, "ledger", "show", "eastmark-troops", "--ledger", ledger)
    assert re.search(rf"^  {identity}  accepted  \+  The League's secretary", accepted, re.MULTILINE)
    assert "0001-01-01" not in accepted


def test_a_report_that_an_assessment_would_leave_out_is_said_when_it_is_added(
    command: typer.Typer, tmp_path: Path
) -> None:
    for name, head in (
        ("late", "published: 2031-04-01\n\n"),
        ("undated", ""),
        ("fine", "date: 2031-02-01\n\n"),
    ):
        (tmp_path / f"{name}.txt").write_text(f"{head}Eastmark has sent {name} troops to Southland.")
    ledger = tmp_path / "ledger.sqlite"
    added = json.loads(
        call(
            command,
            "ledger",
            "add",
            tmp_path,
            "--case",
            "strait",
            "--who",
            "ann",
            "--ledger",
            ledger,
            "--json",
        )
    )
    said = {Path(note.split(": ")[0]).stem: note for note in added["warnings"]}
    assert said.keys() == {"late", "undated"}
    assert "later than the information date 2031-03-01 of strait" in said["late"]
    assert "no date, so it counts from today" in said["undated"]


def test_export_and_import(command: typer.Typer, paper: Path, tmp_path: Path) -> None:
    ledger, copy, lines = tmp_path / "a.sqlite", tmp_path / "b.sqlite", tmp_path / "lines.jsonl"
    call(command, "ledger", "add", paper, "--case", "strait", "--who", "ann", "--ledger", ledger)
    call(command, "ledger", "export", lines, "--ledger", ledger)
    call(command, "ledger", "import", lines, "--ledger", copy)
    assert call(command, "ledger", "export", "--ledger", copy) == call(
        command, "ledger", "export", "--ledger", ledger
    )


def test_an_export_that_cannot_be_written_is_refused_before_the_ledger_is_read(
    command: typer.Typer, paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = tmp_path / "a.sqlite"
    call(command, "ledger", "add", paper, "--who", "ann", "--ledger", ledger)

    def begun(_: Ledger) -> None:
        raise AssertionError("the work has begun")

    monkeypatch.setattr(Ledger, "export", begun)
    with pytest.raises(UsageError, match="cannot be written"):
        call(command, "ledger", "export", tmp_path / "nowhere" / "lines.jsonl", "--ledger", ledger)
    with pytest.raises(AssertionError, match="has begun"):
        call(command, "ledger", "export", tmp_path / "lines.jsonl", "--ledger", ledger)


def test_a_correction_brings_in_the_new_report(command: typer.Typer, paper: Path, tmp_path: Path) -> None:
    ledger, better = tmp_path / "a.sqlite", tmp_path / "better.txt"
    better.write_text(TEXT.replace("at least 2,500", "about 250"), encoding="utf-8")
    added = json.loads(
        call(
            command, "ledger", "add", paper, "--case", "strait", "--who", "ann", "--ledger", ledger, "--json"
        )
    )
    identity = added["added"][0]["report"]
    call(
        command,
        "ledger",
        "correct",
        identity,
        better,
        "--who",
        "ann",
        "--why",
        "wrong figure",
        "--ledger",
        ledger,
    )
    shown = ledger_json(command, ledger, "show", "eastmark-troops", "--policy", "linked")
    reports = {report for origin in shown["propositions"][0]["origins"] for report in origin["reports"]}
    assert reports
    assert identity not in reports


@pytest.mark.parametrize(
    "arguments",
    [
        ("accept", "ffffffffffff", "--who", "ann", "--why", "x"),
        ("regrade", "nobody", "Z", "--who", "ann", "--why", "x"),
        ("resolve", "nothing", "perhaps", "--who", "ann", "--why", "x"),
        ("show", "nothing"),
        ("show", "--as-of", "yesterday"),
        ("show", "--policy", "all"),
    ],
)
def test_bad_input_is_explained(command: typer.Typer, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    Ledger(tmp_path / "ledger.sqlite").close()
    with pytest.raises(UsageError) as caught:
        call(command, "ledger", *arguments, "--ledger", tmp_path / "ledger.sqlite")
    assert caught.value.expected or caught.value.next_step
