"""Positively homogeneous relu networks as pytrees: equation (3.1), Section 4 and Appendix B.

A network of depth K is homogeneous of degree a = K in its parameters: f(cΘ; x) = c^K f(Θ; x) for
every c > 0. A two-layer network is also a signed measure on the sphere, and back.
"""

import dataclasses
import functools
import itertools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from margintheory.arrays import ArrayLike, Leaf, Reals
from margintheory.domains import array
from margintheory.validate import count, finite_array, positive, real


def pytree(network: type) -> type:
    """Register a dataclass whose fields are parameters with JAX.

    JAX rebuilds pytrees from batches, tracers and placeholders, so this bypasses the constructor
    and its checks.
    """
    names = [field.name for field in dataclasses.fields(network)]

    def flatten(net):
        return [getattr(net, name) for name in names], None

    def unflatten(_, leaves):
        net = object.__new__(network)
        for name, leaf in zip(names, leaves, strict=True):
            object.__setattr__(net, name, leaf)
        return net

    jax.tree_util.register_pytree_node(network, flatten, unflatten)
    return network


@pytree
@dataclasses.dataclass(frozen=True)
class TwoLayer:
    """f(Θ; x) = Σ_j w_j relu(u_jᵀx), the two-layer network without bias (Section 4).

    `w: (m,)` holds the output weights and the rows of `U: (m, d)` the hidden ones. Calling it on
    `X: (n, d)` gives the scores `(n,)`. Raises ValueError if the shapes disagree.
    """

    w: Reals[Leaf, " m"]
    U: Reals[Leaf, "m d"]

    def __post_init__(self):
        w, U = finite_array(self.w, "w", ndim=1), finite_array(self.U, "U", ndim=2)
        if len(w) != len(U):
            raise ValueError(f"a network has one w for each row of U, got {len(w)} and {len(U)}.")
        object.__setattr__(self, "w", jnp.asarray(w))
        object.__setattr__(self, "U", jnp.asarray(U))

    def __call__(self, X: Reals[ArrayLike, "n d"]) -> Float[Array, " n"]:
        return jax.nn.relu(_inputs(X, self.U) @ self.U.T) @ self.w

    @property
    def degree(self) -> int:
        """The degree of homogeneity, a = 2."""
        return 2

    @property
    def norm_squared(self) -> Float[Array, ""]:
        """‖Θ‖² = Σ_j w_j² + ‖u_j‖²."""
        return jnp.sum(self.w**2) + jnp.sum(self.U**2)


@pytree
@dataclasses.dataclass(frozen=True)
class Deep:
    """f(Θ; x) = W_K relu(W_{K−1} ⋯ relu(W_1 x)), the depth-K network of equation (3.1).

    `weights` are the matrices W_1, …, W_K with `W_k: (m_k, m_{k−1})` and m_0 = d. Calling it on
    `X: (n, d)` gives the scores `(n, l)`, or `(n,)` when the last layer has a single row. Raises
    ValueError if consecutive shapes disagree or there are fewer than two layers.
    """

    weights: tuple[Reals[Leaf, "_ _"], ...]

    def __post_init__(self):
        if not isinstance(self.weights, list | tuple):
            raise ValueError("a deep network is made of a tuple of weight matrices.")
        weights = [finite_array(W, f"W_{k}", ndim=2) for k, W in enumerate(self.weights, start=1)]
        if len(weights) < 2:
            raise ValueError("a deep network needs at least two weight matrices.")
        if any(len(below) != above.shape[1] for below, above in itertools.pairwise(weights)):
            shapes = [W.shape for W in weights]
            raise ValueError(f"consecutive layers do not fit: the shapes are {shapes}.")
        object.__setattr__(self, "weights", tuple(map(jnp.asarray, weights)))

    def __call__(self, X: Reals[ArrayLike, "n d"]) -> Float[Array, "n l"] | Float[Array, " n"]:
        *hidden, last = self.weights
        h = _inputs(X, self.weights[0])
        for W in hidden:
            h = jax.nn.relu(h @ W.T)
        scores = h @ last.T
        return scores[:, 0] if len(last) == 1 else scores

    @property
    def degree(self) -> int:
        """The degree of homogeneity, a = K."""
        return len(self.weights)

    @property
    def norm_squared(self) -> Float[Array, ""]:
        """‖Θ‖² = Σ_k ‖W_k‖_F²."""
        return sum((jnp.sum(W**2) for W in self.weights), start=jnp.zeros(()))


Network = TwoLayer | Deep


def _inputs(X, first):
    """Points with as many coordinates as the first layer has columns."""
    X = array(X, "X", ndim=2)
    if X.shape[1] != first.shape[1]:
        raise ValueError(f"the network takes points in ℝ^{first.shape[1]}, X has shape {X.shape}.")
    return X


def scaled(net: Network, c: Any) -> Network:
    """The network with parameters cΘ. Raises ValueError unless c is a finite number."""
    if np.ndim(c):
        raise ValueError(f"c must be one number, got shape {np.shape(c)}.")
    c = c if isinstance(c, jax.Array) else real(c, "c")
    return jax.tree.map(lambda W: c * W, net)


def normalised(net: Network) -> Network:
    """The network with parameters Θ̄ = Θ/‖Θ‖ (zero parameters stay zero)."""
    net, _ = moderate(net)
    norm = jnp.sqrt(net.norm_squared)
    return scaled(net, jnp.where(norm > 0, 1 / jnp.where(norm > 0, norm, 1.0), 0.0))


