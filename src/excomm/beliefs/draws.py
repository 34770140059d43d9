"""Epistemic draws: every parameter of a case, under every option, on a Latin hypercube.

Each parameter has a random stream of its own, named after its id (on a two-sided parameter after the actor that
holds the side), so adding a parameter changes no other. An option that states another prior for a parameter uses
the same percentiles: the difference between options is then the difference between the priors, not chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from excomm.case.model import Case, Parameter
from excomm.case.priors import Conditional
from excomm.errors import CaseError
from excomm.streams import generator

__all__ = ["Draws", "draw", "latin_column", "side_actors", "values_at"]

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Draws:
    """Draws of all parameters.

    values: id -> array (options, draws); options: ids in the order of that axis; percentiles: id -> array
    (draws,) in (0, 1) of the parameters that vary; truths: proposition -> boolean array (draws,).
    """

    values: Mapping[str, Floats]
    options: tuple[str, ...]
    percentiles: Mapping[str, Floats]
    truths: Mapping[str, np.ndarray[Any, np.dtype[np.bool_]]]

    @property
    def number(self) -> int:
        """Number of draws."""
        return int(next(iter(self.values.values())).shape[1])


def side_actors(case: Case) -> dict[str, str]:
    """Ids of the actors that hold the two sides: {"host": …, "adversary": …}."""
    return {
        side: (case.in_role(side)[0].id if case.in_role(side) else side) for side in ("host", "adversary")
    }


def latin_column(seed: int, stream: str, number: int) -> Floats:
    """One column of a Latin hypercube: `number` points in (0, 1), one in each of as many equal strata."""
    random = generator(seed, f"parameter/{stream}")
    return np.asarray((random.permutation(number) + random.uniform(size=number)) / number).clip(
        1e-9, 1 - 1e-9
    )


def _stream_name(parameter: str, sides: Mapping[str, str]) -> str:
    parts = parameter.split(".")
    return ".".join(sides.get(part, part) for part in parts)


def _correlate(case: Case, columns: dict[str, Floats], sides: Mapping[str, str]) -> None:
    """Impose the stated rank correlations through a Gaussian copula, in place.

    Rank correlation r_s of a Gaussian copula corresponds to a normal correlation 2 sin(pi r_s / 6).
    """
    from scipy.special import ndtr, ndtri

    pairs = [pair for pair in case.correlations if all(name in columns for name in pair.between)]
    # In the order of their streams: who stands on which side must not decide which column is kept as it is.
    names = sorted(
        {name for pair in pairs for name in pair.between}, key=lambda name: _stream_name(name, sides)
    )
    if not names:
        return
    matrix = np.eye(len(names))
    for pair in pairs:
        i, j = (names.index(name) for name in pair.between)
        matrix[i, j] = matrix[j, i] = 2.0 * np.sin(np.pi * pair.rank / 6.0)
    eigenvalues = np.linalg.eigvalsh(matrix)
    if eigenvalues.min() < 1e-9:
        raise CaseError(
            "the stated correlations contradict each other",
            file=case.file,
            path="correlations",
            expected="a set of rank correlations that can hold at the same time (positive definite)",
            next_step=f"Lower the correlations among {', '.join(names)}.",
        )
    lower = np.linalg.cholesky(matrix)
    scores = ndtri(np.stack([columns[name] for name in names]))
    for name, score in zip(names, lower @ scores, strict=True):
        columns[name] = np.asarray(ndtr(score)).clip(1e-9, 1 - 1e-9)


def values_at(
    parameter: Parameter,
    percentiles: Floats,
    truths: Mapping[str, np.ndarray[Any, np.dtype[np.bool_]]],
) -> Floats:
    """Values of a parameter at percentiles (draws,) in (0, 1), given which propositions are true in each draw."""
    prior = parameter.prior
    if isinstance(prior, Conditional):
        return prior.given(truths[prior.proposition], percentiles)
    return prior.ppf(percentiles)


def draw(
    case: Case,
    *,
    options: Sequence[str],
    number: int,
    seed: int,
    probabilities: Mapping[str, float] | None = None,
) -> Draws:
    """Draw all parameters of a case under the named options.

    probabilities: posterior probability of each proposition; its prior mean where absent.
    Raises CaseError where the stated correlations contradict each other.
    """
    sides = side_actors(case)
    under = [case.parameters(option) for option in options]
    ids = sorted({name for table in under for name in table})
    varying = {name for name in ids if not all(table[name].prior.is_fixed for table in under)}
    # A fixed parameter keeps its percentiles until the others are correlated with it: fixing one moves no other.
    tied = {name for pair in case.correlations for name in pair.between}
    columns = {
        name: latin_column(seed, _stream_name(name, sides), number)
        for name in ids
        if name in varying or name in tied
    }
    _correlate(case, columns, sides)
    columns = {name: column for name, column in columns.items() if name in varying}
    believed = probabilities or {}
    truths = {
        item.id: latin_column(seed, f"proposition/{item.id}", number) < believed.get(item.id, item.prior.mean)
        for item in case.propositions
    }
    middle = np.full(number, 0.5)
    values: dict[str, Floats] = {}
    for name in ids:
        percentiles = columns.get(name, middle)
        drawn: dict[int, Floats] = {}
        rows = []
        for table in under:
            parameter = table[name]
            if id(parameter) not in drawn:
                drawn[id(parameter)] = np.asarray(values_at(parameter, percentiles, truths), dtype=float)
            rows.append(np.broadcast_to(drawn[id(parameter)], (number,)))
        values[name] = np.stack(rows)
    return Draws(values=values, options=tuple(options), percentiles=columns, truths=truths)
