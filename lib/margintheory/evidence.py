"""The kinds of evidence, which know nothing of networks: those of the package `refutable`."""

from refutable import *  # noqa: F403
from refutable import __all__  # noqa: F401
