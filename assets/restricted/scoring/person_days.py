"""From scores of messages to what one group adds for one day."""

from collections.abc import Mapping

import numpy as np

from assets.core.errors import ScrubError


def person_day_sums(
    scores: Mapping[str, np.ndarray], people: np.ndarray
) -> dict[str, tuple[int, int]]:
    """Sum each construct over person-days.

    Args:
        scores: for each construct a float array of shape (messages,), in [0, 1].
        people: int array of shape (messages,), whose message each is.

    Returns:
        For each construct (person_days, sum_milli), sum_milli being the sum over people of
        round(1000 * mean score) - 500.

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
            int(np.rint(1000 * means).astype(int).sum()) - 500 * len(counts),
        )
    return sums
