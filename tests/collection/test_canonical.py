"""The canonical export: what is pulled or trimmed, with the span that it covers."""

import io
import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structured_exports import kinds, read, zipped

from assets.core.canonical_export import Header, Record, line_of
from assets.core.errors import ExportError
from assets.core.platforms import PLATFORMS
from assets.restricted.collection.structured.joined_canonical import joined_canonical
from resources.stores.inbox.coverage import Candidate, covers, is_spent, supplier

FROM, UNTIL = "2026-10-01T00:00:00Z", "2026-10-03T00:00:00+00:00"

EAST = timezone(timedelta(hours=14))


def header(**more: Any) -> bytes:
    told = {"platform": "teams", "covers_from": FROM, "covers_until": UNTIL, **more}
    return line_of(Header(canonical_export=1, **told))


def record(number: int, text: str = "hello", **more: Any) -> bytes:
    told = {
        "id": f"m{number}",
        "at": f"2026-10-01T09:{number:02d}:00.123Z",
        "sender": "u1",
        "name": "Ola Berg",
        "text": text,
        **more,
    }
    return line_of(Record(**told))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_of_each_platform(platform: str) -> None:
    export = read(header(platform=platform) + record(1))
    assert kinds(export) == [("Ola Berg", "speech", "hello")]
    report = export.report
    assert (report.platform, report.form) == (platform, "canonical")
    assert report.covered_from == datetime(2026, 10, 1, tzinfo=UTC)
    assert report.covered_until == datetime(2026, 10, 3, tzinfo=UTC)
    assert report.first.isoformat() == "2026-10-01T10:01:00+01:00"


def test_kinds() -> None:
    export = read(
        header()
        + record(1, "typed", kind="speech")
        + record(2, "changed", kind="edited")
        + record(3, "gone", kind="deleted")
        + record(4, "a picture", kind="media")
        + record(5, "who?", kind="poll")
        + record(6, kind="call")
        + record(7, "joined", kind="system")
        + record(8, "under it", caption=True)
        + record(9, "beep", bot=True)
        + record(10, "")
    )
    assert kinds(export) == [
        ("Ola Berg", "speech", "typed"),
        ("Ola Berg", "edited", "changed"),
        ("Ola Berg", "deleted", ""),
        ("Ola Berg", "media", ""),
        ("Ola Berg", "media", ""),
        ("Ola Berg", "media", ""),
        ("Ola Berg", "speech", "under it"),
        ("Ola Berg", "media", ""),
    ]
    report = export.report
    assert (report.counts["system"], report.not_people) == (2, 1)
    assert {name: many for name, many in report.details.items() if many} == {
        "captions": 1, "polls": 1, "calls": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("plain", "plain"),
        ("<p>so <b>tired</b> &amp; cold</p><p>again</p>", "so tired & cold\nagain"),
        ('<div>ask <at id="0">Ben Ito</at> now</div>', "ask @\u2068Ben Ito\u2069 now"),
        ("<blockquote>Cy: I hate it</blockquote><p>me too</p>", "me too"),
        ("<div><blockquote><p>a <b>b</b></p></blockquote>c<br/>d</div>", "c\nd"),
        ('<p>ok <emoji alt="🙂" title="Smile"></emoji></p>', "ok 🙂"),
        ('<p>see <img alt="a face of Ben" src="x"></p>', "see"),
        ('<p>file</p><attachment id="5"></attachment>', "file"),
        ("<style>p {}</style>x", "x"),
        ("a &lt;b&gt; c", "a <b> c"),
        ("3 < 4 &amp; 5", "3 < 4 & 5"),
        ("<![of no kind[ x ]]> a", ""),
    ],
)
def test_html(body: str, text: str) -> None:
    (found,) = read(header() + record(1, body, html=True)).messages
    assert found.text == text


def test_a_message_counts_once_and_a_deletion_stands() -> None:
    held = [record(1, "first"), record(1, "second"), record(2), record(2, kind="deleted")]
    for lines in (held, held[:2] + held[:1:-1]):
        export = read(header() + b"".join(lines) + record(3))
        assert kinds(export) == [
            ("Ola Berg", "speech", "second"),
            ("Ola Berg", "deleted", ""),
            ("Ola Berg", "speech", "hello"),
        ]
        assert (export.report.repeated, export.report.entries) == (2, 3)


