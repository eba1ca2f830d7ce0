"""Whenever a group withdraws or a member objects while it is read, nothing is counted later."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assets.core.errors import ConsentError
from assets.restricted.collection.group_reading import GroupReading
from assets.restricted.scoring.asset import _Settle
from assets.restricted.scrubbing.group_step import GroupStep
from assets.restricted.scrubbing.step_counts import StepCounts
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary
from resources.base.database.tables import faults, group_days, group_scores, seen_senders, vectors
from resources.base.keys.keys_of_home import KeysOfHome
from resources.models.narrow_encoder import encoder_digest
from resources.stores.leaving.leaving import Gone
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource
from resources.stores.members.member_register import MemberRegister

LONDON = "greater_london"
DAY = date(2026, 10, 14)
OBJECTOR = "Grace Okaforb"


@dataclass
class Reading:
    """One group-day read as `collect` does, without Dagster around it."""

    house: Any
    model: Any

    def collect(self, ref: str) -> None:
        have, clock = self.house.resources, self.house.clock
        vocabulary, digest = load_vocabulary()
        step = GroupStep(have["restricted"], digest, "0" * 64, encoder_digest())
        tally = StepCounts(secrets.token_hex(8))
        consent = have["register"].consent(ref)
        reading = GroupReading(
            have["inbox"],
            have["records"],
            have["members"],
            consent,
            cooling_off=timedelta(0),
            now=clock.now(),
        )
        try:
            exports = reading.group_exports()
        except ConsentError:
            exports = None
        assert exports is None or exports.outstanding is None
        settled = [day for day, one in have["score_store"].settled(LONDON, [DAY]) if one == ref]
        step.collect_group(LONDON, ref, [DAY], settled, vocabulary, tally)
        assert tally.faults == []
        settle = _Settle(have["restricted"], self.model, "run")
        for stored in have["vector_store"].find(LONDON, [DAY]):
            if stored.group_ref == ref and not stored.destroyed and not settled:
                assert settle.group_day(stored) in {"scored", "left", "stale"}
        have["spent_exports"].delete(clock.now(), [ref])


@pytest.fixture
def reading(house: Any, digest_model: Any) -> Reading:
    return Reading(house, digest_model)


@pytest.fixture
def other(house: Any, another_process: Callable[[Any], Any]) -> Iterator[Any]:
    return another_process(house.session)


def counted(database: Any, ref: str) -> tuple[int, int]:
    """Settled group-days, and scores, of a group."""
    with database.transaction() as connection:
        return tuple(  # type: ignore[return-value]
            connection.execute(
                sa.select(sa.func.count()).select_from(one).where(one.c.group_ref == ref)
            ).scalar_one()
            for one in (group_days, group_scores)
        )


def what_is_there(house: Any, ref: str) -> dict[str, int]:
    """Bytes of a group by where they lie."""
    with house.database.transaction() as connection:
        found = {
            table.name: len(connection.execute(sa.select(table).where(where)).all())
            for table, where in (
                (group_scores, group_scores.c.group_ref == ref),
                (seen_senders, seen_senders.c.group_ref == ref),
                (vectors, sa.and_(vectors.c.group_ref == ref, vectors.c.destroyed.is_(False))),
            )
        }
    inbox = Path(house.session.home.config.inbox) / ref
    return {
        **found,
        "files": len(list(inbox.glob("*"))),
        "vector files": len(list(house.session.home.vectors.rglob(f"{ref}-*"))),
        "keys": len(list(house.session.home.keys.iterdir())),
    }


@pytest.mark.slow
def test_whenever_a_group_withdraws_nothing_of_it_is_counted_or_left(
    house: Any, reading: Reading, other: Any, chat: Callable[..., bytes]
) -> None:
    settled_before = settled_never = 0
    for number in range(0, 400, 5):
        ref = house.grant()
        house.deliver(ref, chat(DAY, DAY, seed=number))
        then: list[tuple[int, int]] = []
        left: list[Gone] = []

        def withdraw(ref: str = ref, then: list[Any] = then, left: list[Any] = left) -> None:
            other.ways_out.register.withdraw(ref, house.clock.now())
            then.append(counted(other.database, ref))
            left.append(other.ways_out.leaving.delete_all_of(ref, house.clock.now()))

        with other.before_statement(number, withdraw) as sent:
            reading.collect(ref)
        if len(sent) <= number:
            break
        assert left[0].failures == ()
        settled, scores = counted(house.database, ref)
        assert settled == then[0][0], "nothing settles once it has withdrawn"
        assert scores == 0
        settled_before += settled
        settled_never += not settled
        house.resources["lifetimes"].enforce(house.clock.now())
        assert set(what_is_there(house, ref).values()) == {0}
    assert settled_before >= 2
    assert settled_never >= 5
    assert house.rows(faults) == [[]]


@pytest.mark.slow
def test_whenever_a_member_objects_nothing_settles_with_them_in_it_later(
    house: Any, reading: Reading, other: Any, chat: Callable[..., bytes]
) -> None:
    members = MemberRegister(
        other.database,
        KeysOfHome(house.session.home.secrets, other.database).member,
        other.ways_out.journal,
    )
    people = set()
    for number in range(0, 400, 8):
        ref = house.grant()
        house.deliver(ref, chat(DAY, DAY, seed=number))
        then: list[int] = []

        def object_(ref: str = ref, then: list[int] = then) -> None:
            marks = members.marker(ref).marks_of(OBJECTOR)
            event = MemberEvent(Saying.OBJECTED, SayingSource.COMMAND, house.clock.today(), marks)
            members.record(ref, event, house.clock.now())
            then.append(counted(other.database, ref)[0])

        with other.before_statement(number, object_) as sent:
            reading.collect(ref)
        if len(sent) <= number:
            break
        # What was read before the objection is made anew without the member.
        reading.collect(ref)
        (score, *_) = house.resources["score_store"].of_region_day(LONDON, DAY)[ref]
        assert score.person_days == (6 if then[0] else 5)
        people.add(score.person_days)
    assert people == {5, 6}


@pytest.mark.slow
def test_a_withdrawn_group_is_in_no_file_and_no_dump(
    house: Any, reading: Reading, other: Any, chat: Callable[..., bytes], dump: Callable[..., bytes]
) -> None:
    """Every byte that was kept of it, looked for in home, inbox and database."""
    stays, leaves = house.grant(), house.grant()
    for number, ref in enumerate((stays, leaves)):
        house.deliver(ref, chat(DAY, DAY, seed=number))
        reading.collect(ref)
        # A later day that has not settled, so that an export waits.
        house.clock.moment += timedelta(days=1, minutes=number)
        house.deliver(ref, chat(DAY, DAY + timedelta(days=1), seed=number))
    home = house.session.home

    def traces(ref: str) -> list[bytes]:
        (stored,) = [
            one
            for one in house.resources["vector_store"].find(LONDON, [DAY])
            if one.group_ref == ref
        ]
        with house.database.transaction() as connection:
            sealed = connection.execute(
                sa.select(group_scores.c.sealed, group_scores.c.key_id).where(
                    group_scores.c.group_ref == ref
                )
            ).all()
            senders = connection.execute(
                sa.select(seen_senders.c.sender).where(seen_senders.c.group_ref == ref)
            ).scalars()
            found = [one.encode() for one in senders]
        found += [row.sealed.hex().encode() for row in sealed]
        found += [(home.keys / row.key_id).read_bytes() for row in sealed[:1]]
        found.append((home.keys / stored.key_id).read_bytes())
        found += [path.read_bytes() for path in home.vectors.rglob(f"{ref}-*")]
        found += [path.read_bytes() for path in (Path(home.config.inbox) / ref).iterdir()]
        return found

    def where(markers: list[bytes]) -> int:
        files = [
            path.read_bytes()
            for folder in (home.root, Path(home.config.inbox))
            for path in folder.rglob("*")
            if path.is_file()
        ]
        everything = [dump(house.session.url), *files]
        return sum(any(marker in content for content in everything) for marker in markers)

    of_both = {ref: traces(ref) for ref in (stays, leaves)}
    assert {where(markers) for markers in of_both.values()} == {len(of_both[leaves])}
    other.ways_out.leaving.withdraw(leaves, house.clock.now())
    assert where(of_both[leaves]) == 0
    assert where(of_both[stays]) == len(of_both[stays])


@pytest.mark.slow
def test_values_of_the_others_are_what_they_are_without_it(
    open_house: Callable[..., Any], chat: Callable[..., bytes]
) -> None:
    """A group that withdraws between collecting and releasing, or before either."""
    last = DAY + timedelta(days=1)
    values = []
    for midway in (False, True):
        house = open_house()
        house.clock.set_to(last + timedelta(days=3))
        refs = house.groups(7, DAY, last)
        if midway:
            assert house.run("collect", DAY, last) is None
        house.session.ways_out.leaving.withdraw(refs[3], house.clock.now())
        if not midway:
            assert house.run("collect", DAY, last) is None
        assert house.run("release", DAY, last) is None
        values.append(house.values())
    assert values[0] == values[1]
    assert {row[3] for row in values[0]} == {"published"}
