"""Bytes to text: byte-order marks, UTF-8, declared charset, then a guess."""

from __future__ import annotations

import re
import unicodedata

from excomm.errors import ReportError

__all__ = ["clean", "decode", "refuse_binary"]

_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")

# Share and number of characters that no text holds from which content is none: pages with odd bytes have a share below
# 0.02, and in a line of ten words a share alone would make one broken letter count (judgement).
_BINARY, _FEWEST = 0.05, 4
_KINDS = (
    (b"PK\x03\x04", "a ZIP archive or an office document (.docx, .odt)"),
    (b"\xd0\xcf\x11\xe0", "an office document (.doc)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"SQLite format 3", "a database"),
)


def refuse_binary(data: bytes, text: str, name: str | None = None) -> None:
    """Raise ReportError where decoded content is no text: a known binary kind, or too much that cannot be printed.

    Characters that Unicode leaves open do not count: a new emoji is one of them to an older version of Python.
    """
    kind = next((kind for magic, kind in _KINDS if data.startswith(magic)), None)
    sample = text[:20_000]
    odd = sum(
        each == "\ufffd" or (unicodedata.category(each) in {"Cc", "Cs"} and each not in "\t\n\r\f\v\x85")
        for each in sample
    )
    if kind is None and (odd < _FEWEST or odd <= _BINARY * len(sample)):
        return
    raise ReportError(
        f"this is {kind}, not a text"
        if kind
        else f"{odd / len(sample):.0%} of the content cannot be read as text",
        file=name,
        expected="a report as text, HTML, RSS or Atom feed, PDF or JSON lines",
        next_step="Save the report as text (UTF-8) or PDF, or leave the file out.",
    )


def decode(data: bytes) -> tuple[str, str | None]:
    """Text and, where the encoding had to be guessed or was broken, a warning."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, errors="replace"), None
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data[:4000])
    if declared:
        try:
            return data.decode(declared.group(1).decode("ascii")), None
        except (LookupError, UnicodeDecodeError, ValueError):
            pass
    return _guess(data)


def _guess(data: bytes) -> tuple[str, str | None]:
    from charset_normalizer import from_bytes

    sample = data[:20_000]
    best = from_bytes(
        sample, cp_isolation=["utf_8", "cp1251", "koi8_r", "koi8_u", "cp1252", "iso8859_5", "utf_16"]
    ).best()
    if best is not None:
        try:
            return data.decode(best.encoding), f"encoding guessed as {best.encoding}"
        except (UnicodeDecodeError, LookupError):
            pass
    return data.decode(
        "utf-8", errors="replace"
    ), "not valid in any known encoding; broken characters were replaced"


def clean(text: str) -> str:
    """Text without control and invisible characters, with plain line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub("", _CONTROL.sub(" ", text))
