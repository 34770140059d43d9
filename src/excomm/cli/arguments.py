"""What several commands read from their arguments."""

from __future__ import annotations

__all__ = ["listed"]


def listed(text: str | None) -> list[str] | None:
    """Words separated by commas; None where nothing was given."""
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]
