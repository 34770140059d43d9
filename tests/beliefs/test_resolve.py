"""Resolve by issue from the record: against brute force, calibration, directions, and the extrapolation rule."""

from __future__ import annotations

import datetime
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import kstest

from excomm.beliefs import resolve
from excomm.beliefs.record import Record, RecordedWarning, read_record
from excomm.beliefs.resolve import (
    RESOLVE_ISSUES,
    ResolveFit,
    ResolvePriors,
    fit_resolve,
    resolve_draws,
)
from excomm.errors import UsageError
from excomm.streams import generator

Floats = np.ndarray[Any, np.dtype[np.float64]]

SHIPPED = Path(str(files("excomm"))) / "case" / "library" / "cases" / "ukraine-2024" / "record.csv"
WARNING = RecordedWarning(
    id="w",
    date=datetime.date(2020, 1, 1),
    speaker="Anna Example",
    speaker_rank="head",
    actor="southland",
    target="league",
    issue="aid",
    severity=4,
    explicit=True,
    warning="If arms come, bases will be struck",
    line_status="crossed",
    outcome_date=datetime.date(2020, 2, 1),
    outcome="",
    narrow="not-executed",
    broad="not-executed",
    source="Harbour Times",
    note="",
    line=2,
)


def series(count: int, executed: int, **changes: Any) -> list[RecordedWarning]:
    """`count` warnings, the first `executed` of them carried out under both codings."""
    return [
        replace(
            WARNING,
            id=f"w{i}",
            narrow="executed" if i < executed else "not-executed",
            broad="executed" if i < executed else "not-executed",
            **changes,
        )
        for i in range(count)
    ]


def fit(*warnings: RecordedWarning, priors: ResolvePriors | None = None) -> ResolveFit:
    return fit_resolve(Record(warnings), "narrow", adversary="southland", host="northland", priors=priors)


@pytest.fixture(scope="module")
def shipped() -> Record:
    return read_record(SHIPPED)


@pytest.fixture(scope="module")
def narrow(shipped: Record) -> ResolveFit:
    return fit_resolve(shipped, "narrow", adversary="russia", host="ukraine")


# Against other computations


def test_without_a_record_the_prior_ranges_come_back() -> None:
    nothing = fit()
    for issue in ("strikes", "troops-combat", "core", "regime"):
        found = nothing.issue(issue)
        low, high = ResolvePriors().range_of(issue)
        assert (found.p05, found.p95) == (pytest.approx(low, abs=0.03), pytest.approx(high, abs=0.03))
        assert found.extrapolated
        assert found.grade == "C"
        assert found.mean == pytest.approx(found.prior_mean, abs=0.01)


def test_agrees_with_weighting_a_large_sample_from_the_prior() -> None:
    """Same model by brute force: 400,000 points from the prior, weighted by likelihood and shift."""
    priors = ResolvePriors(icc=(0.3,))
    warnings = series(8, 1) + series(3, 3, issue="strikes", target="northland", severity=3)
    found = fit(*warnings, priors=priors)

    random = np.random.default_rng(5)
    number = 400_000
    mean, sd = np.array([resolve._logit_normal(priors.range_of(issue)) for issue in RESOLVE_ISSUES]).T
    between = expit(random.normal(*resolve._logit_normal(priors.correlation), number))
    shared = random.normal(size=(number, 1)) * np.sqrt(between)[:, None]
    own = random.normal(size=(number, len(mean))) * np.sqrt(1 - between)[:, None]
    level = mean + sd * (shared + own)
    shift = (level[:, 2] - level[:, 0] - priors.troops_shift[0]) / priors.troops_shift[1]
    aid = level[:, 0]
    strikes = (
        level[:, 1] - random.normal(*priors.severity, number) + random.normal(*priors.against_host, number)
    )
    worth_aid, worth_strikes = 1 / (1 + 7 * 0.3), 1 / (1 + 2 * 0.3)
    log_weight = (
        worth_aid * (np.log(expit(aid)) + 7 * np.log(expit(-aid)))
        + worth_strikes * 3 * np.log(expit(strikes))
        - 0.5 * shift**2
    )
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    for place, issue in enumerate(RESOLVE_ISSUES):
        assert found.issue(issue).mean == pytest.approx(weight @ expit(level[:, place]), abs=0.006)
    assert found.effective > 0.5 * found.points


