"""Random instances of each family under several BLAS kernels: does the solver keep its promise?

    python tests/promises.py [--instances 200] [--families smooth random …] [--kernels Haswell …]
    python tests/promises.py --summary

A promise is what a docstring says: `max_margin` and `min_l1_norm` close to the tolerance where the
arrangement is written down, and prove whatever bracket they return. For each instance

- nothing is raised, and the status is "optimal" where that is promised;
- lower ≤ upper, and they agree to the tolerance if the status says so;
- the exact certificate, evaluated once more, proves both ends; an interpolant has at most n atoms;
- the brackets found under different kernels overlap: if not, one of them is false.

This takes hours, and so is no part of `make test`. Each verdict is a line of JSON in
`_build/promises.jsonl`, with the commit and the versions it belongs to; what stands there is not
run again. Exit status 0 means that no promise is broken.
"""

import argparse
import itertools
import json
import subprocess
import sys
import time
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from flint import arb, arb_mat, ctx

from kernels import environment, runs
from margintheory import data, interpolation, l1svm, rigour, sphere
from margintheory.rigour import Certificate
from margintheory.status import Status

ROOT = Path(__file__).parent.parent
KERNELS = "Nehalem", "Sandybridge", "Haswell"
TOL = 1e-9
BITS = 2000  # in which certificates are evaluated
WRITTEN_DOWN = 10**6  # n^d up to which the arrangement is, beyond the plane
BATCH = 4  # instances of each family that one process solves


