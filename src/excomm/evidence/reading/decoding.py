"""Bytes to text: byte-order marks, UTF-8, declared charset, then a guess."""

from __future__ import annotations

import re

__all__ = ["clean", "decode"]

_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")


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
