"""Reading one mapping of a case file: keys asked for by name and kind, problems noted with their line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date

from excomm.case.frozen import FrozenMap
from excomm.case.yaml_source import Document, Place, Value, spell_place
from excomm.errors import CaseError, CaseErrors

__all__ = ["ID", "Problems", "Section", "suggest"]

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def suggest(word: str, known: Collection[str], otherwise: str) -> str:
    """`Did you mean …?` with the nearest known words, else those that hold the word, or the other next step."""
    close = difflib.get_close_matches(word.lower(), list(known), n=2, cutoff=0.6)
    if not close and len(word) >= 4:
        close = [each for each in sorted(known) if word.lower() in each][:3]
    return f"Did you mean {' or '.join(close)}?" if close else otherwise


class Problems:
    """Errors met so far in one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.errors: list[CaseError] = []

    def add(
        self, place: Place, message: str, expected: str, next_step: str, *, line: int | None = None
    ) -> None:
        """Note a problem at a place."""
        self.errors.append(
            CaseError(
                message,
                file=self.document.file,
                line=line or self.document.line(place),
                path=spell_place(place) or None,
                expected=expected,
                next_step=next_step,
            )
        )

    def adopt(self, place: Place, error: CaseError) -> None:
        """Note an error that does not know yet where it is."""
        error.file = self.document.file
        error.line = self.document.line(place)
        error.path = spell_place(place) or None
        self.errors.append(error)

    def finish(self) -> None:
        """Raise what was noted, in the order of the file."""
        if self.errors:
            raise CaseErrors(sorted(self.errors, key=lambda error: error.line or 0))


