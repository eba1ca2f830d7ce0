import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta

import dagster as dg
import pytest
import sqlalchemy as sa

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import ConsentError
from assets.core.modes import Mode
from assets.core.public_files import RECORDS
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoisyTotals
from assets.restricted.release.regional_value import mean_score, pooled_score
from orchestration.cli.delivering import deliver
from orchestration.public import public_definitions
from orchestration.range_run import run_range
from orchestration.runs import run_job
from resources.base.database.tables import ledger, release_steps
from resources.base.home import Home
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.scores.score_store import ScoreStore
from resources.stores.study.models_in_use import models_in_use
from simulation.consents import made_up_terms

pytestmark = pytest.mark.slow

LONDON = "greater_london"
DAY = date(2026, 10, 12)
NEXT_DAY = date(2026, 10, 13)


def released(house) -> dict[tuple[date, str], tuple]:
    return {(row[1], row[2]): row[3:] for row in house.values()}


def totals(house, day: date, leave_out: str = "") -> NoisyTotals:
    """What the groups add up to, as it would be drawn without noise."""
    groups = [
        {one.construct: one for one in of_group}
        for ref, of_group in house.resources["score_store"].of_region_day(LONDON, day).items()
        if ref != leave_out
    ]
    return NoisyTotals(
        sum(one["burnout"].person_days for one in groups),
        {name: sum(one[name].sum_milli for one in groups) for name in CONSTRUCTS},
        GAUSSIAN_1.micro_rho,
    )


def test_values_are_the_means_of_person_days(house) -> None:
    last = date(2026, 10, 12)
    days = [last - timedelta(days=n) for n in (4, 3, 2, 1, 0)]
    house.groups(5, days[0], last)
    assert house.run("collect", days[0], last) is None
    sums = [totals(house, day) for day in days]
    assert house.run("release", days[0], last) is None
    assert released(house) == {
        (day, name): (
            "published",
            mean_score([sums[place]], name),
            pooled_score(sums[: place + 1], name, 4),
        )
        for place, day in enumerate(days)
        for name in CONSTRUCTS
    }
    assert sum(value[2] is not None for value in released(house).values()) == 2 * len(CONSTRUCTS)


