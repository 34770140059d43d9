"""Training of the second reader: the encoder learns the labels of the corpus.

Run where the corpus has changed. `python -m excomm.audit.training WEIGHTS`, where WEIGHTS is a wheel or a folder with
the published weights of all-MiniLM-L6-v2 (CONTRIBUTING.md says where they are had), trains a reader anew, in two hours
on two cores: some rounds without the registers that are held out, on which the confidence is calibrated then, and
closing rounds with all. `python -m excomm.audit.training --add HAND …` teaches the reader as shipped new hands, with as
many sentences of those that it knows, in a quarter of an hour; with `--weigh` its encoder stays as it is, and only what
stands around a stretch is learned and the confidence calibrated again, in two minutes. All write `reader.npz`. Adam
with decoupled decay (Loshchilov and Hutter 2019), in JAX.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from excomm.audit.calibration import calibrated
from excomm.audit.context import Context, editorials, learned_context
from excomm.audit.corpus_text import Labelled, labelled_sentences
from excomm.audit.encoder import (
    HEAD,
    OPTIONS,
    Encoder,
    Library,
    by_length,
    lined_up,
    outputs,
    packed,
    through,
)
from excomm.audit.labels import Label
from excomm.audit.learned import CONTEXT, SecondReader, second_reader
from excomm.audit.published_weights import published
from excomm.errors import UsageError

__all__ = [
    "HELD_OUT",
    "Course",
    "corpus_mark",
    "extend",
    "kinds_of",
    "labels_of",
    "train",
    "trained",
    "weigh",
]

# Editorials by hands of their own, not read before the confidence is calibrated.
HELD_OUT = frozenset({"islet", "junction", "kiln", "lantern", "meadow", "nave", "orchard", "sluice", "wharf"})
UNTOLD = -1  # place of a kind of option that a sentence does not tell
_SPREAD = 0.02  # of the first weights of a head, as in BERT


@dataclass(frozen=True)
class Course:
    """Settings of a training: judgement within what is usual for encoders of this size; `rate` tried on the
    editorials 1 to 8. rounds: times that the corpus is read; closing_rounds: times that it is read with what was
    held out, in steps `closing_pace` times as large; batch: sentences a step; rate and head_rate: largest steps of the
    encoder and of the heads; warming: share of the steps until then; smoothing: share of the target that is spread over
    all labels; of_options: weight of the kind of option beside topic and side; dropped: share of outputs taken out;
    decay: of the tables' weights, a step of 1.
    """

    rounds: int = 2
    closing_rounds: int = 2
    closing_pace: float = 0.5
    batch: int = 32
    rate: float = 1.5e-4
    head_rate: float = 2e-3
    warming: float = 0.1
    smoothing: float = 0.1
    of_options: float = 1.0
    dropped: float = 0.1
    decay: float = 0.01
    seed: int = 20241215

    def closing(self) -> Course:
        """The course of the closing rounds."""
        return replace(
            self,
            rounds=self.closing_rounds,
            rate=self.rate * self.closing_pace,
            head_rate=self.head_rate * self.closing_pace,
            seed=self.seed + 1,
        )


FURTHER = Course(rounds=1, rate=7.5e-5, head_rate=1e-3)  # for new hands; judgement


def labels_of(sentences: Sequence[Labelled]) -> tuple[Label, ...]:
    """All labels that occur."""
    return tuple(sorted({one.label for one in sentences}))


def kinds_of(sentences: Sequence[Labelled]) -> tuple[str, ...]:
    """All kinds of options that occur."""
    return tuple(sorted({one.option for one in sentences} - {""}))


def trained(
    start: Encoder,
    sentences: Sequence[Labelled],
    labels: Sequence[Label],
    kinds: Sequence[str],
    course: Course,
    told: Callable[[int, int], None] | None = None,
) -> Encoder:
    """An encoder with heads for the labels and the kinds of options, its own where it has them; rarer ones are weighed
    up, and a sentence whose kind of option is not told teaches nothing of it.

    told: hears of each step.
    """
    import jax
    import jax.numpy as jnp

    library = Library(jnp, jax.scipy.special.erf, jax.nn.softmax)
    told_labels = _Wanted.of([labels.index(one.label) for one in sentences])
    told_kinds = _Wanted.of([kinds.index(one.option) if one.option else UNTOLD for one in sentences])
    rows = start.places([(one.text, one.before) for one in sentences])
    dice = np.random.Generator(np.random.Philox(course.seed))
    width = start.weights["places.weight"].shape[1]
    values: dict[str, Any] = {name: jnp.asarray(table) for name, table in start.weights.items()}
    for head, names in ((HEAD, labels), (OPTIONS, kinds)):
        if f"{head}.weight" not in values:
            first = dice.normal(scale=_SPREAD, size=(len(names), 2 * width))
            values[f"{head}.weight"] = jnp.asarray(first, jnp.float32)
            values[f"{head}.bias"] = jnp.zeros(len(names), jnp.float32)

    def cost(values: Any, head: str, seen: Any, wanted: Any, weight: Any) -> Any:
        shares = jax.nn.log_softmax(through(values, head, seen))
        own = jnp.take_along_axis(shares, wanted[:, None], axis=1)[:, 0]
        each = -(1.0 - course.smoothing) * own - course.smoothing * shares.mean(axis=1)
        return (each * weight).mean()

    def loss(values: Any, lines: Any, label: Any, kind: Any, key: Any) -> Any:
        keys = iter(jax.random.split(key, 64))

        def drop(some: Any) -> Any:
            kept = jax.random.bernoulli(next(keys), 1.0 - course.dropped, some.shape)
            return some * kept / (1.0 - course.dropped)

        seen = outputs(values, lines, library, drop)
        return cost(values, HEAD, seen, *label) + course.of_options * cost(values, OPTIONS, seen, *kind)

    @jax.jit
    def step(values: Any, first: Any, second: Any, at: Any, pace: Any, lines: Any, *rest: Any) -> Any:
        slopes = jax.grad(loss)(values, lines, *rest)
        size = jnp.sqrt(sum((slope**2).sum() for slope in slopes.values()))
        new: tuple[dict[str, Any], dict[str, Any], dict[str, Any]] = ({}, {}, {})
        for name, value in values.items():
            slope = slopes[name] * jnp.minimum(
                1.0, 1.0 / size
            )  # no step longer than 1, as usual for such encoders
            one = 0.9 * first[name] + 0.1 * slope
            two = 0.999 * second[name] + 0.001 * slope**2
            way = one / (1.0 - 0.9**at) / (jnp.sqrt(two / (1.0 - 0.999**at)) + 1e-8)
            rate = course.head_rate if name.startswith((HEAD, OPTIONS)) else course.rate
            way = way + (course.decay * value if value.ndim > 1 else 0.0)
            for kept, number in zip(new, (value - pace * rate * way, one, two), strict=True):
                kept[name] = number
        return new

    zero = {name: jnp.zeros_like(value) for name, value in values.items()}
    state: Any = (values, zero, zero)
    lots = list(_lots(rows, course, dice))
    warm = course.warming * len(lots)
    key = jax.random.key(course.seed)
    for at, (length, some) in enumerate(lots, start=1):
        pace = at / warm if at < warm else (len(lots) - at) / max(1.0, len(lots) - warm)
        lines = lined_up([rows[place] for place in some], length)
        keyed = jax.random.fold_in(key, at)
        state = step(*state, float(at), pace, lines, told_labels.at(some), told_kinds.at(some), keyed)
        if told is not None:
            told(at, len(lots))
    return Encoder(start.pieces, {name: np.asarray(value) for name, value in state[0].items()})


@dataclass(frozen=True)
class _Wanted:
    """What each sentence is to be taken for, and how much it weighs: rarer ones more, untold ones nothing."""

    places: NDArray[np.int64]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, places: Sequence[int]) -> _Wanted:
        known = np.array(places)
        is_told = known != UNTOLD
        known = np.where(is_told, known, 0)
        weights = np.where(is_told, 1.0 / np.sqrt(np.bincount(known[is_told], minlength=1)[known]), 0.0)
        return cls(known, (weights / weights[is_told].mean()).astype(np.float32))

    def at(self, some: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        return self.places[some], self.weights[some]


def _lots(
    rows: Sequence[tuple[list[int], int]], course: Course, dice: np.random.Generator
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Length and sentences of each step, in random order; what does not fill a step waits for the next round."""
    for _ in range(course.rounds):
        lots = []
        for length, inside in by_length(rows).items():
            mixed = dice.permutation(np.array(inside))
            lots += [
                (length, mixed[start : start + course.batch])
                for start in range(0, len(mixed) - course.batch + 1, course.batch)
            ]
        yield from (lots[at] for at in dice.permutation(len(lots)))


