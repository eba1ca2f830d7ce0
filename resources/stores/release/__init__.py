"""Release: what was drawn, debited, retracted and approved, for ever."""
