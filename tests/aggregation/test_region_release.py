"""Closing region-days on real tables: one draw, whatever crashes, comes twice or comes at once."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from assets.aggregation import region_release
from assets.aggregation.budget import MONTH_CAP
from assets.aggregation.method import GAUSSIAN_1
from assets.aggregation.noise import NoisyTotals, cost_by_maps
from assets.aggregation.region_release import RegionRelease
from assets.aggregation.regional_value import mean_score
from assets.governance.constructs import CONSTRUCTS
from assets.governance.errors import PartitionError, ReleaseError, StorageError
from orchestration.cli.session import Session
from resources.consent_register import ConsentTerms, MemberBasis
from resources.region_days import RegionDays
from resources.release_ledger import DrawKey
from resources.score_store import GroupScore
from resources.tables import noisy_draws, regional_values, release_reasons, release_steps

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
    of: Callable[[str], list[GroupScore]] | None = None

    def first_scored(self, region: str) -> dict[str, date]:
        return {ref: self.since.get(ref, date(2026, 1, 1)) for ref in self.groups}

    def settled(self, region: str, days: list[date]) -> dict[tuple[date, str], str]:
        return {(day, ref): "scored" for day in days for ref in self.groups}

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
        )

    def at(self, day: date) -> None:
        """Nine in the morning, three days after `day`, when it closes."""
        due = day + timedelta(days=3)
        self.session.clock.moment = datetime(due.year, due.month, due.day, 9, tzinfo=UTC)

    def join(self, count: int = 1, *, valid_from: date = MONDAY, employer: str | None = None):
        refs = [
            self.register.grant(
                ConsentTerms(
                    region=LONDON,
                    platform="whatsapp",
                    member_basis=MemberBasis.OPT_IN,
                    ethics_reference="",
                    informed_on=valid_from,
                    notice_version="v1",
                    adult_workplace=True,
                    evidence=b"signed",
                    valid_from=valid_from,
                    valid_until=date(2026, 12, 31),
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


@pytest.fixture
def house(session: Session) -> House:
    return House(session)


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


class Crash(BaseException):
    """The process ends here."""


@contextmanager
def crashing_before(number: int) -> Iterator[list[str]]:
    """Crash before the statement or commit of this number; yields what was sent until then."""
    engine = sa.Engine
    sent: list[str] = []

    def note(what: str) -> None:
        if len(sent) == number:
            raise Crash
        sent.append(what)

    def statement(*arguments: Any) -> None:
        note(arguments[2])

    def commit(_: Any) -> None:
        note("COMMIT")

    sa.event.listen(engine, "before_cursor_execute", statement)
    sa.event.listen(engine, "commit", commit)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", statement)
        sa.event.remove(engine, "commit", commit)


def test_a_crash_between_any_two_statements_leaves_one_draw_or_none(
    house: House, drawn: list[NoisyTotals]
) -> None:
    house.join(6)
    outcomes = []
    for number in range(200):
        day = MONDAY + timedelta(days=number)
        house.at(day)
        drawn.clear()
        try:
            with crashing_before(number):
                house.release.close(LONDON, day, GAUSSIAN_1, RHO)
        except Crash:
            pass
        else:
            break
        crashed_after = len(drawn)
        steps = house.steps(day)
        closed = house.session.resources["region_day_locks"].closed(LONDON, [day])
        assert not closed
        assert steps in ([], ["debited"])
        assert crashed_after <= len(steps), "noise was drawn before its budget was taken"
        house.close(day)
        assert len(drawn) <= 1
        after = house.steps(day)
        if steps:
            assert after == ["burned", "debited"]
            assert (house.value(day).status, house.reason(day)) == ("not_published", "DRAW_LOST")
            assert house.store.drawn(LONDON, [day]) == {}
        else:
            assert after == ["debited", "stored"]
            assert house.value(day).status == "published"
        assert [row.micro_rho for row in house.rows(release_steps) if row.day == day] == [RHO] * 2
        outcomes.append((bool(steps), crashed_after))
    assert number >= 20, "crashed before every statement and commit of a release"
    assert house.steps(day) == ["debited", "stored"]
    # Crashes came before the debit, between debit and draw, and after the draw.
    assert {(False, 0), (True, 1)} <= set(outcomes)


def test_a_crash_while_a_lost_draw_is_burned_burns_it_once(
    house: House, drawn: list[NoisyTotals]
) -> None:
    house.join(6)
    house.at(MONDAY)
    key = DrawKey(LONDON, MONDAY, GAUSSIAN_1.version)
    assert house.ledger.debit(key, RHO, house.session.clock.now())
    for number in range(100):
        try:
            with crashing_before(number):
                assert house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO) == "burned"
        except Crash:
            assert house.steps(MONDAY) == ["debited"]
        else:
            break
    assert number > 5
    assert house.steps(MONDAY) == ["burned", "debited"]
    assert drawn == []


def test_two_releases_at_once_give_one_draw(house: House, drawn: list[NoisyTotals]) -> None:
    """Under the region-day's lock, as the asset works, and without it."""
    house.join(6)
    locks: RegionDays = house.session.resources["region_day_locks"]
    together = threading.Barrier(2)

    def locked(_: int) -> str:
        together.wait()
        with locks.writing([(LONDON, MONDAY)]):
            if locks.closed(LONDON, [MONDAY]):
                return "already_settled"
            return house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO)

    tuesday = MONDAY + timedelta(days=1)
    house.at(tuesday)

    def unlocked(_: int) -> str:
        together.wait()
        try:
            return house.release.close(LONDON, tuesday, GAUSSIAN_1, RHO)
        except StorageError as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(locked, range(2))) == ["already_settled", "published"]
        assert len(drawn) == 1
        drawn.clear()
        first, second = sorted(pool.map(unlocked, range(2)))
    assert len(drawn) == 1
    # The later one may find the debit and take it for a lost draw; then the day is burned for both.
    assert (first, second) in {("DATABASE_REFUSED", "published"), ("DATABASE_REFUSED", "burned")}
    assert len(house.store.drawn(LONDON, [tuesday])) <= 1


