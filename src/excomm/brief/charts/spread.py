"""Distributions, risk above a line, tipping curves and maps, and the trade-off of boxes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from excomm.analysis.discovery import Box
from excomm.analysis.samples import Z90, Floats
from excomm.analysis.study import Study
from excomm.analysis.tipping import TippingMap, TippingPoint
from excomm.analysis.wording import frequency, line_in, number, percent
from excomm.brief.charts.look import INK, QUIET, Chart, Spec, finished, layered, named_axis
from excomm.brief.charts.marks import colours, labelled, mark_in, shapes
from excomm.quantities import OUTCOMES

__all__ = ["distribution_chart", "exceedance_chart", "tipping_chart", "tipping_map_chart", "trade_off_chart"]

_DOTS = 20


def _quantity(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "quantitative", **more}


def distribution_chart(study: Study, outcome: str) -> Chart:
    """Each option's distribution over draws as 20 dots, each for one draw in twenty, with its 50 and 90% bands."""
    kind, values, labels = OUTCOMES[outcome], study.outcome(outcome), labelled(study)
    levels = (np.arange(_DOTS) + 0.5) / _DOTS
    floor = 1e-9 if kind.rare else -np.inf
    dots: list[dict[str, Any]] = []
    bands: list[dict[str, Any]] = []
    for option, row in zip(study.options, values, strict=True):
        label = labels[study.names[option]]
        quantiles = np.quantile(row, [0.05, 0.25, 0.75, 0.95])
        dots += [{"option": label, "value": max(float(one), floor)} for one in np.quantile(row, levels)]
        bands.append(
            {"option": label}
            | {
                name: max(float(one), floor)
                for name, one in zip(("p05", "p25", "p75", "p95"), quantiles, strict=True)
            }
        )
    scale: Spec = {"nice": True, "zero": False}
    axis: Spec = {"tickCount": 6, "format": ".0%" if kind.kind != "amount" else ",.4~f"}
    if kind.rare:
        low = 10.0 ** math.floor(math.log10(max(min(dot["value"] for dot in dots), 1e-7)))
        top = 10.0 ** math.ceil(math.log10(max(dot["value"] for dot in dots)) + 1e-9)
        scale = {"type": "log", "domain": [low, min(top, 1.0)], "nice": False, "clamp": True}
        axis = {
            "values": [10.0**power for power in range(round(math.log10(low)), 1)],
            "labelExpr": "datum.value < 1 ? '1 in ' + format(round(1 / datum.value), ',') : 'certain'",
        }
    unit = kind.unit if kind.kind == "amount" else None
    across = {"title": unit, "scale": scale, "axis": axis}
    up = named_axis("option", list(labels.values()))
    spec: Spec = {
        "layer": [
            {
                "data": {"values": bands},
                "mark": {"type": "rule", "strokeWidth": width, "opacity": opacity},
                "encoding": {
                    "y": up,
                    "x": _quantity(low, **across),
                    "x2": {"field": high},
                    "color": colours(study),
                },
            }
            for low, high, width, opacity in (("p05", "p95", 7, 0.18), ("p25", "p75", 7, 0.32))
        ]
        + [
            {
                "data": {"values": dots},
                "mark": {"type": "point", "filled": True, "size": 34, "opacity": 0.85},
                "encoding": {
                    "y": up,
                    "x": _quantity("value", **across),
                    "color": colours(study),
                    "shape": shapes(study),
                },
            }
        ],
        "width": 600,
        "height": {"step": 30},
    }
    means = values.mean(axis=1)
    ends = [study.labels[int(at)] for at in (np.argmin(means), np.argmax(means))]
    told = frequency if kind.rare else percent if kind.kind != "amount" else number
    sizes = [told(float(end)) for end in (means.min(), means.max())]
    return Chart(
        id=f"distribution-{outcome}",
        title=f"{kind.label}: means from {sizes[0]} ({ends[0]}) to {sizes[1]} ({ends[1]})",
        subtitle=f"Twenty dots an option, one draw in twenty each; bands: 50 and 90% of the draws. {kind.definition}",
        spec=finished(spec, margin=40),
    )


