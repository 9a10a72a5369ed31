"""The perturbed gradient flow: objects, particles, the projected equation, the discrete flow."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.tree_util import Partial
from scipy.integrate import solve_ivp
from scipy.optimize import root

from margintheory import flow

# The instance of the sheet: four points of the line, λ = 0.05, smoothing 0.3.
X, Y, LAM, S = np.array([[1.0], [0.6], [-1.0], [-0.5]]), np.array([1.0, 1, -1, -1]), 0.05, 0.3
LINE = flow.two_layer(X, Y, LAM, S)
SQUARE = flow.two_layer([[1, 0], [0, 1], [-1, 0], [0, -1]], [1, -1, 1, -1], LAM, S)
OPTIMUM = 1.03423913  # certified in test_flow_certificates


def circle(angle):
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def on_arc(m=100):
    """Atoms on the arc [0.4, 1.2], from which the unperturbed flow stalls."""
    return flow.Atoms(circle(0.4 + 0.8 * (np.arange(m) + 0.5) / m), np.full(m, 1 / m))


def cells_on_arc(cells):
    """The uniform distribution on the same arc, exactly, on the cells of the circle."""
    low = 2 * np.pi / cells * np.arange(cells)
    overlap = np.minimum(low + 2 * np.pi / cells, 1.2) - np.maximum(low, 0.4)
    return flow.Atoms(flow.mesh(cells, 2).centres, np.clip(overlap, 0, None) / 0.8)


objective, variation, velocity, dissipation = map(
    jax.jit, (flow.objective, flow.variation, flow.velocity, flow.dissipation)
)


@st.composite
def measures(draw, D=2):
    """Four atoms at random, at distances of several orders; one shape, compiled once."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    scale = 10 ** rng.uniform(-1, 1, (4, 1))
    return flow.Atoms(scale * rng.normal(size=(4, D)), rng.exponential(size=4))


# ---------------------------------------------------------------------------------------------
# Objects
# ---------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None, derandomize=True)
@given(measures(), st.floats(0.1, 10))
def test_features_and_potential_are_2_homogeneous(rho, c):
    theta = rho.theta[0]
    np.testing.assert_allclose(LINE.Phi(c * theta), c**2 * LINE.Phi(theta), rtol=1e-12)
    g = [variation(LINE, rho, t[None])[0] for t in (theta, c * theta)]
    np.testing.assert_allclose(g[1], c**2 * g[0], rtol=1e-11, atol=1e-12)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(measures(), st.floats(-3, 3), st.floats(0.2, 2))
def test_variation_is_the_derivative_of_the_objective_in_the_mass(rho, angle, r):
    theta, h = r * circle(angle), 1e-5
    ends = [
        objective(LINE, flow.Atoms(np.vstack([rho.theta, theta]), np.append(rho.mass, m)))
        for m in (0.0, h, 2 * h)
    ]
    slope = (-3 * ends[0] + 4 * ends[1] - ends[2]) / (2 * h)
    np.testing.assert_allclose(variation(LINE, rho, theta[None])[0], slope, atol=1e-7)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(measures())
def test_velocity_is_minus_the_gradient_of_the_variation(rho):
    h = 1e-5
    for axis in np.eye(2):
        up, down = (variation(LINE, rho, rho.theta + e * axis) for e in (h, -h))
        size = 1 + np.abs(rho.theta).max()
        v = velocity(LINE, rho, rho.theta)
        np.testing.assert_allclose(v @ axis, (down - up) / (2 * h), atol=1e-6 * size)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(measures())
def test_projection_keeps_objective_moment_and_dissipation(rho):
    nu = flow.project(rho)
    np.testing.assert_allclose(np.linalg.norm(nu.theta, axis=1), 1, rtol=1e-14)
    for functional in (objective, dissipation):
        np.testing.assert_allclose(functional(LINE, nu), functional(LINE, rho), rtol=1e-11)
    np.testing.assert_allclose(nu.mass.sum(), flow.second_moment(rho), rtol=1e-13)


