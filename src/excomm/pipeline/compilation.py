"""JAX for a command-line tool: on the CPU by default, compiled once and kept between runs."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

__all__ = ["settle_compilation", "use_compilation_cache"]

_MULTIPLE_OUTPUTS = "xla_cpu_use_multi_output_fusion"


def settle_compilation() -> None:
    """Set two flags of the compiler; each stays as it is where the user has set it.

    Instructions up to AVX: the last bit of a number becomes independent of the size of the arrays in which it is
    computed. Fused multiply-add appears in vectorised loops and not in what is left over at their ends, so that
    the size of a chunk would show. The simulation of a chunk takes about a quarter longer for it.
    Loops with several results: otherwise each of the many results of a week computes again what they share
    (measured: a third of the time of a chunk).
    Takes effect only before JAX computes for the first time.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if platform.machine().lower() in ("x86_64", "amd64") and "xla_cpu_max_isa" not in flags:
        flags += " --xla_cpu_max_isa=AVX"
    if "xla_backend_extra_options" not in flags:
        flags += f" --xla_backend_extra_options={_MULTIPLE_OUTPUTS}"
    os.environ["XLA_FLAGS"] = flags.strip()


def use_compilation_cache() -> str | None:
    """Keep compiled programs in the user's cache folder; EXCOMM_CACHE names another, or `off`.

    Returns the folder, or None where nothing is kept.
    """
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    settle_compilation()
    import jax

    config: Any = jax.config
    named = os.environ.get("EXCOMM_CACHE")
    if named == "off" or config.jax_compilation_cache_dir:
        return config.jax_compilation_cache_dir or None
    from platformdirs import user_cache_dir

    folder = Path(named) if named else Path(user_cache_dir("excomm")) / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None  # a read-only home only means compiling again
    config.update("jax_compilation_cache_dir", str(folder))
    config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    return str(folder)
