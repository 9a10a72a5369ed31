"""Attacked evidence: the adversary finds what random sampling misses and stays in the family."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linprog

from refutable import (
    AtLeast,
    AtMost,
    ClaimRefuted,
    Control,
    ControlNotRejected,
    Equal,
    Family,
    attacked,
)
from refutable.adversary import attack, in_coordinates, spreads, verdict

SMALL = {"starts": 32, "steps": 60, "rounds": 2, "seeds": 1}


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


def lowest(claim, family, *, tol=None, starts=256, steps=150, rounds=4, seeds=1):
    return attack(claim, family, tol=tol, starts=starts, steps=steps, rounds=rounds, seeds=seeds)


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
    assert 1 - 2 * np.exp(-50 * np.sum((found.worst - HIDDEN) ** 2)) == pytest.approx(-1)


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


def test_a_minimum_in_which_many_kinks_meet_is_reached():
    found = lowest(lambda x: jnp.max(jnp.abs(x - HIDDEN)), box(20))
    np.testing.assert_allclose(found.worst, HIDDEN, atol=1e-5)


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
    assert found.detail.startswith("gap 1 ") and found.where.startswith("n = ")


def test_entries_of_very_different_size_all_move():
    def sample(key):
        small, large = jax.random.normal(key, (2,))
        return {"small": 1e-6 * small, "large": 1e6 * large}

    def slack(at):
        return (at["small"] * 1e6 - 3) ** 2 + (at["large"] / 1e6 + 4) ** 2

    problem, _ = in_coordinates(slack, Family(sample))
    samples = jax.vmap(problem.sample)(jax.random.split(jax.random.key(0), 1000))
    np.testing.assert_allclose(spreads(problem, np.asarray(samples)), [1e6, 1e-6], rtol=0.1)
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
    found = lowest(
        lambda x: jnp.where(jnp.abs(x[0] - 0.5) < 0.001, -1.0, 1.0) + jnp.maximum(x[1], 0), box(2)
    )
    assert found.verdict == "fails"


@pytest.fixture(scope="module")
def square():
    """Evidence for a true claim with a false control."""
    return card(lambda x: jnp.sum(x**2) + 0.25, box(3), SQUARE)


def test_a_true_claim_passes_and_the_card_tells_the_smallest_slack(square):
    assert square.tightness is None and square.instances == 32 * 60 * 2
    assert str(square) == (
        "Lemma D.2 · attacked · no counterexample among 3840 instances · "
        "control rejected: below a square"
    )
    np.testing.assert_allclose(square.worst, 0, atol=1e-3)
    assert square.controls[0].how.startswith("gap -0.01 (tolerance ")


def test_the_same_attack_gives_the_same_record_twice(square):
    again = card(lambda x: jnp.sum(x**2) + 0.25, box(3), SQUARE)
    assert again.record() == square.record()
    np.testing.assert_array_equal(again.worst, square.worst)


def test_a_tight_claim_passes_with_slack_zero():
    found = lowest(lambda x: 3 - jnp.sum(x**2), box(3), **SMALL)
    assert found.verdict == "holds" and found.detail.startswith("gap 0 (tolerance ")


def test_the_sign_of_the_slack_matters():
    with pytest.raises(ClaimRefuted, match="refuted\ngap -3"):
        card(lambda x: -jnp.sum(x**2), box(3), SQUARE)


def test_a_control_that_holds_is_not_rejected():
    with pytest.raises(ControlNotRejected, match="holds, too: weaker"):
        card(lambda x: x @ x, box(3), Control("weaker", lambda x: x @ x + 1))


def test_a_control_may_drop_a_hypothesis_of_the_family():
    control = Control("any norm", family=Family(lambda key: jax.random.normal(key, (3,))))
    found = card(lambda x: 1.5 - x @ x, sphere(3), control)
    assert found.controls[0].what == "any norm"


def test_the_slack_is_compiled_once_however_long_the_attack():
    traced = []

    def slack(x):
        traced.append(x)
        return x @ x

    lowest(slack, box(2), starts=8, steps=50, rounds=6)
    assert len(traced) <= 4


def test_between_one_and_ten_tolerances_nothing_is_decided():
    assert {verdict(s, 1e-9) for s in (1.0, 0.0, -1e-9)} == {"holds"}
    assert {verdict(s, 1e-9) for s in (-2e-9, -1e-8)} == {"undecided"}
    assert {verdict(s, 1e-9) for s in (-1.1e-8, -1.0)} == {"fails"}
    with pytest.raises(ClaimRefuted, match="not shown"):
        card(lambda x: x @ x - 5e-4, box(3), SQUARE, tol=1e-4)
    barely = Control("barely", lambda x: x @ x - 5e-4)
    with pytest.raises(ControlNotRejected, match="could not be decided"):
        card(lambda x: x @ x, box(3), barely, tol=1e-4)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_the_default_tolerance_follows_the_scale_of_the_slack(scale):
    found = lowest(lambda x: scale * (x @ x - 1e-6), box(3), **SMALL)
    assert 1e-10 < float(found.tolerance) / scale < 1e-8
    assert found.verdict == "fails"


def nan_somewhere(x):
    return jnp.where(x[0] > 0.99, jnp.nan, 1.0 - x[0])


@pytest.mark.parametrize(
    "slack, family, message",
    [
        (lambda x: jnp.inf + x[0], box(3), "not finite"),
        (lambda x: x, box(3), "one real number"),
        (lambda x: x[0] > 0, box(3), "one real number"),
        (lambda x: jnp.round(x[0]).astype(int), box(3), "one real number"),
        (lambda x: 1.0 + jnp.sum(x), box(0), "empty"),
        (lambda x: 1.0, Family(lambda key: {}), "empty"),
        (lambda x: 1.0 * x, Family(lambda key: jax.random.randint(key, (), 0, 9)), "empty"),
        (lambda x: x[0] ** 2, Family(lambda key: jnp.ones(2)), "all one instance"),
        (lambda x: x[0] ** 2, Family(lambda key: jnp.log(box(2).sample(key))), "sample .* finite"),
    ],
)
def test_ill_posed_attacks_are_errors(slack, family, message):
    with pytest.raises(ValueError, match=message):
        card(slack, family, SQUARE)


def test_a_nan_that_only_the_adversary_reaches_is_an_error():
    with pytest.raises(ValueError, match="not finite at") as caught:
        card(lambda x: x @ x, box(3), Control("undefined", nan_somewhere))
    assert "undefined" in caught.value.__notes__[0]


@pytest.mark.parametrize("option", [{"tol": 0.0}, {"tol": np.nan}, {"starts": 1}, {"steps": 0}])
def test_options_of_the_attack_are_checked(option):
    with pytest.raises(ValueError, match=next(iter(option))):
        card(lambda x: x @ x, box(3), SQUARE, **option)


def khintchine(x, constant=3**0.5):
    """‖x‖₁ ≤ √d ‖x‖ in three dimensions, with equality at (1, 1, 1)."""
    return AtMost(jnp.abs(x).sum(), constant * jnp.linalg.norm(x))


NEARLY = Control("one per cent less", factor=0.99)


def test_a_sharp_bound_is_reached_at_any_scale():
    for scale in (1e-8, 1.0, 1e8):
        family = Family(lambda key, scale=scale: scale * jax.random.normal(key, (3,)))
        found = card(khintchine, family, NEARLY, seeds=3)
        assert found.tightness == 0.9999 and found.controls[0].distance == 0.99
        assert "· reaches 99.99 % ·" in str(found)


@pytest.mark.parametrize("constant", [1.0, 1.25, 4.0])
def test_the_tightness_is_by_how_much_the_bound_is_too_large(constant):
    def claim(x):
        return khintchine(x, constant * 3**0.5)

    control = Control("too small", factor=0.99 / constant)
    found = card(claim, sphere(3), control)
    assert found.tightness == pytest.approx(1 / constant, abs=0.011)
    turned = card(lambda x: AtLeast(*claim(x)[::-1]), sphere(3), control)
    assert turned.tightness == found.tightness


def test_equalities_are_attacked_within_a_tolerance_of_their_sides():
    def double(x, c=1.0):
        return Equal(jnp.sum(x) ** 2, c * (x @ x + 2 * (x[0] * x[1])))

    control = Control("off by 1e-6", lambda x: double(x, 1 + 1e-6))
    assert card(double, box(2), control).tightness == 0.9999
    with pytest.raises(ClaimRefuted):
        card(lambda x: double(x, 1.01), box(2), control)


def test_only_instances_at_which_the_hypothesis_holds_count():
    far = Family(box(3).sample, box(3).project, where=lambda x: x @ x > 1)
    root = Control("without the hypothesis", family=box(3), change="hypothesis")
    found = card(lambda x: AtLeast(x @ x, 1.0), far, root)
    assert found.tightness == pytest.approx(1, abs=0.02)
    never = Family(box(3).sample, where=lambda x: x @ x > 4)
    with pytest.raises(ValueError, match="hypothesis holds at none"):
        card(lambda x: AtLeast(x @ x, 1.0), never, root)


def test_what_has_no_slope_is_no_attack():
    with pytest.raises(ValueError, match="no slope"):
        card(lambda x: jax.lax.stop_gradient(x @ x), box(3), SQUARE)


def test_a_projection_must_lead_into_the_family():
    halving = Family(box(3).sample, project=lambda x: x / 2)
    with pytest.raises(ValueError, match="moves what it has projected"):
        card(lambda x: x @ x, halving, SQUARE)


def test_a_tolerance_must_be_small_against_the_sides():
    with pytest.raises(ValueError, match="not small against the sides"):
        card(khintchine, sphere(3), NEARLY, tol=0.1)


def test_single_precision_is_refused():
    family = Family(lambda key: jax.random.normal(key, (3,), jnp.float32))
    with pytest.raises(ValueError, match="float64"):
        card(lambda x: x @ x, family, SQUARE)


def test_a_control_must_be_false_with_every_seed():
    def thin(x, width=0.02):
        return jnp.where(jnp.abs(x[0] - 0.3) < width, -1.0, 1.0) + 0 * x @ x

    with pytest.raises(ControlNotRejected, match=r"could not be decided|holds, too"):
        for width in (0.02, 0.005, 0.002, 0.001, 5e-4, 2e-4, 1e-4):
            control = Control("thin", lambda x, width=width: thin(x, width) + 0.1 * x[1] ** 2)
            card(lambda x: x @ x, box(2), control, starts=8, steps=4, rounds=1, seeds=4)
