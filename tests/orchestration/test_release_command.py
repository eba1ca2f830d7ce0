"""`tideline release` as it is typed."""

from collections.abc import Callable
from datetime import date, timedelta

import dagster as dg
import pytest
import sqlalchemy as sa
from made_evidence import RELEASING
from typer.testing import CliRunner, Result

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import CATALOGUE, TidelineError
from assets.core.modes import Mode
from assets.released import method as methods
from assets.released.budget import MONTH_CAP
from assets.released.method import Method
from orchestration.cli import app
from orchestration.cli.session import Session
from resources.base.database.connection import Database
from resources.base.database.tables import (
    APPEND_ONLY,
    ledger,
    method_breaks,
    noisy_draws,
    regional_values,
    release_approvals,
    release_people,
    release_steps,
)
from resources.stores.published.published_values import PublishedValues
from resources.stores.release.release_ledger import DrawKey, ReleaseLedger
from resources.stores.release.release_store import RegionalValue

LONDON, EAST = "greater_london", "east_of_england"
DAY = date(2026, 10, 12)
PHRASES = {"ana": "tide pools at noon", "bo": "nine wet umbrellas", "cy": "a kettle in may"}
EVERYTHING = APPEND_ONLY
SECOND = Method("gaussian-2", 50_000)

Typed = Callable[..., Result]


