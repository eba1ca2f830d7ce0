"""Runs: Dagster's storage, queue and launcher of them, and the locks that tell the living."""
