"""Containment: nothing that a restricted step says, logs, raises or writes holds text."""
