"""A run as the analyses see it: options, outcomes and parameters by draw, where they come from, whose values count.

A study is made from a run in memory (`study_of`) or from a stored one (`excomm.pipeline.stored.read_study`); brief,
command line and explorer ask the same questions of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from excomm.analysis.explain import ClaimSource, Origin, speaks_for
from excomm.analysis.given_data import FEWEST_DRAWS, Prepared, prepare
from excomm.analysis.samples import Floats
from excomm.engine.wording import RowWording, row_wording
from excomm.errors import AnalysisError, TooFewDraws, UsageError
from excomm.quantities import OUTCOMES

if TYPE_CHECKING:
    from excomm.engine.run import Run

__all__ = ["Column", "Proposed", "Stated", "Study", "View", "place_of", "study_of", "truths_of"]

_SMALLEST = 1e-9


@dataclass(frozen=True)
class Stated:
    """A parameter as it is stated under an option; `prior` as written, `proposition` where a report moves it."""

    id: str
    meaning: str
    prior: str
    unit: str
    source: str
    grade: str
    proposition: str | None = None

    @property
    def submodel(self) -> str:
        """The part of the world or of the game that it enters."""
        return self.id.partition(".")[0]

    @property
    def is_model_form(self) -> bool:
        """Whether it chooses between forms of a submodel instead of stating a quantity."""
        return self.id.rpartition(".")[2] == "form"


@dataclass(frozen=True)
class View:
    """A perspective: value weights by outcome (positive: more is better), which only evaluate."""

    actor: str
    name: str
    source: str
    weights: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Proposed:
    """A proposition: its text, the parameter that it moves, its probability, and whether it holds in each draw."""

    id: str
    text: str
    parameter: str | None
    probability: float
    truth: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Column:
    """Draws of a parameter, (draws,); `option` names whose patch it is where the options differ."""

    stated: Stated
    option: str | None
    draws: Floats

    @property
    def key(self) -> str:
        """A name that tells columns of the same parameter apart: `id`, or `id@option`."""
        return self.stated.id if self.option is None else f"{self.stated.id}@{self.option}"


@dataclass(frozen=True, eq=False)
class Study:
    """Everything about a run that an analysis may ask for.

    options: ids in the order of the case; names: their names; places: their places in the case, which give an
    option its colour and shape everywhere. outcomes: id -> (options, draws), means over the
    replicates; noise: id -> (options, draws), variance of those means. parameters: id -> (options, draws), also
    those that do not vary; stated: id -> option -> as stated. claims: proposition -> sentences behind it.
    perspective: actor whose values come first. cells: (outcome, option) -> mean, 5%, 95%, Monte Carlo error as in the
    options table, where amounts are spread over draws and chance; empty where nobody made a table.
    """

    run: str
    seed: int
    replicates: int
    options: tuple[str, ...]
    names: Mapping[str, str]
    places: Mapping[str, int]
    reference: str
    outcomes: Mapping[str, Floats]
    noise: Mapping[str, Floats]
    parameters: Mapping[str, Floats]
    stated: Mapping[str, Mapping[str, Stated]]
    views: tuple[View, ...]
    perspective: str
    propositions: tuple[Proposed, ...]
    claims: Mapping[str, tuple[ClaimSource, ...]]
    cells: Mapping[tuple[str, str], tuple[float, float, float, float]] = field(default_factory=dict)
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the options, in their order."""
        return tuple(self.names[option] for option in self.options)

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(next(iter(self.outcomes.values())).shape[1])

    def place(self, option: str) -> int:
        """Place of an option; UsageError that names the others."""
        if option not in self.options:
            raise UsageError(
                f"{option!r} is no option of this run",
                path="--option",
                expected=", ".join(self.options),
                next_step="Name one.",
            )
        return self.options.index(option)

    def outcome(self, outcome: str) -> Floats:
        """An outcome, (options, draws); UsageError that names the others."""
        if outcome not in self.outcomes:
            raise UsageError(
                f"{outcome!r} is no outcome of this run",
                path="--outcome",
                expected=", ".join(self.outcomes),
                next_step="Name one of these.",
            )
        return self.outcomes[outcome]

    def scaled(self, outcome: str) -> tuple[Floats, Floats | None, str]:
        """An outcome on the scale on which its drivers are sought, its noise there, and a word for that scale.

        Rare probabilities span powers of ten: without the logarithm two draws would decide what drives them.
        """
        values = self.outcome(outcome)
        if OUTCOMES[outcome].rare:
            return np.log(np.maximum(values, _SMALLEST)), None, "the logarithm of "
        return values, self.noise[outcome] if self.replicates > 1 else None, ""

    def wording(self, outcome: str) -> RowWording:
        """How the numbers of an outcome are written: as in its row of the options table, where there is one."""
        cells = [self.cells[outcome, option] for option in self.options if (outcome, option) in self.cells]
        if not cells:
            values = self.outcome(outcome)
            low, high = np.quantile(values, [0.05, 0.95], axis=1)
            error = values.std(axis=1) / np.sqrt(self.draws)
            rows = zip(values.mean(axis=1), low, high, error, strict=True)
            cells = [(float(mean), float(p05), float(p95), float(mcse)) for mean, p05, p95, mcse in rows]
        return row_wording(OUTCOMES[outcome], cells)

    def require_draws(self, purpose: str) -> None:
        """Refuse with TooFewDraws what fewer than `FEWEST_DRAWS` draws cannot tell."""
        if self.draws < FEWEST_DRAWS:
            raise TooFewDraws(self.draws, f"to {purpose}", FEWEST_DRAWS)

    def view(self, actor: str | None = None) -> View:
        """A perspective, the first of the run where none is named; UsageError that names the others."""
        wanted = actor or self.perspective
        for view in self.views:
            if view.actor == wanted:
                return view
        raise UsageError(
            f"{wanted!r} is no perspective of this run" if self.views else "the case states no value weights",
            path="--perspective",
            expected=", ".join(view.actor for view in self.views) or "perspectives in the case",
            next_step="Name one of these."
            if self.views
            else "State value weights in the case and run it again.",
        )

    def under(self, parameter: str, option: str) -> Stated:
        """A parameter as stated under an option."""
        entries = self.stated[parameter]
        return entries[option] if option in entries else entries[self.reference]

    def origin(self, parameter: str, option: str) -> Origin:
        """Prior, source, grade and the sentences behind a parameter under an option."""
        stated = self.under(parameter, option)
        return Origin(
            prior=stated.prior,
            unit=stated.unit,
            source=stated.source,
            grade=stated.grade,
            meaning=stated.meaning,
            claims=self.claims.get(stated.proposition or "", ()),
        )

    def columns(self, options: Sequence[str] | None = None) -> tuple[Column, ...]:
        """Parameters that vary under some options (all by default): one column where those share the draws.

        A parameter that an option sets differently keeps its percentiles, so that one column tells all: the first
        one, whose key names its option. Only where the ranks differ too does every option have its own.
        """
        chosen = tuple(options or self.options)
        if ("columns", chosen) not in self._kept:
            places = [self.place(option) for option in chosen]
            found = []
            for name, values in self.parameters.items():
                rows = values[places]
                if np.array_equal(rows, np.broadcast_to(rows[:1], rows.shape)):
                    if rows[0].min() < rows[0].max():
                        found.append(Column(self.under(name, chosen[0]), None, rows[0]))
                    continue
                kept: list[Column] = []
                for option, row in zip(chosen, rows, strict=True):
                    if row.min() < row.max() and not any(_says_the_same(row, each.draws) for each in kept):
                        kept.append(Column(self.under(name, option), option, row))
                found += kept
            self._kept["columns", chosen] = tuple(found)
        return self._kept["columns", chosen]  # type: ignore[no-any-return]

    def prepared(self, options: Sequence[str] | None = None) -> Prepared:
        """The columns made ready for many regressions; AnalysisError where nothing varies, or TooFewDraws."""
        chosen = tuple(options or self.options)
        if ("prepared", chosen) not in self._kept:
            columns = self.columns(chosen)
            if not columns:
                raise AnalysisError(
                    "no parameter varies under these options", expected="uncertain parameters"
                )
            inputs = np.column_stack([column.draws for column in columns])
            self._kept["prepared", chosen] = prepare(inputs, [column.key for column in columns])
        return self._kept["prepared", chosen]  # type: ignore[no-any-return]