def test_what_a_later_pull_takes_back_is_not_read() -> None:
    first = header() + record(1, "sorry") + record(2, "stays") + record(3, "was")
    later = (
        header(covers_from=UNTIL, covers_until="2026-10-04T00:00:00Z")
        + record(1, kind="deleted")
        + record(3, "is", kind="edited")
        + record(9, at="2026-10-03T09:00:00Z")
    )
    taken_back = read(later).superseded
    assert kinds(read(first, superseded=taken_back)) == [
        ("Ola Berg", "deleted", ""),
        ("Ola Berg", "speech", "stays"),
        ("Ola Berg", "deleted", ""),
    ]
    assert read(later).report.deletions == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (header(platform="pigeon") + record(1), "EXPORT_OF_ANOTHER_PLATFORM"),
        (header(covers_until=FROM) + record(1), "EXPORT_SPAN_UNKNOWN"),
        (header(covers_from="2026-10-01T00:00:00") + record(1), "EXPORT_SPAN_UNKNOWN"),
        (header(covers_from="0001-01-01T00:00:00+00:00") + record(1), "EXPORT_SPAN_UNKNOWN"),
        (header(covers_from="0001-01-01T00:00:00+14:00") + record(1), "EXPORT_SPAN_UNKNOWN"),
        (header(covers_from="1999-12-31T23:59:59Z") + record(1), "EXPORT_SPAN_UNKNOWN"),
        (header(covers_until="9999-12-31T23:59:59-14:00") + record(1), "EXPORT_SPAN_UNKNOWN"),
        (header(covers_until="2027-01-01T00:00:00Z") + record(1), "EXPORT_SPAN_UNKNOWN"),
        (header() + record(1, at="2026-09-30T23:59:59Z"), "EXPORT_SPAN_UNKNOWN"),
        (header() + record(1, at=UNTIL), "EXPORT_SPAN_UNKNOWN"),
        (header() + record(1, at="yesterday"), "EXPORT_STRUCTURE_UNKNOWN"),
        (header() + b'{"at": "2026-10-01T09:00:00Z", "mood": 1}\n', "EXPORT_STRUCTURE_UNKNOWN"),
        (header() + record(1)[:-9], "EXPORT_JSON_DAMAGED"),
        (header().replace(b":1,", b":2,") + record(1), "EXPORT_STRUCTURE_UNKNOWN"),
        (header() + record(1) + header(), "EXPORT_STRUCTURE_UNKNOWN"),
        (
            zipped({"a.jsonl": header() + record(1), "b.jsonl": header()}),
            "EXPORT_ZIP_SEVERAL_CHATS",
        ),
    ],
    ids=range(16),
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(ExportError) as caught:
        read(data)
    assert caught.value.code == code


def test_unknown_kinds_are_left_out_and_told() -> None:
    held = b"".join(record(number) for number in range(40))
    report = read(header() + held + record(41, kind="hologram")).report
    assert (report.left_out, report.counts["system"], report.unsure_reasons) == (1, 1, ())
    many = b"".join(record(number, kind="hologram") for number in range(50, 55))
    assert read(header() + held + many).report.unsure_reasons == ("unknown_types",)


def test_of_another_chat_or_platform() -> None:
    data = header(chat_id="19:abc", chat_title="Night team") + record(1)
    assert kinds(read(data, is_the_chat="19:abc".__eq__, platform="teams"))
    for asked, code in (
        ({"is_the_chat": "Day team".__eq__}, "EXPORT_OF_ANOTHER_CHAT"),
        ({"platform": "slack"}, "EXPORT_OTHER_PLATFORM"),
    ):
        with pytest.raises(ExportError) as caught:
            read(data, **asked)
        assert caught.value.code == code


_START = datetime(2026, 10, 1, tzinfo=UTC)
_moments = st.integers(0, 60 * 24 * 2 - 1).map(lambda n: _START + timedelta(minutes=n))


@given(
    st.lists(
        st.tuples(_moments, st.sampled_from(["u1", "u2"]), st.text(min_size=1, max_size=30)),
        min_size=1,
        max_size=15,
    )
)
@settings(max_examples=150)
def test_what_is_written_is_read(written: list[tuple[datetime, str, str]]) -> None:
    written = [(at, who, text.encode("utf-8", "replace").decode()) for at, who, text in written]
    data = header() + b"".join(
        record(number, text, at=at.isoformat(), sender=who, name=who)
        for number, (at, who, text) in enumerate(written)
    )
    export = read(data)
    assert [(one.sent_at, one.author, one.text) for one in export.messages] == written
    assert kinds(export)


MIDDLE = "2026-10-02T00:00:00Z"


