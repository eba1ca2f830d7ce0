"""Acting on what members ask by the portal, before anything of their groups is read.

Nobody knows who sent a request. So an objection leaves people out and never stops a group, an
opt-in lifts nothing, and only who holds the receipt code of a request takes that one back.
"""

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa

from resources.stores.consent.consent_state import Consent
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.members.identity import identity_given
from resources.stores.members.marks import Marks
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource
from resources.stores.members.member_register import MemberRegister
from resources.stores.requests.matching import group_code
from resources.stores.requests.member_request import SAYINGS, Asks, MemberRequest
from resources.stores.requests.receipts import Answer, Stands, plain_code
from resources.stores.requests.request_book import Opened, RequestBook


def act_on_requests(
    book: RequestBook,
    members: MemberRegister,
    consents: Mapping[str, Consent],
    *,
    now: datetime,
    today: date,
) -> None:
    """Record what members said by the portal since the last run, each once.

    What it finds, not even a count, goes nowhere but into the members' register and under the
    receipt codes.

    Args:
        book: of requests.
        members: what members have said.
        consents: of all groups, by reference.
        now: the moment.
        today: its day in London.

    Raises:
        SetupError: `INBOX_IDENTITY_MISSING`.
        StorageError: what `MemberRegister.record` raises; what was recorded before stays.
    """
    by_code: dict[str, str] = {}
    for one in book.opened(waiting=True):
        if not by_code:
            by_code = {plain_code(group_code(members.marker(ref))): ref for ref in consents}
        group_ref = by_code.get(plain_code(one.request.group))
        if one.request.asks not in SAYINGS:
            book.begin(one, Answer(Stands.RECEIVED, today))
        elif group_ref is None:
            book.begin(one, Answer(Stands.NOT_MATCHED, today))
        else:
            _Acting(book, members, consents[group_ref], now, today).act(one)


class _Acting:
    """On the requests of one group."""

    def __init__(
        self,
        book: RequestBook,
        members: MemberRegister,
        consent: Consent,
        now: datetime,
        today: date,
    ) -> None:
        self._book = book
        self._members = members
        self._consent = consent
        self._now = now
        self._today = today

    def act(self, one: Opened) -> None:
        """Record one, or answer that it says too little."""
        marks = self._marks(one.request)
        if one.request.asks is Asks.TAKE_BACK and one.request.earlier:
            earlier = self._to_take_back(one.request)
            its_marks = None if earlier is None else self._marks(earlier.request)
            if earlier is not None and its_marks is not None:
                agreed = earlier.request.asks is Asks.OPT_IN
                saying = Saying.WITHDRAWN if agreed else Saying.TAKEN_BACK
                self._record(one, saying, its_marks, Stands.ACTED_ON, earlier)
                return
        if marks is None:
            self._book.begin(one, Answer(Stands.NOT_MATCHED, self._today))
        elif one.request.asks is Asks.OPT_IN and not self._may_opt_in(marks):
            # The answer is that of any other, for it must not tell who has objected.
            self._book.begin(one, Answer(Stands.RECEIVED, self._today))
        else:
            saying = {
                Asks.OBJECT: Saying.OBJECTED,
                Asks.OPT_IN: Saying.OPTED_IN,
                Asks.TAKE_BACK: Saying.WITHDRAWN,
            }[one.request.asks]
            self._record(one, saying, marks, Stands.RECEIVED)

    def _marks(self, request: MemberRequest) -> Marks | None:
        identity = identity_given(request.name, request.number)
        if identity.empty:
            return None
        return self._members.marker(self._consent.group_ref).marks(identity)

    def _to_take_back(self, request: MemberRequest) -> Opened | None:
        """The request of the receipt code that was given, if it stands in this group."""
        earlier = self._book.of_code(request.earlier)
        if (
            earlier is None
            or earlier.request.asks not in SAYINGS
            or plain_code(earlier.request.group) != plain_code(request.group)
            or earlier.request.earlier
            or self._book.answer_to(earlier).stands is Stands.TAKEN_BACK
        ):
            return None
        return earlier

    def _may_opt_in(self, marks: Marks) -> bool:
        """Only where each member is asked, and nobody of such a name has said no."""
        return self._consent.member_basis is MemberBasis.OPT_IN and not any(
            event.saying in {Saying.OBJECTED, Saying.WITHDRAWN} and event.marks.may_be(marks)
            for event in self._members.events(self._consent.group_ref)
        )

    def _record(
        self,
        one: Opened,
        saying: Saying,
        marks: Marks,
        stands: Stands,
        earlier: Opened | None = None,
    ) -> None:
        event = MemberEvent(saying, SayingSource.PORTAL, self._today, marks)

        def first(connection: sa.Connection) -> bool:
            if earlier is not None and self._book.is_taken_back_in(connection, earlier):
                # Another run was first; a second time would void what somebody else has said.
                return False
            if not self._book.begin_in(connection, one, Answer(stands, self._today)):
                return False
            if earlier is not None:
                self._book.answer_in(connection, earlier, Answer(Stands.TAKEN_BACK, self._today))
            return True

        self._members.record(self._consent.group_ref, event, self._now, first)
