"""From a text to what it asserts: topic, side, probability word, option and kind, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from excomm.audit.clauses import (
    AS_NOW,
    CONDITION,
    LIKELIER,
    MODAL,
    WITHOUT,
    ProbabilityWord,
    Sentence,
    Span,
    is_reported,
    is_tangled,
    moved,
    negation_of,
    probability_word,
    split_sentences,
)
from excomm.audit.learned import Recognised
from excomm.audit.lexicon import Lexicon, Rule, Side, Topic
from excomm.audit.options import OptionMention, mentioned_options, options_of_kind
from excomm.case.model import Case

__all__ = ["Reading", "Stated", "main_option", "option_of", "read_argument"]

_PRONOUN = re.compile(r" (?P<meant>them|it)(?!\w)")


@dataclass(frozen=True)
class Stated:
    """One assertion as the text makes it.

    side: of the topic's target that the words claim, after negation and before the probability word; stance: for a
    conclusion, for or against its option; spans: place in the text of what each field rests on; recognised: what the
    second reader took it for, None where another reader read it; proposed: the side that the language model reads, ""
    where it leaves it open, None where another reader read it; disputed: another reader is sure of the other side;
    confirmed: the second reader hears what the rules read.
    """

    quote: str
    start: int
    end: int
    kind: str
    topic: Topic | None
    rule: Rule | None
    side: Side
    negated: bool
    word: ProbabilityWord | None
    much: bool
    decisive: bool
    option: str | None
    stance: str | None
    condition: str | None
    spans: Mapping[str, Span]
    recognised: Recognised | None = None
    disputed: bool = False
    confirmed: bool = False
    proposed: str | None = None

    @property
    def reader(self) -> str:
        """Who read it: rules, learned or language model."""
        if self.proposed is not None:
            return "language model"
        return "rules" if self.recognised is None else "learned"

    @property
    def is_sided(self) -> bool:
        """Whether the text's side is told: a reader may leave it open, or dispute that of the rules."""
        if self.topic is not None and self.topic.meaning.kind == "unmodelled":
            return True  # the model covers no side of it anyway
        if self.disputed or self.proposed == "":
            return False
        return self.recognised is None or self.recognised.side != ""


@dataclass(frozen=True)
class Reading:
    """What a text asserts, in its order, and the forecasts in it that no topic covers."""

    text: str
    stated: tuple[Stated, ...]
    unread: tuple[Span, ...]


def read_argument(text: str, case: Case, lexicon: Lexicon, *, scale: str = "lay") -> Reading:
    """Assertions of a text about a case. scale: whose ranges the probability words have, `lay` or `icd203`."""
    stated: list[Stated] = []
    unread: list[Span] = []
    lines = list(split_sentences(text))
    main = main_option(lines, case, lexicon)
    recent: str | None = None
    before = ""
    for line in lines:
        mentions = mentioned_options(line.folded, case, lexicon, main)
        asked = line.folded.rstrip("\"'”’)").endswith("?")
        found = [] if asked else _read(line, before, case, lexicon, scale, main, recent)
        before = line.folded
        stated += found
        if not found and _is_forecast(line):
            unread.append((line.start, line.start + len(line.text)))
        if mentions:
            recent = mentions[-1].option
    return Reading(text, tuple(stated), tuple(unread))


def _is_forecast(line: Sentence) -> bool:
    if line.folded.rstrip("\"'”’)").endswith("?") or re.match(r"(?:i|we|let)\s", line.folded):
        return False
    return re.search(r"(?<!\w)(?:would|will|could)(?!\w)", line.folded) is not None


def main_option(lines: Sequence[Sentence], case: Case, lexicon: Lexicon) -> str | None:
    """The option that the last recommendation of the text speaks of, else the one it names most."""
    counts: dict[str, int] = {}
    last: str | None = None
    for line in lines:
        for one in mentioned_options(line.folded, case, lexicon):
            counts[one.option] = counts.get(one.option, 0) + 1
        found = _conclusion(line, case, lexicon)
        if found is not None:
            last = found.option
    if last is not None:
        return last
    others = {name: count for name, count in counts.items() if not case.option(name).is_reference}
    return max(others, key=lambda name: others[name]) if others else None


