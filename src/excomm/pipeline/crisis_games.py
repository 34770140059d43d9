"""The crisis games of a case, for the command line: read them, check their compilation, write a small one as a tree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from excomm.beliefs.draws import draw
from excomm.beliefs.issue_resolve import believe_record
from excomm.case import load
from excomm.case.model import Case, Option
from excomm.engine.compile_check import CompileCheck, check_compile
from excomm.engine.crisis import BLOCK_DRAWS, Crisis
from excomm.engine.setup import review_week
from excomm.errors import UsageError
from excomm.game.crisis import build_game
from excomm.game.equilibrium import solve_groups, solve_settings
from excomm.game.export import write_tree
from excomm.game.reading import MoveReading, OptionReading
from excomm.pipeline.compilation import use_compilation_cache

__all__ = ["GameOfOption", "check_case", "export_option", "read_case_game"]

MOST_EPOCHS = 3


def _crisis(case: Case, options: tuple[str, ...], *, seed: int, fronts: int | None = None) -> Crisis:
    use_compilation_cache()
    drawn = review_week(case, draw(case, options=options, number=BLOCK_DRAWS, seed=seed))
    drawn = believe_record(case, drawn, seed=seed, coding="narrow", as_of=case.as_of)
    crisis = Crisis(case, drawn)
    return crisis if fronts is None else replace(crisis, fronts=fronts)


def _option(case: Case, option: str | None) -> Option:
    return case.reference if option is None else case.option(option)


@dataclass(frozen=True)
class GameOfOption:
    """An option's solved game, mean over a block of draws. lambdas: median lambda of alliance and adversary."""

    case: Case
    option: Option
    draws: int
    lambdas: tuple[float, float]
    residual: float
    failed: int
    turned: int
    ambiguity: float
    reading: OptionReading

    def posture(self, move: MoveReading) -> tuple[str, str]:
        """Ids of the mover's own posture and of the other side's."""
        ids = (
            self.case.postures["alliance"][move.alliance].id,
            self.case.postures["adversary"][move.adversary].id,
        )
        return ids if move.actor == "alliance" else ids[::-1]

    def to_json(self) -> dict[str, Any]:
        """As JSON, in the shape of the reference."""
        moves = []
        for move in self.reading.first_moves:
            own, other = self.posture(move)
            moves.append(
                {
                    "actor": move.actor, "type": move.kind, "posture": own, "other_posture": other,
                    "warned": move.warned, "belief": move.belief, "probabilities": dict(move.probabilities),
                }
            )  # fmt: skip
        return {
            "option": self.option.id, "lambda": self.lambdas[1], "lambda_alliance": self.lambdas[0],
            "residual": self.residual, "turned": self.turned, "failed": self.failed,
            "ambiguity": self.ambiguity, "draws": self.draws, "moves": moves,
        }  # fmt: skip


def read_case_game(case: str | Path | Case, option: str | None = None, *, seed: int = 0) -> GameOfOption:
    """Solve an option's game in a block of draws and read it; the reference option where none is named.

    A scan looks for other equilibria; `ambiguity` is the largest difference of a probability between them.
    Raises CaseError for a case or an option that does not exist.
    """
    loaded = case if isinstance(case, Case) else load(str(case))
    chosen = _option(loaded, option)
    crisis = _crisis(loaded, (chosen.id,), seed=seed)
    numbers = np.arange(BLOCK_DRAWS)
    solved = crisis.solved(numbers, keep=True)
    (group,) = solve_groups(crisis.block(numbers), settings=solve_settings(scan=True))
    found = group.solution.ambiguity
    return GameOfOption(
        case=loaded,
        option=chosen,
        draws=BLOCK_DRAWS,
        lambdas=(float(np.median(group.game.lambdas[:, 0])), float(np.median(group.game.lambdas[:, 1]))),
        residual=float(solved.residual.max()),
        failed=int(solved.failed.sum()),
        turned=int(solved.turned.sum()),
        ambiguity=float(np.nanmax(found)) if np.isfinite(found).any() else 0.0,
        reading=crisis.readings(numbers, solved)[0],
    )


def check_case(
    case: str | Path | Case, option: str | None = None, *, seed: int = 0
) -> tuple[CompileCheck, ...]:
    """Measure the compiled games of a case, or of one option, against its simulation."""
    loaded = case if isinstance(case, Case) else load(str(case))
    names = tuple(each.id for each in loaded.options) if option is None else (_option(loaded, option).id,)
    return check_compile(_crisis(loaded, names, seed=seed), replicates=16, seed=seed)


def export_option(
    case: str | Path | Case, option: str | None = None, *, epochs: int = 2, number: int = 0, seed: int = 0
) -> str:
    """A small version of an option's game as text in Gambit's format.

    epochs: how many of the first ones, at most 3. number: which draw of the first block. Raises UsageError where these
    are out of range or the tree grows too large.
    """
    loaded = case if isinstance(case, Case) else load(str(case))
    chosen = _option(loaded, option)
    for name, value, low, high in (("epochs", epochs, 1, MOST_EPOCHS), ("draw", number, 0, BLOCK_DRAWS - 1)):
        if not low <= value <= high:
            raise UsageError(
                f"{value} is out of range", path=f"--{name}", expected=f"{low} to {high}",
                next_step="Choose another number.",
            )  # fmt: skip
    crisis = _crisis(loaded, (chosen.id,), seed=seed, fronts=1)
    block = crisis.block(np.arange(BLOCK_DRAWS))
    states = block.states(0)
    game = build_game(block, [0], beliefs=crisis.beliefs).take(np.array([number]))
    game = replace(game, steps=game.steps[: 2 * epochs])
    start = states.number(
        loaded.posture_index("alliance", chosen.start),
        loaded.postures["adversary"].index(loaded.adversary_start),
        0,
        0,
    )
    return write_tree(
        game,
        states,
        int(start),
        float(crisis.draws.values["resolve.adversary"][0, number]),
        title=f"{loaded.title}: {chosen.name}, {epochs} epochs",
        postures=(
            tuple(each.name for each in loaded.postures["alliance"]),
            tuple(each.name for each in loaded.postures["adversary"]),
        ),
    )
