"""Scoring: from scrubbed messages to what each group adds for a day."""

from assets.restricted.scoring.score_texts import score_texts

__all__ = ["score_texts"]
