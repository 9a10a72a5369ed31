"""The sphere's volume, its uniform points and its caps."""

import math

import jax
import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from margintheory import sphere

CHORDS = st.floats(0, 2)
DIMENSIONS = st.integers(1, 60)


@pytest.mark.parametrize("d", [1, 2, 3, 7, 40])
def test_volume_is_the_derivative_of_the_volume_of_the_ball(d):
    # ∫ e^{−|x|²} dx = π^{d/2} = κ_d ∫ r^{d−1} e^{−r²} dr, by quadrature
    radial = mpmath.quad(lambda r: r ** (d - 1) * mpmath.exp(-r * r), [0, 2, 5, 12])
    assert sphere.volume(d) == pytest.approx(float(mpmath.pi ** (d / 2) / radial), rel=1e-12)


def test_volume_is_finite_where_gamma_overflows():
    assert 0 < sphere.volume(400) < 1e-200


def test_uniform_points_have_norm_one_and_a_uniform_angle():
    u = np.asarray(sphere.uniform(jax.random.key(0), 4000, 2))
    assert np.linalg.norm(u, axis=1) == pytest.approx(1)
    assert u.dtype == np.float64
    angle = np.arctan2(u[:, 1], u[:, 0])
    assert stats.kstest(angle, stats.uniform(-math.pi, 2 * math.pi).cdf).pvalue > 1e-3


def test_uniform_points_have_the_arcsine_like_marginal_of_a_sphere():
    # Archimedes: a coordinate of a uniform point of S² is uniform on [−1, 1].
    u = np.asarray(sphere.uniform(jax.random.key(1), 4000, 3))
    assert stats.kstest(u[:, 1], stats.uniform(-1, 2).cdf).pvalue > 1e-3


@pytest.mark.parametrize("d", [1, 2, 3, 8, 31])
@pytest.mark.parametrize("rho", [1e-3, 0.5, 1.3, 1.999])
def test_cap_measure_is_the_share_of_the_angles_near_a_pole(d, rho):
    # a point at the angle φ from the pole lies on a parallel of radius sin φ and dimension d − 1
    def parallel(phi):
        return mpmath.sin(phi) ** (d - 1)

    angle = 2 * mpmath.asin(mpmath.mpf(rho) / 2)
    share = mpmath.quad(parallel, [0, angle]) / mpmath.quad(parallel, [0, mpmath.pi])
    assert float(sphere.cap_measure(rho, d)) == pytest.approx(float(share), rel=1e-11)
    assert float(sphere.cap_measure_ball(arb(rho), d).mid()) == pytest.approx(
        float(share), rel=1e-11
    )


def test_cap_measure_is_an_arc_on_the_circle_and_a_square_on_the_sphere():
    # Archimedes: the zone of height h on S² has the share h/2, and ϱ² = 2h
    rho = np.linspace(0, 2, 21)
    assert sphere.cap_measure(rho, 1) == pytest.approx(2 * np.arcsin(rho / 2) / np.pi, abs=1e-14)
    assert sphere.cap_measure(rho, 2) == pytest.approx(rho**2 / 4, abs=1e-14)


def test_cap_measure_is_the_share_of_uniform_points_in_the_cap():
    u = np.asarray(sphere.uniform(jax.random.key(2), 20_000, 5))
    inside = np.linalg.norm(u - u[0], axis=1)[1:] <= 1.1
    low, high = stats.binomtest(int(inside.sum()), inside.size).proportion_ci(0.999)
    assert low <= sphere.cap_measure(1.1, 4) <= high


@given(CHORDS, DIMENSIONS)
def test_a_cap_and_its_complement_fill_the_sphere(rho, d):
    rest = sphere.cap_measure(math.sqrt(max(4 - rho**2, 0)), d)
    assert sphere.cap_measure(rho, d) + rest == pytest.approx(1, abs=1e-6)


@given(st.floats(0.01, 1.99), st.floats(0.01, 1.99), DIMENSIONS)
def test_a_ball_of_caps_reaches_from_the_smallest_to_the_largest(a, b, d):
    ball = sphere.cap_measure_ball(arb(a).union(arb(b)), d)
    for rho in (a, (a + b) / 2, b):
        assert ball.overlaps(sphere.cap_measure_ball(arb(rho), d))
    assert float(ball.lower()) == pytest.approx(sphere.cap_measure(min(a, b), d), abs=1e-7)
    assert float(ball.upper()) == pytest.approx(sphere.cap_measure(max(a, b), d), abs=1e-7)


@pytest.mark.parametrize("rho", [-0.1, 2.1, math.nan])
def test_a_chord_of_the_unit_sphere_is_at_most_two_long(rho):
    with pytest.raises(ValueError, match="chord"):
        sphere.cap_measure(rho, 3)
    with pytest.raises(ValueError, match="chord"):
        sphere.cap_measure_ball(arb(rho), 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: sphere.volume(0),
        lambda: sphere.volume(1.5),
        lambda: sphere.uniform(jax.random.key(0), 0, 2),
        lambda: sphere.cap_measure(1.0, 0),
        lambda: sphere.cap_measure_ball(arb(1), 0),
    ],
)
def test_counts_must_be_positive_whole_numbers(call):
    with pytest.raises(ValueError, match="whole number"):
        call()
