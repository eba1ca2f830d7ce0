"""What is posted in one group over the range, day by day, and its system entries."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from simulation.chat.groups import Event, EventKind, Member, Post, PostKind, present
from simulation.chat.trends import Shares
from simulation.chat.wording import KINDS, word_message

# Messages of one person on one day, with weights whose mean is 1.4.
_HOW_MANY, _HOW_MANY_WEIGHTS = (1, 2, 3, 4), (71, 20, 7, 2)
_FIRST_HOUR = 5
_HOUR_WEIGHTS = (1, 4, 7, 7, 5, 4, 5, 7, 6, 7, 6, 5, 5, 6, 7, 8, 6, 3, 1)
# Chances per message of an entry of another kind beside it.
_MEDIA, _DELETED, _POLL, _CARD = 0.05, 0.012, 0.002, 0.002
_EDITED = 0.03
_BY_LINK = 0.5
# Whose phone exports is one of the first three; nobody's own security code is announced to them.
_NEVER_EXPORTERS = 3
_POLLS = (
    ("Which day for the team meeting?", ("Tuesday", "Thursday")),
    ("Curry or pizza after nights?", ("Curry", "Pizza", "Neither")),
    ("Early or late for training?", ("9am", "2pm")),
    ("Who is about for the fete?", ("Yes", "Only the morning", "Away")),
)


def draw_posts(
    rng: Random,
    *,
    members: Sequence[Member],
    region: str,
    first_day: date,
    posters: Sequence[int],
    shares: Shares,
) -> tuple[Post, ...]:
    """All entries with a sender: a sticker each on the eve, and a word on the morning after.

    Args:
        rng: source of randomness.
        members: who is in the group.
        region: chooses the places named.
        first_day: first day of the range.
        posters: for each day, how many people post; at most as many as are members then.
        shares: planted shares, (days, 3), columns as `CONSTRUCTS`, values in 0..1.
    """
    posts = _greetings(members, first_day)
    for offset, (count, row) in enumerate(zip(posters, shares, strict=True)):
        day = first_day + timedelta(days=offset)
        weights = (*row, 1.0 - float(row.sum()))
        for member in rng.sample(present(members, day), count):
            how_many = rng.choices(_HOW_MANY, _HOW_MANY_WEIGHTS)[0]
            for number in range(how_many):
                posts.append(
                    _speak(
                        rng,
                        members,
                        member,
                        region=region,
                        day=day,
                        weights=weights,
                        number=number,
                    )
                )
                posts.extend(_beside(rng, members, member, day))
    after = first_day + timedelta(days=len(posters))
    at = datetime.combine(after, time(6, rng.randrange(60), rng.randrange(60)))
    last = present(members, after - timedelta(days=1))[0]
    posts.append(Post(at, last, "speech", "none", "morning all", identifies=False))
    return tuple(sorted(posts, key=lambda post: post.at))


def _greetings(members: Sequence[Member], first_day: date) -> list[Post]:
    """A sticker of each first member on the day before, so that all are seen before any notice."""
    eve = datetime.combine(first_day - timedelta(days=1), time(18))
    return [
        Post(eve + timedelta(minutes=place), place, "media", "none", "sticker", identifies=False)
        for place, member in enumerate(members)
        if member.first_day == first_day
    ]


def draw_events(
    rng: Random, *, members: Sequence[Member], first_day: date, days: int
) -> tuple[Event, ...]:
    """System entries: the group's making before the range, joiners, leavers and some changes."""
    created = datetime.combine(first_day - timedelta(days=rng.randint(2, 20)), time(10, 15))
    last_day = first_day + timedelta(days=days - 1)
    events = [Event(created, "encryption"), Event(created, "created")]
    for place, member in enumerate(members):
        if member.first_day > first_day:
            at = datetime.combine(member.first_day, time(4, rng.randrange(60)))
            if rng.random() < _BY_LINK:
                events.append(Event(at, "joined", place, place))
            else:
                events.append(Event(at, "added", 0, place))
        elif place:
            events.append(Event(created + timedelta(minutes=place), "added", 0, place))
        if member.last_day < last_day:
            at = datetime.combine(member.last_day, time(23, 59, 30))
            events.append(Event(at, "left", place, place))
    changes: tuple[EventKind, ...] = ("icon", "description", "pinned", "security")
    for _ in range(max(1, days // 8)):
        day = first_day + timedelta(days=rng.randrange(days))
        kind = rng.choice(changes)
        anyone = present(members, day)
        actor = rng.choice(anyone[_NEVER_EXPORTERS:] if kind == "security" else anyone)
        at = datetime.combine(day, time(rng.randrange(8, 21), rng.randrange(60)))
        events.append(Event(at, kind, actor, actor))
    return tuple(sorted(events, key=lambda event: event.at))


def _clock(rng: Random, day: date) -> datetime:
    hour = _FIRST_HOUR + rng.choices(range(len(_HOUR_WEIGHTS)), _HOUR_WEIGHTS)[0]
    return datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)))


def _speak(
    rng: Random,
    members: Sequence[Member],
    member: int,
    *,
    region: str,
    day: date,
    weights: Sequence[float],
    number: int,
) -> Post:
    construct = rng.choices(KINDS, weights)[0]
    worded = word_message(
        rng,
        construct,
        habits=members[member].habits,
        region=region,
        mentions=[rng.choice(members).mention],
    )
    # Only a second message is ever an edited one, so that everyone who posts has plain speech.
    kind: PostKind = "edited" if number and rng.random() < _EDITED else "speech"
    return Post(_clock(rng, day), member, kind, construct, worded.text, worded.identifies)


def _beside(rng: Random, members: Sequence[Member], member: int, day: date) -> list[Post]:
    drawn = rng.random()
    kind: PostKind
    if drawn < _MEDIA:
        kind, text = "media", rng.choice(("image", "image", "image", "video", "audio", "sticker"))
    elif drawn < _MEDIA + _DELETED:
        kind, text = "deleted", ""
    elif drawn < _MEDIA + _DELETED + _POLL:
        question, options = rng.choice(_POLLS)
        kind, text = "poll", "\n".join((question, *options))
    elif drawn < _MEDIA + _DELETED + _POLL + _CARD:
        kind, text = "contact_card", rng.choice(members).sender.strip("~\u202a\u202c\u202f ")
    else:
        return []
    return [Post(_clock(rng, day), member, kind, "none", text, identifies=False)]
