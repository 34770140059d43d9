"""Limits on what is read; every one is a judgement, far above real reports."""

from __future__ import annotations

__all__ = [
    "BROKEN_FEED_CHARACTERS",
    "FEED_BYTES",
    "FILE_BYTES",
    "HTML_BYTES",
    "HTML_DEPTH",
    "PDF_PAGES",
    "REPORTS",
    "SECONDS",
    "TEXT_CHARACTERS",
]

FILE_BYTES = 20_000_000
HTML_BYTES = 5_000_000
HTML_DEPTH = 2_000  # open tags without a close, before the parser is asked
FEED_BYTES = 2_000_000
BROKEN_FEED_CHARACTERS = 50_000  # a longer feed must be well-formed: the lenient parser is slow
TEXT_CHARACTERS = 60_000  # about 10,000 words; the rest is left out and noted
PDF_PAGES = 200
SECONDS = 2.0  # for one PDF
REPORTS = 20_000  # in one feed or file of JSON lines