def test_what_is_published_is_what_was_drawn(house: House, drawn: list[NoisyTotals]) -> None:
    house.join(6)
    for number in range(8):
        assert house.close(MONDAY + timedelta(days=number)) == "published"
    last = house.value(MONDAY + timedelta(days=7))
    assert last.estimate == mean_score(drawn[-1:], "burnout")
    assert last.value_7d == mean_score(drawn[-7:], "burnout")
    assert last.value_28d is None
    assert last.micro_rho == RHO
    assert [tuple(row)[5:7] for row in house.rows(noisy_draws)] == [
        (RHO, one.person_days) for one in drawn
    ]
    debits = [row.micro_rho for row in house.rows(release_steps) if row.step == "debited"]
    assert sum(debits) == sum(cost_by_maps(one.micro_rho) for one in drawn) == 8 * RHO


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ({0: 400}, "LARGEST_TOO_LARGE"),
        ({0: 60, 1: 60, 2: 10, 3: 10, 4: 10, 5: 9}, "TOP_TWO_TOO_LARGE"),
        (dict.fromkeys(range(6), 1), None),
    ],
)
def test_reasons_stay_restricted(house: House, people: dict[int, int], reason) -> None:
    refs = house.join(6)
    house.scores.people = {refs[number]: count for number, count in people.items()}
    house.close(MONDAY)
    row = house.value(MONDAY)
    if reason is None:
        # Six people in all: only noise 2.4 times its spread would let the day through.
        assert house.reason(MONDAY) in {"TOO_FEW_PEOPLE", None}
        assert house.steps(MONDAY) == ["debited", "stored"]
        return
    assert (row.status, row.people_band, row.micro_rho) == ("not_published", None, None)
    assert house.reason(MONDAY) == reason
    assert house.steps(MONDAY) == []


def test_groups_of_one_employer_count_as_one(house: House) -> None:
    house.join(4)
    house.join(3, employer="e-00000001")
    assert house.close(MONDAY) == "published"
    house.scores.groups.pop(0)
    tuesday = MONDAY + timedelta(days=1)
    assert house.close(tuesday) == "not_published"
    assert house.reason(tuesday) == "TOO_FEW_GROUPS"


