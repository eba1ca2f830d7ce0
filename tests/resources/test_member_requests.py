"""Members' requests at rest: of one size, sealed, added by the portal and opened by nobody else."""

import base64
import contextlib
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

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
from resources.stores.requests import request_book
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
from resources.stores.requests.request_book import KEPT, RequestBook, delete_due, dropped
from resources.stores.requests.sealing import framed, seal, unframed

NOW = datetime.now(UTC)
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
    return RequestBook(database, unseal, lambda: NOW)


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
    found = book.waiting()
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
    assert book.waiting() == []
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


def sealed_to(recipient: str, packed: bytes) -> bytes:
    return framed(pyrage.encrypt(packed, [pyrage.x25519.Recipient.from_str(recipient)]))


def said(**changes: Any) -> bytes:
    return json.dumps({"asks": "object", "receipt": HOSTILE, **changes}).encode()


HOSTILE = "HOST-HOST-HOST-HOST-HOST-HOST-Y"
"""Always the same, for names of tests are made of it, and processes that share them must agree."""
OTHER = str(pyrage.x25519.Identity.generate().to_public())


def hostile_content() -> dict[str, bytes]:
    # No constant: a pass phrase takes a second, which each process would spend on collecting.
    return {
        "zeros": bytes(SEALED_BYTES),
        "junk": random.Random(5).randbytes(SEALED_BYTES),
        "a header of age and junk": framed(b"age-encryption.org/v1\n" + bytes(range(256)) * 30),
        "a length beyond the end": b"\xff" * SEALED_BYTES,
        "cut off": framed(pyrage.encrypt(said(), [IDENTITY.to_public()])[:-20]),
        "under a pass phrase": framed(pyrage.passphrase.encrypt(said(), "x")),
        "to another": sealed_to(OTHER, said()),
        "nothing": sealed_to(RECIPIENT, b""),
        "no JSON": sealed_to(RECIPIENT, b"no"),
        "no UTF-8": sealed_to(RECIPIENT, b"\xff" * PACKED_BYTES),
        "half a surrogate": sealed_to(RECIPIENT, b'{"asks": "object", "receipt": "\\ud800"}'),
        "deep": sealed_to(RECIPIENT, b"[" * 9_000),
        "deep inside": sealed_to(RECIPIENT, b'{"asks": ' + b'{"a":' * 1_800),
        "a deep field that there is not": sealed_to(RECIPIENT, b'{"x": ' + b"[" * 9_000),
        "a number that is none": sealed_to(RECIPIENT, b'{"asks": 1e999999, "receipt": 1}'),
        "a list": sealed_to(RECIPIENT, b"[]"),
        "a list of requests": sealed_to(RECIPIENT, b"[" + said() + b"]"),
        "null": sealed_to(RECIPIENT, b"null"),
        "another kind": sealed_to(RECIPIENT, said(asks="else")),
        "a name that is a number": sealed_to(RECIPIENT, said(name=7)),
        "a name that is a list": sealed_to(RECIPIENT, said(name=["Ama"] * 900)),
        "a long name": sealed_to(RECIPIENT, said(name="x" * 7_000)),
        "a field that there is not": sealed_to(RECIPIENT, said(admin=True)),
        "without a receipt": sealed_to(RECIPIENT, b'{"asks": "object"}'),
        "with a receipt that is null": sealed_to(RECIPIENT, said(receipt=None)),
        "of another size": sealed_to(RECIPIENT, said()[:-1] + b"!"),
        "under another receipt": sealed_to(RECIPIENT, said(receipt=new_code())),
    }


def test_hostile_content_is_dropped_counted_once_and_never_opened_again(door, database) -> None:
    code = door.put(Asks.OBJECT, name="Ben")
    opened: list[bytes] = []

    def counting(sealed: bytes) -> bytes | None:
        opened.append(sealed)
        return unseal(sealed)

    hostile = hostile_content()
    for sealed in hostile.values():
        door.put_sealed(digest_of(HOSTILE), sealed)
    # Under somebody else's receipt it would be answered by, or take the place of, theirs.
    door.put_sealed(digest_of(code), sealed_to(RECIPIENT, said()))
    for _ in range(3):
        book = RequestBook(database, counting, lambda: NOW)
        assert [one.request.name for one in book.waiting()] == ["Ben"]
        assert [one.request.name for one in book.opened()] == ["Ben"]
        assert [*book.of_codes([HOSTILE])] == []
        assert dropped(database) == len(hostile) + 1
    # One that can be read is opened by each; the rest by the first alone.
    assert len(opened) == len(hostile) + 1 + 3
    assert door.answer(HOSTILE) == NOTHING_YET


