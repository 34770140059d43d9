"""Weekly series as small multiples: a panel an option, common axes."""

from __future__ import annotations

from excomm.brief.charts.look import PAGE_WIDTH, QUIET, Chart, Spec, finished, layered, wrapped
from excomm.brief.figures import Figures
from excomm.brief.palette import mark_of
from excomm.case.model import Option, Posture
from excomm.engine.wording import number_text, plain_unit
from excomm.quantities import SERIES

__all__ = ["series_chart"]

_SIDES = {"alliance_posture": "alliance", "adversary_posture": "adversary"}


def _postures(figures: Figures, name: str) -> tuple[Posture, ...]:
    return figures.case.postures[_SIDES[name]] if name in _SIDES else ()


def _axis_format(low: float, high: float, unit: str) -> str:
    if unit == "share":
        return "%"
    span = high - low
    return ",.0f" if span >= 10 else ".2~f" if span < 2 else ".1~f"


def _message(figures: Figures, name: str) -> str:
    """What the medians in the last week say."""
    series, unit = SERIES[name], plain_unit(SERIES[name].unit)
    ends = {option.name: float(figures.weekly(name)[at, -1, 2]) for at, option in enumerate(figures.options)}
    weeks = figures.case.horizon_weeks
    if name in _SIDES:
        postures = _postures(figures, name)
        levels = sorted({min(max(round(value), 0), len(postures) - 1) for value in ends.values()})
        names = [f"“{postures[level].name}”" for level in levels]
        between = names[0] if len(names) == 1 else f"between {names[0]} and {names[-1]}"
        return f"{series.label}: the median history ends at {between}"
    low, high = min(ends, key=lambda key: ends[key]), max(ends, key=lambda key: ends[key])
    if series.unit == "share":
        texts = [f"{ends[key]:.0%}" for key in (low, high)]
        unit = "of histories" if name == "ceasefire" else ""
    else:
        spread = max(abs(value) for value in ends.values()) / 50 or None
        texts = [number_text(ends[key], spread) for key in (low, high)]
    unit = f" {unit}" if unit else ""
    if texts[0] == texts[1]:
        return f"{series.label}: about {texts[0]}{unit} in week {weeks} under every option"
    kind = "" if name == "ceasefire" else "medians "
    return f"{series.label}: {kind}in week {weeks} from {texts[0]} ({low}) to {texts[1]}{unit} ({high})"


def _range(figures: Figures, name: str) -> tuple[float, float]:
    if name in _SIDES:
        return 0.0, float(len(_postures(figures, name)) - 1)
    values = figures.weekly(name)
    low, high = float(min(values.min(), 0.0)), float(max(values.max(), 0.0))
    if name == "ceasefire":
        high = max(high, 0.1)
    return (low, high) if high > low else (low, low + 1.0)


def _panel(figures: Figures, name: str, option: Option, *, width: int, height: int) -> Spec:
    place = figures.run.options.index(option.id)
    values = figures.weekly(name)
    reference = values[figures.run.options.index(figures.reference.id), :, 2]
    weeks = [int(week) for week in figures.run.weekly["week"].values]
    low, high = _range(figures, name)
    first = place == 0
    rows = [
        {"week": week}
        | {
            field: float(f"{value:.5g}")
            for field, value in zip(("p05", "p25", "p50", "p75", "p95"), v, strict=True)
        }
        | {"reference": float(f"{r:.5g}")}
        for week, v, r in zip(weeks, values[place], reference, strict=True)
    ]
    ticks: Spec = {"tickCount": 4, "format": _axis_format(low, high, SERIES[name].unit)}
    if name in _SIDES:
        ticks = {"values": list(range(int(high) + 1)), "format": "d"}
    scale = {"domain": [low, high], "nice": name not in _SIDES}
    axis = {"labels": first, "ticks": False, "labelPadding": 4, **ticks}

    def up(field: str) -> Spec:
        return {"field": field, "type": "quantitative", "title": None, "scale": scale, "axis": axis}

    mark = mark_of(figures.case, option.id)
    step = {"interpolate": "step-after"} if name in _SIDES else {}
    layers: list[Spec] = []
    if name != "ceasefire":
        layers += [
            {"mark": {"type": "area", "opacity": opacity, "color": mark.ink.light, **step},
             "encoding": {"y": up(lower), "y2": {"field": upper}}}
            for lower, upper, opacity in (("p05", "p95", 0.18), ("p25", "p75", 0.32))
        ]  # fmt: skip
    if not option.is_reference:
        dashed = {"type": "line", "color": QUIET, "strokeDash": [3, 3], "strokeWidth": 1.2, **step}
        layers.append({"mark": dashed, "encoding": {"y": up("reference")}})
    layers.append(
        {
            "mark": {"type": "line", "color": mark.ink.light, "strokeWidth": 2.2, **step},
            "encoding": {"y": up("p50")},
        }
    )
    across = {
        "field": "week",
        "type": "quantitative",
        "title": "week" if first else None,
        "scale": {"domain": [0, weeks[-1]], "nice": False},
        "axis": {
            "grid": False,
            "values": [week for week in (0, 13, 26, 39, 52, 78, 104) if week <= weeks[-1]],
        },
    }
    title = {"text": wrapped(f"{mark.symbol} {option.name}", max(14, width // 7)), "color": mark.ink.light}
    return layered(rows, {"x": across}, *layers, width=width, height=height, title=title)


def series_chart(figures: Figures, name: str, *, height: int = 120) -> Chart:
    """One weekly series: a panel an option, median with 50 and 90 % bands, the reference's median dashed."""
    series = SERIES[name]
    width = max(90, (PAGE_WIDTH - 60) // len(figures.options) - 14)
    panels = [_panel(figures, name, option, width=width, height=height) for option in figures.options]
    unit = plain_unit(series.unit) or ("share of histories" if name == "ceasefire" else series.unit)
    if name in _SIDES:
        unit = "; ".join(f"{level} {each.name}" for level, each in enumerate(_postures(figures, name)))
    bands = (
        "Line: the share" if name == "ceasefire" else "Median with 50 and 90% bands over draws and replicates"
    )
    dashes = f"; dashed: {figures.reference.name}" if figures.others else ""
    return Chart(
        id=f"series-{name}",
        title=_message(figures, name),
        subtitle=f"{series.label} ({unit}). {series.definition} {bands}{dashes}.",
        spec=finished({"hconcat": panels, "spacing": 14}),
    )
