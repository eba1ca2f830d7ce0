"""What a mean score is beside a share of people: from the validity report, as public constants.

Written down here because the report lies left of the wall; a test keeps the two equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MESSAGES = 7_015
"""Chat messages of made-up groups, labelled by two readers, by writers not learnt from."""

WRITERS = 14
"""Who wrote them."""

SHARES = (0, 10, 30, 50)
"""People of 100 who write such words, in all that they write on a day."""


@dataclass(frozen=True)
class Anchor:
    """Mean scores of one construct.

    Attributes:
        means: the mean score at each of `SHARES`.
        off: of 100 people, how far the share that a mean score stands for is from the true one:
            mean over the writers, at that of `SHARES` where it is largest.
    """

    means: tuple[float, ...]
    off: int


ANCHORS: Mapping[str, Anchor] = {
    "burnout": Anchor((0.143, 0.214, 0.357, 0.499), 7),
    "resilience": Anchor((0.149, 0.211, 0.336, 0.462), 9),
    "resistance": Anchor((0.147, 0.212, 0.343, 0.474), 10),
}
