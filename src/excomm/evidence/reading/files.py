"""Files, folders and globs to reports."""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from excomm.errors import ReportError
from excomm.evidence.lexicon import LANGUAGES
from excomm.evidence.model import Report
from excomm.evidence.reading.decoding import clean, decode, refuse_binary
from excomm.evidence.reading.documents import read_pdf
from excomm.evidence.reading.feeds import is_feed, read_feed
from excomm.evidence.reading.headers import (
    as_genre,
    detect_genre,
    parse_date,
    split_header,
    unwrap,
)
from excomm.evidence.reading.languages import (
    detect_language,
    language_code,
    language_name,
    unread_language,
)
from excomm.evidence.reading.limits import FILE_BYTES, REPORTS, TEXT_CHARACTERS
from excomm.evidence.reading.pages import is_html, read_page

__all__ = ["Collected", "collect_reports", "expand", "keep_known", "read_bytes", "read_reports"]

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


@dataclass(frozen=True)
class Collected:
    """Reports of some files, and in words what was left out and why."""

    reports: tuple[Report, ...]
    left_out: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, and what has to be said of the rest: a language that is not read, a broken date."""
        said = tuple(f"{each.path or each.id}: {note}" for each in self.reports for note in each.warnings)
        return (*self.left_out, *said)

    @property
    def unread(self) -> tuple[str, ...]:
        """Of the notes those on files without text or of another kind, and on reports in a language not read."""
        empty = tuple(note for note in self.left_out if note.endswith((_NO_TEXT, _OTHER_KIND)))
        unread = tuple((each, unread_language(each.language)) for each in self.reports)
        return (*empty, *(f"{each.path or each.id}: {note}" for each, note in unread if note))

    @property
    def readable(self) -> int:
        """Number of reports in a language that is read."""
        return sum(each.language in LANGUAGES for each in self.reports)


_NO_TEXT = "the file holds no text; left out"
_OTHER_KIND = f"no name of a report ({', '.join(sorted(SUFFIXES))}); left out"


def read_reports(paths: Iterable[str | Path], *, as_of: date | None = None) -> tuple[Report, ...]:
    """Reports of files, folders (their files of a known kind, by name) and globs; the same report comes once.

    as_of leaves out what was published or retrieved later. Raises ReportError for what cannot be read.
    """
    return collect_reports(paths, as_of=as_of).reports


def collect_reports(
    paths: Iterable[str | Path], *, as_of: date | None = None, skip_other_kinds: bool = False
) -> Collected:
    """As `read_reports`, with what was left out: files without text, later reports, second copies of a file.

    skip_other_kinds leaves out files whose ending is not one of a report, such as a picture beside the reports; it is
    for files that nobody has named one by one.
    """
    found: dict[str, Report] = {}
    left_out: list[str] = []
    for path in expand(paths):
        if skip_other_kinds and path.suffix and path.suffix.lower() not in SUFFIXES:
            left_out.append(f"{path}: {_OTHER_KIND}")
            continue
        size = path.stat().st_size
        if size > FILE_BYTES:
            raise ReportError(
                f"the file has {size / 1e6:.0f} MB",
                file=str(path),
                expected=f"at most {FILE_BYTES // 1_000_000} MB",
                next_step="Split it, or keep only the report.",
            )
        reports, notes = _read(path.read_bytes(), str(path))
        if not reports:
            left_out.append(f"{path}: {'; '.join([*notes, _NO_TEXT])}")
        left_out += keep_known(reports, found, as_of)
    return Collected(tuple(found.values()), tuple(left_out))


def keep_known(reports: Iterable[Report], found: dict[str, Report], as_of: date | None) -> Iterator[str]:
    """Add to `found` what was known by a day and is not there yet; yields in words what was not added."""
    for report in reports:
        if as_of is not None and report.known is not None and report.known > as_of:
            yield f"{report.path or report.id}: of {report.known}, later than {as_of}; left out"
        elif report.id in found:
            same, path = found[report.id].path, report.path
            if path != same:
                yield f"{path or report.id}: the same report as {same}; counts once"
        else:
            found[report.id] = report


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
                near = path.parent / names[0] if (names := _near(path)) else None
                raise ReportError(
                    "no such file or folder",
                    file=str(given),
                    expected="a report, a folder of reports or a glob",
                    next_step=f"Did you mean {near}?" if near else "Check the path; quote a glob.",
                )
            yield from (each for each in matches if each.is_file())


def _near(path: Path) -> list[str]:
    """Names beside a path that is not there which are most like its own."""
    from difflib import get_close_matches

    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    return get_close_matches(path.name, sorted(each.name for each in beside), n=1)


def read_bytes(data: bytes, name: str | None = None) -> tuple[Report, ...]:
    """Reports in one document; `name` only helps to tell its kind and is kept as its path."""
    return _read(data, name)[0]


def _read(data: bytes, name: str | None) -> tuple[tuple[Report, ...], tuple[str, ...]]:
    """Reports in one document, and what is to be said of it where it holds none."""
    suffix = Path(name).suffix.lower() if name else ""
    if data[:1024].lstrip().startswith(b"%PDF-") or suffix == ".pdf":
        text, head, notes = read_pdf(data, name)
        return _reports([(text, head)], name, notes), notes
    text, warning = decode(data)
    refuse_binary(data, text, name)
    text = clean(text)
    notes = (warning,) if warning else ()
    if suffix in {".jsonl", ".ndjson"}:
        return tuple(_json_lines(text, name, notes)), notes
    if is_feed(text):
        return _reports(read_feed(text, name), name, notes), notes
    if suffix in {".html", ".htm", ".xhtml"} or (suffix not in {".md"} and is_html(text)):
        return _reports([read_page(text)], name, notes), notes
    if len(text) > TEXT_CHARACTERS:
        notes = (*notes, f"only the first {TEXT_CHARACTERS} characters were read")
    header, body, said = split_header(text[: TEXT_CHARACTERS + 5000])
    notes = (*notes, *said)
    return _reports([(unwrap(body[:TEXT_CHARACTERS]), dict(header))], name, notes, by_hand=True), notes


def _reports(
    parts: Sequence[tuple[str, dict[str, str | None]]],
    name: str | None,
    notes: tuple[str, ...],
    *,
    by_hand: bool = False,
) -> tuple[Report, ...]:
    return tuple(_report(text, head, name, notes, by_hand=by_hand) for text, head in parts if text.strip())


def _report(
    text: str, head: dict[str, str | None], name: str | None, notes: tuple[str, ...], *, by_hand: bool
) -> Report:
    """by_hand: somebody wrote the head for this text, so that its language counts; a page's may be its template's."""
    genre = as_genre(head.get("genre"))
    if head.get("genre") and genre is None:
        notes = (*notes, f"unknown genre “{head['genre']}”; guessed instead")
    language, more = _language(text, head.get("language"), by_hand)
    notes = (*notes, *more)
    published = parse_date(head.get("published"))
    if head.get("published") and published is None:
        notes = (*notes, f"published: “{head['published']}” is not a date")
    cites = tuple(part.strip() for part in (head.get("cites") or "").split(",") if part.strip())
    return Report(
        text=text,
        source=head.get("source"),
        title=head.get("title"),
        genre=genre or detect_genre(head.get("title"), head.get("url"), head.get("section"), text),
        language=language,
        published=published,
        retrieved=parse_date(head.get("retrieved")),
        url=head.get("url"),
        cites=cites,
        path=name,
        warnings=notes,
    )


def _language(text: str, stated: str | None, by_hand: bool) -> tuple[str, list[str]]:
    """Code of a report's language, and what to say of it. A header written by hand counts, whatever the text is."""
    notes: list[str] = []
    told = language_code(stated)
    if by_hand and told is not None:
        language = told
        if told == "en" and (found := detect_language(text)) not in LANGUAGES:
            notes.append(f"the header says English, but the text looks like {language_name(found)}")
    else:
        if by_hand and stated:
            notes.append(f"unknown language “{stated}”; guessed instead")
        found = detect_language(text)
        language = told if told in LANGUAGES and found in LANGUAGES else found
    unread = unread_language(language)
    return language, [*notes, *([unread] if unread else [])]


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
        by_hand = bool(head["language"])
        if is_html(body):
            body, page = read_page(body)
            head = {**page, **{key: value for key, value in head.items() if value}}
        if body.strip():
            yield _report(
                body[:TEXT_CHARACTERS], head, f"{name}:{number}" if name else None, notes, by_hand=by_hand
            )


_HEAD = ("source", "title", "published", "genre", "language", "url", "retrieved", "section")


def _flat(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return None if value is None else str(value)
