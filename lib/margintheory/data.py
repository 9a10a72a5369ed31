"""Data sets of the paper."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from margintheory.validate import count, positive, real


def line_set(
    n: int | float, seed: int = 1, labels: Literal["smooth", "random"] = "smooth"
) -> tuple[Float[np.ndarray, "n 2"], Float[np.ndarray, " n"]]:
    """The one-dimensional set of Section F.3: rows (x, 1) with x uniform on [−1, 1], sorted.

    The constant coordinate carries the bias. "smooth" labels are the sign of sin(5x + 0.3),
    "random" ones fair coins. The paper does not give its own labels; these are ours.
    """
    rng, n = _generator(seed), count(n, "n")
    x = np.sort(rng.uniform(-1, 1, n))
    if labels == "smooth":
        y = np.where(np.sin(5 * x + 0.3) > 0, 1.0, -1.0)
    elif labels == "random":
        y = rng.choice([-1.0, 1.0], n)
    else:
        raise ValueError(f'labels must be "smooth" or "random", got {labels!r}.')
    return np.column_stack([x, np.ones(n)]), y


def xor(n: int, d: int, seed: int = 1) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
    """n draws of the distribution D of Section 4: y = x_1 x_2 for fair signs x_1 and x_2.

    The coordinates x_3, …, x_d are standard normal. Raises ValueError for d < 3.
    """
    signs, noise = _signs_and_noise(_generator(seed), n, d)
    return np.column_stack([signs, noise]), signs.prod(axis=1)


def xor_truncated(
    n: int, d: int, C: float, seed: int = 1
) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
    """n draws of D given ‖x‖₂ ≤ C, by rejection: the p_data of the paper's proof of Theorem 4.3.

    The paper takes C² of order d log n. Raises ValueError for d < 3, and for C² < d, where nearly
    every draw might have to be rejected.
    """
    rng = _generator(seed)
    signs, noise = _signs_and_noise(rng, n, d)
    square = positive(C, "C") ** 2
    if square < d:
        raise ValueError(f"C must be at least √d = {np.sqrt(d):g}, got {C:g}.")
    while (outside := (noise**2).sum(axis=1) > square - 2).any():
        noise[outside] = rng.normal(size=noise[outside].shape)
    return np.column_stack([signs, noise]), signs.prod(axis=1)


def xor_sphere(
    n: int, d: int, seed: int = 1
) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
    """n draws of D_sph: as `xor`, with (x_3, …, x_d) uniform on the sphere of radius √(d − 2).

    Each point has ‖x‖² = d. Raises ValueError for d < 3.
    """
    signs, noise = _signs_and_noise(_generator(seed), n, d)
    noise *= np.sqrt(d - 2) / np.linalg.norm(noise, axis=1, keepdims=True)
    return np.column_stack([signs, noise]), signs.prod(axis=1)


def _generator(seed):
    return np.random.default_rng(count(seed, "seed", least=0))


def _signs_and_noise(rng, n, d):
    n, d = count(n, "n"), count(d, "d", least=3)
    return rng.choice([-1.0, 1.0], size=(n, 2)), rng.normal(size=(n, d - 2))


def neuron_regression(
    n: int, d: int, seed: int = 1
) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"], Float[np.ndarray, " d"]]:
    """X with rows N(0, I_d), y_i = relu(u·x_i) and the neuron u, uniform on S^{d−1}: Theorem D.10.

    u is drawn first and X after it, so one seed has one neuron for all n, and the rows for a
    smaller n are the first rows for a larger one.
    """
    rng = _generator(seed)
    u = rng.normal(size=count(d, "d"))
    u /= np.linalg.norm(u)
    X = rng.normal(size=(count(n, "n"), d))
    return X, np.maximum(X @ u, 0), u


class TeacherSets(NamedTuple):
    """Training and test sets of several trials, labelled by a teacher network for each."""

    X: Float[np.ndarray, "trials n d"]
    y: Float[np.ndarray, "trials n"]
    X_test: Float[np.ndarray, "trials n_test d"]
    y_test: Float[np.ndarray, "trials n_test"]


def teacher_sets(
    seeds: Sequence[int],
    n: int,
    *,
    units: int,
    n_test: int,
    d: int = 20,
    margin: float = 0.0,
    scale: float = 1.0,
    task: Literal["classification", "regression"] = "classification",
) -> TeacherSets:
    """Data of a random two-layer teacher f with few `units`: Sections F.1 and F.2.

    x is N(0, I_d), the teacher has w_j from N(0, 1) and u_j from N(0, scale² I_d). In
    classification points with |f(x)| < `margin` are rejected and y is the sign of f; in regression
    y = f(x) and nothing is rejected. The paper gives `units`, d and the margin, and neither the
    laws nor the scale; these are ours.

    One set for each seed, whatever the others are. The teacher is drawn first, so one seed has one
    teacher for all n. Raises ValueError for a margin that rejects nearly every point.
    """
    n, n_test, units, d = (
        count(value, name)
        for value, name in ((n, "n"), (n_test, "n_test"), (units, "units"), (d, "d"))
    )
    positive(scale, "scale")
    if real(margin, "margin") < 0:
        raise ValueError(f"margin must not be negative, got {margin:g}.")
    if task not in ("classification", "regression"):
        raise ValueError(f'task must be "classification" or "regression", got {task!r}.')
    if np.ndim(seeds) != 1 or not len(seeds):
        raise ValueError(f"seeds must be a list with one seed for each trial, got {seeds!r}.")

    def one(seed):
        rng = _generator(seed)
        U, w = scale * rng.normal(size=(units, d)), rng.normal(size=units)

        def teacher(X):
            return np.maximum(X @ U.T, 0) @ w

        if task == "regression":
            X, X_test = rng.normal(size=(n, d)), rng.normal(size=(n_test, d))
            return X, teacher(X), X_test, teacher(X_test)
        X, X_test = (_accepted(rng, teacher, size, d, margin) for size in (n, n_test))
        return X, np.sign(teacher(X)), X_test, np.sign(teacher(X_test))

    return TeacherSets(*map(np.stack, zip(*map(one, seeds), strict=True)))


def _accepted(rng, teacher, n, d, margin, rounds=100):
    """The first n of many points with |f(x)| ≥ margin, and f(x) ≠ 0."""
    found = np.empty((0, d))
    for _ in range(rounds):
        X = rng.normal(size=(n, d))
        f = np.abs(teacher(X))
        found = np.vstack([found, X[(f >= margin) & (f > 0)]])
        if len(found) >= n:
            return found[:n]
    raise ValueError(f"a margin of {margin:g} rejects nearly every point; take a smaller one.")
