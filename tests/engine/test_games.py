"""The games of a shipped case: solved, once each, and followed by the simulation as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_runs import DRAWS, REPLICATES, drawn, simulated

from excomm.case.model import Case
from excomm.engine.crisis import BLOCK_DRAWS, Crisis
from excomm.engine.simulation import Simulation
from excomm.game.crisis import CrisisBlock
from excomm.game.equilibrium import SolvedBlock, SolvedGroup, solve_groups
from excomm.game.reading import Threats, follow, read_threats

WARNING = "utility.adversary.warning"


@pytest.fixture(scope="module")
def crisis(strait: Case) -> Crisis:
    return Crisis(strait, drawn(strait))


@pytest.fixture(scope="module")
def solved(crisis: Crisis) -> SolvedBlock:
    return crisis.solved(np.arange(BLOCK_DRAWS))


@pytest.fixture(scope="module")
def block(crisis: Crisis) -> CrisisBlock:
    return crisis.block(np.arange(BLOCK_DRAWS))


def test_every_game_is_solved(base: Simulation, solved: SolvedBlock) -> None:
    assert not base.games.failed.any()
    assert base.games.residual.max() <= 1e-8
    assert (base.games.residual > 0).any()
    assert base.games.distinct == solved.distinct == 4 * DRAWS
    assert base.games.residual.tolist() == solved.residual.tolist()


def test_rows_of_the_tables_are_probabilities(solved: SolvedBlock) -> None:
    for table, columns in ((solved.policy.alliance, (2,)), (solved.policy.adversary, (3, 3))):
        assert (table >= 0).all()
        first = 0
        for width in columns:
            assert (table[..., first : first + width].sum(axis=-1) <= 1 + 1e-6).all()
            first += width


def test_options_that_only_start_elsewhere_share_their_games(strait: Case) -> None:
    """The shield, once from its posture and once from aid: the same games, another course."""
    shield = strait.options[1]
    twin = replace(shield, id="shield-later", name="Shield later", start="aid")
    case = replace(strait, options=(*strait.options[:2], twin))
    draws = drawn(case)
    found = Crisis(case, draws).solved(np.arange(BLOCK_DRAWS))
    assert found.distinct == 2 * DRAWS
    assert found.policy.adversary[:, 1].tobytes() == found.policy.adversary[:, 2].tobytes()
    course = simulated(case, draws=draws)
    apart = course.weekly["alliance_posture"][:, 1] != course.weekly["alliance_posture"][:, 2]
    assert apart.any()


def test_first_moves_are_as_frequent_as_the_policies_say(
    strait: Case, crisis: Crisis, solved: SolvedBlock
) -> None:
    """Alliance, then adversary, in the first four weeks; all options, draws and replicates.

    Replicates are independent given the draw. Twelve shares, five standard errors: a false alarm in fewer than 1 in
    100,000 seeds, and the seed is fixed.
    """
    run = simulated(strait, replicates=16, solved_games=lambda _: solved)
    policy, states = solved.policy, crisis.block(np.arange(BLOCK_DRAWS)).states(3)
    options, draws = np.arange(4)[:, None], np.arange(DRAWS)
    start = np.asarray(crisis.setting.commitments.start)[:, 0, 0][:, None]

    def read(table: np.ndarray, number: np.ndarray, columns: int) -> np.ndarray:
        root, other = np.sqrt(policy.prior[..., 0]), np.sqrt(1 - policy.prior[..., 0])
        place = root / (root + other) * (policy.points - 1)
        low = np.minimum(place.astype(int), policy.points - 2)
        part = (place - low)[..., None]
        row = number * policy.points + low
        return (1 - part) * table[0, options, draws, row] + part * table[0, options, draws, row + 1]

    moves = read(policy.alliance, states.number(start, 1, states.middle, 0), 2)
    alliance = np.stack(
        [moves[..., 0], 1 - moves.sum(axis=-1), moves[..., 1]], axis=-1
    )  # options, draws, moves
    expected = np.zeros((4, DRAWS, 4))
    for k, change in enumerate((-1, 0, 1)):
        level = np.clip(start + change, 0, states.alliance - 1)
        row = read(policy.adversary, states.number(level, 1, states.middle, 0), 6)
        mixed = (1 - policy.prior) * row[..., :3] + policy.prior * row[..., 3:]
        expected[..., :3] += alliance[..., k, None] * mixed
    expected[..., 3] = 1 - expected[..., :3].sum(axis=-1)

    first = {name: run.weekly[name][0] for name in ("alliance_posture", "adversary_posture", "warning")}
    change = first["alliance_posture"] - start[..., None]
    seen = [change == -1, change == 0, change == 1]
    _agree(np.stack([each.mean(axis=-1) for each in seen], axis=-1), alliance, 16)
    posture, warning = first["adversary_posture"], first["warning"]
    seen = [posture == 0, posture == 2, warning == 1, (posture == 1) & (warning == 0)]
    _agree(np.stack([each.mean(axis=-1) for each in seen], axis=-1), expected, 16)


def _agree(seen: np.ndarray, expected: np.ndarray, replicates: int) -> None:
    """Shares (options, draws, moves) over all draws, with the binomial error of each draw."""
    error = np.sqrt((expected * (1 - expected)).sum(axis=1) / replicates) / expected.shape[1]
    apart = np.abs(seen.mean(axis=1) - expected.mean(axis=1))
    assert (apart <= 5 * error + 1e-6).all()
    assert (expected.mean(axis=1).max(axis=-1) < 0.95).all(), "where one move is certain nothing is tested"


def threats(groups: dict[int, SolvedGroup], crisis: Crisis, option: int) -> Threats:
    group = groups[option]
    start = int(np.asarray(crisis.setting.commitments.start)[option, 0, 0])
    course = follow(group, option, (start, 1), crisis.draws.values["resolve.adversary"][option])
    return read_threats(course, group.states, alliance_first=True)


def test_a_higher_audience_cost_makes_warnings_rarer_and_more_credible(
    crisis: Crisis, block: CrisisBlock
) -> None:
    """On a shipped case, for every option: none, as stated, threefold."""
    found: list[list[Threats]] = []
    for factor in (0.0, 1.0, 3.0):
        changed = replace(block, values={**block.values, WARNING: factor * block.values[WARNING]})
        groups = {option: group for group in solve_groups(changed) for option in group.options}
        found.append([threats(groups, crisis, option) for option in range(4)])
    given = np.array([[each.given for each in row] for row in found])
    carried_out = np.array([[each.carried_out for each in row] for row in found])
    assert (np.diff(given, axis=0) < 0).all()
    assert (np.diff(carried_out, axis=0) > 0).all()


def test_warnings_and_their_fate_are_counted(base: Simulation) -> None:
    given, ignored, executed = (
        base.outcomes[name] for name in ("warnings", "warnings_ignored", "warnings_executed")
    )
    assert (ignored + executed <= given).all()
    assert given.mean() > 0.5
    assert ignored.sum() > 0
    assert executed.sum() > 0
    assert base.outcomes["warnings"].shape[2] == REPLICATES
    outstanding = base.weekly["warning"]
    assert set(np.unique(outstanding)) == {0.0, 1.0}
    # A warning is outstanding from the move that gives it to the next move of the adversary: four weeks.
    assert outstanding.sum(axis=0) / 4 == pytest.approx(given)


def test_public_beliefs_start_at_the_prior_and_move_with_what_is_done(base: Simulation, strait: Case) -> None:
    belief = base.weekly["belief_adversary"]
    prior = drawn(strait).values["resolve.adversary"]
    assert belief.min() >= 0
    assert belief.max() <= 1
    # A martingale: over all draws and replicates the mean stays. Five standard errors, fixed seed.
    drift = belief[-1] - prior[..., None]
    error = drift.std() / np.sqrt(drift[0].size)
    assert abs(drift.mean()) < 5 * error
    assert np.abs(drift).max() > 0.05
