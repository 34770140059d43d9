"""Plausibility bands, limits, every parameter, and what the run was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from excomm.brief.figures import Figures
from excomm.brief.options import option_cards
from excomm.brief.strips import Scale
from excomm.brief.words import day, listed
from excomm.case.model import Option
from excomm.engine.wording import number_text, plain_unit

__all__ = ["BandView", "ParameterView", "bands", "limits", "manifest", "parameters"]


@dataclass(frozen=True)
class BandView:
    """A published figure beside the reference option; places on a strip from `Scale`."""

    text: str
    value: str
    interval: str
    band: str
    unit: str
    is_met: bool
    verdict: str
    source: str
    band_low: float
    band_high: float
    value_at: float
    low_at: float
    high_at: float


@dataclass(frozen=True)
class ParameterView:
    """A parameter with everything that the case and the defaults say of it."""

    id: str
    meaning: str
    prior: str
    unit: str
    source: str
    grade: str
    note: str
    option: str


def bands(figures: Figures) -> tuple[BandView, ...]:
    """Published figures, each within its band or not."""
    views = []
    for band in figures.run.plausibility:
        ends = (band.low, band.high, band.p05, band.p95, band.value)
        margin = 0.05 * (max(ends) - min(ends)) or 1.0
        scale = Scale(min(ends) - margin, max(ends) + margin)
        spread = abs(band.p95 - band.p05) / 20 or None
        value, low, high = (number_text(each, spread) for each in (band.value, band.p05, band.p95))
        verdict = "within the band"
        if not band.ok:
            verdict = "below the band" if band.value < band.low else "above the band"
        views.append(
            BandView(
                text=band.text,
                value=value,
                interval=f"{low} to {high}",
                band=f"{band.low:,.10g} to {band.high:,.10g}".replace("-", "−"),
                unit=plain_unit(band.unit) or band.unit,
                is_met=band.ok,
                verdict=verdict,
                source=band.source,
                band_low=scale.place(band.low),
                band_high=scale.place(band.high),
                value_at=scale.place(band.value),
                low_at=scale.place(band.p05),
                high_at=scale.place(band.p95),
            )
        )
    return tuple(views)


def outside_experience(options: Sequence[Option]) -> tuple[str, ...]:
    """A warning for each option that states a structural factor: one that leads where no war has been."""
    return tuple(
        f"{option.name} leads outside the range of experience: no war has shown such forces against such an "
        f"adversary. Its structural factor, {option.parameters['deployment.structural'].text}, is judgement, and its "
        "effects are extrapolated."
        for option in options
        if "deployment.structural" in option.parameters
    )


def limits(figures: Figures) -> tuple[str, ...]:
    """What the reader should hold against the brief; the run's own warnings first."""
    run = figures.run
    grades = [str(grade) for grade in run.summary["grade"].values.ravel()]
    counts = [f"{grades.count(letter)} {letter}" for letter in "ABC" if grades.count(letter)]
    judged = [name for name, each in figures.case.parameters().items() if "judgement" in each.source]
    share = max(
        (
            figures.cell(name, option).mcse / (abs(figures.cell(name, option).mean) or 1.0)
            for name in ("killed_host", "area_change", "nuclear_use_probability")
            if figures.has(name)
            for option in figures.options
        ),
        default=0.0,
    )
    failed = [band for band in run.plausibility if not band.ok]
    stated = [
        *run.warnings,
        *outside_experience(figures.options),
        "This is not a forecast of what a policy will do. Effects of options are at best grade B: fitted to "
        "analogues, never scored on the option itself.",
        f"Of {len(grades)} cells of the options table, the grades are {listed(counts)} (A scored on data it has not "
        "seen, B fitted to analogues, C judgement).",
        f"{len(judged)} of {len(figures.case.parameters())} parameters rest on judgement, alone or in part.",
        f"{figures.reference.name} lies within the band of {len(run.plausibility) - len(failed)} of "
        f"{len(run.plausibility)} published figures."
        if run.plausibility
        else "The case states no published figure to check the reference option against.",
        f"{run.draws:,} draws of {run.replicates:,} replicates leave a Monte Carlo error of at most {share:.1%} in "
        "the means of host soldiers killed, host-controlled area and nuclear use. Intervals cover what is not known "
        "about the parameters, and for amounts chance as well; they do not cover what the model leaves out.",
        f"The moves solve the game to a residual of {run.game.max_residual:.0e}. Actors are taken to choose "
        "better moves more often than worse ones, not to choose the best one always.",
        "Value weights evaluate outcomes; they change nobody's behaviour in the model. All weights of the case are "
        "stated by its author.",
        "Aggregate by design: no places, units, targets or plans.",
    ]
    return tuple(dict.fromkeys(stated))


def parameters(figures: Figures) -> tuple[ParameterView, ...]:
    """Every parameter in force, then those that single options set."""
    rows = [
        ParameterView(
            id=each.id,
            meaning=each.meaning,
            prior=each.text,
            unit=each.unit,
            source=each.source,
            grade=each.grade,
            note=each.note,
            option="",
        )
        for _, each in sorted(figures.case.parameters().items())
    ]
    for card, option in zip(option_cards(figures), figures.options, strict=True):
        rows += [
            ParameterView(
                id=each.id,
                meaning=each.meaning,
                prior=each.text,
                unit=each.unit,
                source=each.source,
                grade=each.grade,
                note=each.note,
                option=card.name,
            )
            for each in option.parameters.values()
        ]
    return tuple(rows)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def manifest(figures: Figures) -> tuple[tuple[str, str], ...]:
    """What the run was made from, as (label, text)."""
    run, case = figures.run, figures.case
    seconds = [f"{name.removesuffix('_s')} {value:.1f} s" for name, value in run.timing.items()]
    versions = [f"{name} {_version(name)}" for name in ("excomm", "jax", "numpy", "scipy")]
    rows = [
        ("Run", run.id),
        ("Case", f"{case.id}, information date {day(case.as_of)}"),
        ("Seed", str(run.seed)),
        (
            "Draws and replicates",
            f"{run.draws:,} draws x {run.replicates:,} replicates x {len(run.options)} options",
        ),
        (
            "Game",
            f"{run.game.solved} solved, {run.game.failed} failed, largest residual {run.game.max_residual:.1e}",
        ),
        ("Versions", ", ".join(versions)),
        ("Time", ", ".join(seconds)),
    ]
    return tuple(rows)
