"""The relu kernel against quadrature, Monte Carlo, many digits and difference quotients."""

import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from margintheory import data, kernels, sphere
from margintheory.kernels import relu_kernel, relu_kernel_ball

seeds = st.integers(0, 10**6)
dimensions = st.sampled_from([2, 3, 8])
UNIT = 2.0**-53


def entries(balls):
    return np.array([[float(ball) for ball in row] for row in balls.tolist()])


def scales(X, Z):
    """√(K(x, x) K(z, z)) = ‖x‖‖z‖/(2d), the size that rounding errors are measured in."""
    return np.linalg.norm(X, axis=1)[:, None] * np.linalg.norm(Z, axis=1) / (2 * X.shape[1])


def by_quadrature(x, z):
    """The mean over the sphere from its definition: u lives in the plane of x and z with radius ρ.

    The projection of a uniform u to a plane has density ∝ ρ(1 − ρ²)^{(d−4)/2}; d ≥ 3.
    """
    d = len(x)
    theta = math.acos(np.dot(x, z) / np.linalg.norm(x) / np.linalg.norm(z))
    mean = mpmath.quad(
        lambda t: mpmath.cos(t) * mpmath.cos(t - theta), [theta - mpmath.pi / 2, mpmath.pi / 2]
    ) / (2 * mpmath.pi)
    weight = mpmath.quad(lambda s: (1 - s**2) * s ** (d - 3), [0, 1])  # s = √(1 − ρ²)
    mass = mpmath.quad(lambda s: s ** (d - 3), [0, 1])
    return float(np.linalg.norm(x) * np.linalg.norm(z) * mean * weight / mass)


@settings(max_examples=25)
@given(seeds, st.sampled_from([3, 4, 7, 20]))
def test_the_kernel_is_the_mean_over_the_sphere_by_quadrature(seed, d):
    x, z = np.random.default_rng(seed).normal(size=(2, d))
    assert relu_kernel([x], [z])[0, 0] == pytest.approx(by_quadrature(x, z), rel=1e-9)


@pytest.mark.parametrize("d", [1, 2, 3, 6])
def test_the_kernel_is_the_mean_over_the_sphere_by_sampling(d):
    """Hoeffding for values in [0, ‖x‖‖z‖]: false with probability 1e-9."""
    x, z = np.random.default_rng(d).normal(size=(2, d)) + 1
    u = np.asarray(sphere.uniform(jax.random.key(d), 400_000, d))
    sample = np.maximum(u @ x, 0) * np.maximum(u @ z, 0)
    radius = np.linalg.norm(x) * np.linalg.norm(z) * math.sqrt(math.log(2e9) / 2 / len(u))
    value = float(relu_kernel([x], [z])[0, 0])
    assert abs(value - sample.mean()) < radius < value / 5  # small enough to see a wrong constant


@given(seeds, dimensions, st.floats(-8, 0), st.sampled_from([1.0, -1.0, -0.3]))
def test_rounding_is_a_few_units_and_worse_only_as_the_antipodal_angle_shrinks(
    seed, d, log_distance, factor
):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(4, d))
    Z = factor * X + 10**log_distance * rng.normal(size=(4, d))
    value, exact = np.array(relu_kernel(X, Z)), entries(relu_kernel_ball(X, Z))
    assert np.all(np.abs(value - exact) <= 8 * UNIT * scales(X, Z))
    cosine = np.abs(X @ Z.T) / (2 * d * scales(X, Z))
    omega = np.sqrt(np.maximum(2 * (1 - cosine), 1e-18))  # its order of magnitude is enough
    assert np.all(np.abs(value - exact) <= 40 * UNIT * (1 + 1 / omega) * exact)


