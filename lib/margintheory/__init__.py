"""Executable margin theory: the objects of the paper and solvers that return certificates.

Importing the package turns on JAX's 64-bit mode. This is the one switch for float64: every room of
the library assumes it, and the training experiments that use float32 ask for that type by name.
While it is off, functions that check their input raise ValueError.

JAX can trace (jit, vmap, grad) what is a formula: `kernels.relu_kernel` and `xor_mean_feature`,
`margins.margin` and `normalised_margin` in scores and parameters, the functionals of `flow`,
networks and objectives. Solvers and everything in balls work on concrete arrays and say so.
"""

import jax

jax.config.update("jax_enable_x64", True)

__version__ = "0.1.0"
