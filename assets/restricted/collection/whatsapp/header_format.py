"""The shape of one file's headers: learned from candidates, then the only one accepted."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assets.restricted.collection.whatsapp.header_candidates import (
    BEFORE_PART,
    INVISIBLE,
    MARKS,
    PART_OF_DAY,
    SPACE,
    any_of,
    flat,
    flexible,
)
from assets.restricted.collection.whatsapp.words import ERAS_BEFORE, MONTHS

# The shape of a file's very first line is the file's own unless it is this rare.
FIRST_LINE_SHARE = 0.2
# Entries led by CRLF for each led by bare LF, from which a bare LF means "same message".
CRLF_PER_LF = 3


YearPlace = Literal["first_4", "first_era", "last_4", "last_2", "last_era", "named"]
_SHORT = 2
_YEAR_BY_WIDTHS: dict[tuple[int, int], YearPlace] = {
    (4, 1): "first_4",
    (4, 2): "first_4",
    (1, 4): "last_4",
    (2, 4): "last_4",
    (1, 2): "last_2",
    (2, 2): "last_2",
}


@dataclass(frozen=True)
class Shape:
    """What all headers of one file share; spaces are plain and marks left out.

    Attributes:
        bracket: whether `[` and `]` enclose date and time.
        time_first: whether the time comes before the date.
        date: numbers with a sign between, kanji, or a named month.
        sign: between the numbers of a date.
        year: where the year stands and how many digits it has; a named month may lack one.
        tail: what follows the date directly.
        link: between date and time.
        clock: between hours and minutes.
        seconds: whether the time has them.
        part: where the part of the day stands.
        close: what ends the header.
    """

    bracket: bool
    time_first: bool
    date: Literal["numbers", "kanji", "named"]
    sign: str
    year: YearPlace
    tail: str
    link: str
    clock: str
    seconds: bool
    part: Literal["none", "before", "after"]
    close: str

    @property
    def label(self) -> str:
        """The shape in words of the format alone, each digit as 9."""
        year = {"first_4": "9999", "last_4": "9999", "last_2": "99"}.get(self.year, "E9")
        if self.date == "named":
            date = "99 MONTH"
        elif self.date == "kanji":
            date = f"{year}年99月99日"
        elif self.year.startswith("first"):
            date = f"{year}{self.sign}99{self.sign}99{self.tail}"
        else:
            date = f"99{self.sign}99{self.sign}{year}{self.tail}"
        time = f"99{self.clock}99" + (f"{self.clock}99" if self.seconds else "")
        time = {"none": time, "before": f"PART {time}", "after": f"{time} PART"}[self.part]
        halves = (time, date) if self.time_first else (date, time)
        return ("[" if self.bracket else "") + self.link.join(halves) + self.close


@dataclass(frozen=True)
class Learned:
    """One file's shape, and how loosely its pattern must be written.

    Attributes:
        shape: the file's own.
        local_digits: whether digits other than 0 to 9 were seen.
        inner_marks: whether invisible marks were seen inside a header.
        crlf_leads: whether CRLF leads every entry and a bare LF stays inside one.
    """

    shape: Shape
    local_digits: bool
    inner_marks: bool
    crlf_leads: bool

    @property
    def pattern(self) -> re.Pattern[str]:
        """One pattern, led by a line end; its two groups are date and time in the shape's order."""
        shape = self.shape
        marks = MARKS if self.inner_marks else ""
        halves = [f"({self._date(marks)})", f"({self._time()})"]
        if shape.time_first:
            halves.reverse()
        opening = (
            (r"\r\n" if self.crlf_leads else r"\n")
            + MARKS
            + (r"\[" if shape.bracket else "")
            + marks
        )
        close = rf"\]{SPACE}?" if shape.bracket else flexible(shape.close)
        link = f"{marks}{flexible(shape.link)}{marks}"
        return re.compile(f"{opening}{link.join(halves)}{marks}{close}")

    def _date(self, marks: str) -> str:
        shape, digit = self.shape, r"\d" if self.local_digits else "[0-9]"
        if shape.date == "named":
            month = f"(?i:{any_of(MONTHS)})"
            of = f"(?:de{SPACE})?"
            return (
                rf"{digit}{{1,2}}\.?{SPACE}{of}{month}\.?(?:,?{SPACE}{of}{digit}{{4}}(?:{SPACE}г\.)?)?"
                rf"|{month}\.?{SPACE}{digit}{{1,2}}(?:,{SPACE}{digit}{{4}})?"
            )
        short = f"{digit}{{1,2}}"
        year = {
            "first_4": f"{digit}{{4}}",
            "last_4": f"{digit}{{4}}",
            "last_2": f"{digit}{{2}}",
        }.get(shape.year, f"(?:{any_of(ERAS_BEFORE)}){SPACE}?{digit}{{1,4}}")
        if shape.date == "kanji":
            return f"{year}[年년]{SPACE}?{short}[月월]{SPACE}?{short}[日일]"
        parts = [year, short, short] if shape.year.startswith("first") else [short, short, year]
        return f"{marks}{flexible(shape.sign)}{marks}".join(parts) + flexible(shape.tail)

    def _time(self) -> str:
        shape, digit = self.shape, r"\d" if self.local_digits else "[0-9]"
        sign = flexible(shape.clock)
        time = f"{digit}{{1,2}}{sign}{digit}{digit}"
        if shape.seconds:
            time += f"{sign}{digit}{digit}"
        if shape.part == "before":
            return f"{PART_OF_DAY}{SPACE}?{MARKS}{time}"
        if shape.part == "after":
            return f"{time}{BEFORE_PART}{MARKS}{PART_OF_DAY}"
        return time


