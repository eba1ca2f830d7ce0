"""Release: from group scores to values that are published once and for ever."""
