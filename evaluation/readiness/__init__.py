"""Readiness: what regions of so many groups could publish, and when."""
