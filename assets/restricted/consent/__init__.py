"""Consent: who may be read, from which day, and who has spoken against it."""
