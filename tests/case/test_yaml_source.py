"""Strict YAML: what is read, what is refused, and that nothing but a CaseError ever comes out."""

from __future__ import annotations

import random
import time
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from small_case import CASE

from excomm.case import yaml_source
from excomm.case.yaml_source import MAX_BYTES, parse_yaml, read_yaml
from excomm.errors import CaseError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("Yes", "Yes"),
        ("012", "012"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("9" * 5000, "9" * 5000),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'null'", "null"),
        ('"12"', "12"),
        ("12", 12),
        ("-3", -3),
        ("0.25", 0.25),
        ("1e3", 1000.0),
        ("2031-03-01", date(2031, 3, 1)),
        ("2031-02-30", "2031-02-30"),
        ("[a, 2]", ("a", 2)),
        (">-\n  two\n  lines", "two lines"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    found = parse_yaml(f"key: {text}\n", file="a.yaml").value["key"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_words_as_written() -> None:
    found = parse_yaml("{true: 1, 2031-01-01: 2, no: 3}", file="a.yaml").value
    assert list(found) == ["true", "2031-01-01", "no"]


def test_every_place_has_its_line() -> None:
    document = parse_yaml("a: 1\nb:\n  - {c: 2}\n  -\n    d: 3\n    e: {f: 4}\n", file="a.yaml")
    lines = {("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 0, "c"): 3, ("b", 1, "d"): 5, ("b", 1, "e", "f"): 6}
    assert {place: document.line(place) for place in lines} == lines
    assert document.line(("b", 1, "d", "nowhere")) == 5


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "stands twice, first in line 1"),
        ("a: &x 1\n", 1, "anchor"),
        ("a: &x 1\nb: *x\n", 1, "anchor"),
        ("a: 1\nb: *x\n", 2, "alias"),
        ("a: !!str 1\n", 1, "tag"),
        ("a: !!python/object:os.system x\n", 1, "tag"),
        ("a: 1\n<<: {b: 1}\n", 2, "merge key"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", 1, "directive"),
        ("%YAML 1.1\n---\na: 1\n", 1, "directive"),
        ("? [a, b]\n: 1\n", 1, "not a plain word"),
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        ("- a\n- b\n", 1, "not a mapping"),
        ("text\n", 1, "not a mapping"),
        ("a: [1, 2\nb: 3\n", 2, "not YAML"),
        ("a: 1\n\tb: 2\n", 2, "not YAML"),
        ("a: 'open\n", 2, "not YAML"),
        ("a: 1\nb: \x07\n", 2, "character"),
        ("a: 1\nb: x\u2028c: 2\n", 2, "character"),
        ("a: " + "[" * 40 + "]" * 40, 1, "too deep"),
    ],
)
def test_what_is_refused_says_where_and_what_to_do(text: str, line: int, message: str) -> None:
    with pytest.raises(CaseError) as caught:
        parse_yaml(text, file="a.yaml")
    error = caught.value
    assert message in error.message
    assert (error.file, error.line) == ("a.yaml", line)
    assert error.expected
    assert error.next_step


def test_an_anchor_bomb_is_refused_at_once() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for one, two in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{two}: &{two} [{', '.join([f'*{one}'] * 9)}]")
    start = time.perf_counter()
    with pytest.raises(CaseError, match="anchor &a"):
        parse_yaml("\n".join(lines), file="bomb.yaml")
    # Expanded it would hold 9**9 items and never end; a second is generous for nine lines.
    assert time.perf_counter() - start < 1.0


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    monkeypatch.setattr(yaml_source, "parse_yaml", None)
    with pytest.raises(CaseError, match=r"too large \(50.0 MB\)") as caught:
        read_yaml(path)
    assert (caught.value.line, caught.value.expected) == (1, "at most 1 MB")
    path.write_text("a: 1\n" + "#" * MAX_BYTES, encoding="utf-8")
    with pytest.raises(CaseError, match="too large"):
        read_yaml(path)


@pytest.mark.parametrize(
    "content", ["Ä: 1\n".encode("latin-1"), "a: 1\n".encode("utf-16"), b"a: 1\nb: \xff\n"]
)
def test_only_utf8_is_read(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    with pytest.raises(CaseError, match="not UTF-8") as caught:
        read_yaml(path)
    assert (
        caught.value.line == content.count(b"\n", 0, content.find(b"\xff") if b"\xff" in content else 0) + 1
    )
    assert caught.value.next_step == "Save the file as UTF-8 in your editor."


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: Ä\n".encode("utf-8-sig"))
    assert read_yaml(path).value == {"a": "Ä"}


def test_a_missing_file_or_a_folder_is_named(tmp_path: Path) -> None:
    for path, message in [(tmp_path / "none.yaml", "does not exist"), (tmp_path, "folder")]:
        with pytest.raises(CaseError, match=message) as caught:
            read_yaml(path)
        assert caught.value.file == str(path)
        assert caught.value.next_step


def test_without_the_c_parser_the_same_is_read(monkeypatch) -> None:
    fast = parse_yaml(CASE, file="a.yaml")
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    slow = parse_yaml(CASE, file="a.yaml")
    assert (slow.value, slow.lines) == (fast.value, fast.lines)


def read_or_refuse(text: str) -> None:
    refused = None
    try:
        parse_yaml(text, file="fuzz.yaml")
    except CaseError as error:
        refused = error
    if refused:
        assert 1 <= (refused.line or 0) <= len(text) + 2
        assert refused.expected
        assert refused.next_step


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet=st.sampled_from(list("ab01-:,[]{}&*!|>'\"%#@`?<~. \n\t\r\x00\x85é")), max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_or_refuse(text)


def test_no_damage_to_a_case_breaks_the_reader() -> None:
    # Seeded: the same 400 damaged files in every run.
    chance = random.Random(0)
    for _ in range(400):
        text = list(CASE)
        for _ in range(chance.randint(1, 12)):
            place = chance.randrange(len(text))
            text[place : place + chance.randint(0, 3)] = chance.choice(
                [
                    "&a ",
                    "*a",
                    "{",
                    "]",
                    ": ",
                    "\n",
                    "\t",
                    "- ",
                    "!!x ",
                    "'",
                    "<<: ",
                    "\x00",
                    "---\n",
                    "é",
                    "|\n",
                    "",
                ]
            )
        read_or_refuse("".join(text))


ADVICE = [
    # A comma in braces that ends a value.
    ("a: {prior: triangular(1, 2, 5) weeks, b: c}\n", 'Put the text in quotes: "triangular(1, 2, 5) weeks".'),
    ("a: {prior: 40,000 to 60,000, b: c}\n", "Write numbers without commas: `40000 to 60000`."),
    ("a: {source: Müller, Army, b: c}\n", 'Put the text in quotes: "Müller, Army".'),
    # A colon in a text.
    ("a: {source: Smith: The Army, 2030}\n", '`source: "Smith: The Army, 2030"`'),
    ("a: {p: choice(1: 0.3, 5: 0.7) troops, c: 2}\n", '`p: "choice(1: 0.3, 5: 0.7) troops"`'),
    ("title: The dam: who blinks?\n", '`title: "The dam: who blinks?"`'),
    # Quotes around a part, quotes and braces that stay open, other separators.
    ('q: "Which" of the two?\n', "`q: '\"Which\" of the two?'`"),
    ("a: 'open\nb: 1\n", "Close the quote that opens in line 1."),
    ("a: {b: 1, c: d\ne: 3\n", "Close what `{` opens in line 1"),
    ("a: [1, 2\nb: 3\n", "Close what `[` opens in line 1"),
    ("a: {source: judgement; grade: C}\n", "commas, not by semicolons"),
    ("a: @x\n", 'starts with @ needs quotes: `a: "@x"`'),
    # Columns and colons.
    ("a:\n  b: 1\n c: 2\n", "it has 1 spaces before it, the line above 2"),
    ("a: 1\n\tb: 2\n", "there is a tab"),
    ("parameters: {}\n  x: {prior: 1}\n", "Delete the {} after `parameters:`"),
    ("a: 1\nb\nc: 2\n", "Write a colon after the key in line 2"),
    ("a: 1\nj {b: c: 1}\n", "Write a colon after the key: `j: …`."),
    ("a: 1\nj:{b: c: 1}\n", "Write a space after the colon: `j: …`."),
]


@pytest.mark.parametrize(("text", "step"), ADVICE)
def test_common_mistakes_get_the_step_that_mends_them(text: str, step: str) -> None:
    with pytest.raises(CaseError) as caught:
        parse_yaml(text, file="a.yaml")
    assert step in str(caught.value.next_step)


def test_words_in_braces_without_a_value_are_still_read() -> None:
    assert parse_yaml('a: {b: "x, y", c}\n', file="a.yaml").value == {"a": {"b": "x, y", "c": None}}
    assert parse_yaml("a: {b: 1, c: , d: 2}\n", file="a.yaml").value == {"a": {"b": 1, "c": None, "d": 2}}