def ranks_of_truth(replicates: int, rows: int, points: int) -> list[float]:
    """Simulation-based calibration: percentile of the true level of strikes in its own posterior."""
    priors = ResolvePriors()
    random = generator(3, "calibration")
    before = resolve._sample(resolve._design(Record(()), "narrow", "s", "n"), priors, 0.0, 4 * points)
    column = RESOLVE_ISSUES.index("strikes")
    issues = (*RESOLVE_ISSUES, "energy")
    kinds = [
        replace(WARNING, id=f"w{i}", actor="s", issue=issues[i % len(issues)], severity=2 + i % 4)
        for i in range(rows)
    ]
    design = resolve._design(Record(tuple(kinds)), "narrow", "s", "n")
    percentiles = []
    for _ in range(replicates):
        truth = before.points[random.choice(len(before.weights), p=before.weights)]
        executed = (random.random(rows) < expit(design.matrix @ truth)).astype(float)
        told = resolve._Design(design.matrix, executed, design.groups)
        after = resolve._sample(told, priors, 0.0, points)
        percentiles.append(float(after.weights @ (after.points[:, column] < truth[column])))
    return percentiles


def test_posteriors_are_calibrated() -> None:
    """40 simulated truths; a sound model fails this with probability 0.001 (seed fixed)."""
    assert kstest(ranks_of_truth(40, 28, 512), "uniform").pvalue > 0.001


@pytest.mark.long
def test_posteriors_are_calibrated_closely() -> None:
    """500 simulated truths; false alarm 0.001 (seed fixed)."""
    assert kstest(ranks_of_truth(500, 84, 2048), "uniform").pvalue > 0.001


# Directions and invariances


def test_what_is_carried_out_raises_resolve_there_and_elsewhere() -> None:
    never, always = fit(*series(8, 0)), fit(*series(8, 8))
    gains = {i: always.issue(i).mean - never.issue(i).mean for i in RESOLVE_ISSUES}
    assert all(gain > 0 for gain in gains.values())
    assert gains["troops"] > gains["core"] > 0.02  # the stated shift ties troops to aid more than correlation
    assert always.issue("aid").informative == 8
    assert always.issue("aid").grade == "B"
    assert always.issue("troops").grade == "C"


def test_censored_rows_change_nothing() -> None:
    kept = series(9, 0, line_status="respected", issue="troops", outcome_date=None)
    kept = [replace(w, id=f"k{i}", narrow="censored", broad="censored") for i, w in enumerate(kept)]
    plain, more = fit(*series(8, 2)), fit(*series(8, 2), *kept)
    assert [i.mean for i in plain.issues] == [i.mean for i in more.issues]


def test_full_dependence_makes_a_series_one_warning() -> None:
    whole = ResolvePriors(icc=(1.0,))
    single = fit(*series(1, 0), priors=whole)
    many = fit(*series(12, 0), priors=whole)
    assert many.issue("aid").mean == pytest.approx(single.issue("aid").mean, abs=1e-9)
    free = fit(*series(12, 0), priors=ResolvePriors(icc=(0.0,)))
    assert free.issue("aid").p95 < many.issue("aid").p95
    assert free.issue("aid").effective == 12
    assert many.issue("aid").effective == pytest.approx(1.0)


def test_names_of_actors_do_not_matter() -> None:
    here = fit(*series(6, 2), *series(3, 3, actor="league", target="southland"))
    swapped = {"southland": "league", "league": "southland", "northland": "northland"}
    mirrored = [
        replace(w, actor=swapped[w.actor], target=swapped[w.target])
        for w in (*series(6, 2), *series(3, 3, actor="league", target="southland"))
    ]
    there = fit_resolve(Record(tuple(mirrored)), "narrow", adversary="league", host="northland")
    assert [i.mean for i in here.issues] == [i.mean for i in there.issues]


