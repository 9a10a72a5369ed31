"""exp, log, log1p, expm1, sqrt and softplus of floats, JAX arrays or ball-arithmetic numbers.

A formula of the paper is written once and evaluated three ways: in float64 for a plot, traced by
JAX for an attack, and in `flint.arb` balls for a certificate.
"""

import flint
import jax
import jax.numpy as jnp


def exp(x):
    """e^x."""
    return x.exp() if isinstance(x, flint.arb) else jnp.exp(x)


def log(x):
    """Natural logarithm."""
    return x.log() if isinstance(x, flint.arb) else jnp.log(x)


def log1p(x):
    """ln(1 + x), accurate for small x."""
    return x.log1p() if isinstance(x, flint.arb) else jnp.log1p(x)


def expm1(x):
    """e^x − 1, accurate for small x."""
    return x.expm1() if isinstance(x, flint.arb) else jnp.expm1(x)


def sqrt(x):
    """Square root."""
    return x.sqrt() if isinstance(x, flint.arb) else jnp.sqrt(x)


def softplus(x):
    """ln(1 + e^x); on a ball from its two ends, since the function increases."""
    if not isinstance(x, flint.arb):
        return jax.nn.softplus(x)
    low, high = (
        end.max(flint.arb(0)) + (-abs(end)).exp().log1p() for end in (x.lower(), x.upper())
    )
    return low.union(high)
