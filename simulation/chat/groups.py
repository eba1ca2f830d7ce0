"""The invented groups: who is in them, under what name an export shows them, and what is posted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Literal

from simulation.chat.habits import Habits, draw_habits
from simulation.chat.identifiers import full_name
from simulation.chat.localities import EMPLOYERS, HOMES, TITLES, places_of
from simulation.chat.people import SAVED_ENDINGS

Form = Literal["android_24h", "android_12h", "ios_24h", "ios_12h"]
Container = Literal["txt", "zip"]
FORMS: tuple[Form, ...] = ("android_24h", "ios_24h", "android_12h", "ios_12h")

PostKind = Literal["speech", "media", "deleted", "edited", "poll", "contact_card"]
EventKind = Literal[
    "encryption", "created", "added", "joined", "left", "icon", "description", "pinned", "security"
]

_FEWEST, _MOST = 13, 18
# Chances that a member shows by number, or by the name chosen in the app, for want of a contact.
_BY_NUMBER, _BY_TILDE = 0.12, 0.1


@dataclass(frozen=True)
class Member:
    """One person in one group.

    Attributes:
        sender: how exports of this group show the person: a saved contact, `~ Name` or a number.
        mention: an @mention of the person as typed into a message.
        habits: how the person types.
        first_day: first day on which the person can post.
        last_day: last such day.
    """

    sender: str = field(repr=False)
    mention: str = field(repr=False)
    habits: Habits
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Post:
    """One entry with a human sender.

    Attributes:
        at: local clock time in Europe/London, never in the hour that the clocks change.
        member: place of the sender in the group's `members`.
        kind: how the export shows it; planted shares are those of "speech".
        construct: what a speech or edited entry expresses, "none" otherwise.
        identifies: whether its text carries an identifier.
    """

    at: datetime
    member: int
    kind: PostKind
    construct: str
    text: str = field(repr=False)
    identifies: bool


@dataclass(frozen=True)
class Event:
    """One system entry; `actor` and `subject` are places in `members`, where it has them."""

    at: datetime
    kind: EventKind
    actor: int = 0
    subject: int = 0


@dataclass(frozen=True)
class SyntheticGroup:
    """One WhatsApp group of the invented world.

    Attributes:
        title: the group's title, distinct from all others of its world.
        region: where its members work.
        consented: whether a consent is to be recorded for it.
        form: phone system and clock setting of the phone that exports it.
        container: plain text or a zip archive.
        members: everyone who was ever in it, in order of joining.
        exporter: place in `members` of whose phone exports it.
        posts: all entries with a sender, in time order.
        events: all system entries, in time order.
    """

    title: str = field(repr=False)
    region: str
    consented: bool
    form: Form
    container: Container
    members: tuple[Member, ...]
    exporter: int
    posts: tuple[Post, ...] = field(repr=False)
    events: tuple[Event, ...] = field(repr=False)


def draw_members(
    rng: Random, *, form: Form, posters: int, first_day: date, last_day: date
) -> tuple[Member, ...]:
    """13 to 18 members, more where `posters` asks for it; the last may join late, another leave.

    Args:
        rng: source of randomness.
        form: decides the shape of senders and mentions.
        posters: most people who post on one day; at least so many are members on every day.
        first_day: first day of the range.
        last_day: last day of the range.
    """
    count = max(rng.randint(_FEWEST, _MOST), posters + 1)
    span = last_day - first_day
    shown: set[str] = set()
    members: list[Member] = []
    for place in range(count):
        sender, mention = _draw_person(rng, form, shown)
        shown.add(sender)
        joins_late = place == count - 1 and count - 1 >= posters
        leaves_early = place == count - 2 and count - 2 >= posters
        members.append(
            Member(
                sender=sender,
                mention=mention,
                habits=draw_habits(rng, curly_keyboard=form.startswith("ios")),
                first_day=first_day + (span * rng.uniform(0.1, 0.6) if joins_late else span * 0),
                last_day=first_day + span * rng.uniform(0.4, 0.8) if leaves_early else last_day,
            )
        )
    return tuple(members)


def draw_title(rng: Random, region: str, taken: set[str]) -> str:
    """A group title that is not yet taken, and takes it."""
    places = [place for place, _ in places_of(region)]
    while True:
        place, other = rng.sample(places, 2)
        title = rng.choice(TITLES).format(
            home=rng.choice(HOMES), employer=rng.choice(EMPLOYERS), place=place, other=other
        )
        if title not in taken:
            taken.add(title)
            return title


def _draw_person(rng: Random, form: Form, shown: set[str]) -> tuple[str, str]:
    while True:
        first, last = full_name(rng)
        saved = rng.choice(
            (
                first,
                f"{first} {last}",
                f"{first} {last}",
                f"{first} {last[0]}",
                first + rng.choice(SAVED_ENDINGS),
            )
        )
        sender, mention = saved, f"@\u2068{saved}\u2069"
        unsaved = rng.random()
        if unsaved < _BY_NUMBER:
            sender, mention = _by_number(rng, form)
        elif unsaved < _BY_NUMBER + _BY_TILDE:
            gap = "\u202f" if form.startswith("ios") else " "
            sender, mention = f"~{gap}{first}", f"@\u2068~{gap}{first}\u2069"
        if sender not in shown:
            return sender, mention


def _by_number(rng: Random, form: Form) -> tuple[str, str]:
    last = f"{rng.randrange(1000):03d}"
    gap = "\u00a0" if form.startswith("ios") else " "
    sender = f"\u202a+44{gap}7700{gap}900{last}\u202c"
    by_account = "".join(str(rng.randrange(10)) for _ in range(14))
    return sender, rng.choice((f"@447700900{last}", f"@1{by_account}"))


def spread_of_forms(place: int) -> tuple[Form, Container]:
    """Form and container of the `place`-th group of a world: an iOS export is always a zip."""
    form = FORMS[place % len(FORMS)]
    if form.startswith("ios"):
        return form, "zip"
    zipped = place // len(FORMS) % 3 == 2  # noqa: PLR2004 - every third
    return form, "zip" if zipped else "txt"


def present(members: Sequence[Member], day: date) -> list[int]:
    """Places of those who can post on `day`."""
    return [
        place for place, member in enumerate(members) if member.first_day <= day <= member.last_day
    ]
