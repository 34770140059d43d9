"""What decides the matter: drivers, support by perspective, the triangle of weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from excomm.brief.charts.look import (
    INK,
    PAGE_WIDTH,
    QUIET,
    Chart,
    Spec,
    colour_scale,
    finished,
    layered,
    named_axis,
    option_labels,
    shape_scale,
    wrapped,
)
from excomm.brief.deciders import Support, Triangle
from excomm.brief.drivers import Pair
from excomm.brief.figures import Figures

__all__ = ["drivers_chart", "support_chart", "triangle_chart"]

_HEIGHT = math.sqrt(3) / 2


def _quantity(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "quantitative", **more}


def drivers_chart(pair: Pair) -> Chart:
    """Share of the variance of the difference between two options that each leading parameter explains."""
    rows: list[dict[str, Any]] = [
        {
            "parameter": driver.parameter + (f" ({driver.under})" if driver.under else ""),
            "share": driver.share,
            "low": driver.low,
            "high": driver.high,
            "text": f"{driver.share:.0%}, higher favours {driver.favours}",
        }
        for driver in pair.drivers
    ]
    top = max(row["high"] for row in rows)
    across = {
        "title": "share of variance",
        "scale": {"domain": [0, min(1.0, top * 1.7)], "nice": False},
        "axis": {"format": ".0%", "tickCount": 6},
    }
    chart = layered(
        rows,
        {"y": named_axis("parameter", [row["parameter"] for row in rows])},
        {
            "mark": {"type": "bar", "height": 12, "color": QUIET, "opacity": 0.5},
            "encoding": {"x": _quantity("share", **across)},
        },
        {
            "mark": {"type": "rule", "color": INK, "strokeWidth": 1.3},
            "encoding": {"x": _quantity("low"), "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "color": INK, "fontSize": 11},
            "encoding": {"x": _quantity("high"), "text": {"field": "text", "type": "nominal"}},
        },
        width=560,
        height={"step": 28},
    )
    first = pair.drivers[0]
    return Chart(
        id="drivers",
        title=(
            f"{first.parameter} explains {first.share:.0%} of the difference between {pair.first.name} and "
            f"{pair.second.name}"
        ),
        subtitle="Bar: estimate of the share, line: 90% interval.",
        spec=finished(chart, margin=60),
    )


def support_chart(figures: Figures, support: Sequence[Support]) -> Chart:
    """Per perspective: share of draws that put each option first, with stated and with all weights."""
    labels = option_labels(figures.options, figures.case)
    width = max(110, (PAGE_WIDTH - 290) // max(len(support), 1) - 14)
    scale = {
        "title": None,
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"format": ".0%", "values": [0, 0.5, 1]},
    }
    panels: list[Spec] = []
    for place, view in enumerate(support):
        rows = [
            {"option": labels[cell.option], "stated": cell.stated, "weights": cell.weights}
            for cell in view.cells
        ]
        panels.append(
            layered(
                rows,
                {"y": named_axis("option", list(labels.values()), labels=place == 0)},
                {
                    "mark": {"type": "bar", "height": 11, "opacity": 0.55},
                    "encoding": {"x": _quantity("stated", **scale), "color": colour_scale(figures, labels)},
                },
                {
                    "mark": {"type": "tick", "thickness": 2.2, "height": 19, "color": INK},
                    "encoding": {"x": _quantity("weights", **scale)},
                },
                width=width,
                height={"step": 26},
                title={"text": wrapped(view.perspective, max(14, width // 7))},
            )
        )
    leads = {max(view.cells, key=lambda cell: cell.stated).name for view in support}
    title = "Every perspective of the case puts the same option first most often"
    if len(leads) > 1:
        title = (
            f"The {len(support)} perspectives of the case put {len(leads)} different options first most often"
        )
    elif len(support) == 1:
        title = f"{next(iter(leads))} comes first most often for {support[0].perspective}"
    return Chart(
        id="support",
        title=title,
        subtitle=(
            "Bar: share of draws in which the option has the highest value with the weights stated for the "
            "perspective; upright line: the same over all weights on its outcomes, each mix being equally likely."
        ),
        spec=finished({"hconcat": panels, "spacing": 14}, margin=40),
    )


def _region_labels(rows: Sequence[dict[str, Any]], labels: Sequence[str]) -> list[dict[str, Any]]:
    """A name beside each region, on the side on which it lies."""
    named = []
    for label in labels:
        own = [row for row in rows if row["option"] == label]
        is_left = sum(row["x"] for row in own) / len(own) < 0.5
        level = sorted(row["y"] for row in own)[len(own) // 2]
        near = [row for row in own if abs(row["y"] - level) < 0.04]
        edge = (min if is_left else max)(near, key=lambda row: float(row["x"]))
        # Beyond the edge of the whole triangle at that height, where there is room.
        side = level / _HEIGHT / 2
        x = side - 0.07 if is_left else 1 - side + 0.07
        named.append({"x": x, "y": edge["y"], "text": label, "left": is_left, "option": label})
    return named


def triangle_chart(figures: Figures, triangle: Triangle) -> Chart:
    """Mixes of three groups of criteria, each point with the mark of the option of highest expected value."""
    used = [option for option in figures.options if option.id in set(triangle.leaders)]
    labels = option_labels(used, figures.case)
    rows: list[dict[str, Any]] = [
        {
            "x": round(float(mix[1] + mix[2] / 2), 4),
            "y": round(float(mix[2]) * _HEIGHT, 4),
            "option": labels[leader],
        }
        for mix, leader in zip(triangle.mixes, triangle.leaders, strict=True)
    ]
    place = {
        "x": _quantity("x", axis=None, scale={"domain": [-0.35, 1.35], "nice": False}),
        "y": _quantity("y", axis=None, scale={"domain": [-0.1, 0.98], "nice": False}),
    }
    colour = colour_scale(figures, labels)
    ends = [(0.0, -0.06), (1.0, -0.06), (0.5, _HEIGHT + 0.06)]
    corners = [
        {"x": x, "y": y, "text": f"all weight on {name}"}
        for (x, y), name in zip(ends, triangle.corners, strict=True)
    ]
    named = _region_labels(rows, list(labels.values()))
    text = {"field": "text", "type": "nominal"}
    layers: list[Spec] = [
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 42, "opacity": 0.9},
            "encoding": {**place, "color": colour, "shape": shape_scale(figures, labels)},
        },
        {
            "data": {"values": corners},
            "mark": {"type": "text", "fontSize": 12, "color": INK},
            "encoding": {**place, "text": text},
        },
    ]
    for is_left in (True, False):
        own = [row for row in named if row["left"] is is_left]
        if own:
            mark = {
                "type": "text",
                "align": "right" if is_left else "left",
                "fontSize": 12,
                "fontWeight": "bold",
            }
            layers.append(
                {"data": {"values": own}, "mark": mark, "encoding": {**place, "text": text, "color": colour}}
            )
    return Chart(
        id="triangle",
        title="Which option has the highest expected value depends on the mix of weights"
        if len(used) > 1
        else f"{used[0].name} has the highest expected value at every mix of these weights",
        subtitle=triangle.sentence,
        spec=finished({"layer": layers, "width": 640, "height": 400}),
    )
