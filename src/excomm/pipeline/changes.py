"""What has moved since an earlier run: outcomes, beliefs, and the claims behind them.

A feed can be read daily: the same case, assessed with the reports of today and compared with the run of yesterday,
shows which answers changed and through which sentence. With the same seed and size the runs share their draws, so
the differences are paired and small ones can be told from chance.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from excomm.analysis.samples import Z90
from excomm.engine.run import Run
from excomm.engine.wording import from_to
from excomm.errors import UsageError
from excomm.quantities import OUTCOMES
from excomm.storage import read_parquet

__all__ = [
    "BeliefChange",
    "Changes",
    "NewClaim",
    "OutcomeChange",
    "changes_since",
    "check_earlier",
    "evidence_shape",
]

NOTED = 2.0  # standard errors beyond which a change is told: a false alarm in about one of twenty cells
LISTED = 12


@dataclass(frozen=True)
class OutcomeChange:
    """Change of one outcome under one option; p05 and p95 are the 90 % interval of the mean change. name: of the
    option.
    """

    outcome: str
    option: str
    name: str
    before: float
    after: float
    p05: float
    p95: float
    paired: bool


@dataclass(frozen=True)
class NewClaim:
    """A claim that the earlier run did not have."""

    report: str
    source: str
    published: str | None
    quote: str
    polarity: int | None


@dataclass(frozen=True)
class BeliefChange:
    """Change of the probability of a proposition, and the new claims linked to it."""

    proposition: str
    text: str
    before: float
    after: float
    claims: tuple[NewClaim, ...]


@dataclass(frozen=True)
class Changes:
    """What has changed between two runs of a case."""

    earlier: str
    later: str
    outcomes: tuple[OutcomeChange, ...]
    beliefs: tuple[BeliefChange, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """One plain sentence a change, beliefs first."""
        told = []
        for belief in self.beliefs:
            reason = f" after “{belief.claims[0].quote}” ({belief.claims[0].source})" if belief.claims else ""
            told.append(f"{belief.text}: {_moved(belief.before, belief.after)}{reason}.")
        for change in self.outcomes:
            outcome = OUTCOMES[change.outcome]
            told.append(f"{outcome.name}, {change.name}: {from_to(outcome, change.before, change.after)}.")
        return tuple(told) or ("Nothing has moved by more than chance.",)

    def to_json(self) -> dict[str, Any]:
        """Plain content, with the sentences."""
        return {**asdict(self), "sentences": list(self.sentences)}


def _moved(before: float, after: float) -> str:
    """Two probabilities, to as many digits as tell them apart, two at most: "from 42% to 57%"."""
    for digits in range(3):
        texts = [f"{share:.{digits}%}" for share in (before, after)]
        if texts[0] != texts[1]:
            return f"from {texts[0]} to {texts[1]}"
    return f"stays at {after:.0%}"


def evidence_shape(run: Run) -> dict[str, Any]:
    """Reports, linked claims and propositions of a run, as stored beside its outcomes."""
    reports = {report.id: report for report in run.reports}
    claims = []
    for claim in run.claims:
        report = reports.get(claim.report)
        if claim.proposition is None or report is None:
            continue
        claims.append(
            {
                "id": claim.id,
                "report": claim.report,
                "source": report.source,
                "title": report.title,
                "published": str(report.published) if report.published else None,
                "quote": claim.quote,
                "proposition": claim.proposition,
                "polarity": claim.polarity,
                "rival": claim.rival,
            }
        )
    return {
        "claims": claims,
        "propositions": [
            {"id": item.proposition, "text": item.text, "prior": item.prior, "posterior": item.posterior}
            for item in run.propositions
        ],
    }


def _stored_run_of(case_id: str, folder: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    try:
        assessment = json.loads((folder / "assessment.json").read_text(encoding="utf-8"))
        evidence = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
        columns = read_parquet(folder / "outcomes.parquet")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{folder} holds no complete run",
            path="--compare",
            expected="the folder of a stored run, with assessment.json, evidence.json and outcomes.parquet",
            next_step="List the stored runs with `excomm runs`.",
        ) from error
    if assessment["case"] != case_id:
        raise UsageError(
            f"{folder} is a run of the case {assessment['case']}",
            path="--compare",
            expected=f"a run of the case {case_id}",
            next_step="List the stored runs with `excomm runs`.",
        )
    return assessment, evidence, columns


def _outcome_changes(run: Run, assessment: dict[str, Any], columns: dict[str, Any]) -> list[OutcomeChange]:
    option_of_row = np.asarray([str(name) for name in columns["option"]])
    same_draws = assessment["seed"] == run.seed and assessment["draws"] == run.draws
    found: list[tuple[float, OutcomeChange]] = []
    for option in run.options:
        rows = option_of_row == option
        if not rows.any():
            continue
        for name, outcome in OUTCOMES.items():
            if name not in columns:
                continue
            before = np.asarray(columns[name], dtype=float)[rows]
            after = run.outcomes[name].sel(option=option).values.astype(float)
            if same_draws:
                difference = after - before
                shift, error = (
                    float(difference.mean()),
                    float(difference.std(ddof=1) / math.sqrt(len(difference))),
                )
            else:
                shift = float(after.mean() - before.mean())
                error = math.sqrt(before.var(ddof=1) / len(before) + after.var(ddof=1) / len(after))
            if shift == 0.0 or abs(shift) <= NOTED * error:
                continue
            spread = max(float(before.std(ddof=1)), 1e-12)
            change = OutcomeChange(
                outcome.id,
                option,
                run.case.option(option).name,
                float(before.mean()),
                float(after.mean()),
                shift - Z90 * error,
                shift + Z90 * error,
                same_draws,
            )
            found.append((abs(shift) / spread, change))
    return [change for _, change in sorted(found, key=lambda pair: -pair[0])]


def _belief_changes(run: Run, evidence: dict[str, Any]) -> list[BeliefChange]:
    before = {item["id"]: item for item in evidence["propositions"]}
    known = {claim["id"] for claim in evidence["claims"]}
    now = evidence_shape(run)
    found = []
    for item in run.propositions:
        earlier = before.get(item.proposition)
        if earlier is None or math.isclose(earlier["posterior"], item.posterior, abs_tol=1e-6):
            continue
        new = tuple(
            NewClaim(
                claim["title"] or claim["report"],
                claim["source"],
                claim["published"],
                claim["quote"],
                claim["polarity"],
            )
            for claim in now["claims"]
            if claim["proposition"] == item.proposition and claim["id"] not in known
        )
        found.append(BeliefChange(item.proposition, item.text, earlier["posterior"], item.posterior, new))
    return sorted(found, key=lambda change: -abs(change.after - change.before))


def check_earlier(case_id: str, folder: Path) -> None:
    """Find out before the work whether the folder holds a run of the case. Raises UsageError where it does not."""
    _stored_run_of(case_id, folder)


def changes_since(run: Run, folder: Path) -> Changes:
    """Compare a run with an earlier stored run of the same case.

    Raises UsageError where the folder holds no run, or one of another case.
    """
    assessment, evidence, columns = _stored_run_of(run.case.id, folder)
    return Changes(
        earlier=assessment["run"],
        later=run.id,
        outcomes=tuple(_outcome_changes(run, assessment, columns)[:LISTED]),
        beliefs=tuple(_belief_changes(run, evidence)),
    )
