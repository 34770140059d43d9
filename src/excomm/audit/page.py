"""One HTML file of an audit: the text on the left, the findings beside it; nothing is loaded and nothing runs."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

from excomm.audit.model import Audit, Finding
from excomm.audit.wording import (
    claim_text,
    claimed_text,
    model_text,
    reader_text,
    target_text,
    untested_text,
    value_text,
    with_interval,
)
from excomm.quantities import OUTCOMES
from excomm.storage import write_whole

__all__ = ["render_page", "write_page"]

_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)]*\s+(?=\S)")


@dataclass(frozen=True)
class _Shown:
    number: int
    finding: Finding
    tone: str
    verdict: str
    target: str
    model: str
    text: str
    untested: str
    value: str
    claim: str
    reader: str


@dataclass(frozen=True)
class _Piece:
    text: str
    numbers: tuple[int, ...]
    tone: str


@dataclass(frozen=True)
class _Row:
    """A stretch of the text with the findings in it; continues: whether its paragraph has begun in an earlier row."""

    heading: str
    pieces: tuple[_Piece, ...]
    findings: tuple[_Shown, ...]
    continues: bool = False


def _shown(number: int, finding: Finding) -> _Shown:
    concluded = finding.kind == "conclusion" and finding.stance is not None
    about = finding.label if finding.verdict == "not modelled" else target_text(finding)
    verdict = f"argues {finding.stance} {finding.option}" if concluded else finding.verdict
    return _Shown(
        number=number,
        finding=finding,
        tone="stance" if concluded else finding.verdict.replace(" ", "-"),
        verdict=verdict,
        target="" if finding.kind == "conclusion" else about,
        model=model_text(finding),
        text=claimed_text(finding),
        untested=untested_text(finding),
        value=value_text(finding),
        claim=claim_text(finding),
        reader=reader_text(finding),
    )


def _paragraphs(text: str) -> list[tuple[int, int]]:
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        end = start + len(line)
        if line.strip():
            found.append((start + len(line) - len(line.lstrip()), start + len(line.rstrip())))
        start = end
    return found


def _rows(audit: Audit) -> list[_Row]:
    shown = [_shown(number, one) for number, one in enumerate(audit.assertions, start=1)]
    rows = []
    for start, end in _paragraphs(audit.text):
        own = [one for one in shown if start <= one.finding.start < end]
        text = audit.text[start:end]
        if not own and len(text) < 90 and text[-1:] not in '.!?…"”»':
            rows.append(_Row(text, (), ()))
            continue
        for left, right in pairwise(_cuts(audit.text, start, end, own)):
            inside = [one for one in own if left <= one.finding.start < right]
            pieces = tuple(_pieces(audit.text, left, right, inside))
            rows.append(_Row("", pieces, tuple(inside), continues=left > start))
    return rows


def _cuts(text: str, start: int, end: int, own: list[_Shown]) -> list[int]:
    """Places at which a paragraph is cut so that each sentence with findings ends a row, and they stand beside it."""
    cuts = [start]
    reach = start
    for one in sorted(own, key=lambda one: one.finding.start):
        if one.finding.start >= reach > start:
            cuts.append(reach)
        sentence = _SENTENCE_END.search(text, max(one.finding.end - 2, one.finding.start), end)
        reach = max(reach, end if sentence is None else sentence.end())
    return [*dict.fromkeys(each for each in (*cuts, reach) if each < end), end]


def _pieces(text: str, start: int, end: int, own: list[_Shown]) -> list[_Piece]:
    """The paragraph cut at the edges of its findings; each stretch names the findings that cover it."""
    edges = sorted(
        {start, end}
        | {min(max(place, start), end) for one in own for place in (one.finding.start, one.finding.end)}
    )
    pieces: list[_Piece] = []
    for left, right in pairwise(edges):
        cover = [one for one in own if one.finding.start <= left and right <= one.finding.end]
        ends = tuple(one.number for one in cover if one.finding.end == right)
        pieces.append(_Piece(text[left:right], ends, cover[0].tone if cover else ""))
    return pieces


@cache
def _styles() -> str:
    return files("excomm.audit").joinpath("page.css").read_text(encoding="utf-8")


def _policy(styles: str) -> str:
    digest = base64.b64encode(hashlib.sha256(styles.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(files("excomm.audit").joinpath("page.html.j2").read_text(encoding="utf-8"))


def render_page(audit: Audit, *, title: str = "") -> str:
    """The audit as one HTML document; `title` stands where the text has no heading of its own."""
    from markupsafe import Markup

    styles = _styles()
    rows = _rows(audit)
    heading = title
    if rows and rows[0].heading:
        heading = rows.pop(0).heading
    criteria = []
    if audit.conclusion is not None:
        criteria = [OUTCOMES[link.target].label.lower() for link in audit.conclusion.criteria]
    return str(
        _template().render(
            audit=audit,
            title=heading or "An argument",
            rows=rows,
            criteria="; ".join(criteria),
            with_interval=with_interval,
            unread=[audit.text[start:end] for start, end in audit.unread],
            styles=Markup(styles),
            policy=_policy(styles),
        )
    )


def write_page(audit: Audit, path: Path, *, title: str = "") -> None:
    """Write the page; it appears at once or not at all. Raises UsageError where it cannot be written."""
    write_whole(path, render_page(audit, title=title))
