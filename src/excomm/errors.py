"""The exception tree of ExComm.

    ExCommError                   any problem that ExComm reports itself
    ├── InputError                something that the user wrote or named (exit code 2)
    │   ├── CaseError             a case file: schema, units, priors, references
    │   │   └── CaseErrors        several of them, reported together
    │   ├── ReportError           a report that cannot be read
    │   ├── RecordError           a record of warnings
    │   ├── ObservationError      a public data series that is missing, corrupt or of another format
    │   ├── GameFileError         an extensive-form game file
    │   └── UsageError            an option or argument of a command
    └── AnalysisError             the input is sound, the analysis failed (exit code 1)
        ├── GameNotSolved         no equilibrium within the tolerance
        └── TooFewDraws           a run too small for the analysis: a matter of its --draws, so a UsageError too

A message says what is wrong, where, what was expected and the next step.
"""

from __future__ import annotations

from typing import Any


class ExCommError(Exception):
    """Base of all errors that ExComm raises on purpose.

    message: what is wrong; file, line (from 1) and path (`options[2].deployment.size`): where;
    expected: what would have been right; next_step: what to do now. All but the message may be absent.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        path: str | None = None,
        expected: str | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.path = path
        self.expected = expected
        self.next_step = next_step

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        head = ": ".join(part for part in (place, self.path, self.message) if part)
        if head and head[-1] not in ".!?" and (self.expected or self.next_step):
            head += "."
        tail = [f"Expected {self.expected}." if self.expected else "", self.next_step or ""]
        return " ".join(part for part in [head, *tail] if part)

    def to_json(self) -> dict[str, Any]:
        """The error object of the commands' `--json` output."""
        return {
            "error": {
                "kind": type(self).__name__,
                "file": self.file,
                "line": self.line,
                "path": self.path,
                "message": self.message,
                "expected": self.expected,
                "next": self.next_step,
            }
        }


class InputError(ExCommError):
    """Something that the user wrote or named is not usable."""

    exit_code = 2


class CaseError(InputError):
    """A case file does not say what a case must say."""


class ReportError(InputError):
    """A report cannot be read."""


class RecordError(InputError):
    """A record of warnings cannot be read."""


class ObservationError(InputError):
    """A public data series is missing, corrupt or of another format."""


class GameFileError(InputError):
    """An extensive-form game file cannot be read."""


class UsageError(InputError):
    """An option or argument of a command does not fit."""


class AnalysisError(ExCommError):
    """The input is sound, but the analysis could not be completed."""


class GameNotSolved(AnalysisError):
    """No equilibrium was found within the tolerance."""


class TooFewDraws(UsageError, AnalysisError):
    """A run has too few draws for an analysis. Where one analysis of several is left out, it is an AnalysisError."""

    def __init__(self, draws: int, purpose: str, fewest: int) -> None:
        super().__init__(
            f"{draws:,} draws are too few {purpose}",
            path="RUN",
            expected=f"at least {fewest} draws",
            next_step="Make a larger run: `excomm assess CASE` takes 256 draws unless --draws says otherwise.",
        )


class CaseErrors(CaseError):
    """Several problems of one case, reported together. `errors` lists them in file order."""

    def __init__(self, errors: list[CaseError]) -> None:
        self.errors = errors
        first = errors[0]
        super().__init__(
            first.message,
            file=first.file,
            line=first.line,
            path=first.path,
            expected=first.expected,
            next_step=first.next_step,
        )

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)
