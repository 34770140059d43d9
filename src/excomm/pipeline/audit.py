"""`audit_text`: a text held against a stored run of a case, or against a new one where none is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from excomm.audit.audit import audit_argument, check_request
from excomm.audit.conclusion import Argued
from excomm.audit.figures import Figures
from excomm.audit.model import Audit
from excomm.audit.rerun import restricted
from excomm.case import load
from excomm.case.model import Case
from excomm.errors import UsageError
from excomm.evidence.language_model import Settings, settings_from

if TYPE_CHECKING:
    from excomm.engine.run import Run

__all__ = ["audit_text", "figures_for"]

# Measured on two cores: 141 s for the six options of `ukraine-2024`, compiled programs kept from an earlier run.
USUAL_TIME = "usually two to five minutes on two processor cores"
RERUN = (256, 8)  # draws and replicates of a run with a parameter kept within limits; judgement


def figures_for(
    case: Case,
    *,
    run: Run | str | Path | None = None,
    out: str | Path = "runs",
    announce: Callable[[str], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Figures:
    """Figures of the run named, of the newest stored run of the case with all its options, or of a new run.

    announce: is told before a new run begins what it is, how long it takes and how to do without.
    """
    from excomm.pipeline.walk_back import find_run

    if run is not None and not isinstance(run, str | Path):
        if run.case.id != case.id:
            raise UsageError(
                f"the run {run.id} is of the case {run.case.id}",
                path="--run",
                expected=f"a run of {case.id}",
                next_step="Pass a run of this case.",
            )
        return replace(Figures.from_run(run), case=case)
    if run is not None:
        return Figures.from_folder(find_run(str(run), Path(out)), case)
    stored = newest_stored(case, out)
    if stored is not None:
        return Figures.from_folder(stored, case)
    from excomm.pipeline.assess import assess

    if announce is not None:
        announce(_before_a_run(case, out))
    return Figures.from_run(assess(case, out=out, brief=False, progress=progress))


def newest_stored(case: Case, out: str | Path) -> Path | None:
    """Folder of the newest stored run of the case as it stands now, with all its options; None where there is none."""
    from excomm.pipeline.store import list_runs

    wanted = {option.id for option in case.options}
    for entry in list_runs(Path(out)):
        if entry["case"] == case.id and set(entry["options"]) == wanted and _is_of(case, Path(entry["path"])):
            return Path(entry["path"])
    return None


def _before_a_run(case: Case, out: str | Path) -> str:
    from excomm.pipeline.assess import DEFAULT_DRAWS, DEFAULT_REPLICATES

    return (
        f"No run of {case.id} as it stands now, with all its options, is stored in {out}. One is made first and kept "
        f"there: {len(case.options)} options, {DEFAULT_DRAWS} draws of {DEFAULT_REPLICATES} replicates, {USUAL_TIME}. "
        "To use one that is stored elsewhere, stop this and pass --out FOLDER or --run RUN; for a coarser and quicker "
        f"one, run `excomm assess {case.id} --draws 64 --replicates 8 --out {out}` first."
    )


def _is_of(case: Case, folder: Path) -> bool:
    """Whether a stored run was made from the case as it stands now, with all submodels and reports."""
    import json

    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    settings = manifest.get("settings", {})
    return (
        manifest.get("inputs") == dict(case.files_hashes)
        and settings.get("only") is None
        and settings.get("as_of") == case.as_of.isoformat()
    )


def _drawn(case: Case, figures: Figures, parameter: str) -> dict[str, Any] | None:
    """Draws of a parameter that come from the record of warnings or the ledger, not from its stated prior."""
    from excomm.beliefs.issue_resolve import PARAMETER
    from excomm.case.priors import Conditional

    from_record = parameter == PARAMETER and case.record_path is not None
    if not from_record and not isinstance(case.parameter(parameter).prior, Conditional):
        return None
    return {name: figures.parameters[parameter][figures.place(name)] for name in figures.options}


def audit_text(
    text: str | Path,
    case: str | Path | Case,
    *,
    run: Run | str | Path | None = None,
    out: str | Path = "runs",
    scale: str = "lay",
    perspective: str | None = None,
    conclusion: tuple[str, str] | None = None,
    rerun: bool = False,
    learned: bool = True,
    language_model: Settings | str | None = None,
    announce: Callable[[str], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Audit:
    """Hold an argument against a case.

    Parameters
    ----------
    text: the text itself, or the path of a file (text or HTML).
    case: id of a shipped case, a case folder, or a loaded case.
    run: a run, its folder or its id; the newest stored run of the case under `out` by default, a new one where
        there is none.
    scale: whose ranges the probability words have: `lay` readers or `icd203`.
    perspective: actor whose weights say which side of an outcome is better; the alliance's side by default.
    conclusion: option and `for` or `against`: what the text argues, where it is read otherwise; read from the text by
        default.
    rerun: run again with a parameter kept within a premise's limits where too few draws support the premise.
    learned: let the second, learned reader read what the rules leave, and check what they read.
    language_model: replay, record or live for a language model that reads the text too, reached by the variables
        `EXCOMM_LLM_*`; or `Settings` of its own. Off by default; nothing of the conclusion depends on it.
    announce: called with a sentence before a new run begins; progress: with stage, steps done and all steps of it.

    Raises
    ------
    InputError for a text, case or run that cannot be read, or an answer that a cassette lacks; UsageError for a mode
    without what it needs, or a service that does not answer.
    """
    asked = settings_from(mode=language_model) if isinstance(language_model, str) else language_model
    loaded = case if isinstance(case, Case) else load(str(case))
    read = read_text(text)
    argued = None if conclusion is None else Argued(*conclusion)
    # Before a run that takes minutes.
    check_request(read, loaded, scale=scale, perspective=perspective, argued=argued)
    figures = figures_for(loaded, run=run, out=out, announce=announce, progress=progress)
    settings = figures.settings

    def again(parameter: str, limits: tuple[float, float]) -> Figures:
        from excomm.pipeline.assess import assess

        draws, replicates = RERUN
        narrowed = restricted(loaded, parameter, limits, _drawn(loaded, figures, parameter))
        fresh = assess(
            narrowed,
            draws=draws,
            replicates=replicates,
            seed=int(settings.get("seed", 0)),
            store=False,
            brief=False,
        )
        return replace(Figures.from_run(fresh), settings=settings)

    return audit_argument(
        read,
        figures,
        scale=scale,
        perspective=perspective,
        argued=argued,
        rerun=again if rerun else None,
        learned=learned,
        language_model=asked,
    )


def read_text(text: str | Path) -> str:
    """The text of an argument: as given, or from a file, which may be a web page."""
    if isinstance(text, str):
        return text
    if not text.is_file():
        raise UsageError(
            f"there is no file {text}",
            path="TEXT",
            expected="a text or HTML file",
            next_step="Check the path.",
        )
    from excomm.evidence import read_reports

    found = read_reports([text])
    if len(found) != 1:
        raise UsageError(
            f"{text} holds {len(found)} texts",
            path="TEXT",
            expected="one text",
            next_step="Audit one at a time.",
        )
    return found[0].text
