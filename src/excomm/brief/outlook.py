"""What's next: what to watch, what is scheduled, and forecasts that events will prove right or wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from excomm.brief.deciders import Deciders
from excomm.brief.drivers import in_short
from excomm.brief.figures import Figures
from excomm.brief.table import say
from excomm.brief.words import chance, day
from excomm.engine.wording import number_text, plain_unit
from excomm.quantities import OUTCOMES, SERIES

__all__ = ["EVENTS", "Forecast", "Indicator", "Outlook", "SeriesForecast", "outlook"]

_WEEKS = (13, 26)
_EFFECTS = {"aid_review": "week of the aid review"}
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
class SeriesForecast:
    """A series on several dates: for each its median, 50 and 90 % intervals; and the rule that settles it."""

    statement: str
    unit: str
    points: tuple[tuple[str, str, str], ...]
    rule: str


@dataclass(frozen=True)
class Forecast:
    """An event with its date and probability, and the rule that settles it."""

    by: str
    statement: str
    probability: str
    likely: str
    rule: str


@dataclass(frozen=True)
class Outlook:
    """The section."""

    indicators: tuple[Indicator, ...]
    calendar: tuple[tuple[str, str, str, str], ...]
    dates: tuple[str, ...]
    series: tuple[SeriesForecast, ...]
    forecasts: tuple[Forecast, ...]
    condition: str
    report: str


def _indicators(figures: Figures) -> tuple[Indicator, ...]:
    """Leading drivers of outcomes to watch under the reference option, from the draws of the run."""
    import numpy as np

    from excomm.analysis.given_data import first_order, prepare
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
    found: dict[tuple[str, str], Indicator] = {}
    try:
        ready = prepare(np.column_stack([figures.parameters[name][place] for name in names]), names)
    except AnalysisError:
        return ()
    for outcome in _WATCHED:
        if not figures.has(outcome):
            continue
        values = figures.draws(outcome)[place]
        noise = figures.noise(outcome)[place] if figures.run.replicates > 1 else None
        if OUTCOMES[outcome].rare:
            # Rare probabilities span powers of ten: without the logarithm two draws would decide what drives them.
            values, noise = np.log(np.maximum(values, 1e-9)), None
        shares = first_order(ready, values, names, noise_variance=noise)
        for at in shares.order[:2]:
            if shares.p_value[at] * len(names) > 0.05 or shares.low[at] <= 0:
                continue
            parameter = known[names[at]]
            way = "rises" if shares.direction[at] > 0 else "falls"
            found[parameter.id, outcome] = Indicator(
                parameter=parameter.id,
                text=in_short(parameter),
                outcome=OUTCOMES[outcome].label,
                share=f"{shares.share[at]:.0%} ({shares.low[at]:.0%} to {shares.high[at]:.0%})"
                + (", of its logarithm" if OUTCOMES[outcome].rare else ""),
                direction=f"higher than assumed: {OUTCOMES[outcome].phrase} {way}",
                prior=parameter.text,
            )
    return tuple(found.values())


def _settled_by(figures: Figures, series: str) -> str:
    """Who settles a forecast of a series: the source of the case's own check, where it has one."""
    for band in figures.case.plausibility:
        if band.quantity == series:
            return f"Settled by the first figure within 14 days from the source of the case's own check: {band.source}."
    return "Settled by the public count named when the forecast is registered, first figure within 14 days."


def _forecast_weeks(figures: Figures) -> list[int]:
    return [week for week in _WEEKS if week <= figures.case.horizon_weeks]


def _series_forecasts(figures: Figures) -> tuple[SeriesForecast, ...]:
    place = figures.run.options.index(figures.reference.id)
    forecasts = []
    for name in _FORECAST_SERIES:
        if name not in figures.run.weekly:
            continue
        series = SERIES[name]
        points = []
        for week in _forecast_weeks(figures):
            low, quarter, middle, third, high = (
                float(each) for each in figures.weekly(name)[place, week - 1]
            )
            spread = abs(high - low) / 20 or None
            texts = [number_text(each, spread) for each in (low, quarter, middle, third, high)]
            points.append((texts[2], f"{texts[1]} to {texts[3]}", f"{texts[0]} to {texts[4]}"))
        forecasts.append(
            SeriesForecast(
                statement=f"{series.label}, {'week to' if series.unit.endswith('/week') else 'on'} the date",
                unit=plain_unit(series.unit),
                points=tuple(points),
                rule=f"{series.definition} {_settled_by(figures, name)}",
            )
        )
    return tuple(forecasts)


EVENTS = (
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


def _event_forecasts(figures: Figures) -> tuple[Forecast, ...]:
    end = day(figures.case.as_of + timedelta(weeks=figures.case.horizon_weeks))
    forecasts = []
    for outcome, statement, rule in EVENTS:
        if not figures.has(outcome):
            continue
        cell = figures.cell(outcome, figures.reference)
        told = say(figures, outcome, figures.reference)
        forecasts.append(
            Forecast(
                by=end,
                statement=f"{statement} by {end}",
                probability=chance(cell.mean) if not OUTCOMES[outcome].rare else f"{told.main} {told.unit}",
                likely=f"{told.interval} {told.unit if OUTCOMES[outcome].rare else ''}".strip() + " (90%)",
                rule=rule,
            )
        )
    return tuple(forecasts)


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
            (day(event.date), event.event, _EFFECTS.get(event.effect, "not simulated"), event.source)
            for event in sorted(figures.case.calendar, key=lambda event: event.date)
            if figures.case.as_of <= event.date <= end
        ),
        dates=tuple(day(figures.case.as_of + timedelta(weeks=week)) for week in _forecast_weeks(figures)),
        series=_series_forecasts(figures),
        forecasts=_event_forecasts(figures),
        condition=(
            f"All hold if {figures.reference.name} stays in force; each is void if another option is adopted before "
            f"its date. Run {figures.run.id}, {day(figures.case.as_of)}."
        ),
        report=_report(decides),
    )
