"""Colours and shapes of the options: colour-blind-safe, and never the only signal.

An option keeps its place, and with it its colour and shape, wherever it appears. Charts are drawn with the light
colours; in the page those become variables of the style sheet, so that dark mode needs no second chart.
"""

from __future__ import annotations

from dataclasses import dataclass

from excomm.case.model import Case

__all__ = ["INKS", "MARKS", "Ink", "Mark", "as_variables", "mark_of"]


@dataclass(frozen=True)
class Ink:
    """A colour of the charts: name of its variable, light and dark value."""

    name: str
    light: str
    dark: str


@dataclass(frozen=True)
class Mark:
    """What stands for an option: place in the case, shape of Vega and of the page, ink, character."""

    place: int
    shape: str
    symbol: str
    ink: Ink


# Okabe and Ito's hues, darkened for contrast on white, lightened for contrast on near-black.
_OPTION_INKS = (
    Ink("option-0", "#4a4f57", "#c3c8d0"),
    Ink("option-1", "#0067a5", "#5cb3ee"),
    Ink("option-2", "#c24e00", "#f59157"),
    Ink("option-3", "#007a5a", "#3fcaa0"),
    Ink("option-4", "#a8467f", "#e99ac6"),
    Ink("option-5", "#7d6608", "#dcc04a"),
    Ink("option-6", "#2a8fbd", "#8fd6f5"),
    Ink("option-7", "#5b3c9c", "#b9a3ee"),
)
_SHAPES = (
    ("circle", "●"),
    ("square", "■"),
    ("triangle-up", "▲"),
    ("diamond", "◆"),
    ("triangle-down", "▼"),
    ("cross", "✚"),
    ("triangle-right", "▶"),
    ("triangle-left", "◀"),
)
MARKS: tuple[Mark, ...] = tuple(
    Mark(place, shape, symbol, ink)
    for place, ((shape, symbol), ink) in enumerate(zip(_SHAPES, _OPTION_INKS, strict=True))
)
INKS: dict[str, Ink] = {ink.name: ink for ink in _OPTION_INKS} | {
    "ink": Ink("ink", "#1b1f24", "#e8eaed"),
    "quiet": Ink("quiet", "#5b626c", "#a3abb6"),
    "rule": Ink("rule", "#d5d9df", "#3a414b"),
    "paper": Ink("paper", "#ffffff", "#14171b"),
}


def mark_of(case: Case, option: str) -> Mark:
    """Mark of an option, by its place in the case."""
    place = [each.id for each in case.options].index(option)
    return MARKS[place % len(MARKS)]


def as_variables(svg: str) -> str:
    """An SVG drawn with light colours, with each colour replaced by its variable of the style sheet."""
    for ink in INKS.values():
        svg = svg.replace(f'"{ink.light}"', f'"var(--{ink.name})"')
    return svg
