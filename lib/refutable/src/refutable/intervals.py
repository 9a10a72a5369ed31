"""A mean that is known to lie in an interval, held against the number that is claimed for it."""

from typing import Any

from refutable.inputs import real
from refutable.relations import AtLeast, AtMost, as_share, ordered, rounded_down
from refutable.verdict import Finding, Verdict

LEAST_CONFIDENCE = 0.9
LIKELY = 0.5  # from here on a probability is told by how often the event fails


def against_bound(
    mean: float,
    interval: tuple[float, float],
    claimed: AtMost | AtLeast,
    *,
    event: bool = False,
    summary: str,
    known: str,
    **fields: Any,
) -> Finding:
    """Whether the interval of the left side is on the claimed side of the right, or beyond it.

    The share of the bound that is reached is that of the interval's far end: a bound beyond it
    would be shown false. For an `event` that is claimed to be likely, it is the share of the
    probability with which it may fail. Zero is no bound that could be tightened.
    """
    lower, upper = interval
    sides = [type(claimed)(end, claimed.right) for end in (lower, upper)]
    least, most = sorted(larger - smaller for smaller, larger in map(ordered, sides))
    verdict: Verdict = "holds" if least >= 0 else "fails" if most < 0 else "undecided"
    larger = isinstance(claimed, AtLeast)
    if event and larger and claimed.right > LIKELY:
        share = as_share(1 - upper, 1 - claimed.right)
    else:
        share = as_share(*ordered(sides[1] if larger else sides[0]))
    found = f"mean {mean:.4g}, at least {lower:.4g} and at most {upper:.4g} ({known})"
    side = "at least" if larger else "at most"
    return Finding(
        verdict=verdict,
        summary=summary,
        detail=f"{found}; claimed: {side} {claimed.right:g}",
        tightness=rounded_down(share) if verdict == "holds" and claimed.right else None,
        larger=larger,
        where=found,
        **fields,
    )


def bound(at_least: float | None, at_most: float | None) -> AtMost | AtLeast:
    """The relation that one of two options states of a mean, which is still to be found."""
    if at_least is not None and at_most is None:
        return AtLeast(None, real(at_least, "at_least"))
    if at_most is not None and at_least is None:
        return AtMost(None, real(at_most, "at_most"))
    raise ValueError("state exactly one of at_least and at_most.")


def tightened(factor: float, at_least: float | None, at_most: float | None) -> dict[str, float]:
    """The option that is stated, tightened: an upper bound times the factor, a lower divided."""
    if not bound(at_least, at_most).right:
        raise ValueError(
            "a bound of 0 cannot be tightened; give both sides, as AtMost(left, right)."
        )
    if at_least is None:
        assert at_most is not None
        return {"at_most": at_most * factor}
    assert at_least is not None
    return {"at_least": at_least / factor}


def level(confidence: float) -> float:
    """A confidence of at least nine tenths."""
    if not LEAST_CONFIDENCE <= real(confidence, "confidence") < 1:
        raise ValueError(
            f"confidence must lie between {LEAST_CONFIDENCE} and 1, got {confidence:g}."
        )
    return float(confidence)
