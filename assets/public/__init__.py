"""Public: right of the wall. Reads published values and nothing else."""
