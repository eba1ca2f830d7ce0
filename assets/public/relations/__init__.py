"""Lagged association between the published series of a region, from published values alone."""

from assets.public.relations.associations import WORDS, Association, Relations, relate

__all__ = ["WORDS", "Association", "Relations", "relate"]
