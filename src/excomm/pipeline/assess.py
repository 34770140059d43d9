"""`assess`: from a case folder to a run, its brief and its files, the one function that runs the whole way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import numpy as np
import xarray as xr

from excomm.beliefs.draws import Draws
from excomm.beliefs.record import Coding
from excomm.case import load
from excomm.case.model import Case
from excomm.engine.grades import grade_cells
from excomm.engine.run import GameReport, Run, summarise_outcomes, summarise_weekly
from excomm.engine.simulation import CHUNK_DRAWS, Games, Simulation, simulate
from excomm.engine.switches import switch_off
from excomm.errors import AnalysisError, UsageError
from excomm.pipeline.compilation import use_compilation_cache
from excomm.pipeline.drawing import draw_case
from excomm.pipeline.plausibility import compare_with_bands
from excomm.storage import check_place

__all__ = ["DEFAULT_DRAWS", "DEFAULT_REPLICATES", "assess", "run_id"]

DEFAULT_DRAWS = 256
DEFAULT_REPLICATES = 32
LIMITS = {"draws": (2, 16384), "replicates": (1, 4096)}
RESIDUAL_LIMIT = 1e-8
Progress = Callable[[str, int, int], None]


@cache
def _code_hash() -> str:
    """Hash of the package's own source: another version is another run."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".yaml") and "cases" not in path.relative_to(root).parts:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of everything that can change a number."""
    import platform

    named = {name: version(name) for name in ("jax", "jaxlib", "numpy", "scipy")}
    return {
        "excomm": version("excomm"),
        "python": platform.python_version(),
        "code": _code_hash()[:16],
        **named,
    }


def run_id(case: Case, settings: dict[str, Any]) -> str:
    """Name of a run by its content: case, attachments, settings, versions."""
    content = json.dumps([case.canonical_json(), settings, versions()], sort_keys=True, default=str)
    return f"{case.id}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _whole_number(name: str, value: int) -> int:
    low, high = LIMITS[name]
    if not low <= value <= high:
        raise UsageError(
            f"{value} {name} cannot be run",
            path=f"--{name}",
            expected=f"{low} to {high}",
            next_step="Choose another number.",
        )
    return value


def _chosen(case: Case, options: Sequence[str] | None) -> tuple[str, ...]:
    """Options to run, in the order of the case; the reference is always among them."""
    if options is None:
        return tuple(option.id for option in case.options)
    wanted = {case.option(name).id for name in options} | {case.reference.id}
    return tuple(option.id for option in case.options if option.id in wanted)


def _information_date(case: Case, as_of: date | None) -> date:
    if as_of is not None and as_of > case.as_of:
        raise UsageError(
            f"{as_of} lies after the information date of the case",
            path="--as-of",
            expected=f"a date up to {case.as_of}",
            next_step="To use later knowledge, write a case with a later information date.",
        )
    return as_of or case.as_of


def _perspective(case: Case, perspective: str | None) -> str:
    if perspective is not None:
        return case.perspective(perspective).actor
    return case.perspectives[0].actor if case.perspectives else "none"


def _kept_games() -> tuple[Path, str] | None:
    """Folder and version of the games that are kept between runs, or None where the cache is off."""
    folder = use_compilation_cache()
    return None if folder is None else (Path(folder) / "games", json.dumps(versions(), sort_keys=True))


def _judge_games(games: Games) -> GameReport:
    solved = ~games.failed & (games.residual <= RESIDUAL_LIMIT)
    failed_draws = np.flatnonzero(~solved.all(axis=0))
    if failed_draws.size == solved.shape[1]:
        raise AnalysisError(
            "the crisis game is solved in no draw",
            expected=f"a residual of at most {RESIDUAL_LIMIT:.0e} log-odds",
            next_step="Lower game.precision_alliance and game.precision_adversary, or question the utilities.",
        )
    return GameReport(
        solved=int(solved.sum()),
        failed=int((~solved).sum()),
        turned=int(games.turned.sum()),
        max_residual=float(games.residual[solved].max()),
        failed_draws=tuple(int(draw) for draw in failed_draws),
        distinct=games.distinct,
        readings=games.readings,
    )


def _without(failed: tuple[int, ...], drawn: Draws, simulation: Simulation) -> tuple[Draws, Simulation]:
    """Draws and simulation without the draws that failed; numbers of draws then count those that are left."""
    if not failed:
        return drawn, simulation
    kept = np.setdiff1d(np.arange(drawn.number), failed)
    return (
        Draws(
            values={name: values[:, kept] for name, values in drawn.values.items()},
            options=drawn.options,
            percentiles={name: column[kept] for name, column in drawn.percentiles.items()},
            truths={name: column[kept] for name, column in drawn.truths.items()},
        ),
        replace(
            simulation,
            outcomes={name: values[:, kept] for name, values in simulation.outcomes.items()},
            weekly={name: values[:, :, kept] for name, values in simulation.weekly.items()},
        ),
    )


def _parameters(draws: Draws) -> xr.Dataset:
    varying = {name: (("option", "draw"), values) for name, values in draws.values.items()}
    return xr.Dataset(varying, coords={"option": list(draws.options), "draw": np.arange(draws.number)})