@pytest.mark.parametrize("before", [b"", b"\n \r\n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("cut", [0, 1])
def test_parts_are_read_as_one(before: bytes, cut: int) -> None:
    parts = [
        before + header(covers_until=MIDDLE) + record(1, "one"),
        before + header(covers_from=MIDDLE) + record(2, "two", at="2026-10-02T09:00:00Z"),
    ]
    held = [io.BytesIO(one[: len(one) - cut]) for one in reversed(parts)]
    export = read(joined_canonical(held).read())
    assert sorted(text for _, _, text in kinds(export)) == ["one", "two"]
    report = export.report
    assert report.covered_from == datetime(2026, 10, 1, tzinfo=UTC)
    assert report.covered_until == datetime(2026, 10, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (b"", "EXPORT_JSON_DAMAGED"),
        (b"\n\n", "EXPORT_JSON_DAMAGED"),
        (header()[:-9], "EXPORT_JSON_DAMAGED"),
        (record(1), "EXPORT_STRUCTURE_UNKNOWN"),
        (header(platform="slack"), "EXPORT_OF_ANOTHER_CHAT"),
        (header(chat_id="x"), "EXPORT_OF_ANOTHER_CHAT"),
    ],
)
def test_what_is_no_part_is_refused(part: bytes, code: str) -> None:
    with pytest.raises(ExportError) as caught:
        joined_canonical([io.BytesIO(header() + record(1)), io.BytesIO(part)])
    assert caught.value.code == code


def test_parts_are_joined_in_little_more_memory_than_they_take() -> None:
    body = record(1, "x" * 1000) * 4000
    tracemalloc.start()
    try:
        parts = [io.BytesIO() for _ in range(4)]
        for one in parts:
            one.write(header() + body)
            one.seek(0)
        joined = joined_canonical(parts)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert joined.seek(0, io.SEEK_END) > 4 * len(body)
    assert peak < 6 * len(body)


def pull(first: datetime, last: datetime, *, named: str = "d") -> Candidate:
    arrived = datetime(2026, 10, 20, tzinfo=UTC)
    return Candidate(named, arrived, first + timedelta(hours=1), first, (first, last))


def test_a_pull_supplies_only_days_that_it_holds_whole() -> None:
    """Days are London's: on 1 October one begins at 23:00 UTC of the day before."""
    start = datetime(2026, 9, 30, 23, tzinfo=UTC)
    one = pull(start, start + timedelta(days=2))
    assert [covers(one, date(2026, 10, day)) for day in (1, 2, 3)] == [True, True, False]
    assert not covers(one, date(2026, 9, 30))
    late = pull(start + timedelta(minutes=1), start + timedelta(days=2))
    assert [covers(late, date(2026, 10, day)) for day in (1, 2, 3)] == [False, True, False]


@given(st.permutations(range(4)))
def test_any_order_of_pulls_gives_the_same_supplier(order: list[int]) -> None:
    start = datetime(2026, 9, 30, 23, tzinfo=UTC)
    pulls = [
        pull(start + timedelta(days=n), start + timedelta(days=n + 2), named=f"d{n}")
        for n in range(4)
    ]
    for day in range(1, 5):
        chosen = supplier([pulls[n] for n in order], date(2026, 10, day))
        assert chosen is not None
        assert chosen.digest == f"d{min(day - 1, 3)}"


def test_a_pull_is_spent_when_its_own_days_have_settled() -> None:
    start = datetime(2026, 10, 4, 23, tzinfo=UTC)
    one = pull(start, start + timedelta(days=2))
    first, last = date(2026, 10, 1), date(2026, 10, 30)
    own = {date(2026, 10, 5), date(2026, 10, 6)}
    assert is_spent(one, first, last, own)
    assert not is_spent(one, first, last, {date(2026, 10, 5)})
    half = pull(start + timedelta(hours=3), start + timedelta(days=2))
    # With another it may yet supply the day of which it has a part.
    assert not is_spent(half, first, last, {date(2026, 10, 6)})
    assert is_spent(half, first, last, own)
    assert not is_spent(half, date(2026, 11, 1), last, own)
    # However far back it says that it reaches, only days of the consent are looked at.
    for begins in (datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=EAST)):
        old = pull(datetime(2026, 10, 4, tzinfo=UTC), datetime(2026, 10, 6, 23, tzinfo=UTC))
        old = replace(old, covered=(begins, old.covered[1]))
        assert is_spent(old, first, last, {first + timedelta(days=n) for n in range(6)})
        assert not is_spent(old, first, last, own)


def test_a_member_is_known_from_when_they_joined_and_others_by_name_alone() -> None:
    joined = record(1, id=None, at="2026-08-30T09:00:00Z", kind="member", text="")
    named = record(2, id=None, sender=None, name="Silent Sue", kind="member", text="")
    export = read(header() + joined + named + record(3, "typed"))
    assert kinds(export) == [("Ola Berg", "media", ""), ("Ola Berg", "speech", "typed")]
    first, second = export.messages
    assert first.person == second.person
    assert first.sent_at.date() == date(2026, 8, 30)
    assert {"Silent Sue", "Ola Berg"} <= export.roster
    assert (export.report.counts["system"], export.report.left_out) == (1, 0)
