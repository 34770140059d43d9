"""For whose values does each option lead? Stated weights, all weights, and the weights that favour each option."""

from __future__ import annotations

from excomm.analysis.answers.answer import Answer, answered
from excomm.analysis.perspectives import perspective_views
from excomm.analysis.study import Study
from excomm.analysis.values import Values, all_values, values_of
from excomm.analysis.weights import WeightTriangle, rank_acceptability, weight_regions, weight_triangle
from excomm.quantities import GROUPS, OUTCOMES

__all__ = ["triangle_of", "weigh"]

_CORNERS = {"people": "lives", "escalation": "risk of escalation"}
_REST = "everything else"


def triangle_of(study: Study, values: Values, *, steps: int = 24) -> tuple[WeightTriangle, str] | None:
    """Leaders over the mixes of lives, escalation and all the rest, and what that rest is; None without all three."""
    groups: dict[str, list[int]] = {"lives": [], "risk of escalation": [], _REST: []}
    for place, name in enumerate(values.criteria):
        groups[_CORNERS.get(OUTCOMES[name].group, _REST)].append(place)
    if not all(groups.values()):
        return None
    rest = dict.fromkeys(GROUPS[OUTCOMES[values.criteria[at]].group].lower() for at in groups[_REST])
    return weight_triangle(values.worth, study.labels, groups, steps=steps), " and ".join(rest)


def weigh(study: Study, *, perspective: str | None = None) -> Answer:
    """First places with the stated weights of every perspective; regions of weights in the outcomes of one."""
    values = values_of(study, perspective)
    labels = [label.lower() for label in values.labels]
    everyone = all_values(study)
    views = tuple(
        perspective_views(
            each.worth, study.labels, [label.lower() for label in each.labels], {each.name: each.weights}
        )[0]
        for each in sorted(everyone, key=lambda each: each.actor != values.actor)
    )
    ranks = rank_acceptability(values.worth, study.labels, labels, samples=20_000, seed=study.seed)
    regions = weight_regions(values.worth, study.labels, labels, samples=20_000, seed=study.seed)
    results: dict[str, object] = {"perspectives": views, "ranks": ranks, "regions": regions}
    sentences = [*(view.sentence for view in views), ranks.sentence, *(region.sentence for region in regions)]
    triangle = triangle_of(study, values)
    notes = [
        "Values run from 0 to 1 over the range that the options at hand span (5 to 95%); another range is another "
        "weighing. Weights evaluate outcomes and change nobody's behaviour."
    ]
    if triangle is not None:
        results["triangle"] = triangle[0]
        sentences.append(triangle[0].sentence)
        notes.append(f"“Everything else” is {triangle[1]}.")
    return answered(
        study, "weights", f"For whose values does each option lead, on the outcomes of {values.name}?",
        results, sentences, notes, subject=values.name,
    )  # fmt: skip
