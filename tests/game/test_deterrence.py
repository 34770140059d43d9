"""What must follow from the equilibrium: deterrence, credibility of warnings, caution before a resolved adversary."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_crisis import crisis

from excomm.game.equilibrium import solve_groups
from excomm.game.forward import Flow
from excomm.game.reading import follow, read_threats
from excomm.game.states import HOLD, LOWER, RAISE, States

START = (1, 1)  # force in the rear, war as now


def played(prior: float | None = None, **changes: Any) -> tuple[Flow, States]:
    block = crisis(**changes)
    (group,) = solve_groups(block, beliefs=9)
    believed = block.values["resolve.adversary"][0] if prior is None else np.full(1, prior)
    assert group.solution.is_solved.all()
    return follow(group, 0, START, believed), group.states


def struck(found: tuple[Flow, States]) -> float:
    """Mean probability over the epochs that the adversary stands at strikes on allied forces."""
    course, states = found
    at_strikes = np.append(states.parts[1] == 3, False)
    return float(course.mass[1:, :, at_strikes].sum(axis=(2, 3, 4)).mean())


def test_combat_strength_deters_more_than_presence() -> None:
    """Three times the combat-capable share, against three times the force that stands in the rear without it."""
    base = struck(played(troops=10_000.0, realised=30_000.0))
    stronger = struck(played(troops=10_000.0, realised=30_000.0, deployment__engaged_share=0.6))
    # The same combat strength in three times as many soldiers: presence alone.
    larger = struck(played(troops=30_000.0, realised=30_000.0, deployment__engaged_share=0.2 / 3))
    assert stronger < base
    assert base - stronger > base - larger


@pytest.mark.parametrize("strength", [0.1, 0.3, 0.5])
def test_deterrence_rises_with_combat_strength(strength: float) -> None:
    weaker = struck(played(deployment__engaged_share=strength))
    assert struck(played(deployment__engaged_share=strength + 0.15)) < weaker


def test_the_same_force_provokes_when_taken_for_roll_back() -> None:
    strikes = [struck(played(perceived=perceived)) for perceived in (0.0, 0.5, 1.0)]
    assert strikes[0] < strikes[1] < strikes[2]


@pytest.mark.parametrize("precision", [2.0, 8.0])
def test_a_higher_audience_cost_makes_warnings_more_credible(precision: float) -> None:
    """And heeded more. Whether they become rarer depends on whether the alliance yields: on a shipped case they do."""
    sharp = {"game__precision_alliance": precision, "game__precision_adversary": precision}
    costs = (0.0, 0.3, 0.8)
    found = [
        read_threats(*played(utility__adversary__warning=cost, **sharp), alliance_first=True)
        for cost in costs
    ]
    assert (np.diff([threats.carried_out for threats in found]) > 0.05).all()
    assert (np.diff([threats.heeded for threats in found]) > 0.01).all()


def test_the_alliance_raises_less_against_an_adversary_held_to_be_resolved() -> None:
    raises = []
    for prior in (0.05, 0.35, 0.65, 0.95):
        course, _ = played(prior=prior)
        raises.append(float(course.moves[0][..., RAISE].sum()))
    assert (np.diff(raises) < 0).all()


def test_an_ignored_warning_that_is_not_carried_out_lowers_the_belief() -> None:
    """And one that is carried out raises it."""
    course, states = played()
    table = course.moves[3].sum(axis=0)  # second epoch, adversary: (states, beliefs, types, moves)
    warned = np.append(states.parts[3] == 1, False)
    here = table[warned].sum(axis=(0, 1))  # types, moves
    before = here[1].sum() / here.sum()
    backed_down = here[:, [LOWER, HOLD]].sum(axis=1)
    assert backed_down[1] / backed_down.sum() < before < here[1, RAISE] / here[:, RAISE].sum()


def test_beliefs_are_a_martingale_and_probability_is_kept() -> None:
    course, _ = played(prior=0.37)
    assert course.mass.sum(axis=(2, 3, 4)) == pytest.approx(1.0)
    mean = (course.mass * course.beliefs[:, None]).sum(axis=(2, 3, 4))
    assert mean == pytest.approx(0.37, abs=1e-12)
    assert course.mass[..., 1].sum(axis=(2, 3)) == pytest.approx(0.37, abs=1e-12)
