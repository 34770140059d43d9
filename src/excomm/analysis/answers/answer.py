"""The answer to one question: frozen results, a sentence for each, and what to keep in mind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from excomm.analysis.samples import as_json
from excomm.analysis.study import Study

__all__ = ["Answer", "answered"]


@dataclass(frozen=True, eq=False)
class Answer:
    """What an analysis of a run found.

    subject: what it is about: the outcome, the event or the perspective. results: name -> frozen result, or a
    tuple of them; sentences: in the order in which one would say them; notes: limits of this very answer.
    """

    analysis: str
    run: str
    question: str
    subject: str
    options: Mapping[str, str]
    results: Mapping[str, Any]
    sentences: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The shape of `excomm analyse --json`: results by name, each with its numbers and its sentence."""
        return {
            "analysis": self.analysis,
            "run": self.run,
            "question": self.question,
            "subject": self.subject,
            "options": [{"id": name, "name": label} for name, label in self.options.items()],
            "sentences": list(self.sentences),
            "results": as_json(dict(self.results)),
            "warnings": list(self.notes),
        }


def answered(
    study: Study,
    analysis: str,
    question: str,
    results: Mapping[str, Any],
    sentences: Iterable[str],
    notes: Iterable[str] = (),
    *,
    subject: str,
) -> Answer:
    """An answer about a study; sentences that repeat are said once."""
    return Answer(
        analysis=analysis,
        run=study.run,
        question=question,
        subject=subject,
        options=dict(study.names),
        results=results,
        sentences=tuple(dict.fromkeys(sentences)),
        notes=tuple(dict.fromkeys(notes)),
    )
