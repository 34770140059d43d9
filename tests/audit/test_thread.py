"""The thread of a text: which kind of option it goes on speaking of."""

from __future__ import annotations

import pytest

from excomm.audit.corpus_text import NO_OPTION
from excomm.audit.thread import STAYS, followed

KINDS = ("aid", NO_OPTION, "combat", "shield")
NOTHING = (0.0, 1.0, 0.0, 0.0)


def test_what_names_nothing_goes_on_with_what_was_named() -> None:
    vague = (0.1, 0.7, 0.1, 0.1)
    found = followed(KINDS, [(0.05, 0.05, 0.05, 0.85), vague, vague, vague])
    assert [kind for kind, _ in found] == ["shield"] * 4
    assert followed(KINDS, [(0.05, 0.05, 0.05, 0.85), vague, (0.05, 0.05, 0.85, 0.05)])[2][0] == "combat"


def test_what_is_named_later_tells_of_what_stood_before() -> None:
    found = followed(KINDS, [NOTHING, (0.02, 0.02, 0.02, 0.94)])
    assert found[0][0] == "shield"
    assert found[0][1] > 1 / 3


def test_a_belief_fades_where_nothing_is_named() -> None:
    found = [belief for _, belief in followed(KINDS, [(0.02, 0.02, 0.02, 0.94), *[NOTHING] * 30])]
    assert found[0] > found[1] > found[6]
    assert found[-1] == pytest.approx(1 / 3, abs=1e-3)


def test_the_belief_is_that_of_bayes() -> None:
    """Two steps by hand: a uniform belief, a stretch, a change with 1 - STAYS, another stretch."""
    before = STAYS * 0.8 + (1 - STAYS) * 0.2
    kind, belief = followed(("aid", "combat"), [(0.8, 0.2), (0.3, 0.7)])[1]
    expected = (1 - before) * 0.7 / (before * 0.3 + (1 - before) * 0.7)
    assert (kind, belief) == ("combat", pytest.approx(expected))


def test_no_stretch_and_one_kind_are_followed_too() -> None:
    assert followed(KINDS, []) == []
    assert followed(("aid", NO_OPTION), [(0.2, 0.8)] * 2) == [("aid", pytest.approx(1.0))] * 2
