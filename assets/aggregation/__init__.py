"""Aggregation: regional values from group sums, released once."""
