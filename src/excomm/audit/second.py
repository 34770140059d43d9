"""What the rules leave unread in a text, read again by the second, learned reader."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from excomm.audit.clauses import (
    CONDITION,
    MODAL,
    Sentence,
    Span,
    is_of_more_danger,
    is_reported,
    split_sentences,
    word_within,
)
from excomm.audit.corpus_text import CONCLUDES, names_written_out
from excomm.audit.learned import Heard, Recognised, SecondReader, second_reader
from excomm.audit.lexicon import Lexicon, Side
from excomm.audit.options import OptionMention, mentioned_options, options_of_kind
from excomm.audit.plain_words import negations
from excomm.audit.reading import Reading, Stated, main_option, option_of
from excomm.audit.verdicts import direction_of
from excomm.case.model import Case

__all__ = ["read_the_rest"]

SHORTEST = 24  # characters; a shorter piece is left with its neighbour
LONGEST = 6  # pieces of a sentence that are read as one
PER_CUT = 10  # characters that a cut has to be worth; judgement, as the two above (5 and 20 read the same)
# Least confidence in the other side at which the side that the rules gave is taken back, and at which the second
# reader's own is taken; judgement: the editorials 4 to 14 have fewest opposite links there.
DISPUTE_BAR = 0.8
TURN_BAR = 0.9
# Least confidence in another topic at which it takes the place of what the rules read; judgement: on the editorials 4
# to 14 the rules were right in 8 of 34 such stretches.
REPLACE_BAR = 0.95
_CUT = re.compile(
    r"[;:]\s|\s[–—-]\s|,\s(?:(?:but|yet|and|so|while|whereas|although|though|because|since|for|not)\s)?"
    r"|\s(?:because|although|whereas)\s"
)
# What denies the word behind it: "by no means unlikely", "nobody should call it improbable".
_DENIED = re.compile(
    r"(?<!\w)(?:not|no means|never|nobody|no one|hardly|scarcely|\w+n't|mistake|wrong|far from)(?: [\w'-]+){0,4} ?$"
)
_NAME = re.compile(r"\b[A-ZÀ-Ž][\w’'-]*(?: [A-ZÀ-Ž][\w’'-]*)*")
# Role as the corpus writes it -> role of the case, and words that mean it in any case.
_ROLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ADV": ("adversary", ("enem(?:y|ies)", "invaders?", "aggressors?", "attackers?", "occupiers?")),
    "HOST": ("host", ("defenders",)),
    "ALLY": ("alliance", ("the west", "western", "the alliance", "allies", "allied", "nato", "intervening")),
    "PATRON": ("patron", ()),
    "NEIGH": ("neighbour", ()),
}


def read_the_rest(
    text: str, case: Case, lexicon: Lexicon, reading: Reading, *, scale: str = "lay"
) -> Reading:
    """A reading with what the second reader adds: where the rules found nothing, and where it surely reads something
    else in what they found. scale: of the probability words.
    """
    lines = list(split_sentences(text))
    reader, main = second_reader(), main_option(lines, case, lexicon)
    roles = _role_patterns(lexicon)
    heard_all = _heard(lines, roles, reader)
    read = _read_again(reading.stated, lines, heard_all, roles, reader)
    turned = {
        at
        for at, (one, heard) in enumerate(read)
        if _doubt(one, heard) >= TURN_BAR or _contradicted(one, heard) >= REPLACE_BAR
    }
    stands = [one for at, (one, _) in enumerate(read) if at not in turned]
    added: list[Stated] = []
    recent: str | None = None
    for line, pieces in zip(lines, heard_all, strict=True):
        for heard_here in pieces:
            piece, one = heard_here.span, heard_here.said
            if not one.is_assertion:
                continue
            taken = _taken(piece, line, stands)
            if is_reported((piece[0] + 1, piece[0] + 2), line, lexicon) or any(
                _is_same(one, other) for other in taken
            ):
                continue
            named = replace(one, nearest=reader.nearest(_by_role(line, piece, roles), one))
            more = _state(line, piece, named, case, lexicon, scale, main, recent)
            added += [] if more is None else [more]
        mentions = mentioned_options(line.folded, case, lexicon, main)
        recent = mentions[-1].option if mentions else recent
    kept = [
        _checked(one, heard, case, _piece_at(one, lines, heard_all).said.option)
        for at, (one, heard) in enumerate(read)
        if at not in turned or not any(_replaces(more, one, heard) for more in added)
    ]
    added = [more for more in added if not any(_says_again(more, one) for one in kept)]
    stated = sorted((*kept, *added), key=lambda one: (one.start, one.end))
    unread = [
        (start, end)
        for start, end in reading.unread
        if not any(one.start < end and start < one.end for one in added)
    ]
    return replace(reading, stated=tuple(stated), unread=tuple(unread))


@dataclass(frozen=True, eq=False)
class _Piece:
    """A stretch of a sentence, with its start and end in the text, what is heard in it, and what it is taken for."""

    span: Span
    start: int
    end: int
    heard: Heard
    said: Recognised


def _heard(
    lines: Sequence[Sentence], roles: Sequence[tuple[str, re.Pattern[str]]], reader: SecondReader
) -> list[list[_Piece]]:
    """What the second reader hears in each sentence, stretch by stretch.

    A sentence may be cut at its commas, colons and dashes. Of all ways to cut it the one is taken in which the reader
    is surest of the stretches by themselves, counted by characters.
    """
    spans: list[list[Span]] = []
    asked: list[tuple[str, str]] = []
    before = ""
    for line in lines:
        is_question = line.folded.rstrip("\"'”’)").endswith("?")
        edges = [] if is_question else _pieces(line)
        spans.append(
            [
                (edges[first][0], edges[last][1])
                for first in range(len(edges))
                for last in range(first, min(len(edges), first + LONGEST))
            ]
        )
        for span in spans[-1]:
            asked.append(
                (_by_role(line, span, roles), f"{before} {_by_role(line, (0, span[0]), roles)}".strip())
            )
        before = _by_role(line, (0, len(line.folded)), roles)
    answers = iter(reader.hear(asked))
    chosen = [_surest(dict(zip(some, answers, strict=False))) for some in spans]
    understood = iter(reader.understand([one for some in chosen for _, one in some]))
    return [
        [
            _Piece(span, line.start + span[0], line.start + span[1], one, next(understood))
            for span, one in some
        ]
        for line, some in zip(lines, chosen, strict=True)
    ]


def _surest(heard: Mapping[Span, Heard]) -> list[tuple[Span, Heard]]:
    """The stretches that fill a sentence and in which the reader is surest."""
    best: dict[int, tuple[float, list[Span]]] = {0: (0.0, [])}
    for start, end in sorted(heard, key=lambda span: (span[1], span[0])):
        worth, cut = best[start]
        worth += (end - start) * heard[start, end].share - PER_CUT
        if end not in best or worth > best[end][0]:
            best[end] = (worth, [*cut, (start, end)])
    _, chosen = best[max(best)]
    return [(span, heard[span]) for span in chosen]


def _read_again(
    stated: Sequence[Stated],
    lines: Sequence[Sentence],
    heard: Sequence[Sequence[_Piece]],
    roles: Sequence[tuple[str, re.Pattern[str]]],
    reader: SecondReader,
) -> list[tuple[Stated, Recognised]]:
    """What the rules read, each with what the second reader hears in the same stretch, amid those that it does not
    overlap.
    """
    asked: list[tuple[str, str]] = []
    for one in stated:
        at = _line_of(one, lines)
        line = lines[at]
        start, end = one.start - line.start, one.end - line.start
        before = _by_role(lines[at - 1], (0, len(lines[at - 1].folded)), roles) if at else ""
        asked.append(
            (_by_role(line, (start, end), roles), f"{before} {_by_role(line, (0, start), roles)}".strip())
        )
    pieces = [piece for some in heard for piece in some]
    found = []
    for one, again in zip(stated, reader.hear(asked), strict=True):
        earlier = [piece.heard for piece in pieces if piece.end <= one.start]
        later = [piece.heard for piece in pieces if piece.start >= one.end]
        found.append((one, reader.amid(earlier, again, later)))
    return found


def _contradicted(one: Stated, heard: Recognised) -> float:
    """How sure the second reader is that a stretch is about something else than what the rules read."""
    return 0.0 if not heard.is_assertion or _is_same(heard, one) else heard.confidence


def _doubt(one: Stated, heard: Recognised) -> float:
    """How sure the second reader is that a stretch takes the other side of what the rules read; 0 where it agrees."""
    if not heard.is_assertion or not _is_same(heard, one) or heard.side in ("", _side_of(one)):
        return 0.0
    return heard.side_confidence


def _piece_at(one: Stated, lines: Sequence[Sentence], heard: Sequence[Sequence[_Piece]]) -> _Piece:
    """The stretch in which the second reader hears what the rules read."""
    at = _line_of(one, lines)
    place = one.spans.get("topic", (one.start, one.end))[0] - lines[at].start
    return next((piece for piece in heard[at] if piece.span[0] <= place < piece.span[1]), heard[at][-1])


def _checked(one: Stated, heard: Recognised, case: Case, kind: str) -> Stated:
    """What the rules read, marked as disputed where the second reader is sure of the other side, and held against the
    option that it hears where the rules found none named. kind: of that option.
    """
    option = one.option
    if one.topic is not None and "option" not in one.spans:
        option = _of_kind(case, kind, (option,)) or option
    return replace(
        one, disputed=_doubt(one, heard) >= DISPUTE_BAR, option=option, confirmed=_is_confirmed(one, heard)
    )


def _is_confirmed(one: Stated, heard: Recognised) -> bool:
    """Whether the second reader hears the same, and no other side."""
    return heard.is_assertion and _is_same(heard, one) and heard.side in ("", _side_of(one))


def _side_of(one: Stated) -> str:
    """The side that the rules read, as the second reader tells it: a recommendation is the higher one."""
    return direction_of(one) if one.topic is not None else "higher" if one.stance == "for" else "lower"


def _line_of(one: Stated, lines: Sequence[Sentence]) -> int:
    """Place of the sentence in which something is stated."""
    return next(at for at, line in enumerate(lines) if line.start <= one.start < line.start + len(line.text))


def _of_kind(case: Case, kind: str, wanted: Sequence[str | None]) -> str | None:
    """The first of some options that is of a kind, else the first of the case; None where there is none."""
    fitting = options_of_kind(case, kind) if kind else ()
    return next((name for name in wanted if name in fitting), fitting[0] if fitting else None)


def _replaces(more: Stated, one: Stated, heard: Recognised) -> bool:
    """Whether what the second reader states in a stretch of its own is what it heard where the rules read something."""
    return more.recognised is not None and more.recognised.topic == heard.topic and _meet(more, one)


def _says_again(more: Stated, one: Stated) -> bool:
    """Whether the second reader states what the rules have read in the same place, and what stands after all."""
    return more.recognised is not None and _is_same(more.recognised, one) and _meet(more, one)


def _meet(more: Stated, one: Stated) -> bool:
    """Whether two stretches have a place in common."""
    return more.start < one.end and one.start < more.end


def _role_patterns(lexicon: Lexicon) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Role as the corpus writes it, with the pattern of its actors' names and of plain words for it."""
    found = []
    for role, (name, plain) in _ROLES.items():
        words = [*lexicon.roles.get(name, ()), *plain]
        if words:
            found.append((role, re.compile(rf"(?<!\w)(?:mr )?(?:{'|'.join(words)})(?:'s)?(?!\w)")))
    return tuple(found)


