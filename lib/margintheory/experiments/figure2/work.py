"""The work of Figure 2: its scales, its pieces and the methods that are compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from jaxtyping import Float

from margintheory import bounds, data, kernels, l1svm, l2svm, training
from margintheory.arrays import Numbers
from margintheory.experiments.run import Chunk
from margintheory.experiments.store import Checkpoint
from margintheory.networks import TwoLayer

TITLE = "Figure 2: networks against the 2-norm kernel method, test error and bounds against n"
ASCENT_INIT = 0.3
TASKS = ("classification", "regression")
Task: TypeAlias = Literal["classification", "regression"]
Measured: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Config:
    """One scale of the experiment. Where the paper is silent the value is ours, and says so."""

    sizes: tuple[int, ...]  # n; the paper's grid is not given
    trials: int
    block: int  # trials in one chunk
    steps: int
    bracketed: tuple[int, ...]  # the n at which the maximum margin is bracketed
    bracketed_trials: int
    inits: tuple[float, ...] = (0.1, 0.3, 1.0)  # ours: u ~ N(0, s²/d), w ~ N(0, s²/n), s = 1 usual
    d: int = 20
    units: int = 6
    margin: float = 0.1
    lam: float = 1e-8
    n_test: int = 2000  # ours
    step_times_width: tuple[float, float] = (40.0, 4.0)  # ours; one step for all n diverges
    teacher: tuple[float, float] = (1.0, 20**-0.5)  # ours: the teacher's u ~ N(0, s²)
    normalised_step: float = 0.1  # ours
    ascent_steps: int = 4000  # ours
    first: int = 0  # trial


SCALES = {
    "quick": Config((25, 50, 100, 200), 10, 10, 2500, (25,), 10, ascent_steps=2500, first=200),
    "recorded": Config((25, 50, 100, 200, 400), 16, 4, 20000, (25, 50, 100), 6),
    "paper": Config((25, 50, 100, 200, 400, 800), 100, 10, 20000, (25, 50, 100, 200), 20),
}


def chunks(config: Config) -> list[Chunk]:
    """Each method on each size, some trials at a time, and the control with random labels."""
    found = []

    def add(method, task, n, cost, trials=config.trials, **more):
        end = config.first + trials
        for start in range(config.first, end, config.block):
            some = range(start, min(start + config.block, end))
            name = "-".join([task, method, f"n{n}", *map(str, more.values()), f"{start}"])
            parameters = {"task": task, "n": n, "trials": tuple(some), **more}
            found.append(Chunk(name, 0.5 + cost * len(some), {"method": method, **parameters}))

    for n in config.sizes:
        descent = config.steps * n**2 * 1e-9
        for task in TASKS:
            add("kernel", task, n, 0.02)
            for init in config.inits:
                add("descent", task, n, descent, init=init)
        add("ascent", "classification", n, 2 * config.ascent_steps * n**2 * 1e-9)
        if n in config.bracketed:
            few = config.bracketed_trials
            add("normalised", "classification", n, 1.5 * descent, few)
            add("bracket", "classification", n, 0.06 * n, few)
    n, random = config.sizes[-1], {"labels": "random"}
    add("kernel", "classification", n, 0.02, **random)
    cost = config.steps * n**2 * 1e-9
    add("descent", "classification", n, cost, init=min(config.inits), **random)
    return found


def measure(config: Config, chunk: Chunk, checkpoint: Checkpoint | None = None) -> Measured:
    """The numbers of one chunk, a list with an entry for each trial under each name."""
    parameters = dict(chunk.parameters)
    return METHODS[parameters.pop("method")](config, **parameters)


def sample(
    config: Config, task: Task, n: int, trials: Sequence[int], labels: str = "true"
) -> data.TeacherSets:
    """The data of some trials; "random" gives each training label a random sign."""
    which = TASKS.index(task)
    sets = data.teacher_sets(
        trials,
        n,
        units=config.units,
        n_test=config.n_test,
        d=config.d,
        margin=config.margin,
        scale=config.teacher[which],
        task=task,
    )
    if labels == "true":
        return sets
    signs = [np.random.default_rng((trial, n)).choice([-1.0, 1.0], n) for trial in trials]
    return sets._replace(y=sets.y * np.stack(signs))


def error(task: Task, scores, y) -> Float[Numbers, "*trials"]:
    """The share of wrong signs, or the mean square error."""
    scores, y = np.asarray(scores, float), np.asarray(y)
    wrong = scores * y <= 0 if task == "classification" else (scores - y) ** 2
    return wrong.mean(axis=-1)


def kernel(config: Config, task: Task, n: int, trials: Sequence[int], labels="true") -> Measured:
    """The 2-norm SVM (4.3), or the interpolant of least 2-norm (Claim D.12), over all relus.

    `strength` is √κ‖α‖₂ of the function that has margin 1, or interpolates.
    """
    sets = sample(config, task, n, trials, labels)

    def one(X, y, X_test, y_test):
        K = np.asarray(kernels.relu_kernel(X))
        if task == "classification":
            svm = l2svm.max_margin(K, y)
            coefficients, strength = svm.dual * y, 1 / svm.lower
        else:
            coefficients = np.linalg.solve(K, y)
            strength = np.sqrt(y @ coefficients)
        scores = np.asarray(kernels.relu_kernel(X_test, X)) @ coefficients
        complexity = bounds.relu_ball_complexity(strength, np.linalg.norm(X), n, config.d)
        return error(task, scores, y_test), 4 * complexity, strength

    columns = zip(*map(one, *sets), strict=True)
    return dict(zip(("test", "bound", "strength"), map(list, columns), strict=True))


def descent(
    config: Config, task: Task, n: int, trials: Sequence[int], init: float, labels="true"
) -> Measured:
    """The network of width n after gradient descent, as in the paper."""
    sets = sample(config, task, n, trials, labels)
    trained = training.train(
        sets.X,
        sets.y,
        training.initial_networks(np.array(trials), n, config.d, scale=init),
        loss="logistic" if task == "classification" else "squared",
        lam=config.lam,
        steps=config.steps,
        step_size=config.step_times_width[TASKS.index(task)] / n,
    )
    return judged(task, trained.network, sets)


def normalised(config: Config, task: Task, n: int, trials: Sequence[int]) -> Measured:
    """The network after normalised descent without regularisation."""
    sets = sample(config, task, n, trials)
    start = training.initial_networks(np.array(trials), n, config.d, scale=ASCENT_INIT)
    trained = training.train(
        sets.X,
        sets.y,
        start,
        rule="normalised",
        steps=config.steps,
        step_size=config.normalised_step,
    )
    return judged(task, trained.network, sets)


def ascent(config: Config, task: Task, n: int, trials: Sequence[int]) -> Measured:
    """The network after ascent on the smoothed margin: nearly the largest margin."""
    sets = sample(config, task, n, trials)
    start = training.initial_networks(np.array(trials), n, config.d, scale=ASCENT_INIT)
    trained = training.ascend_margin(sets.X, sets.y, start, steps=config.ascent_steps)
    return judged(task, trained.network, sets)


def bracket(config: Config, task: Task, n: int, trials: Sequence[int]) -> Measured:
    """The certified bracket of γ_ℓ1 and the measure of its lower end."""
    sets = sample(config, task, n, trials)
    solved = [l1svm.max_margin(X, y) for X, y in zip(sets.X, sets.y, strict=True)]
    scores = [
        np.maximum(X @ svm.atoms.T, 0) @ svm.weights
        for svm, X in zip(solved, sets.X_test, strict=True)
    ]
    return {
        "test": error(task, scores, sets.y_test),
        "lower": [svm.lower for svm in solved],
        "upper": [svm.upper for svm in solved],
        "bound": [network_term(1 / svm.lower, X) for svm, X in zip(solved, sets.X, strict=True)],
    }


METHODS: dict[str, Callable[..., Measured]] = {
    each.__name__: each for each in (kernel, descent, normalised, ascent, bracket)
}


def network_term(strength, X):
    """8‖α‖₁‖X‖_F/n, the leading term of Proposition 3.1 (at ‖α‖₁ = 1/γ_ℓ1) and of Lemma D.8.

    Proposition 3.1 with the complexity ‖X‖_F/n has 4‖X‖_F/(nγ̄), and γ̄ = γ_ℓ1/2.
    """
    return 8 * strength * bounds.two_layer_complexity(np.linalg.norm(X), len(X))


def judged(task: Task, trained: TwoLayer, sets: data.TeacherSets) -> Measured:
    """Test error, leading term of the bound and, for classification, the margin of each network.

    `margin` is that of the measure of the network, in units of γ_ℓ1: it does not change if neurons
    are rescaled. `unbalanced` is the paper's, 2 min y f/‖Θ‖², which is no larger. Both are NaN,
    and so is the bound, where a trial does not fit its data.
    """
    norms, squares = _norms(trained)
    measured = {"test": error(task, training.scores(trained, sets.X_test), sets.y_test)}
    scores = training.scores(trained, sets.X)
    if task == "classification":
        worst = (scores * sets.y).min(axis=1)
        worst = np.where(worst > 0, worst, np.nan)
        strengths = norms / worst
        measured |= {"margin": 1 / strengths, "unbalanced": 2 * worst / squares}
    else:
        strengths = norms
        measured |= {"train": error(task, scores, sets.y)}
    terms = [network_term(a, X) for a, X in zip(strengths, sets.X, strict=True)]
    return measured | {"bound": terms, "strength": strengths}


def _norms(trained: TwoLayer) -> tuple[Float[np.ndarray, " T"], Float[np.ndarray, " T"]]:
    """Σ_j |w_j|‖u_j‖, the total variation ‖α‖₁ of f = ⟨α, φ⟩, and ‖Θ‖²."""
    w, U = (np.asarray(part, float) for part in (trained.w, trained.U))
    lengths = np.linalg.norm(U, axis=2)
    return (np.abs(w) * lengths).sum(axis=1), (w**2 + lengths**2).sum(axis=1)
