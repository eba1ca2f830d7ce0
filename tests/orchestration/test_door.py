"""The door looks first: what could not be read is refused while the person has the original."""

import io
import json
import logging
import os
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from command_line import exit_status

from assets.core.errors import CATALOGUE, SealError
from assets.core.modes import Mode
from assets.restricted.collection.door import look_at
from assets.restricted.consent.sentences import OPT_IN_SENTENCE
from orchestration.cli.delivering import deliver
from orchestration.cli.next_reading import next_reading
from orchestration.cli.session import Session
from orchestration.partitions import days_between
from resources.containment.marker_scan import scan_bytes, scan_database, scan_folder
from resources.maintenance.database_setup import as_owner
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.consent.consent_terms import MemberBasis

LONDON = "greater_london"
ODD = "wobblequex"
PERSON = "Quillona Fennimarsh"
FILE = "WhatsApp Chat with Farrowfile.txt"
MARKERS = (ODD.encode(), *(word.encode() for word in PERSON.split()), b"Farrowfile")
PEOPLE = ("a", "b", "c", "d")
DAY_BEFORE = date(2026, 10, 14)
TOLD = {"informed_on": date(2026, 9, 1), "valid_from": date(2026, 9, 8)}

pytestmark = pytest.mark.slow


def odd_chat(first: date, last: date, *, people: tuple[str, ...] = PEOPLE) -> bytes:
    """An Android export in which each person writes once a day, odd words and all."""
    return "".join(
        f"{first + timedelta(days=n):%d/%m/%Y}, {8 + k:02d}:15"
        f" - {PERSON}{who}: the {ODD} is off {n}{k}\n"
        for n in range((last - first).days + 1)
        for k, who in enumerate(people)
    ).encode()


GOOD = odd_chat(date(2026, 9, 1), date(2026, 10, 14))
TEXT = f"{PERSON} said the {ODD} is off\n"


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return held.getvalue()


def with_password(data: bytes) -> bytes:
    """A zip whose one member says that it is encrypted."""
    changed = bytearray(data)
    changed[6] |= 1
    changed[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


def lines(form: str) -> bytes:
    return "".join(form.format(n=n, who=PERSON, odd=ODD) for n in range(10, 28)).encode()


TELEGRAM = {"name": PERSON, "type": "private_group", "id": 1, "messages": [{"text": ODD}]}
SIGNAL = f'<?xml version="1.0"?>\n<smses count="1"><sms body="{ODD}" contact_name="{PERSON}"/>'
DISCORD = {
    "guild": {"id": "1", "name": PERSON},
    "channel": {"id": "2", "name": ODD},
    "messages": [{"content": ODD}],
}

BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "EXPORT_EMPTY"),
    "spaces": (b" \r\n\t\n", "EXPORT_EMPTY"),
    "random bytes": (bytes(range(256)) * 9 + ODD.encode(), "EXPORT_BINARY"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\1\2" * 99 + ODD.encode(), "EXPORT_BINARY"),
    "a document": (b"%PDF-1.7\n1 0 obj " + TEXT.encode(), "EXPORT_BINARY"),
    "zero bytes later on": (GOOD + b"\0" * 20, "EXPORT_BINARY"),
    "another encoding": (GOOD.decode().encode("utf-16"), "EXPORT_NOT_UTF8"),
    "cut inside a sign": (GOOD + "é".encode()[:1], "EXPORT_NOT_UTF8"),
    "a web page": (f"<html><body>{TEXT}</body></html>".encode(), "EXPORT_UNKNOWN_FORMAT"),
    "other data": (json.dumps({"chat": [TEXT]}).encode(), "EXPORT_UNKNOWN_FORMAT"),
    "words": (TEXT.encode() * 9, "EXPORT_NO_HEADERS"),
    "a table": (f"name,said\n{PERSON},{ODD}\n".encode(), "EXPORT_NO_HEADERS"),
    "of Telegram": (json.dumps(TELEGRAM, indent=1).encode(), "EXPORT_OTHER_PLATFORM"),
    "of Signal": (SIGNAL.encode(), "EXPORT_OF_ANOTHER_PLATFORM"),
    "of Discord": (json.dumps(DISCORD, indent=2).encode(), "EXPORT_OTHER_PLATFORM"),
    "of Discord, a table": (
        f"AuthorID,Author,Date,Content\n1,{PERSON},2026-10-01,{ODD}\n".encode(),
        "EXPORT_OF_ANOTHER_PLATFORM",
    ),
    "a zip cut short": (zipped(("_chat.txt", GOOD))[:-30], "EXPORT_ZIP_DAMAGED"),
    "a zip without its end": (zipped(("_chat.txt", GOOD))[:60], "EXPORT_ZIP_DAMAGED"),
    "a zip of pictures": (zipped((f"{ODD}.jpg", b"\xff\xd8")), "EXPORT_ZIP_NO_CHAT"),
    "a zip of two chats": (
        zipped(("a.txt", GOOD), (f"{ODD}.txt", GOOD)),
        "EXPORT_ZIP_SEVERAL_CHATS",
    ),
    "a zip of an empty chat": (zipped(("_chat.txt", b"")), "EXPORT_EMPTY"),
    "a zip with a password": (with_password(zipped(("_chat.txt", GOOD))), "EXPORT_ZIP_ENCRYPTED"),
    "a zip packed otherwise": (
        zipped(("_chat.txt", GOOD), method=zipfile.ZIP_LZMA),
        "EXPORT_ZIP_UNSUPPORTED",
    ),
    "a line without end": (GOOD + ODD.encode() * 300_000, "EXPORT_LINE_TOO_LONG"),
    "two forms joined": (
        lines("{n}/09/2026, 08:15 - {who}: {odd}\n")
        + lines("[{n}/10/2026, 08:15:09] {who}: {odd}\n"),
        "EXPORT_FORMS_MIXED",
    ),
    "of tomorrow's tomorrow": (
        GOOD + f"18/10/2026, 08:15 - {PERSON}: {ODD}\n".encode(),
        "EXPORT_DATED_IN_FUTURE",
    ),
    "nobody's": (lines("{n}/09/2026, 08:15 - {odd} {n}\n"), "EXPORT_NOTICES_UNSURE"),
}


