"""Processes that read groups for a step, on Dask: off unless a home's study register allows it."""
