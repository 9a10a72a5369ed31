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
BLOCK = 32  # coordinates whose squares are added as they are, before the sum is compensated

# The error of an entry of `relu_kernel`, in units of u ‖x‖‖z‖/(2d), to first order in u = 2^−53 and
# for F(ω) = sin ω − ω cos ω with F' = ω sin ω. Sums, products, quotients and roots are rounded
# correctly, sin, cos and atan2 have a relative error of at most 4 u (two units in the last place).
#   lengths      two to 4.5 u each (`_distances`), 4.5 u for the products around F:    13.5 F/π
#   directions   one u each in the direction; that their lengths differ is of second order,
#                as 2 atan2(‖u + v‖, ‖u − v‖) is stationary there or F' is 0:       2 ω sin ω/π
#   distances    to 5.5 u each, of which sin ω times the difference enters ω:     11 ω sin² ω/π
#   atan2                                                                          4 ω² sin ω/π
#   F            4 u of sin and cos, two roundings:              (4 sin ω + 5 ω |cos ω| + F)/π
# The sum is at most 25 for 1 ≤ ω ≤ π and less than 12 below, where F comes from its series.
ERROR = 32


def relu_kernel(
    X: Float[ArrayLike, "n d"], Z: Float[ArrayLike, "m d"] | None = None
) -> Float[Array, "n m"]:
    """E relu(u·x_i) relu(u·z_j) over u uniform on S^{d−1}; Z = X if it is left out.

    A zero row gives zeros. The error is at most `ERROR` u ‖x‖‖z‖/(2d) with u = 2^−53, whatever d
    is, and a few units of the value itself divided by min(1, ω): two points that are nearly
    antipodal determine their angle no better than that.

    The kernel is twice continuously differentiable where no row is zero, and first and second
    derivatives are right there; those of higher order are where rows are not parallel or antipodal
    (elsewhere they do not exist).

    Raises ValueError for entries that are not finite, for rows of different lengths, and for sizes
    that float64 cannot hold: a length ‖x‖ outside [1e-307, 1e308] or a product ‖x‖‖z‖ outside
    [1e-300, 1e300] that is not zero. This is not checked while JAX traces, and entries below 1e-307
    then count as zeros.
    """
    rows, columns = _two_sets(X, Z)
    _refuse_extremes(rows, columns)
    return _relu_kernel(*_scaled(rows), *_scaled(columns))


def relu_kernel_ball(
    X: Float[ArrayLike, "n d"], Z: Float[ArrayLike, "m d"] | None = None
) -> arb_mat:
    """`relu_kernel` for the floats X and Z as they are, in balls.

    ‖x‖‖z‖ (sin θ + (π − θ) cos θ) = s + (π − θ) c with c = x·z and s² = ‖x‖²‖z‖² − c², which are
    exact integers up to a power of two, whatever the scales of X and Z. Balls have radius about
    2^−p ‖x‖‖z‖/d, also for parallel and antipodal points, where p is 128 or `flint.ctx.prec`, if
    that is greater. Raises ValueError for entries that are not finite or rows of different lengths.
    """
    validate.concrete(X, "X")
    validate.concrete(Z, "Z")
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


def _refuse_extremes(X, Z):
    if isinstance(X, jax.core.Tracer) or isinstance(Z, jax.core.Tracer):
        return
    with np.errstate(over="ignore"):
        norms_x, norms_z = rigour.norm(X), rigour.norm(Z)
    if not norms_x.any() or not norms_z.any():
        return
    least, greatest = (
        (float(f(norms_x[norms_x > 0])), float(f(norms_z[norms_z > 0]))) for f in (np.min, np.max)
    )
    for a, b in (least, greatest):
        if not (1e-300 <= a * b <= 1e300 and 1e-307 <= min(a, b) and max(a, b) <= 1e308):
            raise ValueError(
                f"the kernel of rows of lengths {a:.0e} and {b:.0e} is outside the range of "
                "float64; rescale the points, K(ax, bz) = ab K(x, z), or use relu_kernel_ball."
            )


def _scaled(A):
    """The rows with their greatest entries in [1, 2), and the powers of two taken out."""
    traced = isinstance(A, jax.core.Tracer)
    xp, A = (jnp, A.astype(float)) if traced else (np, A)
    exponents = xp.frexp(xp.abs(A).max(axis=1))[1] - 1
    return xp.ldexp(A, -exponents[:, None]), xp.ldexp(1.0, exponents)


@jax.jit
def _relu_kernel(X, units_x, Z, units_z):
    return jnp.outer(units_x, units_z) * _kernel(X, Z)


