"""Who says it: the chain from the report inwards, with the places where it stands in the sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from excomm.evidence.extraction.names import Mention
from excomm.evidence.lexicon import Lexicon, lexicon
from excomm.evidence.model import Attribution

__all__ = ["Chain", "attribution", "chain_of_label", "voices_with_names"]

_REACH = 70  # characters between a voice and its word of saying
_RANK = {"media": 0, "social": 1}
_WEIGHT = {
    "intelligence": 6,
    "military": 5,
    "official": 4,
    "expert": 3,
    "document": 3,
    "witness": 3,
    "unknown": 0,
}
_PERSON = re.compile(r"(?:[A-ZА-ЯІЇЄҐ][\w'’-]+\s+){1,2}[A-ZА-ЯІЇЄҐ][\w'’-]+")
_OWN = re.compile(
    r"(?<!\w)(?:its|his|her|their|the country's|його|її|їхн\w+|свого|его|её|ее|их)\s+(?:\w+\s+)?$"
)


@dataclass(frozen=True)
class Chain:
    """Links (outermost first) and the stretches of the sentence that they take up."""

    links: tuple[Attribution, ...]
    stretches: tuple[tuple[int, int], ...]

    def covers(self, place: int) -> bool:
        """Whether a place of the sentence lies in an attribution."""
        return any(start <= place < end for start, end in self.stretches)


def chain_of_label(
    sentence: str,
    folded: str,
    words: Lexicon,
    mentions: list[Mention],
    outlet: str | None,
    span: tuple[int, int],
) -> Attribution | None:
    """The voice that a label before a colon names (`Southland's defence ministry: …`)."""
    start, end = span
    voices = [each for each in _voices(sentence, folded, words, outlet) if start <= each.start < end]
    if not voices:
        return None
    return _link(_groups(voices, folded)[0], sentence, folded, words, mentions)[0]


def voices_with_names(
    sentence: str, folded: str, words: Lexicon, mentions: list[Mention], outlet: str | None
) -> list[tuple[str, Attribution]]:
    """People whom a sentence introduces by office or in apposition, with what they are."""
    found: list[tuple[int, str, Attribution]] = []
    for group in _groups(_voices(sentence, folded, words, outlet), folded):
        if group[0].kind in _RANK or group[0].kind == "document":
            continue
        end = group[-1].end
        after = _NAMED_AFTER.match(sentence, end)
        before = _NAMED_BEFORE.search(sentence[: group[0].start])
        for match in (after, before):
            if match is None:
                continue
            link = _link(group, sentence, folded, words, mentions)[0]
            found.append((match.start(1), match.group(1), replace(link, name=match.group(1), named=True)))
    return [(name, link) for _, name, link in sorted(found, key=lambda each: each[0])]


_CAPITAL = r"[A-ZА-ЯІЇЄҐ][\w'’-]+"
_NAMED_AFTER = re.compile(
    rf",?\s((?:{_CAPITAL} ){{1,2}}{_CAPITAL}|(?<=[a-z] ){_CAPITAL}(?= (?:said|says|told)))"
)
_NAMED_BEFORE = re.compile(
    rf"((?:{_CAPITAL} ){{1,2}}{_CAPITAL})"
    r"(?:,? (?:of|from|at|as) (?:the )?|, (?:[\w'’-]+ ){0,4}|, )(?:[\w'’-]+ ){0,2}$"
)


@dataclass(frozen=True)
class _Voice:
    kind: str
    named: bool
    start: int
    end: int


def attribution(
    sentence: str, folded: str, words: Lexicon, mentions: list[Mention], outlet: str | None
) -> Chain:
    """The chain of one sentence. `outlet` is the report's own source: it is no link of its own chain."""
    voices = _voices(sentence, folded, words, outlet)
    if not voices:
        return _capital(sentence, folded, words, mentions) or _hearsay(folded, words)
    sayings = [(m.start(), m.end(), False) for m in words.cues["say"].finditer(folded)]
    sayings += [(m.start(), m.end(), True) for m in words.cues["per"].finditer(folded)]
    declined = [(m.start(), m.end()) for m in words.cues["declined"].finditer(folded)]
    speaking = [voice for voice in voices if _speaks(voice, folded, sayings, declined, words)]
    if any(voice.kind == "social" for voice in speaking):
        speaking = [voice for voice in speaking if voice.kind != "unknown"]
    speaking = [
        voice for voice in speaking if voice.kind != "media" or not _REJECTED.search(folded[: voice.start])
    ]
    links: list[Attribution] = []
    stretches: list[tuple[int, int]] = []
    for group in _groups(speaking, folded):
        link, stretch = _link(group, sentence, folded, words, mentions)
        if any(link.kind == other.kind and link.kind not in _RANK for other in links):
            stretches.append(stretch)
            continue
        links.append(link)
        stretches.append(stretch)
    if not links:
        return _hearsay(folded, words)
    for start, end, is_preposition in sayings:
        if (
            any(0 <= start - stop <= 3 or 0 <= begin - end <= 3 for begin, stop in stretches)
            or is_preposition
        ):
            stretches.append((start, end))
    links.sort(key=lambda link: _RANK.get(link.kind, 2))
    return Chain(tuple(links), tuple(stretches))


