"""Strict reading of YAML 1.2 with line numbers.

Accepted is the part of YAML that a person can read without surprises: mappings, lists, and scalars that are
text, `true`/`false`, `null`, whole or decimal numbers and ISO dates. `no`, `on` and `012` are text. Refused,
with file and line: anchors, aliases, tags, merge keys, duplicate keys, several documents, deep nesting, files
over 1 MB, and anything that is not UTF-8.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from excomm.case.frozen import FrozenMap
from excomm.case.yaml_advice import advise, advise_on_comma
from excomm.errors import CaseError

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "Document",
    "Place",
    "Value",
    "parse_yaml",
    "read_text",
    "read_yaml",
    "spell_place",
]

MAX_BYTES = 1_000_000
MAX_DEPTH = 16

Value: TypeAlias = "str | int | float | bool | date | FrozenMap[str, Value] | tuple[Value, ...] | None"
Place: TypeAlias = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?((0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+|(0|[1-9][0-9]*))([eE][-+]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_COLON = re.compile(r"\s*(?:[,}]|\Z)")
_NEXT_WORDS = re.compile(r"\s*,[^,:{}\[\]]*(?=[,}])")
_STRANGE_BREAKS = re.compile("[\x85\u2028\u2029]")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Document:
    """A YAML file: its content as frozen mappings, tuples and scalars, and the line of each place in it."""

    file: str
    value: FrozenMap[str, Value]
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """Line [from 1] of a place; of the nearest place around it where that one does not exist."""
        for length in range(len(place), 0, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 1


def spell_place(place: Place) -> str:
    """`options[2].set` for `("options", 2, "set")`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_text(path: Path, *, shown: str | None = None, limit: int = MAX_BYTES) -> str:
    """Text of a UTF-8 file of at most `limit` bytes; `shown` is its name in messages.

    Raises
    ------
    CaseError
        The file is missing, not a plain file, too large (known before it is read) or not UTF-8.
    """
    name = shown or str(path)
    try:
        if not path.is_file():
            raise CaseError(
                "this is a folder or a device, not a file." if path.exists() else "the file does not exist.",
                file=name,
                line=1,
                expected="a text file",
                next_step="Check the name, or write the file; `excomm new NAME` writes a commented one.",
            )
        with path.open("rb") as stream:
            # One byte more than allowed tells a file that grows meanwhile or misstates its size.
            content = b"" if path.stat().st_size > limit else stream.read(limit + 1)
    except OSError as problem:
        raise CaseError(
            f"the file cannot be read: {problem.strerror or problem}.",
            file=name,
            line=1,
            expected="a readable text file",
            next_step="Check its permissions.",
        ) from None
    size = max(path.stat().st_size, len(content))
    if size > limit:
        raise CaseError(
            f"the file is too large ({size / 1e6:.1f} MB).",
            file=name,
            line=1,
            expected=f"at most {limit / 1e6:.0f} MB",
            next_step="Keep reports in reports/ and tables in CSV files; a case file holds parameters only.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise CaseError(
            f"byte {problem.start} (0x{content[problem.start]:02x}) is not UTF-8.",
            file=name,
            line=content.count(b"\n", 0, problem.start) + 1,
            expected="UTF-8 text",
            next_step="Save the file as UTF-8 in your editor.",
        ) from None


def read_yaml(path: Path, *, shown: str | None = None) -> Document:
    """Content and line numbers of a YAML file whose outermost level is a mapping; `CaseError` otherwise."""
    name = shown or str(path)
    return parse_yaml(read_text(path, shown=name), file=name)


def parse_yaml(text: str, *, file: str) -> Document:
    """Content and line numbers of YAML text; `file` is its name in messages."""
    if strange := _STRANGE_BREAKS.search(text):
        # The parser would count them as line breaks, which editors do not: every later line would be misnamed.
        raise CaseError(
            f"a character is not allowed here: U+{ord(strange[0]):04X}.",
            file=file,
            line=text.count("\n", 0, strange.start()) + 1,
            expected="printable text",
            next_step="Replace it by a plain line break or a space.",
        )
    loader_class: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        loader = loader_class(text)
        try:
            return _Composer(loader, file, text).document()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        said = " ".join(part for part in (problem.context, problem.problem) if part)
        raise CaseError(
            f"this is not YAML: {said}.",
            file=file,
            line=mark.line + 1 if mark else 1,
            expected="`key: value` lines, indented with spaces",
            next_step=advise(
                text,
                mark.line + 1 if mark else 1,
                doing=problem.context or "",
                opened=problem.context_mark.line + 1 if problem.context_mark else 1,
            ),
        ) from None
    except yaml.YAMLError as problem:
        position = getattr(problem, "position", 0)
        raise CaseError(
            f"a character is not allowed here: {getattr(problem, 'reason', problem)}.",
            file=file,
            line=text.count("\n", 0, position if isinstance(position, int) else 0) + 1,
            expected="printable text",
            next_step="Delete the control character.",
        ) from None


