"""A new case from the commented template."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from excomm.case.load import CASE_FILE, LIBRARY, library
from excomm.case.section import ID
from excomm.errors import CaseError

__all__ = ["new"]


def new(name: str, folder: str | Path = ".") -> Path:
    """Write a commented case `name` below `folder` and return its folder; all of it or nothing.

    Raises
    ------
    CaseError
        The name is no id or is taken, or the folder cannot be written to.
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
    try:
        parent = Path(folder)
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=parent) as scratch:
            draft = Path(scratch) / name
            shutil.copytree(LIBRARY / "template", draft)
            case_file = draft / CASE_FILE
            text = case_file.read_text(encoding="utf-8")
            text = re.sub(r"^id: template$", f"id: {name}", text, count=1, flags=re.MULTILINE)
            case_file.write_text(text, encoding="utf-8")
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
