# ruff: noqa: E501 - a table is read line by line
"""Bad input: each kind is refused with file, line, what was expected and the next step; nothing is left behind."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest
from small_case import CASE, DEFAULTS

from excomm.case.load import load
from excomm.errors import CaseError, CaseErrors


def line_of(piece: str, text: str) -> int:
    assert text.count(piece) == 1, f"{piece!r} stands {text.count(piece)} times"
    return text[: text.index(piece)].count("\n") + 1


# What is written instead of what; the piece of the new text on whose line the error must stand ("" for the new text
# itself); a piece of the message; a piece of what was expected; a piece of the next step.
BROKEN = {
    "misspelt key": ("horizon: 52 weeks", "horizn: 52 weeks", "", '"horizn" is not known', "horizon", "Did you mean horizon?"),
    "misspelt key, seen as missing": (
        "horizon: 52 weeks", "horizn: 52 weeks", "format: 1", '"horizon" is missing', "52 weeks", "Add a line `horizon: …`."
    ),
    "misspelt key in an option": (
        "ceiling: line", "cieling: line", "", '"cieling" is not known', "ceiling", "Did you mean ceiling?"
    ),
    "misspelt key in a parameter": (
        "{prior: 40000 to 60000 troops, source: judgement}",
        "{prior: 40000 to 60000 troops, sourc: judgement}",
        "", '"sourc" is not known', "source", "Did you mean source",
    ),
    "missing source": (
        "{prior: 40000 to 60000 troops, source: judgement}",
        "{prior: 40000 to 60000 troops}",
        "", '"source" is missing', "a text", "Add a line `source: …`.",
    ),
    "wrong unit": ("40000 to 60000 troops", "40000 to 60000 km2", "", "km2 does not convert to troops", "troops", "in troops"),
    "unknown unit": ("40000 to 60000 troops", "40000 to 60000 trops", "", '"trops" is not a unit', "troops", 'Write "40000 to 60000 troops"'),
    "no unit": ("40000 to 60000 troops", "40000 to 60000", "", "has no unit", "troops", '"40000 to 60000 troops"'),
    "no quantity": (
        "40000 to 60000 troops", "up to 800k troops", "", "is not a quantity", "an interval", '"0 to 800000 troops"'
    ),
    "low above high": ("40000 to 60000 troops", "60000 to 40000 troops", "", "runs downwards", "5th percentile", "40000 to"),
    "beyond the bounds": ("40000 to 60000 troops", "-9 to -8 troops", "", "beyond the bounds", "0 to|between 0", "Check"),
    "a list as a prior": ("prior: 40000 to 60000 troops", "prior: [1, 2]", "", "not a prior", "a number", "prior:"),
    "impossible probability": ("    prior: 0.3", "    prior: 1.3", "", "impossible probability", "0 and 1", "0.013"),
    "impossible probability of a rival": (
        "text: A joint exercise, prior: 0.2", "text: A joint exercise, prior: -0.2", "", "impossible", "0 and 1", "0"
    ),
    "true as a probability": ("    prior: 0.3", "    prior: true", "", "not a probability", "0 and 1", "0.3"),
    "unknown actor": ("    actor: eastmark", "    actor: eastmrk", "", '"eastmrk" is not', "eastmark", "mean eastmark?"),
    "unknown target": ("target: southland", "target: soutland", "", '"soutland" is not', "southland", "mean southland"),
    "unknown actor of a perspective": (
        "{actor: northland,", "{actor: nortland,", "", '"nortland" is not', "northland", "mean northland"
    ),
    "unknown interest": ("interests: [league]", "interests: [leage]", "", '"leage" is not', "league", "mean league"),
    "unknown role": ("name: Eastmark, role: patron", "name: Eastmark, role: patrn", "", '"patrn"', "patron", "mean patron"),
    "two hosts": ("name: Eastmark, role: patron", "name: Eastmark, role: host", "actors:", "2 actors", "exactly one", "role"),
    "unknown posture": ("ceiling: line", "ceiling: lines", "", '"lines" is not', "aid, line", "mean line"),
    "unknown proposition": (
        "proposition: foreign-troops", "proposition: foreign-trops", "", '"foreign-trops"', "foreign-troops", "Did you mean"
    ),
    "unknown parameter": (
        "  ground.host.strength: {prior", "  ground.host.strengh: {prior", "", "not a known parameter",
        "id of a parameter", "ground.host.strength",
    ),
    "unknown parameter of an option": (
        "      deployment.size_requested:", "      deployment.size_request:", "", "not a known parameter",
        "id of a parameter", "deployment.size_requested",
    ),
    "unknown parameter of a correlation": (
        "between: [ground.host.strength, ground.pace]", "between: [ground.host.strength, ground.pce]", "",
        '"ground.pce" is not a known parameter', "id of a parameter", "ground.pace",
    ),
    "unknown parameter of a proposition": (
        "    parameter: patron.troops_present", "    parameter: patron.troops", "", "not a known parameter", "id", "patron"
    ),
    "outcome by half its name": ("area_change: 0.5,", "nuclear: 0.5,", "", '"nuclear" is not a known outcome', "the id of an outcome", "Did you mean nuclear_"),
    "no outcome": ("area_change: 0.5,", "prestige: 0.5,", "", '"prestige" is not a known outcome', "the id of an outcome", "reference of outcomes"),
    "a prior without a mapping": (
        "ground.host.strength: {prior: 40000 to 60000 troops, source: judgement}", "ground.host.strength: 40000 to 60000 troops",
        "", "has no source", "a mapping", "Write `ground.host.strength: {prior: 40000 to 60000 troops, source: …}`",
    ),
    "an unknown parameter without a mapping": (
        "      deployment.size_requested: {prior: 5000 to 20000 troops, source: judgement}", "      size: 5000",
        "", '"size" is not a known parameter', "id", "deployment.size_requested",
    ),
    "weeks with their unit": ("weeks: 26}", "weeks: 26 weeks}", "", '"26 weeks" does not fit', "0 to 52", "Write `weeks: 26`."),
    "unknown outcome": ("area_change: 0.5,", "area_chang: 0.5,", "", '"area_chang" is not a known outcome', "id", "area_change"),
    "unknown quantity of a band": ("quantity: front_gain", "quantity: front_gian", "", '"front_gian"', "id", "front_gain"),
    "unit of a band": ("5 to 60 km2/week", "5 to 60 troops", "", "does not convert", "km2/week", "km2/week"),
    "a band upside down": ("5 to 60 km2/week", "60 to 5 km2/week", "", "downwards", "5th", "5 to 60"),
    "weeks beyond the horizon": ("weeks: [1, 13]", "weeks: [1, 99]", "", "not weeks of the run", "1 to 52", "[1, 13]"),
    "a band on the source of its parameter": (
        "source: published maps", "source: a survey of maps", "", "has informed ground.pace", "did not inform", "another source"
    ),
    "a band that admits its source": ("informed: []", "informed: [ground.pace]", "", "has informed", "not inform", "another"),
    "duplicate key": (
        "first_mover: alliance", "first_mover: alliance\ntitle: Again", "title: Again", "stands twice, first in line 3",
        "each key once", "Delete or rename",
    ),
    "duplicate option": ("id: line-force", "id: current-aid", "- id: current-aid\n    name: A force", '"current-aid" stands twice', "once", "Rename"),
    "duplicate pair": (
        "rank: -0.5, source: judgement}",
        "rank: -0.5, source: judgement}\n  - {between: [ground.pace, ground.host.strength], rank: 0, source: law of war}",
        "law of war", "pair stands twice", "once", "Delete",
    ),
    "no reference": ("    reference: true\n", "", "options:", "no option", "exactly one option", "Mark"),
    "two references": ("    name: A force at the line", "    name: A force\n    reference: true", "options:", "line-force", "exactly one", "Mark"),
    "floor above ceiling": (
        "floor: {posture: aid, weeks: 0}", "floor: {posture: line, weeks: 0}", "", "lies above the ceiling", "below", "Raise"
    ),
    "start above ceiling": ("start: aid\n    ceiling: aid", "start: line\n    ceiling: aid", "start: line", "above the ceiling", "start", "Raise"),
    "floor beyond the horizon": ("weeks: 26}", "weeks: 260}", "", '"260" does not fit', "0 to 52", "weeks"),
    "rungs downwards": ("name: Line, rung: 3", "name: Line, rung: -3", "", '"-3" does not fit', "0 to 10", "rung"),
    "no start of the adversary": (" start: true,", "", "\n  adversary:", "none", "exactly one", "Mark"),
    "one posture only": (
        "    - {id: line, name: Line, rung: 3, aid: 1, shield: 0, presence: 1, engaged: 1, source: judgement}\n", "",
        "\n  alliance:", "1 postures are stated", "2 to 7", "Add some",
    ),
    "bad date": ("as_of: 2031-03-01", "as_of: 2031-02-30", "", '"2031-02-30" does not fit', "a date", "as_of"),
    "bad event date": ("date: 2031-05-02", "date: soon", "", '"soon" does not fit', "a date", "date"),
    "bad effect": ("effect: aid_review", "effect: aid-review", "", '"aid-review" is not', "aid_review", "mean aid_review"),
    "bad horizon": ("horizon: 52 weeks", "horizon: 53 weeks", "", '"53 weeks" is not a horizon', "52 weeks or 104", "52"),
    "bad format": ("format: 1", "format: 2", "", '"2" does not fit', "1 to 1", "format"),
    "bad id": ("id: small", "id: Small Case", "", '"Small Case" is not an id', "hyphens", "id: small-case"),
    "bad purpose": ("purpose: deter", "purpose: deterr", "", '"deterr"', "reassure, deter", "mean deter"),
    "bad letter": ("letter: C", "letter: G", "", '"G" is not', "A, B, C", "Write one"),
    "bad rank": ("rank: -0.5", "rank: -5", "", '"-5" does not fit', "-0.99 to 0.99", "rank"),
    "one correlated parameter": (
        "between: [ground.host.strength, ground.pace]", "between: [ground.pace]", "", "two parameters", "different", "Write"
    ),
    "range without key": ("{above: 5000 troops}", "{abov: 5000 troops}", "", "one key", "above, below", "Write {above"),
    "range without unit": ("{above: 5000 troops}", "{above: 5000}", "", "has no unit", "unit", "5000 troops"),
    "policy": ("policy: none", "policy: all", "", '"all" is not', "none, linked", "Write"),
    "text for a list": ("keywords: [eastmark]", "keywords: eastmark", "", "does not fit", "a list", "keywords"),
    "text for a mapping": ("acceptance: {policy: none, by: case author}", "acceptance: none", "", "does not fit", "a mapping", "acceptance"),
    "text for an item": ("  - {id: eastmark, name: Eastmark, role: patron}", "  - eastmark", "", "does not fit", "a mapping", "- id"),
    "both prior and when": (
        "    when: {proposition", "    prior: 3 troops\n    when: {proposition", "    when:", "both", "one of them", "Delete"
    ),
    "anchor": ("format: 1", "format: &one 1", "", "anchor &one", "without anchor", "Delete"),
    "script tag": ("format: 1", "format: !!python/name:os.system 1", "", "tag", "without tag", "Delete"),
    "a table that is not there": ("format: 1", "members: states.csv\nformat: 1", "members:", "no file", "same folder", "Add"),
    "a table elsewhere": ("format: 1", "record: ../../etc/passwd\nformat: 1", "record:", "no file", "same folder", "Add"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_every_kind_of_bad_input_is_explained(kind: str, bench, swap) -> None:
    old, new, at, message, expected, next_step = BROKEN[kind]
    text = swap(old, new)
    errors = bench.errors(text)
    found = [error for error in errors if message in error.message]
    assert found, [str(error) for error in errors]
    error = found[0]
    # The piece may start with a line break to be unique; the error then stands on the line after it.
    piece = at or new
    assert error.line == line_of(piece, text) + piece.startswith("\n")
    assert error.file == str(bench.case_folder / "case.yaml")
    assert any(part in (error.expected or "") for part in expected.split("|"))
    assert next_step in (error.next_step or "")
    assert str(error).startswith(f"{error.file}:{error.line}: ")
    # One mistake is one error, two at most where a misspelt key also leaves one missing.
    assert len(errors) <= 2
    assert {path.name for path in bench.case_folder.iterdir()} == {"case.yaml"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- id: line-force", "- id: current-aid"),
        ("    reference: true", "    reference: yes"),
        ("role: host", "role: defender"),
        ("id: eastmark, name: Eastmark, role: patron", "id: northland, name: Northland, role: host"),
        ("{id: strikes, name: Strikes, rung: 4,", "{id: war, name: Strikes, start: true, rung: 4,"),
    ],
)
def test_a_mistake_does_not_make_another_thing_seem_missing(old: str, new: str, bench, swap) -> None:
    """The first error that is told is the one that was made."""
    first = bench.errors(swap(old, new))[0]
    assert new.split(",")[0].strip("{- ").rpartition(": ")[2] in f"{first.message} {first.next_step}"
    assert "exactly one" not in (first.expected or "")


def test_all_problems_are_reported_together_in_file_order(bench) -> None:
    text = CASE
    for old, new in [
        ("rung: 3", "rung: x"),
        ("letter: C", "letter: Z"),
        ("weeks: 26}", "weeks: -1}"),
        ("rank: -0.5", "rank: 9"),
    ]:
        text = text.replace(old, new)
    errors = bench.errors(text)
    assert len(errors) == 4
    assert [error.line for error in errors] == sorted(error.line or 0 for error in errors)


BROKEN_DEFAULTS = {
    "id": ("ground.pace:", "Ground pace:", "not the id of a parameter"),
    "unit": ("unit: share", "unit: shar", "is not a unit"),
    "bounds": ("bounds: [-1000, 1000]", "bounds: [1000, -1000]", "not bounds"),
    "bounds of one end": ("bounds: [-1000, 1000]", "bounds: 5", "not bounds"),
    "prior": ("prior: 0.2 to 0.6", "prior: 0.2 to 1.6", "impossible share"),
    "beyond": ("prior: 10 to 40 km2/week", "prior: 2000 to 4000 km2/week", "beyond the bounds"),
    "grade": ("grade: B", "grade: D", '"D" is not'),
    "meaning": ("  meaning: Share of members that take part\n", "", '"meaning" is missing'),
}


@pytest.mark.parametrize("kind", BROKEN_DEFAULTS)
def test_defaults_are_checked_alike(kind: str, bench) -> None:
    old, new, message = BROKEN_DEFAULTS[kind]
    assert DEFAULTS.count(old) == 1
    errors = bench.errors(defaults=DEFAULTS.replace(old, new))
    assert any(message in error.message for error in errors), [str(error) for error in errors]
    assert {error.file for error in errors} == {"defaults/all.yaml"}


def test_a_parameter_declared_in_two_files_is_refused(bench) -> None:
    folder = bench.write()
    shutil.copy(bench.folder / "defaults" / "all.yaml", bench.folder / "defaults" / "more.yaml")
    with pytest.raises(CaseErrors) as caught:
        load(folder, defaults_folder=bench.folder / "defaults")
    assert "declared in defaults/all.yaml:1 already" in caught.value.message
    assert (caught.value.file, caught.value.line) == ("defaults/more.yaml", 1)


HEADER = "id,name,population_m,gdp_bn,active_forces,defence_share,border,support,source\n"
ROW = 'albion,Albion,60,3000,140000,0.02,0,0.2,"a poll, and judgement"\n'


def test_members_are_read(bench) -> None:
    (bench.write() / "members.csv").write_text(HEADER + ROW, encoding="utf-8")
    (member,) = bench.load().members
    assert (member.id, member.active_forces, member.border, member.support) == ("albion", 140_000, False, 0.2)
    assert member.source == "a poll, and judgement"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, 'no column "id"'),
        (HEADER.replace("support", "suport") + ROW, 1, 'no column "support"'),
        (HEADER + ROW.replace("0.2,", "20,"), 2, '"20" does not fit'),
        (HEADER + ROW.replace("0.02,0,", "0.02,0.5,"), 2, '"0.5" does not fit'),
        (HEADER + ROW.replace("60", "sixty"), 2, '"sixty" does not fit'),
        (HEADER + ROW.replace("60", "nan"), 2, '"nan" does not fit'),
        (HEADER + ROW.replace("albion", "Al bion"), 2, "is not an id"),
        (HEADER + ROW.replace('"a poll, and judgement"', ""), 2, "empty"),
        (HEADER + ROW + ROW, 3, "stands twice"),
        (HEADER + ROW.replace('"', ""), 2, "10 cells"),
        (HEADER + ROW.replace('judgement"', "judgement"), 2, "not a table"),
    ],
)
def test_members_are_checked(text: str, line: int, message: str, bench) -> None:
    (bench.write() / "members.csv").write_text(text, encoding="utf-8")
    (error,) = bench.errors()
    assert message in error.message
    assert (error.file, error.line) == (str(bench.case_folder / "members.csv"), line)


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("triangular(8000, 12000, 30000) troops", '"triangular(8000, 12000, 30000) troops"'),
        ("triangular(8000,12000,30000) troops", '"triangular(8000,12000,30000) troops"'),
        ("40,000 to 60,000 troops", "40000 to 60000 troops"),
        ("uniform(40,000, 60,000) troops", '"uniform(40000, 60000) troops"'),
        ("'choice(0: 0.3, 5000: 0.7) troops'", '"choice(0: 0.3, 5000: 0.7) troops"'),
        ("'mixture(0.7: 10 to 20; 0.3: 50 to 80) troops'", '"mixture(0.7: 10 to 20; 0.3: 50 to 80) troops"'),
    ],
)
def test_the_prior_that_is_proposed_can_be_written_as_it_stands(bench, stated: str, shown: str) -> None:
    old = "{prior: 40000 to 60000 troops, source: judgement}"
    assert CASE.count(old) == 1
    with pytest.raises(CaseError, match="has no source") as caught:
        bench.load(CASE.replace(old, stated))
    proposed = f"{{prior: {shown}, source: …}}"
    assert f"Write `ground.host.strength: {proposed}`" in (caught.value.next_step or "")
    bench.load(CASE.replace(old, proposed.replace("…", "judgement")))


def test_a_case_that_is_not_there(tmp_path: Path) -> None:
    for name, hint in [("strat", "excomm cases"), (str(tmp_path / "none"), "excomm cases"), ("", "")]:
        with pytest.raises(CaseError) as caught:
            load(name or tmp_path)
        error = caught.value
        assert error.file
        assert error.line == 1
        assert error.expected
        assert hint in (error.next_step or "") or "Did you mean" in (error.next_step or "")


def test_not_utf8_and_too_large_are_case_errors_too(bench) -> None:
    path = bench.write() / "case.yaml"
    path.write_bytes(CASE.encode() + "# Größe\n".encode("latin-1"))
    with pytest.raises(CaseError, match="not UTF-8") as caught:
        load(bench.case_folder, defaults_folder=bench.folder / "defaults")
    assert caught.value.line == CASE.count("\n") + 1
    with path.open("ab") as stream:
        stream.truncate(50_000_000)
    with pytest.raises(CaseError, match="too large"):
        load(bench.case_folder, defaults_folder=bench.folder / "defaults")


def test_no_damage_to_a_case_breaks_the_loader(bench) -> None:
    # Seeded: the same 300 cases in every run, each with one to three values replaced by another kind of value.
    chance = random.Random(0)
    strange = [
        "null",
        "true",
        "-1",
        "1e300",
        ".nan",
        "[]",
        "{}",
        "[[1]]",
        "{a: {b: 1}}",
        "2031-01-01",
        "''",
        "x",
        "[1, x]",
    ]
    values = [found.span(1) for found in re.finditer(r"[:\[-] ([^\s,\[\]{}:]+)(?=[\s,\]}])", CASE)]
    refused = 0
    for _ in range(300):
        text = CASE
        for start, end in sorted(chance.sample(values, chance.randint(1, 3)), reverse=True):
            text = text[:start] + chance.choice(strange) + text[end:]
        try:
            bench.load(text)
        except CaseErrors as several:
            refused += all(error.line and error.expected and error.next_step for error in several.errors)
            continue
        except CaseError as one:
            refused += bool(one.line and one.expected and one.next_step)
            continue
        refused += 1  # texts may hold anything
    assert refused == 300
