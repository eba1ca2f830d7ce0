"""Vectors: encrypted files by group-day, and counts of what scrubbing did."""