def _by_role(line: Sentence, place: Span, roles: Sequence[tuple[str, re.Pattern[str]]]) -> str:
    """A stretch of a sentence with its actors as roles, and names that the corpus does not write out as NAME."""
    start, end = place
    written: list[tuple[int, int, str]] = []

    def write(span: Span, word: str) -> None:
        if not any(a < span[1] and span[0] < b for a, b, _ in written):
            written.append((*span, word))

    for role, pattern in roles:
        for match in pattern.finditer(line.folded, start, end):
            write(match.span(), role)
    if len(line.folded) == len(line.text):
        for match in _NAME.finditer(line.text, start, end):
            words = {each.removesuffix("'s").removesuffix("\u2019s") for each in match.group().split()}
            if not words <= names_written_out() and re.search(r"\w", line.text[: match.start()]):
                write(match.span(), "NAME")
    pieces, last = [], start
    for left, right, word in sorted(written):
        pieces += [line.folded[last:left], word]
        last = right
    return "".join((*pieces, line.folded[last:end]))


def _pieces(line: Sentence) -> list[Span]:
    """A sentence cut at its commas, colons and dashes; short pieces stay with the one before."""
    edges = [0]
    for match in _CUT.finditer(line.folded):
        if match.start() - edges[-1] >= SHORTEST and len(line.folded) - match.end() >= SHORTEST:
            edges.append(match.end())
    return list(zip(edges, (*edges[1:], len(line.folded)), strict=True))


