"""The global minimiser of a weakly regularised loss of a two-layer relu network, certified.

`solver`  the bracket and what proves it
`losses`  logistic and squared
`search`  where to look, in floats
"""

from margintheory.regularized.solver import GlobalMinimum, certificate, path, solve

__all__ = ["GlobalMinimum", "certificate", "path", "solve"]
