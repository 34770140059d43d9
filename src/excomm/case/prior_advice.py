"""What to write instead of a text that is no quantity."""

from __future__ import annotations

import re

from excomm.case.distributions import spell_number
from excomm.case.units_table import SCALES, Unit, conversion, nearest_unit, parse_unit
from excomm.errors import CaseError

__all__ = [
    "FORMS",
    "NUMBER",
    "QuantityError",
    "advise_on_unit",
    "advise_within",
    "not_a_quantity",
    "read_points_as_thousands",
    "short",
]

FORMS = (
    "a number, an interval such as 10 to 40, uniform(a, b), normal(mean, sd), lognormal(median=…, sigma=…), "
    "lognormal(p05=…, p50=…, p95=…), beta(a, b), triangular(low, mode, high), choice(value: weight, …) "
    "or mixture(weight: prior; weight: prior), then its unit"
)

NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_SCALE = {
    "k": 1e3, "thousand": 1e3, "thousands": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6,
    "bn": 1e9, "billion": 1e9, "billions": 1e9,
}  # fmt: skip


def _amount(name: str) -> str:
    """A number as people write it, with the groups `name` and `name`_scale."""
    scales = "|".join(sorted(_SCALE, key=len, reverse=True))
    return (
        rf"(?P<{name}>[-+]?\d{{1,3}}(?:[,'\u2019 ]\d{{3}})+(?!\d)|[-+]?\d+(?:\.\d+)?)"
        rf"(?:\s*(?P<{name}_scale>{scales})\b)?"
    )


_LOOSE = re.compile(
    r"(?:(?P<cue>up to|at most|no more than|fewer than|less than|at least|more than|over|"
    rf"about|around|some|roughly|[~≈<>≤≥])\s*)?{_amount('low')}\s*(?P<unit>.*)"
)
_PAIR = re.compile(
    rf"(?:between|from)?\s*{_amount('low')}\s*(?P<twice>[a-z%/ ]*?)\s*"
    rf"(?:\bto\b|\band\b|[-–—…]|\.\.\.?)\s*{_amount('high')}\s*(?P<unit>.*)"
)
_AROUND = re.compile(rf"{_amount('low')}\s*(?:±|\+/-|\+-)\s*{_amount('high')}\s*(?P<unit>.*)")
_ONE_IN = re.compile(r"(\d+) in (\d[\d,]*)\s*(?:(?:per|a|each|/)\s*(day|week|month|year))?")


class QuantityError(CaseError):
    """A text that should be a quantity and is none; its next step already shows what was expected."""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        head = ": ".join(part for part in (place, self.path, self.message) if part)
        return f"{head} {self.next_step}"


def not_a_quantity(text: str, unit: str) -> CaseError:
    """The error for a text that is no quantity, with what was probably meant, in the `unit` that was wanted."""
    wanted = unit or "troops"
    step = _propose(text, wanted) or _example(wanted)
    return QuantityError(f'"{short(text)}" is not a quantity.', expected=FORMS, next_step=step)


def advise_on_unit(text: str, written: str, wanted: Unit) -> str:
    """The next step for a quantity `text` whose unit as `written` is unknown or does not convert; '' for none."""
    numbers = text.removesuffix(written).strip()
    try:
        given = parse_unit(written)
    except CaseError:
        meant = nearest_unit(written)
        if meant and _converts(meant, wanted.text):
            return f'Write "{numbers} {meant}".'
        if meant and _converts(f"{meant}/week", wanted.text):
            return f'Say in which span: "{numbers} {meant}/week" or "{numbers} {meant}/year", for example.'
        if proposal := _propose(text, wanted.text):
            return proposal
        if re.search(r"\d|\bto\b", written):
            return _example(wanted.text)
        return f'This number is stated in {wanted.text}: write "{numbers} {wanted.text}" if that is meant.'
    if (
        given.is_percent
        and wanted.is_plain
        and (found := re.fullmatch(rf"({NUMBER})(?: to ({NUMBER}))?", numbers))
    ):
        hundredths = [spell_number(float(number) / 100.0) for number in found.groups() if number]
        return f'Write "{" to ".join(hundredths)} {wanted.text}".'
    if wanted.text.rpartition("/")[2] in ("day", "week", "month", "year") and _converts(
        f"{written}/week", wanted.text
    ):
        return f'Say in which span: "{text}/week" or "{text}/year", for example.'
    return ""


def advise_within(text: str, low: float, high: float, unit: str) -> str:
    """What to write where a prior reaches beyond its bounds; `low` and `high` are its ends within them."""
    if low < high and re.match(rf"{NUMBER} to ", text):
        return f'Write "{spell_number(low)} to {spell_number(high)} {unit}", or check sign, number and unit.'
    return "Check sign, number and unit."


