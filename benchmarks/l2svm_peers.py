"""γ_ℓ2 of equation (4.3): `l2svm.max_margin` against general solvers, on the distribution D.

All solve min ½ aᵀQa − 1ᵀa over a ≥ 0 with Q = K ∘ yyᵀ: Clarabel as a quadratic programme,
`scipy.optimize.nnls` on a Cholesky factor of Q, and scikit-learn's SVC on 2n points, each x_i with
its label and with feature −φ(x_i) and the other label. SVC fits an intercept, which the paper's
machine has not; the mirror image makes it zero. (A constant feature appended to x would not: it
penalises the intercept instead.) The last line of a block is SVC on the n points as they are: it
solves another problem, and how far its solution is from solving (4.3) is seen in the gap.

The gap of a dual p is 1 − lower/upper = 1 − min_i (Qp)_i / pᵀQp. All solvers run in one process in
turn; the ratio of the shortest times is what counts. Peers that are not installed are left out.
On a machine that others use as well, set OMP_NUM_THREADS=1: linear algebra on two threads waits for
the slower one.
"""

import argparse
import time

import numpy as np
from scipy.optimize import nnls

from margintheory import l2svm
from margintheory.kernels import relu_kernel
from margintheory.l2svm.rounding import ENTRY


def distribution_D(n, d, seed):
    """x_1, x_2 uniform in {−1, +1}, the other coordinates Gaussian, y = x_1 x_2 (Section 4)."""
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.choice([-1.0, 1.0], (n, 2)), rng.normal(size=(n, d - 2))], axis=1)
    return X, X[:, 0] * X[:, 1]


def by_max_margin(K, y):
    return l2svm.max_margin(K, y).dual


def by_clarabel(K, y):
    import clarabel
    from scipy import sparse

    n = len(y)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    upper_half = sparse.csc_matrix(np.triu(y[:, None] * K * y))
    cone = [clarabel.NonnegativeConeT(n)]
    return (
        clarabel.DefaultSolver(
            upper_half, -np.ones(n), sparse.csc_matrix(-np.eye(n)), np.zeros(n), cone, settings
        )
        .solve()
        .x
    )


def by_nnls(K, y):
    L = np.linalg.cholesky(y[:, None] * K * y)
    return nnls(L.T, np.linalg.solve(L, np.ones(len(y))), maxiter=100 * len(y))[0]


def by_svc(K, y, tol=1e-6):
    from sklearn.svm import SVC

    machine = SVC(C=1e10, kernel="precomputed", tol=tol, cache_size=2000).fit(K, y)
    a = np.zeros(len(y))
    a[machine.support_] = np.abs(machine.dual_coef_[0])
    return a


def by_mirrored_svc(K, y, tol=1e-6):
    a = by_svc(np.block([[K, -K], [-K, K]]), np.concatenate([y, -y]), tol)
    return a[: len(y)] + a[len(y) :]


def by_mirrored_svc_at_default_tolerance(K, y):
    return by_mirrored_svc(K, y, tol=1e-3)


PEERS = {
    "Clarabel": by_clarabel,
    "scipy nnls": by_nnls,
    "SVC mirrored, tol 1e-3": by_mirrored_svc_at_default_tolerance,
    "SVC mirrored, tol 1e-6": by_mirrored_svc,
    "SVC with its intercept": by_svc,
}


def relative_gap(K, y, a):
    p = np.maximum(a, 0) / np.maximum(a, 0).sum()
    margins = y * (K @ (y * p))
    return 1 - max(margins.min(), 0) / (p @ margins)


def timed(solver, K, y):
    start = time.perf_counter()
    result = solver(K, y)
    return time.perf_counter() - start, result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=2, help="runs of each solver (default 2)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 1000, 2000])
    parser.add_argument("--dimension", type=int, default=32, help="of the data (default 32)")
    parser.add_argument("--seed", type=int, default=0, help="of the data (default 0)")
    arguments = parser.parse_args()
    for n in arguments.sizes:
        X, y = distribution_D(n, arguments.dimension, arguments.seed)
        K = np.asarray(relu_kernel(X))
        margin = l2svm.max_margin(K, y)
        certified = 1 - margin.lower / margin.upper
        print(f"n = {n}, d = {arguments.dimension}: γ_ℓ2 = {margin.lower:.10f}, {margin.status},")
        print(f"certified gap {certified:.0e} (rounding and {ENTRY} units for K included)")
        print("  solver                    seconds    ratio      gap")
        seconds, gaps = {}, {}
        solvers = {"l2svm.max_margin": by_max_margin, **PEERS}
        for _ in range(arguments.repeats):
            for name, solver in solvers.items():
                try:
                    elapsed, a = timed(solver, K, y)
                except ImportError as error:
                    gaps[name] = f"left out: {error.name} is not installed"
                    continue
                seconds[name] = min(elapsed, seconds.get(name, np.inf))
                gaps[name] = f"{relative_gap(K, y, a):8.1e}"
        for name, gap in gaps.items():
            if name in seconds:
                ratio = seconds[name] / seconds["l2svm.max_margin"]
                print(f"  {name:24s} {seconds[name]:8.3f} {ratio:8.1f} {gap}", flush=True)
            else:
                print(f"  {name:24s} {gap}")


if __name__ == "__main__":
    main()
