"""Acting on what members ask by the portal, before anything of their groups is read.

Nobody knows who sent a request. So an objection leaves people out and never stops a group, an
opt-in lifts nothing, and only who holds the receipt code of a request takes that one back.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from resources.stores.consent.consent_state import Consent
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.members.alike import Alike
from resources.stores.members.identity import identity_given
from resources.stores.members.marks import Marks
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource
from resources.stores.members.member_register import MemberRegister
from resources.stores.requests.matching import group_code
from resources.stores.requests.member_request import SAYINGS, Asks, MemberRequest
from resources.stores.requests.receipts import Answer, Stands, digest_of, plain_code
from resources.stores.requests.request_book import Opened, RequestBook

_RECORDED_AT_A_TIME = 100
"""Sayings of one transaction, which has seconds."""

_SAYS = {
    Asks.OBJECT: Saying.OBJECTED,
    Asks.OPT_IN: Saying.OPTED_IN,
    Asks.TAKE_BACK: Saying.WITHDRAWN,
}
_NO = frozenset({Saying.OBJECTED, Saying.WITHDRAWN})


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
    receipt codes. It opens at most as many as `RequestBook.waiting` does; the others wait.

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
    waiting = book.waiting()
    if not waiting:
        return
    by_code = {plain_code(group_code(members.marker(ref))): ref for ref in consents}
    of_group: dict[str, list[Opened]] = {}
    of_none: list[Opened] = []
    to_answer: list[Opened] = []
    for one in waiting:
        group_ref = by_code.get(plain_code(one.request.group))
        if one.request.asks not in SAYINGS:
            to_answer.append(one)
        elif group_ref is None:
            of_none.append(one)
        else:
            of_group.setdefault(group_ref, []).append(one)
    book.begin([(one, Answer(Stands.RECEIVED, today)) for one in to_answer])
    book.begin([(one, Answer(Stands.NOT_MATCHED, today)) for one in of_none])
    book.set_aside(of_none)
    for group_ref, several in of_group.items():
        _Acting(book, members, consents[group_ref], now, today).act(several)


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
        self._marker = members.marker(consent.group_ref)
        self._now = now
        self._today = today

    def act(self, several: Sequence[Opened]) -> None:
        """Record what each says, or answer that it says too little."""
        opts_in = any(one.request.asks is Asks.OPT_IN for one in several)
        said_no = self._said_no() if opts_in else None
        for some in _chunks(several):
            codes = [one.request.earlier for one in some if one.request.asks is Asks.TAKE_BACK]
            earlier = self._book.of_codes([code for code in codes if code])

            def begun(
                connection: sa.Connection,
                some: Sequence[Opened] = some,
                earlier: Mapping[str, Opened] = earlier,
            ) -> Sequence[MemberEvent]:
                return self._begun(connection, some, earlier, said_no)

            self._members.record_where(self._consent.group_ref, begun, self._now)

    def _begun(
        self,
        connection: sa.Connection,
        some: Sequence[Opened],
        earlier: Mapping[str, Opened],
        said_no: Alike[Marks] | None,
    ) -> Sequence[MemberEvent]:
        """Answer requests in the caller's transaction, which holds the group's lock.

        Returns:
            What they say; of those alone that no other run has answered.
        """
        stood = self._book.answers_in(connection, [*some, *earlier.values()])
        answers: dict[str, tuple[Opened, Answer]] = {}
        taken: dict[str, tuple[Opened, Answer]] = {}
        events: list[MemberEvent] = []
        for one in some:
            if one.receipt in stood or one.receipt in answers:
                # Under one receipt one request counts, however many a stolen portal puts there.
                continue
            to_take = self._to_take_back(one.request, earlier)
            if to_take is not None and (
                to_take.receipt in taken
                or (to_take.receipt in stood and stood[to_take.receipt].stands is Stands.TAKEN_BACK)
            ):
                # A second time would void what somebody else has said.
                to_take = None
            if to_take is None:
                stands, event = self._said(one.request, said_no)
            else:
                stands, event = Stands.ACTED_ON, self._taking_back(to_take.request)
                if to_take.receipt not in stood and to_take.receipt not in answers:
                    # It waits still, and now for ever.
                    event = None
                taken[to_take.receipt] = (to_take, Answer(Stands.TAKEN_BACK, self._today))
            answers[one.receipt] = (one, Answer(stands, self._today))
            if event is not None:
                events.append(event)
                if said_no is not None and event.saying in _NO:
                    said_no.add(event.marks, event.marks)
        self._book.begin_in(connection, [*answers.values()])
        self._book.answer_in(connection, [*taken.values()])
        return events

    def _said(
        self, request: MemberRequest, said_no: Alike[Marks] | None
    ) -> tuple[Stands, MemberEvent | None]:
        """How it stands then, and what is recorded if anything is."""
        marks = self._marks(request)
        if marks is None:
            return Stands.NOT_MATCHED, None
        if request.asks is Asks.OPT_IN and (said_no is None or said_no.any_may_be(marks)):
            # The answer is that of any other, for it must not tell who has objected.
            return Stands.RECEIVED, None
        return Stands.RECEIVED, self._event(_SAYS[request.asks], marks)

    def _taking_back(self, earlier: MemberRequest) -> MemberEvent | None:
        marks = self._marks(earlier)
        agreed = earlier.asks is Asks.OPT_IN
        saying = Saying.WITHDRAWN if agreed else Saying.TAKEN_BACK
        return None if marks is None else self._event(saying, marks)

    def _event(self, saying: Saying, marks: Marks) -> MemberEvent:
        return MemberEvent(saying, SayingSource.PORTAL, self._today, marks)

    def _marks(self, request: MemberRequest) -> Marks | None:
        identity = identity_given(request.name, request.number)
        return None if identity.empty else self._marker.marks(identity)

    def _to_take_back(self, request: MemberRequest, earlier: Mapping[str, Opened]) -> Opened | None:
        """The request of the receipt code that was given, if it is one of this group."""
        if request.asks is not Asks.TAKE_BACK or not request.earlier:
            return None
        found = earlier.get(digest_of(request.earlier))
        if (
            found is None
            or found.request.asks not in SAYINGS
            or plain_code(found.request.group) != plain_code(request.group)
            or found.request.earlier
            or self._marks(found.request) is None
        ):
            return None
        return found

    def _said_no(self) -> Alike[Marks] | None:
        """Who has said no; None where nobody is asked, so that nobody opts in."""
        if self._consent.member_basis is not MemberBasis.OPT_IN:
            return None
        events = self._members.events(self._consent.group_ref)
        return Alike({one.marks: one.marks for one in events if one.saying in _NO})


def _chunks(several: Sequence[Opened]) -> Iterator[Sequence[Opened]]:
    for start in range(0, len(several), _RECORDED_AT_A_TIME):
        yield several[start : start + _RECORDED_AT_A_TIME]
