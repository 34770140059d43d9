"""Maximum-likelihood lambda against published estimates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from excomm.errors import UsageError
from excomm.game.efg.fit import DROP_95, fit_lambda, read_counts
from excomm.game.efg.solver import solve_tree
from excomm.game.efg.tree import GameTree

Load = Callable[[str], GameTree]


def centipede_counts(tree: GameTree, shares: list[float], plays: float) -> np.ndarray:
    """Counts of take and pass at each move from the shares of the outcomes."""
    counts = np.zeros(tree.actions)
    for move in range(len(shares) - 1):
        place = next(each for each in tree.information_sets if each.label == f"move {move + 1}")
        counts[place.first_action] = plays * shares[move]
        counts[place.first_action + 1] = plays * sum(shares[move + 1 :])
    return counts


@pytest.mark.parametrize(
    ("name", "shares", "plays", "lam", "log_likelihood"),
    [
        ("centipede-4", [0.071, 0.356, 0.370, 0.153, 0.049], 281, 1.7179, -423.782),
        ("centipede-6", [0.007, 0.064, 0.199, 0.384, 0.253, 0.078, 0.014], 281, 0.5952, -532.936),
        ("centipede-4-high", [0.150, 0.370, 0.320, 0.110, 0.050], 100, 0.4488, -150.941),
    ],
)
def test_centipede(
    game: Load, name: str, shares: list[float], plays: float, lam: float, log_likelihood: float
) -> None:
    tree = game(name)
    fit = fit_lambda(tree, centipede_counts(tree, shares, plays))
    assert fit.lam == pytest.approx(lam, abs=5e-5)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=6e-4)


def test_asymmetric_pennies(game: Load) -> None:
    """Ochs's block as fitted by McKelvey and Palfrey (1995)."""
    tree = game("asymmetric-pennies")
    fit = fit_lambda(tree, 128.0 * np.array([0.527, 0.473, 0.366, 0.634]))
    assert fit.lam == pytest.approx(1.8456097, abs=1e-6)
    assert fit.log_likelihood == pytest.approx(-174.76453, abs=1e-5)
    assert fit.solution.probabilities[[0, 2]] == pytest.approx([0.615651, 0.383291], abs=1e-6)


def test_interval_ends_where_the_likelihood_has_fallen(game: Load) -> None:
    tree = game("centipede-4")
    counts = centipede_counts(tree, [0.071, 0.356, 0.370, 0.153, 0.049], 281)
    fit = fit_lambda(tree, counts)
    assert fit.lower is not None
    assert fit.upper is not None
    for end in (fit.lower, fit.upper):
        there = float(counts @ solve_tree(tree, end).log_probabilities)
        assert there == pytest.approx(fit.log_likelihood - DROP_95, abs=1e-6)


def test_choices_against_the_model_give_lambda_0(game: Load) -> None:
    fit = fit_lambda(game("entry-deterrence"), np.array([0.0, 50.0, 50.0, 0.0]))
    assert fit.lam == 0.0
    assert fit.lower is None


def test_perfect_choices_have_no_upper_limit(game: Load) -> None:
    fit = fit_lambda(game("entry-deterrence"), np.array([50.0, 0.0, 0.0, 50.0]))
    assert fit.upper is None
    assert any("best replies" in warning for warning in fit.warnings)


def test_counts_by_label_by_number_and_plain(game: Load, tmp_path: Path) -> None:
    tree = game("entry-deterrence")
    labelled = tmp_path / "a.csv"
    labelled.write_text(
        "player,information_set,action,count\nentrant,1,enter,30\nentrant,1,stay out,12\n2,1,fight,4\n2,1,2,26\n"
    )
    quoted = tmp_path / "c.csv"  # a label may hold what elsewhere ends a line
    quoted.write_text(labelled.read_text().replace("stay out,12", '"stay out",12').replace("\n", "\r\n"))
    assert read_counts(quoted, tree).tolist() == [30.0, 12.0, 4.0, 26.0]
    plain = tmp_path / "b.csv"
    plain.write_text("30,12\n4,26\n")
    expected = [30.0, 12.0, 4.0, 26.0]
    assert read_counts(labelled, tree).tolist() == expected
    assert read_counts(plain, tree).tolist() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "empty"),
        ("1,2,3\n", "holds 3 numbers"),
        ("player,action,count\n1,enter,3\n", "column information_set"),
        ("player,information_set,action,count\n1,1,dance,3\n", "'dance'"),
        ("player,information_set,action,count\n9,1,enter,3\n", "player '9'"),
        ("player,information_set,action,count\n1,1,enter,-3\n", "not a count"),
    ],
)
def test_bad_counts_are_refused(game: Load, tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=expected):
        read_counts(path, game("entry-deterrence"))
