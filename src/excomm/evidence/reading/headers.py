"""Header lines of plain-text reports, and what can be told from title, address and text alone."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from excomm.evidence.lexicon import LANGUAGES, fold, lexicon
from excomm.evidence.model import GENRES, Genre

__all__ = ["as_genre", "detect_genre", "parse_date", "split_header", "unwrap"]

KEYS = ("source", "title", "published", "genre", "language", "cites", "url", "retrieved")
_ALSO = {"date": "published", "headline": "title", "outlet": "source", "publisher": "source", "lang": "language",
         "link": "url"}  # fmt: skip
_SHORT = 80  # characters up to which a line `Word: …` within a header is taken for a line of it (judgement)
_WRAPPED = 45  # characters from which a line may go on in the next (judgement)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = "(?:" + "|".join(_MONTHS) + ")[a-z]*"
_WRITTEN = re.compile(
    rf"(?<!\d)(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ .]+(?P<m>{_NAMED})"
    rf"|(?P<n>{_NAMED})[ .]+(?P<e>\d{{1,2}})(?:st|nd|rd|th)?)[ .,]+(?P<y>\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_LINE = re.compile(r"([A-Za-z]+)[ \t]*:[ \t]*(.*)")


def split_header(text: str) -> tuple[dict[str, str], str, tuple[str, ...]]:
    """Header of `key: value` lines up to the first blank line, the rest, and what to say of the header.

    Text whose first line is no known key has no header; so a report that begins `Moscow: …` stays whole. Below the
    first line, `Word: …` with another word belongs to the header only where a known key follows and no full stop ends
    it; else the text begins there. A first line `# Title`, as in Markdown, is the title, before the header or without
    one.
    """
    body = text.lstrip("\ufeff\n")
    found: dict[str, str] = {}
    titled = re.match(r"#[ \t]+(.+?)[ \t]*(?:\n\s*|$)", body)
    if titled:
        found["title"], body = titled[1].strip("# "), body[titled.end() :]
    lines, notes = body.split("\n"), []
    for number, line in enumerate(lines):
        key, value = _key_and_value(line)
        if key in KEYS:
            found[key] = value
            continue
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if (
            key
            and number > 0
            and len(line) <= _SHORT
            and not value.endswith(".")
            and _key_and_value(after)[0] in KEYS
        ):
            notes.append(f"header: “{line.strip()}” is not read; known are {', '.join(KEYS)}")
            continue
        rest = lines[number + 1 :] if number > 0 and not line.strip() else lines[number:]
        return found, "\n".join(rest).strip(), tuple(notes)
    return found, "", tuple(notes)


def _key_and_value(line: str) -> tuple[str | None, str]:
    match = _LINE.fullmatch(line.strip())
    if match is None:
        return None, ""
    return _ALSO.get(match[1].lower(), match[1].lower()), match[2].strip().strip("\"'")


def unwrap(text: str) -> str:
    """Join the lines of a wrapped paragraph. Short lines (headings, lists, verse) stay as they are."""
    lines: list[str] = []
    for line in text.split("\n"):
        stripped = line.strip()
        last = lines[-1] if lines else ""
        if (
            stripped
            and len(last.rsplit("\n", 1)[-1]) >= _WRAPPED
            and not re.match(r"[-*•–—▪◽]|\d+[.)]\s", stripped)
        ):
            lines[-1] = f"{last} {stripped}"
        else:
            lines.append(stripped)
    return "\n".join(lines)


def parse_date(value: Any) -> date | None:
    """Day of an ISO date or time, an RFC 822 date, `15.12.2024` or `15 December 2024`; None for anything else."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value or "").strip()
    match = re.match(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", text) or re.match(
        r"(\d{4})(\d{2})(\d{2})(?!\d)", text
    )
    if match is None:
        dotted = re.match(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", text)
        written = _WRITTEN.search(text)
        if written:
            month = _MONTHS.index((written["m"] or written["n"])[:3].lower()) + 1
            return _day(int(written["y"]), month, int(written["d"] or written["e"]))
        if dotted:
            return _day(int(dotted[3]), int(dotted[2]), int(dotted[1]))
        return _mail_date(text)
    return _day(int(match[1]), int(match[2]), int(match[3]))


def _mail_date(text: str) -> date | None:
    from email.utils import parsedate

    found = parsedate(text[:80]) if text else None
    return _day(found[0], found[1], found[2]) if found else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1800 <= year <= 2200 else None
    except ValueError:
        return None


def detect_genre(title: str | None, url: str | None, section: str | None, text: str) -> Genre:
    """Genre by the words of section, address or title; news where none of them says."""
    heads = [fold(part) for part in (section, _address_words(url), title) if part]
    heads.append(fold(text.strip().split("\n", 1)[0][:60]) if text.strip() else "")
    for place, head in enumerate(heads):
        is_text = place == len(heads) - 1
        for genre in GENRES:
            for language in LANGUAGES:
                for cue in lexicon(language).raw["genres"].get(genre, ()):
                    if is_text or head == fold(title or ""):
                        if re.match(rf"(?:{cue})\s*(?:[:|–—-]|$)", head):
                            return genre
                    elif re.search(rf"(?<!\w)(?:{cue})(?!\w)", head):
                        return genre
    return "news"


def _address_words(url: str | None) -> str | None:
    if not url:
        return None
    path = re.sub(r"^[a-z]+://[^/]*", "", url.lower())
    return " ".join(part for part in path.split("/")[:-1] if part and "-" not in part) or None


def as_genre(value: str | None) -> Genre | None:
    """A genre by name (`op-ed` counts as oped), or None."""
    name = (value or "").strip().lower().replace("-", "").replace(" ", "")
    return next((genre for genre in GENRES if genre == name), None)
