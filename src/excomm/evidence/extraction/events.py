"""Ranked event types of a sentence by weighted cues; earlier cues count more."""

from __future__ import annotations

from excomm.evidence.lexicon import event_types

__all__ = ["rank_events"]

_SHARE_KEPT = 0.35  # types below this share of the best score are left out (judgement)
_MOST = 5


def rank_events(
    folded: str, language: str, *, stretches: tuple[tuple[int, int], ...] = (), is_denial: bool = False
) -> tuple[tuple[str, float], ...]:
    """Event types with scores, best first. Cues within `stretches` (attributions) count for little."""
    length = max(len(folded), 1)
    scores: dict[str, float] = {}
    for name, weight, pattern in event_types(language).cues:
        best = 0.0
        for match in pattern.finditer(folded):
            score = (
                weight
                * (1.0 - 0.55 * match.start() / length)
                * (1.0 + 0.01 * min(match.end() - match.start(), 30))
            )
            if any(start <= match.start() < end for start, end in stretches):
                score *= 0.3
            best = max(best, score)
        if best:
            scores[name] = max(scores.get(name, 0.0), best)
    if is_denial:
        scores["DENY"] = max([*scores.values(), 1.0]) * 1.05
    if not scores:
        return ()
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    top = ranked[0][1]
    return tuple((name, round(score, 4)) for name, score in ranked[:_MOST] if score >= _SHARE_KEPT * top)
