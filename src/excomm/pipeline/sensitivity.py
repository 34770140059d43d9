"""Which submodels drive an outcome, alone and in all? Sobol indices from runs that are designed for them.

Two independent sets of draws are mixed: every group of parameters in turn comes from the second set, all others from
the first. A group is a submodel; submodels that a stated correlation or a proposition joins are one group, since only
what is independent may be exchanged apart. Chance is a group of its own: a draw may get the random numbers of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from excomm.analysis.samples import as_json
from excomm.analysis.sobol import SobolIndices, SobolSteps, correlated_blocks, sobol_indices, sobol_steps
from excomm.beliefs.record import Coding
from excomm.case.model import Case
from excomm.case.priors import Conditional
from excomm.engine.simulation import Progress, simulate
from excomm.errors import UsageError
from excomm.pipeline.compilation import use_compilation_cache
from excomm.pipeline.drawing import draw_case
from excomm.pipeline.reading import read_evidence
from excomm.quantities import OUTCOMES

__all__ = ["CHANCE", "Sensitivity", "sensitivity", "submodel_groups"]

CHANCE = "chance"
_SECOND = 1_000_003  # added to the seed for the second, independent set of draws


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Sobol indices of an outcome by submodel; members: parameters of each group; joined: groups of several."""

    outcome: str
    option: str
    scale: str
    indices: SobolIndices
    steps: SobolSteps
    members: dict[str, tuple[str, ...]]
    joined: tuple[str, ...]
    base: int
    replicates: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """The findings in plain words, with their numbers."""
        what = f"{self.scale}{OUTCOMES[self.outcome].phrase} under {self.option}"
        told = [f"{what[:1].upper()}{what[1:]}: {self.indices.sentence}", self.steps.sentence]
        if self.joined:
            told.append(
                "Taken together because the case ties them by a correlation or a proposition: "
                + "; ".join(self.joined)
                + "."
            )
        told.append(
            f"“{CHANCE}” is the mean of {self.replicates} random histories; one history holds more of it."
        )
        return tuple(told)

    def to_json(self) -> dict[str, Any]:
        """The shape of `excomm sensitivity --json`."""
        return {
            "outcome": self.outcome,
            "option": self.option,
            "base": self.base,
            "replicates": self.replicates,
            "sentences": list(self.sentences),
            "groups": [
                {
                    "group": name,
                    "parameters": list(self.members.get(name, ())),
                    **{
                        key: float(getattr(self.indices, key)[at])
                        for key in ("first", "first_low", "first_high", "total", "total_low", "total_high")
                    },
                }
                for at, name in enumerate(self.indices.groups)
            ],
            "interactions": self.indices.interactions,
            "interactions_low": self.indices.interactions_low,
            "interactions_high": self.indices.interactions_high,
            "steps": as_json(self.steps),
        }


def _tied(case: Case, options: Sequence[str]) -> list[tuple[str, ...]]:
    """Parameters that are not independent of each other: by a correlation, or because one truth decides them all."""
    by_truth: dict[str, dict[str, None]] = {}
    for option in options:
        for name, parameter in case.parameters(option).items():
            if isinstance(parameter.prior, Conditional):
                by_truth.setdefault(parameter.prior.proposition, {})[name] = None
    return [*(pair.between for pair in case.correlations if pair.rank), *map(tuple, by_truth.values())]


def submodel_groups(case: Case, varying: Sequence[str], options: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Parameters by submodel; submodels whose parameters are tied to each other under the options are one group."""
    submodels = list(dict.fromkeys(name.partition(".")[0] for name in varying))
    matrix = np.eye(len(submodels))
    for tied in _tied(case, options):
        ends = [submodels.index(name.partition(".")[0]) for name in tied if name in varying]
        matrix[np.ix_(ends, ends)] = 1.0
    groups = {}
    for name, places in correlated_blocks(matrix, submodels).items():
        inside = {submodels[place] for place in places}
        groups[name] = tuple(each for each in varying if each.partition(".")[0] in inside)
    return groups


def sensitivity(
    case: Case,
    *,
    outcome: str,
    option: str | None = None,
    base: int = 64,
    replicates: int = 8,
    seed: int = 0,
    coding: str = "narrow",
    progress: Progress | None = None,
) -> Sensitivity:
    """First-order and total indices of an outcome under an option, by submodel and for chance.

    base: draws of each block, a power of 2 from 64; base x (groups + 3) draws are run. Raises UsageError for an
    outcome, option or size that does not fit.
    """
    use_compilation_cache()
    if outcome not in OUTCOMES:
        raise UsageError(
            f"{outcome!r} is no outcome",
            path="--outcome",
            expected=", ".join(OUTCOMES),
            next_step="Name one.",
        )
    if base < 64 or base & (base - 1) or base > 4096:
        raise UsageError(
            f"a base of {base} draws",
            path="--base",
            expected="a power of 2 from 64 to 4096",
            next_step="Try 128.",
        )
    chosen = case.option(option).id if option else case.reference.id
    options = tuple(dict.fromkeys((case.reference.id, chosen)))
    evidence = read_evidence(case, as_of=case.as_of, seed=seed)
    first, second = (
        draw_case(
            case,
            options=options,
            number=base,
            seed=seed + shift,
            coding=cast(Coding, coding),
            as_of=case.as_of,
            probabilities={item.id: item.posterior for item in evidence.assessments},
        )
        for shift in (0, _SECOND)
    )
    varying = [name for name, values in first.values.items() if np.ptp(values, axis=1).max() > 0]
    groups = submodel_groups(case, varying, options)
    owner = {name: group for group, members in groups.items() for name in members}
    blocks = ["", "*", *groups, CHANCE]
    values = {
        name: np.concatenate(
            [
                second.values[name] if block == "*" or owner.get(name) == block else first.values[name]
                for block in blocks
            ],
            axis=1,
        )
        for name in first.values
    }
    own, other = np.arange(base), np.arange(base) + base
    chance = np.concatenate([other if block in ("*", CHANCE) else own for block in blocks])
    result = simulate(
        case,
        replace(first, values=values),
        replicates=replicates,
        seed=seed,
        chance=chance,
        progress=progress,
    )
    rows = result.outcomes[outcome][options.index(chosen)].astype(np.float64).mean(axis=1)
    rare = OUTCOMES[outcome].rare
    if rare:
        rows = np.log(np.maximum(rows, 1e-9))
    names = [*groups, CHANCE]
    return Sensitivity(
        outcome=outcome,
        option=case.option(chosen).name,
        scale="the logarithm of " if rare else "",
        indices=sobol_indices(rows, names, base=base, seed=seed),
        steps=sobol_steps(rows, names, base=base, seed=seed),
        members=groups,
        joined=tuple(name for name in groups if " + " in name),
        base=base,
        replicates=replicates,
    )
