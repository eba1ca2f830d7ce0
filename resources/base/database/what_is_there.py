"""Dagster asks for its tables and columns before each use; here once in a process."""

from collections.abc import Callable


class WhatIsThere:
    """Remembers what was there: `init` and `migrate` make Dagster's tables, and nothing drops one.

    What was not there is asked for again, since a migration may run meanwhile.
    """

    def __init__(self) -> None:
        self._found: set[str] = set()

    def has(self, name: str, ask: Callable[[], bool]) -> bool:
        """Whether this is there, asked of the database until it was.

        Args:
            name: of the table or column, for its storage one and no other.
            ask: how the storage finds out.
        """
        if name not in self._found and ask():
            self._found.add(name)
        return name in self._found