@pytest.mark.parametrize("t", [1.0, 1e-2, 1e-5, 1e-8, 1e-12])
def test_no_digit_is_lost_near_antipodal_points_whose_angle_is_well_determined(t):
    with mpmath.workdps(80):
        omega = mpmath.atan(mpmath.mpf(t))
        exact = mpmath.sqrt(1 + mpmath.mpf(t) ** 2) * (
            mpmath.sin(omega) - omega * mpmath.cos(omega)
        )
        exact = float(exact / (4 * mpmath.pi))
    assert relu_kernel([[1.0, 0.0]], [[-1.0, t]])[0, 0] == pytest.approx(exact, rel=1e-14)


@given(seeds, dimensions)
def test_balls_contain_the_value_in_many_digits(seed, d):
    X, Z = np.random.default_rng(seed).normal(size=(2, 3, d))
    Z[0], Z[1] = -X[0], 2 * X[0]
    balls = relu_kernel_ball(X, Z)
    with mpmath.workdps(60):
        for i, j in np.ndindex(3, 3):
            x, z = (mpmath.matrix([mpmath.mpf(float(v)) for v in row]) for row in (X[i], Z[j]))
            size = mpmath.norm(x) * mpmath.norm(z)
            cosine = min(max((x.T * z)[0] / size, -1), 1)
            theta = mpmath.acos(cosine)
            value = size * (mpmath.sin(theta) + (mpmath.pi - theta) * cosine) / (2 * mpmath.pi * d)
            ball = balls[i, j]
            assert abs(mpmath.mpf(ball.mid().str(50, radius=False)) - value) < 1e-30
            assert ball.rad() < 1e-35


def test_antipodal_and_zero_points_give_zero_and_parallel_points_the_largest_value():
    X = np.array([[3.0, 4.0], [-3.0, -4.0], [0.0, 0.0], [6.0, 8.0]])
    expected = [[25 / 4, 0, 0, 50 / 4], [0, 25 / 4, 0, 0], [0, 0, 0, 0], [50 / 4, 0, 0, 25]]
    assert np.allclose(relu_kernel(X), expected, rtol=1e-15, atol=1e-45)
    assert np.allclose(entries(relu_kernel_ball(X)), expected, rtol=1e-15, atol=1e-35)


@given(seeds, dimensions)
def test_the_kernel_is_symmetric_positive_and_homogeneous_and_sees_only_angles(seed, d):
    rng = np.random.default_rng(seed)
    X, c = rng.normal(size=(6, d)), rng.uniform(0.1, 10, size=6)
    K = np.array(relu_kernel(X))
    assert np.array_equal(K, K.T)
    assert np.linalg.eigvalsh(K)[0] >= -1e-14 * np.trace(K)
    assert np.allclose(relu_kernel(c[:, None] * X), c[:, None] * K * c, rtol=1e-12)
    rotation = np.linalg.qr(rng.normal(size=(d, d)))[0]
    assert np.allclose(relu_kernel(X @ rotation.T), K, rtol=0, atol=1e-13 * K.max())
    assert np.allclose(np.diag(K), (X**2).sum(axis=1) / (2 * d), rtol=1e-14)


@given(seeds, dimensions)
def test_features_are_no_further_apart_than_half_the_squared_distance_of_their_points(seed, d):
    """‖φ(x) − φ(z)‖² ≤ (κ/2d)‖x − z‖², with equality in the limit z → x."""
    x, z = np.random.default_rng(seed).normal(size=(2, d))
    points = np.stack([x, z, x + 1e-4 * z, -x])
    K = np.array(relu_kernel(points))
    squared = K[0, 0] + np.diag(K) - 2 * K[0]
    bound = ((points - x) ** 2).sum(axis=1) / (2 * d)
    assert np.all(squared <= bound + 1e-14 * K.max())
    assert squared[2] >= 0.999 * bound[2] - 1e-14 * K.max()


@jax.jit
@jax.grad
def gradient(x, z):
    return relu_kernel(x[None], z[None])[0, 0]


