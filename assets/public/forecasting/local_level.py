"""A level that wanders and returns to a mean, seen through noise: a Kalman filter on a grid.

Day by day y = m + x + noise, with x an autoregression of order 1 and m unknown. Persistence and
size of x are not estimated but averaged over, each pair weighted by its likelihood, so that eight
weeks of history do not settle on one story. Durbin and Koopman, Time Series Analysis by State
Space Methods, chapters 2 and 4.
"""

from dataclasses import dataclass

import numpy as np

from assets.public.forecasting.windows import mean_of_observed

_WEAK_PRIOR = 25.0
# Of the noise's variance: shape and scale of an inverse gamma prior, in units of the variance.
_SHAPE, _SCALE = 1.0, 0.3


@dataclass(frozen=True)
class Stories:
    """Pairs of persistence a day and variance of the level in units of the noise's."""

    persistence: np.ndarray
    size: np.ndarray

    @classmethod
    def of(cls, persistences: list[float], sizes: list[float]) -> "Stories":
        """Each persistence with each size."""
        pairs = np.array([(one, size) for one in persistences for size in sizes])
        return cls(pairs[:, 0], pairs[:, 1])


OF_NOISY_DAYS = Stories.of([0.8, 0.9, 0.95, 0.98, 0.995, 0.999], [0.03, 0.1, 0.3, 1.0, 3.0, 10.0])
OF_A_SMOOTH_LINE = Stories.of(
    [0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98, 0.99, 0.997], [0.3, 1.0, 3.0, 10.0, 100.0, 1000.0]
)


@dataclass(frozen=True)
class LocalLevel:
    """What is known of the level at the end of each row; arrays of (rows, stories)."""

    stories: Stories
    weight: np.ndarray
    level: np.ndarray
    mean: np.ndarray
    var_level: np.ndarray
    var_mean: np.ndarray
    covariance: np.ndarray
    var_noise: np.ndarray
    centre: np.ndarray
    scale: np.ndarray

    @classmethod
    def at_end_of(cls, values: np.ndarray, stories: Stories) -> "LocalLevel":
        """Filter rows of daily values (gaps NaN, no weekly pattern, not all of them equal)."""
        centre = mean_of_observed(values, 1)
        scale = np.sqrt(mean_of_observed((values - centre[:, None]) ** 2, 1))
        scale = np.where(scale > 0, scale, 1.0)
        given = (values - centre[:, None]) / scale[:, None]
        observed = np.isfinite(given)
        phi, size = stories.persistence, stories.size
        shape = (len(values), len(phi))
        # Types said once: found by going round the loop they take a type checker six seconds.
        x: np.ndarray = np.zeros(shape)
        m: np.ndarray = np.zeros(shape)
        p_xm: np.ndarray = np.zeros(shape)
        p_xx: np.ndarray = np.broadcast_to(size, shape)
        p_mm: np.ndarray = np.full(shape, _WEAK_PRIOR)
        square, log_det = np.zeros(shape), np.zeros(shape)
        for day in range(values.shape[1]):
            x, p_xx, p_xm = phi * x, phi**2 * p_xx + size * (1 - phi**2), phi * p_xm
            seen = observed[:, day, None]
            if not seen.any():
                continue
            with_x, with_m = p_xx + p_xm, p_xm + p_mm
            spread = with_x + with_m + 1
            error = np.where(seen, given[:, day, None] - x - m, 0.0)
            gain_x, gain_m = np.where(seen, with_x / spread, 0), np.where(seen, with_m / spread, 0)
            x, m = x + gain_x * error, m + gain_m * error
            p_xx, p_xm, p_mm = (
                p_xx - gain_x * with_x,
                p_xm - gain_x * with_m,
                p_mm - gain_m * with_m,
            )
            square = square + error**2 / spread
            log_det = log_det + np.where(seen, np.log(spread), 0.0)
        free, left = _SHAPE + observed.sum(1)[:, None] / 2, _SCALE + square / 2
        log_weight = -log_det / 2 - free * np.log(left)
        weight = np.exp(log_weight - log_weight.max(1, keepdims=True))
        weight /= weight.sum(1, keepdims=True)
        return cls(stories, weight, x, m, p_xx, p_mm, p_xm, left / free, centre, scale)

    def days_ahead(self, horizon: int) -> np.ndarray:
        """Mean of each day ahead: (rows, horizon)."""
        fade = self.stories.persistence ** np.arange(1, horizon + 1)[:, None]
        each = self.level[:, None] * fade + self.mean[:, None]
        return (self.weight[:, None] * each).sum(2) * self.scale[:, None] + self.centre[:, None]

    def means_over(self, last_days: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the moving mean that ends on each day ahead.

        Args:
            last_days: rows as filtered, the days that the moving mean of the last day still shares
                with that of the next: one less than it has days; gaps NaN.
            horizon: days ahead; they are taken to be published.

        Returns:
            Two arrays of (rows, horizon).
        """
        window = last_days.shape[1] + 1
        known = (last_days - self.centre[:, None]) / self.scale[:, None]
        means = np.empty((len(known), horizon))
        deviations = np.empty_like(means)
        for ahead in range(1, horizon + 1):
            future = np.arange(max(1, ahead - window + 1), ahead + 1)
            past = known[:, min(ahead - 1, window - 1) :]
            days = np.isfinite(past).sum(1)[:, None] + len(future)
            total, variance = self._sum_of(future)
            mean = (np.nansum(past, 1)[:, None] + total) / days
            middle = (self.weight * mean).sum(1)
            square = variance / days**2 + (mean - middle[:, None]) ** 2
            means[:, ahead - 1] = middle
            deviations[:, ahead - 1] = np.sqrt((self.weight * square).sum(1))
        return means * self.scale[:, None] + self.centre[:, None], deviations * self.scale[:, None]

    def _sum_of(self, future: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of the sum of days ahead, by story."""
        phi, size, days = self.stories.persistence, self.stories.size, len(future)
        fade = (phi[:, None] ** future).sum(1)
        apart = phi[:, None, None] ** np.abs(future[:, None] - future)
        since = 1 - phi[:, None, None] ** (2 * np.minimum(future[:, None], future))
        new = size * (apart * since).sum((1, 2))
        square = fade**2 * self.var_level + 2 * fade * days * self.covariance
        square = square + days**2 * self.var_mean + new + days
        return fade * self.level + days * self.mean, square * self.var_noise
