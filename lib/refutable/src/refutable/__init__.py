"""Is the claim true, and could we have told if not?

A claim is checked through relations between two sides, `AtMost(left, right)`, `AtLeast(left,
right)` or `Equal(left, right)`. Each kind of evidence runs one and the same check on the claim,
which must hold, and on negative controls, subtly false variants of the claim, which must be shown
false. Otherwise `ClaimRefuted` or `ControlNotRejected` is raised. The check also measures its
*tightness*: how much of the bound an instance reached, and so by how much the bound could change
without being noticed. From the strongest kind to the weakest:

- `proved`: a proof assistant accepted the proof of the formal statement;
- `symbolic`: computer algebra or a decision procedure shows it for all values of its symbols;
- `certified`: ball arithmetic compares the sides on each of finitely many instances;
- `attacked`: projected gradient descent looked for a counterexample in a family;
- `sampled`: an exact finite-sample bound proves a probability or an expectation;
- `observed`: the trials of an experiment show an effect.

No kind knows what the paper is about.
"""

from refutable.algebra import symbolic
from refutable.balls import certified, exact
from refutable.card import Evidence, Rejection
from refutable.draws import sampled
from refutable.proofs import proved
from refutable.relations import AtLeast, AtMost, Equal
from refutable.trials import Plan, observed
from refutable.verdict import ClaimRefuted, Control, ControlNotRejected, Finding

__all__ = [
    "AtLeast",
    "AtMost",
    "ClaimRefuted",
    "Control",
    "ControlNotRejected",
    "Equal",
    "Evidence",
    "Family",
    "Finding",
    "Plan",
    "Rejection",
    "attacked",
    "certified",
    "exact",
    "observed",
    "proved",
    "sampled",
    "symbolic",
]


def __getattr__(name: str):
    """`attacked` and `Family` bring JAX, which the other kinds do without."""
    if name in ("Family", "attacked"):
        from refutable.adversary import Family, attacked

        return Family if name == "Family" else attacked
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
