"""JAX for a command-line tool: on the CPU by default, compiled once and kept between runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

__all__ = ["use_compilation_cache"]


def use_compilation_cache() -> str | None:
    """Keep compiled programs in the user's cache folder; EXCOMM_CACHE names another, or `off`.

    Returns the folder, or None where nothing is kept.
    """
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
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
