"""What the solvers found, as files that `margincheck` proves without this library.

Each function takes the data and a solver's result and returns the certificate that `margincheck`
describes, in exact numbers; `save` writes it as JSON.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat, fmpz_mat
from jaxtyping import Float, Shaped

from margintheory import interpolation, l1svm, l2svm, regularized, rigour, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.rigour import Dyadic
from margintheory.status import Status

Fields = dict[str, Any]
LONGEST = 1 << 4096  # integers beyond are written in hexadecimal, which Python reads at any length


def save(path: Path | str, certificate: Fields) -> None:
    """Write a certificate as a JSON file."""
    Path(path).write_text(json.dumps(certificate), encoding="utf-8")


def of_l1svm(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], result: l1svm.L1Margin
) -> Fields:
    """The certificate of `l1svm.max_margin`."""
    X, y = validate.binary_training_set(X, y)
    return {
        "problem": "l1svm",
        **_data(X, y),
        **_measure(result.certificate.atoms, result.certificate.weights),
        "dual": _exact(result.certificate.dual),
        **_bracket(result.lower, result.upper),
    }


def of_l2svm(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], result: l2svm.L2Margin
) -> Fields:
    """The certificate of `l2svm.max_margin` for the relu kernel of X."""
    X, y = validate.binary_training_set(X, y)
    return {
        "problem": "l2svm",
        **_data(X, y),
        "dual": _exact(result.dual),
        **_bracket(result.lower, result.upper),
    }


def of_l1_interpolant(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], result: interpolation.L1Interpolant
) -> Fields:
    """The certificate of `interpolation.min_l1_norm`, also if nothing interpolates."""
    X, y = validate.regression_set(X, y)
    dual = {**_data(X, y), "dual": _exact(result.certificate.dual)}
    if result.status == Status.INFEASIBLE:
        return {"problem": "no-interpolant", **dual}
    atoms, weights = result.certificate.atoms, result.certificate.weights
    measure = _measure(atoms, weights)
    if y.any():
        measure["weights"] = _interpolating(X, y, atoms)
    return {
        "problem": "l1interpolation",
        **dual,
        **measure,
        **_bracket(result.lower, result.upper),
    }


def of_l2_interpolant(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], result: interpolation.L2Interpolant
) -> Fields:
    """The certificate of `interpolation.min_l2_norm`."""
    X, y = validate.regression_set(X, y)
    relations = [
        [_quotient({**combination, j: fmpq(-1)}.get(i, fmpq(0))) for i in range(len(X))]
        for j, combination in interpolation.dependence(X).items()
    ]
    return {
        "problem": "l2interpolation",
        **_data(X, y),
        "coefficients": _exact(result.coefficients),
        "relations": relations,
        **_bracket(result.lower, result.upper),
    }


def of_regularized(
    X: Reals[ArrayLike, "n d"],
    y: Reals[ArrayLike, " n"],
    result: regularized.GlobalMinimum,
    *,
    loss: str = "logistic",
) -> Fields:
    """The certificate of `regularized.solve` for this loss.

    The measure is that of the network, with masses 2 w_j at u_j, where that proves the upper end.
    """
    X, y = validate.regression_set(X, y)
    atoms, weights = np.asarray(result.network.U), 2 * np.asarray(result.network.w)
    _, upper = regularized.certificate(X, y, result.lam, result.network, result.dual, loss=loss)
    by_network = rigour.above(upper) <= result.objective_upper
    exact = result.certificate
    return {
        "problem": "regularized",
        **_data(X, y),
        "lam": _exact(np.array([result.lam]))[0],
        "loss": loss,
        **(_measure(atoms, weights) if by_network else _measure(exact.atoms, exact.weights)),
        "dual": _exact(exact.dual),
        **_bracket(result.objective_lower, result.objective_upper),
    }


def _data(X, y) -> Fields:
    return {"X": _exact(X), "y": _exact(y)}


def _measure(atoms, weights) -> Fields:
    return {"atoms": _exact(atoms), "weights": _exact(weights)}


def _bracket(lower: float, upper: float) -> Fields:
    return {"lower": _exact(np.array([lower]))[0], "upper": _exact(np.array([upper]))[0]}


def _interpolating(
    X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], atoms: Dyadic
) -> list[str]:
    """The weights with which the atoms interpolate, in fractions."""
    dependent = interpolation.dependence(X)
    rows = [i for i in range(len(X)) if i not in dependent]
    (N, e), (U, f) = rigour.dyadic(X[rows]), rigour.dyadic(atoms)
    features = np.maximum(N @ U.T, 0)
    targets = [fmpq(*t.as_integer_ratio()) / fmpq(2) ** (e + f) for t in y[rows].tolist()]
    matrix = fmpz_mat(features.tolist())
    solution = fmpq_mat(matrix).solve(fmpq_mat([[t] for t in targets]))
    return [_quotient(w) for w in solution.entries()]


def _exact(values: Shaped[np.ndarray, "*shape"] | Dyadic) -> Any:
    """Nested lists of numbers "m" or "m*2^e"."""
    N, exponent = rigour.dyadic(values)
    return np.reshape([_power(int(m), exponent) for m in N.ravel()], N.shape).tolist()


def _power(m: int, e: int) -> str:
    """m 2^e with an odd m, or as an integer if that is short."""
    zeros = (m & -m).bit_length() - 1 if m else -e
    m, e = m >> max(zeros, 0), e + zeros
    return _whole(m << e) if 0 <= e < 64 else f"{_whole(m)}*2^{e}"


def _quotient(q: fmpq) -> str:
    return _whole(int(q.p)) if q.q == 1 else f"{_whole(int(q.p))}/{_whole(int(q.q))}"


def _whole(m: int) -> str:
    return str(m) if abs(m) < LONGEST else hex(m)
