"""Leaks: attacks on what is stored, and on what is released of it."""
