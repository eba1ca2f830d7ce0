"""Release methods: what is drawn for a region-day, in public constants.

A method is never edited once a value was published by it; a change is a new version beside the old
(docs/operating.md, 'A new release method').
"""

from dataclasses import dataclass

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import ReleaseError

MICRO = 1_000_000
SUM_SENSITIVITY_MILLI = 500
"""Most that one person-day moves a construct's sum by: scores are clipped to [0, 1] upstream."""

COUNT_SENSITIVITY = 1
"""What one person-day moves the count by."""


@dataclass(frozen=True)
class Method:
    """One way of drawing a region-day.

    Attributes:
        version: its name in the release tables.
        micro_rho: what a region-day's draw costs, in millionths of rho (zero-concentrated
            differential privacy), for the three constructs and the count together.
    """

    version: str
    micro_rho: int


@dataclass(frozen=True)
class Shares:
    """How a draw's budget is divided, in micro-rho: equally.

    An error in the count moves a mean in proportion to its distance from 0.5. Published levels lie
    near 0.15, where a quarter for the count gives nearly the least error of all shares: 15 % less
    than a tenth, which is best for levels near 0.4 (docs/decisions/0007).

    Attributes:
        of_count: what the count gets.
        of_sum: what each sum gets.
    """

    of_count: int
    of_sum: int

    @classmethod
    def of(cls, micro_rho: int, sums: int = len(CONSTRUCTS)) -> "Shares":
        """Divide a draw's budget so that nothing of it is left.

        Args:
            micro_rho: of the draw.
            sums: how many are drawn beside the count.

        Raises:
            ReleaseError: `BUDGET_NOT_DIVISIBLE`.
        """
        each, left = divmod(micro_rho, 1 + sums)
        if each < 1 or left:
            raise ReleaseError("BUDGET_NOT_DIVISIBLE")
        return cls(each, each)


GAUSSIAN_1 = Method("gaussian-1", 50_000)
GAUSSIAN_1B = Method("gaussian-1b", 50_000)
"""The same draw, where a home's earlier values are of scores by the models before those that give a
message the same number in any company. A home that had published nothing goes on with the first."""
PULSE_1 = Method("pulse-1", 50_000)
"""What is drawn for a region's fortnight of the pulse: one sum and the count, with budget of its
own. It makes no published value, so that it is none of `METHODS`."""
METHODS = {one.version: one for one in (GAUSSIAN_1, GAUSSIAN_1B)}
"""Every method that this version of the program can draw by."""


def method_of(version: str) -> Method:
    """The method of a version.

    Raises:
        ReleaseError: `METHOD_UNKNOWN`.
    """
    if version not in METHODS:
        raise ReleaseError("METHOD_UNKNOWN")
    return METHODS[version]
