"""Which submodel makes the difference between an option and the reference: the run again with each switched off.

Draws and chance are common to all runs, so what a submodel makes is a paired difference. A submodel that is switched
off is off for every option, the reference included, and for the crisis games too: what is left is what the option would
do in a world without it. The parts need not add up to the whole: submodels work through each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from excomm.analysis.wording import number
from excomm.case import load
from excomm.case.model import Case
from excomm.engine.run import Run
from excomm.engine.switches import NEUTRAL
from excomm.engine.wording import plain_unit, signed
from excomm.errors import UsageError
from excomm.pipeline.assess import assess
from excomm.quantities import OUTCOMES

__all__ = ["SHOWN", "Mechanisms", "find_mechanisms"]

SHOWN = (
    "area_change", "deaths_civilian_host", "unserved_energy_host", "killed_alliance", "clash_probability",
    "nuclear_use_probability", "ceasefire_probability",
)  # fmt: skip
# Standard errors; judgement: one comparison in twenty that makes no difference is shown as if it did.
CERTAIN = 2.0
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Mechanisms:
    """Effects of the options, and what becomes of them without each submodel.

    effect: mean of option minus reference, (options, outcomes), in the outcome's unit. without: the same with a
    submodel off, (submodels, options, outcomes). error: standard error of `effect - without` over the draws.
    """

    case: Case
    options: tuple[str, ...]
    outcomes: tuple[str, ...]
    submodels: tuple[str, ...]
    draws: int
    replicates: int
    effect: Floats
    without: Floats
    error: Floats

    def makers(self, option: str, outcome: str) -> list[tuple[str, float, float]]:
        """Submodels that make a difference beyond chance: name, what they add to the effect, its standard error."""
        row, column = self.options.index(option), self.outcomes.index(outcome)
        added = self.effect[row, column] - self.without[:, row, column]
        error = self.error[:, row, column]
        found = [
            (name, float(each), float(off))
            for name, each, off in zip(self.submodels, added, error, strict=True)
            if abs(each) > CERTAIN * off
        ]
        return sorted(found, key=lambda maker: -abs(maker[1]))

    def sentence(self, option: str, outcome: str, *, most: int = 3) -> str:
        """One plain sentence on an effect and what makes it."""
        row, column = self.options.index(option), self.outcomes.index(outcome)
        measured = OUTCOMES[outcome]
        scale, unit = (1.0, plain_unit(measured.unit)) if measured.kind == "amount" else (100.0, "points")
        whole = scale * self.effect[row, column]
        makers = self.makers(option, outcome)[:most]
        begin = f"{measured.name}: {signed(number(whole))} {unit} against the reference"
        if not makers:
            return f"{begin}; no submodel by itself makes a difference beyond chance."
        parts = [f"{signed(number(whole - scale * added))} without {name}" for name, added, _ in makers]
        return f"{begin}; {', '.join(parts)}."

    def to_json(self) -> dict[str, Any]:
        """As JSON: for each option and outcome the effect, and what each submodel adds."""
        return {
            "case": self.case.id, "draws": self.draws, "replicates": self.replicates,
            "effects": [
                {
                    "option": option, "outcome": outcome, "effect": float(self.effect[row, column]),
                    "without": [
                        {
                            "submodel": name, "effect": float(self.without[place, row, column]),
                            "error": float(self.error[place, row, column]),
                        }
                        for place, name in enumerate(self.submodels)
                    ],
                    "sentence": self.sentence(option, outcome),
                }
                for row, option in enumerate(self.options)
                for column, outcome in enumerate(self.outcomes)
            ],
        }  # fmt: skip


def find_mechanisms(
    case: str | Path | Case,
    *,
    submodels: Sequence[str] | None = None,
    outcomes: Sequence[str] = SHOWN,
    draws: int = 64,
    replicates: int = 16,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> Mechanisms:
    """Run a case once with everything and once without each of the submodels (all by default).

    Raises UsageError for an unknown submodel or outcome. progress(submodel, done, total) is called before each run.
    """
    loaded = case if isinstance(case, Case) else load(str(case))
    chosen = tuple(NEUTRAL) if submodels is None else tuple(submodels)
    for given, known, option in ((chosen, NEUTRAL, "--submodels"), (outcomes, OUTCOMES, "--outcomes")):
        wrong = [name for name in given if name not in known]
        if wrong:
            raise UsageError(
                f"{wrong[0]!r} is not known", path=option, expected=", ".join(known),
                next_step="Name one or more of these, separated by commas.",
            )  # fmt: skip

    def run(number: int, without: str | None) -> Run:
        if progress:
            progress(without or "everything", number, len(chosen) + 1)
        only = None if without is None else [name for name in NEUTRAL if name != without]
        return assess(
            loaded, draws=draws, replicates=replicates, seed=seed, only=only, store=False, reading=False
        )

    whole = run(0, None)
    options = tuple(name for name in whole.options if name != loaded.reference.id)

    def paired(found: Run) -> Floats:
        """Option minus reference, (options, outcomes, draws); NaN where a game of the draw is not solved."""
        kept = np.setdiff1d(np.arange(draws), found.game.failed_draws)
        values = np.full((len(options), len(outcomes), draws), np.nan)
        for column, name in enumerate(outcomes):
            means = found.outcomes[name]
            change = means.sel(option=list(options)) - means.sel(option=loaded.reference.id)
            values[:, column, kept] = change.transpose("option", "draw").to_numpy()
        return values

    stated = paired(whole)
    effect = np.nanmean(stated, axis=2)
    shape = (len(chosen), *effect.shape)
    without, error = np.empty(shape), np.empty(shape)
    for place, name in enumerate(chosen):
        # A draw that one of the two runs leaves out is in neither side of the comparison.
        made = stated - paired(run(place + 1, name))
        without[place] = effect - np.nanmean(made, axis=2)
        error[place] = np.nanstd(made, axis=2, ddof=1) / np.sqrt(np.isfinite(made).sum(axis=2))
    return Mechanisms(loaded, options, tuple(outcomes), chosen, draws, replicates, effect, without, error)