def _conclusion(line: Sentence, case: Case, lexicon: Lexicon, main: str | None = None) -> Stated | None:
    wording = lexicon.wording
    ought = wording.ought.search(line.folded) or wording.start.match(line.folded)
    if ought is None or wording.not_ought.search(line.folded) or line.folded.rstrip("\"'”’)").endswith("?"):
        return None
    mentions = mentioned_options(line.folded, case, lexicon, main)
    meant = _PRONOUN.match(line.folded, ought.end())
    if not mentions and meant and main is not None:
        mentions = (OptionMention(main, *meant.span("meant")),)  # "Send them in the new year"
    if not mentions:
        return None
    clause = line.clause_at(ought.start())
    against = wording.against.search(line.folded, *clause)
    first = min(mentions, key=lambda one: (one.plain, one.start))
    start, end = line.start, line.start + len(line.text)
    spans = {"ought": moved(ought.span(), start), "option": moved((first.start, first.end), start)}
    if against:
        spans["stance"] = moved(against.span(), start)
    # "Build the shield and leave the army at home": what is argued against stands after the word against.
    stance = "for"
    if against and not (first.end < against.start() and len({one.option for one in mentions}) > 1):
        stance = "against"
    return Stated(
        quote=line.text, start=start, end=end, kind="conclusion", topic=None, rule=None, side="higher",
        negated=False, word=None, much=False, decisive=False, option=first.option, stance=stance,
        condition=None, spans=spans,
    )  # fmt: skip


def _read(
    line: Sentence,
    before: str,
    case: Case,
    lexicon: Lexicon,
    scale: str,
    main: str | None,
    recent: str | None,
) -> list[Stated]:
    concluded = _conclusion(line, case, lexicon, main)
    cache: dict[str, list[Span]] = {}

    def places(name: str) -> list[Span]:
        if name not in cache:
            cache[name] = [match.span() for match in lexicon.concepts[name].finditer(line.folded)]
        return cache[name]

    taken: list[Span] = []
    found: list[tuple[Topic, Rule, Span]] = []
    for topic in lexicon.topics:
        if topic.kind == "value" and (concluded or (found and MODAL.search(line.folded))):
            continue
        for rule in topic.rules:
            if rule.carry and not all(lexicon.concepts[name].search(before) for name in rule.carry):
                continue
            pivot = _fits(rule, places, taken, line, lexicon)
            if pivot is not None and rule.negation == "turn" and is_tangled(pivot, line, lexicon):
                pivot = None  # two negations at once: no side is better than the wrong one
            if pivot is not None:
                if topic.kind == "value":
                    found = []  # what ought to count, not what is
                taken.append(pivot)
                found.append((topic, rule, pivot))
                break
    found.sort(key=lambda each: each[2])
    alone = len(found) == 1
    stated = [_state(line, *each, case, lexicon, scale, main, recent, alone) for each in found]
    if concluded is not None:
        stated = [concluded, *(one for one in stated if one.kind != "value")]
    return stated


def _fits(
    rule: Rule, at: Callable[[str], list[Span]], taken: list[Span], line: Sentence, lexicon: Lexicon
) -> Span | None:
    if any(not at(name) for name in rule.all) or any(at(name) for name in rule.none):
        return None
    if rule.some and not any(at(name) for name in rule.some):
        return None
    if rule.context and not any(at(name) for name in rule.context):
        return None
    if not _distinct([at(name) for name in rule.all]):
        return None
    for span in at(rule.pivot):
        if any(start < span[1] and span[0] < end for start, end in taken):
            continue
        if not rule.reported and is_reported(span, line, lexicon):
            continue
        return span
    return None


def _distinct(groups: list[list[Span]]) -> bool:
    """Whether each concept can be given a stretch of its own."""
    if len(groups) < 2:
        return True
    if len(groups) == 2:
        return any(a[1] <= b[0] or b[1] <= a[0] for a in groups[0] for b in groups[1])
    return _distinct(groups[:2]) and _distinct(groups[1:])


