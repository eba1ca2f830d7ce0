"""The three constructs of the study."""

CONSTRUCTS = ("burnout", "resilience", "resistance")