def _says_the_same(one: Floats, other: Floats) -> bool:
    """Whether one column is known where the other is: a rising function of it, draw by draw."""
    return bool(
        np.array_equal(np.sort(one)[np.argsort(np.argsort(other, kind="stable"), kind="stable")], one)
    )


def place_of(ids: Sequence[str], name: str, *, path: str) -> int:
    """Place of a column by its key, or by the id of its parameter where that leaves no doubt."""
    fitting = [at for at, key in enumerate(ids) if name in (key, key.partition("@")[0])]
    exact = [at for at in fitting if ids[at] == name]
    if exact or len(fitting) == 1:
        return (exact or fitting)[0]
    if fitting:
        named = ", ".join(ids[at] for at in fitting)
        raise UsageError(
            f"{name} differs between options", path=path, expected=named, next_step="Name one of these."
        )
    raise UsageError(
        f"{name!r} is no parameter that varies under these options",
        path=path,
        expected="the id of an uncertain parameter",
        next_step="List them with `excomm parameters CASE`.",
    )


def truths_of(
    ids: Sequence[str], probabilities: Sequence[float], *, draws: int, seed: int, left_out: Sequence[int] = ()
) -> tuple[NDArray[np.bool_], ...]:
    """Whether each proposition holds in each of the `draws` of a run: the same streams from which the run drew it.

    left_out: numbers of the draws that the run left out, beside those that it counts.
    """
    from excomm.beliefs.draws import latin_column

    whole = draws + len(left_out)
    return tuple(
        np.delete(latin_column(seed, f"proposition/{name}", whole) < probability, left_out)
        for name, probability in zip(ids, probabilities, strict=True)
    )


