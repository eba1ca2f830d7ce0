"""Keys: files of their own, made once, never in a database, a log or a backup of it."""