def test_other_actors_inform_only_the_corrections() -> None:
    others = [replace(w, actor="islands", id=f"o{i}") for i, w in enumerate(series(12, 12))]
    assert fit(*others).issue("aid").mean == pytest.approx(fit().issue("aid").mean, abs=0.01)


@pytest.mark.parametrize("asked", [0.5, 2.0, 3.5])
def test_the_shift_for_troops_is_one_more_opinion(asked: float) -> None:
    """Without a record the levels are normal, and the shift conditions them in closed form."""
    priors = ResolvePriors(troops_shift=(asked, 1.0), correlation=(0.5499, 0.5501))
    mean, sd = np.array([resolve._logit_normal(priors.range_of(issue)) for issue in RESOLVE_ISSUES]).T
    spread = 0.55 * np.outer(sd, sd) + 0.45 * np.diag(sd**2)
    contrast = np.zeros(len(mean))
    contrast[RESOLVE_ISSUES.index("troops")], contrast[RESOLVE_ISSUES.index("aid")] = 1.0, -1.0
    gain = spread @ contrast / (contrast @ spread @ contrast + 1.0)
    expected = mean + gain * (asked - contrast @ mean)
    assert fit(priors=priors).levels.mean() == pytest.approx(expected, abs=0.02)


# Draws


def test_draws_follow_the_posterior(narrow: ResolveFit) -> None:
    points = np.random.default_rng(1).random((20_000, len(RESOLVE_ISSUES)))
    draws = narrow.draws(points)
    assert tuple(draws) == RESOLVE_ISSUES
    for issue in narrow.issues:
        assert draws[issue.issue].mean() == pytest.approx(issue.mean, abs=0.006)
        assert np.quantile(draws[issue.issue], [0.05, 0.95]) == pytest.approx(
            [issue.p05, issue.p95], abs=0.015
        )
    logits = np.log(np.stack(list(draws.values())) / (1 - np.stack(list(draws.values()))))
    assert np.corrcoef(logits) == pytest.approx(narrow.correlation, abs=0.05)


def test_draws_depend_on_their_own_point_alone(narrow: ResolveFit) -> None:
    points = np.random.default_rng(2).random((64, len(RESOLVE_ISSUES)))
    whole = narrow.draws(points)["troops"]
    parts = np.concatenate([narrow.draws(points[:10])["troops"], narrow.draws(points[10:])["troops"]])
    assert np.array_equal(whole, parts)


def test_resolve_draws_takes_a_generator_or_points(shipped: Record) -> None:
    points = generator(0, "here").random((16, len(RESOLVE_ISSUES)))
    by_points = resolve_draws(shipped, "broad", points, 16, adversary="russia", host="ukraine")
    by_stream = resolve_draws(shipped, "broad", generator(0, "here"), 16, adversary="russia", host="ukraine")
    assert all(np.array_equal(by_points[issue], by_stream[issue]) for issue in RESOLVE_ISSUES)
    for wrong in (points[:5], np.ones((16, 6)), points[:, :3]):
        with pytest.raises(UsageError):
            resolve_draws(shipped, "broad", wrong, 16, adversary="russia", host="ukraine")


# The shipped record


def test_shipped_record_under_both_codings(shipped: Record, narrow: ResolveFit) -> None:
    broad = fit_resolve(shipped, "broad", adversary="russia", host="ukraine")
    for issue in RESOLVE_ISSUES:
        assert narrow.issue(issue).mean < broad.issue(issue).mean
        assert narrow.issue("aid").mean <= narrow.issue(issue).mean
    assert narrow.issue("troops").extrapolated
    assert narrow.issue("regime").extrapolated
    assert not narrow.issue("strikes").extrapolated
    assert min(narrow.effective, broad.effective) > 0.5 * narrow.points


def test_same_arguments_same_numbers(shipped: Record, narrow: ResolveFit) -> None:
    resolve._fit.cache_clear()
    again = fit_resolve(shipped, "narrow", adversary="russia", host="ukraine")
    assert again is not narrow
    assert np.array_equal(again.levels.points, narrow.levels.points)
    assert [i.mean for i in again.issues] == [i.mean for i in narrow.issues]
