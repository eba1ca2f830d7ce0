"""Base: home, clock, files, database, keys, runs: what everything stands on."""