def test_an_atom_at_zero_counts_for_nothing():
    nothing = flow.Atoms(np.zeros((1, 2)), np.ones(1))
    assert flow.objective(LINE, nothing) == pytest.approx(4 * np.log(2), rel=1e-15)
    assert flow.dissipation(LINE, nothing) == 0
    assert flow.project(nothing).mass == 0


def test_smoothed_features_tend_to_the_relu():
    theta = np.random.default_rng(0).normal(size=(50, 2))
    relu = theta[:, :1] * np.maximum(theta[:, 1:] * X.T, 0)
    np.testing.assert_array_equal(jax.vmap(flow.two_layer(X, Y, LAM, 0).Phi)(theta), relu)
    for s in (1e-2, 1e-4):
        smooth = jax.vmap(flow.two_layer(X, Y, LAM, s).Phi)(theta)
        bound = s / 2 * np.linalg.norm(theta, axis=1) * np.abs(theta[:, 0])
        assert (np.abs(smooth - relu) <= bound[:, None] + 1e-15).all()


@pytest.mark.parametrize("D", [2, 3, 5])
def test_spread_directions_are_units_and_nearly_a_design(D):
    u = flow.spread(60 * D, D)
    np.testing.assert_allclose(np.linalg.norm(u, axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(u.mean(axis=0), 0, atol=0.01)
    np.testing.assert_allclose(u.T @ u / len(u), np.eye(D) / D, atol=0.01)


# ---------------------------------------------------------------------------------------------
# The radial model: one scalar equation
# ---------------------------------------------------------------------------------------------

A, RADIAL_LAM, SIGMA = 5.0, 0.2, 0.3
RADIAL = flow.radial(A, RADIAL_LAM)
SMALL = flow.Atoms(np.array([[0.1, 0.0]]), np.ones(1))


def radial_g(s):
    return -(A - s) / np.sqrt((A - s) ** 2 + 1) - 1 + RADIAL_LAM


def radial_oracle(times):
    right = lambda _, s: -4 * radial_g(s) * s + SIGMA * (1 - s)  # noqa: E731
    return solve_ivp(right, [0, times[-1]], [0.01], t_eval=times, rtol=1e-11, atol=1e-13).y[0]


def test_particles_follow_the_radial_equation_to_second_order_in_the_interval():
    """Forty intervals up to time 1 and up to time 2, where they are twice as long."""
    error = []
    for time, step in ((1, 0.005), (2, 0.01)):
        run = flow.evolve(RADIAL, SMALL, sigma=SIGMA, time=time, step=step, intervals=40, births=4)
        known = run.times <= 1 + 1e-9
        oracle = radial_oracle(np.asarray(run.times))
        error.append(np.abs(run.second_moment - oracle)[known].max())
    assert error[0] < 5e-3
    assert 3.8 < error[1] / error[0] < 4.2


def test_the_projected_equation_follows_the_radial_equation_on_any_grid():
    start = flow.Atoms(np.eye(1, 3), np.array([0.01]))
    run = flow.evolve_on_sphere(RADIAL, start, cells=40, sigma=SIGMA, time=3, step=0.002, records=5)
    oracle = radial_oracle(np.asarray(run.times))
    np.testing.assert_allclose(run.second_moment, oracle, rtol=2e-8)
    np.testing.assert_allclose(run.uniform_variation, radial_g(oracle), rtol=2e-7)


DISCRETE = dict(steps=150, births=4, snapshots=3)


def test_push_forward_obeys_its_recursion():
    eta = 0.02
    run = flow.push_forward(RADIAL, SMALL, sigma=SIGMA, eta=eta, **DISCRETE)
    s = [0.01]
    for _ in range(150):
        s.append((1 - eta * SIGMA) * (1 - 2 * eta * radial_g(s[-1])) ** 2 * s[-1] + eta * SIGMA)
    np.testing.assert_allclose(run.second_moment, s, rtol=1e-12)
    np.testing.assert_allclose(run.mass, 1, rtol=1e-13)
    for i in range(4):
        rho = run.measure(i)
        assert len(rho.mass) == 1 + 4 * 50 * i
        np.testing.assert_allclose(flow.second_moment(rho), s[50 * i], rtol=1e-12)


def test_push_forward_obeys_D1_at_every_step_and_not_with_twice_the_dissipation():
    """(D1) of Theorem E.21: L_{n+1} ≤ L_n − ηD_n/2 + ησ(2K − L_n)."""
    c, eta, sigma = flow.radial_constants(A, RADIAL_LAM), 1e-3, 1e-3
    run = flow.push_forward(RADIAL, SMALL, sigma=sigma, eta=eta, **DISCRETE)
    assert (32 * eta * c.C_R * c.G**2 * run.second_moment <= 1).all()
    L, D = np.asarray(run.objective), np.asarray(run.dissipation)
    source = eta * sigma * (2 * c.K - L[:-1])
    assert (L[1:] <= L[:-1] - eta / 2 * D[:-1] + source).all()
    assert (L[1:] > L[:-1] - eta * 2 * D[:-1] + source).any()


# ---------------------------------------------------------------------------------------------
# Example 5.2 on the line: stall and escape
# ---------------------------------------------------------------------------------------------

# One shape each, compiled once.
FINE = dict(cells=512, records=20)
PARTICLES = dict(intervals=100, births=16, snapshots=20)


@pytest.fixture(scope="module")
def escape():
    """The escape in the projected equation, on 512 and 256 cells."""
    return [
        flow.evolve_on_sphere(
            LINE, cells_on_arc(c), cells=c, sigma=1e-2, time=10, step=0.005, records=20
        )
        for c in (512, 256)
    ]


def test_particles_and_projected_equation_agree(escape):
    run = flow.evolve(LINE, on_arc(), sigma=1e-2, time=10, step=0.1, **PARTICLES)
    fine, coarse = (np.asarray(e.objective) for e in escape)
    extrapolated = 2 * fine - coarse
    np.testing.assert_allclose(run.snapshot_times, escape[0].times, rtol=1e-13)
    assert np.abs(run.objective[::5] - extrapolated).max() < 2e-3
    assert extrapolated[0] - extrapolated[-1] > 1.4  # it escaped: the test has something to see
    moments = [np.asarray(e.second_moment) for e in escape]
    np.testing.assert_allclose(run.second_moment[::5], 2 * moments[0] - moments[1], atol=0.05)


def test_particles_keep_their_mass_and_energy_balance():
    heavy = flow.Atoms(on_arc().theta, 3 * on_arc().mass)
    run = flow.evolve(LINE, heavy, sigma=0.5, time=4, step=0.02, **PARTICLES)
    np.testing.assert_allclose(run.mass, 1 + 2 * np.exp(-0.5 * run.times), rtol=1e-13)
    assert np.abs(run.balance).max() < 1e-8
    assert len(run.measure(1).mass) == 100 + 16 * run.every
    rho = run.measure(-1)
    for functional, series in (
        (lambda _, rho: rho.mass.sum(), run.mass),
        (lambda _, rho: flow.second_moment(rho), run.second_moment),
        (objective, run.objective),
        (dissipation, run.dissipation),
    ):
        np.testing.assert_allclose(functional(LINE, rho), series[-1], rtol=1e-11)
    g = variation(LINE, rho, rho.theta) @ rho.mass
    np.testing.assert_allclose(g, run.mean_variation[-1], rtol=1e-11, atol=1e-13)
    on_circle = variation(LINE, rho, flow.spread(3000, 2)).mean()
    np.testing.assert_allclose(on_circle, run.uniform_variation[-1], rtol=1e-11, atol=1e-13)


def test_pulses_amount_to_the_source_term_of_the_energy_identity():
    """∫σ∫g dU dt by Simpson's rule on the records, against the pulses inside the trajectory."""
    run = flow.evolve(LINE, on_arc(), sigma=0.5, time=4, step=0.02, **PARTICLES)
    right = 0.5 * (run.uniform_variation - run.mean_variation) - run.dissipation
    weights = np.ones(101) * 4 / 3
    weights[2:-1:2], weights[[0, -1]] = 2 / 3, 1 / 3
    change = run.objective[-1] - run.objective[0]
    assert abs(change - (right * weights).sum() * 0.04) < 2e-3


def test_energy_identity_of_the_projected_equation_holds_to_round_off(escape):
    assert np.abs(escape[0].balance).max() < 1e-12
    long = flow.evolve_on_sphere(LINE, cells_on_arc(512), sigma=1e-2, time=100, **FINE)
    assert np.abs(long.balance).max() < 1e-12
    # Stationary: ∫g dν = σ(1 − W²)/4, and the loss is within O(σ) of the optimum.
    expected = 1e-2 * (1 - long.second_moment[-1]) / 4
    np.testing.assert_allclose(long.mean_variation[-1], expected, rtol=1e-3)
    assert 0 < long.objective[-1] - OPTIMUM < 2e-3


def test_second_moment_obeys_its_own_equation(escape):
    """W²' = −σW² + σ − 4∫g dν, by differences of a finely recorded run."""
    run = flow.evolve_on_sphere(LINE, cells_on_arc(512), sigma=1e-2, time=0.2, step=0.002, **FINE)
    W2, t = np.asarray(run.second_moment), np.asarray(run.times)
    slope = (W2[2:] - W2[:-2]) / (t[2:] - t[:-2])
    expected = 1e-2 * (1 - W2) - 4 * np.asarray(run.mean_variation)
    np.testing.assert_allclose(slope, expected[1:-1], rtol=1e-3)
    moved = np.linalg.norm(np.diff(run.mean_features, axis=0), axis=1)
    np.testing.assert_allclose(np.diff(run.path_length), moved, rtol=1e-3)
    assert (np.diff(run.path_length) >= moved * (1 - 1e-9)).all()


@pytest.fixture(scope="module")
def stall():
    """The single atom at which v = 0 near the arc, by scipy's root finder."""
    v = lambda x: np.asarray(velocity(LINE, flow.Atoms(x[None], np.ones(1)), x[None]))[0]  # noqa: E731
    found = root(v, 2.4 * circle(0.9), tol=1e-14)
    assert np.abs(found.fun).max() < 1e-12
    return flow.Atoms(found.x[None], np.ones(1))


def test_the_unperturbed_flow_has_a_stationary_point_that_is_not_global(stall):
    nu = flow.project(stall)
    assert nu.mass[0] == pytest.approx(5.59860932, abs=1e-8)
    assert np.arctan2(nu.theta[0, 1], nu.theta[0, 0]) == pytest.approx(0.9229295, abs=1e-7)
    assert flow.objective(LINE, stall) == pytest.approx(2.01990350, abs=1e-8)
    g = flow.variation(LINE, stall, circle(np.linspace(0, 2 * np.pi, 10_001)))
    assert g.min() == pytest.approx(-0.37402, abs=1e-5)


def test_both_simulators_stall_there_without_perturbation(stall):
    L = float(flow.objective(LINE, stall))
    run = flow.evolve(LINE, on_arc(), sigma=0, time=60, step=0.1, **PARTICLES)
    assert run.objective[-1] == pytest.approx(L, abs=1e-9)
    on_cells = flow.evolve_on_sphere(LINE, cells_on_arc(512), sigma=0, time=100, **FINE)
    assert on_cells.objective[-1] == pytest.approx(L, abs=2e-5)
    assert on_cells.dissipation[-1] < 1e-6


def test_batched_trajectories_equal_looped_ones():
    sigmas = jnp.array([0.0, 0.01, 1.0])
    single = lambda s: flow.evolve(LINE, on_arc(), sigma=s, time=1.0, step=0.1, **PARTICLES)  # noqa: E731
    batch = jax.vmap(single)(sigmas)
    for i, sigma in enumerate(sigmas):
        alone = single(sigma)
        for field in ("objective", "second_moment", "balance", "theta", "masses"):
            whole = getattr(batch, field)[i]
            np.testing.assert_allclose(whole, getattr(alone, field), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(batch.measure(-1).mass.sum(axis=-1), 1, rtol=1e-13)


def test_a_batch_over_steps_equals_looped_ones():
    options = {"sigma": 0.01, "steps": 3, "births": 2}
    etas = jnp.array([1e-3, 1e-2])
    batch = jax.vmap(lambda eta: flow.push_forward(LINE, on_arc(), eta=eta, **options))(etas)
    for i, eta in enumerate(etas):
        alone = flow.push_forward(LINE, on_arc(), eta=float(eta), **options).objective
        np.testing.assert_allclose(batch.objective[i], alone, rtol=1e-12)


def test_any_smooth_problem_will_do():
    """A quadratic R and a trigonometric Φ, plain functions or not: L falls, the balance closes."""
    Phi = Partial(lambda t: jnp.array([t[0] * t[1], t[0] ** 2 - t[1] ** 2]))
    problem = flow.Problem(Phi, lambda t: 0.1 * t @ t, lambda a: jnp.sum((a - 1) ** 2))
    run = flow.evolve(
        problem, on_arc(7), sigma=0.1, time=1, step=0.002, intervals=5, births=8, snapshots=1
    )
    assert run.objective[-1] < run.objective[0] - 0.1
    assert np.abs(run.balance).max() < 1e-7


def problem_with(Phi=lambda t: t**2, V=lambda t: t @ t, R=lambda a: jnp.sum(a**2)):
    return flow.Problem(Phi, V, R)


BOTH_SCHEMES = (
    lambda problem, rho: flow.evolve(problem, rho, sigma=0.1, time=1),
    lambda problem, rho: flow.push_forward(problem, rho, sigma=0.1, eta=1e-3, steps=2),
    lambda problem, rho: flow.evolve_on_sphere(problem, rho, cells=8, sigma=0.1, time=1),
)


@pytest.mark.parametrize("act", BOTH_SCHEMES)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Phi": lambda t: t}, "Phi is not 2-homogeneous"),
        ({"Phi": lambda t: t**2 * (1 + 1e-8 * t[0])}, "Phi is not 2-homogeneous"),
        ({"Phi": lambda t: jnp.array([t @ t, t[0] ** 3])}, "Phi is not 2-homogeneous"),
        ({"Phi": lambda t: t**2 * jnp.nan}, "Phi is not 2-homogeneous"),
        ({"V": lambda t: t @ t + 1}, "V is not 2-homogeneous"),
        ({"Phi": lambda t: t @ t}, r"Phi must map \(2,\) to \(k,\)"),
        ({"V": lambda t: t**2}, "V must be a number"),
        ({"R": lambda a: a**2}, "R must be a number"),
        ({"R": lambda a: float(a[0])}, "R fails at an array of shape"),
        ({"Phi": lambda t: np.ones((3, 3)) @ t}, "Phi fails at an array of shape"),
    ],
)
def test_a_problem_whose_flow_would_not_be_that_of_its_projection_is_refused(act, changes, message):
    with pytest.raises(ValueError, match=message):
        act(problem_with(**changes), ARC)


def test_a_homogeneous_problem_is_accepted_at_every_scale_and_where_it_vanishes():
    for scale in (1e-100, 1.0, 1e100):
        problem_with(lambda t, s=scale: s * t**2).homogeneous(3)
    problem_with(lambda t: 0 * t, lambda t: 0.0).homogeneous(2)
    flow.two_layer(X, Y, LAM, 0.0).homogeneous(2)


def test_a_problem_made_of_anything_but_functions_is_refused():
    with pytest.raises(ValueError, match="R must be a function"):
        flow.Problem(lambda t: t**2, lambda t: t @ t, 3.0)


# ---------------------------------------------------------------------------------------------
# Three dimensions
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("D, cells", [(2, 100), (3, 400)])
def test_the_mesh_has_the_laplacian_of_the_sphere(D, cells):
    """Coordinates are eigenfunctions: Σ_j κ_ij (x_j − x_i)/area_i = −(D − 1) x_i."""
    m = flow.mesh(cells, D)
    assert m.area.sum() == pytest.approx(1, rel=1e-13)
    back = np.zeros((cells, cells))
    np.add.at(back, (np.arange(cells)[:, None], m.neighbours), m.conductance)
    np.testing.assert_allclose(back, back.T, rtol=1e-12, atol=1e-15)
    flux = m.conductance[..., None] * (m.centres[m.neighbours] - m.centres[:, None])
    laplacian = flux.sum(axis=1) / m.area[:, None]
    assert np.sqrt(((laplacian + (D - 1) * m.centres) ** 2).sum(axis=1)).mean() < 0.05
    np.testing.assert_allclose(flux.sum(axis=(0, 1)), 0, atol=1e-12)


def test_exclusive_or_on_the_sphere_escapes_its_stall():
    theta = np.abs(np.random.default_rng(0).normal(size=(50, 3))) * [1, 1, 0.3]
    start = flow.project(flow.Atoms(theta, np.full(50, 0.02)))
    start = start._replace(mass=start.mass / start.mass.sum())
    setting = dict(step=0.2, intervals=50, births=48, snapshots=1)
    particles = flow.evolve(SQUARE, start, sigma=1e-2, time=20, **setting)
    on_cells = flow.evolve_on_sphere(
        SQUARE, start, cells=400, sigma=1e-2, time=20, step=0.04, records=10
    )
    assert np.abs(on_cells.balance).max() < 1e-9
    assert np.abs(particles.objective[::5] - on_cells.objective).max() < 0.08
    assert 0 < particles.objective[-1] - 1.682386 < 0.02
    held = flow.evolve(SQUARE, start, sigma=0, time=60, **setting)
    assert held.objective[-1] - 1.682386 > 0.4
    assert held.dissipation[-1] < 1e-8


# ---------------------------------------------------------------------------------------------
# What is refused
# ---------------------------------------------------------------------------------------------

ARC = on_arc(3)
REFUSED = {
    "negative sigma": (lambda: flow.evolve(LINE, ARC, sigma=-1.0, time=1), "sigma"),
    "sigma is nan": (lambda: flow.evolve(LINE, ARC, sigma=np.nan, time=1), "sigma"),
    "no time": (lambda: flow.evolve(LINE, ARC, sigma=0.1, time=0), "time"),
    "no step": (lambda: flow.evolve(LINE, ARC, sigma=0.1, time=1, step=0), "step"),
    "uneven snapshots": (
        lambda: flow.evolve(LINE, ARC, sigma=0.1, time=1, intervals=10, snapshots=3),
        "do not divide",
    ),
    "negative mass": (
        lambda: flow.evolve(LINE, ARC._replace(mass=-ARC.mass), sigma=0.1, time=1),
        "negative",
    ),
    "missing mass": (lambda: flow.objective(LINE, (ARC.theta, ARC.mass[:2])), "one mass"),
    "theta is nan": (lambda: flow.objective(LINE, (np.full((1, 2), np.nan), [1.0])), "theta"),
    "vast step": (
        lambda: flow.evolve(LINE, on_arc(), sigma=0.1, time=2000, step=10, **PARTICLES),
        "step is too large",
    ),
    "vast step on cells": (
        lambda: flow.evolve_on_sphere(
            LINE, cells_on_arc(512), sigma=0.1, time=100, step=0.1, **FINE
        ),
        "step is too large",
    ),
    "a square step": (
        lambda: flow.evolve(RADIAL, ARC, sigma=0.1, time=1, step=np.ones(2)),
        "step must be a real number",
    ),
    "a step in words": (
        lambda: flow.evolve_on_sphere(LINE, ARC, cells=8, sigma=0.1, time=1, step="short"),
        "step must be a real number",
    ),
    "a vast start": (
        lambda: flow.evolve(
            LINE, flow.Atoms(1e200 * on_arc().theta, on_arc().mass), sigma=0.1, time=1, **PARTICLES
        ),
        "step is too large",
    ),
    "vast masses on cells": (
        lambda: flow.evolve_on_sphere(
            flow.two_layer(X, Y, 1e308, S), cells_on_arc(512), sigma=0.1, time=1, **FINE
        ),
        "step is too large",
    ),
    "half a seed": (lambda: flow.evolve(LINE, ARC, sigma=0.1, time=1, seed=0.5), "seed"),
    "a negative seed": (
        lambda: flow.push_forward(LINE, ARC, sigma=0.1, eta=0.1, steps=2, seed=-1),
        "seed",
    ),
    "half an interval": (lambda: flow.evolve(LINE, ARC, sigma=0.1, time=1, intervals=0.5), "inter"),
    "negative births": (lambda: flow.evolve(LINE, ARC, sigma=0.1, time=1, births=-1), "births"),
    "no births": (
        lambda: flow.push_forward(LINE, ARC, sigma=0.1, eta=0.1, steps=2, births=0),
        "births must be",
    ),
    "uneven steps": (
        lambda: flow.push_forward(LINE, ARC, sigma=0.1, eta=0.1, steps=3, snapshots=2),
        "do not divide",
    ),
    "negative sigma, discrete": (
        lambda: flow.push_forward(LINE, ARC, sigma=-1, eta=0.1, steps=3),
        "sigma",
    ),
    "no eta": (lambda: flow.push_forward(LINE, ARC, sigma=0.1, eta=0, steps=3), "eta must be pos"),
    "no particles": (
        lambda: flow.evolve(LINE, (np.zeros((0, 2)), np.zeros(0)), sigma=0.1, time=1),
        "theta is empty",
    ),
    "no mass at all": (lambda: flow.evolve(LINE, ARC.theta, sigma=0.1, time=1), "Atoms"),
    "another space": (
        lambda: flow.objective(LINE, flow.Atoms(np.eye(3), np.ones(3))),
        "Phi fails at an array of shape",
    ),
    "points of another space": (lambda: flow.variation(LINE, ARC, np.eye(3)), "rows of theta"),
    "speeds of another space": (lambda: flow.velocity(LINE, ARC, np.eye(3)), "rows of theta"),
    "points in words": (lambda: flow.velocity(LINE, ARC, [["a", "b"]]), "theta must be a numeric"),
    "few cells": (lambda: flow.mesh(7, 2), "cells must be"),
    "cells in a list": (lambda: flow.mesh([8], 2), "cells must be a real number"),
    "cells on a line": (lambda: flow.mesh(8, 1), "D = 1"),
    "no directions": (lambda: flow.spread(0, 2), "count must be"),
    "no dimensions": (lambda: flow.spread(8, 0), "D must be"),
    "directions in a list": (lambda: flow.spread([8], 2), "count must be a real number"),
    "no radius": (lambda: flow.radial(np.inf, 1.0), "A must be finite"),
    "four dimensions": (
        lambda: flow.evolve_on_sphere(
            RADIAL, flow.Atoms(np.eye(4), np.ones(4)), cells=50, sigma=0.1, time=1
        ),
        "D = 4",
    ),
    "eta is nan": (lambda: flow.push_forward(LINE, ARC, sigma=0.1, eta=np.nan, steps=3), "eta"),
    "eta sigma > 1": (lambda: flow.push_forward(LINE, ARC, sigma=3, eta=0.5, steps=3), "exceeds 1"),
    "negative smoothing": (lambda: flow.two_layer(X, Y, LAM, -0.1), "smoothing"),
    "no regularisation": (lambda: flow.two_layer(X, Y, 0, S), "lam"),
    "wrong label": (lambda: flow.two_layer(X, [1, 2, 1, 1], LAM, S), "labels"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_input_is_refused(case):
    act, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        act()
