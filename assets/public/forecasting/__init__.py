"""Forecasts of published series: pure functions that never see an unpublished value."""

from assets.public.forecasting.headline import forecast_headline

__all__ = ["forecast_headline"]
