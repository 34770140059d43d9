"""Solved games that are kept: the same numbers as without, once solved, never trusted when damaged, never too many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_runs import drawn, same, simulated

from excomm.case.model import Case
from excomm.engine import solved_store
from excomm.engine.crisis import BLOCK_DRAWS, Crisis
from excomm.engine.simulation import Simulation
from excomm.engine.solved_store import SolvedStore
from excomm.game.equilibrium import SolvedBlock

NUMBERS = np.arange(BLOCK_DRAWS)


@pytest.fixture(scope="module")
def crisis(strait: Case) -> Crisis:
    return Crisis(strait, drawn(strait))


@pytest.fixture(scope="module")
def solved(crisis: Crisis) -> SolvedBlock:
    return crisis.solved(NUMBERS)


def never(_: np.ndarray) -> SolvedBlock:
    pytest.fail("solved again")


def test_what_is_read_is_what_was_solved(tmp_path: Path, crisis: Crisis, solved: SolvedBlock) -> None:
    store = SolvedStore(tmp_path / "games", crisis, "one")
    assert store.solved(NUMBERS, lambda _: solved) is solved
    found = store.solved(NUMBERS, never)
    for name in ("alliance", "adversary", "limits", "prior"):
        one, other = getattr(found.policy, name), getattr(solved.policy, name)
        wanted = np.float16 if name in ("alliance", "adversary") else np.float32
        assert one.dtype == other.dtype == wanted
        assert one.tobytes() == other.tobytes(), name
    assert found.residual.tobytes() == solved.residual.tobytes()
    assert (found.distinct, found.policy.points, found.policy.fronts) == (solved.distinct, 9, 3)


def test_other_inputs_or_another_version_are_solved_anew(
    tmp_path: Path, strait: Case, crisis: Crisis, solved: SolvedBlock
) -> None:
    SolvedStore(tmp_path, crisis, "one").solved(NUMBERS, lambda _: solved)
    asked = []

    def solve(numbers: np.ndarray) -> SolvedBlock:
        asked.append(numbers)
        return solved

    SolvedStore(tmp_path, crisis, "two").solved(NUMBERS, solve)
    SolvedStore(tmp_path, Crisis(strait, drawn(strait, seed=1)), "one").solved(NUMBERS, solve)
    assert len(asked) == 2


def test_a_damaged_file_is_solved_again(tmp_path: Path, crisis: Crisis, solved: SolvedBlock) -> None:
    store = SolvedStore(tmp_path, crisis, "one")
    store.solved(NUMBERS, lambda _: solved)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:1000])
    assert store.solved(NUMBERS, lambda _: solved) is solved
    assert store.solved(NUMBERS, never).distinct == solved.distinct


def test_the_folder_is_bounded(
    tmp_path: Path, crisis: Crisis, solved: SolvedBlock, monkeypatch: pytest.MonkeyPatch
) -> None:
    SolvedStore(tmp_path, crisis, "0").solved(NUMBERS, lambda _: solved)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    monkeypatch.setattr(solved_store, "LARGEST_STORE", int(2.5 * size))
    for version in ("1", "2", "3"):
        SolvedStore(tmp_path, crisis, version).solved(NUMBERS, lambda _: solved)
    assert len(list(tmp_path.iterdir())) == 2
    SolvedStore(tmp_path, crisis, "3").solved(NUMBERS, never)


def test_a_run_from_kept_games_is_the_same(tmp_path: Path, strait: Case, base: Simulation) -> None:
    first, second = (simulated(strait, kept_in=(tmp_path, "one"), read=True) for _ in range(2))
    for run in (first, second):
        same(base.outcomes, run.outcomes)
        same(base.weekly, run.weekly)
    assert len(first.games.readings) == len(second.games.readings) == 4
    for one, other in zip(first.games.readings, second.games.readings, strict=True):
        assert one.threats == other.threats
        assert one.first_moves == other.first_moves
        assert one.adversary_path.tolist() == other.adversary_path.tolist()
