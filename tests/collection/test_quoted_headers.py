"""A header of the file's own form inside a message: kept inside, or told to be in doubt."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from assets.restricted.collection import Export, read_export

NOW = datetime(2026, 11, 22, tzinfo=ZoneInfo("Europe/London"))
DAYS = "".join(
    f"{day:02}/03/2024, {hour:02}:05 - {name}: note {day} of the {hour} o'clock round\n"
    for day in range(10, 20)
    for hour, name in ((9, "Ola"), (12, "Ben"), (15, "Zoe"), (18, "Cy"))
)
HOST = "20/03/2024, 10:00 - Zoe: look\n"
AFTER = "20/03/2024, 10:05 - Ola: ok\n"
COPY = "15/03/2024, 12:05 - Ben: note 15 of the 12 o'clock round\n"


def read(chat: str) -> Export:
    return read_export(io.BytesIO(chat.encode()), "greater_london", now=NOW)


@pytest.mark.parametrize(
    "quoted",
    [
        COPY,
        COPY + "what shall we do\n",
        "".join(DAYS.splitlines(keepends=True)[8:20]),
        "15/01/2024, 10:00 - Kim: call me\n",
        "15/01/2031, 10:00 - Ben: call me\n",
    ],
    ids=["copy", "copy and words", "many copies", "stranger", "future"],
)
def test_stays_inside(quoted: str) -> None:
    export = read(DAYS + HOST + quoted + AFTER)
    messages = list(export.messages)
    assert messages[-2].text == "look\n" + quoted.rstrip("\n")
    assert [message.author for message in messages[-3:]] == ["Cy", "Zoe", "Ola"]
    assert (export.report.entries, export.report.doubtful) == (42, 0)
    assert export.report.unsure_reasons == ()
    assert export.report.refused_lines[0] == 42


def test_copy_as_the_last_line() -> None:
    export = read(DAYS + HOST + COPY)
    assert [message.author for message in export.messages][-2:] == ["Cy", "Zoe"]


def test_copy_in_a_file_of_many_blocks() -> None:
    filler = "".join(
        f"{1 + day % 28:02}/{1 + day // 28:02}/2023, 09:{minute:02} - Ola: {'word ' * 20}{day}\n"
        for day in range(28 * 12)
        for minute in range(8)
    )
    middle = filler.splitlines(keepends=True)
    export = read(
        "".join([*middle[:2000], middle[700], *middle[2000:]]) + DAYS + HOST + COPY + AFTER
    )
    assert export.report.refused_lines == (2001, 28 * 12 * 8 + 1 + 42)
    assert export.report.entries == 28 * 12 * 8 + 42


@pytest.mark.parametrize(
    "quoted",
    [
        "15/03/2024, 11:00 - Ben: call me\n",
        "25/03/2024, 11:00 - Ben: early\n26/03/2024, 11:00 - Cy: late\n",
        "15/03/2024, 11:00 - Kim: call me\n",
    ],
)
def test_in_doubt(quoted: str) -> None:
    export = read(DAYS + HOST + quoted + AFTER)
    lines = tuple(range(42, 42 + quoted.count("\n")))
    assert (export.report.doubtful_lines, export.report.doubtful) == (lines, len(lines))
    assert export.report.entries == 42 + len(lines)
    assert [m.doubtful for m in export.messages][-3:] == [len(lines) > 1, True, False]
    assert {m.kind for m in export.messages} == {"speech"}


@pytest.mark.parametrize(
    ("chat", "entries"),
    [
        (DAYS + HOST + "20/03/2024, 09:58 - Ben: swapped\n" + AFTER, 43),
        (DAYS + HOST + "20/03/2024, 07:10 - Ben: out of signal\n" + AFTER, 43),
        (DAYS + DAYS, 80),
        (DAYS + "".join(DAYS.splitlines(keepends=True)[20:]) + AFTER, 61),
        (DAYS + "".join(f"{day:02}/01/2024, 10:05 - Ola: old\n" for day in range(1, 30)), 69),
        (DAYS.replace("note", "ok"), 40),
        (HOST + HOST + HOST, 3),
    ],
    ids=["minutes", "hours", "twice", "overlap", "older after newer", "in order", "same minute"],
)
def test_out_of_order_is_not_a_quotation(chat: str, entries: int) -> None:
    report = read(chat).report
    assert (report.entries, report.doubtful, report.refused) == (entries, 0, 0)


def test_last_line_out_of_order_counts_and_is_in_doubt() -> None:
    report = read(DAYS + "14/07/2020, 22:05 - Cy: bye now\n").report
    assert (report.entries, report.doubtful_lines, report.unsure_reasons) == (41, (41,), ())


def test_a_file_without_order_is_unsure() -> None:
    shuffled = [
        f"{1 + 7 * number % 28:02}/0{1 + number % 7}/2024, 10:00 - N{number % 5}: words {number}\n"
        for number in range(40)
    ]
    report = read("".join(shuffled)).report
    assert report.entries == 40
    assert (report.refused, report.unsure_reasons) == (0, ("out_of_order",))


def test_many_refused_headers_are_said() -> None:
    report = read(
        DAYS + "".join(f"2024-03-20 10:0{n} - Ben: hi\n" for n in range(4)) + AFTER
    ).report
    assert report.unsure_reasons == ("refused_headers",)
    assert report.refused_lines == (41, 42, 43, 44)
    few = read(DAYS + "2024-03-20 10:00 - Ben: hi\n" + AFTER).report
    assert (few.unsure_reasons, few.refused) == ((), 1)


def test_dated_lines_before_the_first_entry_are_said() -> None:
    early = "".join(f"0{n}/03/2024, 2:05 zzz - Ben: hi\n" for n in range(1, 4))
    report = read(early + DAYS).report
    assert (report.refused_lines, report.unsure_reasons) == ((1, 2, 3), ("refused_headers",))


def test_lines_dated_in_no_known_form_are_counted() -> None:
    report = read(DAYS + "20/03/2024 <> 10.00 uhr ~ Ben: hi\n" + AFTER).report
    assert (report.refused_lines, report.entries) == ((41,), 41)
