"""What's next: what to watch, what is scheduled, and forecasts that events will prove right or wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from excomm.brief.deciders import Deciders
from excomm.brief.drivers import in_short
from excomm.brief.figures import Figures
from excomm.brief.table import say
from excomm.brief.words import chance, day, plain_unit
from excomm.engine.wording import number_text
from excomm.quantities import OUTCOMES, SERIES

__all__ = ["Forecast", "Indicator", "Outlook", "outlook"]

_WEEKS = (13, 26)
_FORECAST_SERIES = (
    "area_change",
    "losses_adversary",
    "missiles_launched",
    "power_host",
    "civilian_deaths_host",
)
_WATCHED = ("area_change", "nuclear_use_probability", "ceasefire_probability")


@dataclass(frozen=True)
class Indicator:
    """Something to watch: a parameter that moves an outcome, and which way."""

    parameter: str
    text: str
    outcome: str
    share: str
    direction: str
    prior: str


@dataclass(frozen=True)
class Forecast:
    """A statement with a date, a probability or an interval, and the rule that settles it."""

    by: str
    statement: str
    middle: str
    likely: str
    rule: str


@dataclass(frozen=True)
class Outlook:
    """The section."""

    indicators: tuple[Indicator, ...]
    calendar: tuple[tuple[str, str, str, str], ...]
    forecasts: tuple[Forecast, ...]
    condition: str
    report: str


def _indicators(figures: Figures) -> tuple[Indicator, ...]:
    """Leading drivers of outcomes to watch under the reference option, from the draws of the run."""
    import numpy as np

    from excomm.analysis.given_data import first_order
    from excomm.errors import AnalysisError

    place = figures.run.options.index(figures.reference.id)
    known = figures.case.parameters(figures.reference)
    names = [
        name
        for name, values in figures.parameters.items()
        if name in known and values[place].min() < values[place].max()
    ]
    if not names:
        return ()
    inputs = np.column_stack([figures.parameters[name][place] for name in names])
    found: dict[tuple[str, str], Indicator] = {}
    for outcome in _WATCHED:
        if not figures.has(outcome):
            continue
        values = figures.draws(outcome)[place]
        try:
            shares = first_order(inputs, values, names)
        except AnalysisError:
            return ()
        for at in shares.order[:2]:
            if shares.p_value[at] * len(names) > 0.05 or shares.low[at] <= 0:
                continue
            parameter = known[names[at]]
            way = "rises" if shares.direction[at] > 0 else "falls"
            found[parameter.id, outcome] = Indicator(
                parameter=parameter.id,
                text=in_short(parameter),
                outcome=OUTCOMES[outcome].label,
                share=f"{shares.share[at]:.0%} ({shares.low[at]:.0%} to {shares.high[at]:.0%})",
                direction=f"higher than assumed: {OUTCOMES[outcome].label.lower()} {way}",
                prior=parameter.text,
            )
    return tuple(found.values())


def _settled_by(figures: Figures, series: str) -> str:
    """Who settles a forecast of a series: the source of the case's own check, where it has one."""
    for band in figures.case.plausibility:
        if band.quantity == series:
            return f"Settled by the first figure within 14 days from the source of the case's own check: {band.source}."
    return "Settled by the public count named when the forecast is registered, first figure within 14 days."


def _series_forecasts(figures: Figures) -> list[Forecast]:
    place = figures.run.options.index(figures.reference.id)
    forecasts = []
    for week in _WEEKS:
        if week > figures.case.horizon_weeks:
            continue
        end = figures.case.as_of + timedelta(weeks=week)
        for name in _FORECAST_SERIES:
            if name not in figures.run.weekly:
                continue
            series = SERIES[name]
            low, quarter, middle, third, high = figures.weekly(name)[place, week - 1]
            spread = abs(high - low) / 20 or None
            unit = plain_unit(series.unit)
            texts = [number_text(float(value), spread) for value in (low, quarter, middle, third, high)]
            is_total = series.unit.endswith("/week")
            when = f"in the week to {day(end)}" if is_total else f"on {day(end)}"
            forecasts.append(
                Forecast(
                    by=day(end),
                    statement=f"{series.label} {when}",
                    middle=f"{texts[2]} {unit}".strip(),
                    likely=f"{texts[1]} to {texts[3]} (50%); {texts[0]} to {texts[4]} (90%)",
                    rule=f"{series.definition} {_settled_by(figures, name)}",
                )
            )
    return forecasts


