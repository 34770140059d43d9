"""Charts: their numbers are those of the run, their axes are shared, their drawings are inert."""

from __future__ import annotations

import re
from typing import Any

import pytest

from excomm.brief.charts import (
    Chart,
    drivers_chart,
    escalation_chart,
    nuclear_chart,
    series_chart,
    support_chart,
    triangle_chart,
)
from excomm.brief.deciders import Triangle
from excomm.brief.figures import Figures
from excomm.brief.outline import SERIES_BELOW, SERIES_SHOWN, Brief
from excomm.brief.palette import INKS, mark_of
from excomm.engine.run import Run


def charts_of(brief: Brief) -> list[Chart]:
    return [*brief.series, *brief.series_below, *brief.implication_charts, *brief.decision_charts]


@pytest.mark.parametrize("name", [*SERIES_SHOWN, *SERIES_BELOW])
def test_weekly_series_show_the_quantiles_of_the_run(name: str, figures: Figures, run: Run) -> None:
    panels = series_chart(figures, name).spec["hconcat"]
    assert len(panels) == len(run.options)
    for option, panel in zip(run.options, panels, strict=True):
        rows = panel["data"]["values"]
        assert [row["week"] for row in rows] == list(range(1, run.case.horizon_weeks + 1))
        for field, quantile in (("p05", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95)):
            wanted = run.weekly[name].sel(option=option, quantile=quantile).values
            assert [row[field] for row in rows] == pytest.approx(wanted.tolist(), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("name", [*SERIES_SHOWN, *SERIES_BELOW])
def test_small_multiples_share_their_axes(name: str, figures: Figures) -> None:
    spec: Any = series_chart(figures, name).spec
    domains = {
        (channel, tuple(layer["encoding"][channel]["scale"]["domain"]))
        for panel in spec["hconcat"]
        for layer in panel["layer"]
        for channel in ("y",)
    } | {("x", tuple(panel["encoding"]["x"]["scale"]["domain"])) for panel in spec["hconcat"]}
    assert len(domains) == 2


def test_each_option_keeps_its_colour(figures: Figures, run: Run) -> None:
    spec: Any = series_chart(figures, "area_change").spec
    for option, panel in zip(run.options, spec["hconcat"], strict=True):
        assert panel["layer"][-1]["mark"]["color"] == mark_of(run.case, option).ink.light
        assert panel["title"]["text"][0].startswith(mark_of(run.case, option).symbol)


def test_deterred_and_provoked_are_those_of_the_table(figures: Figures) -> None:
    spec: Any = escalation_chart(figures).spec
    rows = spec["data"]["values"]
    for option in figures.others:
        for way, sign in (("deterred", -1), ("provoked", 1)):
            row = next(row for row in rows if row["way"] == way and row["option"].endswith(option.name))
            cell = figures.cell(way, option)
            assert (row["share"], row["low"], row["high"]) == (
                sign * cell.mean,
                sign * cell.p05,
                sign * cell.p95,
            )
    assert not any(row["option"].endswith(figures.reference.name) for row in rows)


def test_nuclear_panels_share_a_logarithmic_scale(figures: Figures) -> None:
    spec: Any = nuclear_chart(figures).spec
    scales = [layer["encoding"]["x"]["scale"] for panel in spec["hconcat"] for layer in panel["layer"]]
    assert all(scale == scales[0] for scale in scales)
    assert scales[0]["type"] == "log"
    for panel, kind in zip(spec["hconcat"], ("use", "deliberate", "inadvertent"), strict=False):
        for option, row in zip(figures.options, panel["data"]["values"], strict=True):
            assert row["mean"] == figures.cell(f"nuclear_{kind}_probability", option).mean


def test_support_and_drivers_show_what_the_section_says(figures: Figures, brief: Brief) -> None:
    spec: Any = support_chart(figures, brief.decides.support).spec
    for view, panel in zip(brief.decides.support, spec["hconcat"], strict=True):
        assert [row["stated"] for row in panel["data"]["values"]] == [cell.stated for cell in view.cells]
        assert [row["weights"] for row in panel["data"]["values"]] == [cell.weights for cell in view.cells]
    assert brief.decides.pair
    drawn: Any = drivers_chart(brief.decides.pair).spec
    assert [row["share"] for row in drawn["data"]["values"]] == [
        each.share for each in brief.decides.pair.drivers
    ]


def test_corners_of_the_triangle_are_pure_weights(figures: Figures) -> None:
    import numpy as np

    options = figures.run.options
    triangle = Triangle(
        ("lives", "land", "risk"), np.eye(3), (options[0], options[1], options[0]), "A sentence."
    )
    spec: Any = triangle_chart(figures, triangle).spec
    points = np.array([(row["x"], row["y"]) for row in spec["layer"][0]["data"]["values"]])
    assert points == pytest.approx(np.array([(0, 0), (1, 0), (0.5, 0.866)]), abs=1e-3)


def test_altair_accepts_every_kind_of_specification(brief: Brief) -> None:
    """One plain series, one of levels, one of shares, and every other chart; its check takes seconds for each."""
    alike = {"series-losses_host", "series-losses_adversary", "series-power_host", "series-missiles_leaked",
             "series-troops_alliance"}  # fmt: skip
    for chart in charts_of(brief):
        if chart.id in alike:
            continue
        drawn = chart.altair()
        assert drawn.to_dict()["title"]["text"]


def test_every_chart_states_a_message_and_its_data(brief: Brief) -> None:
    for chart in charts_of(brief):
        assert re.search(r"\d|“", chart.title) or "first" in chart.title or "highest" in chart.title, (
            chart.title
        )
        assert chart.subtitle.rstrip().endswith(".")


def test_drawings_are_inert_and_follow_the_page(brief: Brief) -> None:
    for chart in charts_of(brief):
        svg = chart.svg()
        assert "font-family" not in svg
        assert not re.search(r"<(script|image|a|foreignObject|style)\b|\bstyle=|\bon\w+=|href=", svg)
        assert "var(--" in svg
        fixed = set(re.findall(r'"(#[0-9a-fA-F]{3,8})"', svg)) - {"#000"}
        assert not fixed & {ink.light for ink in INKS.values()}