def _taken(piece: Span, line: Sentence, stated: Sequence[Stated]) -> list[Stated]:
    """What the rules have read in a stretch."""
    start, end = piece[0] + line.start, piece[1] + line.start
    return [one for one in stated if one.start < end and start < one.end]


def _is_same(one: Recognised, other: Stated) -> bool:
    """Whether the rules read the same topic, or a recommendation too."""
    return one.topic == other.topic.id if other.topic is not None else one.topic == CONCLUDES


def _recommended(
    piece: Span, one: Recognised, mentions: Sequence[OptionMention], case: Case, earlier: Sequence[str | None]
) -> str | None:
    """The option that a recommendation is about: of the kind that the reader hears, else the last one named.

    mentions: in its sentence; earlier: options spoken of before it, the nearest first.
    """
    near = [each.option for each in mentions if piece[0] <= each.start < piece[1]]
    heard = _of_kind(case, one.option, (*reversed(near), *earlier))
    if heard is not None:
        return heard
    named = near or [each.option for each in mentions]
    return named[-1] if named else next((name for name in earlier if name), None)


def _state(
    line: Sentence,
    piece: Span,
    one: Recognised,
    case: Case,
    lexicon: Lexicon,
    scale: str,
    main: str | None,
    recent: str | None,
) -> Stated | None:
    shown = line.text[piece[0] : piece[1]]
    start = line.start + piece[0] + len(shown) - len(shown.lstrip())
    quote = shown.strip().rstrip(",;:")
    place = (start, start + len(quote))
    condition = CONDITION.search(line.folded, *piece)
    spans: dict[str, Span] = {"topic": place}
    side: Side = "lower" if one.side == "lower" else "higher"
    stance, topic, word = None, None, None
    if one.topic == CONCLUDES:
        mentions = mentioned_options(line.folded, case, lexicon, main)
        option = _recommended(piece, one, mentions, case, (recent, main))
        if option is None or not one.side:
            return None
        kind, stance = "conclusion", "for" if side == "higher" else "against"
    else:
        topic = lexicon.topic(one.topic)
        option, named = option_of(line, piece, topic.options, case, lexicon, main, recent)
        if named is None:
            option = _of_kind(case, one.option, (option, recent, main)) or option
        word = word_within(line, piece, lexicon, scale) if one.side else None
        if word is not None and word.category == "possible" and negations(line.folded[slice(*piece)]):
            word = None  # "could not" is more than possible
        if word is not None and word.says_unlikely:
            denied = _DENIED.search(line.folded, piece[0], word.span[0] - line.start)
            if denied is not None:  # "not at all improbable": which side is left open
                word, one = None, replace(one, side="")
        if topic.meaning.kind in ("event", "change") and is_of_more_danger(
            line.folded[piece[0] : piece[1]], lexicon
        ):
            spans["danger"] = place
        if word is not None:
            spans["probability"] = word.span
            if (
                word.says_unlikely
            ):  # the reader's side is that of the whole stretch, the word taken into account
                side = "lower" if side == "higher" else "higher"
        modal = MODAL.search(line.folded, *piece)
        kind = "premise" if topic.kind == "forecast" and modal is None and word is None else topic.kind
    return Stated(
        quote=quote, start=place[0], end=place[1], kind=kind, topic=topic, rule=None, side=side, negated=False,
        word=word, much=False, decisive=False, option=option, stance=stance,
        condition=line.text[condition.start() : condition.end()].strip() if condition else None,
        spans=spans, recognised=one,
    )  # fmt: skip
