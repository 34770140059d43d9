"""Compile the crisis games of some draws from the world: what all that follows in this room is built from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from excomm.case.model import Option
from excomm.game.crisis import CrisisBlock
from excomm.game.front import FrontChance
from excomm.game.payoffs import perceived_purpose, stage_payoffs
from excomm.game.periods import EPOCH_WEEKS

__all__ = ["compile_block"]

Floats = np.ndarray[Any, np.dtype[np.float64]]


def compile_block(
    periods: Mapping[str, Floats],
    values: Mapping[str, Floats],
    setting: Any,
    realised: Floats,
    chance: FrontChance,
    options: Sequence[Option],
    *,
    alliance_first: bool,
    perceived: Floats | None = None,
) -> CrisisBlock:
    """Games of some draws under all options.

    periods: what the world brings, from `game.periods.periods`. values: id -> (options, draws). realised: size of each
    option's force, (options, draws) [troops]. perceived: how far the adversary takes each option for an attempt to
    roll it back, (options, draws); from the stated purposes where absent.
    """
    commitments = setting.commitments
    ceiling, floor = (
        np.asarray(level)[:, 0, 0].astype(np.int64) for level in (commitments.ceiling, commitments.floor)
    )
    if perceived is None:
        perceived = perceived_purpose(values, tuple(option.purpose for option in options))
    # The bins lie around the path on which the alliance stands at its ceiling: options that only start elsewhere
    # have the same games.
    adversary = int(np.asarray(setting.adversary_start))
    places = np.arange(len(ceiling))
    course = np.stack([periods["area"][o, :, :, ceiling[o], adversary] for o in places])
    # A world that answers a push by more than the push must not turn the bins round.
    course = np.maximum.accumulate(course, axis=-1)
    # A posture that quickens or slows the front does so to chance as well.
    tempo = np.asarray(setting.postures.front, dtype=float)
    return CrisisBlock(
        stage=stage_payoffs(periods, values, setting, realised, perceived),
        periods=periods,
        values=values,
        area=np.concatenate([np.zeros_like(course[:, :, :1]), course], axis=2),
        ceiling=ceiling,
        floor=floor,
        noise=chance.within[..., None] * tempo,
        collapse=chance.collapse[..., None] * tempo,
        floor_epochs=np.asarray(commitments.floor_weeks, dtype=float)[:, 0, 0] / EPOCH_WEEKS,
        alliance_first=alliance_first,
    )