class Family(NamedTuple):
    """Instances whose n is log-uniform between two ends."""

    solver: str  # "l1svm" or "interpolation"
    kind: str  # "smooth" or "random" labels of Section F.3, or "normal" points
    d: int
    most: int  # points; beyond n^d ≤ 10⁶ no more is promised than that the bracket is proved
    least: int = 5

    def instance(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """X and y; they depend on nothing but the family and the index."""
        rng = np.random.default_rng([index, self.d, len(self.solver)])
        n = round(np.exp(rng.uniform(np.log(self.least), np.log(self.most))))
        if self.kind != "normal":
            return data.line_set(n, index, self.kind)
        X, y = rng.normal(size=(n, self.d)), rng.normal(size=n)
        return X, np.sign(y) if self.solver == "l1svm" else y


FAMILIES = {
    "smooth": Family("l1svm", "smooth", 2, 400, 10),
    "random": Family("l1svm", "random", 2, 400, 10),
    "d3": Family("l1svm", "normal", 3, 150),
    "d4": Family("l1svm", "normal", 4, 46),
    "d5": Family("l1svm", "normal", 5, 22),
    "interpolation2": Family("interpolation", "normal", 2, 100),
    "interpolation3": Family("interpolation", "normal", 3, 60),
    "interpolation4": Family("interpolation", "normal", 4, 31),
}


def verdict(name: str, index: int) -> dict[str, Any]:
    """What one solve gave, and what of its promise is broken."""
    family = FAMILIES[name]
    X, y = family.instance(index)
    n, d = X.shape
    promised = d == 2 or n**d <= WRITTEN_DOWN
    solve = l1svm.max_margin if family.solver == "l1svm" else interpolation.min_l1_norm
    start = time.process_time()
    try:
        result = solve(X, y, tol=TOL)
    except Exception as error:  # a broken promise, and not the end of the run
        return {"n": n, "d": d, "promised": promised, "broken": [f"raised {error!r}"]}
    return {
        "n": n,
        "d": d,
        "promised": promised,
        "status": result.status.name,
        "lower": result.lower,
        "upper": result.upper,
        "atoms": len(result.weights),
        "seconds": round(time.process_time() - start, 2),
        "broken": list(broken(family.solver, X, y, result, promised)),
    }


def broken(solver: str, X, y, result, promised: bool):
    """In words, each part of the promise that this result does not keep."""
    decided = result.status in (Status.OPTIMAL, Status.NOT_SEPARABLE)
    if promised and not decided:
        yield "not closed"
    if not 0 <= result.lower <= result.upper < np.inf:
        yield "no bracket"
    width = np.spacing(result.lower) + np.spacing(result.upper)  # ends are rounded outwards
    if decided and not result.upper - result.lower <= TOL * result.lower + width:
        yield "wider than the status says"
    if result.status == Status.NOT_SEPARABLE:
        return
    if solver == "interpolation" and len(result.weights) > len(y):
        yield "more atoms than points"
        return
    with ctx.workprec(BITS):
        lower, upper = (margin_ends if solver == "l1svm" else norm_ends)(X, y, result.certificate)
        if not (lower >= result.lower and upper <= result.upper):
            yield "the certificate proves less"


def margin_ends(X, y, pair: Certificate) -> tuple[arb, arb]:
    """What a measure and a dual prove of γ_ℓ1."""
    return l1svm.lower_bound(X, y, pair.atoms, pair.weights), l1svm.upper_bound(X, y, pair.dual)


def norm_ends(X, y, pair: Certificate) -> tuple[arb, arb]:
    """What a dual ν, up to a factor, and n atoms prove of ‖α_ℓ1‖₁.

    νᵀy / max_u |Σ_i ν_i relu(u·x_i)| from below, and from above the norm of the measure on the
    atoms that interpolates.
    """
    W, e = rigour.dyadic(pair.dual)
    value = sum((int(w) * arb(t) for w, t in zip(W, y, strict=True)), arb(0)) * arb(2) ** e
    lower = value / sphere.cut_by(X).greatest(pair.dual)[0]
    (N, e), U = rigour.dyadic(X), pair.atoms.integers
    features = arb_mat([[arb(int(v)) for v in row] for row in np.maximum(N @ U.T, 0)])
    weights = features.solve(arb_mat([[arb(t) / arb(2) ** e] for t in y])).entries()
    return lower, rigour.total_variation(U, weights)


def provenance() -> dict[str, str]:
    describe = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    commit = subprocess.run(describe, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    packages = "numpy", "scipy", "python-flint"
    return {"commit": commit, "python": sys.version.split()[0]} | {p: version(p) for p in packages}


def one_batch(kernel: str, jobs: list[str], out: Path) -> None:
    """Solves the instances "family:index" in this process, and appends a line for each."""
    made_by = provenance()
    for job in jobs:
        name, index = job.split(":")
        line = {"family": name, "index": int(index), "kernel": kernel, "tol": TOL}
        line |= verdict(name, int(index)) | made_by
        with out.open("a") as file:
            file.write(json.dumps(line) + "\n")


def read(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []


def summary(lines: list[dict[str, Any]]) -> bool:
    """Prints a table, and whatever is broken; whether nothing is."""
    of, brackets = defaultdict(list), defaultdict(list)
    for line in lines:
        of[line["family"], line["kernel"]].append(line)
        if "lower" in line:
            brackets[line["family"], line["index"]].append((line["lower"], line["upper"]))
    print(f"{'family':15} {'kernel':12} {'kept':>9} {'n':>9} {'open':>5} {'slowest':>9}")
    for (name, kernel), cell in sorted(of.items()):
        kept, sizes = sum(not line["broken"] for line in cell), [line["n"] for line in cell]
        open_ = sum(line.get("status") == "OPEN" for line in cell)
        slowest = max(line.get("seconds", 0.0) for line in cell)
        share, sizes = f"{kept}/{len(cell)}", f"{min(sizes)}–{max(sizes)}"
        print(f"{name:15} {kernel:12} {share:>9} {sizes:>9} {open_:5} {slowest:7.1f} s")
    false = [k for k, ends in brackets.items() if max(ends)[0] > min(u for _, u in ends)]
    for line in lines:
        if line["broken"]:
            place = line["family"], line["index"], line["kernel"]
            print("broken:", *place, f"n = {line['n']}:", *line["broken"])
    for name, index in false:
        print("broken:", name, index, "brackets of different kernels are disjoint")
    return not false and not any(line["broken"] for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--instances", type=int, default=200, help="of each family (default 200)")
    parser.add_argument("--families", nargs="+", default=list(FAMILIES), choices=FAMILIES)
    parser.add_argument("--kernels", nargs="+", default=KERNELS, help="of OpenBLAS")
    parser.add_argument("--out", type=Path, default=ROOT / "_build/promises.jsonl")
    parser.add_argument("--summary", action="store_true", help="of what was run; runs nothing")
    parser.add_argument("--batch", nargs="+", help=argparse.SUPPRESS)  # a kernel and its jobs
    arguments = parser.parse_args()
    if arguments.batch:
        one_batch(arguments.batch[0], arguments.batch[1:], arguments.out)
        return 0
    able = [] if arguments.summary else [kernel for kernel in arguments.kernels if runs(kernel)]
    for kernel in set(arguments.kernels) - set(able) if not arguments.summary else ():
        print(f"{kernel} skipped: this processor cannot execute it")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    done = {(line["family"], line["index"], line["kernel"]) for line in read(arguments.out)}
    for first, kernel in itertools.product(range(0, arguments.instances, BATCH), able):
        indices = range(first, min(first + BATCH, arguments.instances))
        jobs = [
            f"{name}:{index}"
            for index, name in itertools.product(indices, arguments.families)
            if (name, index, kernel) not in done
        ]
        if jobs:
            print(f"{kernel:12} instances {indices.start}–{indices.stop - 1}", flush=True)
            command = [sys.executable, __file__, "--out", str(arguments.out), "--batch", kernel]
            variables = {"OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": "1"}
            subprocess.run([*command, *jobs], env=environment(**variables), check=True)
    return int(not summary(read(arguments.out)))


if __name__ == "__main__":
    sys.exit(main())
