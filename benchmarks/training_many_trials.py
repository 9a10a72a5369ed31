"""Gradient descent for many trials at once: `training.train` against PyTorch and plain JAX.

All run the same work in one process in turn: T networks of width n on n points in 20 dimensions,
logistic loss, full batch, float32. The peers are PyTorch (batched products with gradients by hand,
also compiled and also in two processes of one thread each; `torch.func`; autograd) and `vmap` of
`jax.grad` in a loop. The two large products of a step are also run alone, in our loop and layout,
which says how much the rest of a step costs. The share of the machine's peak is that of these
products against one product of 2048 × 2048 matrices in the same process.
"""

import argparse
import subprocess
import sys
import time

import numpy as np

D, LAM, STEP = 20, 1e-8, 0.1
PRODUCTS = "its two products alone"


def problem(T, n):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(T, n, D)).astype(np.float32)
    y = np.sign(rng.normal(size=(T, n))).astype(np.float32)
    U = (rng.normal(size=(T, n, D)) / D**0.5).astype(np.float32)
    w = (rng.normal(size=(T, n)) / n**0.5).astype(np.float32)
    return X, y, U, w


# ---------------------------------------------------------------------------------------------
# JAX
# ---------------------------------------------------------------------------------------------


def jax_variants(T, n, steps):
    import jax
    import jax.numpy as jnp
    from jax import lax

    from margintheory import training
    from margintheory.networks import TwoLayer
    from margintheory.training import devices

    X, y, U, w = problem(T, n)
    nets = jax.vmap(TwoLayer)(jnp.asarray(w), jnp.asarray(U))

    def ours():
        trained = training.train(X, y, nets, lam=LAM, steps=steps, step_size=STEP)
        return np.asarray(trained.network.w)

    def objective(theta, X, y):
        w, U = theta
        f = jax.nn.relu(X @ U.T) @ w
        return jnp.mean(jax.nn.softplus(-y * f)) + LAM * (jnp.sum(w**2) + jnp.sum(U**2))

    @jax.jit
    def plain(theta, X, y):
        def step(_, theta):
            slope = jax.vmap(jax.grad(objective))(theta, X, y)
            return jax.tree.map(lambda p, g: p - STEP * g, theta, slope)

        return jax.lax.fori_loop(0, steps, step, theta)

    def products(X, y, theta, loss, *, steps):
        Ut, w = theta
        return (lax.fori_loop(0, steps, lambda _, Ut: X.T @ (X @ Ut), Ut), w), steps

    def alone():
        devices.spread(products, ("logistic",), X / n, y, nets, None, {"steps": steps})

    A = jnp.ones((2048, 2048), jnp.float32)
    product = jax.jit(lambda A: A @ A)
    return {
        "margintheory": ours,
        PRODUCTS: alone,
        "JAX vmap(grad) in a loop": lambda: np.asarray(plain((w, U), X, y)[0]),
        "peak": lambda: product(A).block_until_ready(),
    }


# ---------------------------------------------------------------------------------------------
# PyTorch
# ---------------------------------------------------------------------------------------------


def torch_variants(T, n, steps):
    import torch
    from torch.nn.functional import softplus

    X, y, U, w = map(torch.from_numpy, problem(T, n))
    Ut0, Xt = U.transpose(1, 2).contiguous(), X.transpose(1, 2).contiguous()
    decay = 1 - 2 * STEP * LAM

    def by_hand(Ut, w):
        Z = torch.bmm(X, Ut)
        f = (Z.clamp_min(0) * w[:, None, :]).sum(-1)
        r = -y * torch.sigmoid(-y * f) / n
        G = torch.bmm(Xt * r[:, None, :], (Z > 0).to(Z.dtype))
        return Ut * decay - STEP * w[:, None, :] * G, w * decay - STEP * (Ut * G).sum(1)

    def loop(step):
        @torch.no_grad()
        def run():
            Ut, v = Ut0.clone(), w.clone()
            for _ in range(steps):
                Ut, v = step(Ut, v)
            return v.numpy()

        return run

    def objective(Ut, w, X, y):
        f = torch.relu(X @ Ut) @ w
        return softplus(-y * f).mean() + LAM * (w.square().sum() + Ut.square().sum())

    slope = torch.func.vmap(torch.func.grad(objective, argnums=(0, 1)))

    def functional(Ut, w):
        dU, dw = slope(Ut, w, X, y)
        return Ut - STEP * dU, w - STEP * dw

    def autograd():
        Ut, v = Ut0.clone().requires_grad_(), w.clone().requires_grad_()
        optimiser = torch.optim.SGD([Ut, v], lr=STEP, weight_decay=2 * LAM)
        for _ in range(steps):
            optimiser.zero_grad()
            f = torch.bmm(torch.relu(torch.bmm(X, Ut)), v[:, :, None])[:, :, 0]
            softplus(-y * f).mean(1).sum().backward()
            optimiser.step()
        return v.detach().numpy()

    return {
        "PyTorch by hand": loop(by_hand),
        "PyTorch by hand, compiled": loop(torch.compile(by_hand)),
        "PyTorch torch.func": loop(functional),
        "PyTorch autograd": autograd,
    }


class TwoProcesses:
    """PyTorch by hand, compiled, in two processes of one thread, each with half of the trials."""

    def __init__(self, T, n, steps):
        command = [sys.executable, __file__, "--worker", *map(str, (T // 2, n, steps))]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.workers = [subprocess.Popen(command, **pipes) for _ in range(2)]
        for worker in self.workers:
            worker.stdout.readline()  # compiled

    def __call__(self):
        for worker in self.workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        for worker in self.workers:
            worker.stdout.readline()

    def close(self):
        for worker in self.workers:
            worker.stdin.close()
            worker.wait()


def work(T, n, steps):
    """A worker of `TwoProcesses`: a run for each line of the input."""
    import torch

    torch.set_num_threads(1)
    run = torch_variants(T, n, steps)["PyTorch by hand, compiled"]
    run()
    print("ready", flush=True)
    for _ in sys.stdin:
        run()
        print("done", flush=True)


def compare(T, n, steps, repeats):
    variants = jax_variants(T, n, steps) | torch_variants(T, n, steps)
    reference = variants["margintheory"]()
    for name, run in variants.items():
        result = run()
        if name not in ("peak", PRODUCTS):
            np.testing.assert_allclose(result, reference, rtol=0.05, atol=0.02, err_msg=name)
    pair = TwoProcesses(T, n, steps)
    variants["PyTorch by hand, compiled, two processes"] = pair
    seconds = {name: [] for name in variants}
    for _ in range(repeats):
        for name, run in variants.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    pair.close()
    best = {name: min(times) for name, times in seconds.items()}
    peak = 2 * 2048**3 / best.pop("peak")
    ours, flops = best["margintheory"], 4 * T * n * n * D * steps
    print(f"T = {T}, n = width = {n}, {steps} steps, minimum of {repeats} interleaved runs")
    for name, each in best.items():
        print(f"  {name:42} {1e6 * each / steps / T:8.2f} µs a step and trial {each / ours:6.2f}×")
    print(f"  share of the matmul peak ({peak / 1e9:.0f} GFLOP/s): {flops / ours / peak:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("--worker", type=int, nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(*arguments.worker)
        return
    from margintheory import training

    training.one_device_per_core()
    for T, n, steps in ((20, 100, 2000), (100, 200, 500)):
        compare(T, n, steps, arguments.repeats)


if __name__ == "__main__":
    main()
