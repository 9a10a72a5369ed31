"""Gradient descent on two-layer networks for many trials at once: Section 6, F.1 and F.2.

Every trial has its own data and its own network; arrays carry the trial axis in front, and a
`TwoLayer` whose leaves do, w (T, m) and U (T, m, d), is a batch of networks. Nothing here carries a
certificate: descent finds a network, not the best one.

`trials`   training, and what it reached
`trial`    one of them, as JAX sees it
`devices`  all of them, on all devices
`sgd`      mini-batches
"""

from margintheory.training.devices import one_device_per_core
from margintheory.training.sgd import sgd
from margintheory.training.trials import Trained, ascend_margin, initial_networks, scores, train

__all__ = [
    "Trained",
    "ascend_margin",
    "initial_networks",
    "one_device_per_core",
    "scores",
    "sgd",
    "train",
]
