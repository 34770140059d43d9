"""The noise: its laws, and its independence of everything but seed, name, draw and replicate."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from excomm.engine import noise as engine_noise
from excomm.engine.noise import draw_noise, streams
from excomm.world.sides import SIDES
from excomm.world.state import SideNoise, WeekNoise

KEYS = streams(0, "northland", "southland")
COMMON = [field.name for field in fields(WeekNoise) if field.name != "sides"]
NAMES = [*COMMON, *(f"{field.name}/{side}" for field in fields(SideNoise) for side in SIDES)]


def drawn(keys=KEYS, draws=range(6), replicates: int = 5, weeks: int = 12, epochs: int = 3):
    return draw_noise(keys, np.asarray(list(draws)), replicates=replicates, weeks=weeks, epochs=epochs)


def table(noise) -> dict[str, np.ndarray]:
    """All arrays by name; those of a side as `name/side`."""
    once = ("aid_cut", "type_adversary", "move_alliance", "move_adversary")
    found = {name: np.asarray(getattr(noise, name)) for name in once}
    for name in NAMES:
        field, _, side = name.partition("/")
        holder = getattr(noise.weekly.sides, side) if side else noise.weekly
        found[name] = np.asarray(getattr(holder, field))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_laws(name: str) -> None:
    """Moments within five standard errors of some 200,000 numbers: each fails in 1 of a million seeds."""
    values = table(drawn(draws=range(40), replicates=50, weeks=52))[name].astype(float).ravel()
    uniform = name.partition("/")[0] in ("broken", "failure", "agreement", "relapse", "incident")
    mean, variance, fourth = (0.5, 1 / 12, 1 / 80) if uniform else (0.0, 1.0, 3.0)
    assert values.mean() == pytest.approx(mean, abs=5 * np.sqrt(variance / values.size))
    spread = np.sqrt((fourth - variance**2) / values.size)
    assert ((values - mean) ** 2).mean() == pytest.approx(variance, abs=5 * spread)
    if uniform:
        assert ((values >= 0) & (values < 1)).all()


def test_chunks_see_the_same_numbers() -> None:
    whole = table(drawn())
    parts = [table(drawn(draws=numbers)) for numbers in (range(2), range(2, 6))]
    for name, values in whole.items():
        axis = -2
        joined = np.concatenate([part[name] for part in parts], axis=axis)
        assert values.tobytes() == joined.tobytes(), name


def test_more_replicates_leave_the_first_ones() -> None:
    few, many = table(drawn(replicates=3)), table(drawn(replicates=9))
    for name, values in few.items():
        assert values.tobytes() == np.ascontiguousarray(many[name][..., :3]).tobytes(), name


def test_streams_differ_by_seed_and_by_name() -> None:
    one, other = table(drawn()), table(drawn(keys=streams(1, "northland", "southland")))
    for name in one:
        assert not np.isin(one[name], other[name]).all(), name
    assert len(set(KEYS.values())) == len(KEYS)


def test_another_stream_changes_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    before = table(drawn())
    monkeypatch.setattr(engine_noise, "_ONCE", ("invented", *engine_noise._ONCE))
    monkeypatch.setattr(engine_noise, "Noise", lambda invented, **known: (invented, _NOISE(**known)))
    invented, after = drawn(keys=streams(0, "northland", "southland"))
    assert np.asarray(invented).shape == (6, 5)
    for name, values in table(after).items():
        assert values.tobytes() == before[name].tobytes(), name


_NOISE = engine_noise.Noise


def test_swapped_sides_meet_mirrored_chance() -> None:
    one, other = table(drawn()), table(drawn(keys=streams(0, "southland", "northland")))
    for name in NAMES:
        if name == "front":
            assert one[name].tobytes() == (-other[name]).tobytes()
        elif "/" in name:
            field, _, side = name.partition("/")
            turned = {"host": "adversary", "adversary": "host"}[side]
            assert one[name].tobytes() == other[f"{field}/{turned}"].tobytes(), name
        else:
            assert one[name].tobytes() == other[name].tobytes(), name


def test_seed_0_and_a_large_seed_are_seeds_like_any_other() -> None:
    first = {
        seed: table(drawn(keys=streams(seed, "a", "b")))["agreement"][0, 0, 0]
        for seed in (0, 1, 2**63, 2**64 - 1)
    }
    assert len({float(value) for value in first.values()}) == 4