@settings(max_examples=15)
@given(seeds, st.sampled_from([2, 5]), st.sampled_from(["generic", "equal", "antipodal"]))
def test_the_gradient_is_the_difference_quotient_also_at_parallel_points(seed, d, position):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=d)
    z = {"generic": rng.normal(size=d), "equal": x, "antipodal": -2 * x}[position]
    h = 2.0**-20 * np.eye(d)
    up, down = relu_kernel_ball(x + h, [z]), relu_kernel_ball(x - h, [z])
    quotient = [float((up[k, 0] - down[k, 0]) * 2**19) for k in range(d)]
    assert np.allclose(gradient(x, z), quotient, rtol=0, atol=1e-7)


POSITIONS = {
    "generic": lambda x, w: w,
    "equal": lambda x, w: x,
    "parallel": lambda x, w: 3 * x,
    "antipodal": lambda x, w: -2 * x,
    **{f"parallel to {t:.0e}": lambda x, w, t=t: x + t * w for t in (1e-3, 1e-8, 1e-12)},
    **{f"antipodal to {t:.0e}": lambda x, w, t=t: -x + t * w for t in (1e-3, 1e-8, 1e-12)},
}


def in_many_digits(x, z):
    """(‖x‖‖z‖ sin θ + (π − θ) x·z)/(2πd) for lists of exact numbers."""
    dot, square = mpmath.fdot(x, z), mpmath.fdot(x, x) * mpmath.fdot(z, z)
    sine = mpmath.sqrt(max(square - dot**2, 0))
    return (sine + (mpmath.pi - mpmath.atan2(sine, dot)) * dot) / (2 * mpmath.pi * len(x))


def second_differences(x, z):
    """The matrix of second derivatives in (x, z), by central differences in 120 digits."""
    d, point = len(x), [mpmath.mpf(float(v)) for v in (*x, *z)]
    h = mpmath.mpf(10) ** -25

    def value(*steps):
        moved = list(point)
        for i, step in steps:
            moved[i] += step
        return in_many_digits(moved[:d], moved[d:])

    def entry(i, j):
        signs = [(1, 1), (-1, -1), (1, -1), (-1, 1)]
        return sum(s * t * value((i, s * h), (j, t * h)) for s, t in signs) / (4 * h**2)

    return np.array([[float(entry(i, j)) for j in range(2 * d)] for i in range(2 * d)])


def one_entry(point):
    x, z = jnp.split(point, 2)
    return relu_kernel(x[None], z[None])[0, 0]


WAYS = {
    "forward over reverse": jax.jit(jax.hessian(one_entry)),
    "reverse over reverse": jax.jit(jax.jacrev(jax.grad(one_entry))),
    "forward over forward": jax.jit(jax.jacfwd(jax.jacfwd(one_entry))),
}


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("d", [1, 3])
def test_second_derivatives_are_right_at_parallel_and_antipodal_rows_too(position, d):
    rng = np.random.default_rng(d)
    x, w = rng.normal(size=(2, d))
    point = np.concatenate([x, POSITIONS[position](x, w)])
    with mpmath.workdps(120):
        expected = second_differences(*np.split(point, 2))
    for way, hessian in WAYS.items():
        np.testing.assert_allclose(hessian(point), expected, rtol=0, atol=3e-14, err_msg=way)


def test_the_mixed_second_derivative_at_equal_rows_is_a_multiple_of_the_identity():
    """(π − θ) I/(2πd) at θ = 0, and no derivative of θ enters."""
    x = jnp.array([1.0, 2.0])
    mixed = jax.jacfwd(jax.grad(lambda x, z: relu_kernel(x[None], z[None])[0, 0]), 1)(x, x)
    np.testing.assert_allclose(mixed, np.eye(2) / 4, atol=1e-15)


def test_second_derivatives_of_the_whole_matrix_are_right_where_a_row_meets_itself():
    """tr K(X, X) = ‖X‖²/(2d)."""
    X = np.random.default_rng(0).normal(size=(3, 2))
    hessian = jax.hessian(lambda X: jnp.trace(relu_kernel(X)))(X)
    np.testing.assert_allclose(np.reshape(hessian, (6, 6)), np.eye(6) / 2, atol=1e-14)


