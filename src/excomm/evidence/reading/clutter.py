"""Lines of a page that are no part of the report: share buttons, cookie notices, affiliate notes, back to top."""

from __future__ import annotations

import re
from functools import lru_cache

from excomm.evidence.lexicon import LANGUAGES, fold, lexicon

__all__ = ["without_clutter"]

_BULLET = re.compile(r"^[\s•·*|\-–—►▶→#>]+|[\s•·|►▶→]+$")


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    patterns = [str(each) for language in LANGUAGES for each in lexicon(language).raw["clutter"]]
    return re.compile("|".join(f"(?:{each})" for each in patterns))


def is_clutter(line: str) -> bool:
    """Whether a whole line is page furniture. Long lines are looked at only as far as a notice would go."""
    bare = fold(_BULLET.sub("", line)).rstrip(" .!:")
    if not bare or len(bare) > 300:
        return False
    if _pattern().fullmatch(bare):
        return True
    parts = [part.strip() for part in re.split(r"[|•·]|\s{2,}", bare) if part.strip()]
    return len(parts) > 1 and all(len(part) < 40 and _pattern().fullmatch(part) for part in parts)


def without_clutter(text: str) -> str:
    """The text without clutter lines and without the same line twice in a row."""
    kept: list[str] = []
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped and is_clutter(stripped):
            continue
        if stripped and kept and kept[-1].strip() == stripped:
            continue
        kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
