"""Mode and importance weights: exact on a normal, against quadrature, and on a published hierarchical example."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import betaln

from excomm.beliefs.laplace import find_mode, importance_sample
from excomm.errors import AnalysisError
from excomm.streams import generator

Floats = np.ndarray[Any, np.dtype[np.float64]]

# Rats with tumours of rats in the group, 70 historical groups and the current one (Gelman et al., Bayesian Data
# Analysis, table 5.1; counts are facts of Tarone 1982).
TUMOURS = [0] * 14 + [1] * 8 + [2] * 9 + [1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10]
TUMOURS += [4] * 7 + [10] + [4] * 3 + [5, 11, 12, 5, 5, 6, 5, 6, 6, 6, 6, 16, 15, 15, 9, 4]
RATS = [20] * 7 + [19] * 4 + [18] * 2 + [17] + [20] * 4 + [19] * 2 + [18] * 2 + [25, 24, 23] + [20] * 6
RATS += [10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50] + [20] * 7 + [48] + [19] * 3
RATS += [22, 46, 49, 20, 20, 23, 19, 22, 20, 20, 20, 52, 47, 46, 24, 14]


def rat_log_density(at: Floats) -> Floats:
    """Marginal posterior of (log(a/b), log(a+b)) with prior density (a+b)^(-5/2) in (a, b)."""
    ratio, total = np.exp(at[:, 0]), np.exp(at[:, 1])
    a, b = (total * ratio / (1 + ratio))[:, None], (total / (1 + ratio))[:, None]
    k, n = np.array(TUMOURS), np.array(RATS)
    evidence = np.sum(betaln(a + k, b + n - k) - betaln(a, b), axis=1)
    return np.asarray(evidence + np.log(a[:, 0]) + np.log(b[:, 0]) - 2.5 * np.log(total))


def test_rat_tumours() -> None:
    """Published: mode near (-1.8, 2.8), posterior means of a and b 2.4 and 14.3."""
    assert len(TUMOURS) == len(RATS) == 71
    mode, covariance = find_mode(rat_log_density, np.array([-1.0, 2.0]))
    assert mode == pytest.approx([-1.8, 2.8], abs=0.1)
    sample = importance_sample(rat_log_density, mode, covariance, 40_000, generator(0, "rats"))
    assert sample.effective > 25_000
    ratio, total = np.exp(sample.points).T
    assert sample.weights @ (total * ratio / (1 + ratio)) == pytest.approx(2.4, abs=0.06)
    assert sample.weights @ (total / (1 + ratio)) == pytest.approx(14.3, abs=0.3)


def test_a_normal_is_found_exactly() -> None:
    centre = np.array([1.0, -2.0, 0.5])
    spread = np.array([[2.0, 0.6, 0.0], [0.6, 1.0, -0.2], [0.0, -0.2, 0.5]])
    precision = np.linalg.inv(spread)

    def log_density(at: Floats) -> Floats:
        return np.asarray(-0.5 * np.sum((at - centre) @ precision * (at - centre), axis=1))

    mode, covariance = find_mode(log_density, np.zeros(3))
    assert mode == pytest.approx(centre, abs=1e-6)
    assert covariance == pytest.approx(spread, abs=1e-4)
    sample = importance_sample(log_density, mode, covariance, 20_000, generator(0, "normal"), freedom=1e6)
    assert sample.effective == pytest.approx(20_000, rel=1e-3)
    assert sample.mean() == pytest.approx(centre, abs=1e-6)  # antithetic pairs
    assert sample.covariance() == pytest.approx(spread, abs=0.06)


def test_a_skewed_density_is_corrected_by_the_weights() -> None:
    """Log of a Gamma(2, 1) variable: mean digamma(2) = 0.422784, 5 % quantile log 0.355362."""

    def log_density(at: Floats) -> Floats:
        return np.asarray(2.0 * at[:, 0] - np.exp(at[:, 0]))

    mode, covariance = find_mode(log_density, np.zeros(1))
    assert mode[0] == pytest.approx(np.log(2.0), abs=1e-5)
    sample = importance_sample(log_density, mode, covariance, 40_000, generator(0, "gamma"), freedom=5)
    assert sample.mean()[0] == pytest.approx(0.422784, abs=0.012)
    assert sample.quantile(0, np.array([0.05]))[0] == pytest.approx(np.log(0.355362), abs=0.03)


def test_no_maximum_is_an_error() -> None:
    with pytest.raises(AnalysisError, match="no clear maximum"):
        find_mode(lambda at: np.asarray(at[:, 0]), np.zeros(1))


def test_same_stream_same_points() -> None:
    def log_density(at: Floats) -> Floats:
        return np.asarray(-0.5 * np.sum(at**2, axis=1))

    first, second = (
        importance_sample(log_density, np.zeros(2), np.eye(2), 101, generator(0, "same")) for _ in range(2)
    )
    assert np.array_equal(first.points, second.points)
    assert len(first.weights) == 102
    assert first.weights.sum() == pytest.approx(1.0)
