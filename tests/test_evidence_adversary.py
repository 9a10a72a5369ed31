"""Attacked evidence: the adversary finds what random sampling misses and stays in the family."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linprog

from margintheory.evidence import ClaimRefuted, Control, ControlNotRejected, Family, attacked
from margintheory.evidence.adversary import attack, verdict

SMALL = {"starts": 32, "steps": 60, "rounds": 2}


def box(dimension):
    return Family(
        sample=lambda key: jax.random.uniform(key, (dimension,), minval=-1.0),
        project=lambda x: jnp.clip(x, -1, 1),
    )


def sphere(dimension):
    return Family(
        sample=lambda key: jax.random.normal(key, (dimension,)),
        project=lambda x: x / jnp.linalg.norm(x),
    )


def lowest(slack, family, *, tol=None, starts=256, steps=150, rounds=4, seed=0):
    return attack(slack, family, tol=tol, starts=starts, steps=steps, rounds=rounds, seed=seed)


def card(slack, family, control, **options):
    options = SMALL | options
    return attacked("Lemma D.2", slack, family, control=control, checks="an attack", **options)


HIDDEN = jnp.linspace(-0.7, 0.8, 20)
SQUARE = Control("below a square", lambda x: jnp.sum(x**2) - 0.01)


def needle(x):
    """Negative only within 0.05 of a hidden point of the cube in 20 dimensions."""
    return jnp.sum((x - HIDDEN) ** 2) - 0.05**2


def test_the_adversary_finds_a_needle_that_random_sampling_misses():
    found = lowest(needle, box(20))
    assert found.verdict == "fails"
    assert np.linalg.norm(found.worst - HIDDEN) < 1e-3
    keys = jax.random.split(jax.random.key(1), found.instances)
    sampled = jax.vmap(lambda key: needle(box(20).sample(key)))(keys)
    assert sampled.min() > 1


def test_a_needle_with_a_vanishing_gradient_is_found_too():
    found = lowest(lambda x: 1 - 2 * jnp.exp(-50 * jnp.sum((x - HIDDEN) ** 2)), box(20))
    assert float(found.slack) == pytest.approx(-1)


def test_the_minimum_on_a_sphere_is_the_smallest_eigenvalue():
    A = jax.random.normal(jax.random.key(3), (30, 30))
    A = A + A.T
    found = lowest(lambda x: x @ A @ x, sphere(30))
    assert found.worst @ A @ found.worst == pytest.approx(np.linalg.eigvalsh(A)[0], abs=1e-6)
    assert np.linalg.norm(found.worst) == pytest.approx(1)


def test_the_minimum_of_a_maximum_is_that_of_the_linear_program():
    rng = np.random.default_rng(0)
    A, b = rng.normal(size=(40, 6)), rng.normal(size=40)
    found = lowest(lambda x: jnp.max(A @ x + b), box(6))
    exact = linprog(
        np.r_[np.zeros(6), 1], np.c_[A, -np.ones(40)], -b, bounds=[(-1, 1)] * 6 + [(None, None)]
    ).fun
    value = np.max(A @ found.worst + b)
    assert exact - 1e-9 <= value <= exact + 1e-2


def test_an_ill_conditioned_curved_valley_is_followed():
    def rosenbrock(x):
        x = 2 * x
        return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    found = lowest(rosenbrock, box(8))
    np.testing.assert_allclose(found.worst, 0.5, atol=1e-3)


def test_an_instance_in_the_corner_of_the_family_is_reached():
    found = lowest(lambda x: jnp.sum(x) + 20 - 1e-6, box(20), **SMALL)
    np.testing.assert_array_equal(found.worst, -1)
    assert found.verdict == "fails"


def test_no_instance_outside_the_family_is_ever_looked_at():
    def inside(x):
        return jnp.where(jnp.abs(x).max() <= 1, 2 + x[0], jnp.nan)

    assert lowest(inside, box(5), **SMALL).verdict == "holds"
    with pytest.raises(ValueError, match="not finite"):
        lowest(inside, Family(sample=box(5).sample), **SMALL)


def test_whole_numbers_and_constant_entries_stay_as_drawn():
    def sample(key):
        n_key, x_key = jax.random.split(key)
        x = jnp.append(jax.random.normal(x_key, (2,)), 1.0)
        return {"n": jax.random.randint(n_key, (), 2, 5), "x": x}

    def untouched(instance):
        n, x = instance["n"], instance["x"]
        kept = (n >= 2) & (n < 5) & (n == jnp.round(n)) & (x[2] == 1)
        return jnp.where(kept, 1.0, -1.0) + x[0] ** 2 * n

    found = lowest(untouched, Family(sample), **SMALL)
    assert found.verdict == "holds" and jnp.issubdtype(found.worst["n"].dtype, jnp.integer)
    assert found.slack == "1" and found.where.startswith("n = ")


def test_entries_of_very_different_size_all_move():
    def sample(key):
        small, large = jax.random.normal(key, (2,))
        return {"small": 1e-6 * small, "large": 1e6 * large}

    def slack(at):
        return (at["small"] * 1e6 - 3) ** 2 + (at["large"] / 1e6 + 4) ** 2

    found = lowest(slack, Family(sample), **SMALL)
    assert found.worst["small"] == pytest.approx(3e-6, rel=1e-3)
    assert found.worst["large"] == pytest.approx(-4e6, rel=1e-3)


def test_gradients_that_are_not_finite_do_not_stop_the_adversary():
    def kinked(x):  # the gradient is NaN on the whole negative orthant, where the slack is -0.01
        return (
            jnp.sqrt(jnp.sum(jnp.maximum(x, 0) ** 2))
            - 0.01
            + 0 * jnp.where(x[0] > 0.9, jnp.sqrt(jnp.maximum(x[0] - 2, 0)), 0.0)
        )

    assert lowest(kinked, box(4)).verdict == "fails"


def test_a_plateau_is_explored():
    found = lowest(lambda x: jnp.where(jnp.abs(x[0] - 0.5) < 0.001, -1.0, 1.0), box(2))
    assert found.verdict == "fails"


def test_a_true_claim_passes_and_the_card_tells_the_smallest_slack():
    found = card(lambda x: jnp.sum(x**2) + 0.25, box(3), SQUARE)
    assert found.slack == "0.25" and found.instances == 32 * (1 + 2 * 60)
    assert str(found) == (
        "Lemma D.2 · attacked · no counterexample among 3872 instances · "
        "control rejected: below a square"
    )
    np.testing.assert_allclose(found.worst, 0, atol=1e-3)
    assert found.controls[0].how.startswith("slack -0.01 (tolerance ")


def test_a_tight_claim_passes_with_slack_zero():
    assert card(lambda x: 3 - jnp.sum(x**2), box(3), SQUARE).slack == "0"


def test_the_sign_of_the_slack_matters():
    with pytest.raises(ClaimRefuted, match="refuted\nslack -3"):
        card(lambda x: -jnp.sum(x**2), box(3), SQUARE)


def test_a_control_that_holds_is_not_rejected():
    with pytest.raises(ControlNotRejected, match="holds, too: weaker"):
        card(lambda x: x @ x, box(3), Control("weaker", lambda x: x @ x + 1))


def test_a_control_may_drop_a_hypothesis_of_the_family():
    control = Control("any norm", family=Family(lambda key: jax.random.normal(key, (3,))))
    assert card(lambda x: 1.5 - x @ x, sphere(3), control)
    with pytest.raises(ControlNotRejected, match="the same"):
        card(lambda x: 1.5 - x @ x, sphere(3), Control("the same sphere", family=sphere(3)))


@pytest.mark.parametrize("smallest, expected", [(0.0, "holds"), (-1e-9, "holds"), (1.0, "holds")])
def test_roundoff_is_not_a_violation(smallest, expected):
    assert verdict(smallest, 1e-9) == expected


def test_between_one_and_ten_tolerances_nothing_is_decided():
    assert verdict(-2e-9, 1e-9) == verdict(-1e-8, 1e-9) == "undecided"
    assert verdict(-1.1e-8, 1e-9) == "fails"
    with pytest.raises(ClaimRefuted, match="not shown"):
        card(lambda x: x @ x - 5e-3, box(3), SQUARE, tol=1e-3)
    with pytest.raises(ControlNotRejected, match="could not be decided"):
        card(lambda x: x @ x, box(3), SQUARE, tol=2e-3)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_the_default_tolerance_follows_the_scale_of_the_slack(scale):
    control = Control("lower", lambda x: scale * (x @ x - 1e-3))
    found = card(lambda x: scale * (x @ x), box(3), control)
    assert 1e-10 < float(found.tolerance) / scale < 1e-8


def nan_somewhere(x):
    return jnp.where(x[0] > 0.99, jnp.nan, 1.0 - x[0])


@pytest.mark.parametrize(
    "slack, family, message",
    [
        (nan_somewhere, box(3), "not finite at"),
        (lambda x: 1 / (x[0] - x[0]), box(3), "not finite"),
        (lambda x: jnp.inf + x[0], box(3), "not finite"),
        (lambda x: x, box(3), "one real number"),
        (lambda x: x[0] > 0, box(3), "one real number"),
        (lambda x: jnp.round(x[0]).astype(int), box(3), "one real number"),
        (lambda x: 1.0 + jnp.sum(x), box(0), "empty"),
        (lambda x: 1.0, Family(lambda key: {}), "empty"),
        (lambda x: 1.0 * x, Family(lambda key: jax.random.randint(key, (), 0, 9)), "empty"),
        (lambda x: x[0] ** 2, Family(lambda key: jnp.ones(2)), "all one instance"),
    ],
)
def test_ill_posed_attacks_are_errors(slack, family, message):
    with pytest.raises(ValueError, match=message):
        card(slack, family, SQUARE)


def test_a_nan_of_the_control_is_an_error_as_well():
    with pytest.raises(ValueError, match="not finite") as caught:
        card(lambda x: x @ x, box(3), Control("undefined", nan_somewhere))
    assert "undefined" in caught.value.__notes__[0]


@pytest.mark.parametrize("option", [{"tol": 0.0}, {"tol": np.nan}, {"starts": 1}, {"steps": 0}])
def test_options_of_the_attack_are_checked(option):
    with pytest.raises(ValueError, match=next(iter(option))):
        card(lambda x: x @ x, box(3), SQUARE, **option)


def test_the_same_attack_gives_the_same_record_twice():
    def record():
        return card(lambda x: jnp.sum(x**2), box(3), SQUARE).record()

    assert record() == record()
