"""Is the claim true, and could we have told if not?

A claim is checked through its *slack*: a number that is >= 0 on every instance exactly when the
claim holds there. Each kind of evidence runs one and the same check on the claim, which must hold,
and on a negative control, a subtly false variant of the claim, which must fail. Otherwise
`ClaimRefuted` or `ControlNotRejected` is raised. From the strongest kind to the weakest:

- `symbolic`: computer algebra shows the statement for all values of its symbols;
- `certified`: ball arithmetic bounds the slack on each of finitely many instances;
- `attacked`: projected gradient descent on the slack looked for a counterexample in a family;
- `sampled`: an exact finite-sample bound proves a probability or an expectation;
- `observed`: the trials of an experiment show an effect.

No kind knows what a neural network is.
"""

from refutable.adversary import Family, attacked
from refutable.algebra import symbolic
from refutable.balls import certified
from refutable.card import Evidence, Rejection
from refutable.draws import sampled
from refutable.trials import observed
from refutable.verdict import ClaimRefuted, Control, ControlNotRejected, Finding

__all__ = [
    "ClaimRefuted",
    "Control",
    "ControlNotRejected",
    "Evidence",
    "Family",
    "Finding",
    "Rejection",
    "attacked",
    "certified",
    "observed",
    "sampled",
    "symbolic",
]
