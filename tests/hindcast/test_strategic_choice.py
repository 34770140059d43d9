"""The strategic model of three outcomes: against the tree solver, planted coefficients, and public data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from excomm.errors import ObservationError
from excomm.game.efg.reader import parse_efg
from excomm.game.efg.solver import solve_tree
from excomm.hindcast.strategic_choice import _designs, forecast_strategic_choice, outcome_probabilities
from excomm.observations.history import read_disputes

HEADER = "year,midnum,s_wt_re1,revis1,balanc,regime1,regime2,sq,capit,war\n"


def test_outcome_probabilities_equal_the_tree_solver_and_the_closed_form() -> None:
    rng = np.random.default_rng(4)
    keep, one, two = rng.normal(size=(3, 5))
    found = outcome_probabilities(keep, one, two)
    fight = 1 / (1 + np.exp(-two))
    demand = 1 / (1 + np.exp(keep - fight * one))
    assert found == pytest.approx(
        np.stack([1 - demand, demand * (1 - fight), demand * fight], axis=1), abs=1e-12
    )
    for place in range(5):
        tree = parse_efg(
            'EFG 2 R "dispute" { "1" "2" }\np "" 1 1 "" { "keep" "demand" } 0\n'
            f't "" 1 "" {{ {float(keep[place])!r} 0 }}\np "" 2 1 "" {{ "concede" "fight" }} 0\n'
            + 't "" 2 "" { 0 0 }\n'
            + f't "" 3 "" {{ {float(one[place])!r} {float(two[place])!r} }}\n'
        )
        keeps, demands, concedes, fights = solve_tree(tree, 1.0).probabilities
        assert (keeps, demands * concedes, demands * fights) == pytest.approx(found[place], abs=1e-8)


def test_planted_coefficients_are_found() -> None:
    """1,500 invented pairs; each of 10 estimates within 4 standard errors, .06 % false alarms."""
    rng = np.random.default_rng(11)
    pairs = 1500
    kinds = np.array(["autocracy", "mixed", "democracy"])
    rows = pd.DataFrame(
        {
            "dispute": np.arange(pairs),
            "year": 1850,
            "outcome": 0,
            "similarity": rng.normal(size=pairs),
            "revises": rng.integers(0, 2, pairs),
            "balance": rng.normal(size=pairs),
            "regime_one": kinds[rng.integers(0, 3, pairs)],
            "regime_two": kinds[rng.integers(0, 3, pairs)],
        }
    )
    planted = np.array([0.3, 0.6, -0.8, -1.0, 0.5, 0.4, 0.2, 0.9, -0.5, 0.3])
    chance = _designs(rows).probabilities(planted)
    rows["outcome"] = (rng.random(pairs)[:, None] > np.cumsum(chance, axis=1)).sum(axis=1)
    disputes = _designs(rows)
    found = disputes.fit(np.ones(pairs, dtype=bool))
    came = np.arange(pairs), disputes.outcome
    slopes = np.stack(
        [
            (
                np.log(disputes.probabilities(planted + step)[came])
                - np.log(disputes.probabilities(planted - step)[came])
            )
            / 2e-4
            for step in 1e-4 * np.eye(planted.size)
        ]
    )
    error = np.sqrt(np.diag(np.linalg.inv(slopes @ slopes.T)))
    assert np.all(np.abs(found.coefficients - planted) < 4.0 * error)
    assert found.log_likelihood >= float(np.log(chance[came]).sum())


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("1850,1,0.5,0,0.5,dem,dem,1,1,0", "no single end"),
        ("1850,1,0.5,2,0.5,dem,dem,1,0,0", "unknown"),
        ("1850,1,x,0,0.5,dem,dem,1,0,0", "not a number"),
    ],
)
def test_a_row_that_does_not_fit_is_named(tmp_path: Path, row: str, expected: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(HEADER + "1849,1,0.5,0,0.5,dem,dem,1,0,0\n" + row + "\n")
    with pytest.raises(ObservationError, match=expected) as caught:
        read_disputes([path])
    assert caught.value.line == 3


@pytest.mark.real_data
def test_left_out_scores_lie_between_the_base_rate_and_certainty(real_data: Path) -> None:
    forecasts, _, notes = forecast_strategic_choice([real_data / "strategic-choice"])
    assert len(forecasts) == 313
    mean = {
        name: float(
            np.mean(
                [one.scores["log"] if name == "model" else one.baselines[name]["log"] for one in forecasts]
            )
        )
        for name in ("model", "multinomial-logit", "base-rate")
    }
    assert mean["model"] < mean["base-rate"]
    assert mean["model"] < np.log(3.0)
    assert "log-likelihood" in notes[0]
