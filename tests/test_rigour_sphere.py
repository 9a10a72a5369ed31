"""The arcs of the circle that a direction lies on, and the directions a search starts from."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from margintheory import sphere


@given(
    hnp.arrays(float, (4, 2), elements=st.integers(-6, 6).map(float)),
    st.floats(-3.1, 3.1),
)
def test_the_arc_of_a_direction_has_the_active_points_of_that_direction(X, angle):
    u = np.array([np.cos(angle), np.sin(angle)])
    if (np.abs(X @ u) > 1e-9).all():
        arcs = sphere.arrange(X)
        (k,) = sphere.arc_of(arcs, u[None])
        active = X[X @ u > 0].sum(axis=0)
        assert (sphere.arc_vectors(arcs, arcs.X)[k] == active).all()


def test_the_ends_are_those_of_the_arcs_and_a_compass_with_both_signs():
    arcs = sphere.arrange(np.array([[3.0, 4.0], [1.0, -7.0]]))
    u, sign = sphere.ends(arcs)
    half = len(u) // 2
    assert (u[:half] == u[half:]).all()
    assert (sign[:half] == 1).all() and (sign[half:] == -1).all()
    assert (u[: len(arcs.starts)] == arcs.starts).all()
    angles = np.arctan2(u[len(arcs.starts) : half, 1], u[len(arcs.starts) : half, 0])
    np.testing.assert_allclose(
        np.sort((angles + 1e-9) % (2 * np.pi)), np.arange(8) * np.pi / 4, atol=1e-8
    )
