"""What happens on a day, drawn by a seed: who delivers, joins, leaves, objects and corrects."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bench.soak.chats import PEOPLE, Chat, Export, export_of
from bench.soak.older_schema import older_versions
from bench.soak.reference import REGIONS, Reference

GROUPS = 7
"""That a region has at the start; it never gets more than two more."""


@dataclass(frozen=True)
class Event:
    """One thing that happens.

    Attributes:
        at: when (naive, London).
        what: `join`, `deliver`, `purge`, `withdraw`, `renew`, `notice`, `object`, `rescore`,
            `retract`, `model`, `backup`, `restore` or `upgrade`.
        group: number of the group, where it concerns one.
        region: of a join or a correction.
        until: last day of a consent.
        person: who objects, or comes new.
        day: of a correction.
        export: that is delivered.
        version: of the database, that an upgrade begins at.
    """

    at: datetime
    what: str
    group: int = -1
    region: str = ""
    until: date = date.max
    person: str = ""
    day: date = date.max
    export: Export | None = None
    version: str = ""


class Script:
    """Draws the events of each day.

    Args:
        seed: of all draws.
        first: the first simulated day.
        often: by how much what happens seldom happens more often, and consents last shorter.
    """

    def __init__(self, seed: int, first: date, often: float = 1) -> None:
        self._seed, self._first, self._often = seed, first, often
        self._chance = random.Random(seed)
        self._chats: dict[int, Chat] = {}
        self._silent_until: dict[int, date] = {}
        self._renews: dict[int, date] = {}

    def people(self, number: int) -> dict[str, date]:
        """A group's people, with the day of each one's first entry."""
        return dict(self._chats[number].joined)

    def of_day(self, day: date, known: Reference) -> list[Event]:
        """Events of a day, in order; drawn from what stands at its beginning."""
        events = [*self._consents(day, known), *self._members(day, known)]
        for number, group in known.groups.items():
            if group["active"] and day <= group["valid_until"]:
                events += self._deliveries(day, number)
        upkeep = self._upkeep(day)
        if any(one.what == "restore" for one in upkeep):
            # What is corrected after the backup is recorded nowhere else; leaving is.
            gone = {one.group for one in events if one.what == "withdraw"}
            events += self._leaving(day, known, gone)
        else:
            events += self._corrections(day, known)
        events += upkeep
        return sorted(events, key=lambda one: one.at)

    def _consents(self, day: date, known: Reference) -> list[Event]:
        chance, events = self._chance, []
        for region in REGIONS:
            own = [number for number, one in known.groups.items() if one["region"] == region]
            standing = [one for one in own if known.runs(one, day)]
            wanted = GROUPS if day == self._first else 0
            if 0 < len(standing) < GROUPS + 2 and chance.random() < self._often * 0.06:
                wanted = chance.choice([1, 3])
            for _ in range(wanted):
                number = len(self._chats)
                people = chance.sample(PEOPLE, chance.randint(5, 8))
                chat = Chat(f"{self._seed}/{number}", day)
                chat.joined = dict.fromkeys(sorted(people), day - timedelta(days=8))
                self._chats[number] = chat
                until = day + self._some_days(50, 200)
                events.append(Event(_at(day, 10), "join", number, region, until))
        for number, group in known.groups.items():
            if known.runs(number, day):
                if chance.random() < self._often * 0.004:
                    events.append(Event(_at(day, 17), "withdraw", number))
                    self._renews[number] = day + self._some_days(12, 60)
                    continue
                if group["valid_until"] - day == timedelta(days=5) and chance.random() < 0.6:
                    events.append(self._renewal(day, number))
                elif group["valid_until"] == day and chance.random() < 0.7:
                    self._renews[number] = day + self._some_days(3, 40)
                elif chance.random() < self._often * 0.004:
                    events.append(Event(_at(day, 11), "purge", number))
            elif self._renews.get(number) == day and chance.random() < 0.7:
                events.append(self._renewal(day, number))
        return events

    def _some_days(self, fewest: int, most: int) -> timedelta:
        """Between so many days, fewer where things happen more often."""
        return timedelta(days=max(round(self._chance.randint(fewest, most) / self._often), 2))

    def _renewal(self, day: date, number: int) -> Event:
        until = day + self._some_days(50, 200)
        return Event(_at(day, 10), "renew", number, until=until)

    def _members(self, day: date, known: Reference) -> list[Event]:
        chance, events = self._chance, []
        for number, group in known.groups.items():
            if not known.runs(number, day):
                continue
            chat = self._chats[number]
            if chance.random() < self._often * 0.01 and len(chat.joined) < len(PEOPLE):
                person = chance.choice([one for one in PEOPLE if one not in chat.joined])
                chat.joined[person] = day
                events.append(Event(_at(day, 0), "new", number, person=person, day=day))
            if chance.random() < self._often * 0.006:
                events.append(Event(_at(day, 10), "notice", number))
            if chance.random() < self._often * 0.004 and len(group["objected"]) < 3:
                person = chance.choice(list(chat.joined))
                events.append(Event(_at(day, 18), "object", number, person=person))
        return events

    def _deliveries(self, day: date, number: int) -> list[Event]:
        chance, chat = self._chance, self._chats[number]
        if day < self._silent_until.get(number, day):
            return []
        drawn = chance.random()
        yesterday = day - timedelta(days=1)

        def delivered(hour: int, damage: str | None, lacks: tuple[str, date] | None) -> Event:
            export = export_of(chat, _at(day, hour), lacks=lacks, damage=damage)
            return Event(_at(day, hour), "deliver", number, export=export)

        if drawn < 0.06:
            return []
        if drawn < 0.10:
            self._silent_until[number] = day + timedelta(days=chance.randint(2, 6))
            return []
        if drawn < 0.15:
            return [delivered(12, chance.choice(["binary", "cut zip", "cut seal"]), None)]
        events = [delivered(12, None, None)]
        if drawn < 0.25:
            other = (chance.choice(list(chat.joined)), yesterday)
            events.append(delivered(15, None, other))
        if drawn > 0.97:
            events.append(delivered(16, chance.choice(["binary", "cut zip"]), None))
        return events

    def _corrections(self, day: date, known: Reference) -> list[Event]:
        chance, events = self._chance, []
        for region in REGIONS:
            if chance.random() < self._often * 0.01 and known.open_scored(region):
                chosen = chance.choice(known.open_scored(region))
                events.append(Event(_at(day, 19), "rescore", region=region, day=chosen))
            published = [at for at, one in known.closed.items() if at[0] == region]
            if chance.random() < self._often * 0.01 and published:
                chosen = chance.choice(published[-40:])[1]
                events.append(Event(_at(day, 19), "retract", region=region, day=chosen))
        if (day - self._first).days % 120 == 60:
            events.append(Event(_at(day, 20), "model"))
        return events

    def _upkeep(self, day: date) -> list[Event]:
        """A restore every 60 days, of a backup of that afternoon, and an upgrade every 40."""
        events, number = [], (day - self._first).days
        if self._falls_on(number, 60, 4):
            events += [Event(_at(day, 16, 30), "backup"), Event(_at(day, 21), "restore")]
        if self._falls_on(number, 40, 2):
            version = self._chance.choice(older_versions())
            events.append(Event(_at(day, 22), "upgrade", version=version))
        return events

    def _leaving(self, day: date, known: Reference, gone: set[int]) -> list[Event]:
        """Between a backup and its restore a group withdraws, and a member of another objects."""
        own = [one for one in known.groups if known.runs(one, day) and one not in gone]
        events = []
        if len(own) > GROUPS:
            leaver = self._chance.choice(own)
            self._renews[leaver] = day + self._some_days(12, 60)
            events.append(Event(_at(day, 17, 30), "withdraw", leaver))
            own = [one for one in own if one != leaver]
        if own:
            number = self._chance.choice(own)
            person = self._chance.choice(list(self._chats[number].joined))
            events.append(Event(_at(day, 18, 30), "object", number, person=person))
        return events

    def _falls_on(self, number: int, days: int, part: int) -> bool:
        every = max(round(days / self._often), part)
        return number % every == every // part


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute))
