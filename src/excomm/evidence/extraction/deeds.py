"""Whether a voice tells of what its own side did, decided or admits: such words are an act, not a report."""

from __future__ import annotations

import re

from excomm.evidence.extraction.attribution import Chain
from excomm.evidence.extraction.names import Mention
from excomm.evidence.extraction.slots import Cues
from excomm.evidence.lexicon import Lexicon
from excomm.evidence.model import Attribution

__all__ = ["confesses", "tells_own_decision", "tells_own_deed", "tells_own_will"]

_OFFICES = frozenset({"official", "military", "intelligence"})

_ADMITS = re.compile(r"admit|acknowledg|conced|own|accept|confess|взя|визна|зізна|призна")
_QUOTED = re.compile(r"[\"“«:][^\"”»]{0,30}$")


def confesses(folded: str, words: Lexicon, chain: Chain) -> bool:
    """Whether a named office speaks of its own deed in the first person, or admits what a later clause negates."""
    if not any(link.named and link.kind in {"official", "military"} for link in chain.links):
        return False
    deed = words.find("own_deed", folded)
    if deed is not None and not _tells_of_the_enemy(folded[deed.start() :], words):
        return _QUOTED.search(folded[: deed.start()]) is not None
    admitted = words.find("confirmed", folded)
    negated = words.find("negation", folded)
    return (
        admitted is not None
        and _ADMITS.match(admitted.group()) is not None
        and negated is not None
        and negated.start() > admitted.end()
    )


# The speaker's side is the one who acts: `the navy said that it had fired`, `the mayor told the radio that her office
# had opened a fund`, `she had offered to go, she said`.
_OWN_SIDE = (
    r"(?:it|he|she|they|(?:(?:one|two|three|some|most|all|\d+) of )?(?:its|his|her|their) "
    r"(?!enem|ally|allies|opponent|rival|neighbour|adversar|predecessor)(?:own )?(?:[\w-]+ ){0,2}?[\w-]+"
    r"|the (?:army|navy|air force|government|ministry|cabinet|council|president|parliament|police)"
    r"|(?:investigators|inspectors|prosecutors|detectives|rescuers|divers|firefighters|customs officers))"
)
_ADVERB = r"(?:(?!only|early|daily)\w+ly |also |already |now |since |recently )?"
_SELF_AFTER = re.compile(
    r"(?:(?: \w+day| on \w+day| this \w+| \w+ly)?(?: that)?|[^,.;:\"“]{1,45}? that)"
    rf" {_OWN_SIDE} (?:(?:is|are|was|were) {_ADVERB}(?P<doing>\w+ing)"
    rf"|(?P<aux>has |had |have )?{_ADVERB}(?P<deed>\w+))(?!\w)"
)
_SELF_BEFORE = re.compile(
    rf"(?:^|[\"“] ?)(?:it|he|she) (?:has|had) {_ADVERB}(?P<deed>\w+)(?=.*, (?:it|he|she) (?:\w+ly )?$)"
)


def tells_own_deed(folded: str, words: Lexicon, chain: Chain) -> bool:
    """Whether a named office tells what its side has itself done, not how the enemy fared."""
    if not any(link.named and link.kind in _OFFICES for link in chain.links):
        return False
    if _tells_of_the_enemy(folded, words) or words.find("negation", folded):
        return False
    for saying in words.cues["say"].finditer(folded):
        after = _SELF_AFTER.match(folded, saying.end())
        if after is not None and _is_a_deed(after, words):
            return True
        before = _SELF_BEFORE.search(folded[: saying.start()])
        if before is not None and not words.cues["idle_deed"].fullmatch(before["deed"]):
            return True
    return False


def _is_a_deed(match: re.Match[str], words: Lexicon) -> bool:
    """`had recovered`, `is withdrawing`: any verb but an idle one; without an auxiliary only a word of deeds."""
    if match["deed"] and not match["aux"]:
        return words.cues["deed"].fullmatch(match["deed"]) is not None
    return not words.cues["idle_deed"].fullmatch(match["deed"] or match["doing"])