@dataclass(frozen=True)
class Door:
    """The command as it is typed, on one home."""

    session: Session
    folder: Path
    run: Callable[[list[str]], tuple[int, bytes]]

    def add(self, group: str, content: bytes) -> tuple[int, str]:
        """Deliver these bytes. Returns the exit status and all that was said."""
        path = self.folder / FILE
        path.write_bytes(content)
        status, said = self.run(["inbox", "add", group, str(path)])
        path.unlink()
        assert scan_bytes(said, MARKERS) == set()
        return status, said.decode()

    def kept(self) -> list[Path]:
        """Every file of the inbox."""
        return [path for path in Path(self.session.home.config.inbox).rglob("*") if path.is_file()]

    def words(self) -> set[tuple[str, bytes]]:
        """Where a word of the files is found: the home, what lies beside it, the database."""
        with as_owner(self.session.url) as connection:
            found = scan_database(connection, MARKERS)
        return found | scan_folder(self.session.home.root.parent, MARKERS)


@pytest.fixture
def door(
    session: Session,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Door:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    monkeypatch.setattr("orchestration.cli.session.Clock", lambda: clock)
    # What measures the tests' coverage would be taken for a debugger.
    monkeypatch.setattr("resources.containment.hardening.is_watched", lambda: False)
    temporary = session.home.root.with_name("temporary")
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    def run(words: list[str]) -> tuple[int, bytes]:
        capfd.readouterr()
        status = exit_status(monkeypatch, *words)
        said = capfd.readouterr()
        return status, f"{said.out}{said.err}".encode()

    return Door(session, tmp_path_factory.mktemp("own"), run)


@pytest.fixture
def group(session: Session, terms: Callable[..., Any]) -> str:
    return session.register.grant(terms(**TOLD), session.clock.now())


def test_what_is_no_export_is_refused_with_its_code_and_nothing_is_kept(
    door: Door, group: str
) -> None:
    assert len(BAD) >= 15
    for what, (content, code) in BAD.items():
        status, said = door.add(group, content)
        assert said.startswith(f"{code}: "), (what, said)
        assert CATALOGUE[code].next_step in said
        assert status == CATALOGUE[code].exit_status
        assert door.kept() == [], what
    assert door.words() == set()


def test_a_marker_that_is_left_would_be_found(door: Door, group: str) -> None:
    (door.session.home.root / "left").write_bytes(TEXT.encode())
    assert {name for name, _ in door.words()} == {"home/left"}


REFUSED = {
    "CONSENT_EXPIRED": {"valid_until": date(2026, 10, 14)},
    "CONSENT_NOT_YET_VALID": {"valid_from": date(2026, 10, 16)},
}
CHANGED = {
    "CONSENT_TO_RENEW": {"renew_by": date(2026, 10, 14), "lacks": ("evidence",)},
    "CONSENT_OF_ANOTHER_MODE": {"mode": Mode.DISCOVERY},
    "CONSENT_REVIEW_DUE": {"review_by": date(2026, 10, 14)},
    "EXPORT_OTHER_PLATFORM": {"platform": "telegram"},
}


def test_a_group_without_a_running_consent_delivers_nothing(
    door: Door, terms: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, opened = door.session, []
    monkeypatch.setattr(
        "orchestration.cli.delivering.look_at",
        lambda *given, **how: opened.append(given) or look_at(*given, **how),
    )
    for code in ("CONSENT_WITHDRAWN", "GROUP_UNKNOWN", *REFUSED, *CHANGED):
        opened.clear()
        group = session.register.grant(terms(**(TOLD | REFUSED.get(code, {}))), session.clock.now())
        with monkeypatch.context() as patched:
            if code == "CONSENT_WITHDRAWN":
                session.register.withdraw(group, session.clock.now())
            if code in CHANGED:
                changed = replace(session.register.consent(group), **CHANGED[code])
                patched.setattr(ConsentRegister, "consent", lambda *_, one=changed: one)
            status, said = door.add("g-00000000" if code == "GROUP_UNKNOWN" else group, GOOD)
        assert (status, said.split(":")[0]) == (CATALOGUE[code].exit_status, code)
        assert door.kept() == []
        # No word is read without a consent; the platform alone takes a look.
        assert bool(opened) == (code == "EXPORT_OTHER_PLATFORM")


def test_it_needs_no_secret_of_the_home_and_does_not_look_where_words_could_get_out(
    door: Door, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in door.session.home.secrets.iterdir():
        path.unlink()
    status, said = door.add(group, GOOD)
    assert status == 0, said
    assert len(door.kept()) == 1
    assert door.words() == set()
    monkeypatch.setattr("orchestration.cli.session.refuse_exposed", _watched)
    assert door.add(group, GOOD)[1].startswith("PROCESS_WATCHED")
    assert len(door.kept()) == 1


def told_in_telegram(*titles: str) -> bytes:
    """An account's file with these chats, of which each person writes once a day."""
    chats = [
        {
            "name": title,
            "type": "private_group",
            "id": number,
            "messages": [
                {
                    "id": 10 * n + k,
                    "type": "message",
                    "date_unixtime": str(1_788_250_000 + 86_400 * n + 60 * k),
                    "from": f"{PERSON}{who}",
                    "from_id": f"user{k}",
                    "text": f"the {ODD} is off {n}{k}",
                }
                for n in range(40)
                for k, who in enumerate(PEOPLE)
            ],
        }
        for number, title in enumerate(titles)
    ]
    return json.dumps({"about": "", "chats": {"list": chats}}, indent=1).encode()


def test_of_an_account_the_chat_that_the_consent_knows_is_taken(
    door: Door, terms: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = door.session
    group = session.register.grant(terms(platform="telegram"), session.clock.now())
    both = told_in_telegram(f"{ODD} of nights", f"{ODD} at home")
    assert door.add(group, both)[1].startswith("EXPORT_CHAT_NOT_CHOSEN")
    for named, code in ((f"{ODD} by day", "EXPORT_OF_ANOTHER_CHAT"), (f"{ODD} of  Nights", "")):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{named}\n"))
        status, _ = door.run(["consent", "chat", group])
        assert status == 0
        status, said = door.add(group, both)
        assert said.startswith(code)
    assert status == 0, said
    assert "a chat export of Telegram, 160 entries by 4 people" in said
    assert len(door.kept()) == 1
    assert door.words() == set()
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert door.run(["consent", "chat", group])[0] == CATALOGUE["CHAT_UNNAMED"].exit_status


def _watched(_: object) -> None:
    raise SealError("PROCESS_WATCHED")


def tells(source: BinaryIO, *_: object, **__: object) -> None:
    """What a careless library might do with what it reads."""
    text = source.read().decode()
    print(text)  # noqa: T201
    warnings.warn(text, stacklevel=1)
    logging.getLogger("some.library").error("read %s", text)
    os.write(2, text.encode())
    try:
        Path(tempfile.gettempdir(), "spill").write_text(text)
    except PermissionError:
        raise ValueError(text) from None
    raise AssertionError


def test_a_look_that_fails_tells_no_word(
    door: Door, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.cli.delivering.look_at", tells)
    status, said = door.add(group, GOOD)
    assert (status, said.split()[0]) == (CATALOGUE["STEP_BROKEN"].exit_status, "STEP_BROKEN")
    assert door.kept() == []
    assert door.words() == set()


def test_it_says_what_the_next_run_will_do(door: Door, group: str) -> None:
    content = zipped((FILE, GOOD), ("IMG-1.jpg", b"\xff\xd8"))
    status, said = door.add(group, content)
    assert status == 0, said
    assert len(door.kept()) == 1
    assert said.splitlines() == [
        "Looked at: a chat export of WhatsApp, 176 entries by 4 people, 2026-09-01 to 2026-10-14.",
        f"Delivered for {group}. It is deleted from the inbox after 14 days, on 2026-10-29, and"
        " sooner once its days have settled.",
        "The next run reads 35 days of it, 2026-09-10 to 2026-10-14: at most 140 messages.",
        "Days outside the consent (2026-09-08 to 2026-12-31) are never read.",
        "2 days of it (2026-09-08 to 2026-09-09): too long ago for the routine;"
        " `tideline run --from --to` reads it.",
        "Of 4 people who write in it, 4 can be read by the notices up to 2026-09-01, unless they"
        " object.",
        "Next: delete your own copy of the file. The next run reads it; or `tideline run`.",
    ]


SAYS = {
    "a file that ends early": (
        {},
        odd_chat(date(2026, 9, 1), date(2026, 10, 11)),
        ["3 days after that (2026-10-12 to 2026-10-14) will count as days on which nobody wrote"],
    ),
    "a file that begins late": (
        {},
        odd_chat(date(2026, 10, 1), date(2026, 10, 14)),
        [
            "21 days before that (2026-09-10 to 2026-09-30) will count",
            "Of 4 people who write in it, 0 can be read by the notices up to 2026-09-01",
            "The others first show after the last notice.",
        ],
    ),
    "a consent from today": (
        {"valid_from": date(2026, 10, 15)},
        GOOD,
        [
            "The next run reads no day of it.",
            "Days outside the consent (2026-10-15 to 2026-12-31) are never read.",
        ],
    ),
    "members who opt in": (
        {"member_basis": MemberBasis.OPT_IN},
        GOOD + f"14/10/2026, 20:15 - {PERSON}a: {OPT_IN_SENTENCE}\n".encode(),
        ["Of 4 people who write in it, 1 opted in by the sentence in the chat."],
    ),
    "advanced chat privacy": (
        {},
        GOOD + f"12/10/2026, 20:15 - {PERSON}a turned on advanced chat privacy\n".encode(),
        ["CHAT_PRIVACY_ON, from 2026-10-12", "The next run reads 32 days of it"],
    ),
    "members told again": (
        {},
        odd_chat(date(2026, 10, 10), date(2026, 10, 14))
        + odd_chat(date(2026, 10, 13), date(2026, 10, 14), people=("e",)),
        [
            "Of 5 people who write in it, 4 can be read by the notices up to 2026-10-12",
            "4 of those who can be read are cooling off: nothing of theirs before 2026-10-19",
        ],
    ),
}


def test_it_says_what_is_special(door: Door, terms: Callable[..., Any]) -> None:
    session = door.session
    for what, (changes, content, expected) in SAYS.items():
        group = session.register.grant(terms(**(TOLD | changes)), session.clock.now())
        if what == "members told again":
            session.register.notice(group, date(2026, 10, 12), "v2", b"text", session.clock.now())
        status, said = door.add(group, content)
        assert status == 0, said
        for words in expected:
            assert words in said, what


def test_the_next_run_reads_the_days_that_were_named(
    house: Any, chat: Callable[..., bytes]
) -> None:
    ref = house.grant(valid_from=date(2026, 10, 6))
    session, clock = house.session, house.clock
    path = session.home.root.with_name("chat.txt")

    def delivered(content: bytes) -> tuple[Any, Any]:
        clock.moment += timedelta(minutes=1)
        path.write_bytes(content)
        found = deliver(session, ref, path)
        return found.sealed.digest, next_reading(session, session.register.consent(ref), found)

    def read_from(digest: str) -> list[date]:
        stored = session.ways_out.vectors.find(LONDON, days_between(date(2026, 9, 1), DAY_BEFORE))
        return [one.day for one in stored if one.export_digest == digest]

    first, named = delivered(chat(date(2026, 10, 8), date(2026, 10, 11)))
    assert list(named.days) == days_between(date(2026, 10, 6), DAY_BEFORE)
    assert house.run("collect", date(2026, 10, 6), date(2026, 10, 10)) is None
    assert read_from(first) == [day for day in named.days if day <= date(2026, 10, 10)]
    second, named = delivered(chat(date(2026, 10, 9), DAY_BEFORE, seed=1))
    assert list(named.days) == days_between(date(2026, 10, 11), DAY_BEFORE)
    assert list(named.settled) == days_between(date(2026, 10, 6), date(2026, 10, 10))
    third, after = delivered(chat(date(2026, 10, 9), date(2026, 10, 12)))
    # Which of two files supplies a day is known once both have been read.
    assert (list(after.days), after.waiting) == (list(named.days), 1)
    assert house.run("collect", date(2026, 10, 6), DAY_BEFORE) is None
    assert (read_from(second), read_from(third)) == (list(named.days), [])
