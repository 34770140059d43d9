"""The principal branch of the logit correspondence of a game tree: from uniform play at lambda 0 along one curve.

Predictor and corrector steps by arc length pass turning points, where the curve runs back in lambda. At a
bifurcation, which only a game with a symmetry has, the curve could go either way: a small bonus to the first action
of each information set decides, and is taken away again once the bifurcation is passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from excomm.errors import GameNotSolved
from excomm.game.efg.equations import TreeEquations

Floats = NDArray[np.float64]

FIRST_STRIDE = 0.03
SHORTEST_STRIDE = 1e-9
SHARPEST_BEND = 0.95  # smallest cosine between two tangents
MOST_STRIDES = 20_000
CORRECTIONS = 8
SLOW = 0.02  # factors of an older Jacobian are kept while each correction shrinks the error to this share
TOLERANCE = 1e-9  # of the equations on the way [log-probability]
BONUS = 1e-4  # logit bonus at a bifurcation
TILT = 0.05  # the bonus differs a little between information sets, else it could have the same symmetry as the game


@dataclass(frozen=True)
class BranchPoint:
    """A point of the branch: lambda, log-probabilities (actions,), largest error, and did the branch turn before."""

    lam: float
    log_p: Floats
    residual: float
    is_turned: bool
    bifurcations: int


@dataclass(frozen=True)
class _Factors:
    """Triangular factors of a matrix, and the sign of its determinant."""

    factors: Floats
    pivots: NDArray[np.int_]
    is_singular: bool

    @classmethod
    def of(cls, matrix: Floats) -> _Factors:
        factors, pivots, flag = lapack.dgetrf(matrix)
        return cls(factors, pivots, flag != 0)

    @property
    def sign(self) -> float:
        swaps = int(np.sum(self.pivots != np.arange(self.pivots.size)))
        return float(np.prod(np.sign(np.diag(self.factors))) * (-1.0) ** swaps)

    def solve(self, right: Floats) -> Floats:
        """The solution; not finite where the matrix is singular."""
        if self.is_singular:
            return np.full(right.size, np.nan)
        solved, _ = lapack.dgetrs(self.factors, self.pivots, right)
        return np.asarray(solved, dtype=float)


@dataclass
class _Curve:
    point: Floats  # log-probabilities, then lambda
    tangent: Floats
    stride: float
    sign: float
    is_turned: bool = False
    bonus: float = 0.0
    bifurcations: int = 0
    since: Floats | None = None


def trace(equations: TreeEquations, targets: Sequence[float]) -> list[BranchPoint]:
    """The branch at each lambda of `targets`, in their order; each is where the branch first reaches it."""
    reached: dict[float, BranchPoint] = {}
    wanted = sorted({float(target) for target in targets})
    follower = Follower(equations)
    for target in wanted:
        reached[target] = follower.first_at(target)
    return [reached[float(target)] for target in targets]


class Follower:
    """Walks along the branch, away from lambda 0."""

    def __init__(self, equations: TreeEquations) -> None:
        self.equations = equations
        size = equations.size
        sizes = (
            np.bincount(equations.set_of_action, minlength=max(1, equations.first.size))
            if size
            else np.ones(1)
        )
        start = np.zeros(size + 1)
        if size:
            start[:-1] = -np.log(sizes[equations.set_of_action])
        forward = np.zeros(size + 1)
        forward[-1] = 1.0
        self.favoured = np.zeros(size)
        self.favoured[equations.first] = 1.0 + TILT * np.arange(equations.first.size)
        self.curve = _Curve(start, forward, FIRST_STRIDE, 1.0)
        self.curve.tangent, self.curve.sign = self._tangent(start, forward, 0.0)
        self.strides = 0

    def first_at(self, target: float) -> BranchPoint:
        """The first point of the branch at lambda `target`, which must not lie below an earlier target."""
        if self.equations.size == 0:
            return BranchPoint(target, np.zeros(0), 0.0, False, 0)
        if target == self.curve.point[-1]:
            return self._landed(self.curve.point.copy())
        for point in self.walk(target):
            if point is not None:
                return self._landed(point)
        raise AssertionError("the walk ends with a point or an error")

    def _landed(self, point: Floats) -> BranchPoint:
        polished = self._at_lambda(point, point[-1], 0.0)
        if polished is not None:
            point = polished
        error, _, _ = self.equations.system(point[:-1], float(point[-1]))
        curve = self.curve
        return BranchPoint(
            float(point[-1]),
            point[:-1].copy(),
            float(np.abs(error).max()),
            curve.is_turned,
            curve.bifurcations,
        )

    def walk(self, target: float) -> Iterator[Floats | None]:
        """Stride along the curve; yields the landing point once lambda reaches `target`, None before.

        The curve stays at the last stride before the target, so a later target goes on from there.
        """
        curve = self.curve
        while True:
            self.strides += 1
            if self.strides > MOST_STRIDES or curve.stride < SHORTEST_STRIDE:
                raise GameNotSolved(
                    f"the principal branch could not be followed beyond lambda {curve.point[-1]:.6g}",
                    expected=f"to reach lambda {target:g}",
                    next_step="Try a smaller lambda, or scale the payoffs down.",
                )
            ahead = curve.point + curve.stride * curve.tangent
            point, effort = self._correct(ahead, curve.tangent)
            if point is None:
                curve.stride *= 0.4
                continue
            tangent, sign = self._tangent(point, curve.tangent, curve.bonus)
            bend = float(tangent @ curve.tangent)
            if bend < SHARPEST_BEND or np.linalg.norm(point - ahead) > 0.5 * curve.stride:
                curve.stride *= 0.4
                continue
            if sign != curve.sign and curve.stride > SHORTEST_STRIDE:
                if (
                    curve.bonus > 0.0
                ):  # with the bonus there is no bifurcation: the stride has jumped to another curve
                    curve.stride *= 0.4
                    continue
                if self._leave_bifurcation():
                    continue
                curve.bifurcations += 1
            if point[-1] >= target:
                part = (target - curve.point[-1]) / (point[-1] - curve.point[-1])
                between = curve.point + part * (point - curve.point)
                landing = self._at_lambda(between, target, curve.bonus)
                if landing is None or np.linalg.norm(landing - between) > 0.3 * curve.stride + 1e-9:
                    curve.stride *= 0.4
                    continue
                yield landing
            else:
                curve.is_turned = curve.is_turned or bool(point[-1] < curve.point[-1])
                curve.point, curve.tangent, curve.sign = point, tangent, sign
                growth = 2.0 if effort <= 2 and bend > 0.99 else 1.3 if effort <= 4 else 0.7
                curve.stride *= growth
                if curve.bonus > 0.0:
                    self._drop_bonus()
                yield None

    def _leave_bifurcation(self) -> bool:
        """Go on from the last point with the bonus; False where that leads nowhere, then the curve goes straight on."""
        curve = self.curve
        start = self._at_lambda(curve.point, curve.point[-1], BONUS)
        if start is None or np.abs(start - curve.point).max() > 0.5:
            return False
        tangent, sign = self._tangent(start, curve.tangent, BONUS)
        curve.since = curve.point.copy()
        curve.point, curve.tangent, curve.sign, curve.bonus = start, tangent, sign, BONUS
        curve.stride = min(curve.stride, 0.05)
        curve.bifurcations += 1
        return True

    def _drop_bonus(self) -> None:
        """Take the bonus away where the curve without it is close by again."""
        curve = self.curve
        assert curve.since is not None
        if np.abs(curve.point - curve.since).max() < 0.5:
            return
        plain = self._at_lambda(curve.point, curve.point[-1], 0.0)
        if plain is None or np.abs(plain - curve.point).max() > 0.02:
            return
        tangent, sign = self._tangent(plain, curve.tangent, 0.0)
        curve.point, curve.tangent, curve.sign, curve.bonus = plain, tangent, sign, 0.0
        curve.stride = min(curve.stride, 0.2)

    def _bordered(self, point: Floats, border: Floats, bonus: float) -> tuple[Floats, Floats]:
        error, jacobian, by_lambda = self.equations.system(
            point[:-1], float(point[-1]), bonus * self.favoured
        )
        matrix = np.empty((point.size, point.size))
        matrix[:-1, :-1] = jacobian
        matrix[:-1, -1] = by_lambda
        matrix[-1] = border
        return error, matrix

    def _tangent(self, point: Floats, before: Floats, bonus: float) -> tuple[Floats, float]:
        """Unit tangent along `before`, and the sign of the bordered determinant: it changes at a bifurcation."""
        _, matrix = self._bordered(point, before, bonus)
        right = np.zeros(point.size)
        right[-1] = 1.0
        factors = _Factors.of(matrix)
        tangent = factors.solve(right)
        if factors.is_singular or not np.all(np.isfinite(tangent)):
            return before, self.curve.sign
        return tangent / np.linalg.norm(tangent), factors.sign

    def _correct(self, anchor: Floats, normal: Floats) -> tuple[Floats | None, int]:
        """Back to the curve, across the direction `normal`; the number of corrections tells the effort."""
        point = anchor.copy()
        last = np.inf
        factors = None
        for count in range(CORRECTIONS):
            error, matrix = self._bordered(point, normal, self.curve.bonus)
            size = float(np.abs(error).max())
            if not np.isfinite(size) or size > 4.0 * last:
                return None, count
            if size < TOLERANCE * (1.0 + 1e-3 * np.abs(point).max()):
                return point, count
            if factors is None or size > SLOW * last:
                factors = _Factors.of(matrix)
            last = size
            point = point - factors.solve(np.append(error, normal @ (point - anchor)))
        return None, CORRECTIONS

    def _at_lambda(self, start: Floats, lam: float, bonus: float) -> Floats | None:
        """Newton at fixed lambda."""
        point = start.copy()
        point[-1] = lam
        best, smallest, last = None, np.inf, np.inf
        factors = None
        for _ in range(CORRECTIONS + 4):
            error, jacobian, _ = self.equations.system(point[:-1], lam, bonus * self.favoured)
            size = float(np.abs(error).max())
            if not np.isfinite(size) or size > 10.0 * smallest:
                break
            if size < smallest:
                best, smallest = point.copy(), size
            if size < 1e-14 * (1.0 + np.abs(point).max()):
                break
            if factors is None or size > SLOW * last:
                factors = _Factors.of(jacobian)
            last = size
            point[:-1] -= factors.solve(error)
        return best if smallest < TOLERANCE * (1.0 + 1e-3 * np.abs(start).max()) else None
