"""Payoffs of a period from what the world brings, and what the defaults must declare for the game."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from excomm.case import defaults, load
from excomm.engine.setup import build_setting
from excomm.game.payoffs import Stage, own_parameters, payoff_range, stage_payoffs
from excomm.game.periods import EPOCH_WEEKS, PERIOD_FIELDS
from excomm.world.parameters import declared_ids

OPTIONS, DRAWS, EPOCHS, ALLIANCE, ADVERSARY, FRONTS = 4, 3, 2, 4, 5, 3
SHAPE = (OPTIONS, DRAWS, EPOCHS, ALLIANCE, ADVERSARY, FRONTS)
WORLD = ("deployment.engaged_share", "deployment.quality", "ground.adversary.strength")
# Read when the games are built, or where a run begins; the payoffs of a period do not need them.
READ_LATER = {
    "game.precision_alliance", "game.precision_adversary", "game.discount", "utility.alliance.audience",
    "utility.adversary.audience", "utility.adversary.warning", "resolve.alliance", "resolve.adversary",
    "resolve.alliance_relief", "resolve.adversary_relief", "perception.reassure", "perception.deter",
    "perception.roll_back",
}  # fmt: skip


class Watched(Mapping[str, np.ndarray]):
    """Values by id that remember which of them were read."""

    def __init__(self, values: Mapping[str, np.ndarray]) -> None:
        self.values_by_id = values
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> np.ndarray:
        self.read.add(name)
        return self.values_by_id[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_id)

    def __len__(self) -> int:
        return len(self.values_by_id)


def values(**changes: float) -> Watched:
    """Own parameters, different in every option and draw; changes by id with `__` for dots."""
    random = np.random.default_rng(2)
    found = {name: random.uniform(0.1, 0.9, (OPTIONS, DRAWS)) for name in (*own_parameters(), *WORLD)}
    for name, value in changes.items():
        assert name.replace("__", ".") in found
        found[name.replace("__", ".")] = np.full((OPTIONS, DRAWS), value)
    return Watched(found)


def path(**fixed: float) -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    found = {name: random.uniform(0, 1, SHAPE) for name in PERIOD_FIELDS}
    return found | {name: np.full(SHAPE, value) for name, value in fixed.items()}


@pytest.fixture(scope="module")
def setting():
    case = load("strait")
    return build_setting(case, case.options)


PERCEIVED = 0.4


def stage(setting, path, values, realised: float = 1000.0) -> Stage:
    shape = (OPTIONS, DRAWS)
    return stage_payoffs(path, values, setting, np.full(shape, realised), np.full(shape, PERCEIVED))


def test_defaults_declare_exactly_what_world_and_game_read() -> None:
    declared, needed = set(defaults()), {*declared_ids(), *own_parameters()}
    assert not needed - declared, "read by the engine, declared in no file of defaults"
    assert not declared - needed, "declared, read by nobody"
    assert len(own_parameters()) == len(set(own_parameters()))
    assert not set(declared_ids()) & set(own_parameters())


def test_every_own_parameter_but_those_of_the_moves_is_read(setting) -> None:
    watched = values()
    stage(setting, path(), watched)
    assert set(own_parameters()) - watched.read == READ_LATER


def test_payoffs_are_the_stated_sums(setting) -> None:
    v, p = values(), path(troops_alliance=EPOCH_WEEKS * 250.0)  # a quarter of what is realised, for a period
    game = stage(setting, p, v)
    tables = setting.postures
    for o, d, e, a, r, f in np.ndindex(SHAPE):

        def value(name: str, o: int = o, d: int = d) -> float:
            return float(v[name][o, d])

        def along(name: str, place: tuple[int, ...] = (o, d, e, a, r, f)) -> float:
            return float(p[name][place])

        territory = along("front_gain") / 1000
        worse = 1 + PERCEIVED * (value("utility.adversary.threat") - 1)
        combat = 250.0 * value("deployment.engaged_share") * value("deployment.quality")
        combat /= value("ground.adversary.strength")
        horizontal, forces, soil = (
            float(column[r])
            for column in (tables.horizontal, tables.strikes_forces, tables.strikes_territory)
        )
        expected = {
            (0, "gain"): -value("utility.alliance.territory") * territory,
            (0, "cost"): value("utility.alliance.own_dead") * along("killed_alliance") / 1000
            + value("utility.alliance.partner_dead") * along("dead_host") / 1000
            + value("utility.alliance.cost") * along("cost")
            + value("utility.alliance.pressure") * horizontal
            + value("utility.alliance.homeland") * soil
            + value("utility.alliance.commitment") * float(tables.alliance_rung[a]),
            (1, "gain"): value("utility.adversary.territory") * territory
            + value("utility.adversary.pressure") * horizontal
            + value("utility.adversary.clash_gain") * forces * 0.25 * worse,
            (1, "cost"): value("utility.adversary.own_dead") * along("dead_adversary") / 1000
            + value("utility.adversary.presence") * 0.25 * worse
            + value("utility.adversary.local_strength") * combat * forces
            + value("utility.adversary.commitment") * float(tables.adversary_rung[r])
            + value("utility.adversary.retaliation_forces") * forces
            + value("utility.adversary.retaliation_territory") * soil,
        }
        for (player, field), number in expected.items():
            assert getattr(game, field)[player, o, d, e, a, r, f] == pytest.approx(number, rel=1e-6), field
        for player, side in enumerate(("alliance", "adversary")):
            disaster = value(f"utility.{side}.disaster") * along("nuclear_hazard")
            assert game.catastrophe[player, o, d, e, a, r, f] == pytest.approx(disaster)


def test_a_certain_catastrophe_costs_no_more_than_itself(setting) -> None:
    assert (stage(setting, path(nuclear_hazard=7.0), values()).catastrophe <= 0.9).all()


def test_catastrophe_does_not_widen_the_range_by_which_sharpness_is_scaled(setting) -> None:
    v = values()
    one, other = (stage(setting, path(nuclear_hazard=hazard), v) for hazard in (0.0, 0.5))
    assert payoff_range(one) == pytest.approx(payoff_range(other))
    assert (payoff_range(one) > 0).all()


def test_an_option_without_a_force_has_no_presence_to_resent(setting) -> None:
    """Nothing is divided by a force of nobody."""
    game = stage(setting, path(troops_alliance=0.0), values(), realised=0.0)
    other = stage(setting, path(troops_alliance=0.0), values(utility__adversary__presence=0.0), realised=0.0)
    assert np.isfinite(game.cost).all()
    assert game.cost == pytest.approx(other.cost)
