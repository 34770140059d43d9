"""Published findings that the pages on submodels name, held against the shipped defaults in direction."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from excomm.case import defaults
from excomm.world import diplomacy, home, incidents, neighbours, nuclear
from excomm.world.coalition import Members, Scope, participation
from excomm.world.parameters import declared_ids, pack

DRAWS = 512


@pytest.fixture(scope="module")
def p():
    random, known = np.random.default_rng(0), defaults()
    values = {
        name: np.asarray(known[name].prior.ppf((random.permutation(DRAWS) + 0.5) / DRAWS))[None, :]
        for name in declared_ids()
    }
    values["deployment.size_requested"] = np.full((1, DRAWS), 5e4)
    return pack(values)


def yearly(weekly) -> np.ndarray:
    return -np.expm1(52 * np.log1p(-np.asarray(weekly, dtype=float)))


def joined(p, support: float = 0.4, **stated: float):
    who = Members(
        weight=jnp.asarray([0.5, 0.3, 0.2]), forces=jnp.asarray([1e6, 2e5, 1e5]), border=jnp.zeros(3),
        support=jnp.full(3, support), election=jnp.zeros(3),
    )  # fmt: skip
    fields = {name: jnp.full((1, 1, 1), stated.get(name, 0.0)) for name in Scope.__dataclass_fields__}
    return participation(p.coalition, p.deployment, who, Scope(**fields))


# ---- coalition ----------------------------------------------------------------------------------------------------


def test_fewer_fight_than_take_part(p) -> None:
    """Haesebrouck (2017): over Libya 14 of 28 members took part and 8 struck."""
    rear, combat = joined(p), joined(p, combat=1.0)
    assert (combat.members <= rear.members + 1e-4).all()
    assert (combat.realised <= rear.realised * (1 + 1e-5)).all()
    assert float(np.median(combat.members)) < float(np.median(rear.members))


def test_publics_prefer_restraint_and_peace_to_change_and_war(p) -> None:
    """Jentleson (1992) on the aim; polls of 2024 on a ceasefire."""
    assert (joined(p, roll_back=1.0).members <= joined(p).members + 1e-4).all()
    assert (joined(p, on_ceasefire=1.0).members >= joined(p).members - 1e-4).all()


def test_losses_at_home_wear_a_force_down(p) -> None:
    """Mueller (1973): every draw loses something for its dead, and more where support decides more."""
    assert (np.asarray(joined(p).abandonment) > 0).all()
    assert (np.asarray(p.coalition.dead_effect) > 0).all()


# ---- nuclear and incidents ----------------------------------------------------------------------------------------


def test_the_inadvertent_part_does_not_vanish_where_nobody_wants_war(p) -> None:
    """Sagan (1993)."""
    zero = jnp.zeros((1, 1, 1))
    calm = incidents.inadvertent_hazard(
        p.escalation, p.nuclear, rungs=zero, clash=zero, strikes_territory=zero, incident=zero
    )
    share = np.asarray(calm) / np.asarray(p.nuclear.baseline)
    assert (share > 0).all()
    assert np.quantile(share, 0.05) > 0.05
    assert (np.asarray(incidents.incident_hazard(p.escalation, p.escalation.encounters_base)) > 0).all()


def test_risk_grows_with_combat_and_does_not_jump_to_certainty(p) -> None:
    """Powell (1990, 2015): leaders bid up risk but seldom gamble all of it."""
    zero, one = jnp.zeros((1, 1, 1)), jnp.ones((1, 1, 1))
    calm, combat = (
        yearly(
            nuclear.use_probability(
                p.nuclear,
                nuclear.gain_of_use(
                    p.nuclear, regained=zero, regime=zero, clash=clash, strikes_territory=zero
                ),
            )
        )
        for clash in (zero, one)
    )
    factor = combat / calm
    assert (factor > 1).all()
    assert 2 < np.median(factor) < 25
    assert np.quantile(combat, 0.95) < 0.5


def test_lethal_incidents_mostly_do_not_become_wars(p) -> None:
    """Jones, Bremer and Singer (1996): few militarised disputes end in war."""
    assert np.quantile(np.asarray(p.escalation.escalates), 0.95) <= 0.25


# ---- neighbours and home fronts -----------------------------------------------------------------------------------


def test_wars_with_great_powers_in_them_spread_more(p) -> None:
    """Siverson and Starr (1991)."""
    zero, one = jnp.zeros((1, 1, 1)), jnp.ones((1, 1, 1))
    calm, combat = (
        neighbours.neighbour_hazard(p.neighbour, horizontal=zero, presence=zero, clash=clash)
        for clash in (zero, one)
    )
    assert (np.asarray(combat) > np.asarray(calm)).all()


def test_the_first_losses_cost_most_support_and_success_makes_them_bearable(p) -> None:
    """Mueller (1973); Gelpi, Feaver and Reifler (2009)."""

    def felt(killed: float, success: float = 0.0):
        return np.asarray(
            home.support(
                p.home.host, killed=jnp.asarray(killed), usual_killed=jnp.asarray(1e4), output=jnp.ones(()),
                success=jnp.asarray(success),
            )
        )  # fmt: skip

    first, next_ = felt(0.0) - felt(1e4), felt(1e4) - felt(2e4)
    assert (first > next_).all()
    assert (next_ > 0).all()
    assert (felt(1e4, 0.5) > felt(1e4)).all()


def test_a_patron_answers_by_strengthening_the_side_that_is_pressed(p) -> None:
    level = neighbours.patron_materiel_next(p.patron, jnp.ones(()), commitment=jnp.ones(()))
    assert (np.asarray(level) >= 1).all()
    assert (np.asarray(neighbours.materiel_factor(p.patron, level)) >= 1).all()


# ---- diplomacy ----------------------------------------------------------------------------------------------------


def test_a_war_that_has_lasted_goes_on(p) -> None:
    """Slantchev (2004) and counts on UCDP: between 5 and 34 per cent of such wars stop in a year."""
    rate = diplomacy.agreement_hazard(
        p.diplomacy, talks=jnp.zeros(()), stalemate=jnp.zeros(()), regained=jnp.zeros(()), room=jnp.zeros(())
    )
    low, high = np.quantile(-np.expm1(-52 * np.asarray(rate, dtype=float)), (0.05, 0.95))
    assert 0.04 < low < 0.07
    assert 0.28 < high < 0.40


def test_ceasefires_hold_longer_with_a_force_and_small_ones_hold_little(p) -> None:
    """Fortna (2003, 2008) on arrangements; Reiter and Poast (2021) on tripwires."""

    def breaks(presence: float, strength: float):
        guaranteed = diplomacy.guarantee(p.diplomacy, force=jnp.asarray(strength), opposed=jnp.asarray(500e3))
        return np.asarray(
            diplomacy.relapse_hazard(
                p.diplomacy, presence=jnp.asarray(presence), guaranteed=guaranteed * presence,
                settled=jnp.zeros(()),
            )
        )  # fmt: skip

    none, wire, army = breaks(0.0, 0.0), breaks(1.0, 2e3), breaks(1.0, 200e3)
    assert (army < none).mean() > 0.9
    assert (army < wire).all()
    # Its strength, not its being there: 2,000 take away little of the fear that 200,000 take away.
    fear = [
        np.asarray(diplomacy.guarantee(p.diplomacy, force=jnp.asarray(force), opposed=jnp.asarray(500e3)))
        for force in (2e3, 200e3)
    ]
    assert np.median(fear[0]) < 0.05
    assert np.median(fear[1]) > 0.5


def test_a_commitment_problem_that_is_solved_brings_agreement_nearer(p) -> None:
    """Weisiger (2013); Fearon (1995): costs of fighting are room for a bargain."""

    def rate(burden: float, guaranteed: float):
        room = diplomacy.bargaining_room(
            p.diplomacy, burden=jnp.asarray(burden), guaranteed=jnp.asarray(guaranteed)
        )
        return np.asarray(
            diplomacy.agreement_hazard(
                p.diplomacy, talks=jnp.zeros(()), stalemate=jnp.zeros(()), regained=jnp.zeros(()), room=room
            )
        )

    assert (rate(0.0, 0.8) > rate(0.0, 0.0)).all()
    assert (rate(0.3, 0.0) > rate(0.0, 0.0)).all()
