"""The thread of a text: which kind of option it goes on speaking of."""

from __future__ import annotations

import pytest

from excomm.audit.corpus_text import NO_OPTION
from excomm.audit.thread import STAYS, Thread

KINDS = ("aid", NO_OPTION, "combat", "shield")


def test_what_names_nothing_goes_on_with_what_was_named() -> None:
    thread = Thread(KINDS)
    assert thread.hear((0.05, 0.05, 0.05, 0.85))[0] == "shield"
    assert [thread.hear((0.1, 0.7, 0.1, 0.1))[0] for _ in range(3)] == ["shield"] * 3
    assert thread.hear((0.05, 0.05, 0.85, 0.05))[0] == "combat"


def test_a_belief_fades_where_nothing_is_named() -> None:
    thread = Thread(KINDS)
    _, first = thread.hear((0.02, 0.02, 0.02, 0.94))
    later = [thread.hear((0.0, 1.0, 0.0, 0.0))[1] for _ in range(30)]
    assert first > later[0] > later[5]
    assert later[-1] == pytest.approx(1 / 3, abs=1e-3)


def test_the_belief_is_that_of_bayes() -> None:
    """Two steps by hand: a uniform belief, a stretch, a change with 1 - STAYS, another stretch."""
    thread = Thread(("aid", "combat"))
    thread.hear((0.8, 0.2))
    before = STAYS * 0.8 + (1 - STAYS) * 0.2
    kind, belief = thread.hear((0.3, 0.7))
    expected = (1 - before) * 0.7 / (before * 0.3 + (1 - before) * 0.7)
    assert (kind, belief) == ("combat", pytest.approx(expected))
