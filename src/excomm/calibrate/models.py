"""The probabilistic models that are fitted by sampling. Each takes plain arrays; priors state their reason.

All priors are weak and wide relative to any published figure; where one matters it is a judgement.
"""

from __future__ import annotations

from typing import Any

__all__ = ["front_gain", "launches", "leak_shares", "weekly_claims"]


def leak_shares(leaked: Any, launched: Any, month: Any, months: int) -> None:
    """Leaks per attack: beta-binomial whose mean differs by month.

    logit mean_month ~ N(level, between^2); leaked ~ BetaBinomial(launched, mean phi, (1 - mean) phi).
    """
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from jax.nn import sigmoid

    level = numpyro.sample("level", dist.Normal(-1.0, 1.5))  # a share of .27, 90 % .03 to .81
    between = numpyro.sample(
        "between", dist.HalfNormal(0.7)
    )  # months differ by about a factor of two in odds
    log_spread = numpyro.sample("log_spread", dist.Normal(2.0, 1.2))  # phi about 7, 90 % 1 to 53
    with numpyro.plate("months", months):
        shift = numpyro.sample("shift", dist.Normal(0.0, 1.0))
    mean = sigmoid(level + between * shift)[month]
    spread = jnp.exp(log_spread)
    numpyro.sample("leaked", dist.BetaBinomial(mean * spread, (1 - mean) * spread, launched), obs=leaked)


def launches(counts: Any, weeks: Any) -> None:
    """Launches per week: negative binomial with a constant rate of growth; weeks: 0 now, negative before."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    log_middle = numpyro.sample(
        "log_middle", dist.Normal(3.0, 3.0)
    )  # of the middle week; nearly free of growth
    growth = numpyro.sample("growth", dist.Normal(0.0, 0.05))  # within a tenth a week
    log_size = numpyro.sample("log_size", dist.Normal(1.0, 1.5))
    numpyro.deterministic("log_now", log_middle - growth * weeks.mean())
    mean = jnp.exp(jnp.clip(log_middle + growth * (weeks - weeks.mean()), -20.0, 20.0))
    numpyro.sample("counts", dist.NegativeBinomial2(mean, jnp.exp(log_size)), obs=counts)


def _filtered(
    observed: Any, memory: Any, step_variance: Any, noise_variance: Any, mean: Any, variance: Any
) -> Any:
    """Kalman filter of level' = memory level + step, observed = level + noise; start: of the first level.

    Returns (log likelihood, mean and variance of the last level given all observations).
    """
    import jax.numpy as jnp
    from jax import lax

    def week(carry: Any, value: Any) -> Any:
        centre, spread, total = carry
        width = spread + noise_variance
        gap = value - centre
        total = total - 0.5 * (jnp.log(2 * jnp.pi * width) + gap**2 / width)
        gain = spread / width
        now, left = centre + gain * gap, spread * (1 - gain)
        return (memory * now, memory**2 * left + step_variance, total), (now, left)

    (_, _, total), (levels, left) = lax.scan(week, (mean, variance, 0.0 * variance), observed)
    return total, levels[-1], left[-1]


def weekly_claims(log_claims: Any) -> None:
    """Claims per week: a random walk of the log level under independent noise.

    The walk is integrated out by a Kalman filter.
    """
    import numpyro
    import numpyro.distributions as dist

    walk_sd = numpyro.sample("walk_sd", dist.HalfNormal(0.1))  # a week moves the level by up to a fifth
    noise_sd = numpyro.sample("noise_sd", dist.HalfNormal(0.15))
    total, level, left = _filtered(
        log_claims, 1.0, walk_sd**2, noise_sd**2 + 1e-8, log_claims[0], 0.25 + walk_sd**2
    )
    numpyro.factor("claims", total)
    numpyro.deterministic("level", level)
    numpyro.deterministic("level_variance", left)


def front_gain(root_gain: Any) -> None:
    """Signed square root of the weekly gain: mean plus a first-order autoregression plus noise.

    The latent series is integrated out by a Kalman filter.
    """
    import numpyro
    import numpyro.distributions as dist

    mean = numpyro.sample("mean", dist.Normal(6.0, 6.0))  # 36 km2/week, 90 % -15 to 250
    persistent = numpyro.sample("persistent", dist.HalfNormal(4.0))
    noise = numpyro.sample("noise", dist.HalfNormal(4.0))
    memory = numpyro.sample("memory", dist.Beta(4.0, 1.5))
    step = persistent**2 * (1 - memory**2)
    total, _, _ = _filtered(root_gain - mean, memory, step, noise**2 + 1e-6, 0.0 * mean, persistent**2)
    numpyro.factor("gain", total)