def typing_at(session: Session, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Types `tideline release ...`; people answer with their phrases, as lines."""
    monkeypatch.setattr("resources.stores.release.release_people.LOG2_COST", 4)
    monkeypatch.setattr("orchestration.cli.session.Clock", lambda: session.clock)
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))

    def typed(*words: object, by: str | None = None, lines: str | None = None) -> Result:
        given = [str(one) for one in words]
        if by is not None:
            given += ["--by", by]
            lines = f"{PHRASES.get(by, 'of nobody at all')}\n" if lines is None else lines
        return CliRunner().invoke(app, ["release", *given], input=lines or "")

    for name in ("ana", "bo"):
        done = typed("person", name, lines=f"{PHRASES[name]}\n" * 2)
        assert done.exit_code == 0, done.output
    return typed


@pytest.fixture
def typed(session: Session, monkeypatch: pytest.MonkeyPatch) -> Typed:
    return typing_at(session, monkeypatch)


@pytest.fixture
def released(house, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """At a home that has closed one day of 6 groups of 12 people."""
    house.groups(6, DAY, DAY, people=12)
    assert house.run("collect", DAY) is None
    assert house.run("release", DAY) is None
    return typing_at(house.session, monkeypatch)


def code(result: Result) -> str:
    error = result.exception
    assert isinstance(error, TidelineError), result.output
    assert error.entry == CATALOGUE[error.code]
    return error.code


def stored(database: Database, *tables: sa.Table) -> list[list[tuple]]:
    with database.transaction() as connection:
        return [
            sorted((tuple(row) for row in connection.execute(sa.select(one))), key=repr)
            for one in tables or EVERYTHING
        ]


def asked(done: Result) -> str:
    assert done.exit_code == 0, done.output
    return done.stdout.split(":")[0]


def revise(typed: Typed, day: date = DAY, by: str = "ana", **given: str) -> Result:
    words = ("revise", "--region", LONDON, "--day", day, "--reason", "scoring_error")
    return typed(*words, by=by, **given)


def retract(typed: Typed, *words: object, first: date = DAY, last: date = DAY, **given: str):
    return typed(
        *("retract", "--region", LONDON, "--from", first, "--to", last),
        *("--reason", "consent_error", *words),
        **{"by": "ana", **given},
    )


def public(session: Session) -> list[tuple]:
    """Status, revision, reason and value of each row that the public sees."""
    values = PublishedValues(session.url)
    try:
        frame = values.read()
    finally:
        values._engine.dispose()
    return [
        (
            row.status,
            row.revision,
            row.reason,
            None if row.estimate != row.estimate else row.estimate,
        )
        for row in frame.itertuples()
    ]


def test_people_are_registered_listed_and_removed(typed: Typed, session: Session) -> None:
    def listed() -> list[str]:
        return [line.split()[0] for line in typed("people").stdout.splitlines()[3:] if line.split()]

    assert listed() == ["ana", "bo"]
    shown = typed("person", "cy", lines=f"{PHRASES['cy']}\n" * 2).output
    assert PHRASES["cy"] not in shown
    assert listed() == ["ana", "bo", "cy"]
    # Another phrase takes the present one first.
    before = stored(session.database, release_people)
    new = "a third phrase\n"
    assert code(typed("person", "cy", lines=new * 2)) == "PHRASE_NOT_REPEATED"
    assert code(typed("person", "cy", lines=new * 3)) == "PERSON_NOT_CONFIRMED"
    assert stored(session.database, release_people) == before
    assert typed("person", "cy", lines=f"{PHRASES['cy']}\n{new}{new}").exit_code == 0
    assert code(typed("person", "cy", "--remove", by="bo", lines=new)) == "PERSON_NOT_CONFIRMED"
    assert typed("person", "cy", "--remove", by="bo").exit_code == 0
    assert typed("person", "bo", "--remove", lines=f"{PHRASES['bo']}\n").exit_code == 0
    assert listed() == ["ana"]


def test_what_is_refused_changes_nothing(typed: Typed, session: Session) -> None:
    before = stored(session.database)
    who_is_not_registered(typed)
    a_wrong_phrase_and_an_unknown_name_get_the_same_answer(typed, session)
    what_is_asked_in_vain(typed, session)
    assert stored(session.database) == before
    budget_and_methods_before_anything_is_drawn(typed)


def who_is_not_registered(typed: Typed) -> None:
    for name, lines, expected in (
        ("cy", "only one line of it\n", "PHRASE_NOT_REPEATED"),
        ("cy", "a kettle in may\na kettle in June\n", "PHRASE_NOT_REPEATED"),
        ("cy", "too short\n" * 2, "PHRASE_TOO_SHORT"),
        ("cy", "", "PHRASE_TOO_SHORT"),
        ("Cy Jones", "a kettle in may\n" * 2, "PERSON_NAME_INVALID"),
    ):
        assert code(typed("person", name, lines=lines)) == expected, (name, lines)


def a_wrong_phrase_and_an_unknown_name_get_the_same_answer(typed: Typed, session: Session) -> None:
    day, version = session.clock.today(), "gaussian-1"
    for words in (
        ("retract", "--region", LONDON, "--from", DAY, "--to", DAY, "--reason", "release_error"),
        ("revise", "--region", LONDON, "--day", DAY, "--reason", "release_error"),
        ("method", "shadow", version, "--from", day),
        ("method", "adopt", version, "--from", day, "--reason", "method_improved"),
        ("person", "bo", "--remove"),
    ):
        wrong = typed(*words, by="ana", lines="not it at all\n")
        unknown = typed(*words, by="dee")
        assert {code(wrong), code(unknown)} == {"PERSON_NOT_CONFIRMED"}
        assert wrong.output == unknown.output


def what_is_asked_in_vain(typed: Typed, session: Session) -> None:
    today, tomorrow = session.clock.today(), session.clock.today() + timedelta(days=1)
    why = ("--reason", "scoring_error")
    for expected, words in (
        ("REGION_UNKNOWN", ("revise", "--region", "mars", "--day", DAY, *why)),
        ("REGION_DAY_NOT_CLOSED", ("revise", "--region", LONDON, "--day", DAY, *why)),
        ("REGION_DAY_NOT_CLOSED", ("revise", "--region", LONDON, "--day", tomorrow, *why)),
        ("REGION_UNKNOWN", ("retract", "--region", "mars", "--from", DAY, "--to", DAY, *why)),
        (
            "DAYS_REVERSED",
            ("retract", "--region", LONDON, "--from", tomorrow, "--to", DAY, *why),
        ),
        (
            "REGION_DAY_NOT_CLOSED",
            ("retract", "--region", LONDON, "--from", "1999-01-01", "--to", "2999-01-01", *why),
        ),
        ("REQUEST_UNKNOWN", ("approve", "r-00000000")),
        ("METHOD_IN_USE", ("method", "shadow", "gaussian-1", "--from", today)),
        ("METHOD_UNKNOWN", ("method", "shadow", "gaussian-2", "--from", today)),
        (
            "METHOD_UNKNOWN",
            ("method", "adopt", "gaussian-2", "--from", today, "--reason", "method_improved"),
        ),
    ):
        assert code(typed(*words, by="ana")) == expected, words
    assert code(typed("method", "stop", "gaussian-2")) == "METHOD_UNKNOWN"
    assert code(typed("method", "stop", "gaussian-1")) == "SHADOW_NOT_RUNNING"
    assert code(typed("budget", "--region", "mars")) == "REGION_UNKNOWN"


def budget_and_methods_before_anything_is_drawn(typed: Typed) -> None:
    budget = typed("budget")
    assert budget.exit_code == 0, budget.output
    lines = [line.split() for line in budget.stdout.splitlines()]
    assert [LONDON, "2026-10", "0", "1,550,000", "0%", "0", "0"] in lines
    assert [EAST, "2026", "0", "18,300,000", "0%", "0", "0"] in lines
    shown = typed("methods").stdout
    assert ["gaussian-1", "what", "is", "published", "the", "first"] in [
        line.split() for line in shown.splitlines()
    ]
    assert "50,000 micro-rho" in shown


@pytest.mark.slow
def test_a_day_is_released_retracted_and_revised(released: Typed, house) -> None:
    [first] = {row[:3] for row in public(house.session)}
    assert first == ("published", 0, None)
    before = stored(house.database)
    refused = retract(released, lines=f"{PHRASES['ana']}\nn\n")
    assert refused.exit_code == 1
    assert stored(house.database) == before

    done = retract(released, lines=f"{PHRASES['ana']}\ny\n")
    assert done.exit_code == 0, done.output
    assert "can't be undone" in done.stdout
    assert set(public(house.session)) == {("retracted", 0, "consent_error", None)}
    after = stored(house.database)
    again = retract(released, "--yes")
    assert "already" in again.stdout
    assert stored(house.database) == after

    ref, overtaken = asked(revise(released)), asked(revise(released, by="bo"))
    assert stored(house.database, release_steps) == [before[EVERYTHING.index(release_steps)]]
    approved = released("approve", ref, by="bo")
    assert approved.exit_code == 0, approved.output
    assert "Asked by ana, reason scoring_error" in approved.stdout
    rows = public(house.session)
    assert {row[:3] for row in rows} == {("published", 1, None)}
    assert all(row[3] is not None for row in rows)
    key = DrawKey(LONDON, DAY, "gaussian-1", 1)
    assert {step.value for step in ReleaseLedger(house.database).steps(key)} == {
        "debited",
        "stored",
    }
    assert ReleaseLedger(house.database).spent(LONDON, DAY).in_month == 100_000
    kinds = [row[2] for row in stored(house.database, ledger)[0]]
    assert kinds.count("region_day_revised") == 1
    [approval] = stored(house.database, release_approvals)[0]
    assert approval[2:] == (ref, "bo")
    event = house.instance.get_latest_materialization_event(dg.AssetKey("regional_aggregates"))
    assert event.asset_materialization.partition == f"{DAY}|{LONDON}"
    assert {name: one.value for name, one in event.asset_materialization.metadata.items()} == {
        "published": 1
    }

    stands = stored(house.database)
    assert code(released("approve", ref, by="bo")) == "REQUEST_DONE"
    assert code(released("approve", overtaken, by="ana")) == "REQUEST_DONE"
    assert stored(house.database) == stands
    budget = [line.split() for line in released("budget", "--month", "2026-10").stdout.splitlines()]
    assert [LONDON, "2026-10", "100,000", "1,450,000", "6%", "2", "0"] in budget
    a_revision_that_was_lost_is_burned_not_drawn(released, house)
    every_refusal_of_a_revision_costs_nothing(released, house)


def every_refusal_of_a_revision_costs_nothing(released: Typed, house) -> None:
    """Of a day that was drawn four times."""
    clock = house.clock
    ref = asked(revise(released))
    before = stored(house.database, release_steps, regional_values, noisy_draws)

    def refused(by: str, **given: str) -> str:
        found = code(released("approve", ref, by=by, **given))
        assert stored(house.database, release_steps, regional_values, noisy_draws) == before
        return found

    assert refused("ana") == "REVISION_NEEDS_TWO"
    assert refused("bo", lines="not it at all\n") == "PERSON_NOT_CONFIRMED"
    assert refused("cy") == "PERSON_NOT_CONFIRMED"
    clock.moment += timedelta(days=14, seconds=1)
    assert refused("bo") == "REQUEST_EXPIRED"
    clock.moment -= timedelta(days=14)

    budget, now = ReleaseLedger(house.database), clock.now()
    for number in range(MONTH_CAP // 50_000 - 4):
        assert budget.debit(DrawKey(LONDON, DAY, f"m-{number}"), 50_000, now)
    before = stored(house.database, release_steps, regional_values, noisy_draws)
    assert code(revise(released)) == "BUDGET_SPENT"
    assert refused("bo") == "BUDGET_SPENT"

    # A group that withdrew would be told from the difference of the two draws.
    withdrawn = next(iter(house.resources["score_store"].of_region_day(LONDON, DAY)))
    house.withdraw(withdrawn)
    assert refused("bo") == "GROUPS_LEFT_SINCE"

    # The one who asked is no longer there, and comes back as somebody else.
    assert released("person", "ana", "--remove", by="bo").exit_code == 0
    assert refused("bo") == "REVISION_NEEDS_TWO"


def a_revision_that_was_lost_is_burned_not_drawn(released: Typed, house) -> None:
    """Of a day that was revised once."""
    ref = asked(revise(released))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assets.restricted.release.region_release.draw", lambda *_: 1 / 0)
        assert isinstance(released("approve", ref, by="bo").exception, ZeroDivisionError)
    assert {row[:2] for row in public(house.session)} == {("published", 1)}
    assert code(released("approve", ref, by="bo")) == "DRAW_LOST"
    assert set(public(house.session)) == {("not_published", 2, None, None)}
    assert ReleaseLedger(house.database).spent(LONDON, DAY).in_month == 150_000
    assert code(released("approve", ref, by="bo")) == "REQUEST_DONE"
    # Another one can be asked for, and is paid for again.
    assert released("approve", asked(revise(released)), by="bo").exit_code == 0
    assert {row[:2] for row in public(house.session)} == {("published", 3)}
    assert ReleaseLedger(house.database).spent(LONDON, DAY).in_month == 200_000


@pytest.mark.slow
def test_a_home_that_never_publishes_revises_nothing(
    discovery_record, open_house, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Coverage watches this process, which is refused with real files.
    monkeypatch.setattr("orchestration.cli.session.refuse_exposed", lambda config: None)
    house = open_house(Mode.DISCOVERY, discovery_record=discovery_record)
    typed = typing_at(house.session, monkeypatch)
    house.resources["release_store"].close(
        DrawKey(LONDON, DAY, "gaussian-1"),
        [RegionalValue(construct=name, status="not_published") for name in CONSTRUCTS],
        drawn=None,
        reason="TOO_FEW_GROUPS",
        now=house.clock.now(),
        releasing=RELEASING,
    )
    ref = asked(revise(typed))
    before = stored(house.database)
    assert code(typed("approve", ref, by="bo")) == "MODE_NEVER_PUBLISHES"
    assert stored(house.database) == before


@pytest.mark.slow
def test_a_method_runs_in_shadow_and_replaces_the_other(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(methods.METHODS, SECOND.version, SECOND)
    monkeypatch.setattr("resources.stores.release.method_changes.LEAST_SHADOW_DAYS", 2)
    typed = typing_at(house.session, monkeypatch)
    clock = house.clock
    days = [DAY + timedelta(days=n) for n in range(2)]
    clock.set_to(days[0])
    assert typed("method", "shadow", SECOND.version, "--from", days[0], by="ana").exit_code == 0
    new_day = days[-1] + timedelta(days=9)
    why = ("--reason", "method_improved")

    def adopt() -> Result:
        return typed("method", "adopt", SECOND.version, "--from", new_day, *why, by="ana")

    clock.set_to(days[-1] + timedelta(days=4))
    assert code(adopt()) == "SHADOW_TOO_SHORT"
    house.groups(6, days[0], days[-1], people=12)
    assert house.run("collect", days[0], days[-1]) is None
    assert house.run("release", days[0], days[-1]) is None
    with house.database.transaction() as connection:
        costs = connection.execute(
            sa.select(noisy_draws.c.method_version, noisy_draws.c.micro_rho, sa.func.count())
            .group_by(noisy_draws.c.method_version, noisy_draws.c.micro_rho)
            .order_by(noisy_draws.c.method_version)
        ).all()
        shown = connection.execute(
            sa.select(regional_values.c.method_version, regional_values.c.micro_rho).distinct()
        ).all()
    assert costs == [("gaussian-1", 25_000, 2), ("gaussian-2", 25_000, 2)]
    assert shown == [("gaussian-1", 25_000)]
    listed = typed("methods").stdout
    assert [LONDON, "2", "28"] in [line.split() for line in listed.splitlines()]
    assert [SECOND.version, "in", "shadow", str(days[0])] in [
        line.split() for line in listed.splitlines()
    ]

    ref = asked(adopt())
    assert stored(house.database, method_breaks) == [[]]
    assert code(typed("approve", ref, by="ana")) == "REVISION_NEEDS_TWO"
    assert stored(house.database, method_breaks) == [[]]
    done = typed("approve", ref, by="bo")
    assert done.exit_code == 0, done.output
    [[change]] = stored(house.database, method_breaks)
    assert change[:4] == (new_day, "gaussian-1", SECOND.version, "method_improved")
    assert code(typed("approve", ref, by="bo")) == "REQUEST_DONE"
    assert [SECOND.version, "what", "is", "published", str(new_day)] in [
        line.split() for line in typed("methods").stdout.splitlines()
    ]
