"""The pulse through whole jobs: who is asked, what comes out once for ever, what never does."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from assets.core.fortnights import Fortnight
from assets.released.method import PULSE_1
from resources.base.database.connection import Database
from resources.base.database.roles import Role
from resources.base.database.tables import pulse_answers, release_steps
from resources.stores.consent.consent_terms import Scope
from resources.stores.pulse.portal_side import PulseDoor
from resources.stores.pulse.pulse_answer import PulseAnswer
from resources.stores.release.release_ledger import DrawKey
from resources.stores.requests.matching import group_code
from resources.stores.study.gate import asked_in_pulse
from resources.stores.study.made_up import write_made_up_register
from simulation.consents import made_up_terms

pytestmark = pytest.mark.slow

FORTNIGHT = Fortnight.of(date(2026, 10, 12))
SCORED = FORTNIGHT.first + timedelta(days=1)
ANSWERED = FORTNIGHT.first + timedelta(days=4)
DUE = FORTNIGHT.last + timedelta(days=3)
EVERY = frozenset(Scope)


class Asked:
    """A house whose members are asked, and the portal's side of it: no key but the public one."""

    def __init__(self, house: Any) -> None:
        self.house = house
        home = house.session.home
        write_made_up_register(home, home.config.first_day, pulse=True)
        self.instrument = asked_in_pulse(home, house.clock.today())
        self.database = Database(house.session.url, Role.PORTAL)
        recipient = home.config.inbox_recipient
        self.day = ANSWERED
        self.door = PulseDoor(self.database, recipient, lambda: self.day)

    def grant(self, **changes: Any) -> str:
        given = {"scopes": EVERY, "review_by": date(2027, 6, 1)} | changes
        terms = made_up_terms(date(2026, 9, 1), date(2026, 12, 31), **given)
        return self.house.session.register.grant(terms, self.house.clock.now())

    def answer(self, ref: str, count: int = 1, chosen: Any = (3, 3, 3, 3, 3, 1), **other: Any):
        code = group_code(self.house.resources["members"].marker(ref))
        given = {"group": code, "instrument": self.instrument.digest(), "chosen": chosen} | other
        for _ in range(count):
            self.door.put(PulseAnswer(**given))

    def run(self, day: date = DUE) -> Any:
        self.house.clock.set_to(day)
        job = self.house.definitions.resolve_job_def("pulse")
        return job.execute_in_process(instance=self.house.instance, raise_on_error=False)

    def counts(self, day: date = DUE) -> dict[str, int]:
        result = self.run(day)
        assert result.success
        (event,) = result.get_asset_materialization_events()
        metadata = event.materialization.metadata
        return {name: one.value for name, one in metadata.items() if type(one.value) is int}

    def values(self) -> dict[str, float | None]:
        """Means of the fortnight, by region."""
        rows = self.house.resources["pulse_values"].read()
        return {one.region: one.mean for one in rows if one.fortnight == FORTNIGHT.first}

    def waiting(self) -> int:
        with self.house.database.transaction() as connection:
            count = sa.select(sa.func.count()).select_from(pulse_answers)
            return connection.execute(count).scalar_one()


@pytest.fixture
def asked(house):
    made = Asked(house)
    yield made
    made.database.dispose()


@pytest.fixture
def region(asked, chat) -> list[str]:
    """Groups of six employers, whose chats have been read."""
    asked.house.clock.set_to(SCORED + timedelta(days=1))
    refs = [asked.grant() for _ in range(6)]
    for number, ref in enumerate(refs):
        asked.house.deliver(ref, chat(SCORED, SCORED, seed=number))
    assert asked.house.run("collect", SCORED) is None
    return refs


def test_a_fortnight_is_combined_once_it_is_over_and_never_again(asked, region) -> None:
    for ref in region:
        asked.answer(ref, 12)
    assert asked.counts(DUE - timedelta(days=1))["fortnights_settled"] >= 0
    assert (asked.values(), asked.waiting()) == ({}, 72)
    asked.counts()
    first = asked.values()
    assert first["greater_london"] is not None
    # The true mean is .75; the noise of 72 answers stays far within this.
    assert 0.45 < first["greater_london"] < 1
    assert {one for place, one in first.items() if place != "greater_london"} == {None}
    assert asked.waiting() == 0
    (step, stored) = asked.house.rows(release_steps)[0]
    assert {step[4], stored[4]} == {"debited", "stored"}
    assert step[2] == PULSE_1.version
    # What comes later is late, and changes nothing.
    for ref in region:
        asked.answer(ref, 12, chosen=(0, 0, 0, 0, 0, 0))
    assert asked.counts(DUE + timedelta(days=1))["answers_late"] == 72
    assert (asked.values(), asked.waiting()) == (first, 0)
    assert len(asked.house.rows(release_steps)[0]) == 2


def test_a_run_that_was_cut_off_after_the_draw_never_draws_again(asked, region) -> None:
    for ref in region:
        asked.answer(ref, 12)
    key = DrawKey("greater_london", FORTNIGHT.last, PULSE_1.version)
    # As where a backup brings the database back: the journal alone knows.
    asked.house.resources["release_journal"].note(key)
    asked.counts()
    assert asked.values()["greater_london"] is None
    assert asked.waiting() == 0
    assert {row[4] for row in asked.house.rows(release_steps)[0]} == {"debited", "burned"}
