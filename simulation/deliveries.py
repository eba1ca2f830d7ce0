"""When exports might come: by a rhythm, on a weekday of each group's own, some of them missed."""

import numpy as np
import numpy.typing as npt


def supplied(
    chance: np.random.Generator,
    shape: tuple[int, int],
    *,
    every: int,
    missed: float,
    close_after_days: int,
) -> npt.NDArray[np.bool_]:
    """Whether each day of a group is in an export that comes before the day closes.

    An export holds every day that is over when it comes. A day closes on the morning
    `close_after_days` after it, before anybody delivers, so what comes on the days between counts.

    Args:
        chance: draws the weekday and what is missed.
        shape: made-up regions, and days of each.
        every: days from one delivery to the next.
        missed: share of deliveries that don't come.
        close_after_days: as in `home.yaml`.

    Returns:
        As `shape`.
    """
    regions, days = shape
    until = days + close_after_days
    first = chance.integers(0, every, (regions, 1))
    is_due = (np.arange(until) - first) % every == 0
    comes = is_due & (chance.random((regions, until)) >= missed)
    so_far = np.concatenate([np.zeros((regions, 1), int), comes.cumsum(axis=1)], axis=1)
    after = np.arange(days) + 1
    return so_far[:, after + close_after_days - 1] > so_far[:, after]
