"""Members' requests at rest: of one size, sealed, added by the portal and opened by nobody else."""

from collections.abc import Iterator
from datetime import timedelta

import pyrage
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from assets.core.errors import ConsentError, StorageError
from resources.base.clock import Clock
from resources.base.database.connection import Database
from resources.base.database.roles import Role
from resources.base.database.tables import member_answers, member_requests
from resources.base.database.tables.requests import ANSWER_BYTES, SEALED_BYTES
from resources.containment.marker_scan import scan_database
from resources.maintenance.database_setup import as_owner
from resources.stores.requests.member_request import (
    MOST_CHARACTERS,
    PACKED_BYTES,
    Asks,
    MemberRequest,
    pack,
    unpack,
)
from resources.stores.requests.portal_side import MembersDoor
from resources.stores.requests.receipts import (
    NOTHING_YET,
    Answer,
    Stands,
    digest_of,
    new_code,
    open_answer,
    seal_answer,
)
from resources.stores.requests.request_book import KEPT, RequestBook, delete_due
from resources.stores.requests.sealing import framed, seal, unframed

TODAY = Clock().today()
"""By the database's clock, which is this machine's; a test may run over midnight."""
MARKERS = ["zephyrine quastorp", "07700 900123", "grumblewort was rude", "mail quastorp"]
SAID = {
    Asks.OBJECT: {"name": MARKERS[0], "number": MARKERS[1]},
    Asks.OPT_IN: {"name": MARKERS[0]},
    Asks.TAKE_BACK: {"earlier": "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-A"},
    Asks.COMPLAIN: {"text": MARKERS[2] * 50, "contact": MARKERS[3]},
    Asks.QUESTION: {"text": "?"},
}
IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())


def unseal(sealed: bytes) -> bytes | None:
    try:
        return pyrage.decrypt(sealed, [IDENTITY])
    except pyrage.DecryptError:
        return None


@pytest.fixture
def portal(database: Database) -> Iterator[Database]:
    opened = Database(database.url, Role.PORTAL)
    yield opened
    opened.dispose()


@pytest.fixture
def door(portal: Database) -> MembersDoor:
    return MembersDoor(portal, RECIPIENT)


@pytest.fixture
def book(database: Database) -> RequestBook:
    return RequestBook(database, unseal)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=MOST_CHARACTERS)
lines = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(st.sampled_from(Asks), lines, lines, texts)
def test_what_is_packed_is_of_one_size_and_found_again(asks, name, contact, text) -> None:
    request = MemberRequest(asks, new_code(), name=name, text=text, contact=contact)
    try:
        packed = pack(request)
    except ConsentError:
        # Only signs that JSON writes as six letters each make it too long.
        packed = b""
    if not packed:
        assert len(text) > 1000
        return
    assert len(packed) == PACKED_BYTES
    assert unpack(packed) == request
    assert repr(request) == "MemberRequest(...)"


@pytest.mark.parametrize("field", ["name", "number", "earlier", "text", "contact", "group"])
def test_what_is_too_long_is_refused_while_its_sender_is_there(field) -> None:
    request = MemberRequest(Asks.COMPLAIN, new_code(), **{field: "x" * (MOST_CHARACTERS + 1)})
    with pytest.raises(ConsentError, match=r"^REQUEST_TOO_LONG$"):
        pack(request)


@pytest.mark.parametrize("packed", [b"", b"{}", b"no", b'{"asks": "x", "receipt": "y"}', b"\xff"])
def test_what_is_no_request_is_not_taken_for_one(packed) -> None:
    with pytest.raises(ConsentError, match=r"^REQUEST_NOT_READ$"):
        unpack(packed.ljust(PACKED_BYTES))


def test_sealed_bytes_are_of_one_size_whatever_age_adds() -> None:
    requests = [MemberRequest(asks, new_code(), **said) for asks, said in SAID.items()]
    frames = [seal(one, RECIPIENT) for one in requests * 8]
    assert {len(one) for one in frames} == {SEALED_BYTES}
    # Why there is a frame: age's own are of several sizes.
    assert len({len(unframed(one)) for one in frames}) > 1
    assert [unpack(unseal(unframed(one)) or b"") for one in frames[:5]] == requests
    with pytest.raises(ConsentError, match=r"^REQUEST_TOO_LONG$"):
        framed(bytes(SEALED_BYTES))


@pytest.mark.parametrize("frame", [b"", b"\xff" * 20, bytes(SEALED_BYTES)])
def test_a_frame_of_nothing_is_opened_by_nobody(frame) -> None:
    assert unseal(unframed(frame)) is None


def test_an_answer_is_of_one_size_and_only_its_code_opens_it() -> None:
    code, other = new_code(), new_code()
    answers = [Answer(one, TODAY) for one in Stands]
    answers.append(Answer(Stands.ANSWERED, TODAY, "ü" * 900))
    sealed = [seal_answer(code, one) for one in answers]
    assert {len(one) for one in sealed} == {ANSWER_BYTES}
    assert [open_answer(code, one) for one in sealed] == answers
    typed = code.lower().replace("-", " ").replace("o", "0").replace("i", "1")
    assert open_answer(typed, sealed[-1]) == answers[-1]
    assert {open_answer(other, one) for one in sealed} == {NOTHING_YET}
    assert open_answer(code, None) == NOTHING_YET
    with pytest.raises(ConsentError, match=r"^REQUEST_TOO_LONG$"):
        seal_answer(code, Answer(Stands.ANSWERED, TODAY, "x" * 901))


