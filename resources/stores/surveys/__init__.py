"""Surveys: weekly means of pulse surveys, encrypted."""
