"""What a public function takes for an array of numbers: `Reals[ArrayLike, "n d"]`.

jaxtyping's `Float[ArrayLike, "n d"]` excludes lists and whole numbers, which `validate` turns into
floats. `Reals` is anything that `np.asarray` makes an array of real numbers of. Where signatures
are checked at run time, as in the tests, what has a shape must have this one; a list has none yet.

`Numbers` is what comes of it: a NumPy array (without axes also its scalar), or JAX's where a
function is being traced.
`Leaf` is an array in a pytree: JAX's, or a NumPy array that it was made from.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import jaxtyping
import numpy as np

if TYPE_CHECKING:
    from typing import Annotated as Reals

    from jax import Array as Leaf  # for a static check the one that is used
    from numpy import ndarray as Numbers
    from numpy.typing import ArrayLike
else:
    ArrayLike = jaxtyping.ArrayLike | Sequence
    Leaf = jaxtyping.Array | np.ndarray
    Numbers = Leaf | np.number

    class Reals:
        """An array of the shape that is given, or a sequence."""

        def __class_getitem__(cls, item):
            _, shape = item
            return jaxtyping.Real[jaxtyping.ArrayLike, shape] | Sequence


__all__ = ["ArrayLike", "Leaf", "Numbers", "Reals"]
