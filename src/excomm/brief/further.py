"""What decides it, further down: the risk by itself, judgement, regret, where the lead is lost, other draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from excomm.analysis.wording import joined
from excomm.errors import AnalysisError, UsageError

if TYPE_CHECKING:
    from excomm.analysis.answers import Answer
    from excomm.analysis.study import Study
    from excomm.brief.charts.look import Chart

__all__ = ["Further", "look_further"]

RISK, LINE = "nuclear_use_probability", 0.01


@dataclass(frozen=True, eq=False)
class Further:
    """Answers behind the section, each None where the draws are too few or nothing varies.

    settled: would other draws say the same; judgement: whose word the difference of the first two rests on;
    charts: by name of the answer. caution: added to the first paragraph where the draws do not settle it.
    """

    risk: Answer | None
    settled: Answer | None
    judgement: str
    robustness: Answer | None
    tipping: Answer | None
    discovery: Answer | None
    information: Answer | None
    charts: tuple[Chart, ...]

    @property
    def caution(self) -> str:
        """What other draws may answer differently, for the first screen; empty where they would not."""
        if self.settled is None or self.settled.results["repeats"].settled:
            return ""
        topics = joined(self.settled.results["repeats"].topics)
        return f" Other draws may say otherwise on {topics}: see “How far this holds”."

    @property
    def reports(self) -> tuple[str, ...]:
        """What a measurement, and confirmation or denial of each proposition, would be worth."""
        if self.information is None:
            return ()
        found = self.information.results
        return tuple(each.sentence for each in (*found["collections"], *found["reports"]))

    def chart(self, *names: str) -> tuple[Chart, ...]:
        """Charts by their ids."""
        return tuple(chart for chart in self.charts if chart.id in names)


def _tried(ask: Callable[[], Answer]) -> Answer | None:
    try:
        answer = ask()
    except (AnalysisError, UsageError):
        return None
    return answer if answer.results else None


def _judgement(study: Study, actor: str, first: str, second: str) -> str:
    """Share of the difference in value that parameters of each grade, and the form of the model, account for."""
    import numpy as np

    from excomm.analysis.answers.comparison import grades_behind
    from excomm.analysis.values import values_of

    scores = values_of(study, actor).scores
    gap = scores[study.place(first)] - scores[study.place(second)]
    if np.ptp(gap) <= 1e-12:
        return ""
    try:
        return grades_behind(study, gap, (first, second)).sentence
    except AnalysisError:
        return ""


def look_further(study: Study, actor: str, first: str, second: str) -> Further:
    """Ask about the two options that come first most often in a perspective, and about the risk by itself."""
    from excomm.analysis.answers import ask
    from excomm.brief.charts.answers import charts_of

    pair = {"option": first, "against": second, "perspective": actor}
    answers = {
        "risk": _tried(lambda: ask(study, "risk", outcome=RISK, line=LINE)),
        "settled": _tried(lambda: ask(study, "stability", **pair)),
        "robustness": _tried(lambda: ask(study, "robustness", perspective=actor)),
        "tipping": _tried(lambda: ask(study, "tipping", **pair)),
        "discovery": _tried(lambda: ask(study, "discovery", **pair)),
        "information": _tried(lambda: ask(study, "information", perspective=actor)),
    }
    return Further(
        judgement=_judgement(study, actor, first, second),
        charts=tuple(chart for answer in answers.values() if answer for chart in charts_of(study, answer)),
        **answers,
    )
