"""Maintenance: what `init`, `migrate`, `backup` and `restore` do to a database and a home."""
