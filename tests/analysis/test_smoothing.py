from __future__ import annotations

import numpy as np
import pytest

from excomm.analysis.smoothing import basis, smooth_many, smooth_one


@pytest.fixture
def chance() -> np.random.Generator:
    return np.random.default_rng(20)


def test_a_basis_is_centred_orthonormal_and_holds_the_straight_line(chance: np.random.Generator) -> None:
    column = chance.lognormal(size=300)
    columns = basis(column, 6)
    assert columns.T @ columns == pytest.approx(np.eye(columns.shape[1]), abs=1e-10)
    assert columns.sum(axis=0) == pytest.approx(0, abs=1e-10)
    line = column - column.mean()
    assert columns @ (columns.T @ line) == pytest.approx(line, abs=1e-9)


def test_a_switch_gets_a_level_each_and_a_constant_nothing() -> None:
    assert basis(np.array([0.0, 1.0, 0.0, 2.0, 1.0, 2.0]), 5).shape == (6, 2)
    assert basis(np.ones(10), 5).shape == (10, 0)


def test_left_out_predictions_are_those_of_real_refits(chance: np.random.Generator) -> None:
    columns = basis(chance.normal(size=40), 4)
    outcome = columns[:, 0] * 5 + chance.normal(size=40)
    smoother = smooth_one(columns[:, :2], outcome[None])
    kept = smoother.directions
    assert kept.shape[1] > 0
    predicted = smoother.left_out(outcome)
    for place in (0, 17, 39):
        others = np.arange(40) != place
        design = np.column_stack([np.ones(40), kept])
        coefficients = np.linalg.lstsq(design[others], outcome[others], rcond=None)[0]
        assert predicted[place] == pytest.approx(design[place] @ coefficients)


def test_noise_is_left_alone_more_often_than_not(chance: np.random.Generator) -> None:
    kept = [smooth_one(basis(chance.normal(size=200), 6), chance.normal(size=(1, 200))) for _ in range(100)]
    assert np.mean([smoother.freedom == 0 for smoother in kept]) > 0.5


def test_pairs_follow_an_interaction_that_curves_cannot(chance: np.random.Generator) -> None:
    inputs = chance.normal(size=(400, 3))
    outcome = (inputs[:, 0] * inputs[:, 1])[None]

    def explained(pairs: bool) -> float:
        left_out = smooth_many(inputs, outcome, pairs=pairs).smoother.left_out(outcome)
        return float(1 - ((outcome - left_out) ** 2).sum() / ((outcome - outcome.mean()) ** 2).sum())

    assert explained(False) < 0.1
    assert explained(True) > 0.9


def test_ridge_coefficients_give_the_smoother_s_fit(chance: np.random.Generator) -> None:
    inputs = chance.normal(size=(100, 3))
    outcome = inputs[:, 0] ** 2 + chance.normal(size=100)
    fit = smooth_many(inputs, outcome[None])
    fitted = outcome.mean() + fit.design @ fit.coefficients(outcome)
    assert fitted == pytest.approx(fit.smoother.fit(outcome), abs=1e-8)
