"""Orchestration: code locations, partitions, jobs, schedules, sensors and the command line."""

import resources  # noqa: F401  (silences libraries before they are imported)
