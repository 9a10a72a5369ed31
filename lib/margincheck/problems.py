"""What each kind of certificate proves.

The functions return the two ends of a bracket, each in an interval of about `bits` digits; what
their docstrings state holds for every measure and every dual. `check` compares with the claim.
"""

import inspect
from collections.abc import Callable
from contextlib import suppress
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any

from margincheck.arrangement import dot, greatest, vanishes
from margincheck.enclosures import Interval, entropy, root, softplus, total
from margincheck.kernel import kernel, squared_norm
from margincheck.reading import Matrix, Refused, Vector, fields, parse, require, word

Ends = tuple[Interval, Interval]
PRECISIONS = 256, 1024, 4096  # the last for kernels of points that nearly coincide
ROUNDING = Fraction(1, 2**50)  # of a coefficient in floats
ZERO = Interval.of(0)


def check(text: bytes) -> str:
    """The claim of the certificate in words, if it is proved; raises Refused if it is not."""
    found = parse(text)
    kind = word(found.pop("problem", None), "the field problem")
    require(kind in PROBLEMS, f"the problem {kind!a:.40} is none of {', '.join(PROBLEMS)}.")
    proof, quantity = PROBLEMS[kind]
    parts = [name for name in inspect.signature(proof).parameters if name != "bits"]
    if kind == "no-interpolant":
        proof(**_shaped(fields(found, parts)))
        return f"{kind}: {quantity}"
    claim = _shaped(fields(found, [*parts, "lower", "upper"]))
    lower, upper = claim.pop("lower"), claim.pop("upper")
    require(lower <= upper, "lower exceeds upper.")
    _decide(lambda bits: proof(**claim, bits=bits), quantity, lower, upper)
    return f"{kind}: {_bracket(quantity, lower, upper)}"


def _decide(proof: Callable[[int], Ends], quantity: str, lower: Fraction, upper: Fraction) -> None:
    """Refuses unless the bracket is proved, with more bits where intervals do not tell."""
    reason = "the points nearly coincide, so that K may be singular."
    for bits in PRECISIONS:
        with suppress(ZeroDivisionError):
            below, above = proof(bits)
            if lower <= below.low and above.high <= upper:
                return
            end = "upper" if lower <= below.low else "lower"
            shown = _bracket(quantity, below.low, above.high)
            reason = f"{end} is not proved: the certificate shows {shown}."
            if lower > below.high or above.low > upper:
                break
    raise Refused(reason)


def _bracket(quantity: str, lower: Fraction, upper: Fraction) -> str:
    """With 17 digits, rounded outward."""
    low, high = (
        Context(prec=17, rounding=rounding).divide(Decimal(q.numerator), Decimal(q.denominator))
        for q, rounding in ((lower, ROUND_FLOOR), (upper, ROUND_CEILING))
    )
    return f"{low} <= {quantity} <= {high}"


def _shaped(claim: dict[str, Any]) -> dict[str, Any]:
    """The fields, after lists of wrong lengths were refused."""
    X, n = claim["X"], len(claim["X"])
    d = len(X[0]) if X else 0
    require(d > 0, "X must have at least one row and one column.")
    require(all(len(row) == d for row in X), "the rows of X must have one length.")
    for name in ("y", "dual", "coefficients"):
        entries = claim.get(name, X)
        require(len(entries) == n, f"{name} must have one number for each of the {n} rows of X.")
    for nu in claim.get("relations", []):
        require(len(nu) == n, f"a relation must have one number for each of the {n} rows of X.")
    atoms = claim.get("atoms", [])
    require(len(atoms) == len(claim.get("weights", [])), "there must be one weight for each atom.")
    require(all(len(u) == d for u in atoms), f"the atoms must have {d} coordinates, as X has.")
    return claim


def _labels(y: Vector) -> None:
    require(all(abs(label) == 1 for label in y), "the labels y must be 1 or -1.")


def _weights_of_a_margin(p: Vector) -> None:
    require(min(p) >= 0 and any(p), "the dual must have no negative entry and a positive one.")


def _products(a: Vector, b: Vector) -> Vector:
    return [s * t for s, t in zip(a, b, strict=True)]


