"""The kind of option that a text speaks of as it goes on: "it" and "such a force" mean what the lines before named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from excomm.audit.corpus_text import NO_OPTION

__all__ = ["STAYS", "Thread"]

Floats = NDArray[np.float64]
# Probability that the next stretch speaks of the same kind; of .5 to .95 the best on a register of other hands.
STAYS = 0.7


class Thread:
    """Belief in each kind of option, carried from stretch to stretch (the filter of a hidden Markov chain).

    kinds: as a reader of single stretches scores them; a stretch of no particular option (`NO_OPTION`) leaves the
    belief as it is but for the chance of a change.
    """

    def __init__(self, kinds: Sequence[str]) -> None:
        self.kinds = tuple(kind for kind in kinds if kind != NO_OPTION)
        self._own = [at for at, kind in enumerate(kinds) if kind != NO_OPTION]
        self._belief: Floats = np.full(len(self.kinds), 1.0 / len(self.kinds))

    def hear(self, shares: Sequence[float]) -> tuple[str, float]:
        """The kind that a stretch speaks of and the belief in it. shares: of all kinds, as its reader scores them."""
        heard = np.asarray(shares, dtype=np.float64)
        likely = heard[self._own] + (1.0 - heard[self._own].sum()) / len(self.kinds)
        changes = (1.0 - STAYS) / max(1, len(self.kinds) - 1)
        before = STAYS * self._belief + changes * (1.0 - self._belief)
        self._belief = before * likely / (before * likely).sum()
        best = int(self._belief.argmax())
        return self.kinds[best], float(self._belief[best])