class _Composer:
    """Turns the parser's events into frozen values, refusing what is not accepted as soon as it is met."""

    def __init__(self, loader: Any, file: str, text: str) -> None:
        self._loader = loader
        self._file = file
        self._text = text
        self._lines: dict[Place, int] = {}

    def document(self) -> Document:
        self._next()  # start of the stream
        if self._loader.check_event(yaml.StreamEndEvent):
            self._refuse_root(1, "the file is empty")
        start = self._next()
        if start.tags or (start.version and tuple(start.version) != (1, 2)):
            self._fail(
                start, "a directive is not accepted", "a file without % directives", "Delete the line."
            )
        first = self._next()
        if not isinstance(first, yaml.MappingStartEvent):
            empty = isinstance(first, yaml.ScalarEvent) and not first.value
            self._refuse_root(_line(first), "the file is empty" if empty else "the file is not a mapping")
        value = self._mapping(first, ())
        self._next()  # end of the document
        if not self._loader.check_event(yaml.StreamEndEvent):
            self._fail(
                self._next(),
                "a second document starts here",
                "one document in a file",
                "Delete the `---` or put the second one into a file of its own.",
            )
        return Document(self._file, value, self._lines)

    def _next(self) -> Any:
        return self._loader.get_event()

    def _fail(self, event: Any, message: str, expected: str, next_step: str, place: Place = ()) -> None:
        raise CaseError(
            f"{message}.",
            file=self._file,
            line=_line(event),
            path=spell_place(place) or None,
            expected=expected,
            next_step=next_step,
        )

    def _refuse_root(self, line: int, message: str) -> None:
        raise CaseError(
            f"{message}.",
            file=self._file,
            line=line,
            expected="`key: value` lines at the outermost level",
            next_step="Start from a commented file: `excomm new NAME`.",
        )

    def _value(self, event: Any, place: Place) -> Value:
        if isinstance(event, yaml.AliasEvent):
            self._fail(
                event,
                f"the alias *{event.anchor} is not accepted",
                "the value itself",
                "Write it out.",
                place,
            )
        self._check(event, place)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(place)
        return _scalar(event)

    def _check(self, event: Any, place: Place) -> None:
        if event.anchor is not None:
            self._fail(
                event,
                f"the anchor &{event.anchor} is not accepted",
                "a value without anchor",
                "Delete it.",
                place,
            )
        if event.tag is not None:
            self._fail(
                event, f"the tag {event.tag} is not accepted", "a value without tag", "Delete it.", place
            )
        if len(place) >= MAX_DEPTH:
            self._fail(
                event,
                "the nesting is too deep",
                f"at most {MAX_DEPTH} levels",
                "Flatten the structure.",
                place[:4],
            )

    def _mapping(self, start: Any, place: Place) -> FrozenMap[str, Value]:
        self._check(start, place)
        found: dict[str, Value] = {}
        last: tuple[Any, Place] | None = None
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, place)
            inner = (*place, key)
            if last and self._is_bare(event):
                self._refuse_comma(*last, event)
            if key in found:
                self._fail(
                    event,
                    f'the key "{key}" stands twice, first in line {self._lines[inner]}',
                    "each key once",
                    "Delete or rename one of the two.",
                    inner,
                )
            self._lines[inner] = _line(event)
            value = self._next()
            found[key] = self._value(value, inner)
            plain = isinstance(value, yaml.ScalarEvent) and value.style in (None, "") and value.value
            last = (value, inner) if plain else None
        return FrozenMap(found)

    def _is_bare(self, key: Any) -> bool:
        """Whether a word in braces has no colon after it: it is then rather the rest of a text that holds a comma."""
        return key.style in (None, "") and _NO_COLON.match(self._text, key.end_mark.index) is not None

    def _refuse_comma(self, value: Any, place: Place, rest: Any) -> None:
        """A comma in braces has ended a value: `{prior: triangular(1, 2, 5) weeks}` states three keys."""
        start, end = value.start_mark.index, rest.end_mark.index
        while (more := _NEXT_WORDS.match(self._text, end)) is not None:
            end = more.end()
        whole = " ".join(self._text[start:end].split())
        self._fail(
            value,
            f'inside braces the comma ends the value after "{value.value}"',
            "a text without commas, or one in quotes",
            advise_on_comma(str(value.value), whole),
            place,
        )

    def _key(self, event: Any, place: Place) -> str:
        """A key is text as written: `true` in `{true: …}` is the word."""
        if not isinstance(event, yaml.ScalarEvent):
            self._fail(
                event, "a key is not a plain word", "a word before the colon", "Write `key: value`.", place
            )
        self._check(event, place)
        key = str(event.value)
        if key == "<<":
            self._fail(
                event, "the merge key << is not accepted", "the keys themselves", "Write them out.", place
            )
        return key

    def _sequence(self, place: Place) -> tuple[Value, ...]:
        found: list[Value] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            inner = (*place, len(found))
            self._lines[inner] = _line(event)
            found.append(self._value(event, inner))
        return tuple(found)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> Value:
    text = str(event.value)
    if event.style not in (None, ""):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text