def exceedance_chart(study: Study, outcome: str, line: float) -> Chart:
    """How likely it is that a risk, or another probability, lies above any line, and the line that was drawn."""
    values, labels, is_risk = study.outcome(outcome), labelled(study), OUTCOMES[outcome].is_risk
    low = 10.0 ** math.floor(math.log10(max(float(np.quantile(values, 0.01)), 1e-6)))
    high = 10.0 ** math.ceil(math.log10(max(float(values.max()), low * 10, line)) - 1e-9)
    grid = np.geomspace(low, min(high, 1.0), 61)
    rows = [
        {"option": labels[study.names[option]], "line": float(f"{at:.5g}"), "above": float((row > at).mean())}
        for option, row in zip(study.options, values, strict=True)
        for at in grid
    ]
    powers = range(round(math.log10(low)), round(math.log10(high)) + 1)
    across = {
        "title": "highest risk that is accepted" if is_risk else "probability",
        "scale": {"type": "log", "domain": [low, min(high, 1.0)], "nice": False},
        "axis": {
            "values": [10.0**power for power in powers],
            "labelExpr": "datum.value < 1 ? '1 in ' + format(round(1 / datum.value), ',') : 'certain'",
        },
    }
    up = {"title": "draws above it", "scale": {"domain": [0, 1]}, "axis": {"format": ".0%", "tickCount": 5}}
    above = {option: float((row > line).mean()) for option, row in zip(study.options, values, strict=True)}
    ends: list[dict[str, Any]] = []
    seen: list[str] = []
    # a name beside each curve where curves are apart; those that lie together share one
    middles = {option: float(np.median(row)) for option, row in zip(study.options, values, strict=True)}
    for option in sorted(study.options, key=lambda one: middles[one]):
        near = [
            other
            for other in seen
            if abs(math.log10(max(middles[option], 1e-9) / max(middles[other], 1e-9))) < 0.12
        ]
        if near:
            ends[-1]["text"] += f" {mark_in(study, option).symbol}"
            continue
        seen.append(option)
        ends.append(
            {"line": max(middles[option], low), "above": 0.5, "text": f" {mark_in(study, option).symbol}"}
        )
    spec = layered(
        rows,
        {"x": _quantity("line", **across)},
        {
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {"y": _quantity("above", **up), "color": colours(study)},
        },
        {
            "data": {"values": [{"line": line}]},
            "mark": {"type": "rule", "color": INK, "strokeDash": [4, 3]},
            "encoding": {"x": _quantity("line", **across)},
        },
        {
            "data": {"values": ends},
            "mark": {"type": "text", "align": "left", "dx": 4, "dy": -4, "color": INK, "fontSize": 12},
            "encoding": {"y": _quantity("above", **up), "text": {"field": "text", "type": "nominal"}},
        },
        width=560,
        height=220,
    )
    worst = max(above, key=lambda option: above[option])
    best = min(above, key=lambda option: above[option])
    told = line_in(line)
    key = ", ".join(labels[study.names[option]] for option in study.options)
    lines = "risk that a reader may accept" if is_risk else "probability"
    return Chart(
        id="exceedance",
        title=(
            f"{OUTCOMES[outcome].label} is likelier than {told} in {percent(above[best])} of draws with "
            f"{study.names[best]} and in {percent(above[worst])} with {study.names[worst]}"
        ),
        subtitle=(
            f"For each {lines} (across), the share of draws in which that of an option lies above it; dashed: {told}. "
            f"Draw your own line. {key}."
        ),
        spec=finished(spec, margin=20),
    )


def tipping_chart(point: TippingPoint, unit: str) -> Chart:
    """Expected difference of two options over one parameter, with its 90% band and the place where it turns."""
    rows = [
        dict(zip(("value", "difference", "low", "high"), map(float, row), strict=True)) for row in point.curve
    ]
    across = {
        "title": f"{point.parameter}{' [' + point.unit + ']' if point.unit else ''}",
        "scale": {"nice": False, "zero": False},
    }
    up = {"title": unit, "axis": {"tickCount": 5}}
    layers: list[Spec] = [
        {
            "mark": {"type": "area", "opacity": 0.25, "color": QUIET},
            "encoding": {"y": _quantity("low", **up), "y2": {"field": "high"}},
        },
        {"mark": {"type": "line", "color": INK}, "encoding": {"y": _quantity("difference", **up)}},
        {"mark": {"type": "rule", "color": QUIET}, "encoding": {"y": {"datum": 0}}},
    ]
    if point.value is not None:
        layers.append(
            {
                "mark": {"type": "rule", "color": INK, "strokeDash": [4, 3]},
                "encoding": {"x": {"datum": point.value}},
            }
        )
    spec = layered(rows, {"x": _quantity("value", **across)}, *layers, width=520, height=200)
    title = f"No value of {point.parameter} within the draws reliably turns the preference"
    if point.value is not None:
        title = (
            f"{point.option} overtakes {point.reference} where {point.parameter} is {point.direction} "
            f"{number(point.value)}"
        )
    return Chart(
        id="tipping-curve",
        title=title,
        subtitle=(
            f"Mean difference in value, {point.option} minus {point.reference}, given the parameter; band: 90% over "
            "the whole curve; dashed: where it turns."
        ),
        spec=finished(spec, margin=20),
    )


