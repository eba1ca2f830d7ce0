"""What a mean score is beside a share of messages: from the validity report, as public constants.

Written down here because the report lies left of the wall; a test keeps the two equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MESSAGES = 7_015
"""Chat messages of made-up groups, labelled by two readers, by writers not learnt from."""

SHARES = (2, 10)
"""Messages of 100 that hold such words, to which the report weights them."""


@dataclass(frozen=True)
class Anchor:
    """Mean scores of one construct.

    Attributes:
        means: the mean score at each of `SHARES`.
        error: expected calibration error at the larger one.
    """

    means: tuple[float, ...]
    error: float


ANCHORS: Mapping[str, Anchor] = {
    "burnout": Anchor((0.167, 0.212), 0.128),
    "resilience": Anchor((0.168, 0.207), 0.127),
    "resistance": Anchor((0.163, 0.205), 0.125),
}
