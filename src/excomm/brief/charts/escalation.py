"""Escalation: deterred and provoked; nuclear risk by how it comes about."""

from __future__ import annotations

import math
from typing import Any

from excomm.brief.charts.look import (
    INK,
    QUIET,
    Chart,
    Spec,
    colour_scale,
    finished,
    layered,
    named_axis,
    option_labels,
    shape_scale,
)
from excomm.brief.figures import Figures
from excomm.brief.words import share_text

__all__ = ["escalation_chart", "nuclear_chart"]

_KINDS = {
    "nuclear_use_probability": "Nuclear use",
    "nuclear_deliberate_probability": "… deliberate",
    "nuclear_inadvertent_probability": "… inadvertent",
    "general_exchange_probability": "General exchange",
}


def escalation_chart(figures: Figures) -> Chart:
    """Deterred to the left, provoked to the right: share of histories, mean and 90 % interval over draws."""
    labels = option_labels(figures.others, figures.case)
    rows: list[dict[str, Any]] = []
    for option in figures.others:
        for outcome, sign in (("deterred", -1), ("provoked", 1)):
            cell = figures.cell(outcome, option)
            rows.append(
                {
                    "option": labels[option.id],
                    "way": outcome,
                    "share": sign * cell.mean,
                    "low": sign * cell.p05,
                    "high": sign * cell.p95,
                    "text": f"{share_text(cell.mean)} {outcome}",
                    "at": sign * max(cell.p95, cell.mean),
                }
            )
    reach = max(0.1, max(abs(row["at"]) for row in rows)) * 1.35
    across = {
        "type": "quantitative",
        "title": "← deterred · share of histories · provoked →",
        "scale": {"domain": [-reach, reach], "nice": False},
        "axis": {"labelExpr": "format(abs(datum.value), '.0%')", "tickCount": 8},
    }
    texts = [
        {
            "transform": [{"filter": {"field": "way", "equal": way}}],
            "mark": {"type": "text", "align": align, "dx": dx, "color": INK, "fontSize": 11},
            "encoding": {
                "x": {"field": "at", "type": "quantitative"},
                "text": {"field": "text", "type": "nominal"},
            },
        }
        for way, align, dx in (("deterred", "right", -6), ("provoked", "left", 6))
    ]
    chart = layered(
        rows,
        {"y": named_axis("option", list(labels.values()))},
        {
            "mark": {"type": "bar", "height": 12, "opacity": 0.55},
            "encoding": {"x": {"field": "share", **across}, "color": colour_scale(figures, labels)},
        },
        {
            "mark": {"type": "rule", "color": INK, "strokeWidth": 1.3},
            "encoding": {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}},
        },
        {"mark": {"type": "rule", "color": QUIET}, "encoding": {"x": {"datum": 0}}},
        *texts,
        width=620,
        height={"step": 34},
    )
    most = {
        way: max(figures.others, key=lambda one: figures.cell(way, one).mean)
        for way in ("deterred", "provoked")
    }
    shares = {way: figures.cell(way, option).mean for way, option in most.items()}
    told = [f"{way} in up to {share_text(shares[way])} of histories ({most[way].name})" for way in most]
    return Chart(
        id="escalation",
        title=f"The adversary is {told[0]} and {told[1]}",
        subtitle=(
            f"Share of histories in which the adversary's highest posture is lower (deterred) or higher (provoked) "
            f"than under {figures.reference.name} with the same chance; bar: mean, line: 90% interval over draws."
        ),
        spec=finished(chart, margin=40),
    )


def nuclear_chart(figures: Figures) -> Chart:
    """Nuclear use, of it deliberate and inadvertent, and general exchange, on a logarithmic scale."""
    labels = option_labels(figures.options, figures.case)
    cells = {(kind, option.id): figures.cell(kind, option) for kind in _KINDS for option in figures.options}
    positive = [end for cell in cells.values() for end in (cell.mean, cell.p95) if end > 0]
    low = max(1e-6, 10.0 ** math.floor(math.log10(min(positive, default=1e-4)))) / 10
    high = min(1.0, 10.0 ** math.ceil(math.log10(max(positive, default=1e-2))))
    decades = list(range(round(math.log10(low)), round(math.log10(high)) + 1))
    across = {
        "type": "quantitative",
        "title": None,
        "scale": {"type": "log", "domain": [low, high], "nice": False},
        "axis": {
            "values": [10.0**power for power in decades[1 :: 2 if len(decades) > 3 else 1]],
            "labelExpr": "datum.value < 1 ? '1 in ' + format(round(1 / datum.value), ',') : 'certain'",
            "labelFlush": True,
            "labelFontSize": 10,
        },
    }
    panels: list[Spec] = []
    for place, (kind, title) in enumerate(_KINDS.items()):
        rows = [
            {
                "option": labels[option.id],
                "mean": max(cells[kind, option.id].mean, low),
                "low": min(max(cells[kind, option.id].p05, low), high),
                "high": max(cells[kind, option.id].p95, low),
            }
            for option in figures.options
        ]
        colour = colour_scale(figures, labels)
        panels.append(
            layered(
                rows,
                {"y": named_axis("option", list(labels.values()), labels=place == 0), "color": colour},
                {
                    "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.45},
                    "encoding": {"x": {"field": "low", **across}, "x2": {"field": "high"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 75, "opacity": 1},
                    "encoding": {"x": {"field": "mean", **across}, "shape": shape_scale(figures, labels)},
                },
                width=185,
                height={"step": 24},
                title=title,
            )
        )
    means = [cells["nuclear_use_probability", option.id].mean for option in figures.options]
    top, bottom = (figures.options[means.index(end(means))].name for end in (max, min))
    title = f"Nuclear use is likeliest under {top}"
    if 0 < min(means) < max(means):
        title += f": {max(means) / min(means):.1f} times the mean probability under {bottom}"
    return Chart(
        id="nuclear",
        title=title,
        subtitle="Probability by the horizon; dot: mean, line: 90% interval over draws; one logarithmic scale.",
        spec=finished({"hconcat": panels, "spacing": 30}, margin=40),
    )
