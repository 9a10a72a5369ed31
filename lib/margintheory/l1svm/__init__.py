"""The ℓ1-SVM over the continuous sphere: γ_ℓ1 of equation (4.2), in a certified bracket.

`margin`      the bracket and its two ends
`separation`  whether γ_ℓ1 is 0, exactly
`candidates`  measures and duals to be certified
`plane`, `space`, `newton`, `descent`, `programme`  the search for them in floats
"""

from margintheory.l1svm.margin import L1Margin, lower_bound, max_margin, upper_bound

__all__ = ["L1Margin", "lower_bound", "max_margin", "upper_bound"]
