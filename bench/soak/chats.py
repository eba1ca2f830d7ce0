"""Made-up groups, who wrote in them on which day, and the exports that a phone makes of them."""

import io
import random
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

PEOPLE = (
    "Amara Osei", "Bilal Khan", "Carys Pryce", "Dmitri Volkov", "Esther Njoroge", "Farid Haddad",
    "Gwen Talbot", "Hoang Tran", "Imani Diallo", "Jolene Pike", "Kwame Mensah", "Lucja Nowak",
)  # fmt: skip
LINES = (
    "we are so tired after the night shift and nobody came to help",
    "that was a lovely day with a good team and lots of help",
    "they changed the rota again and nobody asked us about it",
    "the kettle is broken so bring your own tea to the late shift",
)
HELD = timedelta(days=12)
"""How far back an export reaches, but for everybody's first entry."""


@dataclass
class Chat:
    """A group's chat.

    Attributes:
        seed: of all that is written in it.
        since: first day of the consent.
        joined: day of each person's first entry.
    """

    seed: str
    since: date
    joined: dict[str, date] = field(default_factory=dict)

    def wrote(self, day: date) -> dict[str, int]:
        """How many messages each person wrote on a day; few did on a quiet one."""
        chance = random.Random(f"{self.seed}/{day}")
        there = [one for one, joined in self.joined.items() if joined <= day]
        if chance.random() < 0.05:
            there = there[: chance.randrange(3)]
        return {
            one: 1 + (chance.random() < 0.3)
            for one in there
            if chance.random() < 0.94 or len(there) < 3
        }

    def entries(self, made_at: datetime) -> list[tuple[datetime, str, str]]:
        """What is in the chat at a moment (naive, London): moment, author, text; in order."""
        found = [
            (datetime.combine(joined, time(7, number)), person, "hello everyone")
            for number, (person, joined) in enumerate(self.joined.items())
        ]
        day = max(self.since, made_at.date() - HELD)
        while day <= made_at.date():
            for person, many in self.wrote(day).items():
                number = PEOPLE.index(person)
                for more in range(many):
                    text = LINES[(number + day.toordinal() + more) % len(LINES)]
                    # The same words from several people would be a copied post.
                    text = f"{text} {day.toordinal() % 10_000}{number:02}{more}"
                    at = datetime.combine(day, time(8 + number, 15 + 20 * more))
                    found.append((at, person, text))
            day += timedelta(days=1)
        return sorted(one for one in found if one[0] < made_at)


@dataclass(frozen=True)
class Export:
    """What one export of a chat holds, as its maker knows it.

    Attributes:
        content: its bytes.
        damage: None for a good one, else `binary`, `cut zip` or `cut seal`.
        written: messages by day and person, greetings at joining left out.
        last_entry: of all entries (naive, London).
    """

    content: bytes
    damage: str | None
    written: dict[date, Counter[str]]
    last_entry: datetime


def export_of(
    chat: Chat, made_at: datetime, *, lacks: tuple[str, date] | None = None, damage: str | None
) -> Export:
    """An Android export, zipped where it is of another phone or cut.

    Args:
        chat: the chat.
        made_at: when (naive, London).
        lacks: person and day whose messages were deleted on the exporting phone.
        damage: as `Export` has it.
    """
    entries = [
        one for one in chat.entries(made_at) if lacks is None or (one[1], one[0].date()) != lacks
    ]
    written: dict[date, Counter[str]] = {}
    for at, person, text in entries:
        if text != "hello everyone":
            written.setdefault(at.date(), Counter())[person] += 1
    lines = [f"{at:%d/%m/%Y, %H:%M} - {person}: {text}" for at, person, text in entries]
    content = ("\n".join(lines) + "\n").encode()
    if damage == "binary":
        content = b"\x00\x01\x02" * 500 + str(made_at).encode()
    elif damage == "cut zip" or lacks is not None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
            writer.writestr("WhatsApp Chat.txt", content)
        content = archive.getvalue()[: -40 if damage else None]
    return Export(content, damage, written, entries[-1][0])
