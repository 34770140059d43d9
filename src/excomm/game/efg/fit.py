"""Maximum-likelihood lambda of observed choices in a game tree."""

from __future__ import annotations

import csv
import io
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from excomm.errors import AnalysisError, UsageError
from excomm.game.efg.branch import Follower
from excomm.game.efg.equations import TreeEquations
from excomm.game.efg.solver import TreeSolution, solution_at
from excomm.game.efg.tree import GameTree

Floats = NDArray[np.float64]

DROP_95 = 1.920729  # half the 95% point of the chi-squared law with one degree of freedom
GROWTH = 1.25  # ratio of neighbouring lambdas of the search
FIRST_LAMBDA_RANGE = 0.01  # lambda x payoff range at which the search starts
LARGEST_LAMBDA_RANGE = 1000.0  # and ends: play there is certain to many digits


@dataclass(frozen=True)
class LambdaFit:
    """The fit. lower, upper: 95% profile interval, None where the likelihood does not fall so far on that side.

    log_likelihood: at the estimate; at_zero: of uniform play, for comparison; observations: number of choices.
    """

    lam: float
    lower: float | None
    upper: float | None
    log_likelihood: float
    at_zero: float
    observations: float
    solution: TreeSolution
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The object that `game fit --json` prints."""
        return {
            **self.solution.to_json(),
            "lambda": self.lam,
            "lower": self.lower,
            "upper": self.upper,
            "level": 0.95,
            "log_likelihood": self.log_likelihood,
            "log_likelihood_uniform": self.at_zero,
            "observations": self.observations,
            "warnings": [*self.solution.warnings(), *self.warnings],
        }


def fit_lambda(tree: GameTree, counts: Floats) -> LambdaFit:
    """Fit lambda to `counts` (actions,), how often each action of each information set was chosen.

    The likelihood is searched along the principal branch, from lambda 0 to `LARGEST_LAMBDA_RANGE` payoff ranges.
    """
    counts = np.asarray(counts, dtype=float)
    if counts.shape != (tree.actions,) or not np.all(np.isfinite(counts)) or np.any(counts < 0):
        raise UsageError("the counts do not fit the game", expected=f"{tree.actions} numbers of at least 0")
    if counts.sum() == 0:
        raise UsageError("all counts are 0", expected="at least one observed choice")
    branch = _Branch(tree, counts)
    width = float(np.ptp(tree.payoff, axis=0).max()) or 1.0
    lambdas, likelihoods = [0.0], [branch.likelihood(0.0)]
    lam, warnings = FIRST_LAMBDA_RANGE / width, []
    while lam <= LARGEST_LAMBDA_RANGE / width:
        try:
            likelihoods.append(branch.likelihood(lam))
        except AnalysisError as error:
            warnings.append(f"The search stopped at lambda {lambdas[-1]:.4g}: {error.message}.")
            break
        lambdas.append(lam)
        if likelihoods[-1] < max(likelihoods) - 20.0 * DROP_95:
            break
        lam *= GROWTH
    best = int(np.argmax(likelihoods))
    low, high = lambdas[max(0, best - 1)], lambdas[min(best + 1, len(lambdas) - 1)]
    estimate = branch.maximum(low, high)
    top = branch.likelihood(estimate)

    def excess(value: float) -> float:
        return branch.likelihood(value) - top + DROP_95

    below = [value for value in lambdas if value < estimate and excess(value) < 0]
    above = [value for value in lambdas if value > estimate and excess(value) < 0]
    if not above:
        warnings.append(
            "The likelihood does not fall at large lambda: the choices look like exact best replies."
        )
    return LambdaFit(
        lam=estimate,
        lower=float(brentq(excess, below[-1], estimate, xtol=1e-10)) if below else None,
        upper=float(brentq(excess, estimate, above[0], xtol=1e-10)) if above else None,
        log_likelihood=top,
        at_zero=likelihoods[0],
        observations=float(counts.sum()),
        solution=branch.solution(estimate),
        warnings=tuple(warnings),
    )


class _Branch:
    """The likelihood along the principal branch; walks on from the nearest smaller lambda known."""

    def __init__(self, tree: GameTree, counts: Floats) -> None:
        self.equations = TreeEquations(tree)
        self.counts = counts
        self.followers: dict[float, Follower] = {0.0: Follower(self.equations)}

    def _follower(self, lam: float) -> Follower:
        known = max(value for value in self.followers if value <= lam)
        base = self.followers[known]
        copy = Follower.__new__(Follower)
        copy.__dict__.update(base.__dict__)
        copy.curve = deepcopy(base.curve)
        return copy

    def solution(self, lam: float) -> TreeSolution:
        follower = self._follower(lam)
        found = solution_at(self.equations, follower.first_at(lam))
        self.followers[lam] = follower
        return found

    def likelihood(self, lam: float) -> float:
        log_p = self.solution(lam).log_probabilities
        used = self.counts > 0
        return float(self.counts[used] @ log_p[used])

    def slope(self, lam: float) -> float:
        """Derivative of the log-likelihood by lambda."""
        log_p = self.solution(lam).log_probabilities
        _, jacobian, by_lambda = self.equations.system(log_p, lam)
        return float(self.counts @ np.linalg.solve(jacobian, -by_lambda))

    def maximum(self, low: float, high: float) -> float:
        """Where the slope vanishes between two lambdas, or the end with the larger likelihood."""
        if low < high and self.slope(low) > 0.0 > self.slope(high):
            return float(brentq(self.slope, low, high, xtol=1e-12, rtol=1e-13))
        return low if self.likelihood(low) >= self.likelihood(high) else high


def read_counts(path: str | Path, tree: GameTree) -> Floats:
    """Counts from a CSV file, (actions,).

    Either a table with the columns player, information_set, action, count - player by name or number, information set
    by label or number, action by label or number - or, without a header, one number for each action in the order of
    the information sets of `game solve`.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the counts cannot be read: {error}", file=str(path), expected="a CSV file"
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""))
    rows = [(reader.line_num, row) for row in reader if any(row)]
    if not rows:
        raise UsageError("the file of counts is empty", file=str(path), expected="counts of actions")
    names = [cell.strip().lower().replace(" ", "_") for cell in rows[0][1]]
    if "count" not in names:
        return _plain_counts(rows, tree, str(path))
    missing = [name for name in ("player", "information_set", "action") if name not in names]
    if missing:
        raise UsageError(
            f"column {missing[0]} is missing", file=str(path), line=rows[0][0],
            expected="the columns player, information_set, action, count",
        )  # fmt: skip
    counts = np.zeros(tree.actions)
    for line, row in rows[1:]:
        cells = dict(zip(names, (cell.strip() for cell in row), strict=False))
        counts[_find_action(tree, cells, str(path), line)] += _count(cells.get("count", ""), str(path), line)
    return counts


