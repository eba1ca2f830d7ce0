"""What a home must hold, told once more in plain Python from the design and docs/release.md.

Nothing of the program is used here. Days are days in London; moments are aware.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from bench.soak.reference_release import DAY, Stays, suppressed

REGIONS = ("greater_london", "east_of_england")
EXPORTS, SCORES, SENDERS = timedelta(days=14), timedelta(days=35), timedelta(days=90)
COOLING_OFF, CLOSES = timedelta(days=7), timedelta(days=3)


class Reference:
    """The home as it must be; region-days are (region, day), group-days (region, day, group)."""

    def __init__(self, first: date) -> None:
        self.first, self.model = first, 1
        self.groups: dict[int, dict[str, Any]] = {}
        self.files: dict[int, list[dict[str, Any]]] = {}
        self.settled: dict[tuple[str, date, int], dict[str, Any]] = {}
        self.closed: dict[tuple[str, date], dict[str, Any]] = {}
        self.stays = {one: Stays() for one in REGIONS}
        self.deleted: Counter[str] = Counter()
        self.senders: set[int] = set()
        self.lost: set[tuple[str, date]] = set()
        self.scores_lost: set[tuple[str, date]] = set()
        self.keys_lost: set[tuple[str, date, int]] = set()
        self.backup: tuple[Counter[str], set[tuple[str, date, int]]] = Counter(), set()

    # What happens.

    def join(
        self, number: int, region: str, today: date, until: date, people: dict[str, date]
    ) -> None:
        self.groups[number] = {
            "region": region,
            "active": True,
            "valid_from": today,
            "valid_until": until,
            "notices": [today - COOLING_OFF],
            "people": people,
            "objected": set(),
            "ended": None,
            "last_read": None,
        }
        self.files[number] = []
        self.stays[region].begin(number, today, until + DAY)

    def renew(self, number: int, today: date, until: date) -> None:
        group, ran = self.groups[number], self.runs(number, today)
        group.update(active=True, valid_until=until, ended=None)
        group["notices"].append(today - COOLING_OFF)
        stays = self.stays[group["region"]]
        if ran:
            stays.go_on(number, until + DAY)
        else:
            group["valid_from"] = today
            stays.begin(number, today, until + DAY)

    def withdraw(self, number: int, now: datetime) -> None:
        group = self.groups[number]
        group.update(active=False, ended=now)
        self.stays[group["region"]].end(number)
        self._drop(number, lambda _: True, "export_purged")
        self.senders.discard(number)
        for (_, _, one), row in self.settled.items():
            if one == number:
                row.update(vectors=False, scores=False)

    def purge(self, number: int) -> None:
        self._drop(number, lambda _: True, "export_purged")

    def deliver(self, number: int, digest: str, arrived: datetime, day: date, export: Any) -> None:
        self.files[number].append(
            {"digest": digest, "arrived": arrived, "day": day, "export": export, "read": False}
        )

    def objects(self, number: int, person: str) -> None:
        """What has settled stays, and is not rescored."""
        self.groups[number]["objected"].add(person)
        for (_, _, one), row in self.settled.items():
            if one == number:
                row["heeded"] = False

    def rescore(self, region: str, day: date, today: date) -> None:
        for (where, when, number), row in self.settled.items():
            if (where, when) == (region, day) and row["scores"]:
                if row["heeded"] and self.reads(number, day, today):
                    row["model"] = self.model + 0.5
                else:
                    row["vectors"] = False

    def back_up(self) -> None:
        """What is recorded by now, but for vectors, scores and keys, which no backup holds."""
        self.backup = (
            Counter(self.deleted),
            {at for at, row in self.settled.items() if row["vectors"]},
        )

    def restore(self, now: datetime) -> None:
        """Who left or objected since stays away; no open day with a score is drawn any more."""
        self.deleted, keys = self.backup
        self.keys_lost |= keys
        for at, row in self.settled.items():
            if row["status"] == "scored" and row["at"] >= now - SCORES:
                self.scores_lost.add(at[:2])
            row.update(vectors=False, scores=False)

    # What a morning does.

    def begin(self, today: date) -> None:
        """At midnight, consents run out."""
        for number, group in self.groups.items():
            if group["active"] and group["valid_until"] + DAY == today:
                self.stays[group["region"]].end(number)

    def collect(self, region: str, now: datetime, today: date) -> set[int]:
        """Read what is new. Returns the groups whose newest file was refused."""
        refused = set()
        days = self.open_days(region, today)
        for number in self._of(region):
            group, own = (
                self.groups[number],
                [one for one in days if self.reads(number, one, today)],
            )
            files = [one for one in self.files[number] if now - one["arrived"] <= EXPORTS]
            if not own:
                continue
            for one in files:
                if one["export"].damage is None:
                    one["read"] = True
                    self.senders.add(number)
                    before = group["last_read"] or one["arrived"]
                    group["last_read"] = max(before, one["arrived"])
            newest = max(files, key=lambda one: one["arrived"], default=None)
            last = group["last_read"]
            if newest and newest["export"].damage and (not last or newest["arrived"] >= last):
                refused.add(number)
            for day in own:
                holding = [one for one in files if one["read"] and one["day"] > day]
                if holding and (region, day, number) not in self.settled:
                    best = max(holding, key=lambda one: (one["export"].last_entry, one["arrived"]))
                    self._settle(region, day, number, best["export"], now)
        return refused

    def release(
        self, region: str, today: date, noisy: Callable[[str, date], int | None]
    ) -> list[int]:
        """Close what is due. Returns the person-days of each draw, in day order."""
        drawn = []
        starts = [self.groups[one]["valid_from"] for one in self._of(region)]
        for day in self.open_days(region, today):
            if starts and min(starts) <= day <= today - CLOSES:
                people = self._close(region, day, today, noisy)
                drawn += [] if people is None else [people]
                for (where, when, _), row in self.settled.items():
                    if (where, when) == (region, day):
                        row["vectors"] = False
        return drawn

    def lifetimes(self, now: datetime, today: date) -> None:
        for number, group in self.groups.items():
            self._drop(number, lambda one: now - one["arrived"] > EXPORTS, "export_deleted")
            if group["active"]:
                self._drop(number, lambda one, own=number: self._spent(own, one), "export_spent")
        for row in self.settled.values():
            if row["at"] < now - SCORES:
                row.update(vectors=False, scores=False)
        for number in list(self.senders):
            if self.over(number, now, today):
                self.senders.discard(number)

    # What follows.

    def runs(self, number: int, today: date) -> bool:
        group = self.groups[number]
        return group["active"] and today <= group["valid_until"]

    def reads(self, number: int, day: date, today: date) -> bool:
        group = self.groups[number]
        return self.runs(number, today) and group["valid_from"] <= day <= group["valid_until"]

    def over(self, number: int, now: datetime, today: date) -> bool:
        """Whether what is kept of members is past its time."""
        group = self.groups[number]
        if group["ended"] is not None:
            return now - group["ended"] > SENDERS
        return today > group["valid_until"] + SENDERS

    def open_days(self, region: str, today: date) -> list[date]:
        days = [today - n * DAY for n in range(SCORES.days, 0, -1)]
        return [one for one in days if one >= self.first and (region, one) not in self.closed]

    def open_scored(self, region: str) -> list[date]:
        days = {at[1] for at, row in self.settled.items() if at[0] == region and row["vectors"]}
        return sorted(days)

    def _of(self, region: str) -> list[int]:
        return [number for number, one in self.groups.items() if one["region"] == region]

    def _settle(self, region: str, day: date, number: int, export: Any, now: datetime) -> None:
        group = self.groups[number]
        counts = {}
        for person, many in export.written.get(day, {}).items():
            told = [n + COOLING_OFF for n in group["notices"] if group["people"][person] <= n]
            if person not in group["objected"] and told and min(told) <= day:
                counts[person] = many
        scored = len(counts) >= 3 and sum(counts.values()) >= 5
        self.settled[region, day, number] = {
            "status": "scored" if scored else "too_small",
            "people": len(counts),
            "messages": sum(counts.values()),
            "model": self.model,
            "vectors": scored,
            "scores": scored,
            "heeded": True,
            "at": now,
        }

    def _spent(self, number: int, file: dict[str, Any]) -> bool:
        group, found = self.groups[number], False
        day = max(group["valid_from"], self.first)
        while day <= group["valid_until"] and day < file["day"]:
            at = (group["region"], day)
            if at not in self.closed and (*at, number) not in self.settled:
                return False
            found, day = True, day + DAY
        return found and file["read"]

    def _drop(self, number: int, due: Callable[[Any], bool], why: str) -> None:
        staying = [one for one in self.files[number] if not due(one)]
        self.deleted[why] += len(self.files[number]) - len(staying)
        self.files[number] = staying

    def _close(
        self, region: str, day: date, today: date, noisy: Callable[[str, date], int | None]
    ) -> int | None:
        inside = self.stays[region].counting(day, self._first_scored(region))
        reading = [one for one in inside if self.reads(one, day, today)]
        rows = [self.settled.get((region, day, one)) for one in reading]
        people = [one["people"] for one in rows if one and one["scores"]]
        lost = (region, day) in self.scores_lost
        reason = "LOST_IN_RESTORE" if lost else suppressed(people)
        drawn = reason is None
        if drawn and (region, day) in self.lost:
            reason = "DRAW_LOST"
        elif drawn and (noisy(region, day) or 0) < 30:
            reason = "TOO_FEW_PEOPLE"
        elif drawn and self.stays[region].pooled(day):
            reason = "POOLED_ONLY"
        shown = reason is None
        if reason not in {None, "DRAW_LOST"} and self.stays[region].shows_week(day):
            week = [self.closed.get((region, day - n * DAY), {}) for n in range(1, 7)]
            held = sum(one.get("reason") == "POOLED_ONLY" and not one["retracted"] for one in week)
            shown = held + (reason == "POOLED_ONLY") >= 4
        status = "published" if shown else "not_published"
        self.closed[region, day] = {"status": status, "reason": reason, "retracted": False}
        self.stays[region].latest = max(self.stays[region].latest, day)
        return sum(people) if drawn and reason != "DRAW_LOST" else None

    def _first_scored(self, region: str) -> dict[int, date]:
        first: dict[int, date] = {}
        for (where, day, number), row in self.settled.items():
            if where == region and row["status"] == "scored":
                first[number] = min(first.get(number, day), day)
        return first
