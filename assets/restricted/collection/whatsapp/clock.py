"""Dates and times as a header writes them, on the exporting phone's local clock."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from assets.restricted.collection.export import DateOrder
from assets.restricted.collection.whatsapp.header_candidates import flat
from assets.restricted.collection.whatsapp.words import (
    BUDDHIST_FROM,
    BUDDHIST_SHIFT,
    ERAS_AFTER,
    ERAS_BEFORE,
    MONTHS,
    PARTS_OF_DAY,
    Part,
)

# WhatsApp began in 2009; anything before is another calendar or not a date.
EARLIEST_YEAR = 2009
LONGEST_MONTH = 31
# A step back of the wall clock smaller than this is late delivery, not the end of summer time.
STEP_BACK = timedelta(minutes=2)

_DIGITS = re.compile(r"\d+")
_BARE_DATE = re.compile(r"([0-9]{1,4})([/.\-])([0-9]{1,2})\2([0-9]{1,4})")
_BARE_TIME = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2}))?")
# From the first digit to the last.
_CLOCK_FACE = re.compile(r"\d.*\d")
_LETTERS = re.compile(r"[^\W\d_]+")
_HOURS = 24
_NOON = 12
_SIXTY = 60
_LATE_MORNING = 10
_DAWN = 6
_CENTURY = 100


def date_numbers(written: str) -> tuple[int, int, int] | None:
    """Give the three numbers of a date in the order written, eras resolved; `None` if not three.

    A named month comes out as (day, month, year), with year 0 where none is written.
    """
    bare = _BARE_DATE.fullmatch(written)
    if bare:
        return int(bare[1]), int(bare[3]), int(bare[4])
    plain = flat(written)
    numbers = [int(digits) for digits in _DIGITS.findall(plain)]
    names = (word.lower() for word in _LETTERS.findall(plain))
    month = next((MONTHS[name] for name in names if name in MONTHS), None)
    if month is not None and numbers:
        day, year = (*numbers, 0)[:2]
        return day, month, year
    if len(numbers) != len(("day", "month", "year")):
        return None
    first, middle, last = numbers
    before = next((shift for era, shift in ERAS_BEFORE.items() if era in plain), 0)
    after = next((shift for era, shift in ERAS_AFTER.items() if plain.endswith(f" {era}")), 0)
    leads = first > LONGEST_MONTH or not plain[:1].isdecimal()
    shift = before or after
    return (first + shift, middle, last) if leads else (first, middle, last + shift)


def time_of_day(written: str) -> timedelta | None:
    """Give the time since midnight; `None` for hours or minutes that no clock shows.

    An hour above 12 wins over any mark beside it.
    """
    bare = _BARE_TIME.fullmatch(written)
    if bare:
        hours, minutes, seconds = bare.groups("0")
        hour, minute, second = int(hours), int(minutes), int(seconds)
        part = None
    else:
        plain = flat(written)
        numbers = [int(digits) for digits in _DIGITS.findall(plain)]
        if len(numbers) not in (2, 3):
            return None
        hour, minute, second = (*numbers, 0)[:3]
        part = _part(plain)
    if hour >= _HOURS or minute >= _SIXTY or second >= _SIXTY:
        return None
    return timedelta(hours=_hour(hour, part), minutes=minute, seconds=second)


def _part(plain: str) -> Part | None:
    word = plain.lower()
    word = _CLOCK_FACE.sub("", word).strip("_ ")
    if word in PARTS_OF_DAY:
        return PARTS_OF_DAY[word]
    bare = word.replace(".", "").replace(" ", "")
    return "am" if bare == "am" else "pm" if bare == "pm" else None


def _hour(hour: int, part: Part | None) -> int:
    if part is None or hour > _NOON:
        return hour
    if part == "am":
        return hour % _NOON
    if part == "pm":
        return hour % _NOON + _NOON
    if part == "noon":
        return hour if hour >= _LATE_MORNING else hour + _NOON
    return hour % _NOON if hour == _NOON or hour < _DAWN else hour + _NOON


class Days(dict[str, datetime | None]):
    """Written dates as midnights of the region's zone; `None` for no date. Fills itself.

    Attributes:
        bad: written dates that are none.
        doubled: written dates on which an hour of the wall clock comes twice.
        year_inferred: whether a date came without its year.
        before: written dates of a part of the file that was read before, in order.
        bad_before: those of them that are none.
    """

    def __init__(
        self,
        order: DateOrder,
        zone: ZoneInfo,
        now: datetime,
        before: Sequence[str] = (),
        bad_before: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__()
        self.before = before
        self.bad_before = bad_before
        self.bad: set[str] = set()
        self.doubled: set[str] = set()
        self.year_inferred = False
        self._order = order
        self._zone = zone
        self._latest = now.astimezone(zone).date() + timedelta(days=1)

    def __missing__(self, written: str) -> datetime | None:
        day = self._day(written)
        if day is None:
            self.bad.add(written)
            self[written] = None
            return None
        midnight = datetime(day.year, day.month, day.day, tzinfo=self._zone)
        if _offset(midnight) > _offset(midnight + timedelta(days=1)):
            self.doubled.add(written)
        self[written] = midnight
        return midnight

    def written(self) -> Iterable[str]:
        """The whole file's dates, in order of first appearance."""
        return dict.fromkeys((*self.before, *self)) if self.before else self

    def _day(self, written: str) -> date | None:
        numbers = date_numbers(written)
        if numbers is None:
            return None
        first, middle, last = numbers
        if self._order == "ymd":
            return _date(first, middle, last)
        if self._order == "mdy":
            return _date(last, first, middle)
        if last == 0:
            self.year_inferred = True
            return self._latest_with(middle, first)
        day = _date(last, middle, first)
        return _date(last, first, middle) if day is None and self._order == "unsure" else day

    def _latest_with(self, month: int, day: int) -> date | None:
        # 29 February can lie up to eight years back.
        years = range(self._latest.year, self._latest.year - 9, -1)
        possible = (_date(year, month, day) for year in years)
        return next((found for found in possible if found and found <= self._latest), None)