def moderate(net: Any) -> tuple[Any, Int[Array, ""]]:
    """2^{−e}Θ and the exponent e that brings its greatest parameter into [½, 1).

    That is exact, and then ‖Θ‖² neither underflows nor overflows.
    """
    greatest = [jnp.max(jnp.abs(W)) for W in jax.tree.leaves(net)]
    exponent = _exponent(functools.reduce(jnp.maximum, greatest))
    return _shifted(net, -exponent), exponent


def _shifted(net, exponent):
    return jax.tree.map(lambda W: jnp.ldexp(W, exponent), net)


def _exponent(size):
    return jnp.frexp(jax.lax.stop_gradient(size))[1]


def _length(rows):
    """‖u‖ for the vectors along the last axis; their squares neither underflow nor overflow."""
    exponent = _exponent(jnp.max(jnp.abs(rows), axis=-1))
    return jnp.ldexp(jnp.linalg.norm(jnp.ldexp(rows, -exponent[..., None]), axis=-1), exponent)


def measured_degree(net: Network, X: Reals[ArrayLike, "n d"], c: float = 2.0) -> float:
    """The degree of homogeneity seen on data: log_c of ‖f(cΘ; X)‖ / ‖f(Θ; X)‖.

    Raises ValueError if the network is zero on every row of `X`, where any degree would do, and
    unless c is positive and not 1.
    """
    if positive(c, "c") == 1:
        raise ValueError("c = 1 measures no degree; take another factor, such as 2.")
    before, after = (float(jnp.linalg.norm(f(X))) for f in (net, scaled(net, c)))
    if before == 0:
        raise ValueError("the network vanishes on these points, so no degree can be measured.")
    return math.log(after / before) / math.log(c)


def balanced(net: Network) -> Network:
    """The same function with equal layer norms, which makes ‖Θ‖ no larger (Proposition 3.1).

    A two-layer network is balanced neuron by neuron, |w_j| = ‖u_j‖: no rescaling of its neurons
    has a smaller norm. A deep one is balanced layer by layer, ‖W_k‖_F = (Π_j ‖W_j‖_F)^{1/K}.
    """
    if isinstance(net, TwoLayer):
        small, exponent = moderate(net)
        return _shifted(from_measure(*to_measure(small)), exponent)
    norms = jnp.stack([_length(W.ravel()) for W in net.weights])
    common = jnp.prod(norms ** (1 / net.degree))
    factors = jnp.where(norms > 0, common / jnp.where(norms > 0, norms, 1.0), 0.0)
    return Deep(tuple(c * W for c, W in zip(factors, net.weights, strict=True)))


def widen(net: Network, widths: int | tuple[int, ...]) -> Network:
    """The same function with hidden layers of the given widths, padded by zeros (Theorem 3.3).

    Raises ValueError if a width is smaller than the network's own or the number of widths is not
    the number of hidden layers.
    """
    widths = tuple(count(width, "a width") for width in np.atleast_1d(widths))
    hidden = [len(net.U)] if isinstance(net, TwoLayer) else [len(W) for W in net.weights[:-1]]
    if len(widths) != len(hidden) or any(
        new < old for new, old in zip(widths, hidden, strict=False)
    ):
        raise ValueError(f"cannot widen hidden layers {hidden} to {list(widths)}.")
    if isinstance(net, TwoLayer):
        extra = widths[0] - hidden[0]
        return TwoLayer(jnp.pad(net.w, (0, extra)), jnp.pad(net.U, ((0, extra), (0, 0))))
    rows = (*widths, len(net.weights[-1]))
    columns = (net.weights[0].shape[1], *widths)
    return Deep(
        tuple(
            jnp.pad(W, ((0, row - W.shape[0]), (0, column - W.shape[1])))
            for W, row, column in zip(net.weights, rows, columns, strict=True)
        )
    )


class Measure(NamedTuple):
    """A signed measure Σ_j weights_j δ_{atoms_j} on the sphere S^{d−1}."""

    weights: Float[Leaf, " m"]
    atoms: Float[Leaf, "m d"]


def to_measure(net: TwoLayer) -> Measure:
    """The measure α with mass 2 w_j‖u_j‖ at ū_j, so that f(Θ; x) = ½⟨α, φ(x)⟩ (Proposition 4.1).

    Its total variation is at most ‖Θ‖², with equality for a balanced network. A neuron with
    u_j = 0 becomes mass zero at the first basis vector.
    """
    norms = _length(net.U)
    first = jnp.zeros(net.U.shape[1]).at[0].set(1.0)
    alive = (norms > 0)[:, None]
    atoms = jnp.where(alive, net.U / jnp.where(alive, norms[:, None], 1.0), first)
    return Measure(2 * net.w * norms, atoms)


def from_measure(weights: ArrayLike, atoms: ArrayLike) -> TwoLayer:
    """The balanced network with f = ½⟨α, φ⟩ and ‖Θ‖² = ‖α‖₁ (Proposition 4.1, Lemma B.1).

    `weights: (m,)` are the signed masses and `atoms: (m, d)` their unit vectors. Raises ValueError
    if a row of `atoms` does not have norm one.
    """
    weights, atoms = finite_array(weights, "weights", ndim=1), finite_array(atoms, "atoms", ndim=2)
    if len(weights) != len(atoms):
        raise ValueError(f"there are {len(weights)} masses for {len(atoms)} atoms; match them.")
    if np.abs(np.linalg.norm(atoms, axis=1) - 1).max() > 1e-9:
        raise ValueError("atoms must be unit vectors; divide each row by its norm.")
    size = np.sqrt(np.abs(weights) / 2)
    return TwoLayer(jnp.asarray(np.sign(weights) * size), jnp.asarray(size[:, None] * atoms))
