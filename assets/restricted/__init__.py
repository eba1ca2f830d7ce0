"""Restricted: left of the wall, one folder a stage, in the order in which data flows."""
