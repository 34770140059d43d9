"""The crisis game's chance at the front: its law, its bins, and how it builds up."""

from __future__ import annotations

import numpy as np
import pytest

from excomm.game.front import BINS, FrontChance, bin_nodes, front_law


def test_the_front_moves_between_bins_as_noise_and_collapses_do() -> None:
    random = np.random.default_rng(1)
    places, limits = np.array([-400.0, 10.0, 500.0]), np.array([-150.0, 260.0])
    shift, noise, collapse = np.array([30.0, -20.0, 5.0]), np.array(180.0), np.array(450.0)
    host, adversary = np.array([0.1, 0.3, 0.2]), np.array([0.0, 0.2, 0.4])
    law = front_law(shift, places, limits, noise, (host, adversary), collapse)
    assert law.sum(axis=-1) == pytest.approx(1.0)
    for start in range(3):
        broken = random.uniform(size=(2, 200_000)) < np.array([[adversary[start]], [host[start]]])
        drawn = places[start] + shift[start] + noise * random.standard_normal(200_000)
        drawn += collapse * (broken[0].astype(float) - broken[1])
        counted = np.bincount(np.searchsorted(limits, drawn), minlength=3) / drawn.size
        # Four standard errors of 200,000 draws, nine shares: false alarm in fewer than 1 in 1,000 seeds; it is fixed.
        assert law[start] == pytest.approx(counted, abs=4 * np.sqrt(0.25 / drawn.size))


def _chance(noise: float, breaks: float, collapse: float) -> FrontChance:
    return FrontChance(np.full((1, 1, 1), noise), np.full((1, 1, 1), breaks), np.full((1, 1), collapse))


@pytest.mark.parametrize("fronts", sorted(BINS))
def test_without_collapses_the_bins_are_the_best_for_a_normal(fronts: int) -> None:
    found = bin_nodes(_chance(250.0, 0.0, 900.0), fronts)[0, 0, 0]
    assert found == pytest.approx(250.0 * np.array(BINS[fronts]), abs=0.5)


@pytest.mark.parametrize(("noise", "breaks"), [(100.0, 0.1), (150.0, 0.6), (300.0, 4.0)])
def test_every_node_is_the_mean_of_what_lies_nearest_to_it(noise: float, breaks: float) -> None:
    nodes = bin_nodes(_chance(noise, breaks, 1000.0), 3)[0, 0, 0]
    random = np.random.default_rng(3)
    count = random.poisson(breaks / 2, (2, 400_000))
    drawn = noise * random.standard_normal(count.shape[1]) + 1000.0 * (count[0] - count[1])
    nearest = np.abs(drawn[:, None] - nodes).argmin(axis=1)
    for place, node in enumerate(nodes):
        mine = drawn[nearest == place]
        # Five standard errors, nine means: false alarm in fewer than 1 in 100,000 seeds; it is fixed.
        assert mine.mean() == pytest.approx(node, abs=5 * mine.std() / np.sqrt(mine.size))


def test_what_moves_within_the_epochs_adds_up() -> None:
    chance = FrontChance(
        np.array([100.0, 250.0, 400.0]).reshape(3, 1, 1), np.zeros((3, 1, 1)), np.zeros((1, 1))
    )
    assert np.cumsum(chance.within[0, 0] ** 2) == pytest.approx([100.0**2, 250.0**2, 400.0**2])
