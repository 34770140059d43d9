"""Amounts that an assertion states, held against the draws of the quantity that they are of.

An amount is read as the text bounds it ("fewer than", "more than"), else by the side that the text takes: at least that
much, or less than that. It is tested only where its unit fits the outcome or parameter and its bound fits that side.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np

from excomm.audit.clauses import MODAL
from excomm.audit.figures import Figures
from excomm.audit.held import Floats, Held
from excomm.audit.meaning import SIGNED, amount, below, lowered, monte_carlo, spread
from excomm.audit.model import Amount
from excomm.audit.plain_words import negations
from excomm.audit.reading import Stated
from excomm.evidence.extraction.quantities import quantities
from excomm.evidence.lexicon import fold, lexicon
from excomm.evidence.model import Quantity
from excomm.quantities import OUTCOMES
from excomm.units import DAYS_PER_WEEK, WEEKS_PER_MONTH, WEEKS_PER_YEAR

__all__ = ["hold_amount_alone", "hold_amounts"]

_WEEKS = {
    "minutes": 1 / 10_080,
    "hours": 1 / 168,
    "days": 1 / DAYS_PER_WEEK,
    "weeks": 1.0,
    "months": WEEKS_PER_MONTH,
    "years": WEEKS_PER_YEAR,
}
_ONE = re.compile(
    r"(?<!\w)(?P<cue>within|inside|in|before|for|per|over|each|every)?\s*"
    r"(?:(?:a|an|one|the (?:first|next|coming)|each|every)\s)?"
    r"(?P<unit>hour|day|week|month|year)(?!\w)"
)
_BY = re.compile(
    r"(?<!\w)(?:within|inside|in|in (?:under|less than)|before)(?: the (?:first|next|coming))? $"
)
_NOW = re.compile(
    r"(?<!\w)(?:(?:this|the current) (?:week|month|quarter|year|spring|summer|autumn|winter|season)"
    r"|(?:this|the) past (?:week|month|quarter|year)|last (?:week|month|quarter|year))(?!\w)"
)
# Unit of the model -> unit of the text -> what one of it is.
_FACTORS: Mapping[str, Mapping[str, float]] = {
    "people": {"killed": 1.0, "wounded": 1.0, "troops": 1.0, "people": 1.0},
    "thousand people": {"people": 1e-3},
    "troops": {"troops": 1.0},
    "km2": {"km2": 1.0},
    "bn USD": {"USD": 1e-9},
    "share": {"percent": 1e-2},
    "GW": {"MW": 1e-3},
    "weapons": {"drones": 1.0, "missiles": 1.0},
    "interceptors": {"missiles": 1.0},
}
_FATES = {
    "killed": "killed",
    "deaths": "killed",
    "wounded": "wounded",
}  # beginning of an outcome's id -> fate
_DYING = re.compile(
    r"(?<!\w)(?:die|dies|dying|died|dead|deaths?|kill\w*|fall|fallen|perish\w*|los(?:e|es|t|ing)|lives|coffins?|fatalit\w+"
    r"|body bags?)(?!\w)"
)
_LOSING = re.compile(
    r"(?<!\w)(?:los(?:e|es|t|ing|s)|losses|cedes?|gives? up|forfeits?|surrenders?|shrinks?)(?!\w)"
)
_CHANGING = re.compile(
    r"(?<!\w)(?:by|gr[eo]w\w*|shr[aiu]nk\w*|shrinks?|f[ae]ll\w*|r[io]se\w*|rising|contract\w*|drop\w*)(?: \w+){0,3} $"
)
_FOREIGN_MONEY = frozenset({"EUR", "GBP", "RUB", "UAH"})
# What no figure of a model is a count of, however it is counted in the text.
_NO_AMOUNT = frozenset({"ways", "settlements", "camps", "bridges", "flights", "metres"})
_ADDED = frozenset({"cost_alliance"})  # a text prices what a step adds, not all that is paid; judgement
_CEILINGS = ("up to", "as many as", "as much as")  # what no negation turns round
_NEAR = 0.1  # share by which a stated time may differ from the model's and still be the same; judgement


def hold_amounts(stated: Stated, held: Held, figures: Figures) -> tuple[Held, tuple[Amount, ...]]:
    """The statement with the first amount of it that can be tested, and what became of each amount.

    Without such an amount the statement is returned as it was. A time limit makes the amount, or the event, one of that
    time: events are tested at a constant rate over the horizon, amounts only where the model has that time.
    """
    if held.option is None or stated.topic is None:
        return held, ()
    amounts, times = _stated_in(stated, held)
    kept: list[Amount] = []
    found = held
    answer: Held | str | None
    for one in amounts:
        answer = "another amount of the sentence was tested"
        if found is held:
            answer = _tested(stated, one, times, held, figures)
        if not isinstance(answer, str):
            found = answer
        kept.append(_kept(one, stated, answer))
    if not amounts:
        for time in times:
            answer = _by(stated, time, held, figures)
            if answer is None:
                continue
            if not isinstance(answer, str) and found is held:
                found = answer
            kept.append(_kept(time, stated, answer))
    return found, tuple(kept)


def hold_amount_alone(stated: Stated, figures: Figures) -> tuple[Held, tuple[Amount, ...]] | None:
    """An amount of an outcome that the model has, where the statement without it has no meaning; None where none fits.

    "The adversary would lose 200,000 soldiers" of the reference option compares that option with nothing.
    """
    topic = stated.topic
    if topic is None or topic.target not in figures.outcomes or topic.meaning.kind == "unmodelled":
        return None
    option = stated.option or figures.reference
    if option not in figures.options:
        return None
    outcome = OUTCOMES[str(topic.target)]
    blank = Held(
        outcome.id, option, None, 0.0, 0.0, 0.0, False, None, None, outcome.unit, "", "",
        figures.grades.get((outcome.id, option)),
    )  # fmt: skip
    found, amounts = hold_amounts(stated, blank, figures)
    return None if found is blank else (found, amounts)


def _kept(one: Quantity, stated: Stated, answer: Held | str) -> Amount:
    return Amount(
        quote=stated.quote[one.start : one.end],
        start=stated.start + one.start,
        end=stated.start + one.end,
        low=one.low,
        high=one.high,
        unit=one.unit,
        tested=not isinstance(answer, str),
        because=answer if isinstance(answer, str) else "",
    )


def _stated_in(stated: Stated, held: Held) -> tuple[list[Quantity], list[Quantity]]:
    """Amounts and times of the quote, with places in it; a figure that is the text's probability is neither."""
    words, folded = lexicon("en"), fold(stated.quote)
    bare = "USD" if held.unit == "bn USD" else None
    units = {name for name, _ in words.units}
    amounts: list[Quantity] = []
    times: list[Quantity] = []
    for one in quantities(stated.quote, folded, words, bare=bare):
        if stated.word is not None and stated.word.scale == "figure":
            start, end = stated.word.span
            if stated.start + one.start < end and start < stated.start + one.end:
                continue
        if one.unit in _WEEKS:
            times.append(one)
        elif (
            one.unit in units | _FOREIGN_MONEY
            and one.unit not in _NO_AMOUNT
            and (one.low, one.high) != (1, 1)
        ):
            amounts.append(one)
    for match in _ONE.finditer(folded):
        if match["cue"] or re.search(
            r"(?<!\w)(?:a|an|one|each|every|first|next|coming)\s$", folded[: match.start("unit")]
        ):
            start, end = match.span("unit")
            if not any(time.start <= start < time.end for time in times):
                begin = match.start() + len(match["cue"] or "")
                begin += len(folded[begin:start]) - len(folded[begin:start].lstrip())
                times.append(Quantity(1.0, 1.0, f"{match['unit']}s", "", "exact", begin, end))
    return amounts, sorted(times, key=lambda time: time.start)