def test_keys_go_at_the_release_and_a_closed_region_day_is_never_drawn_again(
    house, chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.groups(5, DAY, NEXT_DAY)
    assert house.run("collect", DAY, NEXT_DAY) is None
    store = house.resources["vector_store"]
    living = store.find(LONDON, [DAY])
    assert len(living) == 5
    a_crash_between_closing_and_destroying_is_made_good(house, monkeypatch)
    assert not {one.key_id for one in living} & {
        path.name for path in house.session.home.keys.iterdir()
    }
    with house.database.transaction() as connection:
        columns = (ledger.c.kind, ledger.c.region, ledger.c.day, ledger.c.count)
        entries = connection.execute(sa.select(*columns).order_by(ledger.c.seq)).all()
    assert entries == [("region_day_closed", LONDON, DAY, 1), ("keys_destroyed", LONDON, DAY, 5)]
    before = house.stored()
    late = house.grant()
    house.deliver(late, chat(DAY, DAY, people=9))
    assert house.run("collect", DAY) is None
    assert house.run("release", DAY) is None
    assert house.stored() == before
    an_early_day_stays_open(house)


def a_crash_between_closing_and_destroying_is_made_good(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("resources.stores.vectors.vector_store.VectorStore.destroy", lambda *_: 1 / 0)
        assert house.run("release", DAY) == "STEP_BROKEN"
    values = house.values()
    assert len(values) == 3
    assert not any(one.destroyed for one in house.resources["vector_store"].find(LONDON, [DAY]))
    assert house.run("release", DAY) is None
    assert all(one.destroyed for one in house.resources["vector_store"].find(LONDON, [DAY]))
    assert house.values() == values


def an_early_day_stays_open(house) -> None:
    values = house.values()
    result = house.materialise("regional_aggregates", NEXT_DAY)
    assert result.success
    (event,) = result.get_asset_materialization_events()
    assert event.materialization.metadata["still_open"].value == 1
    assert house.values() == values
    house.clock.moment += timedelta(days=1)
    assert house.run("release", NEXT_DAY) is None
    assert {row[3] for row in house.values() if row[1] == NEXT_DAY} == {"published"}


def test_thresholds_hold_to_the_page(house, chat) -> None:
    enough, too_few_people, too_few_groups = days = [DAY + timedelta(days=n) for n in (-2, -1, 0)]
    writing = {enough: 6, too_few_people: 5, too_few_groups: 12}
    for number in range(5):
        lines = chat(DAY, DAY, people=12, seed=number).splitlines(keepends=True)[:12]
        for day, people in writing.items():
            if day != too_few_groups or number < 4:
                # No day's words are another's, which would be copied posts.
                until = chat(days[0], day, people=people, seed=number)
                lines += until.splitlines(keepends=True)[-people:]
        house.deliver(house.grant(), b"".join(lines))
    assert house.run("collect", days[0], days[-1]) is None
    assert house.run("release", days[0], days[-1]) is None
    assert house.resources["release_store"].outcomes(LONDON) == {
        enough: ("published", None),
        too_few_people: ("not_published", "TOO_FEW_PEOPLE"),
        too_few_groups: ("not_published", "TOO_FEW_GROUPS"),
    }
    for day in days:
        of_day = [value for (on, _), value in released(house).items() if on == day]
        assert {value[0] for value in of_day} == {"published" if day == enough else "not_published"}
        assert all((value[1] is None) == (day != enough) for value in of_day)


def test_a_first_look_at_real_files_never_publishes(
    open_house, chat, discovery_record, tmp_path
) -> None:
    house = open_house(Mode.DISCOVERY, discovery_record=discovery_record)
    for number in range(5):
        path = tmp_path / "chat.txt"
        path.write_bytes(chat(DAY, DAY, seed=number))
        deliver(house.session, house.grant(), path)
    assert house.run("collect", DAY) is None
    assert len(house.group_days()) == 5
    assert house.run("release", DAY) == "MODE_NEVER_PUBLISHES"
    assert house.values() == []
    outcome = run_range(
        house.session.home,
        {"restricted": house.definitions},
        house.instance,
        first=DAY,
        last=DAY,
        today=house.clock.today(),
        progress=lambda _: nullcontext(),
    )
    # Collected, and nothing further was asked for.
    assert outcome.codes == {}


def records_are_of_home_and_database(house) -> None:
    """Publish, and hold the records against `home.yaml`, the models and the stored values."""
    home = house.session.home
    public = public_definitions(home, house.clock)
    run = {"region": LONDON, "first": NEXT_DAY, "last": NEXT_DAY}
    assert run_job(public, "publish", house.instance, **run) is None
    folder = home.public / "releases" / "1"
    records = {one: json.loads((folder / one).read_bytes()) for one in RECORDS.values()}
    assert not any(one["made_up"] for one in records.values())
    told = records["privacy.json"]["settings"]
    said = json.loads(home.config.model_dump_json())
    assert told == {name: said[name] for name in told}
    assert len(told) > 6
    assert records["privacy.json"]["controller"]["Contact"] == home.config.contact
    lines = {
        one["construct"]: one
        for one in records["quality.json"]["accuracy"]
        if one["region"] == LONDON
    }
    for name in CONSTRUCTS:
        statuses = [row[3] for row in house.values() if row[2] == name]
        for status in ("published", "not_published"):
            assert lines[name][status] == statuses.count(status)
    models = records["algorithm.json"]["tier_2"]["tool_specification"]["models"]
    assert {one["name"].replace(" ", "_"): one["sha256"] for one in models} == models_in_use()


def test_a_study_publishes_what_its_register_lets_it(
    open_house, chat, write_register, study_entries
) -> None:
    house = open_house(
        Mode.STUDY,
        contact="care-study@lse.ac.uk",
        member_bases=(MemberBasis.NOTICE_WITH_OBJECTION,),
    )
    home = house.session.home
    house.groups(5, DAY, NEXT_DAY)
    assert house.run("collect", DAY) == "STUDY_REGISTER_MISSING"
    assert house.run("release", DAY) == "STUDY_REGISTER_MISSING"
    assert (house.group_days(), house.values()) == (set(), [])

    write_register(home)
    assert house.run("collect", DAY) is None
    with pytest.raises(ConsentError, match=r"^NOTICE_NOT_AGREED$"):
        house.session.register.grant(
            made_up_terms(DAY, date(2026, 12, 31), notice=b"another text"), house.clock.now()
        )
    late = house.grant()
    house.deliver(late, chat(DAY, NEXT_DAY, seed=9))
    house.clock.set_to(NEXT_DAY + timedelta(days=home.config.close_after_days))

    # Ethics is to be reviewed: what was read may be published, what was not waits to be read.
    entries = study_entries(home)
    entries["ethics"]["review_by"] = DAY
    write_register(home, entries)
    assert house.run("collect", NEXT_DAY) == "STUDY_ENTRY_OVERDUE"
    (run,) = house.instance.get_runs(limit=1)
    (failed,) = house.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    told = failed.dagster_event.step_failure_data.user_failure_data.metadata
    assert told["study_entry"].value == "ethics"
    assert house.run("release", DAY, NEXT_DAY) is None
    assert house.values() == []
    house.withdraw(late)
    assert house.run("release", DAY, NEXT_DAY) is None
    assert {(row[1], row[3]) for row in house.values()} == {(DAY, "published")}

    # Reviewed, and the communications team's sign-off missing: the other way round.
    entries = study_entries(home)
    del entries["communications"]
    write_register(home, entries)
    assert house.run("collect", NEXT_DAY) is None
    before = house.values()
    assert house.run("release", NEXT_DAY) == "STUDY_ENTRY_MISSING"
    # The peer review examined another method than the one that would draw.
    entries = study_entries(home)
    entries["peer_review"]["methods"] = ["gaussian-1b"]
    write_register(home, entries)
    assert house.run("release", NEXT_DAY) == "STUDY_ENTRY_CONTRADICTED"
    assert house.values() == before
    write_register(home)
    assert house.run("release", NEXT_DAY) is None
    assert {row[1] for row in house.values()} == {DAY, NEXT_DAY}
    records_are_of_home_and_database(house)


def test_groups_that_come_one_at_a_time_give_the_values_of_all_at_once(
    open_house, chat, clock
) -> None:
    first, last = date(2026, 10, 7), date(2026, 10, 9)
    chats = [chat(first, last, people=6 + seed % 2, seed=seed) for seed in range(5)]
    at_once = open_house(close_after_days=7)
    clock.set_to(date(2026, 10, 16))
    for content in chats:
        at_once.deliver(at_once.grant(), content)
    assert at_once.run("collect", first, last) is None
    assert at_once.run("release", first, last) is None

    one_by_one = open_house(close_after_days=7)
    for number, (content, *more) in enumerate((chats[:1], chats[1:3], chats[3:])):
        clock.set_to(date(2026, 10, 10 + number))
        for one in (content, *more):
            one_by_one.deliver(one_by_one.grant(), one)
        # As in the morning: up to yesterday, with days that no export covers yet.
        yesterday = clock.today() - timedelta(days=1)
        assert one_by_one.run("collect", first, yesterday) is None
    assert one_by_one.run("release", first, yesterday) is None
    assert one_by_one.values() == []
    # One day closes by itself, two together.
    for day in (14, 16):
        clock.set_to(date(2026, 10, day))
        assert one_by_one.run("release", first, last) is None
    assert len(at_once.values()) == 9
    assert {row[3] for row in at_once.values()} == {"published"}
    assert one_by_one.values() == at_once.values()


def test_a_range_runs_all_three_jobs_and_goes_on_past_a_refused_group(
    house, chat, capsys: pytest.CaptureFixture[str]
) -> None:
    from orchestration.cli.console import progress

    house.groups(5, DAY, DAY)
    damaged = house.grant()
    house.deliver(damaged, b"PK\x03\x04 cut off")
    locations = {
        "restricted": house.definitions,
        "public": public_definitions(house.session.home, house.clock),
    }
    home = house.session.home
    config = home.config.model_copy(update={"regions": {LONDON: "Greater London"}})
    outcome = run_range(
        Home(home.root, config),
        locations,
        house.instance,
        first=DAY,
        last=date(2026, 10, 14),
        today=house.clock.today(),
        progress=progress,
    )
    assert outcome.codes == {("collect", LONDON): "GROUPS_REFUSED"}
    assert (outcome.first_code, outcome.last_due) == ("GROUPS_REFUSED", DAY)
    assert {row[0:2] for row in house.values() if row[3] == "published"} == {(LONDON, DAY)}
    assert (house.session.home.public / "index.html").is_file()


def test_bad_sums_of_one_day_keep_no_other_day_open_and_who_withdrew_since_is_left_out(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [date(2026, 10, day) for day in (11, 12)]
    stays, *_, leaver = house.groups(6, days[0], days[-1], people=7)
    assert house.run("collect", days[0], days[-1]) is None
    house.withdraw(leaver)
    without, with_leaver = (
        {name: mean_score([totals(house, days[1], one)], name) for name in CONSTRUCTS}
        for one in (leaver, "")
    )
    really = ScoreStore.of_region_day

    def damaged(self, region: str, day: date):
        found = really(self, region, day)
        if day == days[0]:
            found[stays] = [replace(one, sum_milli=10**6) for one in found[stays]]
        return found

    monkeypatch.setattr(ScoreStore, "of_region_day", damaged)
    assert house.run("release", days[0], days[-1]) == "SUM_OUT_OF_RANGE"
    assert {row[1] for row in house.values()} == {days[1]}
    assert house.rows(release_steps)[0] != []
    assert days[0] not in {row[1] for row in house.rows(release_steps)[0]}
    found = {name: value[1] for (_, name), value in released(house).items()}
    assert found == without
    assert found != with_leaver
