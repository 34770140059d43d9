"""No-U-turn sampling with NumPyro, loaded only when a fit needs it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from excomm.errors import UsageError

__all__ = ["Draws", "require_numpyro", "sample_posterior"]

Array = npt.NDArray[np.float64]
WARMUP = 500
DRAWS = 2000
CHAINS = 2


@dataclass(frozen=True)
class Draws:
    """Draws by site, shape (chains, draws, ...), and the number of divergent transitions."""

    sites: Mapping[str, Array]
    divergences: int

    def flat(self, name: str) -> Array:
        """Draws of one site over all chains, shape (draws, ...)."""
        values = self.sites[name]
        return values.reshape(-1, *values.shape[2:])


def require_numpyro() -> Any:
    """The NumPyro package, or an error that says how to get it."""
    try:
        import numpyro
    except ImportError as error:
        raise UsageError(
            "this calibration needs NumPyro, which is not installed",
            expected="the `calibrate` extra",
            next_step="Run `pip install excomm[calibrate]`.",
        ) from error
    return numpyro


def sample_posterior(
    model: Callable[..., None],
    *arguments: Any,
    seed: int = 0,
    progress: str | None = None,
    draws: int = DRAWS,
    warmup: int = WARMUP,
) -> Draws:
    """NUTS in double precision, `CHAINS` chains one after the other; progress: label for stderr."""
    require_numpyro()
    import jax
    from numpyro.infer import MCMC, NUTS

    if progress:
        print(f"{progress}: sampling {CHAINS} x {warmup + draws} steps", file=sys.stderr, flush=True)
    with jax.enable_x64(True):
        sampler = MCMC(
            NUTS(model, target_accept_prob=0.95),
            num_warmup=warmup,
            num_samples=draws,
            num_chains=CHAINS,
            chain_method="sequential",
            progress_bar=False,
        )
        sampler.run(jax.random.key(seed), *arguments, extra_fields=("diverging",))
        sites = {name: np.asarray(values, dtype=float) for name, values in sampler.get_samples(True).items()}
        diverging = int(np.asarray(sampler.get_extra_fields()["diverging"]).sum())
    return Draws(sites, diverging)
