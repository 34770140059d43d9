"""A run with known numbers, made without a simulation: what the brief says can be held against them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import xarray as xr

from excomm.beliefs.draws import draw
from excomm.case import load
from excomm.engine.run import GameReport, Plausibility, Run, summarise_outcomes, summarise_weekly
from excomm.evidence.model import (
    Assessment,
    Attribution,
    Claim,
    Hedge,
    OriginEvidence,
    Report,
    RivalProbability,
)
from excomm.quantities import OUTCOMES, SERIES
from excomm.streams import generator

DRAWS, REPLICATES = 128, 4
TIPS_AT = 5.0  # km2/week: where the driver below turns the lead
HOSTILE = '<script>alert("x")</script> & "quotes" <img src=https://example.invalid/x.png>'


def _report() -> Report:
    return Report(
        text=f"Eastmark has sent 2,000 troops. {HOSTILE}",
        source="harbour-times",
        title=f"Troops {HOSTILE}",
        published=date(2031, 2, 20),
    )


def _claim(report: Report) -> Claim:
    return Claim(
        report=report.id,
        start=0,
        end=len(report.text),
        quote=report.text,
        kind="claim",
        hedge=Hedge("likely", "probability", 0.6, 0.7, 0.86, "lay"),
        attribution=(Attribution("named", "secretary", True),),
        status="unconfirmed",
        proposition="eastmark-troops",
        polarity=1,
    )


def _assessment(claim: Claim) -> Assessment:
    origin = OriginEvidence("o-1", "report", "Harbour Times", (claim.report,), (claim.id,), 0.8, "C")
    return Assessment(
        proposition="eastmark-troops",
        text="Eastmark has sent troops to Southland",
        as_of=date(2031, 3, 1),
        prior=0.3,
        posterior=0.48,
        p05=0.28,
        p95=0.69,
        letter="C",
        number=3,
        status="unconfirmed",
        origins=(origin,),
        claims=(claim.id,),
        rivals=(RivalProbability("exercise", "They are there for a joint exercise", 0.2, 0.12),),
        sensitivity={"o-1": 0.3},
        rho=0.05,
        effective_origins=1.0,
        log_lr=0.8,
        is_discriminating=False,
        threshold=0.5,
        config_hash="0" * 12,
    )


def _outcomes(options: tuple[str, ...], gain: np.ndarray) -> dict[str, np.ndarray]:
    """Random outcomes; in Northland's eyes the shield leads where the driver is above `TIPS_AT`, else nobody does."""
    chance = generator(0, "tests/brief")
    values = {}
    for outcome in OUTCOMES.values():
        shape = (len(options), DRAWS, REPLICATES)
        if outcome.kind == "probability":
            scale = 0.004 if outcome.rare else 0.5
            values[outcome.id] = np.clip(scale * chance.uniform(0.2, 1.8, shape), 0, 1)
        elif outcome.kind == "share":
            values[outcome.id] = chance.uniform(0, 1, shape)
        else:
            values[outcome.id] = 1000.0 * chance.uniform(0.5, 1.5, shape)
    for name in (
        "area_change",
        "killed_host",
        "deaths_civilian_host",
        "power_capacity_host",
        "nuclear_use_probability",
    ):
        values[name] = np.zeros((len(options), DRAWS, REPLICATES)) + 0.001
    values["area_change"][1] += 100.0 * (gain - TIPS_AT)[:, None]
    values["area_change"][2:] -= 2000.0
    values["nuclear_use_probability"][3] = 0.02
    return values


@cache
def example_run() -> Run:
    """The strait with 128 draws, made-up outcomes, one proposition with a hostile sentence behind it."""
    case = load("strait")
    options = tuple(option.id for option in case.options)
    drawn = draw(case, options=options, number=DRAWS, seed=0, probabilities={})
    outcomes = _outcomes(options, drawn.values["front.initial_gain"][0])
    chance = generator(0, "tests/brief/weekly")
    levels = {"alliance_posture": 4, "adversary_posture": 5}
    weekly = {
        name: (
            chance.integers(0, levels[name], (case.horizon_weeks, len(options), 16, 4)).astype(float)
            if name in levels
            else chance.uniform(-1, 1, (case.horizon_weeks, len(options), 16, 4)) * 100
        )
        for name in SERIES
    }
    weekly["ceasefire"] = (weekly["ceasefire"] > 20).astype(float)
    grades = {(name, option): "B" if option == options[0] else "C" for name in outcomes for option in options}
    table, summary, differences = summarise_outcomes(outcomes, options, grades, 0)
    parameters = {name: (("option", "draw"), values) for name, values in drawn.values.items()}
    report = _report()
    claim = _claim(report)
    return Run(
        id="strait-000000000000",
        case=case,
        seed=0,
        draws=DRAWS,
        replicates=REPLICATES,
        perspective="northland",
        outcomes=table,
        summary=summary,
        differences=differences,
        weekly=summarise_weekly(weekly, options),
        parameters=xr.Dataset(parameters, coords={"option": list(options), "draw": np.arange(DRAWS)}),
        propositions=(_assessment(claim),),
        claims=(claim,),
        reports=(report,),
        plausibility=(
            Plausibility("in", "Weekly gain", 8.0, 1.0, 28.0, 1.0, 15.0, "km2/week", True, "a count"),
            Plausibility(
                "out", "Weekly losses", 400.0, 300.0, 520.0, 500.0, 900.0, "people/week", False, "a claim"
            ),
        ),
        game=GameReport(solved=DRAWS * len(options), failed=0, turned=0, max_residual=3e-12),
        timing={"total_s": 1.5},
        warnings=("A warning of the run.",),
        files={},
    )


@cache
def hostile_run() -> Run:
    """The same with markup in every name that a case can state."""
    run = example_run()
    case = run.case
    options = tuple(
        replace(option, name=f"{option.name} {HOSTILE}", description=HOSTILE) for option in case.options
    )
    actors = tuple(replace(actor, name=f"{actor.name} {HOSTILE}") for actor in case.actors)
    events = tuple(replace(event, event=HOSTILE, source=HOSTILE) for event in case.calendar)
    return replace(
        run,
        case=replace(
            case,
            title=HOSTILE,
            question=HOSTILE,
            summary=HOSTILE,
            options=options,
            actors=actors,
            calendar=events,
        ),
        warnings=(HOSTILE,),
    )