_REJECTED = re.compile(  # `the ministry rejects the article in the Meridian Post`
    r"(?<!\w)(?:den|reject|dismiss|refut|disput)\w* (?:\w+ ){0,3}(?:article|report|story|piece|account|publication)s? "
    r"(?:in|by|from|of) (?:the )?$"
)
_IN_A_STATE = re.compile(r"(?:^|[,;:] )(?:у|в|во) $")
_SAY_PLURAL = re.compile(r"\w+(?:ли|ють|ют|ят|ат|ать)")


def _capital(sentence: str, folded: str, words: Lexicon, mentions: list[Mention]) -> Chain | None:
    """`У Саутланді заявили`: a state named as the place of a saying without a subject speaks officially."""
    for mention in mentions:
        if words.language == "en" or not _IN_A_STATE.search(folded[: mention.start]):
            continue
        for saying in words.cues["say"].finditer(folded):
            gap = folded[mention.end : saying.start()]
            if 0 < len(gap) <= 40 and not re.search(r"[,.;:]", gap) and _SAY_PLURAL.fullmatch(saying.group()):
                link = Attribution("official", sentence[mention.start : mention.end], True, mention.actor)
                return Chain((link,), ((mention.start, mention.end), saying.span()))
    return None


def _hearsay(folded: str, words: Lexicon) -> Chain:
    match = words.find("hearsay", folded)
    if match is None:
        return Chain((), ())
    return Chain((Attribution("unknown", None, False),), ((match.start(), match.end()),))


def _voices(sentence: str, folded: str, words: Lexicon, outlet: str | None) -> list[_Voice]:
    return list(_found_voices(sentence, folded, words.language, outlet))


@lru_cache(maxsize=8)
def _found_voices(sentence: str, folded: str, language: str, outlet: str | None) -> tuple[_Voice, ...]:
    words = lexicon(language)
    found: list[_Voice] = []
    own = (outlet or "").strip().lower()
    for match in words.outlets.finditer(sentence):
        if words.language != "en" and not re.search(r"[A-Za-z]", match.group()) and match.group().isupper():
            pass
        kind = "own" if own and match.group().lower().removeprefix("the ") in own else "media"
        found.append(_Voice(kind, True, match.start(), match.end()))
    if len(own) >= _SHORTEST_OUTLET:
        place = folded.find(own)
        if place >= 0:
            found.append(_Voice("own", True, place, place + len(own)))
    for pattern, kind, named in words.voices:
        for match in pattern.finditer(folded):
            if kind == "media" and _DESK.search(folded[: match.start()]):
                kind = "own"
            found.append(_Voice(kind, named, match.start(), match.end()))
    found.sort(key=lambda voice: (voice.start, -(voice.end - voice.start)))
    kept: list[_Voice] = []
    for voice in found:
        if kept and voice.start < kept[-1].end:
            if voice.end - voice.start > kept[-1].end - kept[-1].start and kept[-1].kind != "own":
                kept[-1] = voice
            continue
        kept.append(voice)
    return tuple(
        voice for voice in kept if voice.kind != "own" and not _is_the_desk(voice, kept, folded, words)
    )


_SHORTEST_OUTLET = 5  # letters of an outlet's name that is looked for as it stands; judgement
_DESK = re.compile(r"(?<!\w)(?:this|our|цьому|нашому|этому|нашему|on(?: state)?|on national) $")


def _is_the_desk(voice: _Voice, voices: list[_Voice], folded: str, words: Lexicon) -> bool:
    """The report's own desk and what it lacks: `співрозмовники видання`, `редакції не вдалося підтвердити`."""
    if (
        voice.kind not in {"media", "unknown"}
        or words.language == "en"
        or re.search(r"[a-z]", folded[voice.start : voice.end])
    ):
        return False
    if voice.kind == "media" and any(
        0 < voice.start - other.end <= 2 and other.kind == "unknown" for other in voices
    ):
        return True
    doubt = words.find("unconfirmed", folded)
    return doubt is not None and doubt.start() <= voice.start < doubt.end()


