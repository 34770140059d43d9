"""The one configuration of the evidence room: `credibility.yaml`, loaded once, with its hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

__all__ = ["Credibility", "Letter", "default_credibility", "load_resource"]


@dataclass(frozen=True)
class Letter:
    """Track record: P(asserts | true), P(asserts | false), pseudo-count of the Beta laws behind both."""

    hit: float
    false_alarm: float
    weight: float


@dataclass(frozen=True)
class Credibility:
    """`credibility.yaml` as an object; `raw` holds the rest under its own keys."""

    letters: dict[str, Letter]
    scales: dict[str, dict[str, tuple[float, float, float]]]
    raw: dict[str, Any]
    hash: str

    def number(self, *keys: str) -> float:
        """One number by its path, such as `number("cap", "log_lr")`."""
        value: Any = self.raw
        for key in keys:
            value = value[key]
        return float(value["value"] if isinstance(value, dict) else value)


def load_resource(name: str) -> str:
    """Text of a data file of this room."""
    return files("excomm.evidence").joinpath(name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def default_credibility() -> Credibility:
    """The shipped configuration."""
    text = load_resource("credibility.yaml")
    raw: dict[str, Any] = yaml.safe_load(text)
    letters = {
        key: Letter(float(value["hit"]), float(value["false_alarm"]), float(value["weight"]))
        for key, value in raw["letters"].items()
        if key != "source"
    }
    scales = {
        scale: {
            word: (float(low), float(mid), float(high))
            for word, (low, mid, high) in ((k, v) for k, v in words.items() if k != "source")
        }
        for scale, words in raw["scales"].items()
    }
    return Credibility(letters, scales, raw, hashlib.sha256(text.encode()).hexdigest()[:12])