def test_third_derivatives_are_right_off_the_parallel_rows():
    point, step = jnp.array([1.0, 2.0, -0.5, 0.3]), 1e-5 * np.eye(4)
    hessian = jax.jit(jax.hessian(one_entry))
    differences = np.stack([(hessian(point + h) - hessian(point - h)) / 2e-5 for h in step], -1)
    np.testing.assert_allclose(jax.jit(jax.jacfwd(hessian))(point), differences, atol=1e-8)


def test_the_gradient_of_the_whole_matrix_is_finite_on_its_diagonal():
    X = jnp.asarray(np.random.default_rng(0).normal(size=(4, 3)))
    slope = jax.jit(jax.grad(lambda X: jnp.trace(relu_kernel(X))))(X)
    assert np.allclose(slope, X / 3, rtol=1e-13)


@pytest.mark.parametrize("d", [1, 2, 31, 32, 33, 65, 1000, 10**4, 10**5])
def test_the_error_does_not_grow_with_the_dimension(d):
    """Far within the proved bound; sums of d squares without compensation would be beyond it."""
    rng = np.random.default_rng(d)
    X = np.concatenate(
        [rng.normal(size=(3, d)), np.full((1, d), 0.1), 1 + 0.1 * rng.random((2, d))]
    )
    exact = relu_kernel_ball(X)
    off = [
        [abs(float(arb(float(k)) - ball)) for k, ball in zip(*rows, strict=True)]
        for rows in zip(np.asarray(relu_kernel(X)), exact.tolist(), strict=True)
    ]
    assert kernels.ERROR == 32
    assert np.all(off <= 8 * UNIT * scales(X, X))


@pytest.mark.parametrize("d", [1, 7, 32, 33, 10**5])
def test_distances_are_right_to_five_and_a_half_units(d):
    rng = np.random.default_rng(d)
    U = np.stack([np.full(d, 0.1), np.full(d, 1 / 3), rng.random(d)])
    V = np.stack([np.zeros(d), np.full(d, 0.7)])
    for value, sign in zip(kernels._distances(U, V), (-1, 1), strict=True):
        for i, j in np.ndindex(3, 2):
            terms = [
                int(u * 2**60) + sign * int(v * 2**60) for u, v in zip(U[i], V[j], strict=True)
            ]
            square = Fraction(sum(term**2 for term in terms), 2**120)
            relative = Fraction(float(value[i, j])) ** 2 / square - 1
            assert abs(relative) < 2 * 5.5 * UNIT


def test_powers_of_two_change_no_digit_at_any_scale():
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(5, 3)), rng.normal(size=(4, 3))
    K, balls = np.asarray(relu_kernel(X, Z)), relu_kernel_ball(X, Z)
    for a, b in ((-990, 1), (-1000, 1000), (1000, -1000), (400, 500), (-500, -400)):
        assert np.array_equal(relu_kernel(np.ldexp(X, a), np.ldexp(Z, b)), np.ldexp(K, a + b))
        assert np.array_equal(
            jax.jit(relu_kernel)(np.ldexp(X, a), np.ldexp(Z, b)), np.ldexp(K, a + b)
        )
        scaled = relu_kernel_ball(np.ldexp(X, a), np.ldexp(Z, b))
        assert all(
            ball * arb(2) ** (a + b) == other or (ball * arb(2) ** (a + b)).overlaps(other)
            for ball, other in zip(balls.entries(), scaled.entries(), strict=True)
        )


@given(seeds, dimensions)
def test_rows_of_very_different_lengths_keep_their_digits(seed, d):
    rng = np.random.default_rng(seed)
    X, Z = rng.normal(size=(2, 4, d))
    X, Z = X * 10.0 ** rng.uniform(-140, 140, (4, 1)), Z * 10.0 ** rng.uniform(-140, 140, (4, 1))
    X[0, 1:] *= 1e-150  # an entry far below the others
    K, exact = relu_kernel(X, Z), relu_kernel_ball(X, Z)
    for i, j in np.ndindex(4, 4):
        size = np.linalg.norm(X[i] / abs(X[i]).max()) * np.linalg.norm(Z[j]) / (2 * d)
        assert abs(float((arb(float(K[i, j])) - exact[i, j]) / abs(X[i]).max())) <= 8 * UNIT * size


