"""One simulated day after another, each compared with the reference model."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from bench.soak.events import Event, Script
from bench.soak.reference import REGIONS, Reference
from bench.soak.site import Site
from bench.soak.upkeep import faults


@dataclass
class Day:
    """What came of a day.

    Attributes:
        day: which.
        events: how many of each kind.
        wrong: each rule that does not hold, with counts; nothing of a group.
    """

    day: date
    events: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Soak:
    """Drives a home and the reference model through the same days.

    Args:
        site: the home, empty.
        seed: of all events.
        first: the first day.
        often: as `Script` has it.
    """

    def __init__(self, site: Site, seed: int, first: date, often: float = 1) -> None:
        self._site, self._first = site, first
        self._script, self.known = Script(seed, first, often), Reference(first)
        self._values: dict[Any, Any] = {}

    def days(self, count: int) -> Iterator[Day]:
        """One after another; the comparison is of the moment after `lifetimes`."""
        with self._site.watched():
            for number in range(count):
                done = Day(self._first + timedelta(days=number))
                if number:
                    self._morning(done)
                for event in self._script.of_day(done.day, self.known):
                    self._happen(event)
                    if event.what in {"restore", "upgrade"}:
                        told = faults(self._site.session)
                        done.wrong += [f"verify after {event.what}: {code}" for code in told]
                    done.events[event.what] = done.events.get(event.what, 0) + 1
                yield done

    def _morning(self, done: Day) -> None:
        site, known, today = self._site, self.known, done.day
        known.begin(today)
        before = set(known.settled)
        for region in REGIONS:
            now = site.clock.put(datetime.combine(today, time(4, 30)))
            code = site.collect(region)
            # Its first step deletes what is due, of all regions.
            known.lifetimes(now, today)
            refused = known.collect(region, now, today)
            if code != ("GROUPS_REFUSED" if refused else None):
                done.wrong.append(f"run of collect ended with {code}, {len(refused)} refused")
        self._compare_new(done, set(known.settled) - before)
        for region in REGIONS:
            site.clock.put(datetime.combine(today, time(6, 30)))
            site.drawn.clear()
            if (code := site.release(region)) is not None:
                done.wrong.append(f"run of release ended with {code}")
            known.lost = site.lost
            drawn = known.release(region, today, site.noisy)
            # Of a disturbed run the draws are seen by their noisy totals alone.
            if drawn != site.drawn and (site.sees_all or Counter(site.drawn) - Counter(drawn)):
                done.wrong.append(f"draws: {len(drawn)} expected, {len(site.drawn)} made")
        now = site.clock.put(datetime.combine(today, time(7, 0)))
        if (code := site.lifetimes()) is not None:
            done.wrong.append(f"run of lifetimes ended with {code}")
        known.lifetimes(now, today)
        done.wrong += compared(expected(known), site.held(), self._values)

    def _compare_new(self, done: Day, new: set[tuple[str, date, int]]) -> None:
        known = self.known
        for region, day in sorted({at[:2] for at in new}):
            rows = {
                number: row
                for (where, when, number), row in known.settled.items()
                if (where, when) == (region, day) and row["scores"]
            }
            wanted = {number: (row["people"], row["messages"]) for number, row in rows.items()}
            found = self._site.scored(region, day)
            if wanted != found:
                other = sum(wanted[one] != found.get(one) for one in wanted)
                done.wrong.append(f"people or messages: {other} of {len(wanted)} group-days differ")
            by = {number: {self._site.version(row["model"])} for number, row in rows.items()}
            if by != self._site.models(region, day):
                done.wrong.append("scored by another model")

    def _happen(self, event: Event) -> None:
        known, today = self.known, event.at.date()
        if event.what == "model":
            known.model += 1
            self._site.change_model(known.model)
            return
        digest, now = self._site.apply(event), self._site.clock.now()
        group = known.groups.get(event.group, {})
        if event.what == "join":
            people = self._script.people(event.group)
            known.join(event.group, event.region, today, event.until, people)
        elif event.what == "deliver":
            known.deliver(event.group, digest, now, today, event.export)
        elif event.what == "renew":
            known.renew(event.group, today, event.until)
        elif event.what == "withdraw":
            known.withdraw(event.group, now)
        elif event.what == "purge":
            known.purge(event.group)
        elif event.what == "notice":
            group["notices"].append(today)
        elif event.what == "new":
            group["people"][event.person] = event.day
        elif event.what == "object":
            known.objects(event.group, event.person)
        else:
            self._keep_up(event, now)

    def _keep_up(self, event: Event, now: datetime) -> None:
        known = self.known
        if event.what == "rescore":
            known.rescore(event.region, event.day, event.at.date())
        elif event.what == "retract":
            known.closed[event.region, event.day]["retracted"] = True
        elif event.what == "backup":
            known.back_up()
        elif event.what == "restore":
            known.restore(now)


def expected(known: Reference) -> dict[str, Any]:
    """What `Site.held` must give."""
    scored = {at for at, row in known.settled.items() if row["scores"]}
    living = {at for at, row in known.settled.items() if row["vectors"]}
    destroyed = len(known.settled) - len(living) - len(known.keys_lost)
    ledger = dict(known.deleted) | {"keys_destroyed": destroyed}
    return {
        "settled": {(at, row["status"]) for at, row in known.settled.items()},
        "vectors": living,
        "scores": scored,
        "senders": known.senders,
        "consents": {
            (number, one["active"], one["valid_until"]) for number, one in known.groups.items()
        },
        "files": {(number, one["digest"]) for number, own in known.files.items() for one in own},
        "outcomes": {
            (at, "retracted" if one["retracted"] else one["status"], one["reason"])
            for at, one in known.closed.items()
        },
        "vector files": len(living),
        "keys": len(living) + len(scored),
        "ledger": {kind: count for kind, count in ledger.items() if count},
    }


def compared(wanted: dict[str, Any], found: dict[str, Any], values: dict[Any, Any]) -> list[str]:
    """Each rule that does not hold, with counts.

    Args:
        wanted: by the reference model.
        found: in the home.
        values: every published row of the days before, which none may have changed; those of this
            day are added.
    """
    wrong = []
    for rule, expected_ in wanted.items():
        there: Any = found[rule]
        if rule == "ledger":
            there = {kind: there[kind] for kind in expected_}
        if there == expected_:
            continue
        if isinstance(expected_, set) and isinstance(there, set):
            wrong.append(
                f"{rule}: {len(expected_ - there)} missing, {len(there - expected_)} too many"
            )
        else:
            wrong.append(f"{rule}: {expected_} expected, {there} found")
    changed = sum(found["values"].get(at) != row for at, row in values.items())
    if changed:
        wrong.append(f"published rows: {changed} changed or gone")
    rows = {at[:2] for at in found["values"]}
    if rows != {at for at, *_ in wanted["outcomes"]} or len(found["values"]) != 3 * len(rows):
        wrong.append(f"published rows: {len(found['values'])} of {len(rows)} region-days")
    values.update(found["values"])
    return wrong
