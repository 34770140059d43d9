"""Words of an extensive-form game file, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from excomm.errors import GameFileError

Kind = Literal["text", "number", "word", "open", "close", "end"]

LONGEST_NUMBER = 400  # characters; longer ones would cost time without bound
LARGEST_EXPONENT = 400

_TOKEN = re.compile(
    r"""
    (?P<space>[\s,]+ | (?://|\#)[^\n]*)
  | "(?P<text>(?:[^"\\]|\\.)*)"
  | (?P<open>\{) | (?P<close>\})
  | (?P<word>[^\s,{}"]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_DECIMAL = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBER = re.compile(rf"[+-]?{_DECIMAL}(?:/{_DECIMAL})?")


@dataclass(frozen=True)
class Token:
    """A word: its kind, its text (without quotes) and its line, from 1."""

    kind: Kind
    text: str
    line: int


def tokens(source: str, file: str) -> Iterator[Token]:
    """The words of `source` in order, the last of kind "end". Commas and comments (`//`, `#`) count as blanks."""
    place, line = 0, 1
    while place < len(source):
        match = _TOKEN.match(source, place)
        if match is None:
            raise GameFileError(
                "a quotation mark is never closed",
                file=file,
                line=line,
                expected='text in quotes, "like this"',
            )
        kind = match.lastgroup
        text = match.group()
        if kind == "text":
            yield Token("text", re.sub(r"\\(.)", r"\1", match.group("text"), flags=re.DOTALL), line)
        elif kind in ("open", "close"):
            yield Token("open" if kind == "open" else "close", text, line)
        elif kind == "word":
            yield Token("number" if _NUMBER.fullmatch(text) else "word", text, line)
        line += text.count("\n")
        place = match.end()
    yield Token("end", "", line)


def number(token: Token, file: str) -> Fraction:
    """The exact value of a decimal, a fraction or a number in scientific notation."""
    try:
        if len(token.text) > LONGEST_NUMBER:
            raise ValueError
        parts = [_exact(part) for part in token.text.split("/")]
        return parts[0] if len(parts) == 1 else parts[0] / parts[1]
    except (ValueError, ZeroDivisionError):
        raise GameFileError(
            f"{token.text[:40]!r} is not a usable number",
            file=file,
            line=token.line,
            expected="a number such as 3, -0.25, 1/3 or 2e-3",
        ) from None


def _exact(text: str) -> Fraction:
    _, _, exponent = text.lower().partition("e")
    if exponent and abs(int(exponent)) > LARGEST_EXPONENT:
        raise ValueError
    return Fraction(text)
