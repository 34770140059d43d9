"""Named random streams: fixed by seed and name, and by nothing else."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from excomm.streams import generator, name_bits


def test_the_bits_of_a_name_are_those_of_its_hash() -> None:
    assert name_bits("intensity", 64) == int(hashlib.sha256(b"intensity").hexdigest()[:16], 16)
    assert name_bits("intensity") == name_bits("intensity", 64) >> 32
    assert name_bits("größe/фронт", 64) < 2**64


def test_a_stream_is_philox_keyed_by_all_bits_of_seed_and_name() -> None:
    # A list of a small and a large integer would pass through floats: 11 bits of the key would be lost.
    key = np.array([5, name_bits("intensity", 64)], dtype=np.uint64)
    assert np.array_equal(generator(5, "intensity").bit_generator.state["state"]["key"], key)


def test_the_first_numbers_of_a_stream_are_kept_for_good() -> None:
    # A change here means that the numbers of every run change.
    assert generator(0, "intensity").integers(0, 10**6, 3).tolist() == [765963, 966566, 825149]


@pytest.mark.parametrize("seed", [2**53, 2**63, 2**64 - 2])
def test_neighbouring_large_seeds_differ(seed: int) -> None:
    first, second = (generator(s, "intensity").integers(0, 2**62) for s in (seed, seed + 1))
    assert first != second


def test_a_stream_does_not_know_of_the_others() -> None:
    alone = generator(0, "b").standard_normal(5)
    first, second = generator(0, "a"), generator(0, "b")
    first.standard_normal(1000)
    assert np.array_equal(second.standard_normal(5), alone)


def test_seed_0_is_a_seed_like_any_other() -> None:
    numbers = {seed: generator(seed, "intensity").integers(0, 2**62) for seed in (0, 1, 2**63, 2**64 - 1)}
    assert len(set(numbers.values())) == len(numbers)
    assert generator(0, "intensity").integers(0, 2**62) == numbers[0]


def test_streams_of_different_names_are_uncorrelated() -> None:
    # 45 pairs of 10,000 normals: |r| > 5/sqrt(n) by chance in 45 * 6e-7 = 3e-5 of all seeds.
    number = 10_000
    drawn = np.stack([generator(7, f"stream/{k}").standard_normal(number) for k in range(10)])
    correlation = np.corrcoef(drawn) - np.eye(10)
    assert np.abs(correlation).max() < 5 / np.sqrt(number)


@pytest.mark.parametrize("bits", [8, 32, 64])
def test_name_bits_fill_their_range(bits: int) -> None:
    drawn = np.array([name_bits(f"name {k}", bits) for k in range(4096)], dtype=float) / 2.0**bits
    # Kolmogorov's distance above 1.95/sqrt(n) has probability 1e-3; the names are fixed.
    ordered = np.sort(drawn)
    distance = np.abs(ordered - (np.arange(4096) + 0.5) / 4096).max()
    assert distance < 1.95 / np.sqrt(4096) + 2.0**-bits
