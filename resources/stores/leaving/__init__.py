"""Leaving: what goes when a group or member does, or when its time is over."""
