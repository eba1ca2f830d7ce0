"""Whether a chat shows anybody as a request says: told under its receipt code, and nowhere else."""

import base64
from collections.abc import Collection
from datetime import timedelta

from resources.base.clock import Clock
from resources.stores.members.identity import identity_given
from resources.stores.members.marks import Marker, Marks
from resources.stores.requests.receipts import Answer, Stands, plain_code
from resources.stores.requests.request_book import Opened, RequestBook

MOST_TOLD = 5
"""Requests of one group within `TOLD_WITHIN` of which it is told whether they match: with more,
somebody may be asking who is in the group, and all are told to say more."""

TOLD_WITHIN = timedelta(days=30)

_CODE_BYTES = 10


def group_code(marker: Marker) -> str:
    """The code by which members name their group: in its notice, and no record of ours."""
    digest = marker.key_for("member link")[:_CODE_BYTES]
    written = base64.b32encode(digest).decode("ascii")
    return "-".join(written[start : start + 4] for start in range(0, len(written), 4))


def is_of(one: Opened, marker: Marker) -> bool:
    """Whether a request names the marker's group."""
    return plain_code(one.request.group) == plain_code(group_code(marker))


class Matching:
    """Tells each waiting request of a group whether the chat shows such a sender.

    Args:
        book: of requests.
        clock: the time.
    """

    def __init__(self, book: RequestBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def roll(self, _: str, marker: Marker, senders: Collection[Marks]) -> None:
        """Go through the requests of a group whose export has been read.

        Raises:
            StorageError: what `RequestBook.answer` raises.
        """
        today = self._clock.today()
        answered = self._book.answered(lambda one: is_of(one, marker))
        own, since = answered.requests, today - TOLD_WITHIN
        # Where some may be missed, there may be too many.
        known = answered.whole_from is None or answered.whole_from <= since
        told = known and sum(one.received_on >= since for one in own) <= MOST_TOLD
        stood = self._book.answers_to(own)
        anew: list[tuple[Opened, Answer]] = []
        for one in own:
            stands = stood[one.receipt].stands
            if stands not in {Stands.RECEIVED, Stands.NOT_MATCHED}:
                continue
            found = False
            if told:
                claim = marker.marks(identity_given(one.request.name, one.request.number))
                found = any(who.may_be_claimed(claim) for who in senders)
            now_stands = Stands.ACTED_ON if found else Stands.NOT_MATCHED
            if now_stands is not stands:
                anew.append((one, Answer(now_stands, today)))
        self._book.answer_all(anew)
