"""How the tests run: reproducible examples, signatures checked at run time, no silent promotion."""

from contextlib import contextmanager

import hypothesis
import jax
import jaxtyping
import pytest

PROFILE = hypothesis.settings(deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.register_profile("book", PROFILE)
hypothesis.settings.register_profile("kernels", PROFILE, max_examples=10)
hypothesis.settings.load_profile("book")

# Every call and every result is held against its signature, shapes included.
jaxtyping.install_import_hook("margintheory", "signatures.signature")

# Ranks must agree: a row that meets a column by broadcasting is a mistake more often than not.
jax.config.update("jax_numpy_rank_promotion", "raise")


def refuses(*arguments, raises=pytest.raises, **options):
    """`pytest.raises`, with nothing checked: the library must refuse bad input by itself."""

    @contextmanager
    def unchecked():
        before = jaxtyping.config.jaxtyping_disable
        with raises(*arguments, **options) as error:
            jaxtyping.config.update("jaxtyping_disable", True)
            try:
                yield error
            finally:
                jaxtyping.config.update("jaxtyping_disable", before)

    return unchecked()


pytest.raises = refuses