def tipping_map_chart(study: Study, found: TippingMap, *, other: str = "neither clearly") -> Chart:
    """Who leads on average over two parameters; cells where the draws do not tell are left pale."""
    names = {study.names[option]: option for option in study.options}
    marks = [mark_in(study, names[name]) for name in (found.option, found.reference)]
    kinds = [
        f"{mark.symbol} {name}" for mark, name in zip(marks, (found.option, found.reference), strict=True)
    ]
    score = found.difference / np.maximum(found.error, 1e-300)
    rows: list[dict[str, Any]] = []
    for at, one in enumerate(found.first):
        for place, two in enumerate(found.second):
            value = float(found.difference[at, place])
            if not math.isfinite(value):
                continue
            clear = abs(float(score[at, place])) > Z90
            lead = kinds[0] if value > 0 else kinds[1]
            rows.append(
                {
                    "first": float(one),
                    "second": float(two),
                    "x": at,
                    "y": place,
                    "difference": float(f"{value:.4g}"),
                    "lead": lead if clear else other,
                }
            )
    domain = [*kinds, other]
    inks = [*(mark.ink.light for mark in marks), "#d5d9df"]
    ticks = [0, len(found.first) // 2, len(found.first) - 1]

    def axis(values: Floats, name: str) -> Spec:
        words = {at: number(float(values[at])) for at in ticks}
        chosen = " : ".join(f"datum.value == {at} ? '{text}'" for at, text in words.items())
        return {
            "title": name,
            "scale": {"domain": [-0.5, len(values) - 0.5], "nice": False},
            "axis": {"values": ticks, "labelExpr": f"{chosen} : ''", "grid": False},
        }

    spec: Spec = {
        "data": {"values": rows},
        "transform": [
            {"calculate": f"datum.{axis_} {sign} 0.5", "as": f"{axis_}{name}"}
            for axis_ in ("x", "y")
            for sign, name in (("-", "0"), ("+", "1"))
        ],
        "mark": {"type": "rect", "opacity": 0.7},
        "encoding": {
            "x": _quantity("x0", **axis(found.first, found.parameters[0])),
            "x2": {"field": "x1"},
            "y": _quantity("y0", **axis(found.second, found.parameters[1])),
            "y2": {"field": "y1"},
            "color": {
                "field": "lead",
                "type": "nominal",
                "scale": {"domain": domain, "range": inks},
                "legend": {"title": None, "orient": "top", "labelLimit": 400},
            },
        },
        "width": 380,
        "height": 300,
    }
    ahead, behind, open_ = found.clear_share
    return Chart(
        id="tipping-map",
        title=(
            f"{found.option} clearly leads in {100 * ahead:.0f}% of the map, {found.reference} in {100 * behind:.0f}%"
        ),
        subtitle=(
            f"Who has the higher mean value over two parameters (from their 2% to their 98% points, equal areas hold "
            f"equally many draws); in {100 * open_:.0f}% the draws do not tell."
        ),
        spec=finished(spec, margin=20),
    )


def trade_off_chart(box: Box) -> Chart:
    """Coverage against density along the peeling of a box, with the box that was chosen."""
    rows = [
        {"coverage": float(row[0]), "density": float(row[1]), "limits": int(row[3])} for row in box.trade_off
    ]
    chosen = [{"coverage": box.coverage, "density": box.density, "text": "chosen box"}]
    ends = {"scale": {"domain": [0, 1.02], "nice": False}, "axis": {"format": ".0%", "tickCount": 5}}
    place = {
        "x": _quantity("coverage", title="coverage: share of all cases inside", **ends),
        "y": _quantity("density", title="density: share of draws inside that are cases", **ends),
    }
    spec: Spec = {
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "line", "point": {"size": 24, "color": QUIET}, "color": QUIET},
                "encoding": {**place, "order": {"field": "coverage", "type": "quantitative"}},
            },
            {
                "data": {"values": chosen},
                "mark": {"type": "point", "filled": True, "size": 110, "color": INK},
                "encoding": place,
            },
            {
                "data": {"values": chosen},
                "mark": {"type": "text", "align": "right", "dx": -9, "dy": 12, "color": INK},
                "encoding": {**place, "text": {"field": "text", "type": "nominal"}},
            },
        ],
        "width": 380,
        "height": 260,
    }
    return Chart(
        id="trade-off",
        title=(
            f"The box holds {percent(box.coverage)} of the cases, and {percent(box.density)} of the draws in it are "
            "cases"
        ),
        subtitle=(
            f"Each step of peeling trades coverage for density; {percent(box.base_rate)} of all draws are cases: "
            f"{box.event}."
        ),
        spec=finished(spec, margin=20),
    )