_NOUN_OF_COMBAT = re.compile(r"(?:attack|shell|bomb|kill|hit|captur|seizur|wound)(?:s|e|ing)?")


def _tells_of_the_enemy(folded: str, words: Lexicon) -> bool:
    """Whether it tells of fighting as done to somebody; `over the attack` and `by shelling` do not."""
    return any(
        not _NOUN_OF_COMBAT.fullmatch(match.group()) for match in words.cues["enemy_loss"].finditer(folded)
    )


_FIRST_PERSON = re.compile(r"(?:^|(?<=[\s\"“«'‘]))(?:i|we|я|ми|мы)\s(?:\w+\s){0,2}$")
_OWN_OFFICE = re.compile(
    r"(?<!\w)(?:its|his|her|their|the country's|його|її|їхн\w+|его|её|ее|их)\s(?:\w+\s){0,2}\w*$"
)
# Several bodies announce what they did together.
_JOINT = re.compile(
    r"(?<!\w)(?:both|their (?:governments|ministries|armies|offices)|the two|joint(?:ly)?|each)(?!\w)"
)
_NEAR = 50  # characters between who decides and the word of deciding; judgement


def tells_own_decision(folded: str, words: Lexicon, chain: Chain, mentions: list[Mention]) -> bool:
    """Whether an office tells of its own decision: `X ordered …, its ministry said`; `I have signed …, he said`."""
    voice = next((link for link in chain.links if link.named and link.kind in _OFFICES), None)
    if voice is None:
        return False
    if words.find("own_deed", folded) and not _tells_of_the_enemy(folded, words):
        return True
    for match in words.cues["decided"].finditer(folded):
        if chain.covers(match.start()):
            continue
        before = folded[: match.start()]
        if voice.actor is None and _JOINT.search(folded):
            return True
        if _FIRST_PERSON.search(before):
            return True
        subject = next((each for each in reversed(mentions) if each.end <= match.start()), None)
        gap = folded[subject.end : match.start()] if subject else before
        apart = r"[,;:]|(?<!\w)(?:that|що|что|had)(?!\w)" + (r"|(?<!\w)(?:to|of|in)(?!\w)" if subject else "")
        if re.search(apart, gap) or len(gap) > _NEAR:
            continue
        if subject is None and match.group().startswith(("was ", "were ", "has been", "have been")):
            return True
        is_body = subject is None and _is_a_body(before[-60:], words, frozenset({"official"}))
        if is_body and voice.actor is None:
            return True
        if _speaks_for_itself(folded, chain) or (subject is not None and subject.actor == voice.actor):
            return True
    return _fronted_deed(folded, words, chain, mentions, voice)


def _speaks_for_itself(folded: str, chain: Chain) -> bool:
    """`…, its ministry said`: the voice belongs to whom the sentence spoke of."""
    return any(_OWN_OFFICE.search(folded[: start + _BEFORE_VOICE + 1]) for start, _ in chain.stretches)


def _is_a_body(text: str, words: Lexicon, kinds: frozenset[str] = _OFFICES) -> bool:
    return any(kind in kinds and pattern.search(text) for pattern, kind, _ in words.voices)


# Between who acts and the deed: the rest of the name of who acts, no other clause.
_OTHER_CLAUSE = re.compile(r"[,;:\"“”?]|(?<!\w)(?:that|who|which|whose|if|when|after|before|as|by|to)(?!\w)")
_IN_PROGRESS = re.compile(rf"(?<!\w)(?:is|are) {_ADVERB}(\w{{2,}}ing)(?!\w)")
_PASSIVE = re.compile(r"(?<!\w)(?:was|were|is|are|be|been|being)\s(?:\w+ly\s)?$")
_OWN_PART = re.compile(r"^\W*(?:(?:\w+ )?of )?(?:its|their|our)\s")
_LONGEST_SUBJECT = 70  # characters; judgement


