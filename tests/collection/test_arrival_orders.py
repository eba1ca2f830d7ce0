"""Overlapping exports of one conversation, delivered in every order, at the level of the plan."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.london_time import LONDON
from assets.restricted.collection.group_exports import open_export, read_group_exports
from assets.restricted.scrubbing.collection_plan import days_by_export
from resources.stores.inbox.collection_records import ExportCounts
from resources.stores.inbox.coverage import supplier
from resources.stores.inbox.inbox import Inbox, SealedExport

REGION, GROUP = "greater_london", "g-00000001"
FIRST = date(2026, 10, 12)
DAYS = [FIRST + timedelta(days=n) for n in range(4)]
HOURS = (7, 12, 18, 23)
SLOTS = [datetime(d.year, d.month, d.day, h, 5, tzinfo=LONDON) for d in DAYS for h in HOURS]
NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
"""After all days; every export has arrived a few hours later."""
LATER = NOW + timedelta(days=1)
IDENTITY = pyrage.x25519.Identity.generate()  # pyright: ignore[reportAttributeAccessIssue]
_numbers = count()


class Reports:
    """What `CollectionRecords` keeps of readings, in memory."""

    def __init__(self) -> None:
        self._known: dict[str, ExportCounts] = {}
        self._arrived: list[datetime] = []

    def readable(self, group_ref: str) -> dict[str, ExportCounts]:
        return dict(self._known)

    def record(self, export: SealedExport, outcome: ExportCounts | str, now: datetime) -> None:
        assert isinstance(outcome, ExportCounts), outcome
        self._known[export.digest] = outcome
        self._arrived.append(export.arrived_at)

    def require_counted(self, export: SealedExport) -> None:
        pass

    def last_readable(self, group_ref: str) -> datetime | None:
        return max(self._arrived, default=None)


class House:
    """One group's inbox and a store of what was read, without scrubbing."""

    def __init__(self) -> None:
        url = f"memory://arrivals{next(_numbers)}"
        self.inbox = Inbox(url, str(IDENTITY.to_public()), str(IDENTITY), timedelta(days=60))
        self.records = Reports()
        self.digests: dict[date, str] = {}
        self.stored: dict[date, list[tuple[datetime, str, str]]] = {}

    def deliver(self, slots: Sequence[int], at: datetime) -> None:
        lines = [
            f"{SLOTS[one]:%d/%m/%Y, %H:%M} - Person{'abc'[one % 3]}: words number {one}\n"
            for one in slots
        ]
        self.inbox.add(GROUP, io.BytesIO("".join(lines).encode()), at)

    def collect(self, now: datetime) -> None:
        group_exports = read_group_exports(self.inbox, self.records, GROUP, REGION, now)  # type: ignore[arg-type]
        over = [day for day in DAYS if day < now.astimezone(LONDON).date()]
        plan = days_by_export(group_exports.candidates, over, settled=(), stored=self.digests)
        for digest, wanted in plan.items():
            export = open_export(self.inbox, group_exports.parts_of(digest), REGION, now)
            messages = [(one.sent_at, one.author, one.text) for one in export.messages]
            for day in wanted:
                self.digests[day] = digest
                self.stored[day] = [one for one in messages if one[0].date() == day]


@st.composite
def exports(draw: st.DrawFn) -> list[tuple[list[int], datetime]]:
    """Slices of one conversation, and arrivals after each one's last entry."""
    said = sorted(draw(st.sets(st.integers(0, len(SLOTS) - 1), min_size=2)))
    made = []
    for _ in range(draw(st.integers(2, 4))):
        start = draw(st.integers(0, len(said) - 1))
        part = said[start : draw(st.integers(start + 1, len(said)))]
        wait = draw(st.sampled_from([timedelta(minutes=5), timedelta(hours=8), timedelta(days=2)]))
        made.append((part, SLOTS[part[-1]].astimezone(UTC) + wait))
    return made


def outcome(
    delivered: Sequence[tuple[Sequence[int], datetime]], *, looks: Sequence[bool] = ()
) -> dict[date, list[tuple[datetime, str, str]]]:
    house = House()
    for number, (part, at) in enumerate(delivered):
        house.deliver(part, at)
        if number < len(looks) and looks[number]:
            house.collect(LATER)
    house.collect(LATER)
    return house.stored


@settings(max_examples=60, derandomize=True)
@given(st.data())
def test_any_order_of_arrival_gives_the_same_stored_result(data: st.DataObject) -> None:
    parts = [part for part, _ in data.draw(exports())]
    as_drawn = [(part, NOW + timedelta(hours=n)) for n, part in enumerate(parts)]
    reordered = [
        (part, NOW + timedelta(hours=n)) for n, part in enumerate(data.draw(st.permutations(parts)))
    ]
    # Vectors may be stored, and not yet settled, at any moment between the arrivals.
    looks = data.draw(st.lists(st.booleans(), max_size=3))
    assert outcome(reordered, looks=looks) == outcome(as_drawn)


@settings(max_examples=60, derandomize=True)
@given(st.data())
def test_arrivals_in_the_middle_of_the_days_may_be_seen_in_any_order(data: st.DataObject) -> None:
    made = data.draw(exports())
    looks = data.draw(st.lists(st.booleans(), max_size=3))
    assert outcome(data.draw(st.permutations(made)), looks=looks) == outcome(made)


@settings(max_examples=60, derandomize=True)
@given(exports())
def test_a_day_comes_from_the_newest_export_that_reaches_back_to_it(made) -> None:
    stored = outcome([(part, NOW) for part, _ in made])
    assert set(stored) == set(DAYS)
    for day, messages in stored.items():
        end = datetime(day.year, day.month, day.day, tzinfo=LONDON) + timedelta(days=1)
        reaching = [part for part, _ in made if SLOTS[part[0]] < end]
        expected = max(reaching, key=lambda part: (part[-1], -part[0]), default=[])
        told = [f"words number {one}" for one in expected if SLOTS[one].date() == day]
        assert [text for _, _, text in messages] == told


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    "parts",
    [
        # The same last entry, one cut off at its beginning.
        ([0, 1, 2, 3], [2, 3]),
        # The newest begins after the first day.
        ([0, 1, 2, 3], [4, 5, 6]),
    ],
)
def test_a_cut_off_export_never_empties_a_day(parts, order) -> None:
    stored = outcome([(parts[one], NOW + timedelta(hours=n)) for n, one in enumerate(order)])
    assert len(stored[FIRST]) == 4


def test_no_export_no_supplier() -> None:
    assert supplier([], FIRST) is None
