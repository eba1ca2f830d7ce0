"""Published values, read in a role that can read nothing else."""
