"""The objects of Section 5: measures on parameters, the convex objective and its first variation.

For 2-homogeneous Φ: ℝ^D → ℝᵏ and V: ℝ^D → ℝ (D = d + 1), convex R, and a measure ρ ≥ 0 on ℝ^D,

    a[ρ] = ∫Φ dρ,    L[ρ] = R(a[ρ]) + ∫V dρ,    g_ρ(θ) = ⟨∇R(a[ρ]), Φ(θ)⟩ + V(θ),    v_ρ = −∇g_ρ.

All of these depend on ρ only through its projection ν on the sphere, which puts mass·r² at θ/r.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial
from jaxtyping import Array, Float

from margintheory import validate
from margintheory.arrays import ArrayLike, Leaf, Numbers, Reals
from margintheory.networks import pytree

GOLDEN = (1 + 5**0.5) / 2


class Atoms(NamedTuple):
    """The measure ρ = Σ_j mass_j δ_{θ_j} with mass_j ≥ 0."""

    theta: Float[Leaf, "m D"]
    mass: Float[Leaf, " m"]


@pytree
@dataclasses.dataclass(frozen=True)
class Problem:
    """Φ: (D,) → (k,) and V: (D,) → (), both 2-homogeneous, and a convex R: (k,) → ().

    Each is a function of JAX arrays. What is bound by `jax.tree_util.Partial` (data, λ) is an array
    that `vmap` and `grad` see. Φ and V must be differentiable off 0 (Assumption 5.1) where a flow
    is computed. Raises ValueError for what is not a function; shapes are checked where the problem
    meets a measure, and Φ(2θ) = 4Φ(θ), V(2θ) = 4V(θ) at three points where a flow starts.
    """

    Phi: Callable[..., Any]
    V: Callable[..., Any]
    R: Callable[..., Any]

    def __post_init__(self):
        for name, f in vars(self).items():
            if not callable(f):
                raise ValueError(f"{name} must be a function of JAX arrays, got {f!r}.")
            object.__setattr__(self, name, f if isinstance(f, Partial) else Partial(f))

    def fits(self, D: int) -> None:
        """Raises ValueError unless Φ: (D,) → (k,), V: (D,) → () and R: (k,) → ()."""
        theta = jax.ShapeDtypeStruct((D,), float)
        Phi = _shape("Phi", self.Phi, theta)
        if len(Phi.shape) != 1:
            raise ValueError(f"Phi must map ({D},) to (k,), but its value has shape {Phi.shape}.")
        for name, f, argument in (("V", self.V, theta), ("R", self.R, Phi)):
            if (value := _shape(name, f, argument)).shape:
                raise ValueError(f"{name} must be a number, but its value has shape {value.shape}.")

    def homogeneous(self, D: int) -> None:
        """Raises ValueError if Φ or V is not 2-homogeneous, to a relative 1e-9 at three points."""
        self.fits(D)
        for name, f in (("Phi", self.Phi), ("V", self.V)):
            for theta in np.random.default_rng(0).normal(size=(3, D)):
                once, twice = f(theta), f(2 * theta)
                error, size = jnp.abs(twice - 4 * once).max(), jnp.abs(4 * once).max()
                if isinstance(error, jax.core.Tracer) or error <= HOMOGENEITY * size:
                    continue
                raise ValueError(
                    f"{name} is not 2-homogeneous: {name}(2θ) = {twice}, but 4 {name}(θ) = "
                    f"{4 * once} at θ = {theta}; the flow on the sphere needs equality."
                )


HOMOGENEITY = 1e-9


def _shape(name, f, argument):
    try:
        return jax.eval_shape(lambda x: jnp.asarray(f(x)), argument)
    except Exception as error:
        raise ValueError(f"{name} fails at an array of shape {argument.shape}: {error}") from error


def two_layer(
    X: Reals[ArrayLike, "n d"],
    y: Reals[ArrayLike, " n"],
    lam: Reals[ArrayLike, ""],
    smoothing: Reals[ArrayLike, ""],
) -> Problem:
    """Example 5.2: the logistic loss of a two-layer network with units θ = (w, u), V = λ‖θ‖².

    Φ_i(w, u) = (w/2)(u·x_i + √((u·x_i)² + s²‖θ‖²)) is 2-homogeneous, smooth off 0, and tends to
    w relu(u·x_i) as the smoothing s falls to 0; s = 0 is the relu itself, which is not
    differentiable. Raises ValueError for wrong data or labels, λ ≤ 0 or s < 0.
    """
    X, y = validate.binary_training_set(X, y)
    l, s = positive(lam, "lam"), nonnegative(smoothing, "smoothing")
    relu = not isinstance(s, jax.core.Tracer) and s == 0
    Phi = Partial(_relu, X) if relu else Partial(_smoothed_relu, X, s)
    return Problem(Phi, Partial(_square, l), Partial(_logistic, y))


def _relu(X, theta):
    return theta[0] * jax.nn.relu(X @ theta[1:])


def _smoothed_relu(X, smoothing, theta):
    w, p = theta[0], X @ theta[1:]
    return w / 2 * (p + jnp.sqrt(p**2 + smoothing**2 * theta @ theta))


def _square(lam, theta):
    return lam * theta @ theta


def _logistic(y, a):
    return jnp.sum(jnp.logaddexp(0, -y * a))


def radial(A: float, lam: Reals[ArrayLike, ""]) -> Problem:
    """Φ(θ) = ‖θ‖², V = λ‖θ‖² and R(a) = √((A − a)² + 1) + A − a, the case where bounds are sharp.

    Here g is constant on the sphere and W² obeys the scalar equation s' = −4 g s + σ(1 − s),
    g = R'(s) + λ. The tangential gradient of Φ vanishes, its gradient does not.
    """
    V = Partial(_square, positive(lam, "lam"))
    return Problem(Partial(_radius), V, Partial(_hinge, validate.real(A, "A")))


def _radius(theta):
    return (theta @ theta)[None]


def _hinge(A, a):
    return jnp.sum(jnp.sqrt((A - a) ** 2 + 1) + A - a)


# ---------------------------------------------------------------------------------------------
# Functionals of a measure
# ---------------------------------------------------------------------------------------------


def mean_features(problem: Problem, rho: Atoms) -> Float[Array, " k"]:
    """a[ρ] = ∫Φ dρ."""
    rho = measure(rho)
    problem.fits(rho.theta.shape[1])
    return rho.mass @ jax.vmap(problem.Phi)(rho.theta)


def objective(problem: Problem, rho: Atoms) -> Float[Array, ""]:
    """L[ρ] = R(a[ρ]) + ∫V dρ."""
    rho = measure(rho)
    return problem.R(mean_features(problem, rho)) + rho.mass @ jax.vmap(problem.V)(rho.theta)


def variation(problem: Problem, rho: Atoms, theta: Reals[ArrayLike, "m D"]) -> Float[Array, " m"]:
    """g_ρ = L'[ρ], the first variation, at each row of θ."""
    theta = _beside(rho, theta)
    r = jax.grad(problem.R)(mean_features(problem, rho))
    return jax.vmap(problem.Phi)(theta) @ r + jax.vmap(problem.V)(theta)