@given(st.binary(max_size=SEALED_BYTES - 4))
def test_bytes_of_any_kind_are_no_request(content) -> None:
    assert unseal(content) is None
    with pytest.raises(ConsentError, match=r"^REQUEST_NOT_READ$"):
        unpack(content)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | lines,
        lambda inner: st.lists(inner) | st.dictionaries(lines, inner),
    ),
    st.sampled_from(["asks", "receipt", "group", "name", "text", "contact", "else"]),
)
def test_json_of_any_kind_is_a_request_or_refused(value, name) -> None:
    fields = {"asks": "question", "receipt": "x", name: value}
    with contextlib.suppress(ConsentError):
        assert isinstance(unpack(json.dumps(fields).encode()), MemberRequest)


def test_of_a_flood_a_run_opens_some_the_oldest_and_the_newest(
    door, book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_book, "MOST_OPENED", 10)
    for number in range(25):
        door.put(Asks.OBJECT, name=f"n{number}")

    def some() -> list[int]:
        return [int(one.request.name[1:]) for one in book.waiting()]

    assert some() == [0, 1, 2, 3, 4, 20, 21, 22, 23, 24]
    book.begin([(one, Answer(Stands.RECEIVED, TODAY)) for one in book.waiting()])
    assert some() == [5, 6, 7, 8, 9, 15, 16, 17, 18, 19]
    book.begin([(one, Answer(Stands.RECEIVED, TODAY)) for one in book.waiting()])
    assert some() == [10, 11, 12, 13, 14]
    # Of 20 with an answer: the group's newest, whatever else was sent since.
    book.begin([(one, Answer(Stands.RECEIVED, TODAY)) for one in book.waiting()])
    for _ in range(15):
        door.put(Asks.COMPLAIN, text="many")
        book.begin([(one, Answer(Stands.RECEIVED, TODAY)) for one in book.waiting()])
    for _ in range(2):
        answered = book.answered(lambda one: one.request.name[-1] in "02468")
        assert [int(one.request.name[1:]) for one in answered.requests] == [*range(6, 25, 2)]
        assert answered.whole_from is None
    assert len([*book.opened()]) == 40
    # What is not looked at may be the group's, too.
    [today] = {one.received_on for one in book.opened()}
    for most, missed in ((40, False), (39, True), (15, True)):
        monkeypatch.setattr(request_book, "MOST_LOOKED_AT", most)
        answered = book.answered(lambda one: True)
        assert (answered.whole_from == today + timedelta(days=1)) is missed
        assert len(answered.requests) == (0 if most == 15 else 10)


FRAME = seal(MemberRequest(Asks.QUESTION, HOSTILE, text="x"), RECIPIENT)
WRITTEN = base64.urlsafe_b64encode(FRAME).decode().rstrip("=")


@pytest.mark.parametrize(
    ("receipt", "written"),
    [
        ("", WRITTEN),
        (digest_of(HOSTILE).upper(), WRITTEN),
        (digest_of(HOSTILE) + "\n", WRITTEN),
        (digest_of(HOSTILE), ""),
        (digest_of(HOSTILE), WRITTEN[:-1]),
        (digest_of(HOSTILE), WRITTEN + "A"),
        (digest_of(HOSTILE), WRITTEN + "\n"),
        (digest_of(HOSTILE), "+" + WRITTEN[1:]),
        (digest_of(HOSTILE), "ä" + WRITTEN[1:]),
        (digest_of(HOSTILE), "A" * len(WRITTEN)),
        (digest_of(HOSTILE), "_" * len(WRITTEN)),
        *(
            (digest_of(HOSTILE), base64.urlsafe_b64encode(frame).decode().rstrip("="))
            for frame in (
                framed(b"age-encryption.org/v1\n"),
                framed(b"x" * 9_000),
                FRAME[:-1] + b"x",
                FRAME[: SEALED_BYTES - 1] + b"\1",
                (SEALED_BYTES).to_bytes(4, "big") + FRAME[4:],
            )
        ),
    ],
)
def test_what_no_browser_of_ours_seals_is_refused_unopened(door, book, receipt, written) -> None:
    with pytest.raises(ConsentError, match=r"^REQUEST_NOT_READ$"):
        door.put_from_browser(receipt, written)
    assert [*book.opened()] == []
    assert book.waiting() == []


def test_what_a_browser_sealed_is_put_down_as_it_is(door, book) -> None:
    door.put_from_browser(digest_of(HOSTILE), WRITTEN)
    assert [one.request.text for one in book.waiting()] == ["x"]


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