def shape_of(candidate: re.Match[str]) -> Shape | None:
    """Read the shape off a candidate header; `None` where no year position makes sense."""
    found = candidate.groupdict()
    year = _year_place(found)
    if year is None:
        return None
    before, after = found["before"], found["after"]
    return Shape(
        bracket=bool(found["bracket"]),
        time_first=candidate.start("time") < candidate.start("date"),
        date="named" if found["named"] else "kanji" if found["k"] else "numbers",
        sign=flat(found["mark"] or ""),
        year=year,
        tail=flat(found["tail"] or ""),
        link=flat(found["link"]),
        clock=flat(found["clock"]),
        seconds=bool(found["seconds"]),
        part="before" if before else "after" if after else "none",
        close="] " if found["bracket"] else flat(found["close"]),
    )


def learn(
    found: Sequence[re.Match[str]], shapes: Sequence[Shape | None], text: str
) -> Learned | None:
    """Learn a file's shape from its candidates.

    Args:
        found: candidates in order, of `text` with CRLF kept.
        shapes: theirs, by `shape_of`.
        text: lines, each led by LF or CRLF.

    Returns:
        `None` where no candidate has a shape.
    """
    shaped = [(one, shape) for one, shape in zip(found, shapes, strict=True) if shape]
    if not shaped:
        return None
    tally = Counter(shape for _, shape in shaped)
    chosen, _ = tally.most_common(1)[0]
    opening = shaped[0][1]
    opens_file = not text[: shaped[0][0].start()].strip()
    if opens_file and tally[opening] >= FIRST_LINE_SHARE * len(shaped):
        chosen = opening
    return learned_as(chosen, [one for one, shape in shaped if shape == chosen], text)


def learned_as(shape: Shape, own: Sequence[re.Match[str]], text: str) -> Learned:
    """Note how candidates of one shape are written in a file."""
    headers = [candidate[0] for candidate in own]
    crlf = sum(text[max(candidate.start() - 1, 0)] == "\r" for candidate in own)
    return Learned(
        shape=shape,
        local_digits=any(not header.isascii() and _local(header) for header in headers),
        inner_marks=any(
            any(mark in header[1:].lstrip(INVISIBLE) for mark in INVISIBLE)
            for header in headers
            if not header.isascii()
        ),
        crlf_leads=crlf >= CRLF_PER_LF * max(len(own) - crlf, 1),
    )


def _local(header: str) -> bool:
    return any(letter.isdecimal() and not letter.isascii() for letter in header)


def _year_place(found: dict[str, str | None]) -> YearPlace | None:
    if found["named"]:
        return "named"
    if found["k"]:
        widths = (len(found["k"]), _SHORT)
    else:
        widths = (len(found["a"] or ""), len(found["c"] or ""))
    if found["era_a"] or found["era_k"]:
        return "first_era" if widths[1] <= _SHORT else None
    if found["era_c"]:
        return "last_era" if widths[0] <= _SHORT else None
    return _YEAR_BY_WIDTHS.get(widths)
