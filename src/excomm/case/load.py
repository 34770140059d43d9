"""From the name or folder of a case to a checked `Case`; from the shipped defaults to all parameters."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from excomm.case.bands import read_bands
from excomm.case.frozen import FrozenMap
from excomm.case.members_table import read_members
from excomm.case.model import Case, Member, Option, Parameter
from excomm.case.parameter_source import cut_priors, read_defaults, read_overrides
from excomm.case.schema import (
    horizon_of,
    read_acceptance,
    read_actors,
    read_calendar,
    read_correlations,
    read_options,
    read_perspectives,
    read_postures,
    read_propositions,
    read_sources,
)
from excomm.case.section import Problems, Section
from excomm.case.yaml_source import read_yaml
from excomm.errors import CaseError, CaseErrors
from excomm.quantities import OUTCOMES

__all__ = ["CASE_FILE", "LIBRARY", "LibraryCase", "defaults", "find_case", "library", "load"]

LIBRARY = Path(__file__).parent / "library"
CASE_FILE = "case.yaml"
FORMAT = 1
SIZE = "deployment.size_requested"


@dataclass(frozen=True)
class LibraryCase:
    """A shipped case by id, with the title from its file."""

    id: str
    title: str
    folder: Path


def library() -> tuple[LibraryCase, ...]:
    """The shipped cases, sorted by id. Cheap: only the first lines of each file are read."""
    found = []
    for path in sorted((LIBRARY / "cases").glob(f"*/{CASE_FILE}")):
        with path.open(encoding="utf-8") as stream:
            title = re.search(r"^title: *(.+?) *$", stream.read(4000), re.MULTILINE)
        found.append(
            LibraryCase(path.parent.name, title[1].strip("\"'") if title else path.parent.name, path.parent)
        )
    return tuple(found)


def find_case(name_or_path: str | Path) -> tuple[Path, str]:
    """Folder of a case and the name of its file in messages; shipped ids go first."""
    shipped = {case.id: case.folder for case in library()}
    if str(name_or_path) in shipped:
        return shipped[str(name_or_path)], f"{name_or_path}/{CASE_FILE}"
    path = Path(name_or_path)
    folder = path.parent if path.name == CASE_FILE and not path.is_dir() else path
    if folder.is_dir():
        return folder, str(folder / CASE_FILE)
    close = difflib.get_close_matches(str(name_or_path), list(shipped), n=2)
    raise CaseError(
        f'there is no case "{name_or_path}".',
        file=str(path / CASE_FILE) if path.suffix != ".yaml" else str(path),
        line=1,
        expected=f"a folder with {CASE_FILE}, or one of {', '.join(shipped) or 'the shipped cases'}",
        next_step=f"Did you mean {' or '.join(close)}?"
        if close
        else "List the shipped ones with `excomm cases`.",
    )


def defaults(folder: Path = LIBRARY / "defaults") -> Mapping[str, Parameter]:
    """Every parameter that the engine knows, with its default prior, sorted by id."""
    stamps = [(path, path.stat()) for path in _default_files(folder)]
    return _read_defaults(tuple((path, status.st_mtime_ns, status.st_size) for path, status in stamps))


@lru_cache(maxsize=4)
def _read_defaults(files: tuple[tuple[Path, int, int], ...]) -> Mapping[str, Parameter]:
    """Read once for each state of the files (path, time of change, size)."""
    found: dict[str, Parameter] = {}
    errors: list[CaseError] = []
    for path, _, _ in files:
        shown = f"defaults/{path.name}"
        try:
            root = Section.of(read_yaml(path, shown=shown))
            for name, parameter in read_defaults(root).items():
                if name in found:
                    root.note(
                        name,
                        f'"{name}" is declared in {found[name].file}:{found[name].line} already.',
                        "each parameter once",
                        "Delete one of the two.",
                    )
                found[name] = parameter
            root.problems.finish()
        except CaseErrors as several:
            errors += several.errors
        except CaseError as error:
            errors.append(error)
    if errors:
        raise CaseErrors(errors)
    return FrozenMap(dict(sorted(found.items())))


def _default_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml"))


def load(
    name_or_path: str | Path,
    *,
    outcomes: Collection[str] = OUTCOMES,
    defaults_folder: Path = LIBRARY / "defaults",
) -> Case:
    """Read and check a case.

    Parameters
    ----------
    name_or_path
        Id of a shipped case, a folder with `case.yaml`, or that file.
    outcomes
        Ids that value weights may name.
    defaults_folder
        Where the declarations of all parameters stand.

    Raises
    ------
    CaseErrors
        All problems of the file, each with its line, what was expected and the next step.
    """
    folder, shown = find_case(name_or_path)
    known = defaults(defaults_folder)
    document = read_yaml(folder / CASE_FILE, shown=shown)
    root = Section.of(document)
    members_path = _named_file(root, folder, "members")
    members = _members(members_path, shown, root.problems) if members_path else ()
    case = _read(root, folder, known, outcomes, members, _hashes(folder, defaults_folder))
    root.finish()
    root.problems.finish()
    return case


def _named_file(root: Section, folder: Path, key: str) -> Path | None:
    """A table beside the case file, `key.csv` unless another name is stated; None where there is none."""
    stated = root.text(key, optional=True)
    path = folder / (stated or f"{key}.csv")
    if stated and (Path(stated).name != stated or not path.is_file()):
        root.note(
            key,
            f'there is no file "{stated[:60]}" beside the case file.',
            "a file in the same folder",
            "Add the file.",
        )
    return path if path.is_file() else None


def _members(path: Path, shown: str, problems: Problems) -> tuple[Member, ...]:
    try:
        return read_members(path, shown=shown.removesuffix(CASE_FILE) + path.name)
    except CaseErrors as several:
        problems.errors += several.errors
    except CaseError as error:
        problems.errors.append(error)
    return ()


def _read(
    root: Section,
    folder: Path,
    known: Mapping[str, Parameter],
    outcomes: Collection[str],
    members: tuple[Member, ...],
    hashes: Mapping[str, str],
) -> Case:
    root.integer("format", FORMAT, FORMAT)
    horizon_weeks = horizon_of(root)
    as_of = root.day("as_of")
    actors = read_actors(root)
    actor_ids = [actor.id for actor in actors]
    postures = read_postures(root)
    propositions = read_propositions(root, actor_ids, known)
    overrides = read_overrides(root.section("parameters", optional=True), known, propositions)
    parameters = FrozenMap(dict(sorted({**known, **overrides}.items())))
    calendar = read_calendar(root)
    last = as_of + timedelta(weeks=horizon_weeks)
    warnings = [
        f"{root.problems.document.file}: {event.event} ({event.date}) lies outside the run: no effect."
        for event in calendar
        if event.effect != "none" and not as_of <= event.date <= last
    ]
    options = read_options(root, postures["alliance"], parameters, propositions, horizon_weeks)
    warnings += cut_priors(overrides.values())
    for option in options:
        warnings += cut_priors(option.parameters.values())
        warnings += _who_stays_away(option, parameters, bool(members), root.problems.document.file)
    reports = folder / "reports"
    return Case(
        id=root.slug(),
        title=root.text("title"),
        question=root.text("question"),
        as_of=as_of,
        horizon_weeks=horizon_weeks,
        summary=root.text("summary"),
        first_mover=root.one_of("first_mover", ("alliance", "adversary")),
        actors=actors,
        postures=FrozenMap(postures),
        calendar=calendar,
        base_parameters=parameters,
        correlations=read_correlations(root, parameters),
        sources=read_sources(root, actor_ids),
        propositions=propositions,
        acceptance=read_acceptance(root),
        perspectives=read_perspectives(root, actor_ids, outcomes),
        options=options,
        plausibility=read_bands(root, parameters, horizon_weeks),
        members=members,
        folder=folder,
        file=root.problems.document.file,
        record_path=_named_file(root, folder, "record"),
        report_paths=tuple(_files_under(reports)),
        files_hashes=hashes,
        warnings=tuple(warnings),
    )


def _who_stays_away(
    option: Option, parameters: Mapping[str, Parameter], has_members: bool, file: str
) -> list[str]:
    """A warning where an option names a posture of troops that nobody can send."""
    size = option.parameters.get(SIZE) or parameters.get(SIZE)
    if option.posture not in ("rear", "line") or size is None:
        return []
    if size.prior.p95 <= 0.0:
        cause = f"{SIZE} is 0", "State the size of the force under its `set`."
    elif not has_members:
        cause = (
            "the alliance has no members",
            "List who could send troops in members.csv beside the case file.",
        )
    else:
        return []
    return [
        f"{file}: the option {option.id} has the posture {option.posture}, but {cause[0]}: nobody comes. {cause[1]}"
    ]


def _files_under(folder: Path) -> list[Path]:
    """Plain files below a folder, hidden ones left out, sorted by path."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _hashes(folder: Path, defaults_folder: Path) -> Mapping[str, str]:
    """SHA-256 of every input: the case's own files by relative name, the defaults under `defaults/`."""
    own = [folder / CASE_FILE, *sorted(folder.glob("*.csv")), *_files_under(folder / "reports")]
    named = {path.relative_to(folder).as_posix(): path for path in own if path.is_file()}
    named |= {f"defaults/{path.name}": path for path in _default_files(defaults_folder)}
    found = {}
    for name, path in sorted(named.items()):
        try:
            with path.open("rb") as stream:
                found[name] = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as problem:
            raise CaseError(
                f"the file cannot be read: {problem.strerror or problem}.",
                file=str(path),
                line=1,
                expected="a readable file",
                next_step="Check its permissions.",
            ) from None
    return FrozenMap(found)
