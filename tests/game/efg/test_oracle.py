"""The classic games against pygambit's tracing of the principal branch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from excomm.game.efg.reader import read_efg
from excomm.game.efg.solver import solve_tree

from .conftest import GAMES

pytestmark = pytest.mark.oracle

# The oracle loses the absent-minded driver (it returns another lambda than asked for) and does not read remarks.
NAMES = sorted(
    path.stem for path in GAMES.glob("*.efg") if path.stem not in ("absent-minded-driver", "signal")
)


def oracle(pygambit: Any, text: str, lam: float) -> np.ndarray:
    from io import StringIO

    game = pygambit.read_efg(StringIO(text))
    profile = pygambit.qre.logit_solve_lambda(game, [lam])[0].profile
    return np.array(
        [float(each[1]) for player in game.players for _, mixed in profile[player] for each in mixed]
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lam", [0.5, 1.0, 4.0])
def test_equals_pygambit(name: str, lam: float) -> None:
    pygambit = pytest.importorskip("pygambit", reason="the extra `oracle` is not installed")
    path = GAMES / f"{name}.efg"
    expected = oracle(pygambit, path.read_text(), lam)
    assert np.abs(solve_tree(read_efg(path), lam).probabilities - expected).max() < 1e-6
