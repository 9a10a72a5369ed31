"""A mean that is known to lie in an interval, held against the number that is claimed for it."""

from refutable.card import two_digits
from refutable.inputs import real
from refutable.verdict import Finding, Verdict


def against_bound(
    mean: float,
    interval: tuple[float, float],
    *,
    at_least: float | None,
    at_most: float | None,
    summary: str,
    known: str,
    instances: int,
) -> Finding:
    """Whether the interval is on the claimed side of the number, on the other side, or neither."""
    lower, upper = interval
    if at_least is not None and at_most is None:
        claimed = f"claimed: at least {real(at_least, 'at_least'):g}"
        least, most = lower - at_least, upper - at_least
    elif at_most is not None and at_least is None:
        claimed = f"claimed: at most {real(at_most, 'at_most'):g}"
        least, most = at_most - upper, at_most - lower
    else:
        raise ValueError("state exactly one of at_least and at_most.")
    verdict: Verdict = "holds" if least >= 0 else "fails" if most < 0 else "undecided"
    found = f"mean {mean:.4g}, at least {lower:.4g} and at most {upper:.4g} ({known})"
    return Finding(
        verdict=verdict,
        summary=summary,
        detail=f"{found}; {claimed}",
        instances=instances,
        slack=two_digits(least),
        where=found,
    )


def level(confidence: float) -> float:
    """A confidence strictly between 1/2 and 1."""
    if not 0.5 < real(confidence, "confidence") < 1:
        raise ValueError(f"confidence must lie between 1/2 and 1, got {confidence:g}.")
    return float(confidence)