# ---------------------------------------------------------------------------------------------
# Measures and duals
# ---------------------------------------------------------------------------------------------


def scores(X: Matrix, atoms: Matrix, weights: Vector) -> Vector:
    """⟨α, φ(x_i)⟩ for the measure α."""
    return [dot(weights, [max(dot(u, x), Fraction(0)) for u in atoms]) for x in X]


def total_variation(atoms: Matrix, weights: Vector, bits: int) -> Interval:
    """‖α‖₁ = Σ_j |weights_j| ‖atoms_j‖."""
    return total([root(w * w * dot(u, u), bits) for u, w in zip(atoms, weights, strict=True)])


def l1svm(X: Matrix, y: Vector, atoms: Matrix, weights: Vector, dual: Vector, *, bits: int) -> Ends:
    """min_i y_i⟨α, φ(x_i)⟩/‖α‖₁ ≤ γ_ℓ1 ≤ max_u |Σ_i p_i y_i relu(u·x_i)|/Σ_i p_i, and 0 ≤ γ_ℓ1."""
    _labels(y)
    _weights_of_a_margin(dual)
    worst = min(_products(y, scores(X, atoms, weights)))
    norm = total_variation(atoms, weights, bits)
    margin = Interval.of(worst) / norm if worst > 0 else ZERO
    return margin, greatest(X, _products(dual, y), bits) / Interval.of(sum(dual))


def l1interpolation(
    X: Matrix, y: Vector, atoms: Matrix, weights: Vector, dual: Vector, *, bits: int
) -> Ends:
    """νᵀy / max_u |Σ_i ν_i relu(u·x_i)| ≤ least ‖α‖₁ ≤ ‖α‖₁ of every α that interpolates."""
    require(scores(X, atoms, weights) == y, "the measure does not interpolate exactly.")
    value = dot(dual, y)
    ratio = Interval.of(value) / greatest(X, dual, bits) if value > 0 else ZERO
    return ratio, total_variation(atoms, weights, bits)


def no_interpolant(X: Matrix, y: Vector, dual: Vector) -> None:
    """Σ_i ν_i φ(x_i) = 0 although νᵀy ≠ 0."""
    require(vanishes(X, dual), "the features do not cancel with the weights of the dual.")
    require(dot(dual, y) != 0, "the targets cancel with the weights of the dual, as features do.")


def regularized(
    X: Matrix,
    y: Vector,
    lam: Fraction,
    loss: str,
    atoms: Matrix,
    weights: Vector,
    dual: Vector,
    *,
    bits: int,
) -> Ends:
    """Fenchel's inequality: with s_i = y_i, or 1 for the squared loss, and any p for which

        max_u |Σ_i p_i s_i relu(u·x_i)| ≤ 2 n lam,

    the mean of −ℓ_i*(−p_i) is a lower bound: of the entropies of the p_i, or for the squared loss
    of p_i y_i − p_i²/4. A p that is too large is scaled down.
    """
    require(loss in ("logistic", "squared"), 'the loss must be "logistic" or "squared".')
    require(lam > 0, "lam must be positive.")
    f = [score / 2 for score in scores(X, atoms, weights)]
    penalty = Interval.of(lam) * total_variation(atoms, weights, bits)
    if loss == "logistic":
        _labels(y)
        require(all(0 <= p <= 1 for p in dual), "the dual must have its entries in [0, 1].")
        losses = [softplus(z, bits) for z in _products(y, f)]
        p = _feasible(X, dual, _products(dual, y), lam, bits)
        values = [entropy(p_i, bits) for p_i in p]
    else:
        losses = [Interval.of((a - b) ** 2) for a, b in zip(f, y, strict=True)]
        p = _feasible(X, dual, dual, lam, bits)
        values = [Interval.of(p_i * (b - p_i / 4)) for p_i, b in zip(p, y, strict=True)]
    n = Interval.of(len(X))
    return total(values) / n, total(losses) / n + penalty


def _feasible(X: Matrix, p: Vector, signed: Vector, lam: Fraction, bits: int) -> Vector:
    """p, or as much of it as the constraint allows, all but 2^−bits."""
    most, bound = greatest(X, signed, bits).high, 2 * len(X) * lam
    return p if most <= bound else [entry * bound / most for entry in p]


