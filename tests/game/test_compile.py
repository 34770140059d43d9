"""Payoffs and transitions of the compiled game from a mean path, and what the defaults must declare for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest

from excomm.case import defaults, load
from excomm.engine.setup import build_setting
from excomm.game.compile import PATH_FIELDS, compile_game, own_parameters
from excomm.game.policy import EPOCH_WEEKS, CompiledGame
from excomm.world.parameters import declared_ids

OPTIONS, DRAWS, EPOCHS, ALLIANCE, ADVERSARY = 4, 3, 2, 4, 5
SHAPE = (OPTIONS, DRAWS, EPOCHS, ALLIANCE, ADVERSARY)


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
    found = {name: random.uniform(0.1, 0.9, (OPTIONS, DRAWS)) for name in own_parameters()}
    for name, value in changes.items():
        assert name.replace("__", ".") in found
        found[name.replace("__", ".")] = np.full((OPTIONS, DRAWS), value)
    return Watched(found)


def path(**fixed: float) -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    found = {name: random.uniform(0, 1, SHAPE) for name in PATH_FIELDS}
    return found | {name: np.full(SHAPE, value) for name, value in fixed.items()}


@pytest.fixture(scope="module")
def setting():
    case = load("strait")
    return build_setting(case, case.options)


def compiled(setting, path, values, realised: float = 1000.0) -> CompiledGame:
    origin = SimpleNamespace(force_realised=jnp.full((OPTIONS, DRAWS, 1), realised))
    return compile_game(path, values, setting, origin, alliance_first=True)


def test_defaults_declare_exactly_what_world_and_game_read() -> None:
    declared, needed = set(defaults()), {*declared_ids(), *own_parameters()}
    assert not needed - declared, "read by the engine, declared in no file of defaults"
    assert not declared - needed, "declared, read by nobody"
    assert len(own_parameters()) == len(set(own_parameters()))
    assert not set(declared_ids()) & set(own_parameters())


def test_every_own_parameter_but_the_priors_of_resolve_is_read(setting) -> None:
    watched = values()
    compiled(setting, path(), watched)
    # How likely each side is to be resolved decides which policy is followed, not what the policies are.
    assert set(own_parameters()) - watched.read == {"resolve.alliance", "resolve.adversary"}


def test_payoffs_are_the_stated_sums(setting) -> None:
    v, p = values(), path(troops_alliance=EPOCH_WEEKS * 250.0)  # a quarter of what is realised, for a period
    game = compiled(setting, p, v)
    tables = setting.postures
    for o, d, e, a, r in np.ndindex(SHAPE):

        def value(name: str, o: int = o, d: int = d) -> float:
            return float(v[name][o, d])

        def along(name: str, place: tuple[int, ...] = (o, d, e, a, r)) -> float:
            return float(p[name][place])

        territory = along("front_gain") / 1000
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
            + value("utility.adversary.clash_gain") * forces * 0.25,
            (1, "cost"): value("utility.adversary.own_dead") * along("dead_adversary") / 1000
            + value("utility.adversary.presence") * 0.25
            + value("utility.adversary.commitment") * float(tables.adversary_rung[r])
            + value("utility.adversary.retaliation_forces") * forces
            + value("utility.adversary.retaliation_territory") * soil,
        }
        for (player, field), number in expected.items():
            assert getattr(game, field)[player, o, d, e, a, r] == pytest.approx(number, rel=1e-6), field
        for player, side in enumerate(("alliance", "adversary")):
            disaster = value(f"utility.{side}.disaster") * along("nuclear_hazard")
            assert game.catastrophe[player, o, d, e, a, r] == pytest.approx(disaster)


def test_hazards_of_a_period_become_probabilities(setting) -> None:
    game = compiled(setting, path(incident_hazard=0.4, agreement_hazard=2.0), values())
    assert game.incident == pytest.approx(1 - np.exp(-0.4))
    assert game.ends == pytest.approx(1 - np.exp(-2.0))
    assert (compiled(setting, path(nuclear_hazard=7.0), values()).catastrophe <= 0.9).all()


def test_commitments_of_the_options_are_taken_over(setting) -> None:
    case = load("strait")
    game = compiled(setting, path(), values())
    for place, option in enumerate(case.options):
        assert game.ceiling[place] == case.posture_index("alliance", option.ceiling)
        assert game.floor[place] == case.posture_index("alliance", option.floor.posture)
        assert game.floor_epochs[place] == pytest.approx(option.floor.weeks / EPOCH_WEEKS)


def test_an_option_without_a_force_has_no_presence_to_resent(setting) -> None:
    """Nothing is divided by a force of nobody."""
    game = compiled(setting, path(troops_alliance=0.0), values(), realised=0.0)
    other = compiled(
        setting, path(troops_alliance=0.0), values(utility__adversary__presence=0.0), realised=0.0
    )
    assert np.isfinite(game.cost).all()
    assert game.cost == pytest.approx(other.cost)
