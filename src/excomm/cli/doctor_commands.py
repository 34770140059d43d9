"""Is this machine ready? What is installed, what is missing, and what to do about it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

__all__ = ["doctor"]

REQUIRED = (
    "jax",
    "jaxlib",
    "numpy",
    "scipy",
    "pandas",
    "xarray",
    "altair",
    "vl-convert-python",
    "arro3-io",
)
EXTRAS = {"calibrate": "numpyro", "oracle": "pygambit"}


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Check the installation: packages, cores, memory, cache, a shipped case, a first computation."""
    import os
    import platform
    import sys

    from excomm.case import load

    checks: list[dict[str, object]] = []

    def note(name: str, ok: bool, found: str, step: str = "") -> None:
        checks.append({"check": name, "ok": ok, "found": found, "next": step if not ok else ""})

    note("python", sys.version_info >= (3, 11), platform.python_version(), "Install Python 3.11 or newer.")
    for package in REQUIRED:
        found = _version(package)
        note(package, found is not None, found or "missing", f"pip install {package}")
    for extra, package in EXTRAS.items():
        found = _version(package)
        checks.append(
            {"check": f"extra {extra}", "ok": True, "found": found or "not installed (optional)", "next": ""}
        )
    note("cores", True, str(os.cpu_count()))
    try:
        from excomm.pipeline.compilation import use_compilation_cache

        cache = use_compilation_cache()
        import jax
        import jax.numpy as jnp

        value = float(jax.jit(lambda x: x * 2.0)(jnp.asarray(21.0)))
        note("computation", value == 42.0, f"JAX on {jax.default_backend()}", "Reinstall jax and jaxlib.")
        note(
            "compilation cache",
            True,
            cache or "off",
        )
    except Exception as error:  # whatever goes wrong here is the finding
        note("computation", False, str(error), "Reinstall jax and jaxlib.")
    try:
        case = load("strait")
        note("shipped cases", True, f"strait: {len(case.options)} options")
    except Exception as error:
        note("shipped cases", False, str(error), "Reinstall excomm.")
    sound = all(bool(entry["ok"]) for entry in checks)
    if as_json:
        typer.echo(json.dumps({"ok": sound, "checks": checks}, ensure_ascii=False))
    else:
        for entry in checks:
            mark = "ok     " if entry["ok"] else "MISSING"
            typer.echo(
                f"{mark} {entry['check']}: {entry['found']}{'  -> ' + str(entry['next']) if entry['next'] else ''}"
            )
    if not sound:
        raise typer.Exit(1)