def _fronted_deed(
    folded: str, words: Lexicon, chain: Chain, mentions: list[Mention], voice: Attribution
) -> bool:
    """`Police in the port arrested three men, a police spokesman said`: who did it is who speaks of it."""
    match = _IN_PROGRESS.search(folded)
    if match is None or words.cues["idle_deed"].fullmatch(match[1]):
        match = next(iter(words.cues["deed"].finditer(folded)), None)
    if match is None or chain.covers(match.start()) or match.start() > _LONGEST_SUBJECT:
        return False
    before = folded[: match.start()]
    if _OTHER_CLAUSE.search(before) or _PASSIVE.search(before):
        return False
    if not any(start > match.end() for start, _ in chain.stretches):
        return False
    if _tells_of_the_enemy(folded, words) or words.find("negation", folded):
        return False
    if _OWN_PART.search(before) or (voice.actor is None and _JOINT.search(folded)):
        return True
    subject = next((each for each in mentions if each.end <= match.start()), None)
    if subject is None:
        return _is_a_body(before, words) and (
            voice.actor is None
            or _speaks_for_itself(folded, chain)
            or (" of " not in before and {each.actor for each in mentions} == {voice.actor})
        )
    if voice.actor is not None:
        return subject.actor == voice.actor
    return _speaks_for_itself(folded, chain) or (
        _is_the_office(folded, chain, match.end())
        and (
            len({each.actor for each in mentions}) == 1 or _shares_a_word(before, folded, chain, match.end())
        )
    )


def _is_the_office(folded: str, chain: Chain, place: int) -> bool:
    """`…, the aviation authority said`: beside the one state of a sentence this is an office of that state."""
    return any(
        start > place and folded[: start + _BEFORE_VOICE].endswith("the ") for start, _ in chain.stretches
    )


def _shares_a_word(before: str, folded: str, chain: Chain, place: int) -> bool:
    """`Customs officers seized …, the customs service said`."""
    said = " ".join(folded[start:end] for start, end in chain.stretches if start > place)
    return bool(set(_LONG_WORD.findall(before)) & set(_LONG_WORD.findall(said)))


_LONG_WORD = re.compile(r"\w{5,}")


_BEFORE_VOICE = 2  # characters of a stretch before the voice itself


# Orders and acts that need no author in their own sentence: `participants are to report`, `an inquiry has been opened`.
_FIXED = re.compile(
    r"(?:is|are|has|have|was|were|will|takes?|as of|with effect|reopens|begins|starts|ends|resumes|applies|expires"
    r"|оголош|ма[єю]|набу|объявл|обяз|долж|вступ|сьогодні|учора|сегодня|вчера)"
)
_WE = re.compile(r"(?<!\w)(?:we|our|they|ми|наш\w*|мы)(?!\w)")


def tells_own_will(
    folded: str,
    words: Lexicon,
    cues: Cues,
    mentions: list[Mention],
    owner: str | None,
    events: tuple[str, ...],
) -> bool:
    """Whether an actor's own statement tells what the actor did, ordered or fixed, not how the enemy fared."""
    if cues.has("negation") or cues.has("opinion") or cues.has("background") or cues.has("housekeeping"):
        return False
    if set(events) & {"DEMAND", "DENY", "RETRACT", "DISAPPROVE", "THREATEN"} or words.find(
        "enemy_loss", folded
    ):
        return False
    match = words.find("own_will", folded) or words.find("deed", folded)
    if match is None:
        return False
    before = folded[: match.start()]
    subjects = [each for each in mentions if each.end <= match.start()]
    if subjects:
        return owner is None or subjects[0].actor == owner
    return (
        _FIXED.match(match.group()) is not None
        or _WE.search(before) is not None
        or _is_a_body(before, words, frozenset({"official", "military"}))
    )
