"""Evaluation: how far scores can be trusted, what leaks, what a region could publish.

It may read what is restricted, and nothing in the daily path imports it.
"""
