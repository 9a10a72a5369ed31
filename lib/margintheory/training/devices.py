"""Trials spread over all devices that JAX sees, on all hosts, in chunks that stay in a cache."""

import os
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from margintheory import validate
from margintheory.networks import TwoLayer

CACHE = 2**18  # bytes of hidden units that one chunk of trials may hold
TRIALS = PartitionSpec("trials")


def one_device_per_core() -> None:
    """Let JAX see each processor core as a device of its own, over which trials are then spread.

    Needed before the first computation; afterwards JAX raises RuntimeError. It changes nothing
    where JAX uses an accelerator.
    """
    usable = getattr(os, "sched_getaffinity", None)  # Linux only
    cores = len(usable(0)) if usable else os.cpu_count() or 1
    jax.config.update("jax_num_cpu_devices", cores)


def spread(one, options, X, y, networks: TwoLayer, chunk: int | None, numbers):
    """`one` for every trial, over all devices of all hosts: the networks, and the steps taken.

    The trials are padded by copies of the last one until each device has the same number.
    """
    dtype, T = networks.w.dtype, len(X)
    mesh = Mesh(np.array(jax.devices()), ("trials",))
    if chunk is None:
        chunk = max(1, CACHE // (X.shape[1] * networks.w.shape[1] * dtype.itemsize))
    chunk = min(validate.count(chunk, "chunk"), -(-T // mesh.size))
    columns = np.swapaxes(np.asarray(networks.U), 1, 2)
    batch = [_sharded(a, dtype, mesh) for a in (X, y, columns, networks.w)]
    numbers = {
        name: np.asarray(v, dtype) if isinstance(v, float) else v for name, v in numbers.items()
    }
    done = _run(batch, numbers, one=one, options=options, chunk=chunk, mesh=mesh)
    Ut, w, steps = (_gathered(a)[:T] for a in done)
    trained = jax.vmap(TwoLayer)(jnp.asarray(w), jnp.asarray(np.swapaxes(Ut, 1, 2)))
    return trained, steps


@partial(jax.jit, static_argnames=("one", "options", "chunk", "mesh"))
def _run(batch, numbers, *, one, options, chunk, mesh):
    def share(batch, numbers):
        def trial(arrays):
            X, y, *theta = arrays
            theta, steps = one(X, y, tuple(theta), *options, **numbers)
            return *theta, steps

        return lax.map(trial, batch, batch_size=chunk if chunk > 1 else None)

    specs = {"in_specs": (TRIALS, PartitionSpec()), "out_specs": TRIALS, "check_vma": False}
    return jax.shard_map(share, mesh=mesh, **specs)(batch, numbers)


def _sharded(a, dtype, mesh: Mesh):
    """An array of all hosts' devices from the copy that each host has."""
    a = np.asarray(a, dtype)
    a = np.concatenate([a, np.repeat(a[-1:], -len(a) % mesh.size, axis=0)])
    return jax.make_array_from_callback(a.shape, NamedSharding(mesh, TRIALS), a.__getitem__)


def _gathered(a):
    """The whole of an array on every host."""
    if jax.process_count() == 1:
        return np.asarray(a)
    return multihost_utils.process_allgather(a, tiled=True)