def corpus_mark(sentences: Sequence[Labelled]) -> str:
    """A hash of the corpus, so that a reader trained on another one is noticed."""
    plain = json.dumps([(one.text, *one.label, one.option, one.register, one.before) for one in sentences])
    return hashlib.sha256(plain.encode()).hexdigest()


def train(
    start: Encoder,
    sentences: Sequence[Labelled],
    path: Path,
    course: Course | None = None,
    held_out: frozenset[str] = HELD_OUT,
    told: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Train, calibrate and write a reader; returns what the file says of its training."""
    course = course or Course()
    labels, kinds = labels_of(sentences), kinds_of(sentences)
    seen = [one for one in sentences if one.register not in held_out]
    unseen = [one for one in sentences if one.register in held_out]
    first = trained(start, seen, labels, kinds, course, told)
    curves, context = calibrated(first, unseen, labels, kinds, context_of(seen, labels))
    encoder = trained(first, sentences, labels, kinds, course.closing(), told)
    about = _about(sentences, held_out, curves)
    keep(encoder, context, about, path)
    return about


def extend(
    reader: SecondReader,
    sentences: Sequence[Labelled],
    new: frozenset[str],
    path: Path,
    course: Course | None = None,
    held_out: frozenset[str] = HELD_OUT,
    told: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Teach a reader new registers, with as many sentences drawn from the others, and take the mean of its weights
    before and after, so that it forgets little (Wortsman and others 2022).

    The new registers that are held out are not read; it is calibrated on them. Returns what the file says of its
    training. Raises UsageError where the corpus has other labels than the reader.
    """
    course = course or FURTHER
    labels, kinds = labels_of(sentences), kinds_of(sentences)
    if not new <= {one.register for one in sentences} or not new & held_out or not new - held_out:
        raise UsageError(
            f"the reader cannot be taught {', '.join(sorted(new))}",
            path="--add",
            expected="hands of the corpus, at least one of them held out and one not",
            next_step=f"Name one of {', '.join(sorted(held_out))} too, or add a hand to HELD_OUT.",
        )
    if labels != reader.labels:
        raise UsageError(
            "the corpus has other labels than the reader",
            path="--add",
            expected="the same topics and sides",
            next_step="Train a reader anew from the published weights.",
        )
    weights = dict(reader.encoder.weights)
    if kinds != reader.options:
        weights = {name: table for name, table in weights.items() if not name.startswith(OPTIONS)}
    fresh = [one for one in sentences if one.register in new - held_out]
    known = [one for one in sentences if one.register not in new]
    dice = np.random.Generator(np.random.Philox(course.seed))
    drawn = [known[at] for at in dice.permutation(len(known))[: len(fresh)]]
    taught = trained(
        Encoder(reader.encoder.pieces, weights), [*fresh, *drawn], labels, kinds, course, told
    ).weights
    encoder = Encoder(
        reader.encoder.pieces,
        {name: (table + weights[name]) / 2 if name in weights else table for name, table in taught.items()},
    )
    return weigh(encoder, sentences, labels, kinds, path, new & held_out)


def weigh(
    encoder: Encoder,
    sentences: Sequence[Labelled],
    labels: Sequence[Label],
    kinds: Sequence[str],
    path: Path,
    held_out: frozenset[str],
) -> dict[str, Any]:
    """Learn what stands around a stretch, calibrate an encoder on what it has not read, and write a reader."""
    seen = [one for one in sentences if one.register not in held_out]
    unseen = [one for one in sentences if one.register in held_out]
    curves, context = calibrated(encoder, unseen, labels, kinds, context_of(seen, labels))
    about = _about(sentences, held_out, curves)
    keep(encoder, context, about, path)
    return about


def context_of(sentences: Sequence[Labelled], labels: Sequence[Label]) -> Context:
    """What the editorials among some sentences teach of what stands around a stretch.

    A label is weighed by the inverse root of its number while the encoder is taught (`_Wanted`), so that its scores
    stand for shares that go with the root.
    """
    numbers = Counter(one.label for one in sentences)
    roots = np.sqrt([max(numbers[label], 1) for label in labels])
    texts = [[sentences[at].label for at in text] for text in editorials(sentences)]
    return learned_context(texts, labels, roots / roots.sum())


def _about(
    sentences: Sequence[Labelled], held_out: frozenset[str], curves: Mapping[str, Any]
) -> dict[str, Any]:
    """What a reader's file says of its training."""
    return {
        "corpus": corpus_mark(sentences),
        "sentences": len(sentences),
        "registers": len({one.register for one in sentences}),
        "held_out": sorted(held_out),
        **curves,
        "labels": labels_of(sentences),
        "options": kinds_of(sentences),
    }


def keep(encoder: Encoder, context: Context, about: Mapping[str, Any], path: Path) -> None:
    """Write a reader: what it is, its pieces of words, its weights, what it knows of the text around."""
    np.savez_compressed(
        path,
        about=np.array(json.dumps(about)),
        vocabulary=np.array("\n".join(encoder.pieces.vocabulary)),
        **{f"{CONTEXT}{name}": table for name, table in context.tables().items()},  # type: ignore[arg-type]
        **packed(encoder.weights),  # type: ignore[arg-type]
    )


def _main() -> None:
    from rich.progress import Progress

    parser = argparse.ArgumentParser(prog="python -m excomm.audit.training")
    parser.add_argument("weights", nargs="?", type=Path, help="wheel or folder with the published weights")
    parser.add_argument("--add", nargs="+", metavar="HAND", help="registers to teach the reader as shipped")
    parser.add_argument("--weigh", action="store_true", help="only learn the text around and calibrate again")
    asked = parser.parse_args()
    if (asked.weights is not None) + (asked.add is not None) + asked.weigh != 1:
        parser.error("give either the published weights or --add or --weigh")
    sentences = labelled_sentences()
    path = Path(str(files("excomm.audit"))).joinpath("reader.npz")
    with Progress() as progress:
        row = progress.add_task("training")

        def told(done: int, steps: int) -> None:
            progress.update(row, completed=done, total=steps)

        if asked.weigh:
            reader = second_reader()
            held_out = frozenset(reader.about["held_out"])
            about = weigh(reader.encoder, sentences, reader.labels, reader.options, path, held_out)
        elif asked.add is not None:
            about = extend(second_reader(), sentences, frozenset(asked.add), path, told=told)
        else:
            about = train(published(asked.weights), sentences, path, told=told)
    print(json.dumps(about, indent=1))


if __name__ == "__main__":
    _main()