def velocity(problem: Problem, rho: Atoms, theta: Reals[ArrayLike, "m D"]) -> Float[Array, "m D"]:
    """v_ρ(θ) = −∇g_ρ(θ) at each row of θ; it is 0 at θ = 0."""
    nonzero, theta = away_from_zero(_beside(rho, theta))
    r = jax.grad(problem.R)(mean_features(problem, rho))
    g = lambda t: problem.Phi(t) @ r + problem.V(t)  # noqa: E731
    return -jax.vmap(jax.grad(g))(theta) * nonzero[:, None]


def _beside(rho, theta):
    """Points θ in the space of the measure."""
    theta, D = jnp.asarray(validate.finite_array(theta, "theta", ndim=2)), np.shape(rho[0])[-1]
    if theta.shape[1] != D:
        raise ValueError(f"the rows of theta have {theta.shape[1]} entries, those of rho {D}.")
    return theta


def second_moment(rho: Atoms) -> Float[Array, ""]:
    """W² = ∫‖θ‖² dρ."""
    rho = measure(rho)
    return rho.mass @ jnp.sum(rho.theta**2, axis=1)


def dissipation(problem: Problem, rho: Atoms) -> Float[Array, ""]:
    """D = ∫‖v_ρ‖² dρ."""
    rho = measure(rho)
    return rho.mass @ jnp.sum(velocity(problem, rho, rho.theta) ** 2, axis=1)


