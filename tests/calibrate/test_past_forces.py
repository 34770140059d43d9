"""The coalition model against IFOR, KFOR, ISAF and Libya."""

from __future__ import annotations

import numpy as np
import pytest

from excomm.calibrate.past_forces import PAST_FORCES, compare, fit
from excomm.case import defaults


@pytest.fixture(scope="module")
def compared():
    return {one.force.id: one for one in compare(512)}


def test_the_sizes_of_past_forces_lie_within_the_intervals(compared) -> None:
    for one in compared.values():
        assert one.troops_inside, (one.force.id, one.troops, one.force.troops)
        assert one.troops[0] <= one.force.asked


def test_the_number_of_members_lies_within_the_intervals(compared) -> None:
    """Bosnia, Kosovo, Afghanistan, and Libya in both counts; the medians are ordered as the scopes were.

    Where a coalition may form or not (Afghanistan, Libya) the intervals are wide: four cases decide little."""
    for one in compared.values():
        assert one.members_inside, (one.force.id, one.members, one.force.members)
    strike = compared["libya-strike"].members
    assert strike[1] < compared["libya-part"].members[1]
    assert strike[1] < 14


def test_the_defaults_are_what_the_fit_gives() -> None:
    found = fit(20_000)
    known = defaults()
    for name in ("base", "peer_effect", "combat_shift", "deployable_share"):
        low, middle, high = found[f"coalition.{name}"]
        stated = known[f"coalition.{name}"].prior.ppf(np.array([0.05, 0.5, 0.95]))
        width = high - low
        assert stated == pytest.approx([low, middle, high], abs=0.15 * width), name
        assert known[f"coalition.{name}"].grade == "B"


def test_the_tables_of_members_are_those_of_their_year() -> None:
    sizes = {force.id: len(force.alliance) for force in PAST_FORCES}
    assert sizes == {"ifor": 16, "kfor": 19, "isaf": 28, "libya-part": 28, "libya-strike": 28}
    for force in PAST_FORCES:
        assert force.members <= len(force.alliance)
