"""Bars of analyses: tornado, regret, value of information, parts of a disagreement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from excomm.analysis.disagreement import Disagreement
from excomm.analysis.information import InformationValue
from excomm.analysis.robustness import Robustness
from excomm.analysis.samples import Z90
from excomm.analysis.study import Study
from excomm.analysis.swings import Swings
from excomm.analysis.wording import number
from excomm.brief.charts.look import INK, QUIET, Chart, Spec, finished, layered, named_axis, upright
from excomm.brief.charts.marks import colours, labelled

__all__ = ["disagreement_chart", "information_chart", "regret_chart", "tornado_chart"]

_HIGH, _LOW = "#0067a5", "#c24e00"


def _quantity(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "quantitative", **more}


def _text(field: str) -> Spec:
    return {"field": field, "type": "nominal"}


def tornado_chart(found: Swings, what: str) -> Chart:
    """Expected outcome at the 5% and the 95% point of each parameter, the widest swing on top."""
    rows: list[dict[str, Any]] = [
        {
            "parameter": found.parameters[place],
            "at_low": float(found.at_low[place]),
            "at_high": float(found.at_high[place]),
            "low": number(float(found.low[place])),
            "high": number(float(found.high[place])),
        }
        for place in found.order
    ]
    ends = [value for row in rows for value in (row["at_low"], row["at_high"])] + [found.mean]
    reach = max(ends) - min(ends) or 1.0
    domain = [min(ends) - 0.28 * reach, max(ends) + 0.28 * reach]
    across: dict[str, Any] = {
        "title": found.unit or None,
        "scale": {"domain": domain, "nice": False},
        "axis": {"tickCount": 6},
    }
    if found.is_logarithmic:
        across["title"] = "geometric mean, on a logarithmic scale"
        across["axis"] = {"tickCount": 6, "labelExpr": "format(100 * exp(datum.value), '.2~r') + ' in 100'"}
    texts = []
    for end, colour in (("low", _LOW), ("high", _HIGH)):
        texts += [
            {
                "transform": [{"filter": f"datum.at_{end} {sign} {found.mean!r}"}],
                "mark": {"type": "text", "align": align, "dx": shift, "fontSize": 11, "color": colour},
                "encoding": {"x": _quantity(f"at_{end}", **across), "text": _text(end)},
            }
            for sign, align, shift in (("<", "right", -5), (">=", "left", 5))
        ]
    spec = layered(
        rows,
        {"y": named_axis("parameter", [row["parameter"] for row in rows])},
        {
            "mark": {"type": "bar", "height": 12, "color": QUIET, "opacity": 0.4},
            "encoding": {"x": _quantity("at_low", **across), "x2": {"field": "at_high"}},
        },
        *(
            {
                "mark": {"type": "tick", "thickness": 3, "height": 16, "color": colour},
                "encoding": {"x": _quantity(field, **across)},
            }
            for field, colour in (("at_low", _LOW), ("at_high", _HIGH))
        ),
        upright(found.mean),
        *texts,
        width=560,
        height={"step": 28},
    )
    first = found.order[0]
    return Chart(
        id="tornado",
        title=(
            f"{found.parameters[first]} moves the {found.average} most: from {found.told(found.at_low[first])} to "
            f"{found.told(found.at_high[first])} {found.unit}".rstrip()
        ),
        subtitle=(
            f"Mean of {what} at the 5% point (orange) and the 95% point (blue) of each parameter, whose values stand "
            "beside; the others vary as they do. Upright line: mean of all draws."
        ),
        spec=finished(spec, margin=60),
    )


def regret_chart(study: Study, found: Robustness) -> Chart:
    """Regret of each option: mean, 90th percentile and largest."""
    labels = labelled(study)
    rows: list[dict[str, Any]] = [
        {
            "option": labels[name],
            "mean": float(found.mean_regret[place]),
            "p90": float(found.regret_p90[place]),
            "most": float(found.max_regret[place]),
        }
        for place, name in enumerate(found.options)
    ]
    top = max(row["most"] for row in rows) or 1.0
    across = {
        "title": f"regret{' [' + found.unit + ']' if found.unit else ''}",
        "scale": {"domain": [0, top * 1.05], "nice": False},
        "axis": {"tickCount": 6},
    }
    spec = layered(
        rows,
        {"y": named_axis("option", list(labels.values()))},
        {
            "mark": {"type": "bar", "height": 12, "opacity": 0.55},
            "encoding": {"x": _quantity("mean", **across), "color": colours(study)},
        },
        {
            "mark": {"type": "rule", "color": INK, "strokeWidth": 1.3},
            "encoding": {"x": _quantity("mean", **across), "x2": {"field": "p90"}},
        },
        {
            "mark": {"type": "point", "shape": "stroke", "angle": 90, "color": INK, "size": 90},
            "encoding": {"x": _quantity("most", **across)},
        },
        width=560,
        height={"step": 30},
    )
    least = min(range(len(found.options)), key=lambda place: float(found.regret_p90[place]))
    return Chart(
        id="regret",
        title=(
            f"In 9 of 10 draws {found.options[least]} loses at most {number(float(found.regret_p90[least]))} against "
            "what turns out best"
        ),
        subtitle="Bar: mean regret; line: up to its 90th percentile; stroke: the largest of any draw.",
        spec=finished(spec, margin=40),
    )


def information_chart(
    values: Sequence[InformationValue], who: str, *, count: int = 10, everything: float | None = None
) -> Chart:
    """What each piece of information is worth, with its 90% interval, the highest first."""
    clear = [each for each in values if each.low > 0]
    shown = (clear or [each for each in values if each.value > 0])[:count] or list(values[:1])
    rows: list[dict[str, Any]] = [
        {"piece": each.name, "value": each.value, "low": each.low, "high": each.high}
        | {"text": number(each.value, each.error or None) if each.value > 0 else "nothing"}
        for each in shown
    ]
    top = max([row["high"] for row in rows] + [everything or 0.0]) or 1.0
    across = {
        "title": "gain in expected value, on the scale from 0 to 1",
        "scale": {"domain": [0, top * 1.25], "nice": False},
        "axis": {"tickCount": 6},
    }
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": 12, "color": QUIET, "opacity": 0.5},
            "encoding": {"x": _quantity("value", **across)},
        },
        {
            "mark": {"type": "rule", "color": INK, "strokeWidth": 1.3},
            "encoding": {"x": _quantity("low", **across), "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "color": INK, "fontSize": 11},
            "encoding": {"x": _quantity("high", **across), "text": _text("text")},
        },
    ]
    if everything:
        layers.append(upright(everything, strokeDash=[4, 3]))
    spec = layered(
        rows,
        {"y": named_axis("piece", [row["piece"] for row in rows])},
        *layers,
        width=520,
        height={"step": 26},
    )
    best = shown[0]
    title = f"Nothing that can be learnt singly would change what {who} prefers on average"
    if best.low > 0:
        title = f"Most worth finding out for {who}: {best.name}, worth {number(best.value, best.error)}"
    line = "; dashed: the value of knowing everything" if everything else ""
    return Chart(
        id="information",
        title=title,
        subtitle=f"Value of knowing it before choosing, where chance does not explain it; line: 90% interval{line}.",
        spec=finished(spec, margin=60),
    )


def disagreement_chart(found: Disagreement) -> Chart:
    """From the first conclusion to the second: what each group of settings adds, the largest first."""
    order = sorted(range(len(found.groups)), key=lambda place: -abs(float(found.effect[place])))
    one, two = found.sides
    rows: list[dict[str, Any]] = [
        {"group": one, "from": found.first, "to": found.first, "text": number(found.first), "kind": "end"}
    ]
    at = found.first
    for place in order:
        step = float(found.effect[place])
        rows.append(
            {
                "group": found.groups[place],
                "from": at,
                "to": at + step,
                "low": at + step - Z90 * float(found.error[place]),
                "high": at + step + Z90 * float(found.error[place]),
                "text": ("+" if step > 0 else "") + number(step, float(found.error[place]) or None),
                "kind": "more" if step > 0 else "less",
            }
        )
        at += step
    rows.append(
        {"group": two, "from": found.second, "to": found.second, "text": number(found.second), "kind": "end"}
    )
    ends = [row[key] for row in rows for key in ("from", "to", "low", "high") if key in row]
    reach = max(ends) - min(ends) or 1.0
    across = {
        "title": f"{found.conclusion}{' [' + found.unit + ']' if found.unit else ''}",
        "scale": {"domain": [min(ends) - 0.1 * reach, max(ends) + 0.3 * reach], "nice": False, "zero": False},
        "axis": {"tickCount": 6},
    }
    tint = {"domain": ["end", "more", "less"], "range": [INK, _HIGH, _LOW]}
    colour = {"field": "kind", "type": "nominal", "scale": tint, "legend": None}
    spec = layered(
        rows,
        {"y": named_axis("group", [row["group"] for row in rows])},
        {
            "mark": {"type": "bar", "height": 12, "opacity": 0.55},
            "encoding": {"x": _quantity("from", **across), "x2": {"field": "to"}, "color": colour},
        },
        {
            "transform": [{"filter": "datum.kind == 'end'"}],
            "mark": {"type": "tick", "thickness": 3, "height": 18, "color": INK},
            "encoding": {"x": _quantity("to", **across)},
        },
        {
            "transform": [{"filter": "datum.kind != 'end'"}],
            "mark": {"type": "rule", "color": INK, "strokeWidth": 1.3},
            "encoding": {"x": _quantity("low", **across), "x2": {"field": "high"}},
        },
        {
            "transform": [{"calculate": "max(datum.from, datum.to, datum.high || -1e300)", "as": "edge"}],
            "mark": {"type": "text", "align": "left", "dx": 8, "color": INK, "fontSize": 11},
            "encoding": {"x": _quantity("edge", **across), "text": _text("text")},
        },
        width=540,
        height={"step": 28},
    )
    return Chart(
        id="disagreement",
        title=f"{one} comes to {number(found.first)} and {two} to {number(found.second)} {found.unit}".rstrip(),
        subtitle=(
            f"{found.conclusion[:1].upper()}{found.conclusion[1:]}: what each group of settings adds when it is "
            "exchanged, on average over all orders of exchange; line: 90% interval."
        ),
        spec=finished(spec, margin=60),
    )
