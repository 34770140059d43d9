"""Sentences in clauses, and what governs a stretch of them: report, negation, word of probability."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from excomm.audit.lexicon import Lexicon
from excomm.evidence.extraction.sentences import sentences
from excomm.evidence.lexicon import fold
from excomm.evidence.lexicon import lexicon as evidence_words
from excomm.evidence.settings import default_credibility

__all__ = [
    "AS_NOW",
    "CONDITION",
    "LIKELIER",
    "MODAL",
    "WITHOUT",
    "ProbabilityWord",
    "Sentence",
    "Span",
    "is_of_more_danger",
    "is_reported",
    "is_tangled",
    "moved",
    "negation_of",
    "probability_word",
    "split_sentences",
    "word_within",
]

Span = tuple[int, int]
_CLAUSE = re.compile(
    r";\s+|:\s+|\s+[–—-]\s+|,\s+(?:but|yet|while|whereas|although|though|because|since)\s+|\s+because\s+"
    r"|,\s+and\s+(?=(?:it|they|we|he|she|the|there|that|this|no|none|i|its|their|endless)\s)|,\s+(?=for\s+\w+\s+\w+)"
)
_QUOTED = re.compile(r"[\"“«][^\"”»]{4,400}[\"”»]")
MODAL = re.compile(
    r"(?<!\w)(?:would|will|could|might|may|going to|shall|won't|expects?|is set to|sooner or later)(?!\w)"
)
_OPENING = re.compile(
    r"\W*(?:(?:and|but|yet|still|in truth|indeed)[ ,]+)?(?P<no>no|nobody|none|neither|nor|never|no one)\s"
)
_FULL_STOP = re.compile(r"[:;]")
LIKELIER = re.compile(r"(?<!\w)(?:(?:more|less) (?:un)?likely(?! than not)|likelier|likeliest)(?!\w)")
# How a sentence begins that says what comes if nothing new is done.
AS_NOW = re.compile(
    r"\W*(?:(?:and|but|yet|so|for)\s)?(?:if (?:nobody|no one) acts|if (?:we|they|you|the (?:allies|alliance|west)) "
    r"do(?:es)? (?:not act|nothing(?: more| new)?)|if nothing (?:is done|changes)"
    r"|as things (?:are|stand|go)|(?:with|under|on|after|by) (?:more of the same|the present course|doing nothing)"
    r"|more of the same|doing nothing|without a change)(?!\w)"
)
WITHOUT = re.compile(
    r"\W*(?:(?:and|but|yet|for)\s)?(?:without|absent|in the absence of)\s"
    r"(?:[^,;]{3,80},\s*|(?:[\w'-]+\s){1,6}?(?=(?:no|nobody|nothing|never|any)\s)"
    r"|(?:[\w'-]+\s){1,6}(?=[\w'-]+\s(?:would|will|could|might|may)\s))"
)
CONDITION = re.compile(r"(?<!\w)(?:if|unless|provided|as long as|once|faced with)\s[^,;.]{3,90}")

_COUNTS = {
    word: count
    for count, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        start=1,
    )
} | {"twenty": 20, "fifty": 50, "a hundred": 100, "a thousand": 1000, "a million": 1_000_000}
_COUNT = rf"(?:\d[\d,]*|{'|'.join(_COUNTS)})"
_FIGURE = re.compile(
    r"(?<!\w)(?<!by )(?:(?:well |far |just )?(?:(?P<under>under|below|less than|at most|no more than)"
    r"|(?P<over>over|above|more than|at least|no less than)) )?(?:a |an |about |perhaps |roughly |some ){0,2}"
    rf"(?:(?P<part>{_COUNT})(?: chances?)?[ -]in[ -](?P<whole>{_COUNT})"
    r"|(?P<share>\d+(?:\.\d+)?) ?(?:per cent|percent|%))(?!\w)"
)
_ROUNDING = 0.5  # in log odds: how far a plain figure ("one in three") may be off and still fit; judgement


@dataclass(frozen=True)
class ProbabilityWord:
    """A word of probability with the range that readers give it; `scale` names who the readers are.

    A figure ("one in three", "under 5 per cent") is one too: its category is `figure`, `figure-under` or `figure-over`.
    """

    cue: str
    category: str
    low: float
    middle: float
    high: float
    scale: str
    span: Span

    @property
    def says_unlikely(self) -> bool:
        """Whether the word turns the statement round; "could" and a plain figure do not."""
        return self.middle < 0.5 and self.category not in ("possible", "figure")


@dataclass
class Sentence:
    """A sentence with its place in the text, its folded wording and its clauses; paragraph: how many went before."""

    start: int
    text: str
    folded: str
    clauses: tuple[Span, ...]
    paragraph: int

    def clause_at(self, place: int) -> Span:
        """The clause that holds a place of the sentence."""
        return next((one for one in self.clauses if one[0] <= place < one[1]), self.clauses[-1])


def _clauses(folded: str) -> tuple[Span, ...]:
    edges, start = [], 0
    for match in _CLAUSE.finditer(folded):
        if match.start() - start >= 12 and len(folded) - match.end() >= 12:
            edges.append((start, match.start()))
            start = match.end()
    return (*edges, (start, len(folded)))


def split_sentences(text: str) -> Iterator[Sentence]:
    """Sentences of a text in its order, headings left out."""
    words = evidence_words("en")
    for start, end in sentences(text, words):
        shown = text[start:end]
        if not re.search(r"[.!?…][\"'»”’)\]]*$", shown):
            continue  # a heading
        folded = fold(shown)
        yield Sentence(start, shown, folded, _clauses(folded), text.count("\n\n", 0, start))


def moved(span: Span, by: int) -> Span:
    """A stretch, counted from an earlier place."""
    return span[0] + by, span[1] + by


def is_reported(span: Span, line: Sentence, lexicon: Lexicon) -> bool:
    """Whether a stretch is what others say: inside quotation marks, or in a clause that reports them."""
    if any(match.start() < span[0] < match.end() for match in _QUOTED.finditer(line.folded)):
        return True
    start, end = line.clause_at(span[0])
    return lexicon.wording.reported.search(line.folded[start:end]) is not None


def negation_of(span: Span, line: Sentence, lexicon: Lexicon) -> Span | None:
    """The negation that governs a stretch: shortly before it in the clause, or after it with the verb."""
    wording = lexicon.wording
    start, end = line.clause_at(span[0])
    absent = WITHOUT.match(line.folded, start)
    if absent is not None and absent.end() <= span[0]:
        start = absent.end()  # "Without such a force, …" is a condition and negates nothing behind it
    before = line.folded[max(start, span[0] - wording.reach) : span[0]]
    base = max(start, span[0] - wording.reach)
    for stop in wording.stops.finditer(before):
        base += stop.end() - (base - max(start, span[0] - wording.reach))
        before = line.folded[base : span[0]]
    blocked = [match.span() for match in wording.not_negation.finditer(line.folded)]
    found = None
    for match in wording.before.finditer(before):
        place = moved(match.span(), base)
        if any(a <= place[0] < b for a, b in blocked):
            continue
        paired = found is not None and match.group() == "nor"
        found = place if found is None or paired else None  # two negations cancel, "neither … nor" is one
    if found is not None:
        return found
    opening = _OPENING.match(line.folded, start)
    if opening is not None and opening.end("no") <= span[0]:
        place = opening.span("no")
        if not any(a <= place[0] < b for a, b in blocked) and not wording.stops.search(
            line.folded, place[1], span[0]
        ):
            return place
    # What follows a colon or semicolon is a statement of its own: "it bluffs: it will not strike" denies no bluff.
    full = _FULL_STOP.search(line.folded, span[1])
    reach = min(end + 60, len(line.folded) if full is None else full.start())
    after = wording.after.search(line.folded, span[1], reach)
    if after is not None and not any(a <= after.start() < b for a, b in blocked):
        return after.span()
    return None


def is_tangled(span: Span, line: Sentence, lexicon: Lexicon) -> bool:
    """Whether more than one negation may govern a stretch, so that its side cannot be told by rules."""
    wording = lexicon.wording
    start, _ = line.clause_at(span[0])
    absent = WITHOUT.match(line.folded, start)
    if absent is not None and absent.end() <= span[0]:
        start = absent.end()
    blocked = [match.span() for match in wording.not_negation.finditer(line.folded)]
    cues = [
        match
        for match in wording.before.finditer(line.folded, start, span[0])
        if not any(a <= match.start() < b for a, b in blocked)
    ]
    words = [match.group() for match in cues]
    if "nor" in words and "neither" in words:
        words.remove("nor")
    hedge = probability_word(span, line, lexicon, "lay", whole=False)
    doubts = hedge is not None and hedge.says_unlikely
    if hedge is not None and any(
        match.start() + line.start < hedge.span[1] and hedge.span[0] < match.end() + line.start
        for match in cues
    ):
        doubts = False  # "hardly", "almost certainly not": one and the same
    return len(words) + doubts > 1


def _count(words: str) -> float:
    return float(_COUNTS[words] if words in _COUNTS else words.replace(",", ""))


def _figure(place: Span, clause: Span, line: Sentence, lexicon: Lexicon) -> ProbabilityWord | None:
    """A probability in figures, where the clause speaks of one: "the risk is under one in ten"."""
    if lexicon.concepts["danger"].search(line.folded, *clause) is None:
        return None
    for match in _FIGURE.finditer(line.folded, *clause):
        if match.start() < place[1] and place[0] < match.end():
            continue
        if match["share"] is not None:
            value = float(match["share"]) / 100.0
        else:
            value = _count(match["part"]) / max(_count(match["whole"]), 1.0)
        if not 0.0 < value < 1.0:
            continue
        odds = math.log(value / (1.0 - value))
        category, low, high = "figure", _logistic(odds - _ROUNDING), _logistic(odds + _ROUNDING)
        if match["under"]:
            category, low, high = "figure-under", 0.0, value
        elif match["over"]:
            category, low, high = "figure-over", value, 1.0
        middle = value if category == "figure" else (low + high) / 2.0
        cue = line.text[match.start() : match.end()]
        return ProbabilityWord(cue, category, low, middle, high, "figure", moved(match.span(), line.start))
    return None


def _logistic(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds))


def probability_word(
    span: Span, line: Sentence, lexicon: Lexicon, scale: str, *, whole: bool
) -> ProbabilityWord | None:
    """The word that says how likely a stretch is: in its clause or, with `whole`, in its sentence."""
    start, end = (0, len(line.folded)) if whole else line.clause_at(span[0])
    figure = _figure(span, (start, end), line, lexicon)
    if figure is not None:
        return figure
    clause = line.folded[start:end]
    blocked = [moved(match.span(), -start) for match in lexicon.wording.not_hedge.finditer(line.folded)]
    scales = default_credibility().scales[scale]
    found: list[tuple[int, int, str, Span]] = []
    lists: list[tuple[str, Iterable[re.Match[str]]]] = [
        *((category, pattern.finditer(clause)) for category, pattern in lexicon.wording.hedges),
        *((category, words.finditer(clause)) for category, words in evidence_words("en").hedges),
    ]
    for category, matches in lists:
        for match in matches:
            at = moved(match.span(), start)
            if at[0] < span[1] and span[0] < at[1]:
                continue  # the word is what is asserted, not how likely it is
            if not any(a < match.end() and match.start() < b for a, b in blocked):
                found.append((match.start() - match.end(), match.start(), category, match.span()))
    if not found:
        return None
    found = [
        one
        for one in found
        if not any(
            other[3] != one[3] and other[3][0] <= one[3][0] and one[3][1] <= other[3][1] for other in found
        )
    ]
    # The longest wins: "very unlikely" over "unlikely"; a word that only says "could" gives way to any other.
    _, _, category, span = min(found, key=lambda one: (one[2] == "possible", *one[:2]))
    low, middle, high = scales[category]
    cue = line.text[start + span[0] : start + span[1]]
    return ProbabilityWord(cue, category, low, middle, high, scale, moved(span, line.start + start))


def word_within(line: Sentence, place: Span, lexicon: Lexicon, scale: str) -> ProbabilityWord | None:
    """The one word of probability within a stretch of a sentence; none where there are several, or a figure."""
    found: dict[Span, ProbabilityWord] = {}
    for start, end in line.clauses:
        if place[0] < end and start < place[1]:
            word = probability_word((start, start), line, lexicon, scale, whole=False)
            if word is not None:
                found[word.span] = word
    inside = moved(place, line.start)
    words = [word for span, word in found.items() if inside[0] <= span[0] and span[1] <= inside[1]]
    if len(words) != 1 or words[0].scale == "figure":
        return None
    return words[0]


def is_of_more_danger(inside: str, lexicon: Lexicon) -> bool:
    """Whether folded text says that a danger grows or shrinks, or is likelier or less likely, not how great it is."""
    if LIKELIER.search(inside) is not None:
        return True
    found = (lexicon.concepts[name].search(inside) for name in ("danger", "more", "less"))
    danger, more, less = (match is not None for match in found)
    return danger and (more or less)
