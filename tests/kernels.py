"""Run the solvers' tests under several BLAS kernels, with one thread and with two.

    python tests/kernels.py

The last bits of a float computation depend on the kernel that OpenBLAS picks for the processor;
what a solver promises must not. Kernels that this processor cannot execute are skipped with a word,
and so is everything where NumPy and SciPy do not bring OpenBLAS (Accelerate, MKL). Exit status 0
means that every run passed.
"""

import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

TESTS = Path(__file__).parent
SOLVERS = (
    "interpolation",
    "kernels",
    "l1svm",
    "l2svm",
    "refinement_plane",
    "refinement_space",
    "regularized",
    "sphere_branching",
    "sphere_faces",
    "sphere_spectral",
)
KERNELS = {
    "x86_64": ("Nehalem", "Sandybridge", "Haswell", "SkylakeX"),
    "arm64": ("ARMV8", "NEOVERSEN1", "NEOVERSEV1"),
}
ARCHITECTURE = {"AMD64": "x86_64", "aarch64": "arm64"}
RUNS_AT_A_TIME = 2

# An instruction that the processor lacks ends a process, so another one tries.
PROBE = """
import numpy, scipy.linalg, scipy.optimize, threadpoolctl
A = numpy.random.default_rng(0).normal(size=(200, 200))
A @ A, A @ A[0], A[0] @ A[0], numpy.linalg.svd(A), numpy.linalg.solve(A, A)
scipy.linalg.cholesky(A @ A.T), scipy.linalg.lu_factor(A), scipy.linalg.qr(A)
libraries = threadpoolctl.threadpool_info()
print(*{blas["architecture"] for blas in libraries if blas["internal_api"] == "openblas"})
"""


def environment(**variables: str) -> dict[str, str]:
    """The environment with some variables set, and without checks of signatures."""
    return {**os.environ, "JAXTYPING_DISABLE": "1", **variables}


def kernels_in_use(**variables: str) -> list[str] | None:
    """The kernels of the OpenBLAS libraries of NumPy and SciPy, or None if they do not run."""
    probe = subprocess.run(
        [sys.executable, "-c", PROBE], env=environment(**variables), capture_output=True, text=True
    )
    return probe.stdout.lower().split() if probe.returncode == 0 else None


def runs(kernel: str) -> bool:
    """Whether the processor executes this kernel: an unknown name falls back to another one."""
    return kernels_in_use(OPENBLAS_CORETYPE=kernel) == [kernel.lower()]


def run(kernel: str, threads: int) -> bool:
    """Whether the solvers' tests pass; what they print is shown if they do not."""
    start = time.monotonic()
    files = [str(TESTS / f"test_{solver}.py") for solver in SOLVERS]
    options = ["-p", "no:cacheprovider", "--hypothesis-profile=kernels"]
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        env=environment(OPENBLAS_CORETYPE=kernel, OPENBLAS_NUM_THREADS=str(threads)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    passed = tests.returncode == 0
    verdict = "passed" if passed else f"FAILED\n\n{tests.stdout}"
    seconds = time.monotonic() - start
    print(f"{kernel:12} {threads} threads  {seconds:4.0f} s  {verdict}", flush=True)
    return passed


def main() -> int:
    if not kernels_in_use():
        print("NumPy and SciPy do not bring OpenBLAS here: there are no kernels to choose from.")
        return 0
    machine = platform.machine()
    known = KERNELS.get(ARCHITECTURE.get(machine, machine), ())
    able = [kernel for kernel in known if runs(kernel)]
    for kernel in known:
        if kernel not in able:
            print(f"{kernel:12} skipped: this processor cannot execute it")
    print(f"The tests of {', '.join(SOLVERS)}:", flush=True)
    with ThreadPoolExecutor(RUNS_AT_A_TIME) as pool:
        passed = list(pool.map(lambda job: run(*job), product(able, (1, 2))))
    return int(not all(passed))


if __name__ == "__main__":
    sys.exit(main())