def _plain_counts(rows: list[tuple[int, list[str]]], tree: GameTree, file: str) -> Floats:
    cells = [(line, cell.strip()) for line, row in rows for cell in row if cell.strip()]
    if len(cells) != tree.actions:
        raise UsageError(
            f"the file holds {len(cells)} numbers", file=file,
            expected=f"{tree.actions} counts, or the columns player, information_set, action, count",
        )  # fmt: skip
    return np.array([_count(cell, file, line) for line, cell in cells])


def _count(text: str, file: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not np.isfinite(value) or value < 0:
        raise UsageError(f"{text!r} is not a count", file=file, line=line, expected="a number of at least 0")
    return value


def _find_action(tree: GameTree, cells: dict[str, str], file: str, line: int) -> int:
    player, where, action = cells.get("player", ""), cells.get("information_set", ""), cells.get("action", "")
    sets = [
        each
        for each in tree.information_sets
        if player in (tree.players[each.player], str(each.player + 1))
        and where in (each.label, str(each.number))
    ]
    exact = [each for each in sets if where == str(each.number)] if len(sets) > 1 else sets
    if len(exact) != 1:
        raise UsageError(
            f"information set {where!r} of player {player!r} is not in the game, or not the only one",
        file=file, line=line,
            expected="a player and an information set of the game, by name or number",
        )  # fmt: skip
    found = exact[0]
    if found.actions.count(action) == 1:
        return found.first_action + found.actions.index(action)
    if action.isdigit() and 1 <= int(action) <= len(found.actions):
        return found.first_action + int(action) - 1
    raise UsageError(
        f"action {action!r} is not one of {', '.join(map(repr, found.actions))}", file=file, line=line,
        expected="an action of the information set, by label or number",
    )  # fmt: skip
