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


def weekly_claims(log_claims: Any) -> None:
    """Claims per week: a random walk of the log level under independent noise."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    n = log_claims.shape[0]
    walk_sd = numpyro.sample("walk_sd", dist.HalfNormal(0.1))  # a week moves the level by up to a fifth
    noise_sd = numpyro.sample("noise_sd", dist.HalfNormal(0.15))
    start = numpyro.sample("start", dist.Normal(log_claims[0], 0.5))
    with numpyro.plate("weeks", n - 1):
        step = numpyro.sample("step", dist.Normal(0.0, 1.0))
    level = start + jnp.concatenate([jnp.zeros(1), walk_sd * jnp.cumsum(step)])
    numpyro.deterministic("level", level)
    numpyro.sample("claims", dist.Normal(level, noise_sd), obs=log_claims)


def front_gain(root_gain: Any) -> None:
    """Signed square root of the weekly gain: mean plus a first-order autoregression plus noise.

    The latent series is integrated out: the observations are jointly normal with covariance
    persistent^2 memory^|i-j| + noise^2 [i = j].
    """
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    n = root_gain.shape[0]
    mean = numpyro.sample("mean", dist.Normal(6.0, 6.0))  # 36 km2/week, 90 % -15 to 250
    persistent = numpyro.sample("persistent", dist.HalfNormal(4.0))
    noise = numpyro.sample("noise", dist.HalfNormal(4.0))
    memory = numpyro.sample("memory", dist.Beta(4.0, 1.5))
    lag = jnp.abs(jnp.arange(n)[:, None] - jnp.arange(n)[None, :])
    covariance = persistent**2 * memory**lag + (noise**2 + 1e-6) * jnp.eye(n)
    numpyro.sample("gain", dist.MultivariateNormal(mean * jnp.ones(n), covariance), obs=root_gain)
