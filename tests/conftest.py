"""How the tests run: reproducible examples, signatures checked at run time, no silent promotion."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import hypothesis
import jax
import jaxtyping
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROFILE = hypothesis.settings(deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.register_profile("book", PROFILE)
hypothesis.settings.register_profile("kernels", PROFILE, max_examples=10)
hypothesis.settings.load_profile("book")

# Every call and every result is held against its signature, shapes included.
jaxtyping.install_import_hook("margintheory", "signatures.signature")

# Ranks must agree: a row that meets a column by broadcasting is a mistake more often than not.
jax.config.update("jax_numpy_rank_promotion", "raise")


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """A running Chromium; tests that need one are skipped where there is none."""
    from browser import MISSING, chromium  # Playwright is not there in every environment

    try:
        with chromium() as running:
            yield running
    except FileNotFoundError:
        pytest.skip(MISSING)


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
