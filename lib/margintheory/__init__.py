"""Executable margin theory: the objects of the paper and solvers that return certificates.

Importing the package turns on JAX's 64-bit mode. This is the one switch for float64: every room of
the library assumes it, and the training experiments that use float32 ask for that type by name.
"""

import jax

jax.config.update("jax_enable_x64", True)

__version__ = "0.1.0"
