"""The arrays that analyses take: checked once, resampled by named streams, printed as plain JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from excomm.errors import AnalysisError, UsageError
from excomm.streams import generator

__all__ = [
    "Z90",
    "Better",
    "Floats",
    "as_json",
    "checked_ids",
    "finite",
    "resample_counts",
    "sign_of",
    "weighted_quantile",
    "wilson",
]

Floats = NDArray[np.float64]
Better = Literal["higher", "lower"]
Z90 = 1.645  # half width of a normal 90 % interval in standard errors


def finite(values: ArrayLike, name: str, dimensions: int) -> Floats:
    """The array in float64, refused when its shape or a value would make a result meaningless."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions:
        raise UsageError(
            f"{name} has {array.ndim} dimensions", expected=f"an array of {dimensions} dimensions"
        )
    if array.size == 0:
        raise UsageError(f"{name} is empty", expected="at least one draw")
    bad = int(np.count_nonzero(~np.isfinite(array)))
    if bad:
        raise AnalysisError(
            f"{name} holds {bad:,} values that are not finite, of {array.size:,}",
            expected="finite numbers only",
            next_step="Leave out the draws that failed; the manifest lists them.",
        )
    return array


def checked_ids(ids: Sequence[str], count: int, name: str) -> tuple[str, ...]:
    """The names of `count` things, refused when they do not match or repeat."""
    names = tuple(ids)
    if len(names) != count:
        raise UsageError(f"{len(names)} {name} are named", expected=f"{count}, one for each in the array")
    if len(set(names)) != len(names):
        twice = sorted({one for one in names if names.count(one) > 1})
        raise UsageError(f"{name} named twice: {', '.join(twice)}", expected="distinct names")
    return names


def sign_of(better: Better) -> float:
    """+1 where more is better, -1 where less is better."""
    if better not in ("higher", "lower"):
        raise UsageError(f"better is {better!r}", expected='"higher" or "lower"')
    return 1.0 if better == "higher" else -1.0


def resample_counts(draws: int, resamples: int, seed: int, name: str) -> Floats:
    """How often each draw appears in each bootstrap resample, shape (resamples, draws)."""
    chosen = generator(seed, f"analysis/{name}").integers(draws, size=(resamples, draws))
    flat = (chosen + np.arange(resamples)[:, None] * draws).ravel()
    return np.bincount(flat, minlength=resamples * draws).reshape(resamples, draws).astype(np.float64)


def weighted_quantile(values: Floats, level: float) -> float:
    """Quantile that keeps infinities: "beyond the range" stays beyond the range."""
    ordered = np.sort(values)
    return float(ordered[min(int(level * len(ordered)), len(ordered) - 1)])


def as_json(result: Any) -> Any:
    """A result (or a nest of them) as JSON values; not-a-number and infinities become null.

    Each frozen result also carries its `sentence`.
    """
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        fields = {field.name: as_json(getattr(result, field.name)) for field in dataclasses.fields(result)}
        if hasattr(result, "sentence"):
            fields["sentence"] = result.sentence
        return fields
    if isinstance(result, np.ndarray):
        return as_json(result.tolist())
    if isinstance(result, Mapping):
        return {str(key): as_json(value) for key, value in result.items()}
    if isinstance(result, list | tuple):
        return [as_json(value) for value in result]
    if isinstance(result, frozenset | set):
        return sorted(as_json(value) for value in result)
    if isinstance(result, np.generic):
        return as_json(result.item())
    if isinstance(result, float) and not np.isfinite(result):
        return None
    return result


def wilson(share: float, number: float) -> tuple[float, float]:
    """90 % interval of a share counted in so many draws, which may be an effective number (Wilson 1927)."""
    squared = Z90**2
    middle = (share + squared / (2 * number)) / (1 + squared / number)
    spread = share * (1 - share) / number + squared / (4 * number**2)
    reach = Z90 / (1 + squared / number) * float(np.sqrt(max(spread, 0.0)))
    return max(min(middle - reach, share), 0.0), min(max(middle + reach, share), 1.0)
