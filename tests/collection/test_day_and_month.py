"""Which number is the day: by evidence in the file, then by region, else unsure."""

import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from assets.core.errors import ExportError
from assets.restricted.collection import read_export

NOW = datetime(2026, 11, 22, tzinfo=ZoneInfo("Europe/London"))


def _chat(*dates: str) -> io.BytesIO:
    return io.BytesIO("".join(f"{day}, 10:00 - Ola: hi\n" for day in dates).encode())


@pytest.mark.parametrize(
    ("dates", "region", "order", "decided_by", "first_day"),
    [
        (("2024/12/01",), None, "ymd", "year_first", date(2024, 12, 1)),
        (("04/03/2024", "15/03/2024"), None, "dmy", "over_12", date(2024, 3, 4)),
        (("04/03/2024", "04/15/2024"), None, "mdy", "over_12", date(2024, 4, 3)),
        (("04/03/2024", "04/15/2024"), "greater_london", "mdy", "over_12", date(2024, 4, 3)),
        (("10/03/2024", "11/03/2024", "01/04/2024"), None, "dmy", "monotone", date(2024, 3, 10)),
        (("03/10/2024", "03/11/2024", "04/01/2024"), None, "mdy", "monotone", date(2024, 3, 10)),
        (("03/10/2024", "04/01/2024"), "greater_london", "mdy", "monotone", date(2024, 3, 10)),
        (("03/04/2024", "04/04/2024"), "greater_london", "dmy", "region", date(2024, 4, 3)),
        (("03/04/2024", "04/04/2024"), None, "unsure", "none", date(2024, 4, 3)),
        (("24/03/15", "24/03/16", "45/01/01"), None, "ymd", "year_first", None),
        (("24/03/15", "24/04/02"), None, "ymd", "year_first", date(2024, 3, 15)),
        (("24-03-15", "24-03-16"), "greater_london", "ymd", "year_first", date(2024, 3, 15)),
        (("24-03-15",), "greater_london", "dmy", "over_12", date(2015, 3, 24)),
        (("15/03/24", "03/15/24"), "greater_london", "unsure", "none", date(2024, 3, 15)),
    ],
)
def test_order(
    dates: tuple[str, ...],
    region: str | None,
    order: str,
    decided_by: str,
    first_day: date | None,
) -> None:
    now = NOW if first_day else datetime(2050, 1, 1, tzinfo=NOW.tzinfo)
    export = read_export(_chat(*dates), region, now=now)
    assert (export.report.date_order, export.report.decided_by) == (order, decided_by)
    assert next(iter(export.messages)).sent_at.date() == (first_day or date(2024, 3, 15))


def test_order_shown_only_late_in_a_long_file() -> None:
    early = [f"0{1 + number % 9}/0{1 + number % 9}/2024" for number in range(60_000)]
    export = read_export(_chat(*early, "12/31/2024"), "greater_london", now=NOW)
    assert (export.report.date_order, export.report.entries) == ("mdy", 60_001)


def test_impossible_date_stays_text() -> None:
    chat = "14/03/2024, 10:00 - Ola: one\n31/02/2024, 10:00 - Ola: two\n15/03/2024, 9:00 - Al: x\n"
    export = read_export(io.BytesIO(chat.encode()), now=NOW)
    assert [message.text for message in export.messages] == [
        "one\n31/02/2024, 10:00 - Ola: two",
        "x",
    ]
    assert export.report.refused_lines == (2,)


def test_future_is_refused() -> None:
    with pytest.raises(ExportError) as caught:
        read_export(_chat("14/03/2024", "24/11/2026"), "greater_london", now=NOW)
    assert caught.value.code == "EXPORT_DATED_IN_FUTURE"


def test_tomorrow_is_not_the_future() -> None:
    assert read_export(_chat("14/03/2024", "22/11/2026"), now=NOW).report.entries == 2


@pytest.mark.parametrize(
    ("times", "folds"),
    [
        (("00:30", "01:10", "01:50", "01:20", "02:30"), [0, 0, 0, 1, 0]),
        (("01:10", "01:50"), [0, 0]),
        (("01:50", "01:49", "01:55"), [0, 0, 0]),
    ],
)
def test_hour_that_comes_twice(times: tuple[str, ...], folds: list[int]) -> None:
    chat = "".join(f"27/10/2024, {time} - Ola: hi\n" for time in times)
    export = read_export(io.BytesIO(chat.encode()), "greater_london", now=NOW)
    assert [message.sent_at.fold for message in export.messages] == folds
    # A second iteration starts afresh.
    assert [message.sent_at.fold for message in export.messages] == folds


def test_clock_follows_summer_time() -> None:
    offsets = [
        message.sent_at.strftime("%z")
        for message in read_export(_chat("14/03/2024", "14/07/2024"), now=NOW).messages
    ]
    assert offsets == ["+0000", "+0100"]


def test_two_forms_joined_in_one_file_are_refused() -> None:
    later = "".join(f"[{day:02}.03.24, 10:00:00] Ola: hi\n" for day in range(14, 24))
    joined = _chat(*(f"{day}/02/2024" for day in range(10, 29))).getvalue() + later.encode()
    with pytest.raises(ExportError) as caught:
        read_export(io.BytesIO(joined), now=NOW)
    assert caught.value.code == "EXPORT_FORMS_MIXED"
