"""Reading documents into reports: text, HTML, feeds, PDF, JSON lines. Nothing here fetches anything."""

from __future__ import annotations

from excomm.evidence.reading.files import Collected, collect_reports, read_bytes, read_reports

__all__ = ["Collected", "collect_reports", "read_bytes", "read_reports"]