def _state(
    line: Sentence,
    topic: Topic,
    rule: Rule,
    pivot: Span,
    case: Case,
    lexicon: Lexicon,
    scale: str,
    main: str | None,
    recent: str | None,
    alone: bool,
) -> Stated:
    clause = line.clause_at(pivot[0])
    start, end = (0, len(line.text)) if alone else clause
    start += len(line.text[start:end]) - len(line.text[start:end].lstrip())
    end -= len(line.text[start:end]) - len(line.text[start:end].rstrip())
    inside = line.folded[clause[0] : clause[1]]
    spans: dict[str, Span] = {"topic": moved(pivot, line.start)}
    side: Side = rule.side
    negation = negation_of(pivot, line, lexicon) if rule.negation == "turn" else None
    pivots = [match.span() for match in lexicon.concepts[rule.pivot].finditer(inside)]
    turned = any(
        not any(
            a <= match.start() and match.end() <= b and b - a > match.end() - match.start() for a, b in pivots
        )
        for name in rule.turn
        for match in lexicon.concepts[name].finditer(inside)
    )
    word = None
    if not rule.keep_word:
        word = probability_word(pivot, line, lexicon, scale, whole=False)
        if word is None and alone and negation is None:
            word = probability_word(pivot, line, lexicon, scale, whole=True)
    figure = None if word is None or word.scale != "figure" else moved(word.span, -line.start - clause[0])
    by_danger = topic.meaning.kind in ("event", "change") and rule.negation == "turn"
    danger = lexicon.concepts["danger"].search(inside) if by_danger else None
    if danger is not None:
        grows, falls = (_outside(lexicon.concepts[name], inside, figure) for name in ("more", "less"))
        if grows is not None or falls is not None:
            spans["danger"] = moved(danger.span(), line.start + clause[0])
            turned = turned or (grows is None and not rule.turn)
    likelier = LIKELIER.search(inside) if by_danger and "danger" not in spans else None
    if likelier is not None:
        spans["danger"] = moved(likelier.span(), line.start + clause[0])
    arms = lexicon.concepts["arms"].search(line.folded) if topic.meaning.kind == "record" else None
    if arms is not None:
        spans["arms"] = moved(arms.span(), line.start)
    if (negation is not None) != turned:
        side = "lower" if side == "higher" else "higher"
    if word is not None and negation is not None:
        place = moved(negation, line.start)
        if (
            place[0] < word.span[1] and word.span[0] < place[1]
        ):  # "almost certainly not", "hardly": counted once
            side = "lower" if side == "higher" else "higher"
            negation = None
    if negation is not None:
        spans["negation"] = moved(negation, line.start)
    if word is not None:
        spans["probability"] = word.span
    option, named = option_of(line, clause, rule.options or topic.options, case, lexicon, main, recent)
    if named is not None:
        spans["option"] = moved(named, line.start)
    condition = CONDITION.search(line.folded)
    if condition:
        spans["condition"] = moved(condition.span(), line.start)
    kind = topic.kind
    if kind == "forecast" and not (MODAL.search(line.folded) or word):
        kind = "premise"
    return Stated(
        quote=line.text[start:end],
        start=line.start + start,
        end=line.start + end,
        kind=kind,
        topic=topic,
        rule=rule,
        side=side,
        negated=negation is not None,
        word=word,
        much=lexicon.wording.much.search(inside) is not None,
        decisive=lexicon.wording.decisive.search(line.folded) is not None,
        option=option,
        stance=None,
        condition=line.text[condition.start() : condition.end()].strip() if condition else None,
        spans=spans,
    )


def _outside(words: re.Pattern[str], inside: str, figure: Span | None) -> re.Match[str] | None:
    """The first of some words that is no part of a figure: "less than one in ten" says nothing of a fall."""
    for match in words.finditer(inside):
        if figure is None or match.end() <= figure[0] or figure[1] <= match.start():
            return match
    return None


def option_of(
    line: Sentence,
    clause: Span,
    kind: str,
    case: Case,
    lexicon: Lexicon,
    main: str | None,
    recent: str | None,
) -> tuple[str | None, Span | None]:
    """Option that an assertion speaks of: named in the clause, in the sentence, before it, or by its kind."""
    fitting = options_of_kind(case, kind)
    mentions = mentioned_options(line.folded, case, lexicon, main)
    near = [one for one in mentions if clause[0] <= one.start < clause[1]]
    as_now = AS_NOW.match(line.folded)
    if as_now is not None and all(one.plain or one.option == case.reference.id for one in near):
        return case.reference.id, as_now.span()
    absent = WITHOUT.match(line.folded)
    if absent is not None and any(one.end <= absent.end() for one in mentions):
        return case.reference.id, absent.span()
    for one in sorted((*near, *mentions), key=lambda one: one.plain):
        if one.option in fitting or kind == "any":
            return one.option, (one.start, one.end)
    for name in (recent, main):
        if name is not None and name in fitting:
            return name, None
    if kind == "any":
        return main or case.reference.id, None
    if kind == "troops":
        for narrower in ("combat", "stabilise", "ceasefire"):
            if options_of_kind(case, narrower):
                return options_of_kind(case, narrower)[0], None
    if fitting:
        return fitting[0], None
    others = [option.id for option in case.options if not option.is_reference]
    return main if main is not None else (others[-1] if others else case.reference.id), None
