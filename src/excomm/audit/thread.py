"""The kind of option that a text speaks of as it goes on: "it" and "such a force" mean what the lines around name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from excomm.audit.chain import carried
from excomm.audit.corpus_text import NO_OPTION

__all__ = ["STAYS", "followed"]

# Probability that the next stretch speaks of the same kind; of .6 to .9 the best on registers of other hands.
STAYS = 0.7


def followed(kinds: Sequence[str], shares: ArrayLike) -> list[tuple[str, float]]:
    """The kind of option that each stretch of a text speaks of, and the belief in it.

    kinds: all kinds; shares: shape (stretches, kinds), as a reader of single stretches scores them. A stretch of no
    particular option (`NO_OPTION`) takes the kind of those around it.
    """
    heard = np.asarray(shares, dtype=np.float64).reshape(-1, len(kinds))
    if not len(heard):
        return []
    own = [at for at, kind in enumerate(kinds) if kind != NO_OPTION]
    many = len(own)
    likely = heard[:, own] + (1.0 - heard[:, own].sum(axis=1, keepdims=True)) / many
    moves = np.full((many, many), (1.0 - STAYS) / max(1, many - 1))
    np.fill_diagonal(moves, STAYS if many > 1 else 1.0)
    belief = carried(likely, moves, np.full(many, 1.0 / many))[0]
    return [(kinds[own[at]], float(row[at])) for at, row in zip(belief.argmax(axis=1), belief, strict=True)]
