"""Scores: encrypted sums by group-day, and their revisions."""