_EVENTS = (
    ("ceasefire_probability", "A ceasefire is agreed", "Both sides announce it and both confirm it in public."),
    ("clash_probability", "Alliance and adversary forces fight each other",
     "Both governments, or two independent agencies, report dead or wounded of regular forces in a fight."),
    ("territory_strike_probability", "The adversary strikes alliance territory openly",
     "A member's government attributes a strike with military weapons on its territory to the adversary's forces."),
    ("neighbour_probability", "A neighbour is drawn into the fighting",
     "Its forces fight on its own or another's territory, as two independent agencies report."),
    ("nuclear_use_probability", "A nuclear weapon is used",
     "A nuclear explosion outside a test site, as the monitoring organisation or two governments report."),
)  # fmt: skip


def _event_forecasts(figures: Figures) -> list[Forecast]:
    end = day(figures.case.as_of + timedelta(weeks=figures.case.horizon_weeks))
    forecasts = []
    for outcome, statement, rule in _EVENTS:
        if not figures.has(outcome):
            continue
        cell = figures.cell(outcome, figures.reference)
        told = say(figures, outcome, figures.reference)
        forecasts.append(
            Forecast(
                by=end,
                statement=f"{statement} by {end}",
                middle=chance(cell.mean) if not OUTCOMES[outcome].rare else f"{told.main} {told.unit}",
                likely=f"{told.interval} {told.unit if OUTCOMES[outcome].rare else ''}".strip() + " (90%)",
                rule=rule,
            )
        )
    return forecasts


def _report(decides: Deciders) -> str:
    worthy = [each for each in decides.worth if each.low > 0]
    if not decides.support:
        return "Without value weights no report can be weighed."
    if not worthy:
        tried = [each for each in decides.worth if each.proposition]
        about = f" (“{tried[0].proposition}” among them)" if tried else ""
        return (
            f"With the weights of {decides.perspective}, no single thing that could be learnt{about} would change "
            "which option has the highest expected value by more than chance in the draws."
        )
    top = worthy[0]
    part = f", {min(top.share, 1.0):.0%} of the value of knowing everything" if top.share is not None else ""
    subject = (
        f"A report that settles whether “{top.proposition}”" if top.proposition else "A report that settles"
    )
    about = f", and with it {top.meaning}," if top.proposition else f" {top.meaning}"
    return (
        f"{subject}{about} is worth most with the weights of {decides.perspective}: {top.value:.3f} on a scale from "
        f"0 to 1 (90% interval {top.low:.3f} to {top.high:.3f}){part}."
    )


def outlook(figures: Figures, decides: Deciders) -> Outlook:
    """Indicators, calendar, forecasts and the report worth most."""
    end = figures.case.as_of + timedelta(weeks=figures.case.horizon_weeks)
    return Outlook(
        indicators=_indicators(figures),
        calendar=tuple(
            (day(event.date), event.event, event.effect.replace("_", " "), event.source)
            for event in sorted(figures.case.calendar, key=lambda event: event.date)
            if figures.case.as_of <= event.date <= end
        ),
        forecasts=tuple(_series_forecasts(figures) + _event_forecasts(figures)),
        condition=(
            f"All hold if {figures.reference.name} stays in force; each is void if another option is adopted before "
            f"its date. Run {figures.run.id}, {day(figures.case.as_of)}."
        ),
        report=_report(decides),
    )
