"""Rungs of escalation in Kahn's numbering: labels for the rungs that postures have.

A rung says how high the crisis stands, nothing about how likely the next one is. Source: Kahn (1965), On Escalation:
44 rungs in seven groups with six thresholds between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["GROUPS", "KAHN", "RUNGS", "THRESHOLDS", "Rung", "group_of"]

# First rung of each group -> name of the group.
GROUPS: Mapping[int, str] = {
    1: "subcrisis manoeuvring",
    4: "traditional crises",
    10: "intense crises",
    21: "bizarre crises",
    26: "exemplary central attacks",
    32: "military central wars",
    39: "civilian central wars",
}
# Last rung below a threshold -> its name.
THRESHOLDS: Mapping[int, str] = {
    3: "don't rock the boat",
    9: "nuclear war is unthinkable",
    20: "no nuclear use",
    25: "central sanctuary",
    31: "central war",
    38: "city targeting",
}
KAHN: tuple[str, ...] = (
    "ostensible crisis", "political, economic and diplomatic gestures", "solemn and formal declarations",
    "hardening of positions", "show of force", "significant mobilisation", "legal harassment",
    "harassing acts of violence", "dramatic military confrontations",
    "provocative breaking off of diplomatic relations", "super-ready status", "large conventional war",
    "large compound escalation", "declaration of limited conventional war", "barely nuclear war",
    "nuclear ultimatums", "limited evacuation", "spectacular show of force", "justifiable counterforce attack",
    "peaceful world-wide embargo or blockade",
    "local nuclear war, exemplary", "declaration of limited nuclear war", "local nuclear war, military",
    "unusual, provocative and significant countermeasures", "evacuation of most of the cities",
    "demonstration attack on the zone of interior", "exemplary attack on military", "exemplary attacks on property",
    "exemplary attacks on population", "complete evacuation", "reciprocal reprisals",
    "formal declaration of general war", "slow-motion counter-property war", "slow-motion counterforce war",
    "constrained force-reduction salvo", "constrained disarming attack", "counterforce with avoidance",
    "unmodified counterforce attack",
    "slow-motion countercity war", "countervalue salvo", "augmented disarming attack",
    "civilian devastation attack", "other kinds of controlled general war", "spasm war",
)  # fmt: skip


@dataclass(frozen=True)
class Rung:
    """A rung of ExComm, what it stands for, and the rungs of Kahn that it covers (first and last)."""

    number: int
    label: str
    kahn: tuple[int, int]


RUNGS: tuple[Rung, ...] = (
    Rung(0, "talks, aid held back", (1, 3)),
    Rung(1, "war by others, aid, sanctions", (4, 7)),
    Rung(2, "forces in the theatre or its skies; sabotage and proxies", (8, 9)),
    Rung(3, "forces on the line", (10, 11)),
    Rung(4, "combat between the two sides' forces", (12, 14)),
    Rung(5, "strikes on the territory of a side", (13, 20)),
    Rung(6, "local use of a nuclear weapon", (21, 25)),
    Rung(7, "nuclear exchange between the homelands", (26, 44)),
)


def group_of(kahn: int) -> str:
    """Group of a rung of Kahn (1 to 44). Raises ValueError outside."""
    if not 1 <= kahn <= len(KAHN):
        raise ValueError(f"Kahn's ladder has rungs 1 to {len(KAHN)}, not {kahn}")
    return GROUPS[max(first for first in GROUPS if first <= kahn)]
