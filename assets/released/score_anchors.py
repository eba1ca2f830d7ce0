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
    "burnout": Anchor((0.153, 0.215, 0.338, 0.462), 8),
    "resilience": Anchor((0.149, 0.202, 0.309, 0.415), 9),
    "resistance": Anchor((0.149, 0.206, 0.319, 0.432), 11),
}
