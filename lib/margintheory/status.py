"""How a solver ended, and what to do about it."""

import enum


class Status(enum.StrEnum):
    """The outcome of a certified solver; its text says what it means for the caller.

    Numbers and rows stand in the result that carries it: the bracket in its two ends, the rows that
    contradict each other where `dual` is not zero.
    """

    OPTIMAL = "optimal"
    OPEN = (
        "gap not closed: the bracket is proved, but it is wider than tol; see its two ends, and "
        "the solver's docstring for the data on which it closes"
    )
    NOT_SEPARABLE = (
        "not separable: rows where the dual is not zero contradict each other, so that no measure "
        "has a positive margin; drop or relabel one of them"
    )
    INFEASIBLE = (
        "no interpolant exists: rows where the dual is not zero contradict each other; "
        "drop one of them or make their targets agree"
    )
    UNRESOLVED = (
        "not separable to the accuracy of the given kernel matrix: its margin cannot be told from "
        "zero; compute the kernel in more digits, or look for repeated points"
    )
