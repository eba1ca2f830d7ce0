"""How many requests with a body are under way: each holds a connection, and a server has so many.

Else one client that sends many bodies a byte at a time would leave no connection to leave by.
"""

from collections import Counter

from orchestration.portal.limits import Asked

MOST_OF_CLIENT = 8
"""At a time; as many again to leave."""

MOST_OF_ALL = 100
"""Half of the connections (`serving.MOST_CONNECTIONS`), those to leave not counted."""


class OpenBodies:
    """Counts them in memory, for as long as they last."""

    def __init__(self) -> None:
        self._of_clients: Counter[tuple[str, bool]] = Counter()
        self._of_all = 0

    def begin(self, house: str, asked: Asked) -> int | None:
        """Count one more.

        Args:
            house: whence it comes, as `house_of` says it.
            asked: what it is counted as.

        Returns:
            None; or the status by which it is refused, and then it is not counted.
        """
        leaving = asked is Asked.TO_LEAVE
        if self._of_clients[house, leaving] >= MOST_OF_CLIENT:
            return 429
        if not leaving and self._of_all >= MOST_OF_ALL:
            return 503
        self._of_clients[house, leaving] += 1
        self._of_all += not leaving
        return None

    def end(self, house: str, asked: Asked) -> None:
        """Count one less, of those that began."""
        leaving = asked is Asked.TO_LEAVE
        self._of_clients[house, leaving] -= 1
        self._of_all -= not leaving
        if not self._of_clients[house, leaving]:
            del self._of_clients[house, leaving]