BAD = {
    "NaN": lambda ref: [GroupScore(name, 12, float("nan"), 30) for name in CONSTRUCTS],  # pyright: ignore
    "a float": lambda ref: [GroupScore(name, 12, 5.0, 30) for name in CONSTRUCTS],  # pyright: ignore
    "too large": lambda ref: [GroupScore(name, 12, 6001, 30) for name in CONSTRUCTS],
    "nobody": lambda ref: [GroupScore(name, 0, 0, 30) for name in CONSTRUCTS],
    "no construct": lambda ref: [GroupScore("burnout", 12, 0, 30)],
    "a construct twice": lambda ref: [GroupScore("burnout", 12, 0, 30)] * 3,
    "people who differ": lambda ref: [
        GroupScore(name, 12 + place, 0, 30) for place, name in enumerate(CONSTRUCTS)
    ],
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_bad_sums_are_refused_and_cost_nothing(house: House, bad) -> None:
    house.join(6)
    house.scores.of = bad
    with pytest.raises(ReleaseError, match=r"^SUM_OUT_OF_RANGE$"):
        house.close(MONDAY)
    assert house.rows(release_steps) == house.rows(regional_values) == []


def test_a_group_twice_is_refused_and_costs_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.join(6)
    really = RegionRelease._groups

    def twice(self, *at):
        groups, left_out = really(self, *at)
        return [*groups, groups[0]], left_out

    monkeypatch.setattr(RegionRelease, "_groups", twice)
    with pytest.raises(ReleaseError, match=r"^GROUP_TWICE$"):
        house.close(MONDAY)
    assert house.rows(release_steps) == house.rows(regional_values) == []


def test_an_unknown_region_is_refused_and_costs_nothing(house: House) -> None:
    house.join(6)
    with pytest.raises(PartitionError, match=r"^REGION_UNKNOWN$"):
        house.release.close("atlantis", MONDAY, GAUSSIAN_1, RHO)
    assert house.rows(release_steps) == house.rows(regional_values) == []


def test_a_clock_set_back_is_refused_and_costs_nothing(house: House) -> None:
    house.join(6)
    assert house.close(MONDAY + timedelta(days=5)) == "published"
    before = house.rows(release_steps)
    with pytest.raises(ReleaseError, match=r"^CLOCK_SET_BACK$"):
        house.close(MONDAY)
    assert house.rows(release_steps) == before
    # A clock that is put right by some minutes is none.
    house.session.clock.moment += timedelta(days=5, minutes=-9)
    assert house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO) == "published"


