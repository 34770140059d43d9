"""The labelled sentences behind the second reader: one file a register, written for it in the project's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

__all__ = ["NO_ASSERTION", "Labelled", "labelled_sentences"]

NO_ASSERTION = "none"
# What the corpus writes for the actors of any case and for other names -> how a reader is shown it.
_SHOWN = {
    "ADV": "the adversary",
    "HOST": "the host",
    "ALLY": "the alliance",
    "PATRON": "the patron",
    "NEIGH": "the neighbour",
    "NAME": "somebody",
}
_SIDES = {"+": "higher", "-": "lower", "*": "", "": ""}


@dataclass(frozen=True)
class Labelled:
    """A sentence of the corpus. side: higher, lower, or "" where its topic has none; register: the file it is in."""

    text: str
    topic: str
    side: str
    register: str

    @property
    def shown(self) -> str:
        """The sentence with its stand-ins for names in plain words."""
        text = re.sub("|".join(_SHOWN), lambda match: _SHOWN[match.group()], self.text)
        return text[:1].upper() + text[1:]


@lru_cache(maxsize=1)
def labelled_sentences() -> tuple[Labelled, ...]:
    """The corpus, register by register. A line `> topic +` (-, * for no side) heads the sentences below it."""
    found: list[Labelled] = []
    for file in sorted(files("excomm.audit").joinpath("corpus").iterdir(), key=lambda one: one.name):
        topic = side = ""
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith(">"):
                topic, _, mark = line[1:].strip().partition(" ")
                side = _SIDES[mark]
            elif line.strip():
                found.append(Labelled(line, topic, side, file.name.removesuffix(".txt")))
    return tuple(found)
