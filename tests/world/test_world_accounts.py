"""The week as a whole on random parameters: nobody is created, stocks stay positive, probabilities add up."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import fixed_cases, middle, random_values, world

from excomm.world import step as weekly
from excomm.world.battle import Forces, strengths
from excomm.world.coalition import Members, Participation, Scope, participation
from excomm.world.parameters import declared_ids, pack
from excomm.world.setting import Attributes, Commitments, PostureTables, Setting
from excomm.world.sides import Sides, each
from excomm.world.state import SideNoise, WeekNoise

DRAWS, REPLICATES, WEEKS = 48, 4, 12
PER_SIDE = {
    "strength", "recovering", "pool", "killed", "wounded", "morale", "loss_memory", "rout", "interceptors", "power",
    "civilian_dead", "skill", "retreat", "prosecution",
}  # fmt: skip
SIGNED = {"area", "front_noise", "gain_memory", "energy", "air_control"}
ENDS = ("settlement", "victory_host", "victory_adversary", "regime_host", "regime_adversary")
SHARES = {
    "support", "general", "neighbour", "withdrawal", "deliberate", "inadvertent", "ceasefire",
    "clashed", "struck", "incident", "rout", "signal", "settled", "skill", "retreat", "prosecution", *ENDS,
}  # fmt: skip


def setting(on_ceasefire: float = 0.0) -> Setting:
    """Two postures a side: at rest and full; the tests set the attributes that are held themselves."""
    ladder = jnp.asarray([0.0, 1.0])
    steady = jnp.asarray([1.0, 1.0])
    one = jnp.ones((1, 1, 1))
    return Setting(
        postures=PostureTables(
            aid=steady, shield=ladder, presence=ladder, engaged=ladder, alliance_rung=ladder, front=steady,
            air=steady, horizontal=ladder, strikes_forces=ladder, strikes_territory=ladder, adversary_rung=ladder,
        ),
        commitments=Commitments(
            on_ceasefire=one * on_ceasefire, start=one.astype(jnp.int32), ceiling=one.astype(jnp.int32),
            floor=one.astype(jnp.int32) * 0, floor_weeks=one * 26,
        ),
        adversary_start=jnp.asarray(0, dtype=jnp.int32),
        week_of_year=jnp.asarray(50.0),
    )  # fmt: skip


MEMBERS = Members(
    weight=jnp.asarray([0.6, 0.3, 0.1]),
    forces=jnp.asarray([2e5, 1e5, 2e4]),
    border=jnp.asarray([0.0, 1.0, 0.0]),
    support=jnp.asarray([0.2, 0.4, 0.3]),
    election=jnp.asarray([1.0, 0.0, 0.0]),
)


_NOBODY = jnp.zeros((1, 1, 1))
PARTICIPATION = Participation(*([_NOBODY] * len(Participation.__dataclass_fields__)))


@partial(jax.jit, static_argnames=("weeks",))
def _path(p, held, noise, aid_cut, on_ceasefire, *, weeks):
    """States and records after every week; held stays, noise has a leading axis of weeks."""
    placed = setting(on_ceasefire)
    zero = jnp.zeros((1, 1, 1))
    scope = Scope(
        combat=zero, on_ceasefire=zero + on_ceasefire, roll_back=zero, rung=zero + 2.0, consensus=zero
    )
    force = participation(p.coalition, p.deployment, MEMBERS, scope)
    origin = weekly.originate(p, placed, force)
    first = weekly.start(p, origin, (1, *noise.front.shape[1:]), weeks)

    def advance(state, inputs):
        week, now = inputs
        following, record = weekly.step(p, placed, origin, state, held, now, week=week, aid_cut=aid_cut)
        return following, (following, record)

    _, (states, records) = jax.lax.scan(advance, first, (jnp.arange(1.0, weeks + 1), noise))
    return first, states, records, origin


def random_noise(seed: int) -> WeekNoise:
    random = np.random.default_rng(seed)
    shape = (WEEKS, DRAWS, REPLICATES)

    def normal():
        return jnp.asarray(random.standard_normal(shape), dtype=jnp.float32)

    def uniform():
        return jnp.asarray(random.random(shape), dtype=jnp.float32)

    def side():
        return SideNoise(
            intensity=normal(), drone=normal(), missile=normal(), intercept_drone=normal(),
            intercept_missile=normal(), broken=uniform(), failure=uniform(),
        )  # fmt: skip

    return WeekNoise(
        sides=Sides(side(), side()),
        front=normal(),
        energy=normal(),
        agreement=uniform(),
        relapse=uniform(),
        incident=uniform(),
    )


def random_attributes(seed: int) -> Attributes:
    random = np.random.default_rng(seed)
    shape = (1, DRAWS, REPLICATES)

    def share():
        raw = random.uniform(-0.3, 1.3, shape).clip(0, 1)  # often exactly 0 or 1
        return jnp.asarray(raw, dtype=jnp.float32)

    return Attributes(
        aid=2 * share(), shield=share(), presence=share(), engaged=share(), front=1.3 * share(), air=1.3 * share(),
        horizontal=share(), strikes_forces=share(), strikes_territory=share(), talks=share().round(),
        rung=jnp.floor(5 * share()),
    )  # fmt: skip


def run(values, seed: int, held: Attributes | None = None, on_ceasefire: float | None = None):
    cut = jnp.asarray(np.random.default_rng(seed).integers(0, 2, (1, DRAWS, REPLICATES)), dtype=jnp.float32)
    later = float(seed % 2) if on_ceasefire is None else on_ceasefire
    first, states, records, origin = _path(
        pack(values),
        held or random_attributes(seed),
        random_noise(seed),
        cut,
        jnp.asarray(later),
        weeks=WEEKS,
    )

    def table(tree, axis=0):
        """Arrays by field; what belongs to the sides gets an axis of sides at `axis`."""
        names = [name for name in tree.__dataclass_fields__ if name not in ("sides", "clock")]
        found = {name: np.asarray(getattr(tree, name), dtype=float) for name in names}
        if hasattr(tree, "sides"):
            host, adversary = table(tree.sides.host), table(tree.sides.adversary)
            found |= {name: np.stack([host[name], adversary[name]], axis=axis) for name in host}
        return found

    return table(first), table(states, axis=1), table(records), table(origin)


SEEDS = st.integers(0, 2**32 - 1)


@settings(fixed_cases, max_examples=8)
@given(SEEDS)
def test_the_accounts_hold_for_any_parameters(seed: int) -> None:
    values = random_values(seed, DRAWS)
    first, states, records, _ = run(values, seed)
    for name, series in {**states, **records}.items():
        assert np.isfinite(series).all(), name
    for name, series in states.items():
        if name not in SIGNED:
            assert (series >= 0).all(), name
    for name in SHARES:
        assert (states[name] <= 1 + 1e-6).all(), name
    morale = states["morale"]
    assert ((morale >= 0.3 - 1e-6) & (morale <= 1.2 + 1e-6)).all()

    # Nobody is created: soldiers are at the front, recovering, in the pool, dead, or wounded for good.
    lost_for_good = 1 - values_of(values, "return_share")
    people = (
        states["strength"] + states["recovering"] + states["pool"] + states["killed"]
        + lost_for_good * states["wounded"]
    )  # fmt: skip
    before = first["strength"] + first["pool"]
    assert people == pytest.approx(np.broadcast_to(before, people.shape), rel=1e-5)
    assert (np.diff(states["pool"], axis=0) <= 0).all()
    for name in (
        "killed",
        "wounded",
        "civilian_dead",
        "allied_killed",
        "allied_wounded",
        "troops_peak",
        "cost",
    ):
        assert (np.diff(states[name], axis=0) >= 0).all(), name

    # Stocks: capacity within its limits, no soldier of the alliance lost who was not there.
    power = values_of(values, "full_capacity", block="power")
    assert (states["power"] <= np.maximum(power, first["power"]) * (1 + 1e-5)).all()
    assert (records["killed_alliance"] <= 0.25 * records["troops_alliance"] * (1 + 1e-5)).all()


def values_of(values, field: str, block: str = "ground") -> np.ndarray:
    """A two-sided parameter with axes (weeks, sides, options, draws, replicates)."""
    both = np.stack([values[f"{block}.{side}.{field}"] for side in ("host", "adversary")])
    return both.astype(np.float32).astype(float)[None, ..., None]


@settings(fixed_cases, max_examples=6)
@given(SEEDS)
def test_survival_is_the_product_and_first_passages_add_up_to_the_rest(seed: int) -> None:
    """In double precision from the weekly hazards; the state keeps the relative precision of rare events."""
    _, states, records, _ = run(random_values(seed, DRAWS), seed)
    hazard = records["nuclear_hazard"]
    with np.errstate(divide="ignore"):  # a hazard of 1 leaves nothing
        gone = -np.expm1(np.cumsum(np.log1p(-hazard), axis=0))  # 1 - product of the weekly survivals
    use = states["deliberate"] + states["inadvertent"]
    assert use == pytest.approx(gone, rel=1e-4)
    survived = np.concatenate([np.ones_like(gone[:1]), 1 - gone[:-1]])
    assert use == pytest.approx(np.cumsum(hazard * survived, axis=0), rel=1e-4)
    assert (states["general"] <= use * (1 + 1e-5)).all()
    assert (states["signal"] >= states["deliberate"] * (1 - 1e-5)).all()
    # The ways in which the first war ends exclude each other, and none of them is taken back.
    ends = np.stack([states[name] for name in ENDS])
    assert (ends.sum(axis=0) <= 1 + 1e-5).all()
    assert (np.diff(ends, axis=1) >= 0).all()
    over = states["ceasefire_first"] < WEEKS  # after a first agreement the first war has no other ending
    later = over[:-1] & (np.diff(ends, axis=1) > 0)
    assert not later.any()
    assert (states["settlement"] <= (states["ceasefire_first"] < WEEKS) + 1e-6)[:-1].all()


@pytest.mark.parametrize("baseline", [1e-3, 1e-6, 1e-9, 1e-12])
def test_rare_events_keep_their_digits(baseline: float) -> None:
    """A hazard far below the rounding of 1 in single precision still adds up week by week."""
    values = {name: np.full((1, DRAWS), value) for name, value in middle().items()}
    values |= {name: np.full((1, DRAWS), value) for name, value in {
        "nuclear.baseline": baseline, "nuclear.restraint": 0.0, "nuclear.territory_effect": 0.0,
        "nuclear.regime_effect": 0.0, "nuclear.accident_share": 0.25, "nuclear.second_use": 0.0,
        "escalation.clash_nuclear": 0.0, "diplomacy.ceasefire": 0.0, "neighbour.baseline": baseline,
        "nuclear.reply_nuclear": 0.1, "nuclear.general": 0.4,
    }.items()}  # fmt: skip
    fields = random_attributes(1).__dataclass_fields__
    nothing = jnp.asarray(np.zeros((1, DRAWS, REPLICATES), dtype=np.float32))
    held = Attributes(**dict.fromkeys(fields, nothing))
    states = run(values, 1, held=held, on_ceasefire=0.0)[1]
    weeks = np.arange(1, WEEKS + 1)
    assert states["neighbour"][:, 0, 0, 0] == pytest.approx(-np.expm1(-baseline * weeks), rel=1e-5)
    # A decision in three quarters of the baseline and an accident in a quarter; within a week the decision first.
    chosen, slipped = 0.75 * baseline, 0.25 * baseline
    weekly_use = chosen + (1 - chosen) * slipped
    use = -np.expm1(weeks * np.log1p(-weekly_use))
    for name, part in (("deliberate", chosen), ("inadvertent", (1 - chosen) * slipped)):
        assert states[name][:, 0, 0, 0] == pytest.approx(use * part / weekly_use, rel=1e-5), name
    general = -np.expm1(weeks * np.log1p(-0.04 * weekly_use))
    assert states["general"][:, 0, 0, 0] == pytest.approx(general, rel=1e-5)


@settings(fixed_cases, max_examples=5)
@given(SEEDS)
def test_aid_never_costs_the_host_power_or_interceptors(seed: int) -> None:
    """More aid with all chance and postures equal; parameters from within their priors."""
    values = random_values(seed, DRAWS, usual_share=1.0)
    values["aid.cut_size"] = np.minimum(values["aid.cut_size"], 0.9)
    held = random_attributes(seed)
    less, more = (
        run(values, seed, held=_with(held, aid=aid * jnp.ones((1, DRAWS, REPLICATES))))[1]
        for aid in (0.5, 1.0)
    )
    assert (more["aid"] > less["aid"]).all()
    together = more["ceasefire"] == less["ceasefire"]  # the same war: nothing else sets the two apart
    assert together.mean() > 0.95  # so that the comparison below says something
    for name in ("interceptors", "power"):
        better = more[name][:, 0] >= less[name][:, 0] * (1 - 1e-5) - 1e-4
        assert (better | ~together.cumprod(axis=0).astype(bool)).all(), name


def _with(held: Attributes, **changes) -> Attributes:
    fields = {name: getattr(held, name) for name in held.__dataclass_fields__}
    return Attributes(**{**fields, **changes})


@settings(fixed_cases, max_examples=10)
@given(st.floats(0, 2), st.floats(0.02, 5), st.floats(0.02, 5))
def test_materiel_rises_with_aid(elasticity: float, first: float, second: float) -> None:
    p = world(aid__elasticity=elasticity)
    nothing = jnp.zeros((1, 1, 1))
    fresh = each(
        weekly._placed, p.ground, p.air, p.power, weekly.originate(p, setting(), PARTICIPATION).sides
    )
    usual = each(lambda side: side.skill, fresh)
    low, high = sorted((first, second))

    def effective(aid: float):
        forces = Forces(
            engaged=nothing,
            rear=nothing,
            patron=nothing,
            air=nothing,
            aid=nothing + aid,
            patron_materiel=nothing + 1.0,
        )
        return strengths(p, fresh, usual, Sides(nothing, nothing), forces)

    poor, rich, usual_aid = (effective(aid) for aid in (low, high, 1.0))
    assert float(poor.host[0, 0, 0]) <= float(rich.host[0, 0, 0]) * (1 + 1e-6)
    ratio = float(poor.host[0, 0, 0] / usual_aid.host[0, 0, 0])
    assert ratio == pytest.approx(low**elasticity, rel=1e-4)
    assert float(poor.adversary[0, 0, 0]) == float(rich.adversary[0, 0, 0])  # it fights with its own


def test_a_side_pays_for_the_interceptors_that_it_fires_itself() -> None:
    """Only the adversary launches: the host's stock falls by two shots a missile, the adversary's grows."""
    values = {name: np.full((1, DRAWS), value) for name, value in middle().items()}
    values |= {name: np.full((1, DRAWS), value) for name, value in {
        "air.host.cruise": 0.0, "air.host.ballistic": 0.0, "air.adversary.cruise": 20.0, "aid.interceptors": 0.0,
        "air.adversary.ballistic": 10.0, "air.host.interceptors": 1e4, "air.host.interceptor_production": 0.0,
        "air.adversary.interceptors": 100.0, "air.adversary.interceptor_production": 3.0, "air.host.shots": 2.0,
        "diplomacy.ceasefire": 0.0, "shield.coverage_cruise": 0.0, "shield.coverage_ballistic": 0.0,
        "air.host.channels": 1e5,  # no salvo goes beyond them
    }.items()}  # fmt: skip
    _, states, records, _ = run(values, 2, on_ceasefire=0.0)
    fired = np.cumsum(records["missiles_launched"], axis=0) * 2.0
    assert states["interceptors"][:, 0] == pytest.approx(1e4 - fired, rel=1e-4)
    weeks = np.arange(1, WEEKS + 1)[:, None, None, None]
    grown = np.broadcast_to(100.0 + 3.0 * weeks, states["interceptors"][:, 1].shape)
    assert states["interceptors"][:, 1] == pytest.approx(grown, rel=1e-3)


# ---- ramps -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("midpoint", "spread"), [(10.0, 2.0), (20.0, 5.0), (30.0, 6.0)])
def test_a_force_arrives_along_a_logistic_from_nothing_to_everything(midpoint: float, spread: float) -> None:
    weeks = np.linspace(-5, midpoint + 20 * spread, 400)
    share = np.asarray(
        weekly._ramp(jnp.asarray(weeks), jnp.asarray(midpoint), jnp.asarray(spread)), dtype=float
    )
    assert (share[weeks <= 0] == 0).all()
    assert (np.diff(share) >= -1e-6).all()
    assert share[-1] == pytest.approx(1.0, abs=1e-6)
    at_start = 1 / (1 + np.exp(midpoint / spread))
    expected = (1 / (1 + np.exp(-(weeks - midpoint) / spread)) - at_start) / (1 - at_start)
    assert share[weeks > 0] == pytest.approx(expected[weeks > 0], abs=2e-6)
    half = float(weekly._ramp(jnp.asarray(midpoint), jnp.asarray(midpoint), spread))
    assert half == pytest.approx(0.5, abs=at_start)


def test_aid_follows_its_target_with_the_stated_lag() -> None:
    """After n weeks (1 - 1/lag)^n of the change is still to come."""
    values = {name: np.full((1, DRAWS), value) for name, value in middle().items()}
    values |= {"aid.lag": np.full((1, DRAWS), 8.0), "aid.level": np.full((1, DRAWS), 1.0)}
    values["aid.cut_size"] = np.zeros((1, DRAWS))
    held = _with(
        random_attributes(1), aid=jnp.asarray(np.full((1, DRAWS, REPLICATES), 0.4, dtype=np.float32))
    )
    states = run(values, 1, held=held)[1]
    weeks = np.arange(1, WEEKS + 1)
    assert states["aid"][:, 0, 0, 0] == pytest.approx(0.4 + 0.6 * (1 - 1 / 8) ** weeks, rel=1e-5)


# ---- packing ---------------------------------------------------------------------------------------------


def test_the_parameters_are_packed_by_side() -> None:
    values = random_values(3, 5)
    packed = pack(values)
    assert packed.ground.host.strength.shape == (1, 5, 1)
    assert packed.front.max_gain.shape == (1, 5, 1)
    for side in ("host", "adversary"):
        assert getattr(packed.air, side).kill_drone[0, :, 0] == pytest.approx(
            values[f"air.{side}.kill_drone"][0]
        )
    assert len(declared_ids()) == len(set(declared_ids()))
    with pytest.raises(KeyError):
        pack({name: value for name, value in values.items() if name != "front.max_gain"})
