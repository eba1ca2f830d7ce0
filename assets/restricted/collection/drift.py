"""Group-days that differ from the group's other days: in volume, length or language.

Each day is compared with the other days of the same export by a robust z: the distance from their
median in units of their median absolute deviation, scaled to a standard deviation. Source: Iglewicz
and Hoaglin, How to Detect and Handle Outliers, 1993, which gives the limit of 3.5. Days with few
messages scatter more, so that a unit is never smaller than what chance alone makes of their number.
"""

from datetime import date

import numpy as np
import pandas as pd

COLUMNS = ("day", "messages", "mean_length", "judged", "share_not_english")
CODES = {"volume": "DRIFT_VOLUME", "length": "DRIFT_LENGTH", "language": "DRIFT_LANGUAGE"}

FEWEST_DAYS = 7
"""Other days that a day is compared with, at least: a week has its own rhythm."""
FEWEST_MESSAGES = 5
"""Messages of a day whose length and language are judged, at least; as many as are scored."""
LARGEST_Z = 3.5
_MAD_TO_SD = 1.4826

# The least unit of each measure, so that a group which is always alike is not told of trifles.
_LEAST_LOG_VOLUME = 0.3
_LEAST_LOG_LENGTH = 0.15
_LEAST_SHARE = 0.05


def drift_of_group(frame: pd.DataFrame) -> dict[date, list[str]]:
    """Compare the days of one group's export.

    Args:
        frame: numbers only, a row for each day that the export covers and the consent allows, days
            on which nobody wrote included: `day` (date, each once), `messages` (count of speech),
            `mean_length` (characters, NaN where there are no messages), `judged` (count of those
            long enough for their language to be told), `share_not_english` (of these, 0 to 1, NaN
            where there are none).

    Returns:
        For each day that differs its codes, in the order of `CODES`: `DRIFT_VOLUME`,
        `DRIFT_LENGTH`, `DRIFT_LANGUAGE`. Days that differ in nothing are left out, and so is
        everything where there are fewer than `FEWEST_DAYS` other days to compare with.
    """
    days = frame.sort_values("day")
    far = distances_of_days(days)[list(CODES)].abs().to_numpy() > LARGEST_Z
    return {
        day: [code for code, differs in zip(CODES.values(), own, strict=True) if differs]
        for day, own in zip(days["day"], far, strict=True)
        if own.any()
    }


def distances_of_days(frame: pd.DataFrame) -> pd.DataFrame:
    """Robust z of each day, columns `volume`, `length`, `language`; NaN where it is not judged."""
    messages = frame["messages"].to_numpy(dtype=float)
    enough = messages >= FEWEST_MESSAGES
    length = np.where(enough, frame["mean_length"].to_numpy(dtype=float), np.nan)
    judged = frame["judged"].to_numpy(dtype=float)
    share = np.where(
        enough & (judged >= FEWEST_MESSAGES),
        frame["share_not_english"].to_numpy(dtype=float),
        np.nan,
    )
    by_chance = 1 / np.sqrt(np.maximum(messages, 1))
    usual_by_chance = 1 / np.sqrt(np.median(messages) + 1) if len(messages) else 0.0
    return pd.DataFrame(
        {
            "volume": _robust_z(
                np.log1p(messages), np.full(len(frame), max(_LEAST_LOG_VOLUME, usual_by_chance))
            ),
            "length": _robust_z(
                np.log(np.maximum(length, 1)), np.maximum(_LEAST_LOG_LENGTH, by_chance)
            ),
            # Half is the widest that a share scatters for the number that it is a share of.
            "language": _robust_z(
                share, np.maximum(_LEAST_SHARE, 0.5 / np.sqrt(np.maximum(judged, 1)))
            ),
        }
    )


def _robust_z(values: np.ndarray, least_unit: np.ndarray) -> np.ndarray:
    """Each value's distance from the others' median, in the others' scaled deviations."""
    distances = np.full(len(values), np.nan)
    for place in np.flatnonzero(~np.isnan(values)):
        others = np.delete(values, place)
        others = others[~np.isnan(others)]
        if len(others) < FEWEST_DAYS:
            continue
        middle = np.median(others)
        unit = max(_MAD_TO_SD * np.median(np.abs(others - middle)), least_unit[place])
        distances[place] = (values[place] - middle) / unit
    return distances
