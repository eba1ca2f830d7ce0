"""Evaluation: how far scores can be trusted, what leaks, what a region could publish. Never in the daily path."""
