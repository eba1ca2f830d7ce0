"""The planted shares: how many of a day's messages express each construct."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from assets.core.constructs import CONSTRUCTS
from simulation.chat.streams import stream

FLAT_SHARE = 0.22
_CENTRE = 0.235
# Half-waves over the range, by region and construct; a minus turns one upside down. In none of the
# four do all three peak on one day, so that their sum stays below 0.95.
_WAVES = ((1, -2, 3), (2, -3, 1), (3, -1, 2), (-2, -3, -1))

_ROOM = min(1.0, len(_WAVES[0]) / len(CONSTRUCTS))
"""What is left for each construct where there are more of them than waves."""

Shares = npt.NDArray[np.float64]


def regional_shares(regions: Sequence[str], days: int, seed: int) -> dict[str, Shares]:
    """Planted shares of the consented groups.

    Half-waves of cosine that are orthogonal over the range, whatever its length, so that the
    constructs of a region are only weakly correlated; a little of a fourth wave makes them unlike
    textbook curves. Each moves by 0.22 to 0.25 from lowest to highest, except the control:
    resistance in the last region, which is `FLAT_SHARE` on every day.

    Returns:
        For each region an array (days, 3), columns as `CONSTRUCTS`, values in 0..1.
    """
    elapsed = np.linspace(0.0, 1.0, days)
    shares: dict[str, Shares] = {}
    for index, region in enumerate(regions):
        rng = stream(seed, "trend", region)
        columns: list[Shares] = []
        waves = _WAVES[index % len(_WAVES)]
        for place in range(len(CONSTRUCTS)):
            half_waves = waves[place % len(waves)]
            wave = np.sign(half_waves) * np.cos(np.pi * half_waves * elapsed)
            wave = wave + 0.12 * np.sin(np.pi * (3 * elapsed + rng.random()))
            wave = 2 * (wave - wave.min()) / (wave.max() - wave.min()) - 1
            columns.append((_CENTRE + rng.uniform(0.11, 0.125) * wave) * _ROOM)
        shares[region] = np.column_stack(columns)
    shares[regions[-1]][:, CONSTRUCTS.index("resistance")] = FLAT_SHARE
    return shares


def stray_shares(days: int, *, construct: str) -> Shares:
    """Shares of a group without consent: one construct takes over in the last third.

    Returns:
        An array (days, 3), columns as `CONSTRUCTS`; `construct` climbs from 0.05 to 0.9.
    """
    elapsed = np.linspace(0.0, 1.0, days)
    climb = np.clip((elapsed - 2 / 3) * 3, 0.0, 1.0)
    shares = np.repeat((0.1 - 0.08 * climb)[:, None], len(CONSTRUCTS), axis=1)
    shares[:, CONSTRUCTS.index(construct)] = 0.05 + 0.85 * climb
    return shares


def planted_table(shares: dict[str, Shares], first_day: date) -> pd.DataFrame:
    """The planted shares as a long table: region, day, construct, planted (0..1)."""
    return pd.DataFrame(
        [
            (region, first_day + timedelta(days=offset), construct, float(row[column]))
            for region, table in shares.items()
            for offset, row in enumerate(table)
            for column, construct in enumerate(CONSTRUCTS)
        ],
        columns=["region", "day", "construct", "planted"],
    )
