"""Single questions to a run, each answered by one function on a `Study`: brief, command line and explorer share them.

`ANALYSES` names them; `ask` calls one by its name. An answer holds the frozen results and one sentence for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from excomm.analysis.answers.answer import Answer
from excomm.analysis.study import Study
from excomm.errors import UsageError

__all__ = ["ANALYSES", "Answer", "ask"]

# Analysis -> (module of this room, function in it, the question).
ANALYSES: Mapping[str, tuple[str, str, str]] = {
    "compare": ("comparison", "compare", "Is one option better, how sure is that, and on whose word?"),
    "drivers": ("driving", "drivers", "Which parameters drive an outcome, and what drives its bad tail?"),
    "weights": ("weighing", "weigh", "For whose values does each option lead?"),
    "risk": ("hazard", "risk", "Is the risk of catastrophe above a line that you draw?"),
    "robustness": ("robust", "robust", "Which option stays acceptable whatever turns out to be true?"),
    "discovery": ("regions", "discovery", "Where does an option stop leading, or the risk pass the line?"),
    "tipping": ("turning", "tipping", "At which value of a parameter does the preference turn?"),
    "information": ("worth", "information", "What is worth finding out?"),
    "stability": ("settled", "stability", "Would other draws say the same?"),
}


def ask(study: Study, analysis: str, **settings: Any) -> Answer:
    """Answer one of `ANALYSES`; settings that are None count as not stated.

    Raises UsageError for an unknown analysis, or for a setting that it does not take.
    """
    if analysis not in ANALYSES:
        raise UsageError(
            f"{analysis!r} is no analysis",
            path="ANALYSIS",
            expected=", ".join(ANALYSES),
            next_step="Name one.",
        )
    module, name, _ = ANALYSES[analysis]
    function: Callable[..., Answer] = getattr(import_module(f"excomm.analysis.answers.{module}"), name)
    given = {key: value for key, value in settings.items() if value is not None}
    known = set(function.__kwdefaults__ or {})
    for key in given:
        if key not in known:
            raise UsageError(
                f"`{analysis}` takes no --{key}",
                path=f"--{key}",
                expected=", ".join(f"--{each}" for each in sorted(known)) or "no setting",
                next_step="Leave it out.",
            )
    return function(study, **given)
