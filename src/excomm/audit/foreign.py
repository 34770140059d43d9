"""Whether a text is about the case at all: whom it names, by the case's own actors, their aliases and places."""

from __future__ import annotations

import re
from collections import Counter

from excomm.audit.lexicon import Lexicon
from excomm.case.model import Case
from excomm.evidence.extraction.names import find_actors, profile_of_case
from excomm.evidence.lexicon import fold, gazetteer

__all__ = ["foreign_notes"]

_SIDES = ("host", "adversary")  # a text about the case's war names one of them


def foreign_notes(text: str, case: Case, lexicon: Lexicon) -> tuple[str, ...]:
    """A warning where a text names neither side of the case's war, or other states more often than both together.

    The audit reads words such as "casualties" or "cost" in any text. Contributors of the case are not foreign to it.
    """
    named = Counter(one.actor for one in find_actors(text, profile_of_case(case.actors).actors))
    sides = [actor for role in _SIDES for actor in case.in_role(role)]
    ours = sum(named[actor.id] for actor in sides)
    if ours == 0:
        # The case's own words for a side (`audit.yaml`) and its adjectives count as well.
        folded = fold(text)
        words = [word for role in _SIDES for word in lexicon.roles.get(role, ())]
        ours = sum(re.search(rf"(?<!\w)(?:{word})(?!\w)", folded) is not None for word in words)
    known = {actor.id for actor in case.actors} | {member.id for member in case.members}
    of_members = {fold(member.name).removeprefix("the ") for member in case.members}
    labels = {place["id"]: place["en"] for place in gazetteer()}
    others = {
        name: count
        for name, count in named.items()
        if name not in known and not of_members & {fold(word) for word in labels.get(name, ())}
    }
    against = (
        "Its findings are those of words alone: check that it is about this case before you use any of them."
    )
    if ours == 0:
        return (f"The text names neither {' nor '.join(actor.name for actor in sides)}. {against}",)
    most = max(others, key=lambda name: others[name], default=None)
    if most is not None and others[most] > ours:
        told = f"The text names {labels[most][0]} more often ({others[most]} times) than both sides of the case's war"
        return (f"{told} ({ours}). {against}",)
    return ()
