"""Noise of published daily estimates, from public constants and the published band of people."""

from collections.abc import Sequence

import numpy as np

from assets.aggregation.noise_scales import NoiseScales
from assets.aggregation.standard_errors import BANDS
from assets.governance.errors import PublicationError

EDGES = 3
"""Fewest people that a band allows, a number between, and most: which it was is not public."""

FEWEST, BETWEEN, MOST = range(EDGES)
_MOST_OF_ALL = 2_000
"""Upper end of the band without one: with so many people the noise is below 0.003."""


def people_of(bands: Sequence[str]) -> np.ndarray:
    """People a day at the edges of bands, and between them.

    Args:
        bands: N published names of bands.

    Returns:
        Array (3, N): fewest, the two edges' geometric mean (1 / n² is on average its inverse
        square, over a band in which every n is as likely), and most.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`, a band has another name.
    """
    fewest = np.array([least for least, _ in BANDS], dtype=float)
    most = np.concatenate([[_MOST_OF_ALL], fewest[:-1]])
    names = [name for _, name in BANDS]
    if not set(bands) <= set(names):
        raise PublicationError("PUBLISHED_TABLE_INVALID")
    at = [names.index(one) for one in bands]
    return np.stack([fewest[at], np.sqrt(fewest * most)[at], most[at]])


def noise_variances(micro_rho: Sequence[int], people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variances of the noise in daily estimates: sum / 1000 / count + 0.5.

    A construct's own noise has the variance `own`. The count's noise is one draw for all
    constructs: between constructs x and y of means m it adds the covariance
    (m_x - 0.5) (m_y - 0.5) `of_count`, and to the variance of x (m_x - 0.5)² `of_count`.
    Both allow for the count's own noise, by which a day's 1 / count² is on average larger than that
    of the week's mean count, which the band is of (second order of its Taylor series).

    Args:
        micro_rho: N costs of the days' draws.
        people: array (3, N), from `people_of`.

    Returns:
        `own` and `of_count`, arrays (3, N), in squared units of the estimate.

    Raises:
        ReleaseError: `BUDGET_NOT_DIVISIBLE`.
    """
    scales = {cost: NoiseScales.of(int(cost)) for cost in set(micro_rho)}
    of_sum = np.array([scales[cost].of_sum_milli / 1000 for cost in micro_rho])
    of_count = np.array([scales[cost].of_count for cost in micro_rho])
    of_days = 1 + 3 * (of_count / people) ** 2
    return of_days * (of_sum / people) ** 2, of_days * (of_count / people) ** 2