def test_subnormal_rows_and_rows_of_the_greatest_floats_have_exact_balls():
    with ctx.workprec(200):
        K = relu_kernel_ball([[5e-324, 0.0], [0.0, 0.0], [2.0**1023, 0.0], [-5e-324, 0.0]])
    assert K[0, 0].overlaps(arb(2) ** -2148 / 4)
    assert K[0, 2].overlaps(arb(2) ** -51 / 4)
    assert K[2, 2].overlaps(arb(2) ** 2046 / 4)
    assert K[0, 3].contains(0)
    assert K[1, 0] == 0 == K[1, 1]
    assert all(K[i, i].rel_accuracy_bits() > 190 for i in (0, 2))


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e200, 1.7e308])
def test_a_kernel_that_floats_cannot_hold_is_refused(size):
    with pytest.raises(ValueError, match="outside the range of float64; rescale"):
        relu_kernel(np.full((2, 2), size))
    relu_kernel(np.zeros((2, 2)), np.full((1, 2), size))  # zeros have a kernel with everything


def test_the_kernel_needs_no_rank_promotion_and_sees_integers_and_single_precision_as_floats():
    X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    with jax.numpy_rank_promotion("raise"):
        slope = jax.jacfwd(lambda X: relu_kernel(X).sum())(jnp.asarray(X, float))
        assert np.isfinite(slope).all()
    assert np.array_equal(jax.jit(relu_kernel)(X), relu_kernel(X.astype(float)))
    assert jax.jit(relu_kernel)(np.eye(2, dtype=int)).dtype == np.float64


def test_the_kernel_can_be_compiled_and_mapped():
    X = np.random.default_rng(0).normal(size=(3, 4, 2))
    each = np.stack([relu_kernel(x) for x in X])
    assert np.allclose(jax.vmap(relu_kernel)(X), each, rtol=1e-14)
    assert np.allclose(jax.jit(relu_kernel)(X[0].astype(np.float32)), each[0], rtol=1e-5)


@pytest.mark.parametrize("kernel", [relu_kernel, relu_kernel_ball])
@pytest.mark.parametrize(
    ("X", "Z", "word"),
    [
        ([1.0, 2.0], None, "axes"),
        ([[1.0, np.nan]], None, "finite"),
        ([[1.0, np.inf]], None, "finite"),
        (np.zeros((0, 2)), None, "empty"),
        ([[1.0, 2.0]], [[1.0]], "one space"),
        ([[1.0, 2.0]], [[np.nan, 1.0]], "Z must be finite"),
        ([["a"]], None, "numeric"),
    ],
)
def test_bad_points_are_refused(kernel, X, Z, word):
    with pytest.raises(ValueError, match=word):
        kernel(X, Z)


# ---------------------------------------------------------------------------------------------
# The mean feature of D
# ---------------------------------------------------------------------------------------------


def mean_square_by_definition(draw, d, pairs=400_000):
    """E[y y' K(x, x')] over independent pairs, and its standard error; nothing of Section D.1."""
    X, y = draw(2 * pairs, d)
    A, B = X[::2], X[1::2]
    lengths = np.linalg.norm(A, axis=1) * np.linalg.norm(B, axis=1)
    theta = np.arccos(np.clip((A * B).sum(axis=1) / lengths, -1, 1))
    K = lengths * (np.sin(theta) + (np.pi - theta) * np.cos(theta)) / (2 * np.pi * d)
    products = y[::2] * y[1::2] * K
    return products.mean(), products.std() / math.sqrt(pairs)


