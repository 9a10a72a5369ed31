"""How the tests hold calls and results against their signatures.

In a module of its own: there are two named `conftest`, this book's and the kit's, and the hook that
wraps a module of the library, whenever it is imported, looks its checker up by name.
"""

import numpy as np
from beartype import BeartypeConf, FrozenDict, beartype

# NumPy's numbers are numbers, and a whole number is a real one.
NUMBERS = FrozenDict({int: int | np.integer, float: float | int | np.integer | np.floating})
signature = beartype(conf=BeartypeConf(hint_overrides=NUMBERS))
