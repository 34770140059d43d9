"""The labelled sentences behind the second reader, written for it in the project's own words.

Two kinds of files: `corpus/*.txt`, sentences by topic and side, one file a register; `corpus/editorials/*.txt`, whole
invented editorials, each line with its label, one file an author.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

__all__ = ["CONCLUDES", "NO_ASSERTION", "NO_OPTION", "Labelled", "labelled_sentences", "names_written_out"]

NO_ASSERTION = "none"
CONCLUDES = "conclude"  # what recommends or rejects an option
NO_OPTION = "any"  # kind of option of a sentence that speaks of none in particular
SEEN = 2  # lines before one that a reader of it sees; judgement
# What the corpus writes for the actors of any case and for other names -> how a reader is shown it.
_SHOWN = {
    "ADV": "the adversary",
    "HOST": "the host",
    "ALLY": "the alliance",
    "PATRON": "the patron",
    "NEIGH": "the neighbour",
    "NAME": "somebody",
}
# A capital within a line: a name, a month, a weapon.
_CAPITAL = re.compile(r"(?<=[\w,;:] )[A-Z][\w-]*")
WRITTEN_OUT = 3  # lines in which a name has to stand for a reader to know it; judgement
_SIDES = {"+": "higher", "-": "lower", "*": ""}


@dataclass(frozen=True)
class Labelled:
    """A sentence of the corpus, or a clause of one. side: higher, lower, or "" where its topic has none; option: the
    kind of option that it speaks of ("any": of none in particular), "" where the corpus does not tell; register: the
    file it is in; before: the lines before it in its editorial.
    """

    text: str
    topic: str
    side: str
    option: str
    register: str
    before: str = ""

    @property
    def label(self) -> tuple[str, str]:
        """What a reader has to tell first: topic and side."""
        return self.topic, self.side

    @property
    def shown(self) -> str:
        """The sentence with its stand-ins for names in plain words."""
        text = re.sub("|".join(_SHOWN), lambda match: _SHOWN[match.group()], self.text)
        return text[:1].upper() + text[1:]


@lru_cache(maxsize=1)
def labelled_sentences() -> tuple[Labelled, ...]:
    """The corpus, register by register."""
    folder = files("excomm.audit").joinpath("corpus")
    found: list[Labelled] = []
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".txt"):
            found += _by_topic(file.read_text(encoding="utf-8"), file.name.removesuffix(".txt"))
    for file in sorted(folder.joinpath("editorials").iterdir(), key=lambda one: one.name):
        found += _in_order(file.read_text(encoding="utf-8"), file.name.removesuffix(".txt"))
    return tuple(found)


@lru_cache(maxsize=1)
def names_written_out() -> frozenset[str]:
    """Names that the corpus writes as they are (months, weapons), so that a reader is to see them too."""
    lines = Counter(name for one in labelled_sentences() for name in set(_CAPITAL.findall(one.text)))
    return frozenset(name for name, count in lines.items() if count >= WRITTEN_OUT and name not in _SHOWN)


def _label(text: str) -> tuple[str, str, str]:
    """`deter +`, `largest *`, `none`, `conclude shield -` as topic, side and kind of option."""
    topic, *rest = text.split()
    side = _SIDES[rest.pop()] if rest and rest[-1] in _SIDES else ""
    return topic, side, rest[0] if rest else ""


def _by_topic(text: str, register: str) -> Iterator[Labelled]:
    """A line `> topic +` (-, * for no side) heads the sentences below it."""
    label = ("", "", "")
    for line in text.splitlines():
        if line.startswith(">"):
            label = _label(line[1:])
        elif line.strip():
            yield Labelled(line.strip(), *label, register)


def _in_order(text: str, register: str) -> Iterator[Labelled]:
    """A line `# title` begins an editorial; `topic + | sentence` is a line of it."""
    before: list[str] = []
    for line in text.splitlines():
        label, bar, said = line.partition("|")
        if not bar:
            before = []
            continue
        yield Labelled(said.strip(), *_label(label), register, " ".join(before[-SEEN:]))
        before.append(said.strip())