@pytest.mark.parametrize("d", [3, 4, 6])
def test_the_mean_square_of_d_is_that_of_independent_pairs(d):
    value = float(kernels.xor_mean_square(d))
    mean, error = mean_square_by_definition(data.xor, d)
    assert abs(value - mean) < 5 * error < value / 2


@pytest.mark.parametrize("d", [4, 5, 6])
def test_the_mean_square_of_the_spherical_law_is_that_of_independent_pairs(d):
    value = float(kernels.xor_sphere_mean_square(d))
    mean, error = mean_square_by_definition(data.xor_sphere, d)
    assert abs(value - mean) < 5 * error < value / 2


@pytest.mark.parametrize("d", [3, 4, 9, 40])
def test_the_mean_square_is_the_integral_of_the_squared_mean_feature(d):
    """u_1 + i u_2 has a uniform angle and |u_1 + i u_2|² the law Beta(1, (d − 2)/2)."""
    t, weights = np.polynomial.legendre.leggauss(100)
    tau = ((t + 1) / 2) ** 2  # more points near 0
    angle = (np.arange(1000) + 0.5) * np.pi / 500
    radius = np.sqrt(1 - tau**2)
    U = np.zeros((len(tau), len(angle), 3))  # only the length of u_3, …, u_d matters
    U[..., 0], U[..., 1] = radius[:, None] * np.cos(angle), radius[:, None] * np.sin(angle)
    U[..., 2] = tau[:, None]
    squares = np.asarray(kernels.xor_mean_feature(U.reshape(-1, 3))) ** 2
    density = (d - 2) * tau ** (d - 3) * np.sqrt(tau)  # dτ = 2√τ d(t+1)/2
    mean = squares.reshape(len(tau), -1).mean(axis=1) @ (weights * density)
    assert float(kernels.xor_mean_square(d)) == pytest.approx(mean, rel=1e-6)


def test_the_mean_feature_is_the_mean_over_draws():
    X, y = data.xor(400_000, 5)
    U = np.random.default_rng(0).normal(size=(6, 5))
    U[0, 2:] = 0  # a neuron that sees no noise
    products = y * np.maximum(U @ X.T, 0)
    errors = products.std(axis=1) / math.sqrt(len(y))
    assert np.all(np.abs(kernels.xor_mean_feature(U) - products.mean(axis=1)) < 5 * errors)


def test_the_mean_feature_has_finite_slopes_and_the_right_ones():
    u = jnp.array([0.3, -0.5, 0.2, 0.7])
    slope = jax.jit(jax.grad(lambda u: kernels.xor_mean_feature(u[None])[0]))
    steps = 1e-6 * np.eye(4)
    differences = kernels.xor_mean_feature(u[None] + steps) - kernels.xor_mean_feature(
        u[None] - steps
    )
    np.testing.assert_allclose(slope(u), differences / 2e-6, atol=1e-8)
    assert np.isfinite(slope(jnp.array([1.0, 1.0, 0.0, 0.0]))).all()


@pytest.mark.parametrize("d", [3, 4, 50, 1000])
def test_the_balls_of_the_mean_squares_are_narrow(d):
    assert float(kernels.xor_mean_square(d).rel_accuracy_bits()) > 90
    if d > 3:
        assert float(kernels.xor_sphere_mean_square(d).rel_accuracy_bits()) > 90


@pytest.mark.parametrize("exponent", [-1000, -500, 500, 1000])
def test_the_mean_feature_is_homogeneous_at_every_scale(exponent):
    U = np.random.default_rng(0).normal(size=(5, 4))
    expected = np.ldexp(kernels.xor_mean_feature(U), exponent)
    assert np.array_equal(kernels.xor_mean_feature(np.ldexp(U, exponent)), expected)


def test_mean_features_of_too_few_dimensions_are_refused():
    for refuse in (
        lambda: kernels.xor_mean_square(2),
        lambda: kernels.xor_sphere_mean_square(3),
        lambda: kernels.xor_mean_feature([[1.0, 0.0]]),
    ):
        with pytest.raises(ValueError, match="must be a whole number of at least"):
            refuse()