def test_past_the_cap_of_a_month_nothing_is_drawn(house: House, drawn: list[NoisyTotals]) -> None:
    house.join(6)
    house.at(MONDAY)
    now = house.session.clock.now()
    for number in range(MONTH_CAP // RHO):
        taken = DrawKey(LONDON, date(2026, 9, 1 + number % 30), "gaussian-1", 10 + number)
        assert house.ledger.debit(taken, RHO, now)
    assert house.close(MONDAY) == "not_published"
    assert house.reason(MONDAY) == "BUDGET_SPENT"
    assert drawn == []
    october = date(2026, 10, 5)
    assert house.close(october) == "published"


def days(house: House, first: date, count: int) -> str:
    """A letter a day: `p`ublished, pooled `w`eek alone, or `n`ot published."""
    letters = ""
    for number in range(count):
        house.close(first + timedelta(days=number))
        row = house.value(first + timedelta(days=number))
        letters += "n" if row.status == "not_published" else "p" if row.estimate else "w"
    return letters


def test_the_week_of_a_withdrawal_shows_its_pooled_value_alone(
    house: House, drawn: list[NoisyTotals], sizes: list[int]
) -> None:
    leaver, *_ = house.join(8)
    assert days(house, MONDAY, 8) == "pppppppp"
    house.withdraw(leaver)
    first = MONDAY + timedelta(days=8)
    assert days(house, first, 13) == "nnnnnnw" + "pppppp"
    pooled = house.value(first + timedelta(days=6))
    assert pooled.value_7d == mean_score(drawn[8:15], "burnout")
    assert (pooled.estimate, pooled.standard_error, pooled.value_28d) == (None, None, None)
    assert pooled.standard_error_7d > 0
    assert set(sizes[8:]) == {7}
    # Days of that week stand in no later value: the next needs four days of its own.
    after = [house.value(first + timedelta(days=7 + number)).value_7d for number in range(6)]
    assert [one is None for one in after] == [True, True, True, False, False, False]
    assert after[3] == mean_score(drawn[15:19], "burnout")


def test_groups_that_join_wait_for_each_other(house: House, sizes: list[int]) -> None:
    house.join(6)
    assert days(house, MONDAY, 2) == "pp"
    house.join(2, valid_from=MONDAY + timedelta(days=2))
    assert days(house, MONDAY + timedelta(days=2), 12) == "p" * 12
    house.join(1, valid_from=MONDAY + timedelta(days=15))
    # A batch of three enters on the Monday after, with no pooled week.
    assert days(house, MONDAY + timedelta(days=14), 8) == "p" * 8
    assert sizes == [6] * 21 + [9]


def test_consents_that_send_nothing_make_no_batch(house: House, sizes: list[int]) -> None:
    house.join(6)
    never = date(2026, 12, 30)
    assert days(house, MONDAY, 1) == "p"
    one, *sham = house.join(3, valid_from=MONDAY + timedelta(days=1))
    house.scores.since = {**dict.fromkeys(sham, never), one: MONDAY}
    assert days(house, MONDAY + timedelta(days=1), 20) == "p" * 20
    assert set(sizes) == {6}
    # Nor does a founder that sends its first day late come in alone.
    house.scores.since = dict.fromkeys(sham, MONDAY + timedelta(days=22))
    assert days(house, MONDAY + timedelta(days=21), 8) == "p" * 8
    assert sizes[21:] == [6] * 7 + [9]


def test_a_revision_costs_budget_and_stands_beside_the_first(
    house: House, drawn: list[NoisyTotals]
) -> None:
    house.join(6)
    assert house.close(MONDAY) == "published"
    first = house.value(MONDAY)
    key = house.store.newest_revision(LONDON, MONDAY)
    assert house.release.revise(key, RHO) == "published"
    rows = [row for row in house.rows(regional_values) if row.construct == "burnout"]
    assert [row.revision for row in rows] == [0, 1]
    assert rows[0] == first
    assert rows[1].estimate == mean_score(drawn[1:], "burnout")
    assert house.ledger.spent(LONDON, MONDAY).in_month == 2 * RHO


def test_a_day_whose_scores_are_partly_deleted_is_not_drawn(
    house: House, drawn: list[NoisyTotals]
) -> None:
    first, *_ = house.join(7)
    house.scores.expired = frozenset({first})
    assert house.close(MONDAY) == "not_published"
    assert (house.reason(MONDAY), drawn, house.steps(MONDAY)) == ("SCORES_DELETED", [], [])


def test_a_restored_database_draws_nothing_again(house: House, drawn: list[NoisyTotals]) -> None:
    house.join(6)
    assert house.close(MONDAY) == "published"
    tables = (release_steps, noisy_draws, regional_values)
    with house.session.database.transaction() as connection:
        for table in tables:
            connection.execute(sa.text(f"ALTER TABLE {table.fullname} DISABLE TRIGGER append_only"))
            connection.execute(table.delete())
            connection.execute(sa.text(f"ALTER TABLE {table.fullname} ENABLE TRIGGER append_only"))
    assert house.close(MONDAY) == "burned"
    assert len(drawn) == 1
    assert (house.value(MONDAY).status, house.reason(MONDAY)) == ("not_published", "DRAW_LOST")
    assert house.ledger.spent(LONDON, MONDAY).in_month == RHO


def test_noise_that_would_cost_another_sum_is_refused_before_it_is_paid(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.join(6)
    monkeypatch.setattr(region_release, "cost_by_maps", lambda micro_rho: micro_rho + 1)
    with pytest.raises(ReleaseError, match=r"^NOISE_COSTS_MORE$"):
        house.close(MONDAY)
    assert house.rows(release_steps) == house.rows(regional_values) == []


def test_an_event_recorded_by_a_clock_set_back_changes_no_closed_day(
    house: House, sizes: list[int]
) -> None:
    leaver, *_ = house.join(8)
    assert days(house, MONDAY, 5) == "ppppp"
    house.session.clock.moment -= timedelta(days=10)
    house.withdraw(leaver)
    assert days(house, MONDAY + timedelta(days=5), 7) == "nnnnnnw"
    assert sizes == [8] * 5 + [7] * 7


@pytest.mark.parametrize(
    "why", ["GROUPS_LEFT_SINCE", "SCORES_DELETED", "ONE_DELETED", "BUDGET_SPENT"]
)
def test_a_revision_that_may_not_be_is_refused_and_costs_nothing(house: House, why: str) -> None:
    leaver, *_ = house.join(6)
    assert house.close(MONDAY) == "published"
    now = house.session.clock.now()
    if why == "GROUPS_LEFT_SINCE":
        house.withdraw(leaver)
    elif why == "SCORES_DELETED":
        house.scores.groups.clear()
    elif why == "ONE_DELETED":
        why = "SCORES_DELETED"
        house.scores.expired = frozenset({leaver})
    else:
        assert house.ledger.debit(DrawKey(LONDON, MONDAY, "gaussian-2"), MONTH_CAP - RHO - 1, now)
    before = house.rows(release_steps), house.rows(regional_values)
    with pytest.raises(ReleaseError, match=f"^{why}$"):
        house.release.revise(house.store.newest_revision(LONDON, MONDAY), RHO)
    assert (house.rows(release_steps), house.rows(regional_values)) == before


def test_a_shadow_shares_the_day_and_shows_nothing(
    house: House, drawn: list[NoisyTotals], monkeypatch
) -> None:
    from assets.aggregation.method import Method

    house.join(6)
    house.at(MONDAY)
    shadow = Method("gaussian-9", RHO)
    for _ in range(2):
        house.release.close(LONDON, MONDAY, shadow, RHO // 2, shadow=True)
    assert house.rows(regional_values) == []
    assert house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO // 2) == "published"
    assert [one.micro_rho for one in drawn] == [RHO // 2, RHO // 2]
    assert house.ledger.spent(LONDON, MONDAY).in_month == RHO
    assert {row.method_version for row in house.rows(regional_values)} == {"gaussian-1"}
    assert {row.micro_rho for row in house.rows(regional_values)} == {RHO // 2}
