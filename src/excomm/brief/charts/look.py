"""What all charts share: their shape, look and axes.

Specifications are Vega-Lite, written as plain data: building them through Altair's classes takes two seconds a
chart, drawing them a quarter of one. `Chart.altair` gives the Altair object for a notebook; the tests have Altair
check every specification.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from excomm.brief.figures import Figures
from excomm.brief.palette import INKS, as_variables, mark_of
from excomm.case.model import Case, Option

__all__ = [
    "INK",
    "PAGE_WIDTH",
    "QUIET",
    "RULE",
    "Chart",
    "Spec",
    "colour_scale",
    "finished",
    "layered",
    "named_axis",
    "option_labels",
    "shape_scale",
    "upright",
    "wrapped",
]

Spec = dict[str, Any]
INK, QUIET, RULE = (INKS[name].light for name in ("ink", "quiet", "rule"))
PAGE_WIDTH = 1170
_CONFIG: Spec = {
    "view": {"stroke": None},
    "axis": {
        "labelColor": QUIET,
        "titleColor": QUIET,
        "gridColor": RULE,
        "tickColor": RULE,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "domain": False,
    },
    "title": {
        "color": INK,
        "fontSize": 12,
        "anchor": "start",
        "frame": "group",
        "fontWeight": "bold",
        "offset": 6,
    },
}


@dataclass(frozen=True)
class Chart:
    """A chart: `title` is its message, `subtitle` its content, `spec` Vega-Lite that any page or file can draw."""

    id: str
    title: str
    subtitle: str
    spec: Mapping[str, Any]

    def svg(self) -> str:
        """The chart as SVG with the page's colours; no font, style sheet or script inside."""
        import vl_convert

        drawn: str = vl_convert.vegalite_to_svg(dict(self.spec))
        drawn = drawn.replace(' font-family="sans-serif"', "")
        return as_variables(drawn).replace("<svg ", '<svg role="img" ', 1)

    def titled(self) -> Spec:
        """The specification with message and content as its title, to stand by itself."""
        title = {"text": textwrap.wrap(self.title, 90), "subtitle": textwrap.wrap(self.subtitle, 120)}
        return {**self.spec, "title": title}

    def altair(self) -> Any:
        """The chart as an Altair object, with message and content as its title."""
        alt: Any = import_module("altair")
        return alt.Chart.from_dict(self.titled())


def finished(spec: Spec, *, margin: int = 5) -> Spec:
    """The specification with the common look; `margin` [px] to the left and right.

    Charts with names at their side need some: a reader's sans-serif may be wider than the one measured with.
    """
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "transparent",
        "padding": {"left": margin, "right": margin, "top": 5, "bottom": 5},
        "config": _CONFIG,
        **spec,
    }


def layered(rows: Sequence[Mapping[str, Any]], shared: Spec, *layers: Spec, **properties: Any) -> Spec:
    """Layers over the same rows with shared encodings."""
    return {
        "data": {"values": [dict(row) for row in rows]},
        "encoding": shared,
        "layer": list(layers),
        **properties,
    }


def upright(value: float, **look: Any) -> Spec:
    """A line from top to bottom at a value of the horizontal axis, in a chart whose rows share the vertical one."""
    return {
        "data": {"values": [{"at": value}]},
        "mark": {"type": "rule", "color": INK, **look},
        "encoding": {
            "x": {"field": "at", "type": "quantitative"},
            "y": {"value": 0},
            "y2": {"value": "height"},
        },
    }


def wrapped(name: str, width: int = 20, lines: int = 3) -> list[str]:
    """A name on a few short lines."""
    return textwrap.wrap(name, width, max_lines=lines, placeholder=" …") or [""]


def option_labels(options: Sequence[Option], case: Case) -> dict[str, str]:
    """Name of each option behind its symbol."""
    return {option.id: f"{mark_of(case, option.id).symbol} {option.name}" for option in options}


def colour_scale(figures: Figures, labels: Mapping[str, str]) -> Spec:
    """Colours of labelled options, without a legend."""
    inks = [mark_of(figures.case, name).ink.light for name in labels]
    scale = {"domain": list(labels.values()), "range": inks}
    return {"field": "option", "type": "nominal", "scale": scale, "legend": None}


def shape_scale(figures: Figures, labels: Mapping[str, str]) -> Spec:
    """Shapes of labelled options, without a legend."""
    scale = {"domain": list(labels.values()), "range": [mark_of(figures.case, name).shape for name in labels]}
    return {"field": "option", "type": "nominal", "scale": scale, "legend": None}


def named_axis(field: str, order: Sequence[str], *, labels: bool = True) -> Spec:
    """Vertical axis of names; `labels` off where a neighbouring panel already shows them."""
    axis: Spec = {"title": None, "ticks": False, "grid": False, "labels": labels}
    if labels:
        axis |= {"labelLimit": 420, "labelPadding": 8, "labelColor": INK, "labelFontSize": 12}
    return {"field": field, "type": "nominal", "sort": list(order), "axis": axis}
