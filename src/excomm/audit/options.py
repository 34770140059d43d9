"""Which option of the case a clause speaks of, by its own names and by what kind of option it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from excomm.audit.lexicon import Lexicon
from excomm.case.model import Case, Option

__all__ = ["OptionMention", "kind_of_option", "mentioned_options", "options_of_kind"]

TROOPS = ("combat", "stabilise", "ceasefire")


@dataclass(frozen=True)
class OptionMention:
    """An option that a stretch of text names, with the place of the words; plain: a word such as "the troops"."""

    option: str
    start: int
    end: int
    plain: bool = False


def kind_of_option(option: Option) -> str:
    """shield, ceasefire, combat, stabilise, aid (the reference) or reduced: from what the option commits."""
    if option.is_reference:
        return "aid"
    if option.trigger == "on-ceasefire":
        return "ceasefire"
    if option.rules_of_engagement == "combat":
        return "combat"
    if option.posture == "air-only":
        return "shield"
    if option.posture in ("rear", "line"):
        return "stabilise"
    return "reduced"


def options_of_kind(case: Case, kind: str) -> tuple[str, ...]:
    """Options of a kind, in the order of the case; `troops` and `any` are kinds of several kinds."""
    kinds: Mapping[str, tuple[str, ...]] = {"troops": TROOPS, "any": (*TROOPS, "shield", "aid", "reduced")}
    wanted = kinds.get(kind, (kind,))
    return tuple(option.id for option in case.options if kind_of_option(option) in wanted)


def _force(case: Case, main: str | None) -> tuple[str, ...]:
    """What plain words for a force mean: the text's main option, else a force now, else any force."""
    if main in options_of_kind(case, "troops"):
        return (str(main),)
    return options_of_kind(case, "stabilise") or options_of_kind(case, "troops")


def mentioned_options(
    folded: str, case: Case, lexicon: Lexicon, main: str | None = None
) -> tuple[OptionMention, ...]:
    """Options named in folded text, in the order of their places; own names hide words of a kind inside them.

    main: the option that the text is about; plain words such as "the troops" mean it where it sends troops.
    """
    found: list[OptionMention] = []
    for name, pattern in lexicon.named.items():
        found += [OptionMention(name, match.start(), match.end()) for match in pattern.finditer(folded)]
    for kind, pattern in lexicon.kinds.items():
        fitting = options_of_kind(case, kind) if kind != "force" else _force(case, main)
        if not fitting:
            continue
        for match in pattern.finditer(folded):
            if not any(one.start < match.end() and match.start() < one.end for one in found):
                found.append(OptionMention(fitting[0], match.start(), match.end(), kind == "force"))
    return tuple(sorted(found, key=lambda one: (one.start, one.end)))
