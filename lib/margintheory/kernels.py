"""The relu feature kernel on the sphere in closed form: Section 4.1 and Corollary C.4.

At the end, the mean features E[y φ(x)] of the distributions D and D_sph of Section 4 (Lemma D.3).

With u uniform on S^{d−1} and ω = π − θ the angle between x and −z,

    E relu(u·x) relu(u·z) = ‖x‖‖z‖ (sin θ + (π − θ) cos θ) / (2πd)
                          = ‖x‖‖z‖ (sin ω − ω cos ω) / (2πd).

The paper's ⟨φ(x), φ(z)⟩ is κ_d times this. Antipodal points have ω = 0, and there the value is
‖x‖‖z‖ ω³/(6πd) to leading order: the second form keeps its digits, the first one loses them.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
from flint import acb, arb, arb_mat, ctx
from jaxtyping import Array, ArrayLike, Float

from margintheory import rigour, validate

# sin ω − ω cos ω = ω³ Σ_k (−1)^k (2k + 2) ω^{2k} / (2k + 3)!; nine terms suffice for ω ≤ 1.
SERIES = [(-1) ** k * (2 * k + 2) / math.factorial(2 * k + 3) for k in range(9)]


def relu_kernel(
    X: Float[ArrayLike, "n d"], Z: Float[ArrayLike, "m d"] | None = None
) -> Float[Array, "n m"]:
    """E relu(u·x_i) relu(u·z_j) over u uniform on S^{d−1}; Z = X if it is left out.

    A zero row gives zeros. Differentiable in both arguments where no row is zero. The error is a
    few units in the last place of ‖x‖‖z‖/(2d), and of the value itself divided by min(1, ω): two
    points that are nearly antipodal determine their angle no better than that.

    Raises ValueError for entries that are not finite or rows of different lengths.
    """
    rows, columns = _two_sets(X, Z)
    return _relu_kernel(jnp.asarray(rows, float), jnp.asarray(columns, float))


def relu_kernel_ball(
    X: Float[ArrayLike, "n d"], Z: Float[ArrayLike, "m d"] | None = None
) -> arb_mat:
    """`relu_kernel` for the floats X and Z as they are, in balls.

    ‖x‖‖z‖ (sin θ + (π − θ) cos θ) = s + (π − θ) c with c = x·z and s² = ‖x‖²‖z‖² − c², which are
    exact integers up to a power of two. Balls have radius about 2^−128 ‖x‖‖z‖/d, also for parallel
    and antipodal points. Raises ValueError as `relu_kernel`.
    """
    rows, columns = _two_sets(X, Z)
    (N, e), (M, f) = rigour.dyadic(rows), rigour.dyadic(columns)
    cosines, squares = N @ M.T, np.outer((N**2).sum(axis=1), (M**2).sum(axis=1))
    with ctx.workprec(max(rigour.PRECISION, ctx.prec)):
        unit = arb(2) ** (e + f) / (2 * arb.pi() * rows.shape[1])

        def entry(c, square):
            s, c = arb(square - c**2).sqrt(), arb(c)
            return (s + (arb.pi() - arb.atan2(s, c)) * c) * unit

        return arb_mat([list(map(entry, *rows)) for rows in zip(cosines, squares, strict=True)])


def _two_sets(X, Z):
    rows = validate.points(X)
    columns = rows if Z is None else validate.points(Z, "Z")
    d, e = rows.shape[1], columns.shape[1]
    if d != e:
        raise ValueError(f"X and Z must hold points of one space, but have {d} and {e} columns.")
    return rows, columns


@jax.jit
def _relu_kernel(X, Z):
    norms_x, norms_z = (_root(jnp.sum(A**2, axis=1)) for A in (X, Z))
    apart, together = _distances(_directions(X, norms_x), _directions(Z, norms_z))
    omega = 2 * jnp.arctan2(together, apart)
    return norms_x[:, None] * norms_z * _sine_excess(omega) / (2 * jnp.pi * X.shape[1])


def _directions(X, norms):
    """x/‖x‖ for each row, and 0 for a zero row."""
    return X / jnp.where(norms > 0, norms, 1.0)[:, None]


def _distances(U, V):
    """‖u_i − v_j‖ and ‖u_i + v_j‖, coordinate by coordinate since n·m·d numbers would not fit."""

    def add(squares, coordinates):
        (apart, together), (u, v) = squares, coordinates
        return (apart + (u[:, None] - v) ** 2, together + (u[:, None] + v) ** 2), None

    zeros = jnp.zeros((len(U), len(V)))
    (apart, together), _ = jax.lax.scan(add, (zeros, zeros), (U.T, V.T))
    return _root(apart), _root(together)


def _root(square):
    """√ with derivative 0 at 0: there the kernel does not depend on the distance to first order."""
    return jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1.0)), 0.0)


def _sine_excess(omega):
    """sin ω − ω cos ω without cancellation."""
    small = jnp.minimum(omega, 1.0)
    series = small**3 * jnp.polyval(jnp.array(SERIES[::-1]), small**2)
    return jnp.where(omega <= 1, series, jnp.sin(omega) - omega * jnp.cos(omega))


# ---------------------------------------------------------------------------------------------
# The mean feature of D: x_1, x_2 fair signs, y = x_1 x_2, and noise in the other coordinates
# ---------------------------------------------------------------------------------------------


def xor_mean_feature(U: Float[ArrayLike, "m d"]) -> Float[Array, " m"]:
    """g(u) = E_D[y relu(u·x)] for the rows u of U, which need not have length one (Lemma D.3).

    With τ = ‖(u_3, …, u_d)‖ and Z standard normal it is ¼ (E|u_1 + u_2 + τZ| − E|u_1 − u_2 + τZ|).
    Differentiable where τ > 0. Raises ValueError for entries that are not finite, and for d < 3.
    """
    U = validate.points(U, "U")
    validate.count(U.shape[1], "the number of columns of U", least=3)
    u_1, u_2, tau = U[:, 0], U[:, 1], _root(jnp.sum(jnp.asarray(U)[:, 2:] ** 2, axis=1))
    return (_mean_abs(u_1 + u_2, tau) - _mean_abs(u_1 - u_2, tau)) / 4


def _mean_abs(a, tau):
    """E|a + τZ| = a erf(a/τ√2) + τ √(2/π) exp(−a²/2τ²)."""
    t = a / jnp.where(tau > 0, tau, 1.0)
    smooth = a * jax.scipy.special.erf(t / math.sqrt(2))
    smooth += tau * math.sqrt(2 / math.pi) * jnp.exp(-(t**2) / 2)
    return jnp.where(tau > 0, smooth, jnp.abs(a))


def xor_mean_square(d: int) -> arb:
    """‖E_D[y φ(x)]‖²/κ = E_u g(u)² in a ball, by certified quadrature of Lemma D.3-Q.

    It is E[h(ρ)/ρ]/(2πd) with h(ρ) = √(1 − ρ²) + ρ arcsin ρ − 1 and ρ = 2/(2 + τ²), where τ² has
    the χ² distribution with d − 2 degrees of freedom. Raises ValueError for d < 3.
    """
    d = validate.count(d, "d", least=3)

    def integrand(tau, analytic):
        root = (tau**2 + 4).sqrt(analytic=analytic)
        arcsine = acb.pi() / 2 - 2 * (tau / root).atan()
        h_over_rho = tau * root / 2 + arcsine - 1 - tau**2 / 2
        return tau ** (d - 3) * (-(tau**2) / 2).exp() * h_over_rho

    with ctx.workprec(rigour.PRECISION):
        k, end = arb(d - 2) / 2, arb(10) + 2 * arb(d).sqrt()
        mass = 2 ** (k - 1) * k.gamma()  # of τ^{d−3} exp(−τ²/2)
        beyond = (end**2 / 2).gamma_upper(k) / k.gamma()  # the probability of τ > end
        most = (arb.pi() / 2 - 1) * beyond  # as h(ρ)/ρ increases to its value at ρ = 1
        mean = acb.integral(integrand, 0, acb(end)).real / mass + most.union(arb(0))
        return mean / (2 * arb.pi() * d)


def xor_sphere_mean_square(d: int) -> arb:
    """‖E[y φ(x)]‖²/κ for D_sph, whose noise is uniform on the sphere of radius √(d − 2), in a ball.

    Certified quadrature of E[ψ(mt + 2) − ψ(mt)]/(4πd) with ψ(c) = √(d² − c²) + c arcsin(c/d),
    m = d − 2, and t the cosine of the angle of two independent uniform points of S^{m−1}
    (Lemma D.3-S). Raises ValueError for d < 4.
    """
    d = validate.count(d, "d", least=4)
    m = d - 2

    def second_difference(angle, analytic):
        c, half = m * angle.cos(), (angle / 2).sin()  # d − (c + 2) = 2m sin²(angle/2)
        far = acb(2 * m).sqrt() * half * (d + 2 + c).sqrt(analytic=analytic)
        far += (c + 2) * (acb.pi() / 2 - 2 * ((acb(m) / d).sqrt() * half).asin())
        near = (d**2 - c**2).sqrt(analytic=analytic) + c * (c / d).asin()
        return angle.sin() ** (m - 2) * (far - near)

    with ctx.workprec(rigour.PRECISION):
        mass = acb.integral(lambda angle, _: angle.sin() ** (m - 2), 0, acb.pi()).real
        integral = acb.integral(second_difference, 0, acb.pi()).real
        return integral / mass / (4 * arb.pi() * d)
