"""Where an option stops leading, or where a risk passes a line: boxes of parameters and a small tree."""

from __future__ import annotations

from excomm.analysis.answers.answer import Answer, answered
from excomm.analysis.discovery import discover
from excomm.analysis.study import Study
from excomm.analysis.tree import grow_tree
from excomm.analysis.values import leading_pair, values_of
from excomm.analysis.wording import line_in, percent
from excomm.errors import UsageError
from excomm.quantities import OUTCOMES

__all__ = ["discovery"]

_LINE = 0.01


def discovery(
    study: Study,
    *,
    option: str | None = None,
    against: str | None = None,
    perspective: str | None = None,
    outcome: str | None = None,
    line: float | None = None,
) -> Answer:
    """Boxes and a tree for one event.

    With `outcome`: where the outcome under the option lies above `line` (1 in 100 for a probability, the mean
    over all options otherwise). Without: where the option is worth less than `against` for a perspective; the two
    that come first most often where none are named.
    """
    if outcome is not None:
        chosen = option or study.reference
        values = study.outcome(outcome)
        kind = OUTCOMES[outcome]
        limit = line if line is not None else _LINE if kind.kind == "probability" else float(values.mean())
        happens = values[study.place(chosen)] > limit
        size = line_in(limit) if kind.kind == "probability" else f"{limit:,.4g} {kind.unit}"
        event = f"{kind.phrase} under {study.names[chosen]} is above {size}"
        options: tuple[str, ...] = (chosen,)
    else:
        view = values_of(study, perspective)
        values, ranked = view.scores, leading_pair(view, study)
        chosen = option or next(name for name in ranked if name != against)
        rival = against or next(name for name in ranked if name != chosen)
        if rival == chosen:
            raise UsageError(
                "an option cannot be compared with itself", path="--against", expected="another option"
            )
        happens = values[study.place(chosen)] < values[study.place(rival)]
        event = f"{study.names[chosen]} is worth less than {study.names[rival]} to {view.name}"
        options = (chosen, rival)
    question = f"Where is it that {event}?"
    count = int(happens.sum())
    if not 5 <= count <= study.draws - 5:
        return answered(
            study,
            "discovery",
            question,
            {},
            [f"That {event} holds in {count:,} of {study.draws:,} draws: too few on one side to tell where."],
            subject=event,
        )
    ready = study.prepared(options)
    boxes = discover(ready.inputs, happens, ready.ids, event=event, boxes=2, seed=study.seed)
    tree = grow_tree(ready.inputs, happens, ready.ids, event=event)
    return answered(
        study,
        "discovery",
        question,
        {"boxes": boxes, "tree": tree},
        [boxes.sentence, tree.sentence],
        [
            f"{len(ready.ids)} parameters were searched; a box counts only where left-out draws confirm it. The rates "
            "of the tree are those of the draws that its cuts were chosen on: in other draws they lie closer together. "
            f"Overall the rate is {percent(float(happens.mean()))}."
        ],
        subject=event,
    )
