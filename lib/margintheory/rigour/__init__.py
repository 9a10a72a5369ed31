"""What a certificate is made of: exact numbers, balls, safe norms, boxes, refinement.

`numbers`     dyadic rationals, and floats on either side of a ball
`balls`       floats and integers as they are, in balls
`norms`       Euclidean lengths that neither underflow nor overflow on the way
`elementary`  exp, log, … in floats, traced by JAX, or in balls
`boxes`       certified minima over boxes
`certificate` the exact pair behind a bracket
`digits`      floats of many digits
`cones`       an interior point method in many digits
"""

from margintheory.rigour.balls import (
    dot,
    exact,
    exact_matrix,
    exact_vector,
    hull,
    length,
    lengths,
    of_integers,
    total,
    total_variation,
)
from margintheory.rigour.certificate import Bracketed, Certificate
from margintheory.rigour.norms import norm, unit
from margintheory.rigour.numbers import PRECISION, Dyadic, above, below, dyadic

__all__ = [
    "PRECISION",
    "Bracketed",
    "Certificate",
    "Dyadic",
    "above",
    "below",
    "dot",
    "dyadic",
    "exact",
    "exact_matrix",
    "exact_vector",
    "hull",
    "length",
    "lengths",
    "norm",
    "of_integers",
    "total",
    "total_variation",
    "unit",
]
