"""Reading documents into reports: text, HTML, feeds, PDF, JSON lines. Nothing here fetches anything."""

from __future__ import annotations

from excomm.evidence.reading.files import read_bytes, read_reports

__all__ = ["read_bytes", "read_reports"]
