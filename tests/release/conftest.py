"""A home's release on real tables, with groups that write every day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from made_evidence import RELEASING

from assets.core.constructs import CONSTRUCTS
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoiseScales, NoisyTotals
from assets.restricted.release import region_release
from assets.restricted.release.region_release import RegionRelease
from assets.restricted.release.region_totals import RegionTotals
from orchestration.cli.session import Session
from resources.base.database.tables import regional_values, release_reasons, release_steps
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.scores.score_store import GroupScore
from simulation.consents import made_up_terms

LONDON = "greater_london"
MONDAY = date(2026, 9, 7)
RHO = GAUSSIAN_1.micro_rho


@dataclass
class Scores:
    """Scores as the store gives them: 12 people a group and day, unless said otherwise."""

    groups: list[str] = field(default_factory=list)
    people: Mapping[str, int] = field(default_factory=dict)
    since: Mapping[str, date] = field(default_factory=dict)
    expired: frozenset[str] = frozenset()
    lost: frozenset[date] = frozenset()
    of: Callable[[str], list[GroupScore]] | None = None

    def first_scored(self, region: str) -> dict[str, date]:
        return {ref: self.since.get(ref, date(2026, 1, 1)) for ref in self.groups}

    def settled(self, region: str, days: list[date]) -> dict[tuple[date, str], str]:
        return {(day, ref): "scored" for day in days for ref in self.groups}

    def lost_in_restore(self, region: str, day: date) -> bool:
        return day in self.lost

    def of_region_day(self, region: str, day: date) -> dict[str, list[GroupScore]]:
        there = [ref for ref in self.groups if ref not in self.expired]
        return {
            ref: self.of(ref) if self.of else self._scores(ref)
            for ref in there
            if self.since.get(ref, day) <= day
        }

    def _scores(self, ref: str) -> list[GroupScore]:
        people = self.people.get(ref, 12)
        return [GroupScore(name, people, -100 * people, 3 * people) for name in CONSTRUCTS]


class House:
    """A home's release, with groups that write every day."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.scores = Scores()
        self.register = session.register
        self.store = session.resources["release_store"]
        self.ledger = session.resources["release_ledger"]
        self.at(MONDAY)
        self.release = RegionRelease(
            session.home.config,
            self.register,
            self.scores,  # pyright: ignore[reportArgumentType]
            self.store,
            self.ledger,
            session.resources["release_journal"],
            session.clock,
            RELEASING,
        )

    def at(self, day: date) -> None:
        """Nine in the morning, three days after `day`, when it closes."""
        due = day + timedelta(days=3)
        self.session.clock.moment = datetime(due.year, due.month, due.day, 9, tzinfo=UTC)

    def join(self, count: int = 1, *, valid_from: date = MONDAY, employer: str | None = None):
        refs = [
            self.register.grant(
                made_up_terms(
                    valid_from,
                    date(2026, 12, 31),
                    LONDON,
                    member_basis=MemberBasis.OPT_IN,
                    ethics_reference="",
                    departure_approved=False,
                    employer_ref=employer,
                ),
                self.session.clock.now(),
            )
            for _ in range(count)
        ]
        self.scores.groups += refs
        return refs

    def withdraw(self, group_ref: str) -> None:
        """A minute later than what was done last."""
        self.session.clock.moment += timedelta(minutes=1)
        self.register.withdraw(group_ref, self.session.clock.now())

    def close(self, day: date) -> str:
        self.at(day)
        return self.release.close(LONDON, day, GAUSSIAN_1, RHO)

    def rows(self, table: sa.Table) -> list[Any]:
        with self.session.database.transaction() as connection:
            return list(connection.execute(sa.select(table).order_by(*table.primary_key)))

    def steps(self, day: date) -> list[str]:
        return [row.step for row in self.rows(release_steps) if row.day == day]

    def value(self, day: date) -> Any:
        (row,) = [
            row
            for row in self.rows(regional_values)
            if (row.day, row.construct) == (day, "burnout")
        ]
        return row

    def reason(self, day: date) -> str | None:
        return {row.day: row.code for row in self.rows(release_reasons)}.get(day)

    def letters(self, first: date, count: int) -> str:
        """Close days; a letter each: `p`ublished, pooled `w`eek alone, or `n`ot published."""
        found = ""
        for number in range(count):
            self.close(first + timedelta(days=number))
            row = self.value(first + timedelta(days=number))
            found += "n" if row.status == "not_published" else "p" if row.estimate else "w"
        return found


@pytest.fixture
def house(session: Session) -> House:
    return House(session)


class SeededNoise:
    """Normal draws of the program's own scales, rounded, from a fixed seed.

    The program's own can't be seeded and cost a hundred times as much; test_release_noise.py holds
    them against their distribution.
    """

    def __init__(self) -> None:
        self._chance = np.random.default_rng(6)

    def __call__(self, totals: RegionTotals, micro_rho: int) -> NoisyTotals:
        people, *sums = np.rint(self._chance.normal(scale=_scales(micro_rho))).astype(int)
        return NoisyTotals(
            totals.person_days + int(people),
            {
                name: totals.sums_milli[name] + int(more)
                for name, more in zip(CONSTRUCTS, sums, strict=True)
            },
            micro_rho,
        )


@cache
def _scales(micro_rho: int) -> list[float]:
    scales = NoiseScales.of(micro_rho)
    return [scales.of_count, *([scales.of_sum_milli] * len(CONSTRUCTS))]


@pytest.fixture
def noise(full: bool) -> Callable[[RegionTotals, int], NoisyTotals]:
    """In full the program's own noise, else one that is the same each time."""
    return region_release.draw if full else SeededNoise()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[NoisyTotals]:
    """Every draw that was really made."""
    really, made = region_release.draw, []

    def draw(totals, micro_rho):
        made.append(really(totals, micro_rho))
        return made[-1]

    monkeypatch.setattr(region_release, "draw", draw)
    return made


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many groups went into each draw."""
    really, seen = region_release.region_totals, []

    def noting(groups):
        seen.append(len(groups))
        return really(groups)

    monkeypatch.setattr(region_release, "region_totals", noting)
    return seen