@jax.custom_jvp
def _kernel(X, Z):
    (norms_x, U), (norms_z, V) = _polar(X), _polar(Z)
    omega, _ = _angle(U, V)
    return jnp.outer(norms_x, norms_z) * _sine_excess(omega) / (2 * jnp.pi * X.shape[1])


@_kernel.defjvp
def _kernel_jvp(primals, tangents):
    """2πd ∂K/∂z = ωx + ‖x‖ sin ω ẑ, and its derivatives by those of ω: no cancelling terms."""
    (X, Z), (dX, dZ) = primals, tangents
    (norms_x, U), (norms_z, V) = _polar(X), _polar(Z)
    omega, sine = _angle(U, V)
    along = jnp.outer((U * dX).sum(axis=1), norms_z) + jnp.outer(norms_x, (V * dZ).sum(axis=1))
    change = omega * (dX @ Z.T + X @ dZ.T) + sine * along
    return _kernel(X, Z), change / (2 * jnp.pi * X.shape[1])


@jax.custom_jvp
def _polar(X):
    """‖x‖ and x/‖x‖ for each row, both 0 for a zero row."""
    norms, _ = _distances(X, jnp.zeros((1, X.shape[1])))
    return norms[:, 0], X / jnp.where(norms > 0, norms, 1.0)


@_polar.defjvp
def _polar_jvp(primals, tangents):
    (X,), (dX,) = primals, tangents
    norms, U = _polar(X)
    along = (U * dX).sum(axis=1)
    return (norms, U), (
        along,
        (dX - U * along[:, None]) / jnp.where(norms > 0, norms, 1.0)[:, None],
    )


@jax.custom_jvp
def _angle(U, V):
    """ω and sin ω of unit vectors, for ω = π − θ the angle between u and −v."""
    apart, together = _distances(U, V)
    return 2 * jnp.arctan2(together, apart), apart * together / 2


@_angle.defjvp
def _angle_jvp(primals, tangents):
    """dω = (v·du + u·dv)/sin ω. At sin ω = 0 it is multiplied by 0 in every second derivative."""
    (U, V), (dU, dV) = primals, tangents
    omega, sine = _angle(U, V)
    change = jnp.where(sine > 0, dU @ V.T + U @ dV.T, 0.0) / jnp.where(sine > 0, sine, 1.0)
    return (omega, sine), (change, jnp.cos(omega) * change)


def _distances(U, V):
    """‖u_i − v_j‖ and ‖u_i + v_j‖, block by block of coordinates since n·m·d numbers do not fit.

    Each distance is right to 5.5 u (‖u_i‖ for v = 0 to 4.5 u), u = 2^−53, for every d ≤ 2^26: a
    square to 3 u (1 u for v = 0), the tree of a block to 5 u, and the compensated sum over at most
    2^21 blocks to u and the square of 2^21 u; then half of that and one rounding for the root.
    """
    steps = -(-U.shape[1] // BLOCK)
    size = -(-U.shape[1] // steps)

    def blocks(A):
        padded = jnp.pad(A, ((0, 0), (0, steps * size - A.shape[1])))
        return padded.T.reshape(steps, size, len(A))

    def squares(u, v):
        pairs = [(a[:, None], b[None]) for a, b in zip(u, v, strict=True)]
        return _tree([(a - b) ** 2 for a, b in pairs]), _tree([(a + b) ** 2 for a, b in pairs])

    def add(sums, coordinates):
        apart, together = jax.lax.optimization_barrier(squares(*coordinates))
        return (_two_sum(sums[0], apart), _two_sum(sums[1], together)), None

    zeros = jnp.zeros((len(U), len(V)))
    u, v = blocks(U), blocks(V)
    apart, together = jax.lax.optimization_barrier(squares(u[0], v[0]))
    sums, _ = jax.lax.scan(add, ((apart, zeros), (together, zeros)), (u[1:], v[1:]))
    return tuple(jnp.sqrt(high + low) for high, low in sums)


def _tree(terms):
    """The sum of at most 2^k terms in k roundings."""
    half = len(terms) // 2
    return _tree(terms[:half]) + _tree(terms[half:]) if half else terms[0]


def _two_sum(total, term):
    """The sum of an unevaluated pair (high, low) and a term; the rounding of high goes to low."""
    high, low = total
    rounded = high + term
    taken = rounded - high
    return rounded, low + ((high - (rounded - taken)) + (term - taken))


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
    U, units = _scaled(validate.points(U, "U"))
    validate.count(U.shape[1], "the number of columns of U", least=3)
    u_1, u_2, tau = U[:, 0], U[:, 1], _root(jnp.sum(jnp.asarray(U)[:, 2:] ** 2, axis=1))
    return units * (_mean_abs(u_1 + u_2, tau) - _mean_abs(u_1 - u_2, tau)) / 4


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
