"""What each kind of certificate has to prove.

Every measure with the right properties bounds one end of a bracket and every dual the other one, by
the inequalities that are named in the functions. Roots are avoided where squares can be compared.
"""

import inspect
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

from margincheck.arrangement import dot, greatest_square, vanishes
from margincheck.enclosures import Interval, entropy, root, softplus, total
from margincheck.kernel import kernel, squared_norm
from margincheck.reading import Matrix, Refused, Vector, fields, parse, require, word

BITS = 256
MORE_BITS = BITS, 4 * BITS, 16 * BITS  # for kernels, which may be nearly singular
ROUNDING = Fraction(1, 2**50)  # of a coefficient in floats


def check(text: bytes) -> str:
    """The claim of the certificate in words, if it is proved; raises Refused if it is not."""
    found = parse(text)
    kind = word(found.pop("problem", None), "the field problem")
    require(kind in PROBLEMS, f"the problem {kind!a:.40} is none of {', '.join(PROBLEMS)}.")
    proof, quantity = PROBLEMS[kind]
    claim = fields(found, list(inspect.signature(proof).parameters))
    _shapes(claim)
    proof(**claim)
    return f"{kind}: {_claim(quantity, claim)}"


def _claim(quantity: str, claim: dict) -> str:
    if "lower" not in claim:
        return quantity
    lower, upper = _decimal(claim["lower"], ROUND_FLOOR), _decimal(claim["upper"], ROUND_CEILING)
    return f"{lower} <= {quantity} <= {upper}"


def _decimal(q: Fraction, rounding: str) -> Decimal:
    """With 17 digits, rounded outward."""
    context = Context(prec=17, rounding=rounding)
    return context.divide(Decimal(q.numerator), Decimal(q.denominator))


def _shapes(claim: dict) -> None:
    """Refuses lists of the wrong lengths, and a bracket without numbers in it."""
    X, n = claim["X"], len(claim["X"])
    d = len(X[0]) if X else 0
    require(d > 0, "X must have at least one row and one column.")
    require(all(len(row) == d for row in X), "the rows of X must have one length.")
    for name in {"y", "dual", "coefficients"} & set(claim):
        require(
            len(claim[name]) == n, f"{name} must have one number for each of the {n} rows of X."
        )
    if "atoms" in claim:
        atoms, weights = claim["atoms"], claim["weights"]
        require(len(atoms) == len(weights), "there must be one weight for each atom.")
        require(all(len(u) == d for u in atoms), f"the atoms must have {d} coordinates, as X has.")
    if "relations" in claim:
        require(
            all(len(nu) == n for nu in claim["relations"]), f"a relation must have {n} numbers."
        )
    if "lower" in claim:
        require(claim["lower"] <= claim["upper"], "lower exceeds upper.")


# ---------------------------------------------------------------------------------------------
# Measures and duals
# ---------------------------------------------------------------------------------------------


def scores(X: Matrix, atoms: Matrix, weights: Vector) -> Vector:
    """⟨α, φ(x_i)⟩ for the measure α."""
    return [
        sum((w * max(dot(u, x), 0) for u, w in zip(atoms, weights, strict=True)), Fraction(0))
        for x in X
    ]


def total_variation(atoms: Matrix, weights: Vector) -> Interval:
    """‖α‖₁ = Σ_j |weights_j| ‖atoms_j‖."""
    parts = [root(w * w * dot(u, u), BITS) for u, w in zip(atoms, weights, strict=True)]
    return total(parts)


def _products(a: Vector, b: Vector) -> Vector:
    return [s * t for s, t in zip(a, b, strict=True)]


def _labels(y: Vector) -> None:
    require(all(abs(label) == 1 for label in y), "the labels y must be 1 or -1.")


def _weights_of_a_margin(p: Vector) -> None:
    require(min(p) >= 0 and any(p), "the dual must have no negative entry and a positive one.")


