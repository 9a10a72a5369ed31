"""The linear programme of the ℓ1-SVM over finitely many atoms."""

import numpy as np
from jaxtyping import Float
from scipy.optimize import linprog

LARGE = 1e4  # entries of the programme; those of HiGHS below 1e-9 are lost


def linear_programme(
    V: Float[np.ndarray, "n m"],
) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " n"]] | None:
    """The a ∈ Δ with greatest min_i (Va)_i, and the p ∈ Δ with least max_j (Vᵀp)_j, by HiGHS.

    That number should be about 1. None if HiGHS fails.
    """
    n, m = V.shape
    row = np.maximum(np.abs(V).max(axis=1) / LARGE, 1)
    for method in ("highs-ds", "highs-ipm"):
        result = linprog(
            np.append(np.zeros(m), -1.0),
            A_ub=np.column_stack([-V, np.ones(n)]) / row[:, None],
            b_ub=np.zeros(n),
            A_eq=np.append(np.ones(m), 0.0)[None],
            b_eq=[1.0],
            bounds=[(0, None)] * m + [(None, None)],
            method=method,
            options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
        )
        if result.x is not None:
            break
    else:
        return None
    a, p = np.maximum(result.x[:m], 0), np.maximum(-result.ineqlin.marginals, 0) / row
    return (a / a.sum(), p / p.sum()) if a.any() and p.any() else None


def lifted(V, a, gamma: float):
    """a with some mass more on the best atom of each point that stays below γ/2.

    The programme's tolerance is relative to the length of a point, which may exceed γ by far.
    """
    i = np.flatnonzero((V @ a < gamma / 2) & (V.max(axis=1) > 0))
    j = V[i].argmax(axis=1)
    a = a.copy()
    np.add.at(a, j, (gamma - V[i] @ a) / V[i, j])
    return a