def _weeks(time: Quantity) -> float:
    return float(time.high or time.low or 0.0) * _WEEKS[time.unit]


def _side(stated: Stated, target: str) -> str:
    """Side of a target that the text claims, before its probability word."""
    assert stated.topic is not None
    if stated.topic.also.get(target) == "opposite":
        return "lower" if stated.side == "higher" else "higher"
    return stated.side


def _tested(stated: Stated, one: Quantity, times: list[Quantity], held: Held, figures: Figures) -> Held | str:
    topic = stated.topic
    assert topic is not None
    if topic.meaning.kind in ("rank", "versus", "exceeds"):
        return "the statement compares, and no amount of it is modelled"
    quote = fold(stated.quote)
    piece = one.end + len(re.split(r"[,;:]", quote[one.end :])[0])
    if held.target in OUTCOMES and stated.word is None and not MODAL.search(quote[:piece]):
        return "it is not said of what would come"  # what is so today, or was, is no figure of the horizon
    if re.search(r"(?<!\w)(?:out )?of (?:the |some |its |their )?$", quote[: one.start]):
        return "it is what the text measures against"
    now = _elsewhere(stated, one, held.target, figures)
    if now is not None:
        return now
    reasons: list[str] = []
    for target in dict.fromkeys((held.target, *topic.also)):
        fitted = _fitted(one, target, quote, figures)
        if isinstance(fitted, str):
            reasons.append(fitted)
            continue
        horizon = _horizon(target, figures)
        for time in times:
            if abs(_weeks(time) / horizon - 1.0) > _NEAR:
                told = stated.quote[time.start : time.end]
                return f"it stands beside “{told}”, the model's figure is that of {horizon:g} weeks"
        return _against(stated, one, target, fitted, held, figures)
    return reasons[0]