def assess(
    case: str | Path | Case,
    *,
    options: Sequence[str] | None = None,
    draws: int = DEFAULT_DRAWS,
    replicates: int = DEFAULT_REPLICATES,
    seed: int = 0,
    as_of: date | None = None,
    perspective: str | None = None,
    only: Sequence[str] | None = None,
    coding: str = "narrow",
    ledger: str | Path | None = None,
    out: str | Path = "runs",
    store: bool = True,
    brief: bool = True,
    reading: bool = True,
    chunk_draws: int = CHUNK_DRAWS,
    progress: Progress | None = None,
) -> Run:
    """Assess the options of a case.

    Parameters
    ----------
    case: id of a shipped case, a case folder, or a loaded case.
    options: ids of the options to run; all by default. The reference option always runs.
    draws, replicates: epistemic draws of the parameters, and random replicates of each.
    seed: any integer from 0; the same seed gives the same run.
    as_of: use only reports published by this date (at most the information date).
    perspective: actor whose value weights are shown first; they change no outcome.
    only: submodels that stay switched on, all by default.
    coding: how the record of warnings is read: narrow (only the threatened act counts) or broad.
    ledger: file of a ledger whose reports and decisions take the place of the case's own reports.
    out: folder of the stored runs. store, brief: whether to write the run, and its brief.
    reading: whether to say what the games mean (`run.game.readings`), which a stored run always does; it changes no
        other number and takes the time of solving 16 draws more.
    chunk_draws: draws that are simulated at once; changes memory and speed, no number.
    progress: called as progress(stage, done, total).

    Raises
    ------
    InputError for anything wrong in the case, the reports or the arguments; AnalysisError where it fails.
    """
    from excomm.pipeline.reading import ledger_digest, read_evidence

    began = perf_counter()
    use_compilation_cache()
    loaded = case if isinstance(case, Case) else load(str(case))
    _whole_number("draws", draws)
    _whole_number("replicates", replicates)
    if coding not in ("narrow", "broad"):
        raise UsageError(
            f"{coding!r} is no coding", path="--coding", expected="narrow or broad", next_step="Choose one."
        )
    if seed < 0:
        raise UsageError(
            f"{seed} is no seed", path="--seed", expected="a whole number from 0", next_step="Try --seed 0."
        )
    chosen = _chosen(loaded, options)
    known_by = _information_date(loaded, as_of)
    viewed_by = _perspective(loaded, perspective)
    if store:
        check_place(Path(out), "--out", folder=True)
    settings = {
        "options": chosen, "draws": draws, "replicates": replicates, "seed": seed,
        "as_of": known_by, "only": sorted(only) if only is not None else None, "perspective": viewed_by,
        "coding": coding,
    }  # fmt: skip
    book = Path(ledger) if ledger is not None else None
    if book is not None:
        settings["ledger"] = ledger_digest(book)

    evidence = read_evidence(loaded, as_of=known_by, seed=seed, ledger=book)
    probabilities = {item.id: item.posterior for item in evidence.assessments}
    drawn = draw_case(
        loaded,
        options=chosen,
        number=draws,
        seed=seed,
        coding=cast(Coding, coding),
        as_of=known_by,
        probabilities=probabilities,
    )
    drawn = switch_off(drawn, only)
    simulation = simulate(
        loaded,
        drawn,
        replicates=replicates,
        seed=seed,
        chunk_draws=chunk_draws,
        progress=progress,
        read=reading or store,
        kept_in=_kept_games(),
    )
    game = _judge_games(simulation.games)
    drawn, simulation = _without(game.failed_draws, drawn, simulation)
    reference = chosen.index(loaded.reference.id)
    outcomes, summary, differences = summarise_outcomes(
        simulation.outcomes, chosen, grade_cells(loaded, drawn, simulation.outcomes), reference
    )
    warnings = [*loaded.warnings, *evidence.warnings]
    if game.failed_draws:
        left_out = len(game.failed_draws)
        warnings.append(
            f"{left_out} of {draws} draws are left out because a game of theirs is not solved; what they would have "
            f"shown can move a probability by at most {left_out / draws:.3f}."
        )
    result = Run(
        id=run_id(loaded, settings),
        case=loaded,
        seed=seed,
        draws=drawn.number,
        replicates=replicates,
        perspective=viewed_by,
        outcomes=outcomes,
        summary=summary,
        differences=differences,
        weekly=summarise_weekly(simulation.weekly, chosen),
        parameters=_parameters(drawn),
        propositions=evidence.assessments,
        claims=evidence.claims,
        reports=evidence.reports,
        plausibility=compare_with_bands(loaded, simulation.outcomes, simulation.weekly, reference),
        game=game,
        timing={
            "total_s": perf_counter() - began,
            "compile_s": simulation.compile_seconds,
            "game_s": simulation.game_seconds,
            "simulate_s": simulation.simulate_seconds,
        },
        warnings=tuple(warnings),
        files={},
    )
    if not store:
        return result
    from excomm.pipeline.store import write_run

    return write_run(
        result, settings=settings, out=Path(out), with_brief=brief, began=began, progress=progress
    )