class Section:
    """A mapping at a place in a document. Absent or wrong values are noted and stood in for."""

    def __init__(self, problems: Problems, place: Place, value: FrozenMap[str, Value]) -> None:
        self.problems = problems
        self.place = place
        self._value = value
        self._asked: set[str] = set()

    @classmethod
    def of(cls, document: Document) -> Section:
        """The outermost mapping."""
        return cls(Problems(document), (), document.value)

    def __iter__(self) -> Iterator[str]:
        """Keys in the order of the file."""
        return iter(self._value)

    def has(self, key: str) -> bool:
        """Whether the key is stated."""
        self._asked.add(key)
        return key in self._value and self._value[key] is not None

    def at(self, *parts: str | int) -> Place:
        """A place within this section."""
        return (*self.place, *parts)

    def note(self, key: str, message: str, expected: str, next_step: str) -> None:
        """Note a problem with the value of a key."""
        self.problems.add(self.at(key), message, expected, next_step)

    def finish(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self._value:
            if key not in self._asked:
                self.note(
                    key,
                    f'the key "{key}" is not known here.',
                    f"one of {', '.join(sorted(self._asked))}",
                    suggest(
                        key,
                        self._asked,
                        "Delete the line, or look the key up in the reference of the case file.",
                    ),
                )

    def raw(self, key: str, *, expected: str, optional: bool = False) -> Value:
        """The value as it is; None where it is absent, which is noted unless it is optional."""
        self._asked.add(key)
        value = self._value.get(key)
        if value is None and not optional:
            self.problems.add(
                self.at(key) if key in self._value else self.place,
                f'"{key}" is missing.',
                expected,
                f"Add a line `{key}: …`." if key not in self._value else f"Write a value after `{key}:`.",
                line=self._first_line(),
            )
        return value

    def _first_line(self) -> int:
        """Line of the section; of its first key where it is the whole file or an item of a list."""
        return self.problems.document.line(self.place) if self.place else 1

    def _wrong(self, key: str, value: Value, expected: str) -> None:
        shown = (
            "a mapping"
            if isinstance(value, FrozenMap)
            else "a list"
            if isinstance(value, tuple)
            else f'"{_show(value)}"'
        )
        self.note(key, f"{shown} does not fit.", expected, f"Write `{key}:` with {expected}.")

    def text(self, key: str, *, optional: bool = False, default: str = "") -> str:
        """Text; a bare number or date counts as text."""
        expected = "a text: where the number is from, or the word judgement" if key == "source" else "a text"
        value = self.raw(key, expected=expected, optional=optional)
        if value is None:
            return default
        if isinstance(value, FrozenMap | tuple | bool) or not str(value).strip():
            self._wrong(key, value, expected)
            return default
        return str(value).strip()

    def slug(self, key: str = "id") -> str:
        """An id: lower-case words joined by hyphens."""
        value = self.text(key)
        if value and not ID.fullmatch(value):
            self.note(
                key,
                f'"{_show(value)}" is not an id.',
                "lower-case letters, digits and hyphens, such as current-aid",
                f"Write `{key}: {'-'.join(re.findall('[a-z0-9]+', value.lower())) or 'a-name'}`.",
            )
        return value

    def number(
        self, key: str, low: float, high: float, *, what: str = "a number", default: float | None = None
    ) -> float:
        """A number within [low, high]; required where no default is given."""
        expected = f"{what} from {low:g} to {high:g}"
        value = self.raw(key, expected=expected, optional=default is not None)
        if value is None:
            return low if default is None else default
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self._wrong(key, value, expected)
            return low
        return float(value)

    def integer(self, key: str, low: int, high: int, *, default: int | None = None) -> int:
        """A whole number within [low, high]."""
        expected = f"a whole number from {low} to {high}"
        value = self.raw(key, expected=expected, optional=default is not None)
        if value is None:
            return low if default is None else default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            meant = re.fullmatch(r"(\d{1,9})\s*[a-z]+", str(value))
            if meant and low <= int(meant[1]) <= high:
                self.note(key, f'"{_show(value)}" does not fit.', expected, f"Write `{key}: {meant[1]}`.")
            else:
                self._wrong(key, value, expected)
            return low
        return value

    def flag(self, key: str) -> bool:
        """`true` or `false`; false where absent."""
        value = self.raw(key, expected="true or false", optional=True)
        if value is not None and not isinstance(value, bool):
            self._wrong(key, value, "true or false")
        # Other languages of YAML read yes and on as true: that is what is meant, and the rest is checked so.
        return value is True or str(value).lower() in ("yes", "on")

    def day(self, key: str) -> date:
        """An ISO date."""
        expected = "a date such as 2031-03-01"
        value = self.raw(key, expected=expected)
        if isinstance(value, date) and 1900 <= value.year <= 2200:
            return value
        if value is not None:
            self._wrong(key, value, expected)
        return date(2000, 1, 1)

    def one_of(self, key: str, allowed: Sequence[str], *, default: str | None = None, what: str = "") -> str:
        """One of the allowed words."""
        expected = f"{f'{what}: ' if what else ''}{', '.join(allowed) or 'none is stated'}"
        value = self.raw(key, expected=expected, optional=default is not None)
        if value is None:
            return default or ""
        if not isinstance(value, str) or value not in allowed:
            shown = _show(value)
            unknown = (
                f'"{shown}" is not {f"the id of {what}" if what else "one of the words"} that can stand here.'
            )
            self.note(key, unknown, expected, suggest(shown, allowed, "Write one of these."))
            return default or ""
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where absent."""
        value = self.raw(key, expected="a list", optional=True)
        if value is None:
            return ()
        if not isinstance(value, tuple) or not all(isinstance(item, str | int | float) for item in value):
            self._wrong(key, value, "a list of texts, such as [one, two]")
            return ()
        return tuple(str(item) for item in value)

    def section(self, key: str, *, optional: bool = False) -> Section:
        """The mapping under a key; an empty one where absent."""
        value = self.raw(key, expected="a mapping", optional=optional)
        if isinstance(value, FrozenMap):
            return Section(self.problems, self.at(key), value)
        if value is not None:
            self._wrong(key, value, "a mapping, `key: value` lines indented below it")
        # One problem is enough: what would be missing inside goes unreported.
        return Section(Problems(self.problems.document), self.at(key), FrozenMap())

    def sections(self, key: str, low: int, high: int, *, what: str) -> list[Section]:
        """The list of mappings under a key; between `low` and `high` of them."""
        value = self.raw(key, expected=f"a list of {low} to {high} {what}", optional=low == 0)
        if value is None:
            return []
        if not isinstance(value, tuple):
            self._wrong(key, value, f"a list of {what}, each starting with `- `")
            return []
        if not low <= len(value) <= high:
            self.note(
                key,
                f"{len(value)} {what} are stated.",
                f"{low} to {high} of them",
                f"{'Add' if len(value) < low else 'Delete'} some.",
            )
        found = []
        for place, item in enumerate(value):
            if isinstance(item, FrozenMap):
                found.append(Section(self.problems, self.at(key, place), item))
            else:
                self.problems.add(
                    self.at(key, place), f'"{_show(item)}" does not fit.', "a mapping", "Write `- id: …`."
                )
        return found


def _show(value: Value) -> str:
    text = "true" if value is True else "false" if value is False else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
