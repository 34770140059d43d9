"""RSS and Atom feeds: one report an entry. Entities and document types are refused before the parser sees them."""

from __future__ import annotations

import io
import re
from typing import Any

from excomm.errors import ReportError
from excomm.evidence.reading.limits import BROKEN_FEED_CHARACTERS, FEED_BYTES, REPORTS
from excomm.evidence.reading.pages import fragment_text

__all__ = ["is_feed", "read_feed"]

_ROOT = re.compile(r"<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)


def is_feed(text: str) -> bool:
    """Whether text is an RSS or Atom document."""
    return bool(_ROOT.search(text[:2000])) and text.lstrip("\ufeff \n\t").startswith("<")


def _guard(text: str, name: str | None) -> None:
    if len(text) > FEED_BYTES:
        raise ReportError(f"the feed is larger than {FEED_BYTES // 1_000_000} MB", file=name)
    if re.search(r"<!ENTITY|<!DOCTYPE[^>]*\[", text, re.IGNORECASE):
        raise ReportError(
            "the feed declares entities",
            file=name,
            expected="a feed without a document type of its own",
            next_step="Remove the <!DOCTYPE …> block.",
        )
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        ElementTree.fromstring(text.encode("utf-8", "replace"), forbid_dtd=False)
    except DefusedXmlException as error:
        raise ReportError(f"the feed was refused: {error}", file=name) from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        if len(text) > BROKEN_FEED_CHARACTERS:
            raise ReportError(
                "the feed is not well-formed",
                file=name,
                expected="well-formed XML",
                next_step="Save it again.",
            ) from error


def read_feed(text: str, name: str | None = None) -> list[tuple[str, dict[str, str | None]]]:
    """Text and head (source, title, published, url, language) of each entry, in the feed's order."""
    import feedparser

    _guard(text, name)
    try:
        parsed: Any = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")), sanitize_html=False, resolve_relative_uris=False
        )
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        AssertionError,
        LookupError,
    ) as error:
        raise ReportError(f"the feed cannot be read: {type(error).__name__}", file=name) from error
    channel = parsed.get("feed", {})
    found = []
    for entry in parsed.get("entries", [])[:REPORTS]:
        body = max((str(part.get("value") or "") for part in entry.get("content", ())), key=len, default="")
        body = body or str(entry.get("summary") or "")
        title = fragment_text(str(entry.get("title") or "")).strip() or None
        source = entry.get("source", {})
        named = source.get("title") if hasattr(source, "get") else None
        found.append(
            (
                fragment_text(body).strip() or title or "",
                {
                    "source": str(named or channel.get("title") or "").strip() or None,
                    "title": title,
                    "published": str(entry.get("published") or entry.get("updated") or "") or None,
                    "url": str(entry.get("link") or "") or None,
                    "language": str(channel.get("language") or "") or None,
                    "section": " ".join(str(tag.get("term") or "") for tag in entry.get("tags", ())[:5])
                    or None,
                },
            )
        )
    return found
