"""Charts of single analyses: every specification carries the numbers of its result."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from excomm.analysis.answers import ANALYSES, ask
from excomm.analysis.disagreement import attribute
from excomm.analysis.study import Study
from excomm.analysis.wording import frequency
from excomm.brief.charts.answers import charts_of
from excomm.brief.charts.bars import disagreement_chart
from excomm.brief.charts.look import Chart
from excomm.brief.palette import MARKS
from planted import TIPS_AT, planted


@pytest.fixture(scope="module")
def study() -> Study:
    return planted()


def drawn(study: Study, analysis: str, **settings: Any) -> tuple[Any, dict[str, Chart]]:
    answer = ask(study, analysis, **settings)
    return answer.results, {chart.id: chart for chart in charts_of(study, answer)}


def test_twenty_dots_stand_for_the_draws(study: Study) -> None:
    _, charts = drawn(study, "compare", outcome="area_change")
    bands, _, dots = (layer["data"]["values"] for layer in charts["distribution-area_change"].spec["layer"])
    area = study.outcomes["area_change"]
    for option, row, place in zip(("● Stay", "■ Act", "▲ Wait"), area, range(3), strict=True):
        own = [dot["value"] for dot in dots if dot["option"] == option]
        assert own == pytest.approx(np.quantile(row, (np.arange(20) + 0.5) / 20).tolist())
        assert [bands[place][name] for name in ("p05", "p25", "p75", "p95")] == pytest.approx(
            np.quantile(row, [0.05, 0.25, 0.75, 0.95]).tolist()
        )


def test_the_tornado_spans_the_swings(study: Study) -> None:
    results, charts = drawn(study, "drivers", outcome="area_change", option="act", against="wait")
    found, spec = results["swings"], charts["tornado"].spec
    rows = spec["data"]["values"]
    assert [row["parameter"] for row in rows] == [found.parameters[at] for at in found.order]
    assert [row["at_high"] - row["at_low"] for row in rows] == pytest.approx(
        found.swing[found.order].tolist()
    )
    assert rows[0]["parameter"] == "ground.size"


def test_the_tornado_of_a_rare_risk_is_read_in_natural_frequencies(study: Study) -> None:
    results, charts = drawn(study, "drivers", outcome="nuclear_use_probability", option="act")
    found, chart = results["swings"], charts["tornado"]
    low, high = (frequency(float(np.exp(end[found.order[0]]))) for end in (found.at_low, found.at_high))
    assert chart.title.endswith(f"moves the geometric mean most: from {low} to {high}")
    assert "exp(datum.value)" in json.dumps(chart.spec)


def test_regret_bars_show_mean_tail_and_worst(study: Study) -> None:
    results, charts = drawn(study, "robustness", perspective="host")
    rows, found = charts["regret"].spec["data"]["values"], results["robustness"]
    assert [row["mean"] for row in rows] == pytest.approx(found.regret.mean(axis=1).tolist())
    assert [row["p90"] for row in rows] == pytest.approx(np.quantile(found.regret, 0.9, axis=1).tolist())
    assert [row["most"] for row in rows] == pytest.approx(found.regret.max(axis=1).tolist())


def test_the_exceedance_curve_counts_draws(study: Study) -> None:
    _, charts = drawn(study, "risk", line=0.002)
    spec: Any = charts["exceedance"].spec
    risk = study.outcomes["nuclear_use_probability"][1]
    own = [row for row in spec["data"]["values"] if row["option"] == "■ Act"]
    assert [row["above"] for row in own] == pytest.approx(
        [(risk > row["line"]).mean() for row in own], abs=0.003
    )
    assert spec["layer"][1]["data"]["values"] == [{"line": 0.002}]
    assert f"{100 * (risk > 0.002).mean():.0f}%" in charts["exceedance"].title


def test_the_tipping_curve_is_the_band_and_its_turn(study: Study) -> None:
    results, charts = drawn(study, "tipping", option="act", against="stay")
    point, spec = results["points"][0], charts["tipping-curve"].spec
    rows = spec["data"]["values"]
    assert [row["difference"] for row in rows] == pytest.approx(point.curve[:, 1].tolist())
    assert [row["low"] for row in rows] == pytest.approx(point.curve[:, 2].tolist())
    assert spec["layer"][-1]["encoding"]["x"]["datum"] == pytest.approx(TIPS_AT, abs=0.05)


def test_the_tipping_map_is_cut_where_the_lead_turns(study: Study) -> None:
    results, charts = drawn(
        study, "tipping", option="act", against="stay", parameters=["ground.size", "front.idle"]
    )
    rows = charts["tipping-map"].spec["data"]["values"]
    known = int(np.isfinite(results["map"].difference).sum())
    assert len(rows) == known
    for row in rows:
        if row["lead"].endswith("Act"):
            assert row["first"] > TIPS_AT - 0.3
        elif row["lead"].endswith("Stay"):
            assert row["first"] < TIPS_AT + 0.3
    ahead = sum(row["lead"].endswith("Act") for row in rows) / known
    assert ahead == pytest.approx(results["map"].clear_share[0], abs=0.002)


def test_the_trade_off_ends_in_the_chosen_box(study: Study) -> None:
    results, charts = drawn(study, "discovery", option="act", against="stay")
    box, layers = results["boxes"].boxes[0], charts["trade-off"].spec["layer"]
    assert len(layers[0]["data"]["values"]) == len(box.trade_off)
    assert layers[0]["data"]["values"][0]["coverage"] == 1.0
    (chosen,) = layers[1]["data"]["values"]
    assert (chosen["coverage"], chosen["density"]) == (box.coverage, box.density)


def test_information_bars_are_values_with_their_intervals(study: Study) -> None:
    results, charts = drawn(study, "information", collect={"ground.size": 1.0})
    rows = charts["information"].spec["data"]["values"]
    known = {
        each.name: each
        for each in (*results["parameters"], *results["submodels"], *results["collections"])
        if each.low > 0
    }
    assert {row["piece"] for row in rows} == set(known)
    for row in rows:
        each = known[row["piece"]]
        assert (row["value"], row["low"], row["high"]) == (each.value, each.low, each.high)
    assert charts["information"].spec["layer"][-1]["data"]["values"] == [{"at": results["everything"].value}]


def test_the_parts_of_a_disagreement_lead_from_one_side_to_the_other() -> None:
    steps = {"resolve": 3.0, "air": -1.0, "ground": 0.5}
    found = attribute(
        lambda chosen: 10 + sum(steps[name] for name in chosen),
        list(steps),
        conclusion="the risk",
        sides=("hawk", "dove"),
    )
    rows = disagreement_chart(found).spec["data"]["values"]
    assert [row["group"] for row in rows] == ["hawk", "resolve", "air", "ground", "dove"]
    assert [row["to"] for row in rows] == pytest.approx([10, 13, 12, 12.5, 12.5])
    assert [row["from"] for row in rows[1:4]] == pytest.approx([10, 13, 12])


def test_options_keep_their_colours(study: Study) -> None:
    _, charts = drawn(study, "compare", outcome="area_change")
    scale = charts["distribution-area_change"].spec["layer"][2]["encoding"]["color"]["scale"]
    assert scale["domain"] == ["● Stay", "■ Act", "▲ Wait"]
    assert scale["range"] == [mark.ink.light for mark in MARKS[:3]]


@pytest.mark.parametrize("analysis", ANALYSES)
def test_altair_accepts_every_chart_and_each_states_its_message(study: Study, analysis: str) -> None:
    settings = {"option": "act"} if analysis == "drivers" else {}
    charts = charts_of(study, ask(study, analysis, **settings))
    for chart in charts:
        assert chart.altair().to_dict()["title"]["text"]
        assert chart.subtitle.rstrip().endswith(".")
    assert charts or analysis in ("weights", "stability")
