"""The brief as frozen pieces, section by section: sentences and cells, before any markup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from excomm.brief.appendix import BandView, ParameterView, bands, limits, manifest, parameters
from excomm.brief.charts import (
    Chart,
    drivers_chart,
    escalation_chart,
    nuclear_chart,
    series_chart,
    support_chart,
    triangle_chart,
)
from excomm.brief.deciders import Deciders, deciders
from excomm.brief.details import KeyDetails, key_details
from excomm.brief.figures import Figures
from excomm.brief.findings import Finding, implications, reactions
from excomm.brief.options import OptionCard, option_cards
from excomm.brief.outlook import Outlook, outlook
from excomm.brief.table import OptionsTable, options_table
from excomm.brief.threats import game_findings
from excomm.brief.words import day
from excomm.engine.run import Run

__all__ = ["Brief", "Head", "behaviour_charts", "outline"]

SERIES_SHOWN = ("area_change", "adversary_posture", "losses_host", "losses_adversary")
SERIES_BELOW = ("power_host", "missiles_leaked", "troops_alliance", "ceasefire")


@dataclass(frozen=True)
class Head:
    """Title block."""

    title: str
    question: str
    summary: str
    as_of: str
    horizon: str
    run: str
    size: str


@dataclass(frozen=True)
class Brief:
    """The whole brief in the order in which it is read."""

    head: Head
    options: tuple[OptionCard, ...]
    details: KeyDetails
    table: OptionsTable
    series: tuple[Chart, ...]
    series_below: tuple[Chart, ...]
    implications: tuple[Finding, ...]
    implication_charts: tuple[Chart, ...]
    reactions: tuple[Finding, ...]
    decides: Deciders
    decision_charts: tuple[Chart, ...]
    outlook: Outlook
    bands: tuple[BandView, ...]
    limits: tuple[str, ...]
    parameters: tuple[ParameterView, ...]
    manifest: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str], ...]


def _head(run: Run) -> Head:
    end = run.case.as_of + timedelta(weeks=run.case.horizon_weeks)
    return Head(
        title=run.case.title,
        question=run.case.question,
        summary=run.case.summary,
        as_of=day(run.case.as_of),
        horizon=f"{run.case.horizon_weeks} weeks, to {day(end)}",
        run=run.id,
        size=f"{run.draws:,} draws of the parameters, {run.replicates:,} random histories of each",
    )


def _series(figures: Figures, names: tuple[str, ...]) -> tuple[Chart, ...]:
    return tuple(series_chart(figures, name) for name in names if name in figures.run.weekly)


def _implication_charts(figures: Figures) -> tuple[Chart, ...]:
    return (*((escalation_chart(figures),) if figures.others else ()), nuclear_chart(figures))


def behaviour_charts(run: Run) -> tuple[Chart, ...]:
    """Charts of what the simulation shows, before anything is weighed."""
    figures = Figures(run)
    return (*_series(figures, (*SERIES_SHOWN, *SERIES_BELOW)), *_implication_charts(figures))


def _decision_charts(figures: Figures, decides: Deciders) -> tuple[Chart, ...]:
    charts = []
    if decides.support:
        charts.append(support_chart(figures, decides.support))
    if decides.pair and decides.pair.drivers:
        charts.append(drivers_chart(decides.pair))
    if decides.triangle:
        charts.append(triangle_chart(figures, decides.triangle))
    if decides.further:
        charts += decides.further.charts
    return tuple(charts)


def outline(run: Run) -> Brief:
    """Everything that the brief says about a run."""
    figures = Figures(run)
    decides = deciders(figures)
    return Brief(
        head=_head(run),
        options=option_cards(figures),
        details=key_details(figures),
        table=options_table(figures),
        series=_series(figures, SERIES_SHOWN),
        series_below=_series(figures, SERIES_BELOW),
        implications=implications(figures),
        implication_charts=(
            *((escalation_chart(figures),) if figures.others else ()),
            nuclear_chart(figures),
        ),
        reactions=reactions(figures) + game_findings(figures),
        decides=decides,
        decision_charts=_decision_charts(figures, decides),
        outlook=outlook(figures, decides),
        bands=bands(figures),
        limits=limits(figures),
        parameters=parameters(figures),
        manifest=manifest(figures),
        inputs=tuple(run.case.files_hashes.items()),
    )
