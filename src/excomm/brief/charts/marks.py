"""Colours and shapes of options in charts that are drawn from a study, by their places in the case."""

from __future__ import annotations

from excomm.analysis.study import Study
from excomm.brief.charts.look import Spec
from excomm.brief.palette import MARKS, Mark

__all__ = ["colours", "labelled", "mark_in", "shapes"]


def mark_in(study: Study, option: str) -> Mark:
    """Mark of an option, the same as everywhere else."""
    return MARKS[study.places[option] % len(MARKS)]


def labelled(study: Study) -> dict[str, str]:
    """Name of each option -> the name behind its symbol."""
    return {
        study.names[option]: f"{mark_in(study, option).symbol} {study.names[option]}"
        for option in study.options
    }


def colours(study: Study) -> Spec:
    """Colours of labelled options, without a legend."""
    inks = [mark_in(study, option).ink.light for option in study.options]
    return {
        "field": "option",
        "type": "nominal",
        "scale": {"domain": list(labelled(study).values()), "range": inks},
        "legend": None,
    }


def shapes(study: Study) -> Spec:
    """Shapes of labelled options, without a legend."""
    kinds = [mark_in(study, option).shape for option in study.options]
    return {
        "field": "option",
        "type": "nominal",
        "scale": {"domain": list(labelled(study).values()), "range": kinds},
        "legend": None,
    }
