"""A database from a backup is told what happened since, before anything is read or released."""

import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL
from typer.testing import CliRunner

from orchestration.cli import app
from resources.base.database.tables import group_scores, noisy_draws, regional_values
from resources.maintenance.database_setup import as_owner
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource

LONDON = "greater_london"


def libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.mark.slow
def test_who_left_stays_away_and_nothing_is_drawn_twice(
    house: Any,
    chat: Callable[..., bytes],
    dump: Callable[[URL], bytes],
    postgres_tool: Callable[[str], str],
    opened: list[str],
) -> None:
    day = house.clock.today() - timedelta(days=4)
    last = house.clock.today() - timedelta(days=3)
    refs = house.groups(6, day, last)
    assert house.run("collect", day) is None
    backup = dump(house.session.url)

    # Since then: a day is released, a group leaves, somebody objects.
    assert house.run("release", day) is None
    (draws,), values = house.rows(noisy_draws), house.values()
    assert len(draws) == 1
    leaver, *_, quiet = refs
    house.clock.moment += timedelta(minutes=1)
    house.session.ways_out.leaving.withdraw(leaver, house.clock.now())
    members = house.resources["members"]
    marks = members.marker(quiet).marks_of("Grace Okaforb")
    event = MemberEvent(Saying.OBJECTED, SayingSource.COMMAND, house.clock.today(), marks)
    members.record(quiet, event, house.clock.now())
    # A copy of its export that somebody put back.
    house.deliver(leaver, chat(day, last))

    with as_owner(house.session.url) as connection:
        for schema in ("restricted", "release", "canary", "public"):
            connection.execute(sa.text(f"DROP SCHEMA {schema} CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    psql = [postgres_tool("psql"), "-v", "ON_ERROR_STOP=1", "-q", libpq(house.session.url)]
    backup = backup.replace(b"CREATE SCHEMA public;", b"")
    subprocess.run(psql, input=backup, check=True, capture_output=True)
    assert house.session.register.consent(leaver).active
    assert house.rows(noisy_draws, regional_values) == [[], []]

    opened.clear()
    journals = (house.session.home.leaving_journal, house.session.home.release_journal)
    newest = [path.read_bytes() for path in journals]
    journals[0].unlink()
    assert house.run("collect", day, last) == "JOURNAL_INCOMPLETE"
    assert house.run("release", day) == "JOURNAL_INCOMPLETE"
    assert opened == []
    journals[0].write_bytes(newest[0])
    house.clock.moment += timedelta(minutes=1)
    assert house.run("collect", day, last) is None
    assert not house.session.register.consent(leaver).active
    assert leaver not in opened
    assert house.resources["inbox"].list(leaver) == []
    later = house.resources["score_store"].of_region_day(LONDON, last)
    assert leaver not in later
    assert {ref: score[0].person_days for ref, score in later.items()} == {
        ref: 5 if ref == quiet else 6 for ref in refs[1:]
    }
    assert house.run("release", day) is None
    assert house.rows(noisy_draws) == [[]], "burned, for it was drawn and shown before"
    assert {row[3] for row in house.values()} == {"not_published"} != {row[3] for row in values}


@pytest.mark.slow
def test_of_a_database_that_came_back_without_keys_lost_days_close_and_others_are_drawn(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, clock = house.session.home, house.clock
    monkeypatch.setenv("TIDELINE_HOME", str(home.root))
    monkeypatch.setattr("orchestration.cli.backup.Clock", lambda: clock)
    drawn, whole, lost = (clock.today() - timedelta(days=ago) for ago in (5, 4, 3))
    house.groups(6, drawn, lost)
    assert house.run("collect", drawn, lost) is None
    assert house.run("release", drawn) is None
    with house.database.transaction() as connection:
        of_lost = sa.select(group_scores.c.key_id).where(group_scores.c.day == lost).limit(1)
        (home.keys / connection.execute(of_lost).scalar_one()).unlink()
    # Left as it is, the day closes never.
    assert house.run("release", lost) == "VECTORS_DESTROYED"
    assert {row[1] for row in house.values()} == {drawn}

    command = ["restore", "--in-place", "--journals", str(home.root)]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    assert (done.exit_code, "Region-days whose scores are lost: 1." in done.output) == (0, True)
    assert house.run("release", whole, lost) is None
    outcomes = house.resources["release_store"].outcomes(LONDON)
    assert outcomes == {
        drawn: ("published", None),
        whole: ("published", None),
        lost: ("not_published", "LOST_IN_RESTORE"),
    }
    assert [row[1] for row in house.rows(noisy_draws)[0]] == [drawn, whole]
