"""Who speaks where a sentence does not say it in full: labels, surnames, pronouns and states, from what came before."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from excomm.evidence.extraction.attribution import Chain, chain_of_label, voices_with_names
from excomm.evidence.extraction.names import Mention
from excomm.evidence.lexicon import Lexicon
from excomm.evidence.model import Attribution

__all__ = ["Speakers"]

_CAPITAL = r"[A-ZА-ЯІЇЄҐ][\w'’-]+"
_NAME = re.compile(rf"(?<![\w.])(?:{_CAPITAL} )?({_CAPITAL})")
_LABEL = re.compile(r"\W*(?:\d\d?[:.]\d\d\s*[–—-]?\s*)?([^:\"«“”.!?]{3,70}?)(?:,[^:,]{2,25})?:\s+(?=\S)")
_LATE_LETTERS = 2  # of a surname, that grammar may change in Ukrainian and Russian; judgement
_STEM = 4  # letters of a surname that are kept at least; judgement
_GAP = re.compile(
    r"\s(?:\w+ed and |\w+ly |\w+но |also |then |later |still |has |have |had |did not |does not |не |також "
    r"|также ){0,2}$"
)


@dataclass
class Speakers:
    """People and papers that a report has introduced, in the order of its sentences."""

    outlet: str | None = None
    people: dict[str, Attribution] = field(default_factory=dict)
    last: Attribution | None = None
    has_leak: bool = False

    def complete(
        self, sentence: str, folded: str, words: Lexicon, mentions: list[Mention], chain: Chain
    ) -> Chain:
        """The chain of a sentence, with the speaker whom it names by label, surname, pronoun or state alone."""
        self._introduce(sentence, folded, words, mentions)
        chain = self._papers(chain)
        labelled = self._label(sentence, folded, words, mentions)
        if labelled is not None:
            return labelled
        state = _state(sentence, folded, words, mentions, first=True)
        if state is not None and all(start > state[1][0] for start, _ in chain.stretches):
            return Chain((state[0],), (state[1],))
        spoken_of = chain
        if _is_hearsay(chain, folded, words):
            chain = Chain((), ())
        if any(link.kind not in {"media", "document"} for link in chain.links):
            return chain
        spoken = (
            self._subject(sentence, folded, words, mentions, "say")
            or self._subject(sentence, folded, words, mentions, "speech_act")
            or self._body(folded, words)
            or _state(sentence, folded, words, mentions)
            or _office(sentence, folded, words, mentions, self.outlet)
            or _it(sentence, folded, words, mentions, self.outlet)
            or (None if spoken_of.links else _somebody(sentence, folded, words))
        )
        papers = [
            at for at, link in zip(chain.stretches, chain.links, strict=False) if link.kind == "document"
        ]
        if spoken is None:
            return spoken_of
        if any(start < spoken[1][0] for start, _ in papers):
            return chain
        link, span = spoken
        outer = tuple(each for each in chain.links if each.kind == "media")
        return Chain((*outer, link), (*chain.stretches, span))

    def _introduce(self, sentence: str, folded: str, words: Lexicon, mentions: list[Mention]) -> None:
        for name, link in voices_with_names(sentence, folded, words, mentions, self.outlet):
            self.people[_key(name)] = self.last = link

    def remember(self, chain: Chain) -> None:
        """Keep whom and what the chain of a sentence has named."""
        for link in chain.links:
            if (
                link.name
                and re.fullmatch(rf"{_CAPITAL} {_CAPITAL}", link.name)
                and link.kind not in {"media"}
            ):
                self.people.setdefault(_key(link.name), link)
        if chain.links and chain.links[-1].kind not in {"media", "document", "social"}:
            self.last = chain.links[-1]
        self.has_leak |= any(link.kind == "document" and not link.named for link in chain.links)

    def _papers(self, chain: Chain) -> Chain:
        """A paper that an earlier sentence called leaked stays so."""
        if not self.has_leak:
            return chain
        links = tuple(
            Attribution("document", None, False) if link.kind == "document" and not link.name else link
            for link in chain.links
        )
        return Chain(links, chain.stretches)

    def _known(self, name: str) -> Attribution | None:
        return self.people.get(_key(name.split()[-1]))

    def _label(self, sentence: str, folded: str, words: Lexicon, mentions: list[Mention]) -> Chain | None:
        match = _LABEL.match(sentence)
        if match is None:
            return None
        start, end = match.span(1)
        inside = folded[start:end]
        if (
            len(inside.split()) > 7
            or inside.startswith(("it ", "it's ", "that ", "this "))
            or any(words.find(name, inside) for name in ("say", "denial", "retract", "housekeeping", "done"))
        ):
            return None
        span = (0, match.end())
        found = chain_of_label(sentence, folded, words, mentions, self.outlet, (start, end))
        if found is not None:
            return Chain((found,), (span,))
        names = list(_NAME.finditer(sentence[start:end]))
        for name in names:
            known = self._known(name.group())
            if known is not None:
                return Chain((known,), (span,))
        state = next((each for each in mentions if each.start == start and each.end >= end - 1), None)
        if state is not None:
            return Chain((Attribution("official", sentence[start:end], True, state.actor),), (span,))
        if len(names) == 1 and names[0].group() == sentence[start:end] and " " in names[0].group():
            return Chain((Attribution("official", names[0].group(), True),), (span,))
        return None

    def _subject(
        self, sentence: str, folded: str, words: Lexicon, mentions: list[Mention], cue: str
    ) -> tuple[Attribution, tuple[int, int]] | None:
        pronouns = words.cues["pronoun"]
        for saying in words.cues[cue].finditer(folded):
            gap = _GAP.search(sentence, max(0, saying.start() - 40), saying.start())
            before = sentence[: gap.start()] if gap else ""
            word = re.search(rf"(?:^|(?<=[\s\"“«—–-]))((?:{_CAPITAL} )?[\w'’-]+)$", before[-60:])
            after = re.match(rf"\s((?:{_CAPITAL} )?[\w'’-]+)", sentence[saying.end() : saying.end() + 60])
            for found in (word, after if cue == "say" else None):
                if found is None:
                    continue
                text = found.group(1)
                last = text.split()[-1]
                link = self._known(last) if last[:1].isupper() else None
                if link is None and pronouns.fullmatch(last.lower()):
                    link = self.last
                if (
                    link is None
                    and saying.group() not in _NOUNS_TOO
                    and _is_a_name(text, words, sentence, mentions)
                ):
                    kind = "expert" if saying.group() in {"estimates", "estimated"} else "official"
                    link = Attribution(kind, text, True)
                if link is not None:
                    return link, saying.span()
        return None

    def _body(self, folded: str, words: Lexicon) -> tuple[Attribution, tuple[int, int]] | None:
        """`It insists that …`: the office that spoke last."""
        begins = _IT_BEGINS.match(folded)
        if (
            begins is None
            or self.last is None
            or self.last.kind not in {"official", "military", "intelligence"}
        ):
            return None
        saying = next(iter(words.cues["state_says"].finditer(folded)), None)
        if saying is None or saying.start() != begins.end() or _PERSON.fullmatch(self.last.name or ""):
            return None
        return self.last, (0, saying.end())


_IT_BEGINS = re.compile(r"\W*it (?:\w+ly |also |later |then |has |had |did |does )?")
_PERSON = re.compile(rf"{_CAPITAL} {_CAPITAL}")


def _is_hearsay(chain: Chain, folded: str, words: Lexicon) -> bool:
    """Whether the chain is only a word of hearsay (`rumours that …, she added`), which a speaker outranks."""
    match = words.find("hearsay", folded)
    return match is not None and len(chain.links) == 1 and chain.stretches == (match.span(),)


def _key(name: str) -> str:
    """Surname without the letters that inflect."""
    last = name.split()[-1].lower().removesuffix("'s").removesuffix("’s")
    if re.search(r"[\u0400-\u04ff]", last):
        return last[: max(_STEM, len(last) - _LATE_LETTERS)]
    return last


_NOUNS_TOO = {
    "states",
    "reports",
    "claims",
    "shows",
    "posts",
    "quotes",
    "fears",
    "state",
    "report",
    "claim",
    "post",
}


def _is_a_name(text: str, words: Lexicon, sentence: str, mentions: list[Mention]) -> bool:
    """A name that no sentence has introduced: news names officials that way."""
    parts = text.split()
    if not all(part[0].isupper() for part in parts) or words.outlets.fullmatch(text):
        return False
    place = sentence.find(text)
    if any(each.start < place + len(text) and place < each.end for each in mentions):
        return False
    folded = text.lower()
    if words.find("no_name", folded) or any(pattern.search(folded) for pattern, _, _ in words.voices):
        return False
    return len(parts) == 2 or words.language == "en"


def _office(
    sentence: str, folded: str, words: Lexicon, mentions: list[Mention], outlet: str | None
) -> tuple[Attribution, tuple[int, int]] | None:
    """An office that demands, promises, accuses: `the opposition has called for …`."""
    for act in words.cues["speech_act"].finditer(folded):
        gap = _GAP.search(sentence, max(0, act.start() - 30), act.start())
        if gap is not None:
            link = chain_of_label(sentence, folded, words, mentions, outlet, (0, gap.start()))
            if (
                link is not None
                and link.kind in {"official", "military"}
                and "," not in sentence[: gap.start()]
            ):
                return link, act.span()
    return None


_IT_SAYS = re.compile(r", it (?:\w+ly )?(?:said|says|added|announced|stressed)(?: in a \w+| on \w+day)?\W*$")


def _it(
    sentence: str, folded: str, words: Lexicon, mentions: list[Mention], outlet: str | None
) -> tuple[Attribution, tuple[int, int]] | None:
    """`The operator cut the power at noon, it said`: whoever the sentence began with."""
    says = _IT_SAYS.search(folded)
    if says is None:
        return None
    link = chain_of_label(sentence, folded, words, mentions, outlet, (0, says.start()))
    if link is None and mentions and mentions[0].start <= _EARLY:
        name = sentence[mentions[0].start : mentions[0].end]
        link = Attribution("official", name, True, mentions[0].actor)
    return (link, says.span()) if link is not None and link.named else None


# Whoever speaks without a name: `a crew member`, `someone in the bridge group`, `my cousin`, `mechanics at her base`.
_SOMEBODY = re.compile(
    r"(?:^|[;–—:] |, |[,.?!][\"”] )(?:an?|one|two|three|four|five|several|some|many|a few|other|half|my|our|most"
    r"|один|одна|двоє|троє|кілька|двое|трое|несколько|одна из|один из"
    r"|одна з|один з|один із) [^,;:.\"“«]{2,60}?(?:,[^;:\"]{2,80},)? ?$"
)
_SOMEONE = re.compile(
    r"(?:^|[;–—:] |, |(?<=\d )|and )(?:someone|somebody|they|people)(?: [^,;:.\"“«]{2,60}?)?(?:'re|'ve)? ?$"
)
_PLURAL = re.compile(
    r"(?:^|(?<=[;–—:] )|(?<=\d\d:\d\d ))(?:[A-Z][\w'’]+ ){0,2}?[A-Z]?[a-z]+(?:s'|s|men|women|people|wives)"
    r"(?: (?:in|at|of|on|from|with|near|close|who|familiar|around|inside|aboard) [^,;:.\"“«]{2,60}?(?:,[^;:\"]{2,80},)?"
    r"|,[^;:\"]{2,80},) ?$"
)


def _somebody(sentence: str, folded: str, words: Lexicon) -> tuple[Attribution, tuple[int, int]] | None:
    """`A crew member said …`: whoever speaks without name or office is an unnamed witness."""
    for saying in words.cues["say"].finditer(folded):
        before = folded[: saying.start()]
        start = _SOMEBODY.search(before)
        if start is None and words.language == "en":
            start = _PLURAL.search(sentence[: saying.start()])
            if start is not None and words.find("no_speaker", start.group().lower()):
                start = None
        is_early = start is not None and (
            start.start() <= _EARLY or _AFTER_QUOTE.search(before[: start.start() + 3])
        )
        if start is not None and is_early and not _NOT_A_PERSON.search(start.group().lower()):
            who = start.group().lower()
            kind = next((kind for kind, pattern in _TRADES if pattern.search(who)), "witness")
            return Attribution(kind, None, False), (start.start(), saying.end())
    return None


_AFTER_QUOTE = re.compile(r"[,.?!][\"”] ?$")
_EARLY = 12  # characters; who speaks stands at the beginning; judgement
_NOT_A_PERSON = re.compile(
    r"(?<!\w)(?:was|were|is|are|has|have|had|be|been|being|will|would|report"
    r"|inquiry|investigation|commission|inspection|autopsy|test|analysis|audit|version|story|edition|draft|account|article|caption|headline|statement|image|photo|video|poll|survey|study|map|letter|missile|drone|ship)s?(?!\w)"
)
_TRADES = (
    (
        "military",
        re.compile(
            r"(?<!\w)(?:sergeant|corporal|private|gunner|pilot|lieutenant|captain|major|conscript)s?(?!\w)"
        ),
    ),
    (
        "official",
        re.compile(
            r"(?<!\w)(?:staffer|clerk|civil servant|adviser|councillor|member of (?:the )?(?:parliament|cabinet))s?"
        ),
    ),
)


_PLACED = re.compile(
    r"(?:^|[\s\"“«])(?:in|into|to|of|with|from|against|near|over|by|for|у|в|до|з|із|проти|к|с|из|от|против|для)"
    r"\s(?:the\s)?$"
)


def _state(
    sentence: str, folded: str, words: Lexicon, mentions: list[Mention], *, first: bool = False
) -> tuple[Attribution, tuple[int, int]] | None:
    """`Southland insists that …`: a state that says something speaks through its officials."""
    for mention in mentions:
        if first and mention.start > len("the ") + 1:
            continue
        for saying in words.cues["state_says"].finditer(folded):
            gap = folded[mention.end : saying.start()]
            if mention.end <= saying.start() and re.fullmatch(r"\s(?:[\w']+\s){0,4}", gap):
                if re.search(r"[,.;:]", gap):
                    continue
                if _PLACED.search(folded[max(0, mention.start - 12) : mention.start]):
                    continue
                name = sentence[mention.start : mention.end]
                return Attribution("official", name, True, mention.actor), saying.span()
    return None
