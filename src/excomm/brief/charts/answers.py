"""The charts of an answer: the same drawings for brief, command line and explorer."""

from __future__ import annotations

from excomm.analysis.answers import Answer
from excomm.analysis.study import Study
from excomm.brief.charts.bars import information_chart, regret_chart, tornado_chart
from excomm.brief.charts.look import Chart
from excomm.brief.charts.spread import (
    distribution_chart,
    exceedance_chart,
    tipping_chart,
    tipping_map_chart,
    trade_off_chart,
)

__all__ = ["charts_of"]


def charts_of(study: Study, answer: Answer) -> tuple[Chart, ...]:
    """Charts of an answer, the leading one first; none where the numbers alone say it."""
    found, charts = answer.results, []
    if "differences" in found:
        charts.append(distribution_chart(study, answer.subject))
    if "swings" in found and found["swings"].parameters:
        charts.append(tornado_chart(found["swings"], answer.subject))
    if "risk" in found:
        charts.append(exceedance_chart(study, answer.subject, found["risk"].line))
    if "robustness" in found:
        charts.append(regret_chart(study, found["robustness"]))
    if "boxes" in found:
        charts += [trade_off_chart(box) for box in found["boxes"].boxes[:1]]
    if "points" in found:
        charts += [tipping_chart(point, "difference in value") for point in found["points"][:1]]
    if "map" in found:
        charts.append(tipping_map_chart(study, found["map"]))
    if "everything" in found:
        pieces = sorted(
            (*found["parameters"], *found["submodels"], *found["collections"]), key=lambda each: -each.value
        )
        charts.append(information_chart(pieces, answer.subject, everything=found["everything"].value))
    return tuple(charts)
