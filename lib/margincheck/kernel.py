"""The relu kernel K_ij = E max(0, u·x_i) max(0, u·x_j), u uniform on the sphere, in intervals.

With θ the angle between x and z, K(x, z) = ‖x‖‖z‖ (sin θ + (π − θ) cos θ)/(2πd).
"""

from fractions import Fraction

from margincheck.arrangement import dot
from margincheck.enclosures import Interval, arctan, pi, root
from margincheck.reading import Matrix, Vector

Intervals = list[list[Interval]]


def kernel(X: Matrix, bits: int) -> Intervals:
    """All entries, to about 2^−bits ‖x_i‖‖x_j‖."""
    lower = [[_entry(x, z, bits) for z in X[: i + 1]] for i, x in enumerate(X)]
    n = range(len(X))
    return [[lower[max(i, j)][min(i, j)] for j in n] for i in n]


def _entry(x: Vector, z: Vector, bits: int) -> Interval:
    c = dot(x, z)
    value = root(dot(x, x) * dot(z, z) - c * c, bits)
    if c:
        value += _angle(value, -c, bits) * Interval.of(c)
    return value / (Interval.of(2 * len(x)) * pi(bits))


def _angle(s: Interval, c: Fraction, bits: int) -> Interval:
    """The angle in [0, π] whose sine and cosine are as s ≥ 0 to c, which is not 0."""
    acute = Interval(arctan(s.low / abs(c), bits).low, arctan(s.high / abs(c), bits).high)
    return acute if c > 0 else pi(bits) - acute


def squared_norm(K: Intervals, y: Vector, bits: int) -> Interval:
    """yᵀK⁻¹y by Gaussian elimination, with all numbers about 1.

    Raises ZeroDivisionError where K is not shown to be positive definite.
    """
    K, b, value = [list(row) for row in K], [Interval.of(t) for t in y], Interval.of(0)
    for k in range(len(b)):
        value += b[k] * b[k] / K[k][k]
        for i in range(k + 1, len(b)):
            share = (K[i][k] / K[k][k]).rounded(bits)
            b[i] = (b[i] - share * b[k]).rounded(bits)
            K[i] = [(K[i][j] - share * K[k][j]).rounded(bits) for j in range(len(b))]
    return value