# Most times, ready made: a long export with seconds shows nearly every one of a day.
_CLOCK = {
    f"{hour:02}{sign}{minute:02}": timedelta(hours=hour, minutes=minute)
    for sign in ":."
    for hour in range(_HOURS)
    for minute in range(_SIXTY)
}
_SECONDS = {"": timedelta()} | {
    f"{sign}{second:02}": timedelta(seconds=second) for sign in ":." for second in range(_SIXTY)
}


_LENGTH_TO_MINUTE = 5


class Times(dict[str, timedelta | None]):
    """Written times as time since midnight; `None` for no time. Fills itself.

    Attributes:
        bad: written times that are none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bad: set[str] = set()

    def all_of(self, written: Sequence[str]) -> list[timedelta | None]:
        """Each of these times."""
        if written and len(written[0]) > _LENGTH_TO_MINUTE:
            # With seconds few times come again, and none need be kept that is put together so.
            try:
                return [_CLOCK[one[:5]] + _SECONDS[one[5:]] for one in written]
            except KeyError:
                pass
        return list(map(self.__getitem__, written))

    def __missing__(self, written: str) -> timedelta | None:
        clock, seconds = _CLOCK.get(written[:5]), _SECONDS.get(written[5:])
        time = time_of_day(written) if clock is None or seconds is None else clock + seconds
        if time is None:
            self.bad.add(written)
        self[written] = time
        return time


class Fold:
    """Tells the second run of a doubled hour from the first by the order of entries.

    Attributes:
        previous: the last entry seen within a doubled hour.
        second_day: the day whose second run has begun.
        mended: whether any entry was looked at since this was last set to false.
    """

    def __init__(self) -> None:
        self.mended = False
        self.previous: datetime | None = None
        self.second_day: date | None = None

    def mend(self, stamps: Iterable[datetime]) -> list[datetime]:
        """Set `fold` where the wall clock stepped back within a doubled hour."""
        self.mended = True
        mended: list[datetime] = []
        for stamp in stamps:
            later = stamp.replace(fold=1)
            if _offset(stamp) == _offset(later):
                mended.append(stamp)
                continue
            previous = self.previous
            if previous and stamp.date() == previous.date() and previous - stamp >= STEP_BACK:
                self.second_day = stamp.date()
            self.previous = stamp
            mended.append(later if self.second_day == stamp.date() else stamp)
        return mended


def _offset(stamp: datetime) -> timedelta:
    return stamp.utcoffset() or timedelta()


def _date(year: int, month: int, day: int) -> date | None:
    year = year + 2000 if year < _CENTURY else year
    year = year + BUDDHIST_SHIFT if year >= BUDDHIST_FROM else year
    if year < EARLIEST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
