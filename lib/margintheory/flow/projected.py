"""The flow (5.2) projected on the sphere, where it is a closed equation for ν = ∫ mass·r² at θ/r:

    ∂_t ν = ∇·(ν ∇g) − 4 g ν − σν + σU,    g = ⟨∇R(∫Φ dν), Φ⟩ + V on S^{D−1}.

Finite volumes on the circle and on S². Mass crosses the side between two cells from the higher g to
the lower, at the rate (difference of g)·(density of the higher cell)·(length of the side)/(distance
of the centres). So it is conserved, and since each side dissipates its flux times the difference of
g, the scheme has its own exact Lemma E.7: only the time integration (RK4) is in its balance.
"""

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from scipy.spatial import SphericalVoronoi

from margintheory import validate
from margintheory.arrays import ArrayLike, Numbers, Reals
from margintheory.flow.problems import (
    Atoms,
    Problem,
    measure,
    nonnegative,
    project,
    spread,
)
from margintheory.flow.stepping import (
    RECORDED,
    Records,
    follow,
    refuse_overshoot,
    runge_kutta,
)


class Mesh(NamedTuple):
    """Cells of the sphere: their `centres`, their `area`s (total 1), and each cell's neighbours.

    `conductance` is the length of the common side over the distance of the centres, in the unit
    that makes `area` a probability; a cell with fewer neighbours than others has zeros there.
    """

    centres: Float[Numbers, "cells D"]
    area: Float[Numbers, " cells"]
    neighbours: Int[Numbers, "cells sides"]
    conductance: Float[Numbers, "cells sides"]


def mesh(cells: int, D: int) -> Mesh:
    """Equal arcs of the circle (D = 2), or Voronoi cells of the Fibonacci lattice on S² (D = 3).

    A side of a Voronoi cell is orthogonal to the line between the centres, as the scheme needs.
    Raises ValueError for other D and for fewer than 8 cells.
    """
    return _mesh(validate.count(cells, "cells", least=8), validate.count(D, "D"))


@functools.lru_cache
def _mesh(cells, D):
    if D == 2:
        i = np.arange(cells)
        sides = np.stack([i - 1, i + 1], axis=1) % cells
        conductance = np.full((cells, 2), cells / (2 * np.pi) ** 2)
        return Mesh(spread(cells, 2), np.full(cells, 1 / cells), sides, conductance)
    if D == 3:
        return _voronoi(spread(cells, 3))
    raise ValueError(f"the projected equation is solved for D = 2 and 3, not for D = {D}.")


def _voronoi(centres):
    cells = SphericalVoronoi(centres)
    cells.sort_vertices_of_regions()
    at_side: dict[tuple[int, int], list[int]] = {}
    for i, region in enumerate(cells.regions):
        for a, b in zip(region, np.roll(region, -1), strict=True):
            at_side.setdefault((min(a, b), max(a, b)), []).append(i)
    around: list[list[tuple[int, float]]] = [[] for _ in centres]
    for (a, b), (i, j) in at_side.items():
        side, distance = (_angle(*pair) for pair in (cells.vertices[[a, b]], centres[[i, j]]))
        around[i].append((j, side / distance / (4 * np.pi)))
        around[j].append((i, side / distance / (4 * np.pi)))
    most = max(map(len, around))
    padded = [row + [(i, 0.0)] * (most - len(row)) for i, row in enumerate(around)]
    area = cells.calculate_areas()
    table = np.array(padded)
    return Mesh(centres, area / area.sum(), table[..., 0].astype(int), table[..., 1])


def _angle(p, q):
    return 2 * np.arctan2(np.linalg.norm(p - q), np.linalg.norm(p + q))


@functools.partial(
    jax.tree_util.register_dataclass,
    data_fields=[*RECORDED, "path_length", "nu", "mesh"],
    meta_fields=[],
)
@dataclass(frozen=True)
class SphereTrajectory(Records):
    """ν_t at the `times` (T,): masses `nu` (T, cells) of the cells of `mesh`.

    `objective` L, `second_moment` W² = ν(S), `dissipation` D (of the scheme, exact on the sides),
    `mean_variation` ∫g dν, `uniform_variation` ∫g dU, all (T,); `mean_features` a (T, k).
    `balance` (T,) is L_t − L_0 − ∫₀ᵗ (−σ∫g dν + σ∫g dU − D), Lemma E.7; `path_length` (T,) is
    ∫₀ᵗ ‖a'‖; both integrals by the stages of RK4. `courant` is the greatest share of a cell's mass
    that would leave it in one step.
    """

    path_length: Float[Array, "*batch T"]
    nu: Float[Array, "*batch T cells"]
    mesh: Mesh

    @property
    def density(self) -> Float[Array, "*batch T cells"]:
        """ν_t relative to U."""
        return self.nu / self.mesh.area[..., None, :]

    def measure(self, i: int) -> Atoms:
        """ν at `times[i]`, as atoms at the centres of the cells."""
        return Atoms(jnp.asarray(self.mesh.centres), self.nu[..., i, :])