def l1svm(
    X: Matrix,
    y: Vector,
    atoms: Matrix,
    weights: Vector,
    dual: Vector,
    lower: Fraction,
    upper: Fraction,
) -> None:
    """min_i y_i⟨α, φ(x_i)⟩/‖α‖₁ ≤ γ_ℓ1 ≤ max_u |Σ_i p_i y_i relu(u·x_i)|/Σ_i p_i, and 0 ≤ γ_ℓ1."""
    _labels(y)
    _weights_of_a_margin(dual)
    worst = min(_products(y, scores(X, atoms, weights)))
    norm = total_variation(atoms, weights).high
    require(
        lower <= 0 or (lower * norm <= worst and norm > 0),
        "lower is not proved: it exceeds the margin of the measure over its norm.",
    )
    square = greatest_square(X, _products(dual, y))
    require(
        upper >= 0 and (upper * sum(dual)) ** 2 >= square,
        "upper is not proved: it is less than the greatest value of the dual.",
    )


def l1interpolation(
    X: Matrix,
    y: Vector,
    atoms: Matrix,
    weights: Vector,
    dual: Vector,
    lower: Fraction,
    upper: Fraction,
) -> None:
    """νᵀy / max_u |Σ_i ν_i relu(u·x_i)| ≤ least ‖α‖₁ ≤ ‖α‖₁ of every α that interpolates."""
    require(scores(X, atoms, weights) == y, "the measure does not interpolate exactly.")
    require(
        total_variation(atoms, weights).high <= upper,
        "upper is not proved: the norm of the measure exceeds it.",
    )
    if lower > 0:
        value, square = dot(dual, y), greatest_square(X, dual)
        require(
            value > 0 and lower**2 * square <= value**2,
            "lower is not proved: it exceeds what the dual shows.",
        )


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
    lower: Fraction,
    upper: Fraction,
) -> None:
    """Fenchel's inequality: with s_i = y_i, or 1 for the squared loss, and any p for which

        max_u |Σ_i p_i s_i relu(u·x_i)| ≤ 2 n lam,

    −(1/n) Σ_i ℓ_i*(−p_i) is a lower bound. It is the mean of the entropies of the p_i, or of
    p_i y_i − p_i²/4. A p that is too large is scaled down.
    """
    require(loss in ("logistic", "squared"), 'the loss must be "logistic" or "squared".')
    require(lam > 0, "lam must be positive.")
    logistic, n = loss == "logistic", len(X)
    if logistic:
        _labels(y)
        require(all(0 <= p <= 1 for p in dual), "the dual must have its entries in [0, 1].")
    f = [score / 2 for score in scores(X, atoms, weights)]
    losses = (
        [softplus(z, BITS) for z in _products(y, f)]
        if logistic
        else [Interval.of((a - b) ** 2) for a, b in zip(f, y, strict=True)]
    )
    objective = total(losses).high / n + lam * total_variation(atoms, weights).high
    require(objective <= upper, "upper is not proved: the objective of the measure exceeds it.")
    greatest = root(greatest_square(X, _products(dual, y) if logistic else dual), BITS).high
    t = min(Fraction(1), 2 * n * lam / greatest) if greatest else Fraction(1)
    p = [t * entry for entry in dual]
    values = (
        [entropy(entry, BITS) for entry in p]
        if logistic
        else [Interval.of(a * (b - a / 4)) for a, b in zip(p, y, strict=True)]
    )
    require(lower * n <= total(values).low, "lower is not proved: it exceeds the dual value.")


# ---------------------------------------------------------------------------------------------
# Kernels
# ---------------------------------------------------------------------------------------------


class _Undecided(Refused):
    """Intervals that are too wide."""


def _at_most(a: Interval, b: Interval, reason: str) -> None:
    """Refuses unless the number in a is at most that in b."""
    if a.high > b.low:
        raise (Refused if a.low > b.high else _Undecided)(reason)


def _with_enough_bits(proof: Callable[[int], None]) -> None:
    """The proof, with more bits where intervals do not decide."""
    for bits in MORE_BITS:
        try:
            return proof(bits)
        except _Undecided:
            if bits == MORE_BITS[-1]:
                raise


