"""PDF files to text, with limits on pages and time."""

from __future__ import annotations

import io
import time
import warnings

from excomm.errors import ReportError
from excomm.evidence.reading.limits import PDF_PAGES, SECONDS, TEXT_CHARACTERS

__all__ = ["read_pdf"]


def read_pdf(data: bytes, name: str | None = None) -> tuple[str, dict[str, str | None], tuple[str, ...]]:
    """Text, head (title, published) and warnings. A scan without a text layer gives an error that says so."""
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    started, notes, pages = time.monotonic(), [], []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = PdfReader(io.BytesIO(data), strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                raise ReportError(
                    "the PDF is protected by a password", file=name, next_step="Save an open copy."
                )
            head = _head(reader)
            for number, page in enumerate(reader.pages):
                if number >= PDF_PAGES or time.monotonic() - started > SECONDS:
                    notes.append(f"only the first {number} pages were read")
                    break
                pages.append(page.extract_text() or "")
    except ReportError:
        raise
    except Exception as error:  # a broken PDF raises almost anything
        raise ReportError(
            f"the PDF cannot be read: {type(error).__name__}",
            file=name,
            expected="a PDF with a text layer",
            next_step="Save its text as a .txt file.",
        ) from error
    text = "\n".join(pages).strip()[:TEXT_CHARACTERS]
    if not text:
        raise ReportError("the PDF holds no text", file=name, expected="a PDF with a text layer, not a scan")
    return _unwrap(text), head, tuple(notes)


def _head(reader: object) -> dict[str, str | None]:
    found = getattr(reader, "metadata", None) or {}
    made = str(found.get("/CreationDate") or "")
    return {
        "title": str(found.get("/Title") or "").strip()[:500] or None,
        "published": f"{made[2:6]}-{made[6:8]}-{made[8:10]}"
        if made.startswith("D:") and len(made) >= 10
        else None,
    }


def _unwrap(text: str) -> str:
    """Join the lines of a paragraph: a line that ends in the middle of a sentence goes on in the next."""
    lines = text.split("\n")
    joined: list[str] = []
    for line in lines:
        stripped = line.strip()
        if joined and joined[-1] and stripped and not joined[-1].endswith((".", "!", "?", ":", "”", "»")):
            joined[-1] = (
                joined[-1][:-1] + stripped if joined[-1].endswith("-") else f"{joined[-1]} {stripped}"
            )
        else:
            joined.append(stripped)
    return "\n".join(joined)
