"""What the rules leave unread in a text, read again by the second, learned reader."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from excomm.audit.clauses import CONDITION, MODAL, Sentence, Span, is_reported, split_sentences
from excomm.audit.features import is_english
from excomm.audit.learned import Recognised, SecondReader, second_reader
from excomm.audit.lexicon import Lexicon, Side
from excomm.audit.options import mentioned_options
from excomm.audit.reading import Reading, Stated, main_option, option_of
from excomm.case.model import Case

__all__ = ["read_the_rest"]

CONCLUDES = "conclude"
SHORTEST = 24  # characters; a shorter piece is left with its neighbour
_CUT = re.compile(
    r"[;:]\s|\s[–—-]\s|,\s(?:(?:but|yet|and|so|while|whereas|although|though|because|since|for|not)\s)?"
    r"|\s(?:because|although|whereas)\s"
)
_NAME = re.compile(r"\b[A-ZÀ-Ž][\w’'-]*(?: [A-ZÀ-Ž][\w’'-]*)*")
# Role as the corpus writes it -> role of the case, and words that mean it in any case.
_ROLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "adv": ("adversary", ("enem(?:y|ies)", "invaders?", "aggressors?", "attackers?", "occupiers?")),
    "host": ("host", ("defenders",)),
    "ally": ("alliance", ("the west", "western", "the alliance", "allies", "allied", "nato", "intervening")),
    "patron": ("patron", ()),
    "neigh": ("neighbour", ()),
}


def read_the_rest(text: str, case: Case, lexicon: Lexicon, reading: Reading) -> Reading:
    """A reading with what the second reader adds where the rules found nothing. English only; else nothing is added."""
    if not is_english(text):
        return reading
    lines = list(split_sentences(text))
    reader, main = second_reader(), main_option(lines, case, lexicon)
    roles = _role_patterns(lexicon)
    added: list[Stated] = []
    recent: str | None = None
    before = ""
    for line in lines:
        whole = _by_role(line, (0, len(line.folded)), roles)
        pieces = [] if line.folded.rstrip("\"'”’)").endswith("?") else _pieces(line)
        free = [piece for piece in pieces if not _is_taken(piece, line, reading.stated, lexicon)]
        context = whole if len(pieces) > 1 else before
        heard = reader.recognise([(_by_role(line, piece, roles), context) for piece in free])
        for piece, one in _joined(free, heard):
            more = _state(line, piece, one, case, lexicon, main, recent)
            added += [] if more is None else [more]
        before = whole
        mentions = mentioned_options(line.folded, case, lexicon, main)
        recent = mentions[-1].option if mentions else recent
    kept = [_checked(one, lines, roles, reader) for one in reading.stated]
    stated = sorted((*kept, *added), key=lambda one: (one.start, one.end))
    unread = [
        (start, end)
        for start, end in reading.unread
        if not any(one.start < end and start < one.end for one in added)
    ]
    return replace(reading, stated=tuple(stated), unread=tuple(unread))


def _checked(
    one: Stated,
    lines: Sequence[Sentence],
    roles: Sequence[tuple[str, re.Pattern[str]]],
    reader: SecondReader,
) -> Stated:
    """What the rules read, marked as disputed where the second reader is sure of the other side.

    A probability word is left to the rules: the second reader does not know its range. So is a side that a negation
    has turned: the second reader weighs words, and "not low" has the word "low" in it.
    """
    if one.topic is None or one.word is not None or one.negated:
        return one
    line = next(line for line in lines if line.start <= one.start < line.start + len(line.text))
    text = _by_role(line, (one.start - line.start, one.end - line.start), roles)
    return replace(one, disputed=reader.disputes(text, one.topic.id, one.side))


def _role_patterns(lexicon: Lexicon) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Role as the corpus writes it, with the pattern of its actors' names and of plain words for it."""
    found = []
    for role, (name, plain) in _ROLES.items():
        words = [*lexicon.roles.get(name, ()), *plain]
        if words:
            found.append((role, re.compile(rf"(?<!\w)(?:mr )?(?:{'|'.join(words)})(?:'s)?(?!\w)")))
    return tuple(found)


def _by_role(line: Sentence, place: Span, roles: Sequence[tuple[str, re.Pattern[str]]]) -> str:
    """A stretch of a sentence with its actors as roles and all other names as "name"."""
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
            if match.group() != "I" and re.search(r"\w", line.text[: match.start()]):
                write(match.span(), "name")
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


def _is_taken(piece: Span, line: Sentence, stated: Sequence[Stated], lexicon: Lexicon) -> bool:
    start, end = piece[0] + line.start, piece[1] + line.start
    if any(one.start < end and start < one.end for one in stated):
        return True
    return is_reported((piece[0] + 1, piece[0] + 2), line, lexicon)


def _joined(pieces: Sequence[Span], heard: Sequence[Recognised | None]) -> list[tuple[Span, Recognised]]:
    """Neighbouring pieces on the same topic as one; where their sides differ, none."""
    found: list[tuple[Span, Recognised]] = []
    for piece, one in zip(pieces, heard, strict=True):
        if one is None:
            continue
        if found and found[-1][0][1] == piece[0] and found[-1][1].topic == one.topic:
            (start, _), last = found[-1]
            sides = {last.side, one.side} - {""}
            surer = max(last, one, key=lambda each: (each.side != "", each.confidence))
            side = sides.pop() if len(sides) == 1 else ""
            found[-1] = ((start, piece[1]), replace(surer, side=side))
        else:
            found.append((piece, one))
    return found


def _state(
    line: Sentence,
    piece: Span,
    one: Recognised,
    case: Case,
    lexicon: Lexicon,
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
    stance, topic = None, None
    if one.topic == CONCLUDES:
        mentions = mentioned_options(line.folded, case, lexicon, main)
        option = mentions[-1].option if mentions else recent or main
        if option is None or not one.side:
            return None
        kind, stance = "conclusion", "for" if side == "higher" else "against"
    else:
        topic = lexicon.topic(one.topic)
        option, _ = option_of(line, piece, topic.options, case, lexicon, main, recent)
        modal = MODAL.search(line.folded, *piece)
        kind = "premise" if topic.kind == "forecast" and modal is None else topic.kind
    return Stated(
        quote=quote, start=place[0], end=place[1], kind=kind, topic=topic, rule=None, side=side, negated=False,
        word=None, much=False, decisive=False, option=option, stance=stance,
        condition=line.text[condition.start() : condition.end()].strip() if condition else None,
        spans=spans, recognised=one,
    )  # fmt: skip