# ---------------------------------------------------------------------------------------------
# Kernels
# ---------------------------------------------------------------------------------------------


def _root(square: Interval, bits: int) -> Interval:
    """The root of a number that is not negative."""
    square = square.positive_part()
    return Interval(root(square.low, bits).low, root(square.high, bits).high)


def l2svm(X: Matrix, y: Vector, dual: Vector, *, bits: int) -> Ends:
    """min_i (Qp)_i/√(pᵀQp) ≤ γ_ℓ2 ≤ √(pᵀQp)/Σ_i p_i for Q = K ∘ yyᵀ, and 0 ≤ γ_ℓ2."""
    _labels(y)
    _weights_of_a_margin(dual)
    signed = [Interval.of(w) for w in _products(dual, y)]
    K = kernel(X, bits)
    Qp = [
        Interval.of(label) * total([a * b for a, b in zip(row, signed, strict=True)])
        for row, label in zip(K, y, strict=True)
    ]
    norm = _root(total([Interval.of(p) * q for p, q in zip(dual, Qp, strict=True)]), bits)
    worst = Interval(min(q.low for q in Qp), min(q.high for q in Qp)).positive_part()
    unknown = Interval(Fraction(0), _root(K[0][0], bits).high)  # by the Cauchy–Schwarz inequality
    margin = worst / norm if norm.low > 0 else unknown
    return margin, norm / Interval.of(sum(dual))


def l2interpolation(
    X: Matrix, y: Vector, coefficients: Vector, relations: Matrix, *, bits: int
) -> Ends:
    """The least square is yᵀK⁻¹y, over the points whose features are independent.

    That changes by nothing if a point and its target are divided by one number.
    """
    dropped = {_consequence(X, y, nu) for nu in relations}
    kept = [i for i in range(len(X)) if i not in dropped]
    units = [_unit(x) for x in X]
    targets = [t / unit for t, unit in zip(y, units, strict=True)]
    size = max(map(abs, targets)) or Fraction(1)
    targets = [t / size for t in targets]
    c = [v * unit / size for v, unit in zip(coefficients, units, strict=True)]
    K = kernel([[entry / unit for entry in x] for x, unit in zip(X, units, strict=True)], bits)
    for row, target in zip(K, targets, strict=True):
        _solves(row, c, target)
    chosen = [[K[i][j] for j in kept] for i in kept]
    square = squared_norm(chosen, [targets[i] for i in kept], bits)
    norm = Interval.of(size) * _root(square, bits)
    return norm, norm


def _solves(row: list[Interval], c: Vector, target: Fraction) -> None:
    """Refuses unless row·c is the target up to the rounding of c."""
    terms = [k * Interval.of(v) for k, v in zip(row, c, strict=True)]
    sizes = sum(max(-term.low, term.high) for term in terms)
    rest = total(terms) - Interval.of(target)
    off = max(rest.high, -rest.low)
    require(off <= ROUNDING * sizes, "the coefficients do not solve Kc = y.")


def _consequence(X: Matrix, y: Vector, nu: Vector) -> int:
    """The point whose feature and target are combinations of those before it."""
    require(any(nu), "a relation is zero.")
    require(vanishes(X, nu), "the features do not cancel with the weights of a relation.")
    require(dot(nu, y) == 0, "the targets contradict a relation of the features.")
    return max(i for i, v in enumerate(nu) if v)


def _unit(x: Vector) -> Fraction:
    """A power of two within a factor of 2 or so of ‖x‖; 1 for zero."""
    square = dot(x, x)
    orders = square.numerator.bit_length() - square.denominator.bit_length() if square else 0
    return Fraction(2) ** (orders // 2)


PROBLEMS: dict[str, tuple[Callable[..., Any], str]] = {
    "l1svm": (l1svm, "gamma_l1"),
    "l2svm": (l2svm, "gamma_l2"),
    "l1interpolation": (l1interpolation, "least l1 norm"),
    "l2interpolation": (l2interpolation, "least l2 norm"),
    "no-interpolant": (no_interpolant, "no measure interpolates"),
    "regularized": (regularized, "min L_lambda"),
}