def read_points_as_thousands(text: str) -> str:
    """`40000 to 60000` for a text that starts with `40.000 to 60.000`; '' where no point can stand for thousands.

    One number must end in a zero, as in 5.000 or 12.500: nobody writes that zero of a decimal, while a machine may
    well write 324.562 (judgement).
    """
    number = r"[1-9]\d{0,2}(?:\.\d{3})+(?![\d.])"
    found = re.match(rf"({number})(?: to ({number})|(?! to ))", text)
    if found is None or not any(each and each.endswith("0") for each in found.groups()):
        return ""
    return found[0].replace(".", "")


def short(text: str) -> str:
    """The text, or its beginning, for a message."""
    return text if len(text) <= 80 else f"{text[:77]}..."


def _example(unit: str) -> str:
    interval = "0.1 to 0.4" if parse_unit(unit).is_fraction else "10 to 40"
    return f'Write a number or an interval with its unit, such as "{interval} {unit}".'


def _converts(unit: str, wanted: str) -> bool:
    try:
        conversion(unit, wanted)
    except CaseError:
        return False
    return True


def _propose(text: str, wanted: str) -> str:
    """How to write what a loose text means; '' where that cannot be told."""
    lowered = text.lower()
    if money := re.fullmatch(r"([$€])\s*(\d.*)", lowered):
        lowered = f"{money[2]} {'usd' if money[1] == '$' else 'eur'}"
    if (found := _ONE_IN.fullmatch(lowered)) and (kind := re.match(r"probability|share", wanted)):
        chance = spell_number(float(found[1]) / max(float(found[2].replace(",", "")), 1.0))
        return f'Write "{chance} {f"{kind[0]}/{found[3]}" if found[3] else wanted}".'
    found = _PAIR.fullmatch(lowered) or _AROUND.fullmatch(lowered) or _LOOSE.fullmatch(lowered)
    unit = _unit_of(found, wanted) if found else ""
    if not found or not unit:
        return ""
    sizes = _sizes(found)
    if found.re is _PAIR:
        return (
            f'Write{" the unit once, at the end:" if found["twice"] else ""} "{_spell(found, unit, *sizes)}".'
        )
    if found.re is _AROUND:
        return f'Write "{_spell(found, unit, sizes[0] - sizes[1], sizes[0] + sizes[1])}".'
    if not (found["cue"] or found["low_scale"] or re.search(r"[,'\u2019 ]", found["low"])):
        return ""
    size, cue, fixed = sizes[0], found["cue"], f'"{_spell(found, unit, *sizes)}"'
    if cue in ("up to", "at most", "no more than", "fewer than", "less than", "<", "≤"):
        return f'Write "{_spell(found, unit, 0.0, size)}", or {fixed} for a fixed size.'
    if cue in ("at least", "more than", "over", ">", "≥"):
        twice = _spell(found, unit, size, 2.0 * size)
        return f'Write "{twice}" or where your upper end is, or {fixed} for a fixed size.'
    if cue:
        around = _spell(found, unit, 0.8 * size, 1.2 * size)
        return f'Write "{around}" or how wide it is, or {fixed} for a fixed size.'
    return f"Write {fixed}."


def _sizes(found: re.Match[str]) -> tuple[float, ...]:
    """The numbers of a loose text; a scale after the last one holds for both: 40 to 60 thousand."""
    groups = found.groupdict()
    last = groups.get("high_scale") or groups["low_scale"]
    sizes = []
    for name in ("low", "high"):
        if groups.get(name) is not None:
            scale = groups[f"{name}_scale"] or last
            sizes.append(float(re.sub(r"[,'\u2019 ]", "", groups[name])) * (_SCALE[scale] if scale else 1.0))
    return tuple(sizes)


def _unit_of(found: re.Match[str], wanted: str) -> str:
    """The unit of a loose text where it converts, the wanted one where none is written; '' where it is another."""
    written = re.sub(r"^of ", "", found["unit"].strip())
    if not written:
        return wanted
    meant = nearest_unit(written)
    if meant is None or not _converts(meant, wanted):
        return ""
    return wanted if wanted.split()[0] in SCALES and wanted.partition(" ")[2] == meant else meant


def _spell(found: re.Match[str], unit: str, *sizes: float) -> str:
    has_scale = found["low_scale"] or found.groupdict().get("high_scale")
    # 5 bn of a parameter in bn USD is 5 of them.
    per = SCALES.get(unit.split()[0], 1.0) if has_scale else 1.0
    return f"{' to '.join(spell_number(size / per) for size in sizes)} {unit}"
