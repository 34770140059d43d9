"""Quantities as intervals with their bound: `up to 800,000 troops` is (0, 800000], not 800,000."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from excomm.evidence.lexicon import Lexicon, lexicon
from excomm.evidence.model import Bound, Quantity
from excomm.evidence.settings import default_credibility

__all__ = ["parse_size", "quantities"]

_DIGITS = r"\d{1,3}(?:[ ,.\u00a0\u202f’']\d{3})+(?![\d])|\d+(?:[.,]\d+)?"
_CURRENCY = {"$": "USD", "€": "EUR", "£": "GBP", "₽": "RUB", "₴": "UAH"}
_MARKUP = re.compile(r"[*_`#]")
_PEOPLE = {"people", "troops"}


@lru_cache(maxsize=4)
def _pattern(language: str) -> re.Pattern[str]:
    words = lexicon(language)
    word = rf"(?:{words.number_pattern})(?!\w)"
    # `twenty-eight` is one number; `дві-три` is a range.
    joint = "[ -]" if language == "en" else " "
    number = rf"(?:[$€£₽₴] ?)?(?:{_DIGITS}|{word}(?:{joint}{word}){{0,2}})"
    scale = rf"(?:[ -]?(?:{words.multiplier_pattern})(?!\w))?"
    # `two thousand three hundred`: what follows the scale in words is added to it.
    rest = rf"(?: (?P<ar>{word}(?:{joint}{word}){{0,2}}))?"
    return re.compile(
        rf"(?<![\w.,:/-])(?P<a>{number})(?P<am>{scale}){rest}"
        rf"(?:\s?(?P<link>-|–|—|to|and|до|і|та|и)\s?(?P<b>{number})(?P<bm>{scale}))?"
    )


@lru_cache(maxsize=4)
def _after(language: str) -> re.Pattern[str]:
    words = lexicon(language)
    return re.compile(rf"\s*-?(?P<fill>(?:[^\W\d][\w'’-]*\s+){{0,4}}?)(?P<unit>{words.any_unit})(?!\w)")


_DIGIT = re.compile(r"\d")


@lru_cache(maxsize=4)
def _spelled_number(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){lexicon(language).number_pattern}(?!\w)")


@lru_cache(maxsize=4)
def _months(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(str, lexicon(language).raw['months']))})(?!\w)")


def _value(text: str, scale: str, words: Lexicon) -> float | None:
    bare = text.strip().lstrip("$€£₽₴ ").strip()
    if bare[:1].isdigit():
        if re.fullmatch(r"\d{1,3}(?:[ ,.\u00a0\u202f’']\d{3})+", bare):
            number = float(re.sub(r"\D", "", bare))
        else:
            number = float(bare.replace(",", "."))
    else:
        spelled = _spelled(bare, words)
        if spelled is None:
            return None
        number = spelled
    factor = scale.strip(" -")
    if factor:
        number *= next((value for pattern, value in words.multipliers if pattern.fullmatch(factor)), 1.0)
    return number


def _spelled(bare: str, words: Lexicon) -> float | None:
    """A number in words (`twenty-eight`, `two hundred thirty one`): each part fills zeros of the one before."""
    whole = next((value for pattern, value in words.number_words if pattern.fullmatch(bare)), None)
    if whole is not None:
        return whole
    total, last = 0.0, math.inf
    for part in re.split(r"[ -]", bare):
        value = next((each for pattern, each in words.number_words if pattern.fullmatch(part)), None)
        if value is None or (last < math.inf and (last < 20 or value >= 10 ** (len(str(int(last))) - 1))):
            return None
        total, last = total + value, value
    return total


_BOUNDS: tuple[Bound, ...] = ("upto", "atleast", "about")


def _bound_before(before: str, words: Lexicon) -> tuple[Bound, str] | None:
    found = [(match, name) for name in _BOUNDS if (match := words.bounds[name].search(before))]
    if not found:
        return None
    match, name = min(found, key=lambda pair: pair[0].start())
    return name, match.group().strip()


def _unit(name: str, words: Lexicon) -> str | None:
    return next((unit for unit, pattern in words.units if pattern.fullmatch(name)), None)


def quantities(
    text: str, folded: str, words: Lexicon, offset: int = 0, *, bare: str | None = None
) -> tuple[Quantity, ...]:
    """All numbers with a unit in one sentence, in order; spans are shifted by `offset`.

    bare: unit of a million or more that stands without one, where what is spoken of has it: "would cost 12 billion".

    A number without a unit is left out: dates, times, ordinals, names. Limits: numbers up to three words on each
    side of a scale word; a unit stands within four words after its number.
    """
    if not _DIGIT.search(folded) and not _spelled_number(words.language).search(folded):
        return ()
    plain = _MARKUP.sub(" ", folded)
    found: list[Quantity] = []
    open_counts: list[tuple[float, str, int, int]] = []
    for match in _pattern(words.language).finditer(plain):
        low = _value(match["a"], match["am"] or "", words)
        if low is None:
            continue
        rest = _value(match["ar"], "", words) if match["ar"] and match["am"] else None
        if match["ar"] and (rest is None or rest >= 1000):
            continue
        low += rest or 0.0
        before, end = plain[max(0, match.start() - 30) : match.start()], match.end()
        high = _value(match["b"], match["bm"] or "", words) if match["b"] else None
        link = match["link"]
        if match["b"] and (high is None or not _is_range(link, before, words.language)):
            high, end = None, match.end("am")
        if high is not None and match["bm"] and not match["am"] and low < high:
            factor = high / max(_value(match["b"], "", words) or 1.0, 1e-9)
            low = low * factor if low * factor < high else low
        unit, unit_end = _unit_after(plain, end, match.group(), words)
        if unit is None and high is None and _FORCE_OF.search(before):
            unit, unit_end = "troops", end  # `a force of 60,000`
        if _NOT_A_SINGLE.search(before + match["a"]):
            continue
        if unit is None and words.language == "en" and _DIGITS_ONLY.fullmatch(match["a"]):
            thing = _THING.match(plain, end)
            if thing and not _PARTIES.match(thing[1]):
                unit, unit_end = _unit(thing[1], words) or thing[1], thing.end()
        if unit is None and words.language == "en" and _SPELLED.fullmatch(match["a"]):
            thing = _THING_IN_WORDS.match(plain, end)
            if thing and not _PARTIES.match(thing[1]) and not _NO_THING.fullmatch(thing[1]):
                unit, unit_end = _unit(thing[1], words) or thing[1], thing.end()
        if unit is None and bare is not None and low >= 1e6:
            unit, unit_end = bare, end
        if unit is None:
            counted = _of_total(plain, end, words)
            if counted:
                open_counts.append((low, before, match.start(), end))
            continue
        if _is_name_or_time(unit, low, high, match, words.language):
            continue
        unit = _fate(unit, plain, match.start(), unit_end, words)
        for part, part_before, start, part_end in open_counts:
            found.append(_quantity(part, None, unit, part_before, start, part_end, text, offset, words))
        open_counts.clear()
        found.append(_quantity(low, high, unit, before, match.start(), unit_end, text, offset, words))
    return tuple(found)


_FORCE_OF = re.compile(
    r"(?<!\w)(?:force|forces|contingent|army|garrison|corps|detachment|контингент\w*|угрупован\w+|гарнізон\w*"
    r"|группировк\w+|гарнизон\w*)(?: of| з| із| из| [ву])"
    r"(?: (?:up to|about|some|at least|around|до|около|близько))? $"
)
# Any other thing that is counted in figures: its noun is the unit. Parties to the matter (`two sides`) are no amount.
_THING = re.compile(
    r" (?:(?!(?:also|only|of|in|to|on|at|for|and|or|per|from|by|the|is|was|are|were)\b)[a-z][a-z-]+ ){0,2}?"
    r"(?:of (?:the|its|his|her|their|these) )?"
    r"(?!(?:this|was|is|has|its|as|times|towards|yards|versus|ages|his|us|plus|across|perhaps|always|afterwards"
    r"|appears|shows|means|says|speaks|includes|belongs|covers|takes|comes|goes|remains|makes|gives|needs"
    r"|months|days|hours|minutes|seconds)\b)((?:[a-z]+-)?[a-z]{3,}s)(?![\w'])"
)
# A small number in words counts things likewise, where its noun stands right after it.
_THING_IN_WORDS = re.compile(
    r" (?:(?:new|old|other|more|further|senior|former|young|large|small) )?(?:[a-z]+-)?([a-z]{4,}s)(?![\w'])"
)
_SPELLED = re.compile(r"three|four|five|six|seven|eight|nine|ten|eleven|twelve")
_DIGITS_ONLY = re.compile(r"\d[\d, ]*")
_PARTIES = re.compile(
    r"(?:side|country|countrie|government|capital|armie|partie|state|leader|minister|source|official|president"
    r"|power|week|year|nation|other|reason|account|version|report|statement|thing)s?$"
)
_NOT_A_SINGLE = re.compile(r"(?<!\w)(?:not (?:a single|one)|no one)$")
_NO_THING = re.compile(
    r"days|weeks|months|years|hours|minutes|times|points|others|ones|percent|degrees|decades|metres|miles"
)


_FORMATIONS = {"brigades", "battalions", "divisions"}


def _is_name_or_time(unit: str, low: float, high: float | None, match: re.Match[str], language: str) -> bool:
    """Years, times of day (`10.30 часов`) and numbered formations (`128 бригады`) are not quantities."""
    if unit == "years":
        return (
            low > 1900
            or re.match(r"-old|s? (?:of age|old)", match.string[match.end() + 1 + len("year") :]) is not None
        )
    if unit == "hours":
        return re.search(r"\d{1,2}[.:]\d{2}", match["a"]) is not None
    return (
        language != "en" and unit in _FORMATIONS and high is None and low >= 20 and match["a"][:1].isdigit()
    )


def _is_range(link: str, before: str, language: str) -> bool:
    if link in {"and", "і", "та", "и"}:
        return bool(re.search(r"(?:between|між|между)\s+(?:an? )?$", before)) and language in {
            "en",
            "uk",
            "ru",
        }
    return True


def _unit_after(plain: str, end: int, number: str, words: Lexicon) -> tuple[str | None, int]:
    rest = plain[end : end + 90]
    if re.match(r"-?(?:(?:st|nd|rd|th|й|я|го|му|м|х|ї|а|мм|mm)(?!\w)|мил|міл|milli)", rest):
        return None, end
    currency = _CURRENCY.get(number.strip()[:1])
    if currency:
        return currency, end
    follow = _after(words.language).match(rest)
    if follow is None:
        return None, end
    if re.search(r"[^\w\s'’-]", follow["fill"]) or re.search(rf"(?<!\w){words.of}(?!\w)", follow["fill"]):
        return None, end
    fill = follow["fill"].split()
    if "the" in fill:
        return None, end
    if any(words.cues["locative"].fullmatch(each) for each in fill) or _months(words.language).search(
        follow["fill"]
    ):
        return None, end
    return _unit(follow["unit"], words), end + follow.end()


def _of_total(plain: str, end: int, words: Lexicon) -> bool:
    return bool(re.match(rf"\s+{words.of}\s+(?:(?:the|its|their)\s+)?[\d$€]", plain[end : end + 20]))


def _fate(unit: str, plain: str, start: int, end: int, words: Lexicon) -> str:
    """People who were killed, wounded or lost are counted as such."""
    if unit not in _PEOPLE:
        return unit
    after = re.split(r"[,;:.]|\band\b|\bта\b|\bи\b", plain[end : end + 40])[0]
    clause = re.split(r"[,;:.]", plain[max(0, start - 45) : start])[-1]
    for name, fate in (("killed_verb", "killed"), ("wounded_verb", "wounded"), ("lost_verb", "casualties")):
        if words.cues[name].search(after) or words.cues[name].search(clause):
            return fate
    return unit


def _quantity(
    low: float,
    high: float | None,
    unit: str,
    before: str,
    start: int,
    end: int,
    text: str,
    offset: int,
    words: Lexicon,
) -> Quantity:
    where = (offset + start, offset + end)
    if high is not None and high >= low:
        return Quantity(low, high, unit, text[start:end].strip(), "range", *where)
    bound = _bound_before(before, words)
    if bound is None:
        return Quantity(low, low, unit, "", "exact", *where)
    name, cue = bound
    if name == "upto":
        return Quantity(0.0, low, unit, cue, "upto", *where)
    if name == "atleast":
        return Quantity(low, None, unit, cue, "atleast", *where)
    slack = default_credibility().number("about", "relative")
    return Quantity(low * (1 - slack), low * (1 + slack), unit, cue, "about", *where)


def parse_size(text: object) -> tuple[float, str | None] | None:
    """Number and unit of a size as a case writes it: `5000 troops`, `800 thousand troops`, 5000."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return float(text), None
    words = lexicon("en")
    match = re.fullmatch(
        rf"\s*({_DIGITS})\s*((?:{words.multiplier_pattern})(?!\w))?\s*(.*?)\s*", fold_size(str(text))
    )
    if match is None:
        return None
    value = _value(match[1], match[2] or "", words)
    return None if value is None else (value, _unit(match[3], words) or match[3] or None)


def fold_size(text: str) -> str:
    """Lower case without surrounding blanks."""
    return text.strip().lower()
