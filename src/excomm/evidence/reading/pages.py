"""HTML pages to text and what their head says. The page is parsed, never fetched, its scripts never run."""

from __future__ import annotations

import json
import re
from typing import Any

from excomm.errors import ReportError
from excomm.evidence.reading.clutter import without_clutter
from excomm.evidence.reading.decoding import clean
from excomm.evidence.reading.limits import HTML_BYTES, HTML_DEPTH, TEXT_CHARACTERS

__all__ = ["fragment_text", "is_html", "read_page"]

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,20})[^<>]{0,2000}?(/?)>")
_VOID = {
    "br",
    "img",
    "meta",
    "link",
    "input",
    "hr",
    "area",
    "base",
    "col",
    "embed",
    "source",
    "track",
    "wbr",
    "p",
    "li",
}
_SKIP = [
    "nav",
    "footer",
    "aside",
    "form",
    "button",
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "iframe",
]
_SKIP_CSS = [
    *_SKIP,
    "[aria-hidden=true]",
    "[hidden]",
    ".share",
    ".social",
    ".newsletter",
    ".cookie",
    ".related",
    ".ad",
]
_SHORT = 200  # characters below which the main-content guess is not trusted


def is_html(text: str) -> bool:
    """Whether text looks like a page rather than plain text that mentions a tag."""
    head = text[:3000].lower()
    return (
        bool(re.search(r"<!doctype html|<html[\s>]|<body[\s>]|<head[\s>]", head))
        or len(re.findall(r"</?(?:p|div|article|span|a|br|h[1-6]|script|table|ul)\b", head)) >= 3
    )


def _guard(markup: str) -> str:
    """Cut what would choke a parser: oversize pages and absurdly deep nesting."""
    if len(markup) > HTML_BYTES:
        raise ReportError(
            f"the page is larger than {HTML_BYTES // 1_000_000} MB",
            expected="a single article",
            next_step="Save only the article, or its text.",
        )
    depth = 0
    for match in _TAG.finditer(markup):
        name = match[2].lower()
        if name in _VOID or match[3]:
            continue
        depth += -1 if match[1] else 1
        depth = max(depth, 0)
        if depth > HTML_DEPTH:
            return markup[: match.start()]
    return markup


def _extract(markup: Any, *, is_main: bool) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(
        markup,
        preserve_formatting=True,
        main_content=is_main,
        list_bullets=False,
        alt_texts=False,
        links=False,
        form_fields=False,
        noscript=False,
        comments=False,
        skip_elements=_SKIP_CSS,
    )
    return text


def fragment_text(markup: str) -> str:
    """Text of an HTML fragment, such as a feed entry."""
    if "<" not in markup and "&" not in markup:
        return markup
    return clean(_extract(_guard(markup), is_main=False))[:TEXT_CHARACTERS]


def read_page(markup: str) -> tuple[str, dict[str, str | None]]:
    """Text of the article and its head: source, title, published, url, language, section."""
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(_guard(markup))
    head = _head(tree)
    text = without_clutter(clean(_extract(tree, is_main=True)))
    if len(text) < _SHORT:
        whole = without_clutter(clean(_extract(tree, is_main=False)))
        text = whole if len(whole) > len(text) else text
    return text[:TEXT_CHARACTERS], head


def _head(tree: Any) -> dict[str, str | None]:
    metas: dict[str, str] = {}
    for node in tree.document.query_selector_all("meta")[:200]:
        key = node.getattr("property") or node.getattr("name") or node.getattr("itemprop")
        value = node.getattr("content")
        if key and value:
            metas.setdefault(key.lower(), value.strip()[:500])
    linked = _linked_data(tree)
    canonical = tree.document.query_selector("link[rel=canonical]")
    time = tree.document.query_selector("time[datetime]")
    root = tree.document.query_selector("html")
    return {
        "source": metas.get("og:site_name") or linked.get("publisher") or metas.get("application-name"),
        "title": metas.get("og:title") or linked.get("headline") or (tree.title or "").strip()[:500] or None,
        "published": metas.get("article:published_time")
        or metas.get("date")
        or metas.get("dc.date")
        or metas.get("datepublished")
        or linked.get("datePublished")
        or (time.getattr("datetime") if time is not None else None),
        "url": (canonical.getattr("href") if canonical is not None else None) or metas.get("og:url"),
        "language": (root.getattr("lang") if root is not None else None) or metas.get("og:locale"),
        "section": metas.get("article:section") or metas.get("section"),
    }


def _linked_data(tree: Any) -> dict[str, str]:
    for node in tree.document.query_selector_all('script[type="application/ld+json"]')[:5]:
        raw = node.text or ""
        if len(raw) > 100_000:
            continue
        try:
            parsed = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        entries = parsed if isinstance(parsed, list) else [parsed]
        for entry in entries[:5]:
            if isinstance(entry, dict) and (entry.get("headline") or entry.get("datePublished")):
                publisher = entry.get("publisher")
                name = publisher.get("name") if isinstance(publisher, dict) else publisher
                found = {
                    "headline": entry.get("headline"),
                    "datePublished": entry.get("datePublished"),
                    "publisher": name,
                }
                return {key: value[:500] for key, value in found.items() if isinstance(value, str)}
    return {}
