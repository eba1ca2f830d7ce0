"""From scores of messages to what one group adds for one day."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assets.core.errors import ScrubError


@dataclass(frozen=True)
class DayCurve:
    """How a person-day's score rises with the mean of that person's messages.

    Several messages tell better than one who shows a construct, so it is told of the person: a mean
    alone would be as blurred as one message is. People who write more are held to a lower mean,
    so that the line doesn't move when everybody writes more or less (docs/decisions/0046).

    Attributes:
        at: mean at which the score is a half, for 1, 2, ... messages; the last for more.
        steepness: of the score's odds in the mean.
    """

    at: tuple[float, ...]
    steepness: float

    def score(self, means: np.ndarray, messages: np.ndarray) -> np.ndarray:
        """Scores of person-days, each by itself.

        Args:
            means: float array (person_days,) of mean scores in [0, 1].
            messages: int array (person_days,), from 1.

        Returns:
            Float array (person_days,) in [0, 1].
        """
        from scipy.special import expit  # noqa: PLC0415  (every process of Dagster's loads this module, few need SciPy)

        at = np.array(self.at)[np.minimum(messages, len(self.at)) - 1]
        return expit(self.steepness * (means - at))


def person_day_sums(
    scores: Mapping[str, np.ndarray], people: np.ndarray, curves: Mapping[str, DayCurve]
) -> dict[str, tuple[int, int]]:
    """Sum each construct over person-days.

    Args:
        scores: for each construct a float array of shape (messages,), in [0, 1].
        people: int array of shape (messages,), whose message each is.
        curves: for each construct, of the model that gave the scores.

    Returns:
        For each construct (person_days, sum_milli), sum_milli being the sum over people of
        round(1000 * score of the person-day) - 500.

    Raises:
        ScrubError: `SCORE_OUT_OF_RANGE` if a person's mean is NaN or outside [0, 1].
    """
    _, index = np.unique(people, return_inverse=True)
    counts = np.bincount(index)
    sums = {}
    for construct, of_messages in scores.items():
        # Vectors are stored shuffled, and a sum's last bit depends on the order.
        order = np.lexsort((of_messages, index))
        means = np.bincount(index[order], weights=of_messages[order]) / counts
        # Written so that NaN fails it too.
        if not bool(np.all((means >= 0) & (means <= 1))):
            raise ScrubError("SCORE_OUT_OF_RANGE")
        sums[construct] = (
            len(counts),
            int(np.rint(1000 * curves[construct].score(means, counts)).astype(int).sum())
            - 500 * len(counts),
        )
    return sums