def _elsewhere(stated: Stated, one: Quantity, target: str, figures: Figures) -> str | None:
    """Why an amount of "this year" is none of the horizon; None where its clause names no such time, or one as long."""
    quote, horizon = fold(stated.quote), _horizon(target, figures)
    start = max(quote.rfind(mark, 0, one.start) for mark in ",;:") + 1
    end = one.end + len(re.split(r"[,;:]", quote[one.end :])[0])
    named = _NOW.search(quote[start:end])
    if named is None or target not in OUTCOMES:
        return None
    today = figures.case.as_of
    left = (date(today.year, 12, 31) - today).days / DAYS_PER_WEEK
    if named[0].endswith(("this year", "current year")) and abs(left / horizon - 1.0) <= _NEAR:
        return None
    told = stated.quote[start + named.start() : start + named.end()]
    return f"it stands beside “{told}”, the model's figure is that of {horizon:g} weeks"


def _horizon(target: str, figures: Figures) -> float:
    after = re.search(r"_(\d+)$", target)
    return float(after[1]) if after else float(figures.case.horizon_weeks)


def _fitted(one: Quantity, target: str, quote: str, figures: Figures) -> float | str:
    """What one unit of the text is in the unit of the target, or why it does not fit."""
    unit = OUTCOMES[target].unit if target in OUTCOMES else figures.case.parameter(target).unit
    if one.unit in _FOREIGN_MONEY and unit == "bn USD":
        return "the model counts in US dollars"
    if (
        unit == "index"
        and one.unit == "percent"
        and "1 at the information date" in OUTCOMES[target].definition
    ):
        # "shrinks by 10 per cent", not "with interest at 21 per cent"
        return 1e-2 if _CHANGING.search(quote[: one.start]) else "it is not said to be a change of this"
    factor = _FACTORS.get(unit, {}).get(one.unit)
    fate = _FATES.get(target.partition("_")[0])
    if unit == "probability" and one.unit == "percent":
        return "it is not said to be a probability or risk"
    if factor is None or (unit == "people" and fate is None):
        return f"what was tested is not counted in {'per cent' if one.unit == 'percent' else one.unit}"
    if one.unit in ("killed", "wounded") and one.unit != fate:
        return f"what was tested does not count the {one.unit}"
    if fate == "killed" and one.unit in ("troops", "people"):
        near = re.split(r"[,;:]", quote[one.end : one.end + 50])[0]
        before = re.split(r"[,;:]", quote[max(0, one.start - 40) : one.start])[-1]
        if not (_DYING.search(near) or _DYING.search(before)):
            return "the text does not say that so many die"
    if fate == "wounded" and one.unit in ("troops", "people"):
        return "the text does not say that so many are wounded"
    return factor


def _claim(stated: Stated, one: Quantity, side: str, target: str) -> tuple[str, float] | None:
    """Side and level [unit of the text] that the amount claims; None where the text's own side is another."""
    low, high = one.low or 0.0, one.high or one.low or 0.0
    sign = 1.0
    if target in SIGNED and _LOSING.search(fold(stated.quote)):
        sign = -1.0  # to lose 500 is to stand at -500, to lose less is to stand higher
    claimed = {"upto": "lower", "atleast": "higher"}.get(one.bound)
    if claimed is None:
        return side, sign * (low if (side == "higher") == (sign > 0) else high)
    level = high if claimed == "lower" else low
    if sign < 0:
        claimed = "lower" if claimed == "higher" else "higher"
    # "will not cost less than 12 billion": what negates the bound stands before it, apart from its own words.
    # Nothing negates "up to 800,000": "from doing nothing more to a force of up to 800,000" bounds it from above.
    before = re.split(r"[,;:]", stated.quote[: one.start])[-1]
    if not one.cue.lower().startswith(_CEILINGS) and (negations(before) - negations(one.cue)) % 2 == 1:
        claimed = "lower" if claimed == "higher" else "higher"
    if claimed != side:
        return None
    return claimed, sign * level


