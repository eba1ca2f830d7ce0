"""Core: errors, names, modes, region-days: the words that all share. Imports nothing of ours."""
