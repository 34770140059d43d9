"""Plausibility bands: published figures that the reference option should reproduce."""

from __future__ import annotations

from collections.abc import Mapping

from excomm.case.model import Parameter, PlausibilityBand
from excomm.case.prior_text import parse_interval
from excomm.case.schema import check_known
from excomm.case.section import Section
from excomm.errors import CaseError
from excomm.quantities import OUTCOMES, SERIES

__all__ = ["STATISTICS", "read_bands"]

STATISTICS = ("mean", "sum", "end")


def read_bands(
    root: Section, parameters: Mapping[str, Parameter], horizon_weeks: int
) -> tuple[PlausibilityBand, ...]:
    """Bands, each on a source that has not informed the parameters which drive its quantity."""
    found: dict[str, PlausibilityBand] = {}
    for section in root.sections("plausibility", 0, 60, what="bands"):
        band = _read(section, parameters, horizon_weeks)
        section.finish()
        if band.id in found and band.id:
            section.note(
                "id", f'"{band.id}" stands twice in this list.', "each of them once", "Rename one of the two."
            )
        found[band.id] = band
    return tuple(found.values())


def _read(section: Section, parameters: Mapping[str, Parameter], horizon_weeks: int) -> PlausibilityBand:
    quantity = section.text("quantity")
    known = {**SERIES, **OUTCOMES}
    if quantity:
        check_known(section, "quantity", quantity, known, "outcome or weekly series")
    statistic = section.one_of("statistic", STATISTICS)
    source = section.text("source")
    informed = section.words("informed")
    for name in informed:
        check_known(section, "informed", name, parameters, "parameter")
    _check_independence(section, quantity, source, informed, parameters)
    low, high, unit = _read_band(section, quantity, statistic)
    return PlausibilityBand(
        id=section.slug(),
        text=section.text("text"),
        quantity=quantity,
        statistic=statistic,
        weeks=_read_weeks(section, horizon_weeks),
        low=low,
        high=high,
        unit=unit,
        source=source,
        informed=informed,
    )


def _read_band(section: Section, quantity: str, statistic: str) -> tuple[float, float, str]:
    stated = section.raw("band", expected="an interval such as 20 to 60 km2/week")
    known = SERIES.get(quantity) or OUTCOMES.get(quantity)
    if known is None or not isinstance(stated, str | int | float):
        if stated is not None and known is not None:
            section.note(
                "band", "this is not a band.", "an interval with its unit", f"Write 20 to 60 {known.unit}."
            )
        return 0.0, 0.0, ""
    # A sum over weeks of a weekly rate is counted without the week.
    unit = known.unit.removesuffix("/week") if statistic == "sum" else known.unit
    try:
        low, high, unit = parse_interval(stated, unit)
        if low >= high:
            raise CaseError(
                "a band has two different ends.",
                expected=f"an interval in {unit}",
                next_step=f"Write 20 to 60 {unit}.",
            )
        return low, high, unit
    except CaseError as error:
        section.problems.adopt(section.at("band"), error)
        return 0.0, 0.0, ""


def _read_weeks(section: Section, horizon_weeks: int) -> tuple[int, int]:
    value = section.raw("weeks", expected="[first, last]")
    if (
        isinstance(value, tuple)
        and len(value) == 2
        and all(isinstance(week, int) and not isinstance(week, bool) for week in value)
    ):
        first, last = (week for week in value if isinstance(week, int))
        if 1 <= first <= last <= horizon_weeks:
            return first, last
    if value is not None:
        section.note(
            "weeks",
            "these are not weeks of the run.",
            f"[first, last] within 1 to {horizon_weeks}",
            "Write [1, 13].",
        )
    return 1, 1


# Weekly series carry no list of submodels of their own; these are the first parts of the ids that drive them.
_DRIVERS: Mapping[str, tuple[str, ...]] = {
    "area_change": ("ground", "front"),
    "front_gain": ("ground", "front"),
    "losses_host": ("ground",),
    "losses_adversary": ("ground",),
    "killed_alliance": ("ground", "deployment"),
    "civilian_deaths_host": ("air", "civil"),
    "drones_launched": ("air",),
    "missiles_launched": ("air",),
    "drones_leaked": ("air",),
    "missiles_leaked": ("air",),
    "power_host": ("air", "power"),
    "unserved_host": ("air", "power"),
    "interceptors_host": ("air", "aid"),
    "troops_alliance": ("deployment", "coalition"),
    "alliance_posture": ("game",),
    "adversary_posture": ("game",),
    "ceasefire": ("diplomacy",),
    "morale_host": ("morale",),
}


def _check_independence(
    section: Section,
    quantity: str,
    source: str,
    informed: tuple[str, ...],
    parameters: Mapping[str, Parameter],
) -> None:
    """A figure checks nothing if it has set the parameters that produce it."""
    drivers = OUTCOMES[quantity].submodels if quantity in OUTCOMES else _DRIVERS.get(quantity, ())
    used = {name for name in informed if name.partition(".")[0] in drivers}
    if source.lower() not in ("", "judgement", "invented"):
        used |= {
            parameter.id
            for parameter in parameters.values()
            if parameter.source == source and parameter.submodel in drivers
        }
    if used:
        section.note(
            "informed" if set(informed) & used else "source",
            f"this source has informed {', '.join(sorted(used))}, and {quantity} follows from that.",
            "a source that did not inform what it checks",
            "Take another source for the band, or for the parameter.",
        )
