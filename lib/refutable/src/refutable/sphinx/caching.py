"""What is kept between builds: executed chapters and compiled kernels.

Jupyter's cache recognises a chapter by its code alone. Here its place also depends on the engine,
on the files that `refutable_rerun_on` names and on installed packages, so that a change of theirs
runs every chapter again, and a change of prose runs none.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging

from refutable.audit import VERDICTS

from .evidence import notebook
from .execute import ChapterFailed, execute

ENGINE = Path(__file__).parents[1]
RERUN_ON = ("*.py", "lib/**/*.py", "src/**/*.py", "requirements*.txt", "requirements.lock")
PACKAGES = ("jax", "jaxlib", "numpy", "scipy", "sympy", "python-flint", "jupyter-book")

logger = logging.getLogger(__name__)


def place_caches(app: Sphinx, config: Config) -> None:
    """Tell myst-nb and, through the environment, JAX where to keep what they produce."""
    build, root = Path(app.outdir).parent, Path(app.srcdir)
    rerun_on = (*config.refutable_rerun_on, f"{config.refutable_proofs}/{VERDICTS}")
    mark = fingerprint(root, rerun_on, config.refutable_packages)
    config.nb_execution_cache_path = str(build / ".jupyter_cache" / mark)
    if config.nb_execution_mode != "off":
        config.nb_execution_mode = "cache"
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(build / "jax-cache"))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # two kernels share a GPU


def fingerprint(root: Path, patterns: Iterable[str], packages: Iterable[str]) -> str:
    """Changes with all that a chapter's outputs depend on, besides its own code."""
    digest = hashlib.sha256("\0".join(f"{k} {v}" for k, v in versions(packages)).encode())
    own = (path for pattern in patterns for path in sorted(root.glob(pattern)))
    for path in (*sorted(ENGINE.glob("*.py")), *own):
        digest.update(f"{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def versions(packages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The installed ones of some packages, each with its version."""
    for package in packages:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue


def execute_ahead(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Run the chapters that are to be read and are not in the cache, several at a time."""
    if app.config.nb_execution_mode == "off":
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    chapters = ((Path(env.doc2path(docname)), notebook(env, docname)) for docname in docnames)
    pending = [(path, nb) for path, nb in chapters if nb is not None and not _cached(cache, nb)]
    try:
        for path, ran, seconds in execute(pending, app.config.nb_execution_timeout):
            logger.info("executed %s in %.0f s", path.name, seconds)
            _store(cache, path, ran, seconds)
    except ChapterFailed as error:
        raise ExtensionError(f"a cell failed in {error}") from None


def _cached(cache: JupyterCacheAbstract, chapter: NotebookNode) -> bool:
    try:
        cache.match_cache_notebook(chapter)
    except KeyError:
        return False
    return True


def _store(cache: JupyterCacheAbstract, path: Path, notebook: NotebookNode, seconds: float) -> None:
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
