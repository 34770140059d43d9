"""The two sides of the war: one value for the host, one for the adversary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import jax

__all__ = ["SIDES", "Sides", "each"]

SIDES = ("host", "adversary")

T = TypeVar("T")
R = TypeVar("R")


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Sides(Generic[T]):
    """A value of each side. Kept apart and not stacked: a week then moves no memory to slice or turn them."""

    host: T
    adversary: T

    @property
    def opposed(self) -> Sides[T]:
        """The value of the opponent in the place of each side."""
        return Sides(host=self.adversary, adversary=self.host)


def each(function: Callable[..., R], *values: Sides[Any], **common: Any) -> Sides[R]:
    """The function for each side on that side's values; `common` goes to both."""
    return Sides(
        host=function(*(value.host for value in values), **common),
        adversary=function(*(value.adversary for value in values), **common),
    )