def test_a_request_goes_from_the_portal_to_the_restricted_side_and_its_answer_back(
    door, book
) -> None:
    codes = {asks: door.put(asks, **said) for asks, said in SAID.items()}
    found = list(book.opened(waiting=True))
    assert [one.request.asks for one in found] == list(SAID)
    assert [one.request.receipt for one in found] == list(codes.values())
    assert found[0].request.name == MARKERS[0]
    assert {one.received_on for one in found} <= {TODAY, TODAY + timedelta(days=1)}
    assert MARKERS[0] not in repr(found)
    # One that waits is told apart from none by nobody.
    assert door.answer(codes[Asks.OBJECT]) == door.answer(new_code()) == NOTHING_YET
    for one in found:
        book.answer(one, Answer(Stands.ACTED_ON, TODAY))
    book.answer(found[3], Answer(Stands.ANSWERED, TODAY, MARKERS[2]))
    assert list(book.opened(waiting=True)) == []
    assert door.answer(codes[Asks.OBJECT]) == Answer(Stands.ACTED_ON, TODAY)
    assert door.answer(codes[Asks.COMPLAIN].lower()).text == MARKERS[2]
    assert door.answer(new_code()) == NOTHING_YET


def test_nothing_of_a_request_is_in_clear_in_the_database(database, door, book) -> None:
    codes = [door.put(asks, **said) for asks, said in SAID.items()]
    for one in book.opened():
        book.answer(one, Answer(Stands.ANSWERED, TODAY, MARKERS[2]))
    words = [*MARKERS, *codes, *(one.replace("-", "") for one in codes)]
    words += [*(one.value for one in Stands if one is not Stands.RECEIVED), "opt_in"]
    markers = [one.encode() for one in words]
    tables = [member_requests, member_answers]
    with as_owner(database.url) as connection:
        assert scan_database(connection, markers[: len(words) - 5]) == set()
        rows = [tuple(row) for one in tables for row in connection.execute(sa.select(one))]
        sizes = {len(one) for row in rows for one in row if isinstance(one, bytes)}
    assert len(rows) == 10
    assert sizes == {SEALED_BYTES, ANSWER_BYTES}
    shown = repr([[bytes(x) if isinstance(x, memoryview) else x for x in row] for row in rows])
    assert not [one for one in words if one in shown]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM restricted.member_requests",
        "SELECT receipt FROM restricted.member_requests",
        "SELECT 1 FROM restricted.member_answers",
        "SELECT 1 FROM restricted.member_events",
        "UPDATE restricted.member_requests SET received_on = now()",
        "DELETE FROM restricted.member_requests",
        "TRUNCATE restricted.member_requests",
        "INSERT INTO restricted.member_answers VALUES ('x', ''::bytea)",
        "INSERT INTO restricted.member_requests (receipt, sealed)"
        " VALUES ('x', decode(repeat('00', 10240), 'hex')) RETURNING seq",
        "INSERT INTO restricted.member_requests (receipt, sealed) VALUES ('x', 'short')",
        # It dates nothing, not even by the day that it is.
        "INSERT INTO restricted.member_requests (received_on, receipt, sealed) VALUES"
        " ((now() AT TIME ZONE 'Europe/London')::date, 'x', decode(repeat('00', 10240), 'hex'))",
        "SELECT restricted.chain_head(now()::date)",
    ],
)
def test_the_portal_can_do_nothing_else(portal, door, book, statement) -> None:
    door.put(Asks.OBJECT, name="Ama")
    with (
        pytest.raises(StorageError, match=r"^DATABASE_REFUSED$"),
        portal.transaction() as connection,
    ):
        connection.execute(sa.text(statement))
    assert [one.request.name for one in book.opened()] == ["Ama"]


def test_the_restricted_side_makes_and_changes_no_request(database, door) -> None:
    door.put(Asks.OBJECT, name="Ama")
    for statement in (
        member_requests.update().values(received_on=TODAY),
        member_requests.insert().values(received_on=TODAY, receipt="x", sealed=bytes(SEALED_BYTES)),
    ):
        with (
            pytest.raises(StorageError, match=r"^DATABASE_REFUSED$"),
            database.transaction() as connection,
        ):
            connection.execute(statement)


def test_what_a_stolen_portal_puts_down_is_left_aside_once(door, book) -> None:
    mine = MemberRequest(Asks.OBJECT, new_code(), name="Ama")
    to_another = str(pyrage.x25519.Identity.generate().to_public())
    code = door.put(Asks.OBJECT, name="Ben")
    for receipt, sealed in (
        ("f" * 64, bytes(SEALED_BYTES)),
        (digest_of(mine.receipt), seal(mine, to_another)),
        # Under another receipt it would be answered by, or take the place of, somebody else's.
        (digest_of(code), seal(mine, RECIPIENT)),
    ):
        door.put_sealed(receipt, sealed)
    assert [one.request.name for one in book.opened(waiting=True)] == ["Ben"]
    assert [one.request.name for one in book.opened()] == ["Ben"]


def test_it_goes_when_it_is_due_and_its_answer_with_it(database, door, book) -> None:
    code = door.put(Asks.COMPLAIN, text="late")
    (one,) = book.opened()
    book.answer(one, Answer(Stands.ANSWERED, TODAY))
    delete_due(database, one.received_on + KEPT)
    assert door.answer(code).stands is Stands.ANSWERED
    delete_due(database, one.received_on + KEPT + timedelta(days=1))
    assert door.answer(code) == NOTHING_YET
    with database.transaction() as connection:
        assert connection.execute(sa.select(member_requests.c.seq)).all() == []
        assert connection.execute(sa.select(member_answers.c.receipt)).all() == []
