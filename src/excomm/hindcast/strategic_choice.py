"""How a dispute between two states ends: the three-outcome strategic model, fitted through the game solver.

    state 1 keeps the status quo or demands; on a demand state 2 concedes or fights.
    payoffs of 1: status quo = b . [1, similarity, revisionism]; concession = 0; war = b . [1, regime of 1]
    payoffs of 2: concession = 0; war = b . [1, balance of capabilities, regime of 2]

Both choose by logit replies (lambda 1, which fixes the unit of the payoffs) to what they expect of each other: the
agent quantal response equilibrium of the game, solved for all disputes at once at every step of the likelihood's
ascent. Disputes are left out in ten groups, fixed beforehand; the members of one dispute stay together. Baselines on
the same groups: a multinomial logit on all of these covariates, which knows no game, and the rates of the three ends.
Limits: pairs that entered a dispute only, so nothing is learnt about deterrence before it; covariates of the year;
errors of pairs in one dispute are taken as independent. Sources: C. Signorino, "Strategic interaction and the
statistical analysis of international conflict", APSR 93 (1999); the covariates follow the example of B. Kenkel and
C. Signorino, "Estimating extensive form games in R", Journal of Statistical Software 56 (2014).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize

from excomm.errors import ObservationError
from excomm.game.solve import MarkovGame, SolveSettings, Step, solve
from excomm.hindcast.rolling import Forecast
from excomm.hindcast.scores import log_score
from excomm.observations.history import read_disputes

__all__ = ["StrategicModel", "forecast_strategic_choice", "outcome_probabilities"]

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

GROUPS = 10
FEWEST = 40  # pairs
STATUS_QUO, CONCESSION, WAR = 0, 1, 2
NUDGE = 1e-4  # of a payoff, for central differences
START, DEMAND, FIRST_END = 0, 1, 2  # public states; the three ends follow


def outcome_probabilities(status_quo: Array, war_one: Array, war_two: Array) -> Array:
    """Probabilities (pairs, 3) of status quo, concession and war from the payoffs (pairs,), a concession being 0."""
    pairs = status_quo.size
    final = np.zeros((pairs, 5, 2, 1, 1))
    final[:, FIRST_END + STATUS_QUO, 0, 0, 0] = status_quo
    final[:, FIRST_END + WAR, 0, 0, 0] = war_one
    final[:, FIRST_END + WAR, 1, 0, 0] = war_two
    game = MarkovGame(_moves(), final, np.ones((pairs, 2)), types=(1, 1))
    play = solve(game, SolveSettings(chunk=pairs, threads=1)).strategies
    keep, demand = (play[0][:, START, 0, 0, 0, action] for action in (0, 1))
    concede, fight = (play[1][:, DEMAND, 0, 0, 0, action] for action in (0, 1))
    return np.stack([keep, demand * concede, demand * fight], axis=1)


def _moves() -> tuple[Step, Step]:
    def move(mover: int, state: int, ends: tuple[int, int]) -> Step:
        legal = np.zeros((5, 2), dtype=bool)
        legal[:, 0] = True
        legal[state] = True
        successor = np.repeat(np.arange(5)[:, None], 2, axis=1)
        successor[state] = ends
        return Step(mover, legal, successor, np.zeros((1, 5, 2, 2, 1, 1)))

    return (
        move(0, START, (FIRST_END + STATUS_QUO, DEMAND)),
        move(1, DEMAND, (FIRST_END + CONCESSION, FIRST_END + WAR)),
    )


@dataclass(frozen=True)
class StrategicModel:
    """Coefficients of the three payoffs, one after the other, and the log-likelihood of the pairs fitted."""

    coefficients: Array
    log_likelihood: float


@dataclass(frozen=True)
class _Disputes:
    """Design matrices of the three payoffs, of the multinomial logit, outcomes (pairs,) and groups (pairs,)."""

    payoffs: tuple[Array, Array, Array]
    plain: Array
    outcome: Ints
    group: Ints

    @cached_property
    def ends(self) -> list[int]:
        """Where the coefficients of each payoff end."""
        return [int(end) for end in np.cumsum([part.shape[1] for part in self.payoffs])]

    def worth(self, coefficients: Array) -> list[Array]:
        """The three payoffs, (pairs,) each."""
        parts = np.split(coefficients, self.ends[:-1])
        return [design @ part for design, part in zip(self.payoffs, parts, strict=True)]

    def probabilities(self, coefficients: Array) -> Array:
        """Of the three outcomes, (pairs, 3)."""
        return outcome_probabilities(*self.worth(coefficients))

    def fit(self, inside: npt.NDArray[np.bool_]) -> StrategicModel:
        """Maximum likelihood on some of the pairs; slopes by the payoffs of each pair from the solver, both sides."""
        pairs = self.outcome.size

        def fall(coefficients: Array) -> tuple[float, Array]:
            worth = self.worth(coefficients)
            nudged = [worth]
            for payoff in range(3):
                for sign in (1.0, -1.0):
                    nudged.append(
                        [part + sign * NUDGE * (place == payoff) for place, part in enumerate(worth)]
                    )
            chance = outcome_probabilities(
                *(np.concatenate([one[place] for one in nudged]) for place in range(3))
            )
            came = np.log(np.maximum(chance[np.arange(7 * pairs), np.tile(self.outcome, 7)], 1e-300)).reshape(
                7, pairs
            )
            slopes = (came[1::2] - came[2::2]) / (2.0 * NUDGE)  # (3, pairs)
            gradient = [
                design.T @ (slope * inside) for design, slope in zip(self.payoffs, slopes, strict=True)
            ]
            return -float(came[0] @ inside), -np.concatenate(gradient)

        found = minimize(fall, np.zeros(self.ends[-1]), jac=True, method="BFGS", options={"gtol": 1e-4})
        return StrategicModel(np.asarray(found.x), -float(found.fun))


def _fit_multinomial(design: Array, outcome: Ints) -> Callable[[Array], Array]:
    """Multinomial logit of greatest likelihood; returns its probabilities as a function of a design."""
    columns = design.shape[1]
    came = np.eye(3)[outcome]

    def probabilities(coefficients: Array, rows: Array) -> Array:
        utility = np.column_stack([np.zeros(len(rows)), rows @ coefficients.reshape(2, columns).T])
        weight = np.exp(utility - utility.max(axis=1, keepdims=True))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))

    def fall(coefficients: Array) -> tuple[float, Array]:
        chance = probabilities(coefficients, design)
        loss = -float(np.log(np.maximum(chance[np.arange(outcome.size), outcome], 1e-300)).sum())
        return loss, ((chance - came)[:, 1:].T @ design).ravel()

    found = minimize(fall, np.zeros(2 * columns), jac=True, method="BFGS", options={"gtol": 1e-4})
    return lambda rows: probabilities(np.asarray(found.x), rows)


def _designs(rows: pd.DataFrame) -> _Disputes:
    def scaled(name: str) -> Array:
        values = rows[name].to_numpy(dtype=float)
        return np.asarray((values - values.mean()) / (values.std() or 1.0))

    def regimes(name: str) -> list[Array]:
        return [np.asarray(rows[name] == kind, dtype=float) for kind in ("democracy", "mixed")]

    one = np.ones(len(rows))
    similarity, revises, balance = (
        scaled("similarity"),
        rows["revises"].to_numpy(dtype=float),
        scaled("balance"),
    )
    disputes = np.unique(rows["dispute"].to_numpy())
    order = np.random.default_rng(0).permutation(disputes.size)
    group_of = dict(zip(disputes[order].tolist(), (np.arange(disputes.size) % GROUPS).tolist(), strict=True))
    return _Disputes(
        (
            np.column_stack([one, similarity, revises]),
            np.column_stack([one, *regimes("regime_one")]),
            np.column_stack([one, balance, *regimes("regime_two")]),
        ),
        np.column_stack([one, similarity, revises, balance, *regimes("regime_one"), *regimes("regime_two")]),
        rows["outcome"].to_numpy(dtype=np.int64),
        np.array([group_of[each] for each in rows["dispute"].tolist()]),
    )


def forecast_strategic_choice(
    paths: Sequence[Path],
) -> tuple[list[Forecast], pd.DatetimeIndex, tuple[str, ...]]:
    """Every pair, forecast from the disputes of the other nine groups (dates play no part), and notes."""
    rows = read_disputes(paths)
    if len(rows) < FEWEST:
        raise ObservationError(
            f"{len(rows)} pairs are too few",
            expected=f"at least {FEWEST} pairs of states in disputes",
            next_step="Give the whole table.",
        )
    disputes = _designs(rows)
    outcome = disputes.outcome
    chance, logit, rate = np.zeros((3, outcome.size, 3))
    for group in range(GROUPS):
        left_out = disputes.group == group
        known = ~left_out
        chance[left_out] = disputes.probabilities(disputes.fit(known).coefficients)[left_out]
        logit[left_out] = _fit_multinomial(disputes.plain[known], outcome[known])(disputes.plain[left_out])
        rate[left_out] = (np.bincount(outcome[known], minlength=3) + 0.5) / (known.sum() + 1.5)
    dates = pd.DatetimeIndex(pd.to_datetime(rows["year"].astype(int).astype(str) + "-07-01"))

    def scores(law: Array, came: int) -> dict[str, float]:
        return {"log": float(log_score(law[came])), "brier": float(((law - np.eye(3)[came]) ** 2).sum())}

    forecasts = [
        Forecast(
            "strategic-choice", 1, dates[place], dates[place], float(came), scores(chance[place], came),
            {"multinomial-logit": scores(logit[place], came), "base-rate": scores(rate[place], came)},
        )
        for place, came in enumerate(outcome.tolist())
    ]  # fmt: skip
    whole = disputes.fit(np.ones(outcome.size, dtype=bool))
    note = (
        f"every dispute is forecast from nine tenths of the others, so --train-until and --test-until have no effect; "
        f"on all {outcome.size} pairs the strategic model has log-likelihood {whole.log_likelihood:.1f} with "
        f"{whole.coefficients.size} coefficients"
    )
    return forecasts, dates, (note,)
