"""The grammar of priors: "10 to 40 km2/week", "beta(2, 8) share", "lognormal(p05=1, p50=2, p95=9) weeks" …"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import NoReturn

from excomm.case.distributions import (
    Beta,
    Fixed,
    LogitNormal,
    LogNormal,
    Normal,
    Prior,
    Triangular,
    Uniform,
    spell_number,
)
from excomm.case.prior_advice import (
    FORMS,
    NUMBER,
    QuantityError,
    advise_on_unit,
    advise_within,
    not_a_quantity,
    read_points_as_thousands,
    short,
)
from excomm.case.priors import Choice, Converted, Mixture, truncate
from excomm.case.units_table import Conversion, Unit, conversion, parse_unit
from excomm.errors import CaseError

__all__ = ["FORMS", "QuantityError", "parse_interval", "parse_prior", "split_quantity"]

_FIXED = re.compile(rf"({NUMBER})(?:\s*(?=[/%])|\s+|$)(.*)")
_INTERVAL = re.compile(rf"({NUMBER})\s+to\s+({NUMBER})(?:\s*(?=[/%])|\s+|$)(.*)")
_FUNCTION = re.compile(r"([a-z][a-z0-9_-]*)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*(.*)")
Parse = Callable[[str, Conversion, Unit], Prior]


def parse_prior(
    stated: str | int | float,
    unit: str,
    *,
    stated_unit: str | None = None,
    bounds: tuple[float, float] | None = None,
) -> Prior:
    """Prior of a parameter that is declared in `unit`.

    Parameters
    ----------
    stated
        A number, or text in the grammar above. Its unit follows it or is `stated_unit`; a bare number is
        accepted for shares, probabilities, ratios, indices and logits, which cannot be meant otherwise.
    bounds
        Hard limits in `unit`; shares and probabilities have 0 and 1 where none are given.

    Raises
    ------
    CaseError
        Not a quantity, wrong unit, impossible probability, low above high, a number beyond the bounds.
    """
    text = " ".join(str(stated).split()) if not isinstance(stated, float) else repr(stated)
    wanted = parse_unit(unit)
    parse, body, written = _recognise(text, wanted)
    given = _settle_unit(text, written, stated_unit, wanted)
    try:
        change = conversion(given, unit)
    except CaseError as error:
        if step := advise_on_unit(text, given, wanted):
            error.expected = f"{wanted.text}, or a unit that converts to it"
            error.next_step = step
        raise
    if parse_unit(given).is_count and (meant := read_points_as_thousands(text)):
        raise CaseError(
            f'"{text}" counts with three decimals.',
            expected="whole numbers without a point between thousands",
            next_step=f'Write "{meant} {given}" if thousands are meant, else fewer decimals.',
        )
    prior = parse(body, change, wanted)
    low, high = bounds or (-math.inf, math.inf)
    if wanted.is_fraction:
        low, high = max(low, 0.0), min(high, 1.0)
    _check_bounds(text, parse, body, prior, (low, high), wanted)
    return truncate(prior, low, high)


def _check_bounds(
    text: str, parse: Parse, body: str, prior: Prior, bounds: tuple[float, float], wanted: Unit
) -> None:
    """Refuse numbers beyond the bounds: those that a person has written, or all but a twentieth of the prior.

    A tail that reaches further than any number written is normal: `truncate` draws it in.
    """
    low, high = bounds
    ends = _written_ends(parse, body, prior, wanted)
    # Converted numbers carry a rounding error.
    slack = 1e-9 * max(abs(end) for end in (*ends, prior.p05, prior.p95))
    if prior.p95 < low or prior.p05 > high:
        problem = f'"{text}" lies beyond the bounds of this parameter'
    elif ends[0] < low - slack:
        problem = (
            f'"{text}" reaches below {spell_number(low)} {wanted.text}, the least that this parameter can be'
        )
    elif ends[1] > high + slack:
        problem = (
            f'"{text}" reaches above {spell_number(high)} {wanted.text}, the most that this parameter can be'
        )
    else:
        return
    raise CaseError(
        f"{problem}.",
        expected=_spell_bounds(low, high, wanted.text),
        next_step=advise_within(text, max(ends[0], low), min(ends[1], high), wanted.text),
    )


def _spell_bounds(low: float, high: float, unit: str) -> str:
    if math.isinf(high):
        return f"values of at least {spell_number(low)} {unit}"
    if math.isinf(low):
        return f"values of at most {spell_number(high)} {unit}"
    return f"values between {spell_number(low)} and {spell_number(high)} {unit}"


def _written_ends(parse: Parse, body: str, prior: Prior, wanted: Unit) -> tuple[float, float]:
    """The lowest and the highest of the numbers that a person has written for a prior, in the wanted unit."""
    if isinstance(prior, Mixture):
        parts = []
        for piece, part in zip(body.split(";"), prior.parts, strict=True):
            inner_parse, inner, _ = _recognise(piece.partition(":")[2].strip(), wanted)
            parts.append(_written_ends(inner_parse, inner, part, wanted))
        return min(part[0] for part in parts), max(part[1] for part in parts)
    if parse is _read_interval or (parse is _read_lognormal and "p05" in body):
        return prior.p05, prior.p95
    if parse in (_read_normal, _read_lognormal, _read_beta):
        return prior.median, prior.median
    return prior.support


def split_quantity(stated: str | int | float) -> tuple[float, float, str]:
    """Low, high (equal for a fixed size) and unit as written, of "5000 troops" or "20 to 60 km2/week"."""
    text = " ".join(str(stated).split())
    if found := _INTERVAL.fullmatch(text):
        low, high = _ordered(found[1], found[2])
        return low, high, found[3]
    if found := _FIXED.fullmatch(text):
        return float(found[1]), float(found[1]), found[2]
    raise not_a_quantity(text, "")


def parse_interval(stated: str | int | float, unit: str | None = None) -> tuple[float, float, str]:
    """Low, high and unit of a stated interval or size, converted to `unit` where one is named."""
    low, high, written = split_quantity(stated)
    if not written:
        if unit is None or not parse_unit(unit).is_plain:
            raise _no_unit(str(stated), unit or "troops")
        return low, high, unit
    if unit is None:
        return low, high, parse_unit(written).text
    change = conversion(written, unit)
    return change.apply(low), change.apply(high), parse_unit(unit).text


def _recognise(text: str, wanted: Unit) -> tuple[Parse, str, str]:
    """The reader of a form, the text for it, and the unit as written ('' for none)."""
    if not all(math.isfinite(float(number)) for number in re.findall(NUMBER, text)):
        raise QuantityError(
            f'"{short(text)}" holds a number that is too large.',
            expected=FORMS,
            next_step="Write a smaller number.",
        )
    if found := _INTERVAL.fullmatch(text):
        _ordered(found[1], found[2])
        return _read_interval, text[: found.end(2)], found[3]
    if (found := _FIXED.fullmatch(text)) and _looks_like_a_unit(found[2]):
        return _read_fixed, found[1], found[2]
    if found := _FUNCTION.fullmatch(text):
        name, body, unit = found.groups()
        if name in _FUNCTIONS:
            return _FUNCTIONS[name], body, unit
        raise QuantityError(
            f'"{name}" is not a form of prior.',
            expected=FORMS,
            next_step=f"Write {' or '.join(_close(name))}.",
        )
    raise not_a_quantity(text, wanted.text)


def _looks_like_a_unit(text: str) -> bool:
    return not text or (
        bool(re.match(r"[A-Za-z/%1]", text)) and not re.match(r"(k|m)\b(?!/)", text) and " to " not in text
    )


def _settle_unit(text: str, written: str, stated_unit: str | None, wanted: Unit) -> str:
    if written and stated_unit and parse_unit(stated_unit) not in (parse_unit(written), wanted):
        raise CaseError(
            f'"{text}" states {written}, but `unit` says {stated_unit}.',
            expected="one unit",
            next_step="Delete one of the two.",
        )
    unit = written or stated_unit
    if unit:
        return unit
    if wanted.is_plain:
        return wanted.text
    raise _no_unit(text, wanted.text)


def _no_unit(text: str, unit: str) -> CaseError:
    return CaseError(
        f'"{text}" has no unit.', expected=f"a unit such as {unit}", next_step=f'Write "{text} {unit}".'
    )


def _ordered(first: str, second: str) -> tuple[float, float]:
    low, high = float(first), float(second)
    if low > high:
        raise CaseError(
            f"the interval {first} to {second} runs downwards.",
            expected="the 5th percentile first, then the 95th",
            next_step=f'Write "{second} to {first}".',
        )
    return low, high


def _close(name: str) -> list[str]:
    import difflib

    return [f"{found}(…)" for found in difflib.get_close_matches(name, _FUNCTIONS, n=2)] or [
        "an interval, 10 to 40"
    ]


def _check_fractions(values: Sequence[float], change: Conversion, wanted: Unit) -> None:
    """Shares and probabilities lie between 0 and 1, in the unit in which they are stated."""
    if not (wanted.is_fraction and (change.source.is_percent or change.source.is_fraction)):
        return
    top = 100.0 if change.source.is_percent else 1.0
    for value in values:
        if not 0.0 <= value <= top:
            kind = "share" if dict(wanted.dimensions).get("share") else "probability"
            if value < 0:
                step = "Write 0 if that is meant."
            elif value > 100 or top > 1:
                step = f"Check which number is meant: the whole is {top:.0f}."
            else:
                step = f'Write "{spell_number(value / 100)}" or "{spell_number(value)} per cent" if that is meant.'
            raise CaseError(
                f"{spell_number(value)} is an impossible {kind}.",
                expected=f"a {kind} between 0 and {top:.0f}",
                next_step=step,
            )


def _convert(values: Sequence[float], change: Conversion, wanted: Unit) -> list[float]:
    _check_fractions(values, change, wanted)
    return [change.apply(value) for value in values]


def _read_fixed(body: str, change: Conversion, wanted: Unit) -> Prior:
    return Fixed(_convert([float(body)], change, wanted)[0])


def _read_interval(body: str, change: Conversion, wanted: Unit) -> Prior:
    first, _, second = body.partition(" to ")
    low, high = _convert([float(first), float(second)], change, wanted)
    if low == high:
        return Fixed(low)
    if wanted.is_fraction and low > 0.0 and high < 1.0:
        return LogitNormal(low, high)
    if not wanted.is_fraction and low > 0.0:
        return LogNormal.from_interval(low, high)
    return Normal.from_interval(low, high)


def _arguments(body: str, form: str, names: Sequence[Sequence[str]]) -> dict[str, float]:
    """Numbers of a function, by position or by name; `names` lists the accepted sets."""
    pieces = [piece.strip() for piece in body.split(",")] if body.strip() else []
    values: dict[str, float] = {}
    for place, piece in enumerate(pieces):
        name, equals, number = piece.rpartition("=")
        name = name.strip() if equals else (names[0][place] if place < len(names[0]) else "")
        if not re.fullmatch(NUMBER, number.strip()) or name in values or not math.isfinite(float(number)):
            _refuse(body, form, names)
        values[name] = float(number)
    for accepted in names:
        if set(values) == set(accepted):
            return values
    _refuse(body, form, names)


def _refuse(body: str, form: str, names: Sequence[Sequence[str]], reason: str = "") -> NoReturn:
    shown = " or ".join(f"{form}({', '.join(f'{name}=…' for name in accepted)})" for accepted in names)
    raise CaseError(
        f'"{form}({body})" {reason or "does not have the right numbers"}.',
        expected=shown,
        next_step=f"Write {shown}.",
    )


def _finish(prior_of: Callable[..., Prior], values: list[float], change: Conversion, wanted: Unit) -> Prior:
    """Multiply the numbers, or wrap the prior where the conversion is not a multiplication."""
    _check_fractions(values, change, wanted)
    if change.factor is not None:
        return prior_of(*[value * change.factor for value in values])
    return _wrap(prior_of(*values), change)


def _wrap(prior: Prior, change: Conversion) -> Prior:
    top = 100.0 if change.source.is_percent else 1.0 if change.source.is_fraction else math.inf
    return Converted(truncate(prior, 0.0, top), change.source.text, change.target.text)


def _read_uniform(body: str, change: Conversion, wanted: Unit) -> Prior:
    names = [("low", "high")]
    values = _arguments(body, "uniform", names)
    if values["low"] >= values["high"]:
        _refuse(body, "uniform", names, "has its low end above its high end")
    return _finish(Uniform, [values["low"], values["high"]], change, wanted)


def _read_normal(body: str, change: Conversion, wanted: Unit) -> Prior:
    names = [("mean", "sd")]
    values = _arguments(body, "normal", names)
    if values["sd"] <= 0:
        _refuse(body, "normal", names, "needs an sd above 0")
    _check_fractions([values["mean"]], change, wanted)
    if change.factor is not None:
        return Normal(values["mean"] * change.factor, values["sd"] * change.factor)
    return _wrap(Normal(values["mean"], values["sd"]), change)


def _read_lognormal(body: str, change: Conversion, wanted: Unit) -> Prior:
    names = [("median", "sigma"), ("p05", "p50", "p95")]
    values = _arguments(body, "lognormal", names)
    if "sigma" in values:
        if not (0 < values["sigma"] <= 10 and 1e-100 < values["median"] < 1e100):
            _refuse(body, "lognormal", names, "needs a median above 0 and a sigma above 0 and at most 10")
        prior = LogNormal.from_sigma(values["median"], values["sigma"])
        stated = [prior.middle]
    else:
        prior = LogNormal(values["p05"], values["p50"], values["p95"])
        stated = [prior.low, prior.middle, prior.high]
        if not 0 < prior.low < prior.middle < prior.high:
            _refuse(body, "lognormal", names, "needs 0 < p05 < p50 < p95")
    _check_fractions(stated, change, wanted)
    if change.factor is not None:
        return LogNormal(*[value * change.factor for value in (prior.low, prior.middle, prior.high)])
    return _wrap(prior, change)


def _read_beta(body: str, change: Conversion, wanted: Unit) -> Prior:
    names = [("a", "b")]
    values = _arguments(body, "beta", names)
    if values["a"] <= 0 or values["b"] <= 0:
        _refuse(body, "beta", names, "needs a and b above 0")
    if not wanted.is_fraction or change.source.is_percent or not change.source.is_fraction:
        raise CaseError(
            f"beta({body}) is a share or a probability, not a quantity in {change.source.text}.",
            expected=f"a prior in {wanted.text}",
            next_step=f'Write an interval, such as "10 to 40 {wanted.text}".'
            if not wanted.is_fraction
            else f'Write "beta({body}) {wanted.text}".',
        )
    prior = Beta(values["a"], values["b"])
    return prior if change.factor is not None else _wrap(prior, change)


def _read_triangular(body: str, change: Conversion, wanted: Unit) -> Prior:
    names = [("low", "mode", "high")]
    values = _arguments(body, "triangular", names)
    if not values["low"] <= values["mode"] <= values["high"] or values["low"] == values["high"]:
        _refuse(body, "triangular", names, "needs low <= mode <= high")
    return _finish(Triangular, [values[name] for name in names[0]], change, wanted)


def _read_choice(body: str, change: Conversion, wanted: Unit) -> Prior:
    weights: dict[float, float] = {}
    for piece in body.split(","):
        found = re.fullmatch(rf"\s*({NUMBER})\s*:\s*({NUMBER})\s*", piece)
        if not found or not 0 < float(found[2]) < math.inf or float(found[1]) in weights:
            raise CaseError(
                f'"choice({body})" does not list values with weights.',
                expected="choice(value: weight, …) with each value once and weights above 0",
                next_step='Write it like "choice(0: 0.3, 5000: 0.7) troops".',
            )
        weights[float(found[1])] = float(found[2])
    values = _convert(list(weights), change, wanted)
    return Choice.of(dict(zip(values, weights.values(), strict=True)))


def _read_mixture(body: str, change: Conversion, wanted: Unit) -> Prior:
    weights: list[float] = []
    parts: list[Prior] = []
    for piece in body.split(";"):
        weight, colon, part = piece.partition(":")
        if not (colon and re.fullmatch(NUMBER, weight.strip()) and 0 < float(weight) < math.inf):
            raise CaseError(
                f'"mixture({body})" does not list weighted priors.',
                expected="mixture(weight: prior; weight: prior) with weights above 0",
                next_step='Write it like "mixture(0.7: 10 to 20; 0.3: 50 to 80) km2/week".',
            )
        parse, inner, unit = _recognise(part.strip(), wanted)
        if unit or parse is _read_mixture:
            raise CaseError(
                f'"{part.strip()}" stands inside a mixture with a unit or a mixture of its own.',
                expected="a plain prior; the unit follows the mixture",
                next_step=f'Write "mixture(…) {unit or wanted.text}".',
            )
        weights.append(float(weight))
        prior = parse(inner, change, wanted)
        parts.append(truncate(prior, 0.0, 1.0) if wanted.is_fraction else prior)
    total = math.fsum(weights)
    return Mixture(tuple(weight / total for weight in weights), tuple(parts))


_FUNCTIONS: dict[str, Parse] = {
    "uniform": _read_uniform,
    "normal": _read_normal,
    "lognormal": _read_lognormal,
    "beta": _read_beta,
    "triangular": _read_triangular,
    "choice": _read_choice,
    "mixture": _read_mixture,
}
