"""Code blocks of a Markdown file, in order, and whether the page says that one is not to be run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
RUNNABLE = ("python", "sh", "console")
_BLOCK = re.compile(
    r"(?P<mark><!-- not run: (?P<reason>[^>]+?) -->\s*\n)?^(?P<fence>```+|:::+)(?P<language>[^\n]*)\n"
    r"(?P<text>.*?)^(?P=fence)[ ]*$",
    re.MULTILINE | re.DOTALL,
)

_FILE = re.compile(r"\b(?:Write|Save)\b[^`]*`([\w-]+\.\w+)`[^`]*\Z")


@dataclass(frozen=True)
class Block:
    """One fenced block. line: of its first line of text, from 1; reason: why it is not run, '' if it is.

    file: name of the file that the block shows, where the paragraph before it says to write or save that file.
    """

    page: Path
    language: str
    text: str
    line: int
    reason: str
    file: str


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page that stand at the margin."""
    source = page.read_text(encoding="utf-8")
    return [
        Block(
            page,
            found["language"].strip(),
            found["text"],
            source.count("\n", 0, found.start("text")) + 1,
            found["reason"] or "",
            _shown_file(found["language"].strip(), source[: found.start()]),
        )
        for found in _BLOCK.finditer(source)
    ]


def _shown_file(language: str, before: str) -> str:
    paragraph = before.rstrip().rpartition("\n\n")[2]
    named = _FILE.search(paragraph)
    return named[1] if named and language in ("text", "csv", "yaml") else ""


def name_of(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()