def _speaks(
    voice: _Voice,
    folded: str,
    sayings: list[tuple[int, int, bool]],
    declined: list[tuple[int, int]],
    words: Lexicon,
) -> bool:
    if re.search(r"(?<!\w)what (?:the |its |his |her )?$", folded[: voice.start]):
        return False
    if voice.kind == "document" and not voice.named and words.find("leaked", folded[voice.start : voice.end]):
        return _SPOKEN_OF.search(folded[: voice.start]) is None
    for start, end, is_preposition in sayings:
        if any(begin <= start < stop for begin, stop in declined):
            continue
        if end <= voice.start:
            gap = folded[end : voice.start]
            if is_preposition and len(gap) <= 55 and not re.search(r"[.;!?]", gap):
                return True
            told = folded[start:end] in {"told", "tells", "розповів", "розповіла", "рассказал", "рассказала"}
            if words.language == "en" and (voice.kind == "document" or (told and voice.kind != "media")):
                continue
            if words.language != "en" and _RECIPIENT.search(folded[voice.start : voice.end]):
                continue
            if len(gap) <= 30 and not _NO_INVERSION.search(gap):
                return True
        elif voice.end <= start:
            gap = folded[voice.end : start]
            parenthesis = re.sub(r",[^,]{1,60},", " ", gap)
            if " and " in gap and _OBJECT.search(folded[: voice.start]):
                continue
            if is_preposition and voice.kind != "media":
                continue
            if _FUTURE.search(gap):
                continue
            if _PASSIVE.search(gap) and not folded[start:end].endswith("ing"):
                continue
            is_close = voice.kind == "military" and not voice.named and not gap.startswith(" who ")
            reach = 12 if is_close and not _RANKS_ON.match(gap) else _REACH
            if len(parenthesis if is_close else gap) <= reach and not re.search(
                r"[.;!?:\"»”]|,", parenthesis
            ):
                return True
        elif voice.start <= start < voice.end:
            continue
    return False


_SPOKEN_OF = re.compile(r"(?<!\w)(?:about|over|regarding|concerning) (?:an?|the|any|such an?) $")
# Between a word of saying and the voice that follows it: `said the minister`, not `admitted to hospital`.
_NO_INVERSION = re.compile(
    r"[.;!?,:\"«“\d]|\b(?:had|has|have|was|were|is|are|no|not|that|of|about|a|to|at|against|into|from|for|as|with|having|що|что|про|о)\b"
)
_OBJECT = re.compile(r"(?<!\w)(?:from|to|with|against|for|by|at) (?:the |an? |its |his |her |their )?$")
_RANKS_ON = re.compile(
    r",? (?:serving|in|of|at|on|from|with|close|deployed|stationed|under|near|speaking|familiar)\b"
)
_FUTURE = re.compile(r"\b(?:will|would|may|might|should|could|must|to|can)(?: \w+ly)? $")
_PASSIVE = re.compile(
    r"\b(?:be|been|being|was|were|is|are) (?:\w+ly )?$"
)  # `the commander's death was confirmed`
_RECIPIENT = re.compile(r"(?:ству|нию|нню|зете|зеті|каналу)$")


_VERB_BETWEEN = re.compile(
    r"[,.;:!?\"«»“”]|\b(?:that|said|says|що|что)\b|\b(?:told|recalled|quoted|heard)\b"
    r"|^(?!.*\bwho\b).*\b(?:has|have|had|was|were|is|are)\b"
)


def _groups(voices: list[_Voice], folded: str) -> list[list[_Voice]]:
    """Voices of one noun phrase (`a source in the general staff`) belong together; media stand alone."""
    groups: list[list[_Voice]] = []
    for voice in voices:
        last = groups[-1][-1] if groups else None
        if last is not None and last.kind not in _RANK and voice.kind not in _RANK:
            gap = folded[last.end : voice.start]
            if len(gap) <= 45 and not _VERB_BETWEEN.search(gap):
                groups[-1].append(voice)
                continue
        if last is not None and last.kind == voice.kind == "media" and voice.start - last.end <= 2:
            groups[-1].append(voice)
            continue
        groups.append([voice])
    return groups


