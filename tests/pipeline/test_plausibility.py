"""The rule on noise in choice: at most a twentieth of nuclear use in any option."""

from __future__ import annotations

import numpy as np
import pytest

from excomm.pipeline.plausibility import choice_noise


def split(shares: list[float], use: float = 1e-3) -> dict[str, np.ndarray]:
    """Outcomes of options with these shares of noise; (options, 8 draws, 2 replicates)."""
    used = np.full((len(shares), 8, 2), use)
    return {
        "nuclear_use_probability": used,
        "nuclear_noise_probability": used * np.array(shares)[:, None, None],
    }


@pytest.mark.parametrize(("shares", "ok"), [([0.0, 0.04], True), ([0.06, 0.0], False), ([0.01, 0.3], False)])
def test_the_worst_option_decides(shares: list[float], ok: bool) -> None:
    found = choice_noise(split(shares))
    assert found is not None
    assert found.ok is ok
    assert found.value == pytest.approx(max(shares))
    assert found.p05 <= found.value * (1 + 1e-9)
    assert (found.low, found.high) == (0.0, 0.05)


def test_no_use_is_no_noise_and_without_a_split_there_is_no_rule() -> None:
    nothing = choice_noise(split([0.0, 0.0], use=0.0))
    assert nothing is not None
    assert nothing.ok
    assert choice_noise({"nuclear_use_probability": np.ones((1, 2, 2))}) is None
