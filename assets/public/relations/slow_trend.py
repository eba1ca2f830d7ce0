"""Taking the slow trend out of a weekly course, and what then is left of signal and noise."""

from dataclasses import dataclass

import numpy as np

from assets.public.relations.release_noise import BETWEEN

SLOW_WEEKS = 26
"""Movements of this period and longer are trend or season, and are taken out."""

_LIKENESS = np.append(np.arange(0.0, 0.96, 0.025), 0.98)
"""Week-to-week likeness (AR(1) coefficients) tried for the signal: none below 0, so that a test is
never sharper than it would be on independent weeks."""

_FITTED_LAGS = range(1, 5)
_TINY = 1e-300


@dataclass(frozen=True)
class Detrended:
    """A course of W weeks without its slow trend.

    Attributes:
        values: W residuals, 0 where the week has no value.
        observed: W flags.
        remover: array (W, W), the projection that took the trend out.
        freedom: weeks observed less directions taken out.
        variance: of the residuals, noise included.
        signal_shares: 3, by edge of the band: 1 less the noise's share of `variance`.
        covariance: array (W, W) of the residuals, fitted: signal of AR(1) and the known noise.
    """

    values: np.ndarray
    observed: np.ndarray
    remover: np.ndarray
    freedom: float
    variance: float
    signal_shares: np.ndarray
    covariance: np.ndarray


def without_trend(values: np.ndarray, noise: np.ndarray) -> Detrended:
    """Take out the mean and all cosines over the span that are slower than `SLOW_WEEKS`.

    Half-waves of cosines (a discrete cosine basis, as in the high-pass filter of SPM: Holmes et al.
    1997) bend at the ends, where first differences would spread what two series share in one
    week over the weeks beside it.

    Args:
        values: W weekly means, NaN where there is none.
        noise: array (3, W), variances of their known noise by edge of the band.
    """
    observed = np.isfinite(values)
    remover = _remover(observed)
    left = remover @ np.where(observed, values, 0.0)
    freedom = float(np.trace(remover))
    variance = float(left @ left) / freedom
    # Rounding in what is left of a constant course is no signal.
    still = variance <= (1e-9 * np.abs(values[observed]).max()) ** 2
    noise_left = (remover.diagonal() * noise).sum(axis=1) / freedom
    shares = np.full(len(noise), -np.inf) if still else 1 - noise_left / variance
    return Detrended(
        left,
        observed,
        remover,
        freedom,
        variance,
        shares,
        _fitted(left, remover, noise[BETWEEN], shares[BETWEEN]),
    )


def _remover(observed: np.ndarray) -> np.ndarray:
    from scipy.linalg import orth  # noqa: PLC0415  (every process of Dagster's loads this module, few need SciPy)

    span = len(observed)
    waves = np.arange(np.ceil(2 * span / SLOW_WEEKS))
    basis = np.cos(np.pi * waves * (np.arange(span) + 0.5)[:, None] / span)
    directions = orth(basis * observed[:, None])
    return np.diag(observed.astype(float)) - directions @ directions.T


def _fitted(left: np.ndarray, remover: np.ndarray, noise: np.ndarray, share: float) -> np.ndarray:
    """Covariance of the residuals, fitted to how alike weeks 1 to 4 apart are.

    Signal of AR(1) and error that is new each week: at least the known noise, and as much more as
    fits (who happens to write is not the same each week). Taking out a trend makes weeks less
    alike than they were; comparing with what each coefficient would leave after the same removal
    allows for that.
    """
    total = float(left @ left)
    weeks = np.arange(len(left))
    apart = np.abs(np.subtract.outer(weeks, weeks))
    powers = np.power.outer(_LIKENESS, weeks)  # 0 ** 0 is 1
    error = (remover * (noise if noise.any() else 1.0)) @ remover
    error = error / np.trace(error)
    of_error = np.array([np.trace(error, offset=lag) for lag in _FITTED_LAGS])
    seen, of_signal = np.zeros(len(_FITTED_LAGS)), np.zeros((len(_LIKENESS), len(_FITTED_LAGS)))
    size = powers @ _by_distance(remover, apart)
    for at, lag in enumerate(_FITTED_LAGS):
        seen[at] = left[lag:] @ left[:-lag] / max(total, _TINY)
        shifted = remover @ np.eye(len(left), k=lag) @ remover
        of_signal[:, at] = powers @ _by_distance(shifted, apart) / size
    # Seen = signal + part (error - signal), for each coefficient the best part by least squares.
    towards = of_error - of_signal
    part = ((seen - of_signal) * towards).sum(axis=1) / np.maximum((towards**2).sum(axis=1), _TINY)
    part = np.clip(part, np.clip(1 - share, 0, 1), 1)
    misfit = ((of_signal + part[:, None] * towards - seen) ** 2).sum(axis=1)
    best = int(np.argmin(misfit))
    signal = remover @ powers[best][apart] @ remover
    return total * ((1 - part[best]) * signal / np.trace(signal) + part[best] * error)


def _by_distance(matrix: np.ndarray, apart: np.ndarray) -> np.ndarray:
    return np.bincount(apart.ravel(), weights=matrix.ravel())
