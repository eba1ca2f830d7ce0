"""Orchestration: code locations, partitions, jobs, schedules, sensors and the command line."""
