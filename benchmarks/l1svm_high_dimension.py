"""γ_ℓ1 on the distribution D: the certified bracket against programmes over fixed features.

All maximise min_i y_i f(x_i) over functions of ℓ1 norm 1. Random features: f is a combination of
relu(u·x) for random directions u, a linear programme (HiGHS). Sampled gates: f is a combination of
1[g·x > 0] v·x with v free for each of the random directions g, but in the cone where relu(v·x) has
that activation pattern on the points; a second-order cone programme (Clarabel, if installed). Each
of these margins is attained by a network and so is a lower bound of γ_ℓ1, as `lower` is; `upper`
is what no network exceeds. Ratios are to the best margin known: the greatest of all lower bounds
of the run and √2/4 (Lemma D.1). `l1svm` is run twice, since the first call compiles.

On a machine that others use as well, set OMP_NUM_THREADS=1.
"""

import argparse
import time

import numpy as np
from scipy.optimize import linprog

from margintheory import l1svm


def distribution_D(n, d, seed):
    """x_1, x_2 uniform in {−1, +1}, the other coordinates Gaussian, y = x_1 x_2 (Section 4)."""
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.choice([-1.0, 1.0], (n, 2)), rng.normal(size=(n, d - 2))], axis=1)
    return X, X[:, 0] * X[:, 1]


def random_directions(m, d, seed):
    u = np.random.default_rng([seed, m]).normal(size=(m, d))
    return u / np.linalg.norm(u, axis=1, keepdims=True)


def by_random_features(X, y, m, seed):
    V = y[:, None] * np.maximum(X @ random_directions(m, X.shape[1], seed).T, 0)
    total = np.append(np.ones(2 * m), 0)
    result = linprog(
        np.append(np.zeros(2 * m), -1),
        A_ub=np.vstack([np.column_stack([-V, V, np.ones(len(y))]), total]),
        b_ub=np.append(np.zeros(len(y)), 1),
        bounds=[(0, None)] * (2 * m) + [(None, None)],
        method="highs-ds",
    )
    return -result.fun


def by_sampled_gates(X, y, m, seed):
    """max t with y_i Σ_g ±1[g·x_i > 0] v_g·x_i ≥ t, Σ|v_g| ≤ 1, sign(g·x_i) v_g·x_i ≥ 0."""
    import clarabel
    from scipy import sparse

    n, d = X.shape
    gates = X @ random_directions(m, d, seed).T > 0
    columns = 2 * m * d  # v for each gate and sign, then one bound of its length each, then t
    blocks = [sparse.csc_matrix(np.where(g, 1.0, -1.0)[:, None] * X) for g in gates.T] * 2
    active = np.concatenate([g[:, None] * X for g in gates.T], axis=1)
    margins = sparse.hstack(
        [-y[:, None] * active, y[:, None] * active, sparse.csc_matrix((n, 2 * m)), np.ones((n, 1))]
    )
    inside = sparse.hstack([-sparse.block_diag(blocks), sparse.csc_matrix((2 * m * n, 2 * m + 1))])
    mass = sparse.csc_matrix(np.concatenate([np.zeros(columns), np.ones(2 * m), np.zeros(1)])[None])
    lengths = sparse.lil_matrix((2 * m * (d + 1), columns + 2 * m + 1))
    for j in range(2 * m):
        lengths[j * (d + 1), columns + j] = -1
        for k in range(d):
            lengths[j * (d + 1) + 1 + k, j * d + k] = -1
    A = sparse.vstack([margins, inside, mass, lengths]).tocsc()
    b = np.zeros(A.shape[0])
    b[n + 2 * m * n] = 1
    cones = [clarabel.NonnegativeConeT(n + 2 * m * n + 1)]
    cones += [clarabel.SecondOrderConeT(d + 1)] * (2 * m)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    q = np.append(np.zeros(A.shape[1] - 1), -1.0)
    P = sparse.csc_matrix((len(q), len(q)))
    return clarabel.DefaultSolver(P, q, A, b, cones, settings).solve().x[-1]


def timed(solver, *arguments):
    start = time.perf_counter()
    result = solver(*arguments)
    return time.perf_counter() - start, result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", type=int, default=100, help="number of points (default 100)")
    parser.add_argument("--dimension", type=int, default=20, help="of the points (default 20)")
    parser.add_argument("--features", type=int, nargs="*", default=[1000, 10_000, 50_000])
    parser.add_argument("--gates", type=int, nargs="*", default=[50])
    parser.add_argument("--tol", type=float, default=1e-3, help="of max_margin (default 1e-3)")
    parser.add_argument("--seed", type=int, default=0, help="of data and features (default 0)")
    arguments = parser.parse_args()
    X, y = distribution_D(arguments.size, arguments.dimension, arguments.seed)

    def certified(X, y):
        return l1svm.max_margin(X, y, tol=arguments.tol)

    first, _ = timed(certified, X, y)
    seconds, result = timed(certified, X, y)
    rows = [("l1svm.max_margin, first call", first, result.lower)]
    rows += [("l1svm.max_margin", seconds, result.lower)]
    for m in arguments.features:
        rows.append((f"{m} random features", *timed(by_random_features, X, y, m, arguments.seed)))
    for m in arguments.gates:
        try:
            elapsed, value = timed(by_sampled_gates, X, y, m, arguments.seed)
        except ImportError:
            print("Clarabel is not installed: sampled gates are left out")
            break
        rows.append((f"{m} sampled gates", elapsed, value))
    best = max(2**0.5 / 4, *(value for _, _, value in rows))
    print(f"n = {arguments.size}, d = {arguments.dimension}: {result.lower:.8f} ≤ γ_ℓ1")
    print(f"≤ {result.upper:.8f} ({result.proof}); best margin known {best:.8f}")
    print("solver                          margin  of the best   seconds    ratio")
    for name, elapsed, value in rows:
        share, ratio = 100 * value / best, elapsed / seconds
        print(f"{name:28s} {value:9.6f} {share:10.3f} % {elapsed:9.2f} {ratio:8.1f}", flush=True)


if __name__ == "__main__":
    main()
