"""Identifying details as people type them, all invented or from ranges kept for fiction."""

from collections.abc import Callable
from random import Random

from simulation.chat.localities import EMPLOYERS, HOMES, places_of
from simulation.chat.people import (
    FIRST_NAMES,
    LAST_NAMES,
    ORIGIN_WEIGHTS,
    ORIGINS,
    RESIDENT_FIRST_NAMES,
    RESIDENT_TITLES,
)

_MONTHS = ("January", "March", "April", "May", "June", "August", "September", "October", "Nov")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Tues")
_INWARD = "ABDEFGHJLNPQRSTUWXYZ"
_PLATE = "ABCDEFGHJKLMNOPRSTUVWXYZ"
_SITES = ("rota", "forms", "learn", "leave", "www", "portal")
_PATHS = ("w/{}", "shift?id={}", "sign/{}", "x{}", "docs/{}.pdf")


def full_name(rng: Random) -> tuple[str, str]:
    """A first and a last name of one origin."""
    origin = rng.choices(ORIGINS, ORIGIN_WEIGHTS)[0]
    return rng.choice(FIRST_NAMES[origin]), rng.choice(LAST_NAMES[origin])


def phone(rng: Random) -> str:
    """A mobile of 07700 900xxx or a London line of 020 7946 0xxx, in one of its written shapes."""
    last = f"{rng.randrange(1000):03d}"
    return rng.choice(
        (
            f"07700 900{last}",
            f"07700900{last}",
            f"07700 900 {last}",
            f"+44 7700 900{last}",
            f"+447700900{last}",
            f"020 7946 0{last}",
            f"0207 946 0{last}",
            f"(020) 7946 0{last}",
        )
    )


def nhs_number(rng: Random) -> str:
    """A number of the 999 test range with a right check digit, in one of its written shapes."""
    while True:
        digits = [9, 9, 9, *(rng.randrange(10) for _ in range(6))]
        check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits)) % 11
        if check != 10:  # noqa: PLR2004 - the check digit that the NHS leaves out
            break
    text = "".join(map(str, (*digits, check % 11)))
    parts = (text[:3], text[3:6], text[6:])
    return rng.choice((" ", " ", "", "-")).join(parts)


def _given(rng: Random, _region: str) -> str:
    return full_name(rng)[0]


def _resident(rng: Random, _region: str) -> str:
    _, last = full_name(rng)
    first = rng.choice(RESIDENT_FIRST_NAMES)
    title = rng.choice(RESIDENT_TITLES)
    return rng.choice((first, f"{first} {last}", f"{title} {last}", f"{title} {last[0]}"))


def _place(rng: Random, region: str) -> str:
    return rng.choice(places_of(region))[0]


def _postcode(rng: Random, region: str) -> str:
    outward = rng.choice(places_of(region))[1]
    inward = f"{rng.randrange(1, 10)}{rng.choice(_INWARD)}{rng.choice(_INWARD)}"
    return outward + rng.choice((" ", " ", "")) + inward


def _email(rng: Random, _region: str) -> str:
    first, last = full_name(rng)
    user = rng.choice((f"{first}.{last}", f"{first[0]}{last}", "rota", "payroll", "hr"))
    ascii_user = user.encode("ascii", "ignore").decode().lower()
    return f"{ascii_user}@{rng.choice(('', 'care.', 'staff.'))}example.org"


def _link(rng: Random, _region: str) -> str:
    path = rng.choice(_PATHS).format(rng.randrange(10_000))
    return f"{rng.choice(('https://', 'http://', ''))}{rng.choice(_SITES)}.example.org/{path}"


def _nino(rng: Random, _region: str) -> str:
    pairs = [f"{rng.randrange(100):02d}" for _ in range(3)]
    return rng.choice((" ", "")).join(("QQ", *pairs, rng.choice("ABCD")))


def _plate(rng: Random, _region: str) -> str:
    area = rng.choice(("AO", "EA", "EX", "LB", "LD", "GK", "AV"))
    tail = "".join(rng.choices(_PLATE, k=3))
    return f"{area}{rng.choice((19, 21, 68, 72, 23))}{rng.choice((' ', ''))}{tail}"


def _room(rng: Random, _region: str) -> str:
    number = rng.randrange(1, 48)
    return rng.choice((f"room {number}", f"rm {number}", f"bed {number}", f"room {number}b"))


def _bus(rng: Random, _region: str) -> str:
    number = rng.randrange(2, 500)
    return rng.choice((f"{number}", f"{number} bus", f"N{number}", f"X{number % 60} bus"))


def _date(rng: Random, _region: str) -> str:
    day, month = rng.randrange(4, 29), rng.randrange(1, 13)
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10 if day > 20 else 0, "th")  # noqa: PLR2004
    named = rng.choice(_MONTHS)
    return rng.choice(
        (
            f"{day}{ending}",
            f"{day}/{month}",
            f"{day:02d}/{month:02d}/2026",
            f"{day}{ending} {named}",
            f"{named} {day}{ending}",
            f"{day}.{month}.26",
        )
    )


def _time(rng: Random, _region: str) -> str:
    hour, minute = rng.randrange(6, 22), rng.choice((0, 15, 30, 45))
    half = "am" if hour < 12 else "pm"  # noqa: PLR2004 - noon
    short = (hour - 1) % 12 + 1
    return rng.choice(
        (
            f"{hour:02d}:{minute:02d}",
            f"{short}{half}",
            f"{short}.{minute:02d}{half}",
            f"half {short}",
            f"{hour:02d}{minute:02d}hrs",
            f"{short} o'clock",
        )
    )


def _sort_code(rng: Random, _region: str) -> str:
    code = "-".join(f"{rng.randrange(100):02d}" for _ in range(2))
    return f"00-{code}{rng.choice((' acc ', ' ', ' account '))}{rng.randrange(10**7, 10**8)}"


def _handle(rng: Random, _region: str) -> str:
    word = rng.choice(("carer", "jo_cares", "nightowl", "essexnurse", "marshmum", "outreach"))
    return f"@{word}{rng.choice(('', '_', '.'))}{rng.randrange(10, 99)}"


def _code(rng: Random, _region: str) -> str:
    number = rng.randrange(1000, 10_000)
    return rng.choice((f"C{number}X", f"{number}", f"{number}#", f"{number}z"))


# What fills each slot of the phrase banks. `day` and `n` name nobody and nothing.
SLOTS: dict[str, Callable[[Random, str], str]] = {
    "name": _given,
    "full": _resident,
    "place": _place,
    "home": lambda rng, _region: rng.choice(HOMES),
    "employer": lambda rng, _region: rng.choice(EMPLOYERS),
    "phone": lambda rng, _region: phone(rng),
    "email": _email,
    "link": _link,
    "postcode": _postcode,
    "nhs": lambda rng, _region: nhs_number(rng),
    "nino": _nino,
    "plate": _plate,
    "room": _room,
    "bus": _bus,
    "date": _date,
    "time": _time,
    "sortcode": _sort_code,
    "handle": _handle,
    "code": _code,
    "day": lambda rng, _region: rng.choice(_DAYS),
    "n": lambda rng, _region: str(rng.randrange(2, 30)),
}
NOT_IDENTIFYING = frozenset({"day", "n"})
# Typed as they are whatever the writer's habits: a changed one would no longer work.
VERBATIM = frozenset({"email", "link", "mention", "handle", "phone", "nhs", "sortcode"})
