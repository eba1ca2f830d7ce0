"""An export read on from a bookmark gives what it gives when it is read whole."""

import io
import json
import random
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from bookmark_shelves import NoShelf, Shelf, leave_mark
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets.core.errors import ExportError
from assets.restricted.collection.bookmarks.beginning import Stretch, beginning_of
from assets.restricted.collection.bookmarks.kept import Bookmarks
from assets.restricted.collection.bookmarks.places import KNOWN_BEGINNING, places_of
from assets.restricted.collection.export import Export
from assets.restricted.collection.read import read_export
from assets.restricted.collection.structured import read_on
from assets.restricted.collection.whatsapp.plan import closed_words

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
LAST = date(2026, 11, 28)
REGION = "greater_london"
NAMES = ("Ola Reed", "Ben", "+44 7700 900123", "~ Zoë Ünal", "Team: Night", "علی رضا", "Cy")
WORDS = ("shift", "cover", "rota", "late", "tired", "bus", "tea", "nights", "Zoë", "👩‍👧")
LRM = "\u200e"
FORMS = {
    "android": "{:%d/%m/%Y, %H:%M} - ",
    "american": "{d.month}/{d.day}/{d:%y}, {d:%I:%M %p} - ",
    "ios": "[{:%d/%m/%Y, %H:%M:%S}] ",
    "web": "[{d.month}/{d.day}/{d:%y}, {hour}:{d:%M:%S %p}] ",
}
BODIES = (
    "<Media omitted>",
    "This message was deleted",
    "you there? <This message was edited>",
    "look @\u2068Ola Reed\u2069 and @Ben",
    "two\nlines\nhere",
    "null",
    f"{LRM}image omitted",
    f"{LRM}unbekannte Zeile",
    "Location: https://maps.google.com/?q=51.5,-0.12",
    "POLL:\nWhen?\nOPTION: now (2 votes)",
    "the very same words that everybody here has got by heart",
)
NOTICES = (
    "Ola Reed added Ben",
    "Ben left",
    '\u202a+44 7700 900123\u202c changed the subject from "Rota" to "Rota: late"',
    "Cy turned on advanced chat privacy",
    "Kaikki viestit näkyvät täällä aina",
    "علی رضا left",
)


def header(form: str, at: datetime) -> str:
    pattern = FORMS[form]
    return pattern.format(at, d=at, hour=at.hour % 12 or 12)


def chat(
    form: str, seed: int, messages: int, *, late: float = 0.0, quoted: float = 0.0005
) -> list[str]:
    """Lines of a chat that ends on `LAST`, each a whole entry."""
    chance = random.Random(seed)
    end = "\r\n" if form == "ios" else "\n"
    at = datetime(LAST.year, LAST.month, LAST.day, 9, 30) - timedelta(minutes=40 * messages)
    names = NAMES[: chance.randrange(2, len(NAMES) + 1)]
    lines = []
    if form in ("ios", "web"):
        lines.append(
            f"{header(form, at)}Night team: {LRM}Messages and calls are end-to-end encrypted. Only"
            f" people in this chat can read, listen to, or share them.{end}"
        )
    for _ in range(messages):
        at += timedelta(minutes=40)
        shown = at - timedelta(hours=chance.randrange(1, 40)) if chance.random() < late else at
        kind = chance.random()
        sender = chance.choice(names)
        body = " ".join(chance.choices(WORDS, k=chance.randrange(3, 40)))
        if kind < 0.05:
            body = chance.choice(BODIES)
        elif kind < 0.05 + quoted:
            body = f"as you said:\n{header(form, at - timedelta(days=90))}{sender}: call me"
        lead = f"{sender}: {body}"
        if 0.06 < kind < 0.064:
            lead = chance.choice(NOTICES)
        lines.append(f"{header(form, shown)}{lead}{end}")
    return lines