def study_of(run: Run) -> Study:
    """The study of a run in memory."""
    case = run.case
    outcomes = {
        name: np.asarray(run.outcomes[name].values, dtype=np.float64)
        for name in OUTCOMES
        if name in run.outcomes
    }
    stated: dict[str, dict[str, Stated]] = {}
    for option in run.options:
        for name, each in case.parameters(option).items():
            stated.setdefault(name, {})[option] = Stated(
                id=name,
                meaning=each.meaning,
                prior=each.text,
                unit=each.unit,
                source=each.source,
                grade=each.grade,
                proposition=getattr(each.prior, "proposition", None),
            )
    reference = next((name for name in run.options if case.option(name).is_reference), run.options[0])
    names = {each.id: each.name for each in case.actors}
    truths = truths_of(
        [each.proposition for each in run.propositions],
        [float(each.posterior) for each in run.propositions],
        draws=run.draws,
        seed=run.seed,
        left_out=run.game.failed_draws,
    )
    reports = {report.id: report for report in run.reports}
    claims: dict[str, list[ClaimSource]] = {}
    for claim in run.claims:
        report = reports.get(claim.report)
        if claim.proposition is not None and report is not None:
            claims.setdefault(claim.proposition, []).append(
                ClaimSource(
                    report=report.title or claim.report,
                    quote=claim.quote,
                    source=report.source or "",
                    proposition=claim.proposition,
                    speaks_for=speaks_for(claim.polarity, claim.rival),
                )
            )
    return Study(
        run=run.id,
        seed=run.seed,
        replicates=run.replicates,
        options=run.options,
        names={name: case.option(name).name for name in run.options},
        places={each.id: place for place, each in enumerate(case.options)},
        reference=reference,
        outcomes=outcomes,
        noise={
            name: np.asarray(run.outcomes[f"{name}__random"].values / run.replicates, dtype=np.float64)
            for name in outcomes
        },
        parameters={
            str(name): np.asarray(values.values, dtype=np.float64)
            for name, values in run.parameters.data_vars.items()
            if str(name) in stated
        },
        stated=stated,
        views=tuple(
            View(each.actor, names.get(each.actor, each.actor), each.source, dict(each.weights))
            for each in case.perspectives
        ),
        perspective=run.perspective,
        propositions=tuple(
            Proposed(
                id=each.proposition,
                text=case.proposition(each.proposition).text,
                parameter=case.proposition(each.proposition).parameter,
                probability=float(each.posterior),
                truth=truth,
            )
            for each, truth in zip(run.propositions, truths, strict=True)
        ),
        claims={name: tuple(found) for name, found in claims.items()},
        cells=_cells_of(run),
    )


def _cells_of(run: Run) -> dict[tuple[str, str], tuple[float, float, float, float]]:
    mean, p05, p95, mcse = (np.asarray(run.summary[name].values) for name in ("mean", "p05", "p95", "mcse"))
    return {
        (str(outcome), str(option)): (
            float(mean[row, column]),
            float(p05[row, column]),
            float(p95[row, column]),
            float(mcse[row, column]),
        )
        for row, outcome in enumerate(run.summary["outcome"].values)
        for column, option in enumerate(run.summary["option"].values)
    }
