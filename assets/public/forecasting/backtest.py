"""Two ways to look ahead, tried on the past of one line and compared by interval score."""

from dataclasses import dataclass

import numpy as np

from assets.public.forecasting.bands import PastErrors, half_widths

WEEKS_AHEAD = (7, 14, 21, 28)
_FEWEST_ERRORS = 20
# Fewer past origins lie within a month of each other: they tell of one turn of luck.
_FEWEST_TRIED = 10


@dataclass(frozen=True)
class Tried:
    """What one way foretold from past origins and from the last day, and what came.

    Attributes:
        ahead: (origins, days ahead), the last day's own forecast first.
        came: of the same shape, NaN where nothing came.
        origins: positions of the origins, newest first.
        window: days of the moving mean that is forecast; 1 of single days.
        deviations: of the same shape as `ahead`, how far off the model takes each to be; None if
            there is no model.
    """

    ahead: np.ndarray
    came: np.ndarray
    origins: np.ndarray
    window: int = 1
    deviations: np.ndarray | None = None

    def bands(self, origin: int = 0) -> np.ndarray:
        """Mean, lo80, hi80, lo95, hi95 of each day ahead of an origin, from what was known by then.

        Raises:
            LookupError: not enough had come by then.
        """
        days = self.ahead.shape[1]
        known = self.origins[:, None] + np.arange(1, days + 1) <= self.origins[origin]
        errors = np.where(known, self.came - self.ahead, np.nan)[origin:]
        if np.isfinite(errors).sum() < (_FEWEST_ERRORS if origin else 1):
            raise LookupError
        age = self.origins[origin] - self.origins[origin:]
        model = None if self.deviations is None else self.deviations[origin]
        half80, half95 = half_widths(PastErrors(errors, age), days, self.window, model)
        mean = self.ahead[origin]
        return np.column_stack([mean, mean - half80, mean + half80, mean - half95, mean + half95])


def interval_score(low: np.ndarray, high: np.ndarray, came: np.ndarray, share: float) -> np.ndarray:
    """Width of an interval plus 2 / (1 - share) for each unit that what came lies outside it."""
    outside = np.maximum(low - came, 0) + np.maximum(came - high, 0)
    return high - low + 2 / (1 - share) * outside


def beats(ours: Tried, theirs: Tried) -> bool:
    """Whether ours had the lower mean interval score, 80 % and 95 % together, 1 to 4 weeks ahead.

    Both are tried from every past origin by which each knew some of its errors. True where under
    10 could be tried: there simulations decided.
    """
    scores = []
    weeks = np.array(WEEKS_AHEAD) - 1
    for origin in range(1, len(ours.origins)):
        came = ours.came[origin, weeks]
        if not np.isfinite(came).any():
            continue
        try:
            each = [one.bands(origin)[weeks] for one in (ours, theirs)]
        except LookupError:
            break
        scores.append(
            [
                interval_score(bands[:, 1], bands[:, 2], came, 0.8)
                + interval_score(bands[:, 3], bands[:, 4], came, 0.95)
                for bands in each
            ]
        )
    if len(scores) < _FEWEST_TRIED:
        return True
    mean = np.nanmean(np.array(scores), axis=(0, 2))
    return bool(mean[0] < mean[1])
