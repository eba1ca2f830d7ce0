"""Which group-days are too small to be worked on."""

import numpy as np

MIN_PEOPLE = 3
MIN_MESSAGES = 5
"""A group-day of fewer people or messages is counted and dropped (design: 'group_scores')."""


def too_small(people: np.ndarray) -> bool:
    """Whether a group-day has too few people or messages to be scored."""
    return len(np.unique(people)) < MIN_PEOPLE or len(people) < MIN_MESSAGES
