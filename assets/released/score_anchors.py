"""What a mean score is beside a share of messages: from the validity report, as public constants.

Written down here because the report lies left of the wall; a test keeps the two equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MESSAGES = 7_015
"""Chat messages of made-up groups, labelled by two readers, by writers not learnt from."""

WRITERS = 14
"""Who wrote them."""

SHARES = (0, 10, 30, 50)
"""Messages of 100 that hold such words, to which the report weights them."""


@dataclass(frozen=True)
class Anchor:
    """Mean scores of one construct.

    Attributes:
        means: the mean score at each of `SHARES`.
        off: of 100 messages, how far the share that a mean score stands for is from the true one:
            mean over the writers, at that of `SHARES` where it is largest.
    """

    means: tuple[float, ...]
    off: int


ANCHORS: Mapping[str, Anchor] = {
    "burnout": Anchor((0.156, 0.212, 0.326, 0.439), 9),
    "resilience": Anchor((0.158, 0.207, 0.304, 0.402), 10),
    "resistance": Anchor((0.153, 0.205, 0.311, 0.416), 11),
}