def _link(
    group: list[_Voice], sentence: str, folded: str, words: Lexicon, mentions: list[Mention]
) -> tuple[Attribution, tuple[int, int]]:
    start, end = group[0].start, group[-1].end
    best = max(group, key=lambda voice: _WEIGHT.get(voice.kind, 1))
    if group[0].kind == "document" and not group[0].named:
        best = group[0]
    around = folded[max(0, start - 30) : end + 60]
    person = _person(sentence, end)
    if person is None and best.kind == "military":
        rank = _RANKED.match(sentence, end)
        person = rank.group(1) if rank else None
    anonymous = words.cues["anonymous"].search(around) is not None
    every = any if " and " in folded[start:end] else all  # `the mediators and both armies`
    is_named = best.named if best.kind == "document" else every(voice.named for voice in group)
    if person is not None and not anonymous:
        is_named = True
    indefinite = _INDEFINITE.search(folded[:start]) is not None and _ROLE.search(
        folded[best.start : best.end]
    )
    if indefinite and person is None:
        is_named = False
    elif _DEFINITE.search(folded[:start]) and all(
        voice.named or _OFFICE.fullmatch(folded[voice.start : voice.end]) for voice in group
    ):
        is_named = True
    if anonymous and best.kind not in _RANK:
        is_named = False
    if best.kind == "document" and best.named and len(group) == 1:
        is_named = True
    if best.kind == "expert" and any(voice.kind == "expert" and voice.named for voice in group):
        is_named = True
    kind = "expert" if best.kind == "military" and _RETIRED.search(folded[:start]) else best.kind
    name = person or (sentence[best.start : best.end] if is_named else None)
    near = [mention for mention in mentions if start - 28 <= mention.start <= end + 28]
    near = [
        mention for mention in near if "," not in folded[min(mention.end, start) : max(mention.start, start)]
    ]
    actor: str | None = None
    if best.kind in {"official", "military", "intelligence"}:
        if near:
            actor = min(near, key=lambda mention: abs(mention.start - start)).actor
        elif _OWN.search(folded[:start]) or person is not None:
            earlier = [mention for mention in mentions if mention.end <= start]
            actor = earlier[0].actor if earlier else None
    counted = _COUNTED.search(folded[:start])
    return Attribution(kind, name, is_named, actor), (
        counted.start() if counted else max(0, start - 2),
        end,
    )


_COUNTED = re.compile(
    r"(?<!\w)(?:\d+|two|three|four|five|six|seven|eight|nine|ten|a dozen"
    r"|дв\w+|тр\w+|чотир\w+|четыр\w+|п.ят\w+|пят\w+) (?:\w+ )?$"
)


# The one who holds an office: `its commander`, `the general`, `the air force commander`.
_DEFINITE = re.compile(r"(?<!\w)(?:the|its|their|\w+'s) (?:\w+ )?$")
_OFFICE = re.compile(r"commander|general|colonel|admiral|captain|mediator|negotiator")
# Somebody of a kind, not somebody: `several cabinet ministers`; a spokesperson of a named body counts as named.
_INDEFINITE = re.compile(
    r"(?<!\w)(?:an?|one|two|three|four|five|six|several|some|many|other|another|unnamed|former"
    r"|one of the|кілька|декілька|двоє|двох|троє|трьох|один із"
    r"|деякі|колишн\w+|несколько|нескольких|двое|трое|один из|некоторые|бывш\w+)(?: (?!the)[\w'-]+){0,2} $"
)
_ROLE = re.compile(
    r"minister|ambassador|envoy|senator|mayor|governor|diplomat|commissioner|speaker|officers?"
    r"|generals?(?! staff)|colonels?|admiral|lawyer|prosecutor"
    r"|міністр|посол|посл[иіа]|сенатор|мер(?:ів|и)|дипломат|министр|сенатор|мэр(?:ов|ы)"
)


_RETIRED = re.compile(r"(?<!\w)retired (?:\w+ )?$")
_RANKED = re.compile(r" ([A-Z][a-z][\w'’-]+)(?! (?:[A-Z]|Sea|Gate|Palace))")  # `General Aske`


def _person(sentence: str, end: int) -> str | None:
    """A person's name right after the voice, or in apposition to it."""
    after = re.match(r",?\s+((?:[A-ZА-ЯІЇЄҐ][\w'’-]+\s+)[A-ZА-ЯІЇЄҐ][\w'’-]+)", sentence[end : end + 60])
    if after:
        return after.group(1)
    later = re.match(
        r"\s+(?:[\w'’-]+\s+){1,4}?((?:[A-ZА-ЯІЇЄҐ][\w'’-]+\s+)[A-ZА-ЯІЇЄҐ][\w'’-]+)", sentence[end : end + 80]
    )
    return later.group(1) if later and re.search(r"[\u0400-\u04ff]", later.group(1)) else None
