"""Times of the analyses, beside SALib and (where installed) the EMA workbench, in one run.

python benchmarks/analysis.py [RUN]

RUN: folder of a stored run, of which every analysis is then asked too.
Processor time on one thread, so that the figures mean the same on a busy machine.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy.stats import norm, qmc

from excomm.analysis.compare import compare_options, dominance
from excomm.analysis.correlated import correlated_shares
from excomm.analysis.discovery import find_box
from excomm.analysis.explain import Origin, explain_outcome
from excomm.analysis.given_data import enough_draws, first_order, prepare, region_drivers, worst_region
from excomm.analysis.information import evppi_table
from excomm.analysis.perspectives import perspective_views
from excomm.analysis.report_value import report_value
from excomm.analysis.robustness import robustness
from excomm.analysis.sobol import sobol_indices
from excomm.analysis.tipping import tipping_map, tipping_points
from excomm.analysis.tree import grow_tree
from excomm.analysis.variance import grade_groups, group_shares, split_variance
from excomm.analysis.weights import rank_acceptability, scale_values, weight_regions

DRAWS, OPTIONS, PARAMETERS, CRITERIA, REPLICATES = 512, 6, 40, 10, 64


def seconds(call: Callable[[], object], rounds: int = 3) -> float:
    """Processor time of the best of some rounds after one to warm up, since other work may hold the cores."""
    call()
    best = np.inf
    for _ in range(rounds):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return best


def run_of_512() -> None:
    chance = np.random.default_rng(0)
    inputs = norm.ppf(qmc.Sobol(PARAMETERS, rng=0).random_base2(9))
    slopes = chance.normal(size=(OPTIONS, CRITERIA, PARAMETERS)) * 0.8 ** np.arange(PARAMETERS)
    means = np.einsum("ocp,dp->odc", slopes, inputs) + 0.3 * chance.normal(size=(OPTIONS, DRAWS, CRITERIA))
    variances = chance.gamma(4.0, 1.0, size=(OPTIONS, DRAWS))
    names = [f"option {place}" for place in range(OPTIONS)]
    ids = [f"p{place}" for place in range(PARAMETERS)]
    criteria = [f"criterion {place}" for place in range(CRITERIA)]
    values = scale_values(means, ["higher"] * CRITERIA)
    benefit = values.mean(axis=2)
    outcome, gain = means[1, :, 0], benefit[1] - benefit[0]
    bad = worst_region(outcome, better="higher")
    groups = grade_groups(ids, ["A"] * 10 + ["B"] * 10 + ["C"] * 20, ids[-2:])
    origins = {name: Origin("0 to 1", "", "judgement", "C") for name in ids}
    calls: dict[str, Callable[[], object]] = {
        "compare, 10 outcomes": lambda: [
            compare_options(means[:, :, at], names, reference=names[0], better="higher")
            for at in range(CRITERIA)
        ],
        "dominance, 5 pairs": lambda: [
            dominance(benefit[at], benefit[0], better="higher") for at in range(1, OPTIONS)
        ],
        "epistemic and random, 60 cells": lambda: [
            split_variance(means[at, :, one], variances[at], replicates=REPLICATES)
            for at in range(OPTIONS)
            for one in range(CRITERIA)
        ],
        "shares by grade, 1 outcome": lambda: group_shares(inputs, outcome, groups),
        "first order, 60 cells": lambda: [
            first_order(ready, means[at, :, one], ids)
            for ready in [prepare(inputs, ids)]
            for at in range(OPTIONS)
            for one in range(CRITERIA)
        ],
        "fair shares of correlated parameters, 1 outcome": lambda: correlated_shares(inputs, outcome, ids),
        "bad tail, 60 cells": lambda: [region_drivers(inputs, bad, ids) for _ in range(60)],
        "enough draws?": lambda: enough_draws(inputs, outcome, ids),
        "rank acceptability": lambda: rank_acceptability(values, names, criteria),
        "weight regions": lambda: weight_regions(values, names, criteria),
        "perspectives, 4": lambda: perspective_views(
            values, names, criteria, {str(at): np.arange(1.0, 11.0) ** at for at in range(4)}
        ),
        "robustness, 10 outcomes": lambda: [
            robustness(means[:, :, at], names, better="higher") for at in range(CRITERIA)
        ],
        "box with 10 half-samples": lambda: find_box(inputs, bad, ids),
        "tree": lambda: grow_tree(inputs, bad, ids),
        "tipping points, 40 parameters": lambda: tipping_points(inputs, gain, ids),
        "tipping map": lambda: tipping_map(inputs[:, :2], gain, ids[:2]),
        "information, 40 parameters and 8 groups": lambda: evppi_table(
            benefit, inputs, ids, groups={f"group {at}": range(5 * at, 5 * at + 5) for at in range(8)}
        ),
        "reports, 10": lambda: [report_value(benefit, inputs[:, at] > 0, names) for at in range(10)],
        "explain": lambda: explain_outcome(outcome, inputs, ids, origins, outcome="x", option="y"),
    }
    print(
        f"\n{DRAWS} draws x {OPTIONS} options, {PARAMETERS} parameters, {CRITERIA} outcomes (bar: 5 s each)"
    )
    total = 0.0
    for label, call in calls.items():
        took = seconds(call, rounds=2)
        total += took
        print(f"  {label:<50} {took:7.2f} s")
    print(f"  {'together (bar: 30 s)':<50} {total:7.2f} s")


def sobol_beside_salib() -> None:
    base = 4096
    values = np.random.default_rng(1).normal(size=(PARAMETERS + 2, base))
    names = [f"p{place}" for place in range(PARAMETERS)]
    ours = seconds(lambda: sobol_indices(values.ravel(), names, base=base, resamples=200))
    print(
        f"\nSobol indices, {PARAMETERS} parameters, {values.size:,} rows, 200 resamples (bar: 3 s): {ours:.2f} s"
    )
    if importlib.util.find_spec("SALib") is None:
        print("  SALib is not installed: no ratio")
        return
    from SALib.analyze import sobol

    problem = {"num_vars": PARAMETERS, "names": names, "bounds": [[0, 1]] * PARAMETERS}
    interleaved = values[[0, *range(2, PARAMETERS + 2), 1]].T.ravel()
    theirs = seconds(
        lambda: sobol.analyze(problem, interleaved, calc_second_order=False, num_resamples=200), rounds=1
    )
    print(f"  SALib on the same rows: {theirs:.2f} s, {theirs / ours:.0f} times as long")


def first_box() -> None:
    chance = np.random.default_rng(2)
    inputs = chance.uniform(size=(20_000, 20))
    cases = (inputs[:, 0] > 0.7) & (inputs[:, 1] < 0.4)
    names = [f"p{place}" for place in range(20)]
    ours = seconds(lambda: find_box(inputs, cases, names, resamples=0))
    print(f"\nFirst box, 20,000 draws x 20 parameters (bar: 1.5 s): {ours:.2f} s")
    if importlib.util.find_spec("ema_workbench") is None:
        print("  the EMA workbench is not installed: no ratio")
        return
    import pandas as pd
    from ema_workbench.analysis import prim

    frame = pd.DataFrame(inputs, columns=names)
    theirs = seconds(lambda: prim.Prim(frame, cases, threshold=0.8).find_box(), rounds=1)
    print(f"  EMA workbench on the same draws: {theirs:.2f} s, {theirs / ours:.0f} times as long")


def of_a_run(folder: Path) -> None:
    from excomm.analysis.answers import ANALYSES, ask
    from excomm.brief.charts.answers import charts_of
    from excomm.pipeline.stored import read_study

    start = time.process_time()
    study = read_study(folder)
    print(
        f"\n{study.run}: {len(study.options)} options, {study.draws} draws x {study.replicates} replicates, "
        f"{len(study.columns())} uncertain parameters, read in {time.process_time() - start:.2f} s"
    )
    total = 0.0
    for name in ANALYSES:
        start = time.process_time()
        answer = ask(study, name)
        asked = time.process_time() - start
        charts = charts_of(study, answer)
        for chart in charts:
            chart.svg()
        took = time.process_time() - start
        total += took
        print(f"  {name:<14} {asked:6.2f} s, with {len(charts)} charts {took:6.2f} s")
    print(f"  {'together':<14} {total:6.2f} s (bar: 30 s; any single one 5 s)")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        of_a_run(Path(sys.argv[1]))
    sobol_beside_salib()
    first_box()
    run_of_512()
