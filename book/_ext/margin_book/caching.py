"""What is kept between builds: executed chapters and compiled kernels.

Jupyter's cache recognises a chapter by its code alone. Here its place also depends on the library,
the locked packages and JAX, so that a change of theirs runs every chapter again, and a change of
prose runs none.
"""

import hashlib
import os
from importlib.metadata import version
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbformat import NotebookNode, read
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging

from execute import ChapterFailed, execute

logger = logging.getLogger(__name__)


def place_caches(app: Sphinx, config: Config) -> None:
    """Tell myst-nb and, through the environment, JAX where to keep what they produce."""
    build = Path(app.outdir).parent
    config.nb_execution_cache_path = str(build / ".jupyter_cache" / fingerprint(Path(app.srcdir)))
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(build / "jax-cache"))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # two kernels share a GPU


def fingerprint(root: Path) -> str:
    """Changes with all that a chapter's outputs depend on, besides its own code."""
    digest = hashlib.sha256(version("jax").encode())
    for path in [*sorted((root / "lib").rglob("*.py")), root / "requirements.lock"]:
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def execute_ahead(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Run the chapters that are to be read and are not in the cache, several at a time."""
    cache = get_cache(app.config.nb_execution_cache_path)
    chapters = (Path(env.doc2path(docname)) for docname in docnames)
    pending = [path for path in chapters if path.suffix == ".ipynb" and not _cached(cache, path)]
    try:
        for path, notebook, seconds in execute(pending):
            logger.info("executed %s in %.0f s", path.name, seconds)
            _store(cache, path, notebook, seconds)
    except ChapterFailed as error:
        raise ExtensionError(f"a cell failed in {error}") from None


def _cached(cache: JupyterCacheAbstract, path: Path) -> bool:
    try:
        cache.match_cache_notebook(read(path, as_version=4))
    except KeyError:
        return False
    return True


def _store(cache: JupyterCacheAbstract, path: Path, notebook: NotebookNode, seconds: float) -> None:
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
