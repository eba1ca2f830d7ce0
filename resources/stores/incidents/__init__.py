"""Incidents: what stops all reading, and the record of what was done about it."""
