"""The pulse by its whole job: off until the register has it, and nothing of an answer gets out."""

from datetime import timedelta
from typing import Any

import dagster as dg
import pytest
from made_pulse import ANSWERED, DUE, LONDON, MadePulse

from orchestration.runs import failure_code
from orchestration.schedules import morning_pulse
from resources.base.database.connection import Database
from resources.base.database.roles import Role
from resources.base.database.tables import pulse_answers
from resources.containment.marker_scan import scan_database, scan_folder
from resources.maintenance.database_setup import as_owner
from resources.stores.pulse.portal_side import PulseDoor
from resources.stores.pulse.pulse_answer import PulseAnswer
from resources.stores.study.made_up import write_made_up_register

pytestmark = pytest.mark.slow


def run(house: Any) -> Any:
    job = house.definitions.resolve_job_def("pulse")
    return job.execute_in_process(instance=house.instance, raise_on_error=False)


def counts(result: Any) -> dict[str, Any]:
    assert result.success
    (event,) = result.get_asset_materialization_events()
    return {name: one.value for name, one in event.materialization.metadata.items()}


def test_nothing_of_an_answer_gets_out_but_the_regions_mean(
    house, capfd: pytest.CaptureFixture[str]
) -> None:
    made = MadePulse.of(house.session)
    refs = [made.group() for _ in range(6)]
    for ref in refs:
        made.answer(ref, 12)
    # As the portal puts them down, with its own role.
    database = Database(house.session.url, Role.PORTAL)
    recipient = house.session.home.config.inbox_recipient
    door = PulseDoor(database, recipient)
    marked = PulseAnswer("quastorpia", made.instrument.digest(), (0, 1, 2, 3, 4, 0))
    door.put(marked)
    door.put_sealed(b"\0\0\1\0quastorpia".ljust(2048, b"\0"))
    database.dispose()
    with as_owner(house.session.url) as connection:
        # The database dates them by its own clock, which is nobody's to set.
        connection.execute(pulse_answers.update().values(received_on=ANSWERED))
    assert made.waiting() == 74
    house.clock.set_to(DUE)
    assert counts(run(house)) == {
        "fortnights_settled": 6,
        "answers_malformed": 1,
        "answers_late": 0,
        "answers_of_other_items": 0,
        "answers_without_consent": 1,
        "groups_too_many_answers": 0,
    }
    assert made.values()[LONDON]["mean"] is not None
    assert made.waiting() == 0
    codes = [made.code(ref) for ref in refs]
    markers = [one.encode() for one in ("quastorpia", *codes, *(c.replace("-", "") for c in codes))]
    shown = "".join(capfd.readouterr()).encode()
    assert not [one for one in markers if one.lower() in shown.lower()]
    with as_owner(house.session.url) as connection:
        assert scan_database(connection, markers) == set()
    assert scan_folder(house.session.home.root, markers) == set()


def test_without_the_entry_of_the_register_no_answer_is_opened(house) -> None:
    made = MadePulse.of(house.session)
    made.answer(made.group(), 3)
    write_made_up_register(house.session.home, house.session.home.config.first_day)
    house.clock.set_to(DUE)
    result = run(house)
    assert failure_code(result.all_events) == "STUDY_ENTRY_MISSING"
    assert made.waiting() == 3


def test_a_morning_asks_for_a_run_only_where_there_is_a_pulse(session) -> None:
    def tick() -> Any:
        names = ("before_reading", "clock")
        resources = {name: session.resources[name] for name in names}
        return morning_pulse.evaluate_tick(dg.build_schedule_context(resources=resources))

    assert tick().run_requests == []
    assert tick().skip_message == "The study register has no pulse that stands."
    write_made_up_register(session.home, session.home.config.first_day, pulse=True)
    keys = {request.run_key for _ in range(2) for request in tick().run_requests}
    session.clock.set_to(session.clock.today() + timedelta(days=1))
    keys |= {request.run_key for request in tick().run_requests}
    # A tick that is made twice in a morning asks once.
    assert len(keys) == 2
