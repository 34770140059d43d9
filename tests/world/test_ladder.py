"""Labels of the rungs: complete, in order, and on the right side of the thresholds."""

from __future__ import annotations

import pytest

import excomm
from excomm.world.ladder import GROUPS, KAHN, RUNGS, THRESHOLDS, group_of


def test_forty_four_rungs_in_seven_groups_with_six_thresholds() -> None:
    assert len(KAHN) == len(set(KAHN)) == 44
    assert len(GROUPS) == 7
    assert [first - 1 for first in list(GROUPS)[1:]] == list(THRESHOLDS)
    assert group_of(1) == "subcrisis manoeuvring"
    assert group_of(20) != group_of(21)
    assert group_of(44) == "civilian central wars"
    for outside in (0, 45):
        with pytest.raises(ValueError, match="1 to 44"):
            group_of(outside)


def test_rungs_rise_and_only_the_last_two_are_nuclear() -> None:
    assert [rung.number for rung in RUNGS] == list(range(8))
    firsts = [rung.kahn[0] for rung in RUNGS]
    assert firsts == sorted(firsts)
    for rung in RUNGS:
        assert 1 <= rung.kahn[0] <= rung.kahn[1] <= 44
        assert (rung.kahn[0] > 20) == (rung.number >= 6)
        assert (rung.kahn[1] > 20) == (rung.number >= 6)


@pytest.mark.parametrize("name", ["strait", "ukraine-2024", "cuba-1962"])
def test_the_postures_of_the_shipped_cases_stay_below_nuclear_use(name: str) -> None:
    case = excomm.load(name)
    for side in ("alliance", "adversary"):
        for posture in case.postures[side]:
            assert 0 <= posture.rung <= 5
