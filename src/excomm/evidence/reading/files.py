"""Files, folders and globs to reports."""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from excomm.errors import ReportError
from excomm.evidence.model import Report
from excomm.evidence.reading.decoding import clean, decode
from excomm.evidence.reading.documents import read_pdf
from excomm.evidence.reading.feeds import is_feed, read_feed
from excomm.evidence.reading.headers import (
    as_genre,
    detect_genre,
    detect_language,
    parse_date,
    split_header,
    unwrap,
)
from excomm.evidence.reading.limits import FILE_BYTES, REPORTS, TEXT_CHARACTERS
from excomm.evidence.reading.pages import is_html, read_page

__all__ = ["expand", "read_bytes", "read_reports"]

SUFFIXES = {
    ".txt",
    ".text",
    ".md",
    ".html",
    ".htm",
    ".xhtml",
    ".xml",
    ".rss",
    ".atom",
    ".pdf",
    ".jsonl",
    ".ndjson",
}


def read_reports(paths: Iterable[str | Path], *, as_of: date | None = None) -> tuple[Report, ...]:
    """Reports of files, folders (their files of a known kind, by name) and globs; the same report comes once.

    as_of leaves out what was published or retrieved later. Raises ReportError for what cannot be read.
    """
    found: dict[str, Report] = {}
    for path in expand(paths):
        size = path.stat().st_size
        if size > FILE_BYTES:
            raise ReportError(
                f"the file has {size / 1e6:.0f} MB",
                file=str(path),
                expected=f"at most {FILE_BYTES // 1_000_000} MB",
                next_step="Split it, or keep only the report.",
            )
        for report in read_bytes(path.read_bytes(), str(path)):
            if as_of is None or report.known is None or report.known <= as_of:
                found.setdefault(report.id, report)
    return tuple(found.values())


def expand(paths: Iterable[str | Path]) -> Iterator[Path]:
    """Files behind paths, folders and globs, sorted within each."""
    for given in [paths] if isinstance(paths, (str, Path)) else paths:
        path = Path(given)
        if path.is_dir():
            inside = sorted(
                each for each in path.rglob("*") if each.is_file() and each.suffix.lower() in SUFFIXES
            )
            yield from (each for each in inside if not any(part.startswith(".") for part in each.parts[-2:]))
        elif path.is_file():
            yield path
        else:
            matches = (
                sorted(map(Path, glob.glob(str(given), recursive=True)))  # noqa: PTH207 (globs may be absolute) if any(c in str(given) for c in "*?[") else []
            )
            if not matches:
                raise ReportError(
                    "no such file or folder",
                    file=str(given),
                    expected="a report, a folder of reports or a glob",
                    next_step="Check the path; quote a glob.",
                )
            yield from (each for each in matches if each.is_file())


def read_bytes(data: bytes, name: str | None = None) -> tuple[Report, ...]:
    """Reports in one document; `name` only helps to tell its kind and is kept as its path."""
    suffix = Path(name).suffix.lower() if name else ""
    if data[:1024].lstrip().startswith(b"%PDF-") or suffix == ".pdf":
        text, head, notes = read_pdf(data, name)
        return _reports([(text, head)], name, notes)
    text, warning = decode(data)
    text = clean(text)
    notes = (warning,) if warning else ()
    if suffix in {".jsonl", ".ndjson"}:
        return tuple(_json_lines(text, name, notes))
    if is_feed(text):
        return _reports(read_feed(text, name), name, notes)
    if suffix in {".html", ".htm", ".xhtml"} or (suffix not in {".md"} and is_html(text)):
        return _reports([read_page(text)], name, notes)
    if len(text) > TEXT_CHARACTERS:
        notes = (*notes, f"only the first {TEXT_CHARACTERS} characters were read")
    header, body = split_header(text[: TEXT_CHARACTERS + 5000])
    return _reports([(unwrap(body[:TEXT_CHARACTERS]), dict(header))], name, notes)


def _reports(
    parts: Sequence[tuple[str, dict[str, str | None]]], name: str | None, notes: tuple[str, ...]
) -> tuple[Report, ...]:
    return tuple(_report(text, head, name, notes) for text, head in parts if text.strip())


def _report(text: str, head: dict[str, str | None], name: str | None, notes: tuple[str, ...]) -> Report:
    genre = as_genre(head.get("genre"))
    if head.get("genre") and genre is None:
        notes = (*notes, f"unknown genre “{head['genre']}”; guessed instead")
    language = (head.get("language") or "").strip().lower()[:2]
    published = parse_date(head.get("published"))
    if head.get("published") and published is None:
        notes = (*notes, f"published: “{head['published']}” is not a date")
    cites = tuple(part.strip() for part in (head.get("cites") or "").split(",") if part.strip())
    return Report(
        text=text,
        source=head.get("source"),
        title=head.get("title"),
        genre=genre or detect_genre(head.get("title"), head.get("url"), head.get("section"), text),
        language=language if language in {"en", "uk", "ru"} else detect_language(text),
        published=published,
        retrieved=parse_date(head.get("retrieved")),
        url=head.get("url"),
        cites=cites,
        path=name,
        warnings=notes,
    )


def _json_lines(text: str, name: str | None, notes: tuple[str, ...]) -> Iterator[Report]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if number > REPORTS:
            raise ReportError(
                f"more than {REPORTS} lines", file=name, line=number, next_step="Split the file."
            )
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ReportError(
                "not a JSON object", file=name, line=number, expected='{"text": "…", …}'
            ) from error
        if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
            raise ReportError(
                "the object has no text",
                file=name,
                line=number,
                path="text",
                expected='{"text": "…", "source": "…", "published": "2031-02-03"}',
            )
        head = {key: _flat(entry.get(key)) for key in (*_HEAD, "cites")}
        body = clean(entry["text"])
        if is_html(body):
            body, page = read_page(body)
            head = {**page, **{key: value for key, value in head.items() if value}}
        if body.strip():
            yield _report(body[:TEXT_CHARACTERS], head, f"{name}:{number}" if name else None, notes)


_HEAD = ("source", "title", "published", "genre", "language", "url", "retrieved", "section")


def _flat(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return None if value is None else str(value)
