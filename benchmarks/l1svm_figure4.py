"""γ_ℓ1 on the data of Figure 4: the certified solver against a programme over 1,000 features.

Section F.3 of the paper finds the ℓ1-SVM by a linear programme over 1,000 features spread over the
circle. Here both run in one process in turn, each on one thread of HiGHS: the ratio of the times
is what counts. Beside it stands what the 1,000 features lose: 1 − γ_1000 / γ_ℓ1.
"""

import argparse
import statistics
import time

import numpy as np
from scipy.optimize import linprog

from margintheory import data, l1svm

FEATURES = 1000


def margin_over_fixed_features(X, y):
    """max t such that V a ≥ t for some a ≥ 0 with Σ a ≤ 1, over 1,000 directions and both signs."""
    angle = 2 * np.pi * np.arange(FEATURES) / FEATURES
    V = y[:, None] * np.maximum(X @ np.stack([np.cos(angle), np.sin(angle)]), 0)
    A = np.column_stack([-V, V, np.ones(len(y))])
    total = np.append(np.ones(2 * FEATURES), 0)
    result = linprog(
        np.append(np.zeros(2 * FEATURES), -1),
        A_ub=np.vstack([A, total]),
        b_ub=np.append(np.zeros(len(y)), 1),
        bounds=[(0, None)] * (2 * FEATURES) + [(None, None)],
        method="highs",
    )
    return -result.fun


def timed(solver, X, y):
    start = time.perf_counter()
    result = solver(X, y)
    return time.perf_counter() - start, result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=5, help="runs of each solver (default 5)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 20, 50, 100, 200])
    parser.add_argument("--seed", type=int, default=1, help="seed of the data (default 1)")
    arguments = parser.parse_args()
    print("                                            certified ms       LP ms      LP/certified")
    print(
        "labels   n  γ_ℓ1 (certified)  gap      LP loses   min median    min median    min median"
    )
    for labels in ("smooth", "random"):
        for n in arguments.sizes:
            X, y = data.line_set(n, arguments.seed, labels)
            ours, theirs = [], []
            for _ in range(arguments.repeats):
                seconds, exact = timed(l1svm.max_margin, X, y)
                ours.append(1e3 * seconds)
                seconds, grid = timed(margin_over_fixed_features, X, y)
                theirs.append(1e3 * seconds)
            gap = (exact.upper - exact.lower) / exact.lower
            best = min(ours), min(theirs)
            middle = statistics.median(ours), statistics.median(theirs)
            print(
                f"{labels:6s} {n:3d}  {exact.lower:.10e}  {gap:7.1e}  {1 - grid / exact.lower:7.1e}"
                f"  {best[0]:6.1f} {middle[0]:6.1f} {best[1]:6.1f} {middle[1]:6.1f}"
                f" {best[1] / best[0]:6.2f} {middle[1] / middle[0]:6.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
