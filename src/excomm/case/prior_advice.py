"""What to write instead of a text that is no quantity."""

from __future__ import annotations

import re

from excomm.case.distributions import spell_number
from excomm.errors import CaseError

__all__ = [
    "FORMS",
    "NUMBER",
    "QuantityError",
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
_LOOSE = re.compile(
    r"(?:(?P<cue>up to|at most|no more than|fewer than|less than|at least|more than|over|"
    r"about|around|some|roughly|[~≈<>≤≥])\s*)?"
    r"(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s*(?P<scale>k|m|bn|thousand|million|billion)?\b\s*(?P<unit>.*)"
)
_SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_DASH = re.compile(rf"({NUMBER})\s*(?:[-–—…]|\.\.)\s*({NUMBER})\s*(.*)")


class QuantityError(CaseError):
    """A text that should be a quantity and is none; its next step already shows what was expected."""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        head = ": ".join(part for part in (place, self.path, self.message) if part)
        return f"{head} {self.next_step}"


def not_a_quantity(text: str, unit: str) -> CaseError:
    """The error for a text that is no quantity, with what was probably meant, in the `unit` that was wanted."""
    lowered = text.lower()
    unit = unit or "troops"
    if found := _DASH.fullmatch(text):
        step = f'Write "{found[1]} to {found[2]} {found[3] or unit}".'
    elif (found := _LOOSE.fullmatch(lowered)) and (found["cue"] or found["scale"] or "," in found["number"]):
        step = _suggest(found, unit)
    elif re.fullmatch(rf"{NUMBER}\s*[^\d\s]+\s+to\s+{NUMBER}.*", text):
        step = f'Write the unit once, at the end: "10 to 40 {unit}".'
    else:
        step = f'Write a number or an interval with its unit, such as "10 to 40 {unit}".'
    return QuantityError(f'"{short(text)}" is not a quantity.', expected=FORMS, next_step=step)


def advise_within(text: str, low: float, high: float, unit: str) -> str:
    """What to write where a prior reaches beyond its bounds; `low` and `high` are its ends within them."""
    if low < high and re.match(rf"{NUMBER} to ", text):
        return f'Write "{spell_number(low)} to {spell_number(high)} {unit}", or check sign, number and unit.'
    return "Check sign, number and unit."


def read_points_as_thousands(text: str) -> str:
    """`40000 to 60000` for a text that starts with `40.000 to 60.000`; '' where no point can stand for thousands."""
    number = r"[1-9]\d{0,2}(?:\.\d{3})+(?![\d.])"
    found = re.match(rf"{number}(?: to {number})?", text)
    return found[0].replace(".", "") if found else ""


def short(text: str) -> str:
    """The text, or its beginning, for a message."""
    return text if len(text) <= 80 else f"{text[:77]}..."


def _suggest(found: re.Match[str], unit: str) -> str:
    size = float(found["number"].replace(",", "")) * _SCALE.get(found["scale"] or "", 1.0)
    number, cue = spell_number(size), found["cue"]
    fixed = f'"{number} {unit}" for a fixed size.'
    if cue in ("up to", "at most", "no more than", "fewer than", "less than", "<", "≤"):
        return f'Write "0 to {number} {unit}", or {fixed}'
    if cue in ("at least", "more than", "over", ">", "≥"):
        return f'Write "{number} to {spell_number(2 * size)} {unit}" or where your upper end is, or {fixed}'
    if cue:
        low, high = spell_number(0.8 * size), spell_number(1.2 * size)
        return f'Write "{low} to {high} {unit}" or how wide it is, or {fixed}'
    return f'Write "{number} {unit}".'
