"""Times as intervals that keep the granularity of the words: `in March` is a month, not a day."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from functools import lru_cache

from excomm.evidence.lexicon import Lexicon, lexicon
from excomm.evidence.model import TimeInterval

__all__ = ["time_of"]

_SEASONS = {1: (3, 5), 2: (6, 8), 3: (9, 11), 4: (12, 2)}


@lru_cache(maxsize=4)
def _patterns(language: str) -> dict[str, re.Pattern[str]]:
    raw = lexicon(language).raw

    def group(key: str) -> str:
        return "|".join(sorted(map(str, raw[key]), key=len, reverse=True))

    months, year = group("months"), r"(?P<year>(?:19|20|21)\d\d)"
    return {
        "iso": re.compile(r"(?<!\d)(?P<year>(?:19|20|21)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"),
        "dotted": re.compile(r"(?<![\d.])(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<year>(?:19|20|21)\d\d)(?!\d)"),
        "day": re.compile(
            rf"(?<!\w)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month>{months})(?!\w)(?:,?\s+{year})?"
        ),
        "day2": re.compile(
            rf"(?<!\w)(?P<month>{months})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\w)(?:,?\s+{year})?"
        ),
        "month": re.compile(rf"(?<!\w)(?P<lead>\w+)\s+(?P<month>{months})(?!\w)(?:\s+{year})?"),
        "season": re.compile(
            rf"(?<!\w)(?:(?P<lead>\w+)\s+)?(?P<season>{group('seasons')})(?!\w)(?:\s+{year})?"
        ),
        "weekday": re.compile(rf"(?<!\w)(?P<weekday>{group('weekdays')})(?!\w)"),
        "relative": re.compile(rf"(?<!\w)(?P<day>{group('days')})(?!\w)"),
        "span": re.compile(rf"(?<!\w)(?P<span>{group('spans')})(?!\w)"),
        "year": re.compile(rf"(?<![\w.,-]){year}(?![\w-])"),
    }


def _entry(table: dict[str, object], word: str) -> object:
    if word in table:
        return table[word]
    return next(value for key, value in table.items() if re.fullmatch(str(key), word))


def time_of(folded: str, words: Lexicon, published: date | None) -> tuple[TimeInterval | None, str | None]:
    """The interval that a sentence speaks of, and a reason where it gives none.

    Words that depend on the report's date (`on Tuesday`) need one: without it the slot stays empty.
    """
    patterns = _patterns(words.language)
    for name in ("iso", "dotted", "day", "day2", "relative", "span", "weekday", "month", "season", "year"):
        for match in patterns[name].finditer(folded):
            if (
                name == "month"
                and match["month"] == "may"
                and match["lead"] not in {"in", "last", "next", "by", "since", "until"}
            ):
                continue
            if name == "year" and not re.search(
                r"(?:in|by|since|before|until|during|у|в|з|с|до|к|of)\s+$", folded[: match.start()]
            ):
                continue
            try:
                interval = _interval(name, match, words, published)
            except (ValueError, OverflowError, StopIteration):
                continue
            if interval is None:
                return None, f"time: “{match.group().strip()}” needs the report's date"
            return _bounded(
                interval, folded[: match.start("month") if name == "month" else match.start()], words
            ), None
    return None, None


def _interval(name: str, match: re.Match[str], words: Lexicon, published: date | None) -> TimeInterval | None:
    cue, raw = match.group().strip(), words.raw
    found = match.groupdict()
    year = int(found["year"]) if found.get("year") else (published.year if published else None)
    if name in {"iso", "dotted", "day", "day2"}:
        if year is None:
            return None
        month = int(found["m"]) if found.get("m") else int(str(_entry(raw["months"], found["month"] or "")))
        return _day(date(year, month, int(found["d"] or 1)), cue)
    if name == "month":
        if year is None:
            return None
        month = int(str(_entry(raw["months"], found["month"] or "")))
        return TimeInterval(
            date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month", cue
        )
    if name == "season":
        if year is None:
            return None
        first, last = _SEASONS[int(str(_entry(raw["seasons"], found["season"] or "")))]
        end_year = year + (last < first)
        return TimeInterval(
            date(year, first, 1), date(end_year, last, calendar.monthrange(end_year, last)[1]), "season", cue
        )
    if name == "year":
        return TimeInterval(
            date(int(found["year"] or 0), 1, 1), date(int(found["year"] or 0), 12, 31), "year", cue
        )
    if published is None:
        return None
    if name == "relative":
        return _day(published + timedelta(days=int(str(_entry(raw["days"], found["day"] or "")))), cue)
    if name == "weekday":
        back = (published.weekday() - int(str(_entry(raw["weekdays"], found["weekday"] or "")))) % 7
        return _day(published - timedelta(days=back), cue)
    return _span(_entry(raw["spans"], found["span"] or ""), published, cue)


def _span(rule: object, published: date, cue: str) -> TimeInterval:
    assert isinstance(rule, list)
    unit, shift = str(rule[0]), int(rule[1])
    if unit == "week":
        start = published - timedelta(days=published.weekday()) + timedelta(weeks=shift)
        return TimeInterval(start, start + timedelta(days=6), "week", cue)
    if unit == "month":
        index = published.year * 12 + published.month - 1 + shift
        year, month = divmod(index, 12)
        return TimeInterval(
            date(year, month + 1, 1),
            date(year, month + 1, calendar.monthrange(year, month + 1)[1]),
            "month",
            cue,
        )
    return TimeInterval(date(published.year + shift, 1, 1), date(published.year + shift, 12, 31), "year", cue)


def _day(day: date, cue: str) -> TimeInterval:
    return TimeInterval(day, day, "day", cue)


def _bounded(interval: TimeInterval, before: str, words: Lexicon) -> TimeInterval:
    """`by March` has an open start, `since March` an open end."""
    word = re.search(r"((?:\w+\s+){0,2}\w+)\s+(?:the\s+)?$", before)
    if word is None:
        return interval
    tail = word.group(1)
    for cue in (tail, tail.split()[-1]):
        if words.cues["before"].fullmatch(cue):
            return TimeInterval(None, interval.end, interval.granularity, f"{cue} {interval.cue}")
        if words.cues["after"].fullmatch(cue) and cue not in {"from", "з", "с", "від", "от"}:
            return TimeInterval(interval.start, None, interval.granularity, f"{cue} {interval.cue}")
    return interval
