"""The experiments of Section 6 and Appendix F: what to train, at which scale, where results are.

`python -m margintheory.experiments list` names them; each is a module. Three scales share the code:
"quick" takes at most 45 s on two cores and runs in the chapters, "recorded" takes some minutes and
its results are kept in book/results, "paper" has the paper's own trials, steps and widths.
"""

from margintheory.experiments import images

__all__ = ["images"]
