"""The margin as the regulariser vanishes, on one-dimensional data: Figure 4, Section F.3.

The chapter on Figure 4 has the certified minimisers, the SVM and the trained networks with all that
can be said of them; this draws its first picture from the command line.
"""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from margintheory import data, l1svm, margins, objectives, plots, regularized
from margintheory.experiments.run import Chunk, Results
from margintheory.experiments.store import Checkpoint
from margintheory.networks import TwoLayer

TITLE = "Figure 4: the margin of the network approaches the maximum margin as λ → 0"


@dataclass(frozen=True)
class Config:
    """One scale of the experiment. The paper gives neither n nor the width; ours are these."""

    n: int
    width: int
    starts: int
    largest: int = 3  # λ from 10^−3
    smallest: int = 14  # to 10^−14, in half decades
    iterations: int = 500  # of L-BFGS for each λ


SCALES = {"quick": Config(10, 50, 4), "paper": Config(20, 100, 20, iterations=2000)}


def chunks(config: Config) -> list[Chunk]:
    """The certified path, and one training run for each random start."""
    starts = [Chunk(f"trained-{seed}", 1.0, {"seed": seed}) for seed in range(config.starts)]
    return [Chunk("certified", 2.0, {}), *starts]


def measure(config: Config, chunk: Chunk, checkpoint: Checkpoint | None = None) -> dict[str, Any]:
    """Normalised margins along λ, of the global minimisers or of the networks of one start."""
    X, y = data.line_set(config.n)
    if chunk.name == "certified":
        svm = l1svm.max_margin(X, y)
        minima = regularized.path(X, y, lams(config).tolist())
        return {"margin": [m.margin for m in minima], "maximum": [svm.lower / 2, svm.upper / 2]}
    return {"margin": trained(config, X, y, chunk.parameters["seed"])}


def lams(config: Config) -> np.ndarray:
    """The λ of the figure, from the largest to the smallest."""
    return 10.0 ** -np.arange(config.largest, config.smallest + 0.25, 0.5)


def trained(config: Config, X, y, seed: int) -> list[float]:
    """Margins of networks trained by L-BFGS on ln L_λ, each from where the last λ ended."""

    def network(v):
        return TwoLayer(w=v[: config.width], U=v[config.width :].reshape(config.width, -1))

    @jax.jit
    @jax.value_and_grad
    def log_objective(v, lam):
        return jnp.log(objectives.weakly_regularised(network(v), X, y, lam))

    def value(v, lam):
        return tuple(np.asarray(part) for part in log_objective(v, lam))

    v = np.random.default_rng(seed).normal(size=config.width * (1 + X.shape[1]))
    found = []
    for lam in lams(config):
        options = {"maxiter": config.iterations}
        v = minimize(value, v, lam, jac=True, method="L-BFGS-B", options=options).x
        found.append(float(margins.normalised_margin(network(v), X, y)))
    return found


def table(results: Results) -> str:
    """The share of γ* that is reached at the largest and at the smallest λ."""
    certified = results.chunks.get("certified")
    if certified is None:
        return "not finished"
    gamma_star = certified["maximum"][0]
    runs = {"global minimiser": certified["margin"]}
    runs |= {name: run["margin"] for name, run in results.chunks.items() if name != "certified"}
    lines = [f"γ* = {gamma_star:.9f}; share reached at λ = 1e-{results.config.largest}, smallest λ"]
    for name, margin in runs.items():
        lines.append(f"  {name:18}{margin[0] / gamma_star:8.4f}{margin[-1] / gamma_star:8.4f}")
    return "\n".join(lines)


def draw(results: Results, recorded: Results | None = None) -> plots.Figure:
    """Figure 4, left."""
    fig, (ax,) = plots.panels(1)
    x = lams(results.config)
    if certified := results.chunks.get("certified"):
        ax.axhline(certified["maximum"][0], color=plots.GREY, linestyle="--", label="γ*, certified")
        ax.plot(x, certified["margin"], color=plots.BLUE, label="global minimiser, certified")
    runs = [run["margin"] for name, run in results.chunks.items() if name != "certified"]
    for k, margin in enumerate(runs):
        label = f"trained, {len(runs)} starts" if k == 0 else None
        ax.plot(x, margin, "x", markersize=4, color=plots.ORANGE, label=label)
    ax.set(xscale="log", xlabel="strength of the regulariser λ", ylabel="normalised margin")
    ax.invert_xaxis()
    ax.legend()
    return fig


FIGURES = {"figure4": draw}
