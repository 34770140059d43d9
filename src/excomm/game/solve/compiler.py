"""What the solver asks of the compiler."""

from __future__ import annotations

# No extra options of the CPU's compiler, whatever the environment sets: with fusion of loops that have several results
# it aborts the process on the derivatives of a game (jaxlib 0.10.2), and the solver gains nothing by it. Only outermost
# functions may carry options.
COMPILER_OPTIONS: dict[str, bool | str] = {"xla_backend_extra_options": ""}
