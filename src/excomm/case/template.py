"""A new case from the commented template, or from a copy of another case."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from excomm.case.load import CASE_FILE, LIBRARY, find_case, library
from excomm.case.section import ID
from excomm.case.yaml_source import read_text
from excomm.errors import CaseError

__all__ = ["new"]


def new(name: str, folder: str | Path = ".", source: str | Path | None = None) -> Path:
    """Write a commented case `name` below `folder` and return its folder; all of it or nothing.

    `source` is the case to copy instead of the template: id of a shipped case, or a folder.

    Raises
    ------
    CaseError
        The name is no id or is taken, the source is missing or not UTF-8, or the folder cannot be written to.
    """
    if not ID.fullmatch(name):
        proposal = "-".join(re.findall("[a-z0-9]+", name.lower())) or "my-crisis"
        raise CaseError(
            f'"{name}" cannot name a case.',
            expected="lower-case letters, digits and hyphens",
            next_step=f"Try `excomm new {proposal}`.",
        )
    target = Path(folder) / name
    if target.exists() or name in {case.id for case in library()}:
        raise CaseError(
            f'"{name}" exists already.',
            file=str(target),
            expected="a name that is free",
            next_step="Choose another name; nothing was changed.",
        )
    original = LIBRARY / "template" if source is None else find_case(source)[0]
    if not (original / CASE_FILE).is_file():
        raise CaseError(
            "there is no case to copy.",
            file=str(original / CASE_FILE),
            expected=f"a folder with {CASE_FILE}, or the id of a shipped case",
            next_step="List the shipped ones with `excomm cases`.",
        )
    text = read_text(original / CASE_FILE)
    try:
        parent = Path(folder)
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=parent) as scratch:
            draft = Path(scratch) / name
            _copy(original, draft)
            case_file = draft / CASE_FILE
            named = re.sub(r"^id: [^\r\n]*", f"id: {name}", text, count=1, flags=re.MULTILINE)
            case_file.write_text(named, encoding="utf-8", newline="")
            # The name appears only once the whole folder is there.
            draft.rename(target)
    except OSError as problem:
        raise CaseError(
            f"the case cannot be written: {problem.strerror or problem}.",
            file=str(target),
            expected="a folder that can be written to",
            next_step="Choose another folder; nothing was left behind.",
        ) from None
    return target


def _copy(original: Path, draft: Path) -> None:
    """The files of a case, without what else stands in its folder, such as runs."""
    draft.mkdir()
    for path in [*original.glob("*.yaml"), *original.glob("*.csv")]:
        shutil.copyfile(path, draft / path.name)
    if (original / "reports").is_dir():
        shutil.copytree(original / "reports", draft / "reports")
