"""Attrition between two forces: the generalised Lanchester family.

With x and y the strengths of two forces, p and q the exponents of the opponent's and of one's own strength,

    dx/dt = -a y^p x^q,    dy/dt = -b x^p y^q

Lanchester's square law is (1, 0), his linear law (1, 1), Peterson's logarithmic law (0, 1). Helmbold's form,
dx/dt = -a (x/y)^(1-W) y, is (W, 1 - W): W = 1 square, W = 0 logarithmic. Bracken's form adds a tactical factor d on
the attacker's losses and 1/d on the defender's; it multiplies the rates. All conserve a quantity whose sign names
the side that lasts longer. Limits: two homogeneous forces in contact, constant rates.
Sources: Lanchester (1916); Helmbold (1965); Bracken (1995), Naval Research Logistics 42.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

__all__ = [
    "FORMS",
    "BrackenFit",
    "Exponents",
    "advance",
    "fit_bracken",
    "helmbold",
    "invariant",
    "remaining",
    "square_end",
    "square_law",
]


class Exponents(NamedTuple):
    """Exponents of the opponent's (p) and of one's own strength (q)."""

    opponent: float
    own: float


FORMS = {
    "square": Exponents(1.0, 0.0),
    "linear": Exponents(1.0, 1.0),
    "logarithmic": Exponents(0.0, 1.0),
    "mixed": Exponents(0.5, 0.5),  # Helmbold's form with W = 1/2
}


def helmbold(weight: float) -> Exponents:
    """Exponents of Helmbold's form with weight W in [0, 1]."""
    return Exponents(weight, 1.0 - weight)


def invariant(x: Any, y: Any, a: Any, b: Any, form: Exponents) -> Any:
    """What the family conserves: b x^m - a y^m with m = 1 + p - q, logarithms where m is 0.

    Positive: x lasts longer. x, y: strengths; a, b: rates of loss of x and of y.
    """
    power = 1.0 + form.opponent - form.own
    if power == 0.0:
        return b * np.log(x) - a * np.log(y)
    return b * x**power - a * y**power


def square_law(x: Any, y: Any, a: Any, b: Any, time: Any) -> tuple[Any, Any]:
    """Strengths after `time` under the square law: exact, and nobody fights on once a side is gone."""
    root = jnp.sqrt(a * b)
    end = jnp.minimum(time, square_end(x, y, a, b))
    grown, turned = jnp.cosh(root * end), jnp.sinh(root * end)
    left = x * grown - jnp.sqrt(a / b) * y * turned, y * grown - jnp.sqrt(b / a) * x * turned
    return jnp.maximum(left[0], 0.0), jnp.maximum(left[1], 0.0)


def square_end(x: Any, y: Any, a: Any, b: Any) -> Any:
    """Time at which the weaker side is gone under the square law; infinite where both fade together."""
    ratio = jnp.sqrt(b / a) * x / y
    return jnp.arctanh(jnp.minimum(ratio, 1.0 / ratio)) / jnp.sqrt(a * b)


def advance(
    slope: Callable[[float, Array, Array], tuple[Any, Any]],
    x: Any,
    y: Any,
    *,
    start: float = 0.0,
    time: float,
    steps: int,
) -> tuple[Any, Any]:
    """Integrate dx/dt, dy/dt = slope(t, x, y) over `time` by the classical Runge-Kutta rule in equal steps.

    The error falls with the fourth power of the step. Strengths are kept at or above 0.
    """
    h = time / steps
    for number in range(steps):
        t = start + number * h
        k1 = slope(t, x, y)
        k2 = slope(t + h / 2, x + h / 2 * k1[0], y + h / 2 * k1[1])
        k3 = slope(t + h / 2, x + h / 2 * k2[0], y + h / 2 * k2[1])
        k4 = slope(t + h, x + h * k3[0], y + h * k3[1])
        x, y = (
            jnp.maximum(now + h / 6 * (one + 2 * two + 2 * three + four), 0.0)
            for now, one, two, three, four in zip((x, y), k1, k2, k3, k4, strict=True)
        )
    return x, y


def remaining(a: Array, b: Array, opponent: Array, own: Array) -> tuple[Array, Array]:
    """Shares of two forces that remain after one unit of time, for any exponents (arrays that broadcast).

    Both start at 1; a, b: losses of each as a share in one unit of time at the rates of its beginning, at most
    about 0.3. One Runge-Kutta step on the logarithms, in which each slope is one exponential; against the exact
    square law the error is below a**5 / 20.
    """

    def slope(u: Array, v: Array) -> tuple[Array, Array]:
        return -a * jnp.exp(opponent * v + (own - 1.0) * u), -b * jnp.exp(opponent * u + (own - 1.0) * v)

    u1, v1 = -a, -b
    u2, v2 = slope(u1 / 2, v1 / 2)
    u3, v3 = slope(u2 / 2, v2 / 2)
    u4, v4 = slope(u3, v3)
    return jnp.exp((u1 + 2 * u2 + 2 * u3 + u4) / 6), jnp.exp((v1 + 2 * v2 + 2 * v3 + v4) / 6)


class BrackenFit(NamedTuple):
    """Exponents, rates and tactical factor of Bracken's form with their standard errors.

    values and errors: p, q, log a, log b, log d in this order (log d is 0 without an attacker).
    """

    values: np.ndarray[Any, np.dtype[np.float64]]
    errors: np.ndarray[Any, np.dtype[np.float64]]

    @property
    def exponents(self) -> Exponents:
        """The fitted exponents."""
        return Exponents(float(self.values[0]), float(self.values[1]))


def fit_bracken(x: Any, y: Any, x_lost: Any, y_lost: Any, attacker: Any | None = None) -> BrackenFit:
    """Fit x_lost = a d^s y^p x^q and y_lost = b d^-s x^p y^q by least squares on logarithms.

    x, y: strengths and x_lost, y_lost: losses, all positive, shape (periods,). attacker: s = 1 where x attacks, -1
    where y does, 0 for neither; None leaves the tactical factor out.
    Limits: on real battles the residuals are flat along a ridge of (p, q) (Lucas and Turkes 2004): fits of few
    periods say little about the exponents.
    """
    x, y, x_lost, y_lost = (np.asarray(v, dtype=float) for v in (x, y, x_lost, y_lost))
    one, zero = np.ones_like(x), np.zeros_like(x)
    role = zero if attacker is None else np.asarray(attacker, dtype=float)
    columns = [
        np.concatenate([np.log(y), np.log(x)]),
        np.concatenate([np.log(x), np.log(y)]),
        np.concatenate([one, zero]),
        np.concatenate([zero, one]),
    ]
    if attacker is not None:
        columns.append(np.concatenate([role, -role]))
    design = np.stack(columns, axis=1)
    target = np.log(np.concatenate([x_lost, y_lost]))
    solved, *_ = np.linalg.lstsq(design, target, rcond=None)
    freedom = max(len(target) - design.shape[1], 1)
    variance = float(((target - design @ solved) ** 2).sum()) / freedom
    errors = np.sqrt(variance * np.diag(np.linalg.inv(design.T @ design)))
    if attacker is None:
        solved, errors = np.append(solved, 0.0), np.append(errors, 0.0)
    return BrackenFit(values=solved, errors=errors)
