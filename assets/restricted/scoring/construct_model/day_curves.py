"""Fits how a person-day's score rises with the mean of its messages, on made-up people.

Each person has the messages of one writer, scored by models that had not learnt from that writer.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from assets.restricted.scoring.construct_model.model import COUNTS
from assets.restricted.scoring.person_days import DayCurve

STEEPNESS = 12.0
"""Of the odds in the mean. From 10 on each line moves by 0.06 with a tenth of the people; the
steeper, the further people's scores spread beside that (docs/decisions/0046)."""

SHOWING = 0.10
"""Share of people who show it in all their messages where `AVERAGE` is reached."""

AVERAGE = 0.22
"""Of the scores of these people, whatever the number of their messages. A lower one tells better
who shows it, a higher one falls less when people also write what shows nothing."""

PEOPLE = 20_000
SEED = 46


def day_curve(scores: np.ndarray, shows: np.ndarray, writer: np.ndarray) -> DayCurve:
    """The curve by which people who write much or little have the same mean.

    Args:
        scores: float array (messages,) in [0, 1], by models that had not learnt from the writer.
        shows: bool array (messages,).
        writer: array (messages,); one at least has messages of either kind.

    Raises:
        ValueError: no writer has messages of either kind.
    """
    chance = np.random.default_rng(SEED)
    _, showing, others = messages_of_people(chance, scores, shows, writer, (PEOPLE, COUNTS))
    shown = np.arange(PEOPLE) < SHOWING * PEOPLE
    of_people = np.where(shown[:, None], showing, others)
    means = np.cumsum(of_people, axis=1) / np.arange(1, COUNTS + 1)

    def off(at: float, count: int) -> float:
        return float(expit(STEEPNESS * (means[:, count] - at)).mean()) - AVERAGE

    at = tuple(float(brentq(off, -1, 2, args=(count,))) for count in range(COUNTS))  # pyright: ignore[reportArgumentType]
    return DayCurve(at, STEEPNESS)


def messages_of_people(
    chance: np.random.Generator,
    scores: np.ndarray,
    shows: np.ndarray,
    writer: np.ndarray,
    shape: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """People drawn at random, with messages that show a construct and others that don't.

    Args:
        chance: makes them.
        scores: float array (messages,).
        shows: bool array (messages,).
        writer: array (messages,).
        shape: (people, messages of each).

    Returns:
        Each person's writer, shape (people,), and scores of her messages of either kind, of this
        shape each.

    Raises:
        ValueError: no writer has messages of either kind.
    """
    both = [
        one for one in np.unique(writer) if 0 < shows[writer == one].sum() < (writer == one).sum()
    ]
    if not both:
        raise ValueError
    whose = chance.integers(len(both), size=shape[0])
    drawn = chance.random(shape), chance.random(shape)
    for place, name in enumerate(both):
        rows = whose == place
        for kind, luck in zip((True, False), drawn, strict=True):
            own = scores[(writer == name) & (shows == kind)]
            luck[rows] = own[(luck[rows] * len(own)).astype(int)]
    return np.array(both)[whose], *drawn