def again(lines: Sequence[str], change: str, seed: int) -> list[str]:
    """The next day's export of the chat."""
    chance = random.Random(seed)
    old = list(lines)
    place = chance.randrange(3, len(old) - 3)
    if change == "edited":
        old[place] = old[place].rstrip("\r\n") + " indeed" + old[place][-1:]
    elif change == "deleted":
        del old[place]
    elif change == "cut":
        old = old[place // 4 :]
    elif change == "late":
        old.insert(place, old[place // 2])
    return old


@pytest.fixture(autouse=True, scope="module")
def _shape_learned_from_little() -> Iterator[None]:
    # So that shorter chats have places to go on from.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("assets.restricted.collection.whatsapp.plan.SAMPLE_CHARACTERS", 1 << 16)
        yield


def read(content: bytes, bookmarks: Bookmarks | None) -> Export | str:
    try:
        return read_export(io.BytesIO(content), REGION, now=NOW, bookmarks=bookmarks)
    except ExportError as error:
        return error.code


def require_same(content: bytes, bookmarks: Bookmarks) -> bool:
    """Whether it was read on from a bookmark; the same comes of it as of reading it whole."""
    marked, whole = read(content, bookmarks), read(content, None)
    if isinstance(marked, str) or isinstance(whole, str):
        assert marked == whole
        return False
    assert marked.report == whole.report
    assert marked.roster == whole.roster
    given_before = marked.before.given if marked.before else 0
    messages = list(whole.messages)
    assert list(marked.messages) == messages[given_before:]
    if marked.before:
        days = [one.sent_at.date() for one in messages[:given_before]]
        assert max(days) <= marked.before.latest
    return marked.before is not None


@pytest.mark.parametrize(("form", "packed"), [*((form, False) for form in FORMS), ("ios", True)])
def test_the_next_days_export_is_read_on_from_the_bookmark(form: str, *, packed: bool) -> None:
    bookmarks = Bookmarks(b"k" * 32, ("terms",), Shelf())
    lines = chat(form, 5, 2_600)
    for day in range(3):
        content = "".join(lines[: 2_500 + 36 * day]).encode()
        if packed:
            archive = io.BytesIO()
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as held:
                held.writestr("_chat.txt", content)
            content = archive.getvalue()
        assert require_same(content, bookmarks) == (day > 0)
        export = read(content, bookmarks)
        assert not isinstance(export, str)
        left = leave_mark(export, bookmarks, LAST - timedelta(days=9 - day))
        assert left or day > 0


@given(
    form=st.sampled_from(list(FORMS)),
    seed=st.integers(0, 10**6),
    more=st.integers(0, 800),
    change=st.sampled_from(["none", "none", "edited", "deleted", "cut", "late"]),
    late=st.sampled_from([0.0, 0.0, 0.001, 0.01]),
)
@settings(max_examples=1)
@example(form="ios", seed=3, more=40, change="none", late=0.001)
@example(form="android", seed=4, more=0, change="edited", late=0.0)
@example(form="american", seed=5, more=700, change="deleted", late=0.0)
@example(form="web", seed=6, more=40, change="cut", late=0.0)
@example(form="ios", seed=7, more=40, change="late", late=0.01)
def test_whatever_happens_to_a_chat(
    form: str, seed: int, more: int, change: str, late: float
) -> None:
    bookmarks = Bookmarks(b"k" * 32, ("terms",), Shelf())
    lines = chat(form, seed, 2_800, late=late)
    first = read("".join(lines[:2_000]).encode(), bookmarks)
    if not isinstance(first, str):
        leave_mark(first, bookmarks, LAST)
    later = again(lines[: 2_000 + more], change, seed)
    require_same("".join(later).encode(), bookmarks)
    second = read("".join(later).encode(), bookmarks)
    if not isinstance(second, str):
        leave_mark(second, bookmarks, LAST + timedelta(days=1))
    further = later + lines[2_000 + more :]
    require_same("".join(further).encode(), bookmarks)
    # And by another client.
    require_same("".join(chat("android", seed, 2_000)).encode(), bookmarks)


@pytest.mark.parametrize(("form", "late"), [*((form, 0.001) for form in FORMS), ("ios", 0.0)])
def test_a_bookmark_moves_on_with_each_reading(form: str, late: float) -> None:
    bookmarks = Bookmarks(b"k" * 32, ("terms",), Shelf())
    lines = chat(form, 5, 5_600, late=late, quoted=0.0)
    places = []
    for entries in (2_600, 3_600, 4_600, 5_600):
        content = "".join(lines[:entries]).encode()
        assert require_same(content, bookmarks) == bool(places)
        export = read(content, bookmarks)
        assert not isinstance(export, str)
        assert export.stands is not None
        assert leave_mark(export, bookmarks, LAST + timedelta(days=1))
        places.append(export.stands.at[-1].read)
    assert places == sorted(set(places))


def test_after_a_date_without_its_year_nothing_is_read_on() -> None:
    bookmarks = Bookmarks(b"k" * 32, ("terms",), Shelf())
    lines = chat("android", 5, 2_600)
    # Which year it is taken for depends on when it is read.
    lines[600] = lines[600].replace("/2026, ", "/0000, ", 1)
    export = read("".join(lines).encode(), bookmarks)
    assert not isinstance(export, str)
    assert export.stands is not None
    assert export.stands.at == []


def test_what_only_looks_like_a_date_is_kept_as_a_place() -> None:
    shelf = Shelf()
    bookmarks = Bookmarks(b"k" * 32, ("terms",), shelf)
    lines = chat("android", 5, 2_600)
    lines[600] = f"41/13/2026{lines[600][lines[600].index(',') :]}"
    content = "".join(lines).encode()
    export = read(content, bookmarks)
    assert not isinstance(export, str)
    assert leave_mark(export, bookmarks, LAST)
    (kept,) = shelf.kept.values()
    assert b"41/13/2026" not in kept
    assert require_same(content, bookmarks)


def test_another_code_other_terms_and_another_key_find_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf = Shelf()
    bookmarks = Bookmarks(b"k" * 32, ("terms",), shelf)
    content = "".join(chat("android", 5, 2_600)).encode()
    export = read(content, bookmarks)
    assert not isinstance(export, str)
    assert leave_mark(export, bookmarks, LAST)
    assert require_same(content, bookmarks)
    assert not require_same(content, bookmarks.under("others"))
    assert not require_same(content, Bookmarks(b"l" * 32, ("terms",), shelf))
    for changed in (b"\0" + bytes(40), b"", next(iter(shelf.kept.values()))[:-1] + b"\1"):
        forged = Shelf(dict.fromkeys(shelf.kept, changed))
        assert not require_same(content, Bookmarks(b"k" * 32, ("terms",), forged))
    monkeypatch.setattr(
        "assets.restricted.collection.bookmarks.kept._code", lambda: b"another version"
    )
    assert not require_same(content, bookmarks)


@pytest.mark.parametrize("shift", [1, 2, 3])
def test_another_chat_that_begins_alike_is_read_whole(shift: int) -> None:
    bookmarks = Bookmarks(b"k" * 32, ("terms",), Shelf())
    lines = chat("android", 5, 2_600)
    export = read("".join(lines).encode(), bookmarks)
    assert not isinstance(export, str)
    assert leave_mark(export, bookmarks, LAST)
    # Each place in it lies within another letter.
    lines[700] = lines[700][:-1] + "\n" + "é👩‍👧" * 900 + "x" * shift + "\n"
    assert not require_same("".join(lines).encode(), bookmarks)
    other = "".join(lines[:701]) + "é" * 400_000 + "\n"
    assert not require_same(other.encode(), bookmarks)


def test_what_another_version_kept_is_not_read() -> None:
    shelf = Shelf()
    bookmarks = Bookmarks(b"k" * 32, ("terms",), shelf)
    content = "".join(chat("android", 5, 2_600)).encode()
    export = read(content, bookmarks)
    assert not isinstance(export, str)
    assert leave_mark(export, bookmarks, LAST)
    other = b"\x93\x01\x02\x03"
    shelf.kept = dict.fromkeys(shelf.kept, bookmarks._proof(other) + other)
    assert not require_same(content, bookmarks)


LIKE_WHATSAPPS_OWN = (
    "gone home <Zephyrine Quastorp>",
    "Grumblewort: https://maps.google.com/?q=51.5,-0.12",
    "QUIBBLEFORD:\nWhich ward?\nSNOZZLE: Larchmere (2 votes)",
)
"""What people type in the form of an edited message, a place and a poll in no listed wording."""


@pytest.mark.parametrize("typed", [(), LIKE_WHATSAPPS_OWN], ids=["marked", "unmarked"])
def test_a_bookmark_holds_no_word_of_the_chat(typed: tuple[str, ...]) -> None:
    shelf = Shelf()
    bookmarks = Bookmarks(b"k" * 32, ("terms",), shelf)
    lines = chat("ios", 5, 2_600, late=0.002)
    if typed:
        lines = [line.replace(LRM, "") for line in lines]
        for place, body in enumerate(typed * 4, start=900):
            head = lines[place].partition("] ")[0]
            lines[place] = f"{head}] Ben: {body}\r\n"
    export = read("".join(lines).encode(), bookmarks)
    assert not isinstance(export, str)
    assert leave_mark(export, bookmarks, LAST)
    (kept,) = shelf.kept.values()
    words = {word for line in lines for word in line.replace(",", " ").split() if len(word) > 3}
    ours = " ".join(closed_words())
    shown = [word for word in words if word.encode() in kept and word not in ours]
    assert shown == []
    assert len(export.roster) > 3


def test_a_shelf_that_does_not_answer_stops_nothing() -> None:
    bookmarks = Bookmarks(b"k" * 32, ("terms",), NoShelf())
    content = "".join(chat("android", 5, 2_600)).encode()
    assert not require_same(content, bookmarks)
    export = read(content, bookmarks)
    assert not isinstance(export, str)
    assert export.stands is not None
    assert leave_mark(export, bookmarks, LAST)
    bookmarks.renew(export.stands)


def test_a_chat_with_a_name_that_stands_nowhere_whole_leaves_no_bookmark() -> None:
    shelf = Shelf()
    bookmarks = Bookmarks(b"k" * 32, ("terms",), shelf)
    lines = chat("android", 5, 2_600)
    # The roster has it without the mark inside, and so it is nowhere in the file.
    lines[9] = f"{lines[9].partition(' - ')[0]} - علی\u200cرضا left\n"
    content = "".join(lines).encode()
    export = read(content, bookmarks)
    assert not isinstance(export, str)
    leave_mark(export, bookmarks, LAST)
    assert shelf.kept == {}
    assert not require_same(content, bookmarks)


def test_words_are_placed_whole_or_not_at_all() -> None:
    beginning = b"Ola calls Ben here. ".ljust(KNOWN_BEGINNING, b".")
    fields = '{"from_id": "user12345", "to": "Ola \\"Zoë\\" Reed", "a": "Xu"}'
    held = beginning + fields.encode()
    strings = ["telegram 12345", 'Ola "Zoë" Reed', "Reed  Ola", "Xu", "Ben"]
    places = places_of(strings, lambda: io.BytesIO(held), len(held))
    assert places is not None
    words = [one for own in places for one in own if not isinstance(one, str)]
    texts = [held[at : at + size].decode() for at, size in words]
    assert texts == ["12345", "Ola", "Zoë", "Reed", "Reed", "Ola", "Xu", "Ben"]
    # Where others may guess what stands there, a place would tell it.
    assert [at >= KNOWN_BEGINNING for at, _ in words] == [True] * 7 + [False]
    ours = {one for own in places for one in own if isinstance(one, str)}
    assert ours == {"telegram", " ", ' "', '" ', "  "}
    again = beginning_of(io.BytesIO(held), Stretch(0, len(held), 0), b"k" * 32, places)
    assert again is not None
    assert again.strings == strings
    # All its letters are there.
    assert places_of(["Bela"], lambda: io.BytesIO(held), len(held)) is None
    assert places_of(["Ola Bela"], lambda: io.BytesIO(held), len(held)) is None


def telegram(seed: int, messages: int, *, account: bool, change: str = "none") -> bytes:
    """Telegram Desktop's export of a chat that ends on `LAST`."""
    chance = random.Random(seed)
    first = datetime(LAST.year, LAST.month, LAST.day, 9, 30, tzinfo=UTC)
    first -= timedelta(minutes=20 * 2_000)
    held = []
    for number in range(messages):
        at = first + timedelta(minutes=20 * number)
        who = chance.randrange(5)
        text = " ".join(chance.choices(WORDS, k=chance.randrange(3, 40)))
        common = {"id": number, "date_unixtime": str(int(at.timestamp()))}
        if chance.random() < 0.02:
            notice = {"type": "service", "action": "invite_members", "members": [NAMES[who]]}
            held.append({**common, **notice, "actor": NAMES[0], "actor_id": "user1"})
            continue
        said = {"type": "message", "from": NAMES[who], "from_id": f"user{who}"}
        held.append({**common, **said, "text": text if chance.random() < 0.9 else [text, "!"]})
    place = chance.randrange(messages // 2)
    if change == "edited":
        held[place]["edited_unixtime"] = "1790000000"
    elif change == "deleted":
        del held[place]
    elif change == "repeated":
        held.append(held[place])
    elif change == "older":
        held.append({**held[place], "id": place, "date_unixtime": "1700000000"})
    whole = {"name": 'Night "team"', "type": "private_supergroup", "id": 12345, "messages": held}
    if account:
        other = {"name": "Mum", "type": "personal_chat", "id": 6, "messages": held[:3]}
        whole = {"about": "", "chats": {"about": "", "list": [other, whole, other]}}
    return json.dumps(whole, indent=1, ensure_ascii=False).encode()


@given(
    seed=st.integers(0, 10**6),
    more=st.integers(0, 400),
    account=st.booleans(),
    change=st.sampled_from(["none", "none", "edited", "deleted", "repeated", "older"]),
)
@settings(max_examples=1)
@example(seed=1, more=5, account=False, change="none")
@example(seed=1, more=0, account=True, change="none")
@example(seed=1, more=5, account=False, change="repeated")
@example(seed=2, more=5, account=True, change="edited")
@example(seed=3, more=300, account=False, change="deleted")
@example(seed=4, more=5, account=True, change="older")
def test_a_telegram_chat(seed: int, more: int, change: str, *, account: bool) -> None:
    shelf = Shelf()
    bookmarks = Bookmarks(b"k" * 32, ("terms",), shelf)

    def opened(content: bytes, own: Bookmarks | None) -> Export:
        chosen = "12345".__eq__
        source = io.BytesIO(content)
        return read_export(source, REGION, now=NOW, is_the_chat=chosen, bookmarks=own)

    first = opened(telegram(seed, 1_600, account=account), bookmarks)
    assert leave_mark(first, bookmarks, LAST)
    content = telegram(seed, 1_600 + more, account=account, change=change)
    marked, whole = opened(content, bookmarks), opened(content, None)
    assert marked.report == whole.report
    assert marked.roster == whole.roster
    given_before = marked.before.given if marked.before else 0
    messages = list(whole.messages)
    assert list(marked.messages) == messages[given_before:]
    assert (marked.before is not None) == (change == "none")
    kept = b"".join(shelf.kept.values())
    assert not any(name.encode() in kept for name in NAMES if len(name) > 3)


def test_a_telegram_chat_after_much_else_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    bookmarks = Bookmarks(b"k" * 32, ("terms",), Shelf())
    content = telegram(1, 1_600, account=True)

    def opened() -> Export:
        chosen, source = "12345".__eq__, io.BytesIO(content)
        return read_export(source, REGION, now=NOW, is_the_chat=chosen, bookmarks=bookmarks)

    assert leave_mark(opened(), bookmarks, LAST)
    assert opened().before is not None
    monkeypatch.setattr(read_on, "LONGEST_BEGINNING", 100)
    assert opened().before is None
