"""How far apart are two conclusions, and which settings explain it?

Two cases, two readings of a record, or the values of two actors. Settings are exchanged group by group: parameters
that are drawn differently (by submodel), the commitments and postures of the case, value weights. Every mix runs on
the same draws and the same chance, in one simulation for each case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, cast

import numpy as np

from excomm.analysis.disagreement import Disagreement, attribute
from excomm.analysis.samples import Floats
from excomm.analysis.wording import joined, number, percent, upper_first
from excomm.beliefs.draws import Draws
from excomm.beliefs.issue_resolve import PARAMETER as RESOLVE
from excomm.beliefs.record import Coding
from excomm.case.model import Case
from excomm.case.priors import Conditional
from excomm.engine.simulation import Progress, simulate
from excomm.engine.wording import plain_unit
from excomm.errors import UsageError
from excomm.pipeline.compilation import use_compilation_cache
from excomm.pipeline.drawing import draw_case
from excomm.pipeline.reading import read_evidence
from excomm.pipeline.record_entries import record_entries
from excomm.quantities import GROUPS, OUTCOMES

__all__ = ["Apart", "CaseDisagreement", "Setting", "disagree"]

REPORTS, RECORD, COMMITMENTS = "what reports say", "record of warnings", "postures and commitments"
_EXACT = 6  # groups up to which every combination is run
_SIZES = {"draws": (8, 4096), "replicates": (1, 1024)}


@dataclass(frozen=True)
class Apart:
    """One outcome under one option in both: means, and their distance in standard deviations over draws."""

    outcome: str
    option: str
    option_name: str
    first: float
    second: float
    distance: float
    clear: bool


@dataclass(frozen=True)
class Setting:
    """A setting that differs: its group, and what each side states."""

    group: str
    name: str
    first: str
    second: str


@dataclass(frozen=True, eq=False)
class CaseDisagreement:
    """What two sides disagree about, and why. apart: the widest first; settings: by group, the strongest first.

    chosen: the result that is explained was named, not picked as the widest of all.
    record: where one record is read in two ways, the change of the adversary's resolve by record entry.
    """

    sides: tuple[str, str]
    options: tuple[str, ...]
    apart: tuple[Apart, ...]
    settings: tuple[Setting, ...]
    why: Disagreement | None
    draws: int
    replicates: int
    record: Disagreement | None = None
    chosen: bool = True

    @property
    def sentence(self) -> str:
        """One paragraph: how far apart, on what, and which settings explain it."""
        one, two = self.sides
        clear = [each for each in self.apart if each.clear]
        if not self.settings:
            return f"{one} and {two} state the same: nothing differs that a conclusion could rest on."
        many = "setting" if len(self.settings) == 1 else "settings"
        text = f"{upper_first(one)} and {two} differ in {len(self.settings)} {many}"
        if self.apart:
            text += f" and, by more than chance, in {len(clear)} of {len(self.apart)} results"
        if clear:
            widest = clear[0]
            text += (
                f"; furthest apart is {OUTCOMES[widest.outcome].phrase} under {widest.option_name} "
                f"({_amount(widest.outcome, widest.first)} against {_amount(widest.outcome, widest.second)})"
            )
        elif self.apart and not self.chosen:
            # The widest of many is wide by chance: it is told as what it is, and nothing is explained by it.
            widest = self.apart[0]
            return (
                f"{text}: the widest gap, in {OUTCOMES[widest.outcome].phrase} under {widest.option_name} "
                f"({_amount(widest.outcome, widest.first)} against {_amount(widest.outcome, widest.second)}), is no "
                f"wider than chance makes the widest of so many.{f' {self.record.sentence}' if self.record else ''}"
            )
        if self.why is None:
            return f"{text}."
        strongest = self.why.groups[int(np.argmax(np.abs(self.why.effect)))]
        named = [each.name for each in self.settings if each.group == strongest]
        text = f"{text}. {self.why.sentence}"
        if named and self.why.is_clear:
            text += f" Under “{strongest}” {'stands' if len(named) == 1 else 'stand'} {joined(named[:4])}"
            text += f" and {len(named) - 4} more." if len(named) > 4 else "."
        return f"{text} {self.record.sentence}" if self.record else text

    def to_json(self) -> dict[str, Any]:
        """The shape of `excomm disagree --json`."""
        why = self.why
        return {
            "sides": list(self.sides),
            "options": list(self.options),
            "sentence": self.sentence,
            "apart": [vars(each) for each in self.apart],
            "settings": [vars(each) for each in self.settings],
            "why": None if why is None else _divided(why),
            "record": None if self.record is None else _divided(self.record),
        }


def _divided(why: Disagreement) -> dict[str, Any]:
    return {
        "conclusion": why.conclusion,
        "unit": why.unit,
        "first": why.first,
        "second": why.second,
        "distance": why.distance,
        "error": why.distance_error,
        "evaluations": why.evaluations,
        "groups": [
            {
                "group": name,
                "effect": float(why.effect[at]),
                "error": float(why.error[at]),
                "alone": float(why.alone[at]),
            }
            for at, name in enumerate(why.groups)
        ],
    }


def _amount(outcome: str, value: float) -> str:
    kind = OUTCOMES[outcome]
    return percent(value) if kind.kind != "amount" else f"{number(value)} {plain_unit(kind.unit)}"


@dataclass(frozen=True)
class _Side:
    case: Case
    draws: Draws
    weights: Mapping[str, float]


def _shared_options(first: Case, second: Case) -> tuple[str, ...]:
    known = {option.id for option in second.options}
    shared = tuple(option.id for option in first.options if option.id in known)
    if not shared or first.reference.id != second.reference.id:
        raise UsageError(
            f"{first.id} and {second.id} have no reference option in common",
            path="CASE_B",
            expected="two files on the same crisis, with the same reference option",
            next_step="Give the options that mean the same the same id.",
        )
    if first.horizon_weeks != second.horizon_weeks:
        raise UsageError(
            f"{first.id} looks {first.horizon_weeks} weeks ahead, {second.id} {second.horizon_weeks}",
            path="CASE_B",
            expected="the same horizon",
            next_step="Give both files the same horizon.",
        )
    return shared


def _side(case: Case, options: Sequence[str], draws: int, seed: int, coding: str, actor: str | None) -> _Side:
    evidence = read_evidence(case, as_of=case.as_of, seed=seed)
    drawn = draw_case(
        case,
        options=options,
        number=draws,
        seed=seed,
        coding=cast(Coding, coding),
        as_of=case.as_of,
        probabilities={item.id: item.posterior for item in evidence.assessments},
    )
    return _Side(case, drawn, case.perspective(actor).weights if actor else {})


def _structure(case: Case, options: Sequence[str]) -> Any:
    """What a simulation reads of a case beside its parameters."""
    bare = [replace(case.option(name), parameters={}, name="", description="", exit="") for name in options]
    return (
        case.postures,
        case.first_mover,
        [(each.role, each.id) for each in case.actors if each.role in ("host", "adversary")],
        [replace(member, source="") for member in case.members],
        [event.date for event in case.calendar if event.effect == "aid_review"],
        bare,
    )


def _group(name: str, first: Case, second: Case, options: Sequence[str]) -> str:
    if name == RESOLVE and (first.record_path or second.record_path):
        return RECORD
    for case in (first, second):
        for option in options:
            known = case.parameters(option)
            if name in known and isinstance(known[name].prior, Conditional):
                return REPORTS
    return name.partition(".")[0]


def _stated(case: Case, name: str, options: Sequence[str]) -> str:
    texts = dict.fromkeys(
        case.parameters(option)[name].text for option in options if name in case.parameters(option)
    )
    return " / ".join(texts)


def _under(setting: Setting, one: _Side, two: _Side, option: str) -> Setting:
    """The setting as both state it under the option that is explained, where it differs there."""
    if setting.group in (RECORD, COMMITMENTS) or setting.name not in one.draws.values:
        return setting
    texts = [_stated(side.case, setting.name, (option,)) for side in (one, two)]
    return replace(setting, first=texts[0], second=texts[1]) if texts[0] != texts[1] else setting


def _differences(
    one: _Side, two: _Side, options: Sequence[str], codings: tuple[str, str]
) -> tuple[Setting, ...]:
    """Every setting that differs, by group."""
    found = []
    for name, values in one.draws.values.items():
        if name not in two.draws.values or np.array_equal(values, two.draws.values[name]):
            continue
        group = _group(name, one.case, two.case, options)
        texts = [_stated(side.case, name, options) for side in (one, two)]
        if group == RECORD:
            texts = [f"record read {coding}ly" for coding in codings]
        elif texts[0] == texts[1]:
            texts = [f"{text} (another belief)" for text in texts]
        found.append(Setting(group, name, *texts))
    if _structure(one.case, options) != _structure(two.case, options):
        found.append(Setting(COMMITMENTS, "commitments, postures, members", one.case.id, two.case.id))
    for name in dict.fromkeys((*one.weights, *two.weights)):
        pair = [side.weights.get(name, 0.0) for side in (one, two)]
        if pair[0] != pair[1] and name in OUTCOMES:
            group = f"weights on {GROUPS[OUTCOMES[name].group].lower()}"
            found.append(Setting(group, name, f"{pair[0]:g}", f"{pair[1]:g}"))
    return tuple(sorted(found, key=lambda each: each.group))


def _mixes(felt: Sequence[str], weighed: Sequence[str], seed: int) -> list[frozenset[str]]:
    """Mixes of the groups that a simulation can feel: all of few groups, else those that orders of exchange pass."""
    if len(felt) <= _EXACT:
        return [frozenset(chosen) for size in range(len(felt) + 1) for chosen in combinations(felt, size)]
    wanted = {frozenset(felt[:size]) for size in (0, len(felt))}

    def note(chosen: frozenset[str]) -> float:
        wanted.add(chosen & frozenset(felt))
        return 0.0

    attribute(note, [*felt, *weighed], orders=_orders(felt), seed=seed)
    return sorted(wanted, key=lambda mix: (len(mix), *sorted(mix)))


def _orders(groups: Sequence[str]) -> int | None:
    return None if len(groups) <= _EXACT else 12


def _simulated(
    one: _Side,
    two: _Side,
    mixes: Sequence[frozenset[str]],
    settings: Sequence[Setting],
    *,
    replicates: int,
    seed: int,
    progress: Progress | None,
) -> dict[frozenset[str], dict[str, Floats]]:
    """Outcomes (options, draws) of every mix of groups."""
    number = one.draws.number
    owner = {each.name: each.group for each in settings}
    found: dict[frozenset[str], dict[str, Floats]] = {}
    for side, has in ((one, False), (two, True)):
        own = [mix for mix in mixes if (COMMITMENTS in mix) is has]
        if not own:
            continue
        values = {
            name: np.concatenate(
                [
                    two.draws.values[name]
                    if owner.get(name) in mix and name in two.draws.values
                    else one.draws.values[name]
                    for mix in own
                ],
                axis=1,
            )
            for name in one.draws.values
        }
        whole = replace(one.draws, values=values)
        result = simulate(
            side.case,
            whole,
            replicates=replicates,
            seed=seed,
            chance=np.tile(np.arange(number), len(own)),
            progress=progress,
        )
        for at, mix in enumerate(own):
            place = slice(at * number, (at + 1) * number)
            found[mix] = {
                name: each[:, place].astype(np.float64).mean(axis=2) for name, each in result.outcomes.items()
            }
    return found


def _apart(
    first: Mapping[str, Floats], second: Mapping[str, Floats], options: Mapping[str, str]
) -> tuple[Apart, ...]:
    rows = []
    for name, outcome in OUTCOMES.items():
        if not outcome.headline or name not in first:
            continue
        for at, (option, called) in enumerate(options.items()):
            one, two = first[name][at], second[name][at]
            rare = outcome.rare
            scaled = [np.log(np.maximum(each, 1e-9)) for each in (one, two)] if rare else [one, two]
            spread = float(np.sqrt((scaled[0].var() + scaled[1].var()) / 2))
            gap = scaled[1] - scaled[0]
            if spread == 0 and not gap.any():
                continue
            error = float(gap.std(ddof=1)) / np.sqrt(len(gap))
            # One false alarm in a hundred over all cells of a table of some 100.
            clear = abs(float(gap.mean())) > 3.9 * error and bool(gap.any())
            distance = float(gap.mean()) / max(spread, 1e-12)
            rows.append(Apart(name, option, called, float(one.mean()), float(two.mean()), distance, clear))
    return tuple(sorted(rows, key=lambda each: (not each.clear, -abs(each.distance))))


def disagree(
    first: Case,
    second: Case,
    *,
    outcome: str | None = None,
    option: str | None = None,
    codings: tuple[str, str] = ("narrow", "narrow"),
    perspectives: tuple[str, str] | None = None,
    draws: int = 64,
    replicates: int = 8,
    seed: int = 0,
    progress: Progress | None = None,
) -> CaseDisagreement:
    """How far apart two sides are, and which settings explain it.

    outcome, option: the result to explain; the one furthest apart by default. perspectives: explain the value of
    `option` against the reference instead, to one actor in the first case and another in the second. codings: how
    each side reads the record of warnings.

    Raises UsageError where the two have no reference option or horizon in common, or do not know what is named.
    """
    use_compilation_cache()
    options = _shared_options(first, second)
    for name, size in (("draws", draws), ("replicates", replicates)):
        low, high = _SIZES[name]
        if not low <= size <= high:
            raise UsageError(f"{size} {name}", path=f"--{name}", expected=f"{low} to {high}")
    for coding in codings:
        if coding not in ("narrow", "broad"):
            raise UsageError(f"{coding!r} is no coding", path="--codings", expected="narrow or broad")
    if outcome is not None and outcome not in OUTCOMES:
        raise UsageError(f"{outcome!r} is no outcome", path="--outcome", expected=", ".join(OUTCOMES))
    if option is not None and option not in options:
        raise UsageError(f"{option!r} is no shared option", path="--option", expected=", ".join(options))
    actors = perspectives or (None, None)
    one = _side(first, options, draws, seed, codings[0], actors[0])
    two = _side(second, options, draws, seed, codings[1], actors[1])
    names = _names(first, second, codings, perspectives)
    settings = _differences(one, two, options, codings)
    if not settings:
        return CaseDisagreement(names, options, (), (), None, draws, replicates)
    weighed = [each.group for each in settings if each.group.startswith("weights on ")]
    felt = list(dict.fromkeys(each.group for each in settings if each.group not in weighed))
    weighed = sorted(set(weighed))
    mixes = _mixes(felt, weighed, seed)
    results = _simulated(one, two, mixes, settings, replicates=replicates, seed=seed, progress=progress)
    start, end = results[frozenset()], results[frozenset(felt)]
    apart = _apart(start, end, {each: first.option(each).name for each in options}) if felt else ()
    if perspectives is not None:
        explained, why = _of_values(one, two, results, felt, weighed, options, option, names, seed)
    else:
        cell = next(
            (
                each
                for each in apart
                if (outcome or each.outcome, option or each.option) == (each.outcome, each.option)
            ),
            None,
        )
        if cell is None and outcome is None:
            return CaseDisagreement(names, options, apart, settings, None, draws, replicates)
        chosen = outcome or cast(Apart, cell).outcome
        under = option or (cell.option if cell else first.reference.id)
        place, explained = options.index(under), under
        why = attribute(
            lambda mix: results[mix][chosen][place],
            felt,
            conclusion=f"{OUTCOMES[chosen].phrase} under {first.option(under).name}",
            unit="" if OUTCOMES[chosen].kind != "amount" else OUTCOMES[chosen].unit,
            sides=names,
            orders=_orders(felt),
            seed=seed,
        )
    named = perspectives is not None or outcome is not None or option is not None
    settings = tuple(_under(each, one, two, explained) for each in settings)
    order = {name: abs(float(effect)) for name, effect in zip(why.groups, why.effect, strict=True)}
    ranked = tuple(sorted(settings, key=lambda each: -order.get(each.group, 0.0)))
    record = None
    if RECORD in felt and first.canonical_json() == second.canonical_json():
        readings = cast("tuple[Coding, Coding]", codings)
        record = record_entries(first, explained, readings, draws=draws, seed=seed, sides=names)
    return CaseDisagreement(names, options, apart, ranked, why, draws, replicates, record, named)


def _names(
    first: Case, second: Case, codings: tuple[str, str], perspectives: tuple[str, str] | None
) -> tuple[str, str]:
    names = [first.id, second.id]
    if codings[0] != codings[1]:
        names = [f"the {coding} reading of {name}" for name, coding in zip(names, codings, strict=True)]
    if perspectives is not None:
        actors = [case.actor(actor).name for case, actor in zip((first, second), perspectives, strict=True)]
        same = first.id == second.id
        names = actors if same else [f"{who} in {name}" for who, name in zip(actors, names, strict=True)]
    if names[0] == names[1]:
        names = [f"{first.folder}", f"{second.folder}"]
    return names[0], names[1] if names[0] != names[1] else f"{names[1]} (again)"


def _of_values(
    one: _Side,
    two: _Side,
    results: Mapping[frozenset[str], Mapping[str, Floats]],
    felt: Sequence[str],
    weighed: Sequence[str],
    options: Sequence[str],
    option: str | None,
    names: tuple[str, str],
    seed: int,
) -> tuple[str, Disagreement]:
    """The option, and its value less that of the reference, as each side weighs it, on one scale for both."""
    criteria = [name for name in dict.fromkeys((*one.weights, *two.weights)) if name in OUTCOMES]
    ends = (results[frozenset()], results[frozenset(felt)])
    scale = {}
    for name in criteria:
        both = np.concatenate([each[name].ravel() for each in ends])
        low, high = np.quantile(both, [0.05, 0.95])
        scale[name] = float(high - low) or 1.0
    group = {name: f"weights on {GROUPS[OUTCOMES[name].group].lower()}" for name in criteria}
    base = options.index(one.case.reference.id)

    def worth(mix: frozenset[str], place: int) -> Floats:
        outcomes = results[mix & frozenset(felt)]
        stated = {name: (two if group[name] in mix else one).weights.get(name, 0.0) for name in criteria}
        whole = sum(abs(weight) for weight in stated.values()) or 1.0
        total = np.zeros(outcomes[criteria[0]].shape[1])
        for name, weight in stated.items():
            total += weight / whole * (outcomes[name][place] - outcomes[name][base]) / scale[name]
        return total

    groups = [*felt, *weighed]
    if option is None:
        everything = frozenset(groups)
        gaps = [
            abs(float((worth(everything, at) - worth(frozenset(), at)).mean())) for at in range(len(options))
        ]
        place = int(np.argmax(gaps))
    else:
        place = options.index(option)
    return options[place], attribute(
        lambda mix: worth(mix, place),
        groups,
        conclusion=f"the value of {one.case.option(options[place]).name} against {one.case.reference.name}",
        unit="on a scale from 0 to 1",
        sides=names,
        orders=_orders(felt),
        seed=seed,
    )