def project(rho: Atoms) -> Atoms:
    """The projection ν of ρ on the sphere: mass·r² at θ/r; atoms at 0 get mass 0."""
    theta, mass = measure(rho)
    nonzero, theta = away_from_zero(theta)
    r = jnp.linalg.norm(theta, axis=1)
    return Atoms(theta / r[:, None], mass * r**2 * nonzero)


def away_from_zero(theta):
    """Which rows of θ are not 0, and θ with the other rows replaced by e_1.

    A 2-homogeneous Φ has zero gradient at 0, but a formula for it may say 0/0 there.
    """
    nonzero = jnp.any(theta != 0, axis=1)
    return nonzero, jnp.where(nonzero[:, None], theta, jnp.eye(1, theta.shape[1]))


# ---------------------------------------------------------------------------------------------
# The uniform distribution U on the sphere
# ---------------------------------------------------------------------------------------------


def spread(count: int, D: int) -> Float[np.ndarray, "count D"]:
    """`count` unit vectors spread evenly over S^{D−1}; their mean of a function approximates ∫ dU.

    Equal angles for D = 2, the Fibonacci lattice for D = 3, and for D ≥ 4 orthonormal frames in
    turned positions, each with its antipodes (any 2D of these integrate cubic polynomials exactly).
    Raises ValueError unless count and D are whole numbers of at least 1.
    """
    return _spread(validate.count(count, "count"), validate.count(D, "D"))


@functools.lru_cache
def _spread(count, D):
    i = np.arange(count) + 0.5
    angle: np.ndarray
    if D == 2:
        angle = 2 * np.pi * i / count
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    if D == 3:
        z, angle = 1 - 2 * i / count, 2 * np.pi * i / GOLDEN
        s = np.sqrt(1 - z**2)
        return np.stack([s * np.cos(angle), s * np.sin(angle), z], axis=1)
    normals = np.random.default_rng(0).normal(size=(-(-count // (2 * D)), D, D))
    frames, _ = np.linalg.qr(normals)
    return np.hstack([frames, -frames]).reshape(-1, D)[:count]


# ---------------------------------------------------------------------------------------------
# Input: like `validate`, but a number may be traced by JAX
# ---------------------------------------------------------------------------------------------


def measure(rho: Atoms) -> Atoms:
    """A finite measure with non-negative masses, one for each row of θ."""
    if not isinstance(rho, tuple | list) or len(rho) != 2:
        raise ValueError("a measure is Atoms(theta, mass), with one mass for each row of theta.")
    theta = validate.finite_array(rho[0], "theta", ndim=2)
    mass = validate.finite_array(rho[1], "mass", ndim=1)
    if len(theta) != len(mass):
        raise ValueError(f"{len(theta)} atoms but {len(mass)} masses; give one mass for each row.")
    if not isinstance(mass, jax.core.Tracer) and (mass < 0).any():
        raise ValueError(f"masses must not be negative, but one is {mass.min():g}.")
    return Atoms(jnp.asarray(theta), jnp.asarray(mass))


def nonnegative(value: ArrayLike, name: str) -> Float[Numbers, ""]:
    """A finite number that is not negative."""
    number = validate.finite_array(value, name, ndim=0)
    if not isinstance(number, jax.core.Tracer) and number < 0:
        raise ValueError(f"{name} must not be negative, got {number:g}.")
    return number


def positive(value: ArrayLike, name: str) -> Float[Numbers, ""]:
    """A finite number greater than zero."""
    number = validate.finite_array(value, name, ndim=0)
    if not isinstance(number, jax.core.Tracer) and number <= 0:
        raise ValueError(f"{name} must be positive, got {number:g}.")
    return number
