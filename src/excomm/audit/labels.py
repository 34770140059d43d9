"""Labels of the corpus, topic and side, and which of them belong to which topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from excomm.audit.chain import Floats

__all__ = ["Label", "Shares"]

Label = tuple[str, str]  # topic, side


@dataclass(frozen=True)
class Shares:
    """Which labels belong to which topic. names: of the topics; of_topic: shape (labels, topics), 1 where a label is
    of a topic; sides: places of the labels of both sides, for topics that have two.
    """

    names: tuple[str, ...]
    of_topic: Floats
    sides: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, labels: Sequence[Label]) -> Shares:
        """The topics of some labels."""
        names = tuple(dict.fromkeys(topic for topic, _ in labels))
        joined = np.zeros((len(labels), len(names)))
        joined[np.arange(len(labels)), [names.index(topic) for topic, _ in labels]] = 1.0
        known = {label: at for at, label in enumerate(labels)}
        both = {
            name: (known[name, "higher"], known[name, "lower"])
            for name in names
            if (name, "higher") in known and (name, "lower") in known
        }
        return cls(names, joined, both)

    def topics(self, shares: Floats) -> Floats:
        """Shares of topics from shares of labels, shape (stretches, topics)."""
        return np.asarray(shares @ self.of_topic)

    def margin(self, topic: str, scores: Floats) -> float:
        """How much the higher side of a topic is ahead of the lower one, in log odds; scores of one stretch."""
        high, low = self.sides[topic]
        return float(scores[high] - scores[low])