def _against(
    stated: Stated, one: Quantity, target: str, factor: float, held: Held, figures: Figures
) -> Held | str:
    side = _side(stated, target)
    claim = _claim(stated, one, side, target)
    if claim is None:
        return "whether the text means more or less than that is not clear"
    claimed, level = claim[0], claim[1] * factor
    option = str(held.option)
    at = figures.place(option)
    word = "at least" if claimed == "higher" else "below"
    source = "the text's own amount"
    if target in figures.parameters:
        values = figures.parameters[target][at]
        stood = figures.case.parameter(target, option)
        holds = (values >= level if claimed == "higher" else values < level).astype(float)
        low, high = stood.bounds
        region = (level, high) if claimed == "higher" else (low, float(np.nextafter(level, -np.inf)))
        told = f"{lowered(stood.meaning)} is {word} {amount(level, stood.unit)}, under {option}"
        return _with(held, target, holds, values, None, stood.unit, told, source, region=region)
    outcome = OUTCOMES[target]
    values, noise = figures.outcomes[target][at], figures.random[target][at] / figures.replicates
    if target in _ADDED and option != figures.reference:
        base = figures.outcomes[target][figures.place(figures.reference)]
        difference = values - base
        holds = (difference >= level if claimed == "higher" else difference < level).astype(float)
        told = f"{lowered(outcome.label)} is {word} {amount(level, outcome.unit)} more under {option} than under "
        told += figures.reference
        granted = (
            np.maximum(values, base + level) if claimed == "higher" else np.minimum(values, base + level)
        )
        return _with(held, target, holds, difference, noise, outcome.unit, told, source, granted=granted)
    shown = amount(level, outcome.unit)
    if outcome.unit == "index":
        if one.bound == "upto":
            return "whether the text means more or less than that is not clear"
        level = 1.0 + level if claimed == "higher" else 1.0 - level
        shown = f"{level:.0%} of what it was at the information date"
    under = below(values, figures.random[target][at], level, signed=target in SIGNED)
    holds = under if claimed == "lower" else 1.0 - under
    granted = np.maximum(values, level) if claimed == "higher" else np.minimum(values, level)
    told = f"{lowered(outcome.label)} under {option} is {word} {shown}"
    return _with(held, target, holds, values, noise, outcome.unit, told, source, granted=granted)


def _with(
    held: Held,
    target: str,
    holds: Floats,
    values: Floats,
    noise: Floats | None,
    unit: str,
    statement: str,
    source: str,
    *,
    region: tuple[float, float] | None = None,
    granted: Floats | None = None,
) -> Held:
    probability, p05, p95 = monte_carlo(holds)
    return replace(
        held, target=target, holds=holds, probability=probability, p05=p05, p95=p95, is_event=False, values=values,
        noise=noise, unit=unit, statement=statement, source=source, region=region, granted=granted,
    )  # fmt: skip


def _by(stated: Stated, time: Quantity, held: Held, figures: Figures) -> Held | str | None:
    """An event within a stated time, at a constant rate over the horizon; None where the time adds nothing."""
    weeks, horizon = _weeks(time), float(figures.case.horizon_weeks)
    before = fold(stated.quote)[: time.start]
    limits = time.bound == "upto" or _BY.search(before) is not None
    # "Within a month it would …" or "it would … within a month", not "who took a town in a week might …"
    limits = limits and (MODAL.search(before) is not None or len(before) < len("within the first "))
    outcome = OUTCOMES.get(held.target)
    if not limits or outcome is None or outcome.kind == "share" or held.values is None:
        return None
    if abs(weeks / _horizon(held.target, figures) - 1.0) <= _NEAR:
        return None
    if (
        not held.is_event
        or not held.target.endswith("_probability")
        or held.target == "consensus_probability"
    ):
        return f"the model's figure is that of {_horizon(held.target, figures):g} weeks"
    if weeks > horizon:
        return f"the model looks {horizon:g} weeks ahead"
    values = 1.0 - (1.0 - held.values) ** (weeks / horizon)
    holds = values if stated.side == "higher" else 1.0 - values
    probability, p05, p95 = spread(holds)
    return replace(
        held, holds=holds, probability=probability, p05=p05, p95=p95, values=values, noise=None, granted=None,
        statement=f"{held.statement}, within “{stated.quote[time.start : time.end]}” ({weeks:.3g} weeks)",
        source=f"{held.source}; a constant rate over the {horizon:g} weeks of the horizon (assumption)",
    )  # fmt: skip