def _root(square: Interval, bits: int) -> Interval:
    """The root of a number that is not negative."""
    return Interval(root(max(square.low, Fraction(0)), bits).low, root(square.high, bits).high)


def l2svm(X: Matrix, y: Vector, dual: Vector, lower: Fraction, upper: Fraction) -> None:
    """min_i (Qp)_i/√(pᵀQp) ≤ γ_ℓ2 ≤ √(pᵀQp)/Σ_i p_i for Q = K ∘ yyᵀ, and 0 ≤ γ_ℓ2."""
    _labels(y)
    _weights_of_a_margin(dual)
    signed = [Interval.of(w) for w in _products(dual, y)]

    def proof(bits: int) -> None:
        Qp = [
            Interval.of(label) * total([a * b for a, b in zip(row, signed, strict=True)])
            for row, label in zip(kernel(X, bits), y, strict=True)
        ]
        square = total([Interval.of(p) * q for p, q in zip(dual, Qp, strict=True)])
        norm = _root(square, bits)
        _at_most(
            norm,
            Interval.of(upper * sum(dual)),
            "upper is not proved: it is less than the norm that the dual shows.",
        )
        if lower > 0:
            require(norm.high > 0, "lower is not proved: the norm that the dual shows is zero.")
            worst = Interval(min(q.low for q in Qp), min(q.high for q in Qp))
            _at_most(
                Interval.of(lower) * norm,
                worst,
                "lower is not proved: it exceeds the margin that the dual shows.",
            )

    _with_enough_bits(proof)


def l2interpolation(
    X: Matrix, y: Vector, coefficients: Vector, relations: Matrix, lower: Fraction, upper: Fraction
) -> None:
    """The least square is yᵀK⁻¹y, over the points whose features are independent.

    That changes by nothing if a point and its target are divided by one number.
    """
    dropped = {_consequence(X, y, nu) for nu in relations}
    kept = [i for i in range(len(X)) if i not in dropped]
    units = [_unit(x) for x in X]
    Z = [[entry / unit for entry in x] for x, unit in zip(X, units, strict=True)]
    size = max((abs(y[i] / units[i]) for i in kept), default=Fraction(0)) or Fraction(1)
    targets = [t / unit / size for t, unit in zip(y, units, strict=True)]
    c = [v * unit / size for v, unit in zip(coefficients, units, strict=True)]

    def proof(bits: int) -> None:
        K = kernel(Z, bits)
        for row, target in zip(K, targets, strict=True):
            _solves(row, c, target)
        chosen = [[K[i][j] for j in kept] for i in kept]
        try:
            square = squared_norm(chosen, [targets[i] for i in kept], bits)
        except ZeroDivisionError:
            raise _Undecided("K is not shown to be invertible: its points coincide.") from None
        norm = Interval.of(size) * _root(square, bits)
        _at_most(Interval.of(lower), norm, "lower is not proved: it exceeds the least norm.")
        _at_most(norm, Interval.of(upper), "upper is not proved: the least norm exceeds it.")

    _with_enough_bits(proof)


def _solves(row: list[Interval], c: Vector, target: Fraction) -> None:
    """Refuses unless row·c is the target up to the rounding of c."""
    terms = [k * Interval.of(v) for k, v in zip(row, c, strict=True)]
    rest = total(terms) - Interval.of(target)
    sizes = total([k * Interval.of(abs(v)) for k, v in zip(row, c, strict=True)])
    allowed = Interval.of(ROUNDING) * sizes
    for side in (rest, Interval.of(-1) * rest):
        _at_most(side, allowed, "the coefficients do not solve Kc = y.")


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


PROBLEMS: dict[str, tuple[Callable[..., None], str]] = {
    "l1svm": (l1svm, "gamma_l1"),
    "l2svm": (l2svm, "gamma_l2"),
    "l1interpolation": (l1interpolation, "least l1 norm"),
    "l2interpolation": (l2interpolation, "least l2 norm"),
    "no-interpolant": (no_interpolant, "no measure interpolates"),
    "regularized": (regularized, "min L_lambda"),
}
