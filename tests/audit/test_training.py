"""Training of the second reader, on a small encoder and a small corpus."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from excomm.audit import published_weights
from excomm.audit.calibration import logistic
from excomm.audit.corpus_text import Labelled
from excomm.audit.encoder import HEAD
from excomm.audit.learned import SecondReader
from excomm.audit.published_weights import published
from excomm.audit.training import (
    Course,
    corpus_mark,
    extend,
    kinds_of,
    labels_of,
    train,
    trained,
)
from excomm.errors import UsageError

from .small_encoder import small_encoder

COURSE = Course(rounds=12, batch=8, rate=5e-3, head_rate=2e-2)
SENTENCES = [
    Labelled(f"{text} {at}", *label, register)
    for register in ("a", "b", "c")
    for at in ("today", "again", "indeed", "here")
    for text, label in (
        ("many soldiers die", ("allied-losses", "higher", "")),
        ("few soldiers die", ("allied-losses", "lower", "")),
        ("send the army", ("conclude", "higher", "combat")),
        ("keep the aid", ("conclude", "higher", "aid")),
        ("a grey morning", ("none", "", "")),
    )
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("readers")
    for name in ("one", "other"):
        train(small_encoder(SENTENCES), SENTENCES, folder / f"{name}.npz", COURSE, frozenset({"c"}))
    return folder / "one.npz", folder / "other.npz"


def test_training_gives_the_same_reader_each_time(files: tuple[Path, Path]) -> None:
    with np.load(files[0]) as one, np.load(files[1]) as other:
        assert all(np.array_equal(one[name], other[name]) for name in one.files)


def share_right(reader: SecondReader, sentences: list[Labelled]) -> float:
    """Share of sentences, each by itself, whose topic is told."""
    heard = reader.hear([(one.text, "") for one in sentences])
    said = [reader.recognise(one).topic for one in heard]
    return float(np.mean([topic == one.topic for topic, one in zip(said, sentences, strict=True)]))


def test_a_reader_knows_what_it_was_taught(files: tuple[Path, Path]) -> None:
    reader = SecondReader(files[0], SENTENCES)
    assert reader.labels == labels_of(SENTENCES)
    heard = reader.hear([(one.text, "") for one in SENTENCES])
    assert share_right(reader, SENTENCES) > 0.95
    spoken = [
        (reader.options[int(np.argmax(said.kinds))], one.option)
        for said, one in zip(heard, SENTENCES, strict=True)
        if one.option
    ]
    assert np.mean([said == option for said, option in spoken]) > 0.95
    assert reader.about["corpus"] == corpus_mark(SENTENCES)
    assert reader.about["held_out"] == ["c"]
    assert reader.about["topics_right"] > 0.9


def test_a_reader_is_taught_new_hands_and_keeps_what_it_knew(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    """A new hand calls the same things by other words; another one, held out, as well."""
    new = [
        Labelled(f"{text} {at}", *label, register)
        for register in ("d", "e")
        for at in ("today", "again", "indeed", "here")
        for text, label in (
            ("graves abound", ("allied-losses", "higher", "combat")),
            ("march now", ("conclude", "higher", "combat")),
            ("rain again", ("none", "", "")),
        )
    ]
    sentences = [*SENTENCES, *new]
    reader = SecondReader(files[0], SENTENCES)
    about = extend(reader, sentences, frozenset({"d", "e"}), tmp_path / "more.npz", COURSE, frozenset({"e"}))
    assert about["held_out"] == ["e"]
    taught = SecondReader(tmp_path / "more.npz", sentences)
    assert taught.about["corpus"] == corpus_mark(sentences)
    for some in (SENTENCES, new):
        assert share_right(taught, some) > 0.95
    for unknown in ({"d"}, {"e"}, {"d", "e", "z"}):
        with pytest.raises(UsageError, match="cannot be taught"):
            extend(reader, sentences, frozenset(unknown), tmp_path / "none.npz", COURSE, frozenset({"e"}))
    others = [*sentences, Labelled("prices soar", "energy-price", "higher", "", "d")]
    with pytest.raises(UsageError, match="other labels"):
        extend(reader, others, frozenset({"d", "e"}), tmp_path / "none.npz", COURSE, frozenset({"e"}))


def test_a_register_that_is_held_out_is_not_learned_from() -> None:
    """Its labels are turned round; an encoder that had seen them would be torn."""
    turned = [
        Labelled(one.text, "conclude", "higher", "aid", "c") if one.topic == "none" else one
        for one in SENTENCES
        if one.register == "c"
    ]
    others = [one for one in SENTENCES if one.register != "c"]
    labels = labels_of([*others, *turned])
    encoder = trained(small_encoder(SENTENCES), others, labels, kinds_of(others), COURSE)
    seen = encoder.outputs([(one.text, "") for one in turned if one.text.startswith("a grey")])
    assert {labels[at] for at in encoder.scores(HEAD, seen).argmax(axis=1)} == {("none", "")}


def test_the_curve_of_confidence_is_logistic_regression() -> None:
    """A standard error of a slope at 4,000 points is .04; 5 of them are allowed (false alarm below 1 in 10^6)."""
    dice = np.random.default_rng(7)
    values = dice.normal(size=4000)
    right = dice.random(4000) < 1 / (1 + np.exp(-(0.5 + 1.2 * values)))
    assert np.allclose(logistic(values, right), [0.5, 1.2], atol=0.2)


def test_published_weights_are_read_from_a_wheel_and_from_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = {
        "embeddings.word_embeddings.weight": np.arange(6, dtype="<f4").reshape(3, 2),
        "embeddings.LayerNorm.bias": np.array([1, 2], dtype="<f4"),
        "encoder.layer.0.attention.output.dense.weight": np.array([[3, 4]], dtype="<f4"),
        "encoder.layer.0.intermediate.dense.bias": np.array([5], dtype="<f4"),
        "pooler.dense.bias": np.array([6], dtype="<f4"),
    }
    about, numbers = {}, b""
    for name, table in tables.items():
        about[name] = {
            "dtype": "F32",
            "shape": list(table.shape),
            "data_offsets": [len(numbers), len(numbers) + table.nbytes],
        }
        numbers += table.tobytes()
    head = json.dumps({"__metadata__": {"format": "pt"}, **about}).encode()
    tensors = len(head).to_bytes(8, "little") + head + numbers
    tmp_path.joinpath("model.safetensors").write_bytes(tensors)
    tmp_path.joinpath("vocab.txt").write_text("[CLS]\n[UNK]\n[SEP]\n", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "model.whl", "w") as wheel:
        for name in ("model.safetensors", "vocab.txt"):
            wheel.write(tmp_path / name, f"some/model/{name}")
    with pytest.raises(UsageError, match="not the weights"):
        published(tmp_path)
    monkeypatch.setattr(published_weights, "PUBLISHED", hashlib.sha256(tensors).hexdigest())
    for path in (tmp_path, tmp_path / "model.whl"):
        encoder = published(path)
        assert set(encoder.weights) == {"pieces.weight", "norm.bias", "0.joined.weight", "0.wide.bias"}
        assert np.array_equal(encoder.weights["pieces.weight"], tables["embeddings.word_embeddings.weight"])
        assert encoder.pieces.vocabulary == ("[CLS]", "[UNK]", "[SEP]")
