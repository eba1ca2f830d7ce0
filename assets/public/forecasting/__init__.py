"""Forecasts of published daily series: pure functions that never see an unpublished value."""

from assets.public.forecasting.daily import forecast

__all__ = ["forecast"]
