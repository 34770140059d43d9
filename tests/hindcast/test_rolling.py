"""Bootstrap, verdicts and the shape of the output."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from excomm.hindcast.rolling import Forecast, block_bootstrap, summarise


def forecasts(model: np.ndarray, rival: np.ndarray) -> list[Forecast]:
    days = pd.date_range("2024-01-01", periods=model.size)
    return [
        Forecast("s", 1, day, day, 0.0, {"crps": float(a)}, {"b": {"crps": float(b)}})
        for day, a, b in zip(days, model, rival, strict=True)
    ]


def test_a_clear_gain_is_better_and_noise_is_a_tie() -> None:
    rng = np.random.default_rng(0)
    rival = 1 + rng.random(200)
    (line,) = summarise(forecasts(rival - 0.2 + 0.1 * rng.standard_normal(200), rival))
    assert line.verdict("b") == "better"
    assert line.difference["b"]["mean"] == pytest.approx(-0.2, abs=0.03)
    (line,) = summarise(forecasts(rival[::-1].copy(), rival))
    assert line.verdict("b") == "tie"


def test_block_bootstrap_widens_with_autocorrelation() -> None:
    rng = np.random.default_rng(1)
    steps = rng.standard_normal(600)
    series = np.convolve(steps, np.ones(12) / np.sqrt(12), mode="valid")
    alone = block_bootstrap(series, block=1).std()
    assert block_bootstrap(series, block=24).std() > 2 * alone


def test_bootstrap_error_matches_theory_for_independent_values() -> None:
    values = np.random.default_rng(2).standard_normal(400)
    assert block_bootstrap(values, block=1).std() == pytest.approx(values.std() / 20, rel=0.08)