def evolve_on_sphere(
    problem: Problem,
    nu0: Atoms,
    *,
    cells: int,
    sigma: Reals[ArrayLike, ""],
    time: float,
    step: float = 0.004,
    records: int = 100,
) -> SphereTrajectory:
    """The projected equation up to `time`, recorded at the ends of `records` equal intervals.

    The projection of `nu0` starts in the cells whose centres are nearest. RK4 steps are the longest
    that divide an interval and do not exceed `step`. First order in the width of a cell; see
    `mesh` for the grids. `vmap` over σ, the masses of `nu0` or the data works as for `evolve`.

    Raises ValueError for D other than 2 and 3, negative σ or masses, numbers that are not finite, a
    problem that is not 2-homogeneous, and a step that would empty a cell.
    """
    nu0, noise = project(measure(nu0)), nonnegative(sigma, "sigma")
    problem.homogeneous(nu0.theta.shape[1])
    time, step = validate.positive(time, "time"), validate.positive(step, "step")
    records = validate.count(records, "records")
    grid = mesh(cells, nu0.theta.shape[1])
    steps = math.ceil(time / records / step * (1 - 1e-12))
    trajectory = _evolve(problem, grid, deposit(nu0, grid), noise, time, records, steps)
    taken = time / records / steps
    refuse_overshoot(
        trajectory.courant,
        "masses",
        step,
        lambda c: (
            f"{c:.2g} of a cell's mass would leave it in one step; choose a step below "
            f"{taken / c:.2g}"
        ),
    )
    return trajectory


def deposit(nu: Atoms, grid: Mesh) -> Float[Array, " cells"]:
    """The masses of the cells when each atom goes to the centre that is nearest."""
    nu = measure(nu)
    if nu.theta.shape[1] != grid.centres.shape[1]:
        raise ValueError(f"the cells lie in ℝ^{grid.centres.shape[1]}, the atoms do not.")
    nearest = jnp.argmax(nu.theta @ grid.centres.T, axis=1)
    return jnp.zeros(len(grid.area)).at[nearest].add(nu.mass)


def _rates(problem, grid, sigma, nu):
    """∂_t ν on the cells, and what a trajectory says about ν."""
    Phi, V = jax.vmap(problem.Phi)(grid.centres), jax.vmap(problem.V)(grid.centres)
    a = nu @ Phi
    g = Phi @ jax.grad(problem.R)(a) + V
    drop = g[:, None] - g[grid.neighbours]
    density = nu / grid.area
    outflow = grid.conductance * jnp.maximum(drop, 0)
    inflow = grid.conductance * jnp.maximum(-drop, 0) * density[grid.neighbours]
    transport = jnp.sum(inflow - outflow * density[:, None], axis=1)
    leaving = jnp.sum(outflow, axis=1) / grid.area + 4 * g + sigma
    return transport - (4 * g + sigma) * nu + sigma * grid.area, dict(
        objective=problem.R(a) + nu @ V,
        second_moment=nu.sum(),
        dissipation=jnp.sum(outflow * drop * density[:, None]) + 4 * nu @ g**2,
        mean_variation=nu @ g,
        uniform_variation=grid.area @ g,
        mean_features=a,
        leaving=jnp.max(leaving),
    )


@functools.partial(jax.jit, static_argnames="records")
def _evolve(problem, grid, nu0, sigma, time, records, steps):
    h = time / records / steps
    Phi = jax.vmap(problem.Phi)(grid.centres)

    def rates(_, state):
        change, now = _rates(problem, grid, sigma, state[0])
        source = sigma * (now["uniform_variation"] - now["mean_variation"])
        return change, source - now["dissipation"], jnp.linalg.norm(change @ Phi)

    def interval(state, _):
        return jax.lax.fori_loop(0, steps, lambda _, state: runge_kutta(rates, state, h), state)

    def record(state):
        nu, explained, path = state
        now = _rates(problem, grid, sigma, nu)[1]
        return now | dict(balance=now["objective"] - explained, path_length=path)

    start = nu0, _rates(problem, grid, sigma, nu0)[1]["objective"], jnp.zeros(())
    series, (nu, _, _) = follow(interval, record, start, records, records)
    courant = h * jnp.max(series.pop("leaving"))
    times = h * steps * jnp.arange(records + 1)
    return SphereTrajectory(times=times, courant=courant, nu=nu, mesh=grid, **series)
