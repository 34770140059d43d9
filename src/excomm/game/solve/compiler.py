"""Compiled functions of the solver: what it asks of the compiler, and that each program is compiled once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import update_wrapper
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

import jax

P = ParamSpec("P")
R = TypeVar("R")

# No extra options of the CPU's compiler, whatever the environment sets: with fusion of loops that have several results
# it aborts the process on the derivatives of a game (jaxlib 0.10.2), and the solver gains nothing by it. Only outermost
# functions may carry options.
COMPILER_OPTIONS: dict[str, bool | str] = {"xla_backend_extra_options": ""}


class Program(Generic[P, R]):
    """A compiled function that several threads may call: threads that come first with the same shapes wait for one.

    Left to itself JAX compiles the same program in each of them.
    """

    def __init__(self, function: Callable[P, R], fixed: tuple[str, ...]) -> None:
        self._call: Callable[..., R] = jax.jit(
            function, static_argnames=fixed, compiler_options=COMPILER_OPTIONS
        )
        self._fixed = frozenset(fixed)
        self._known: set[Hashable] = set()
        self._locks: dict[Hashable, Lock] = {}
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function, compiled for these shapes."""
        shape = self._shape(args, kwargs)
        if shape in self._known:
            return self._call(*args, **kwargs)
        with self._locks.setdefault(shape, Lock()):
            result = self._call(*args, **kwargs)
            self._known.add(shape)
        return result

    def _shape(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Hashable:
        """What a program is compiled for."""
        fixed = tuple(sorted((name, value) for name, value in kwargs.items() if name in self._fixed))
        moving = {name: value for name, value in kwargs.items() if name not in self._fixed}
        leaves, tree = jax.tree.flatten((args, moving))
        kinds = tuple(
            (getattr(leaf, "shape", ()), str(getattr(leaf, "dtype", type(leaf)))) for leaf in leaves
        )
        return fixed, tree, kinds


def program(*fixed: str) -> Callable[[Callable[P, R]], Program[P, R]]:
    """Compile a function; fixed: names of arguments that are part of the program."""
    return lambda function: Program(function, fixed)
