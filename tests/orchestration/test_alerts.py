"""Failed runs and what is late are told once, by reference, code, next step and link alone."""

import json
from datetime import UTC, date, datetime, timedelta
from email import message_from_string, policy
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.freshness import FreshnessState, FreshnessStateChange
from dagster._core.storage.tags import WILL_RETRY_TAG
from hypothesis import given
from hypothesis import strategies as st
from made_connector import settings_at
from taken_messages import MailServer

from assets.core.errors import CATALOGUE, StorageError
from assets.core.names import FORECAST
from orchestration.alerts import sensors
from orchestration.alerts.alert import Alert
from orchestration.alerts.telling import tell
from resources.base.clock import Clock
from resources.base.notifier import Channel, Notification
from resources.base.notify_config import EmailConfig, NotifyConfig
from resources.stores.connect.health import GroupHealth, Health, HealthFile

DAY = date(2026, 10, 12)
READING = "step%3Aplatform_export_every_export_read"
DAMAGED = b"PK\x03\x04 no zip"


def link_to(run: dg.DagsterRun, log: str) -> str:
    return f"/runs/{run.run_id}?logs={log}"


class Inboxes:
    """A notifier whose channels can be made to fail."""

    def __init__(self, *channels: Channel) -> None:
        self.channels = channels or tuple(Channel)
        self.failing: set[Channel] = set()
        self.got: list[tuple[Channel, Notification]] = []

    def send(self, channel: Channel, one: Notification) -> None:
        if channel in self.failing:
            raise StorageError("NOTICE_NOT_SENT")
        self.got.append((channel, one))

    def groups(self, channel: Channel) -> list[Any]:
        return [fact["group"] for at, one in self.got if at is channel for fact in one.facts]


def alert(number: int, code: str = "EXPORT_ZIP_DAMAGED", run: str = "1") -> Alert:
    return Alert(code, DAY, (("group", f"g-{number:08x}"),), f"/runs/{run}")


@given(
    looks=st.lists(
        st.tuples(st.sets(st.integers(0, 5)), st.sets(st.sampled_from(Channel))), max_size=8
    )
)
def test_each_channel_tells_what_goes_on_once_whichever_fails(looks: Any) -> None:
    inboxes, cursor = Inboxes(), ""
    seen: set[int] = set()
    for number, (new, failing) in enumerate(looks):
        seen |= new
        inboxes.failing = failing
        cursor = tell([alert(one, run=str(number)) for one in seen], inboxes, cursor).cursor  # pyright: ignore
    inboxes.failing = set()
    last = tell([alert(one) for one in seen], inboxes, cursor)  # pyright: ignore
    assert last.failure is None
    for channel in Channel:
        assert sorted(inboxes.groups(channel)) == sorted(f"g-{one:08x}" for one in seen)
    assert set(last.cursor) <= set("0123456789abcdef:")


def test_a_message_for_each_code_and_what_failed_is_said() -> None:
    inboxes = Inboxes()
    inboxes.failing = {Channel.WEBHOOK}
    both = [alert(1), alert(2), alert(3, "EXPORT_SEAL_BROKEN")]
    outcome = tell(both, inboxes, "")  # pyright: ignore
    assert [(at, one.code, len(one.facts)) for at, one in inboxes.got] == [
        (Channel.EMAIL, "EXPORT_ZIP_DAMAGED", 2),
        (Channel.EMAIL, "EXPORT_SEAL_BROKEN", 1),
    ]
    assert outcome.failure is not None
    assert outcome.failure.code == "NOTICE_NOT_SENT"
    # What stands no longer is not remembered.
    assert tell([], inboxes, outcome.cursor).cursor == ":"  # pyright: ignore


class ClockAt(Clock):
    """A clock that stands."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def told(house: Any, monkeypatch: pytest.MonkeyPatch):
    """A look of a sensor at the house, with the real clock; gives what was sent."""
    inboxes = Inboxes(Channel.EMAIL)
    monkeypatch.setattr(sensors, "Notifier", lambda _: inboxes)
    settings = house.session.home.config.model_copy(update={"notify": object()})
    cursors: dict[str, str | None] = {}

    def look(sensor: dg.SensorDefinition, clock: Clock | None = None) -> list[dict[str, Any]]:
        clock = clock or Clock()
        before = len(inboxes.got)
        given = {"settings": settings, "clock": clock}
        given |= {name: house.resources[name] for name in ("records", "connectors")}
        names = sensor.required_resource_keys
        context = dg.build_sensor_context(
            instance=house.instance,
            cursor=cursors.get(sensor.name),
            resources={name: one for name, one in given.items() if name in names},
        )
        result = sensor(context)
        assert isinstance(result, dg.SkipReason)
        cursors[sensor.name] = context.cursor
        return [{"code": one.code, "facts": list(one.facts)} for _, one in inboxes.got[before:]]

    look.inboxes = inboxes  # type: ignore[attr-defined]
    return look


@pytest.mark.slow
def test_a_run_that_refused_a_group_is_told_once(house: Any, told: Any) -> None:
    ref = house.grant()
    house.deliver(ref, DAMAGED)
    assert house.run("collect", DAY) == "GROUPS_REFUSED"
    (run,) = house.instance.get_runs()
    code = next(iter(house.codes()[ref]))
    assert told(sensors.failed_runs_sensor) == [
        {"code": code, "facts": [{"group": ref, "look_at": link_to(run, READING)}]}
    ]
    assert told(sensors.failed_runs_sensor) == []
    # The next run finds the same, and it is the same day.
    assert house.run("collect", DAY) == "GROUPS_REFUSED"
    assert told(sensors.failed_runs_sensor) == []
    (_, message), *_ = told.inboxes.got
    assert CATALOGUE[code].next_step in message.text
    assert "okafor" not in message.text.lower()


@pytest.mark.slow
def test_other_failures_are_told_by_their_job_and_those_tried_again_are_not(
    house: Any, told: Any
) -> None:
    (house.session.home.secrets / "member.key").unlink()
    house.groups(1, DAY, DAY)
    assert house.run("collect", DAY) == "MEMBER_KEY_MISSING"
    (run,) = house.instance.get_runs()
    house.instance.add_run_tags(run.run_id, {WILL_RETRY_TAG: "true"})
    assert told(sensors.failed_runs_sensor) == []
    house.instance.add_run_tags(run.run_id, {WILL_RETRY_TAG: "false"})
    assert told(sensors.failed_runs_sensor) == [
        {
            "code": "MEMBER_KEY_MISSING",
            "facts": [{"job": "collect", "look_at": link_to(run, "type%3ASTEP_FAILURE")}],
        }
    ]


@pytest.mark.slow
def test_what_is_not_there_by_its_time_is_told_once_a_day(house: Any, told: Any) -> None:
    assert told(sensors.overdue_assets_sensor) == []

    def becomes(state: FreshnessState, at: datetime) -> None:
        house.instance._report_runless_asset_event(
            FreshnessStateChange(
                key=dg.AssetKey(FORECAST),
                previous_state=FreshnessState.UNKNOWN,
                new_state=state,
                state_change_timestamp=at.timestamp(),
            )
        )

    now, hour = datetime.now(UTC), timedelta(hours=1)
    becomes(FreshnessState.FAIL, now - hour)
    late = [
        {"code": "ASSET_OVERDUE", "facts": [{"asset": FORECAST, "look_at": f"/assets/{FORECAST}"}]}
    ]
    assert told(sensors.overdue_assets_sensor) == late
    assert told(sensors.overdue_assets_sensor) == []
    # It stays late: told again every 24 hours, at whatever hour it was late first.
    for hours, expected in ((22, []), (24, late), (24, []), (46, []), (48, late), (49, [])):
        assert told(sensors.overdue_assets_sensor, ClockAt(now + hours * hour)) == expected
    becomes(FreshnessState.PASS, now)
    assert told(sensors.overdue_assets_sensor) == []
    becomes(FreshnessState.FAIL, now)
    assert told(sensors.overdue_assets_sensor) == late


@pytest.mark.slow
def test_a_connector_that_stops_is_told_once_a_day_while_it_does(house: Any, told: Any) -> None:
    session, hour = house.session, timedelta(hours=1)
    ref, config = house.grant(), session.home.config
    connectors = session.ways_out.connectors
    connectors.save(settings_at(config, "telegram", "https://api.telegram.org"))
    # A connector without a room has nothing to say.
    noon = datetime(2026, 10, 15, 11, tzinfo=UTC)
    assert told(sensors.overdue_assets_sensor, ClockAt(noon)) == []
    connectors.add("telegram", ref, "-5001")
    health = HealthFile(session.home.connectors / "telegram" / "health.json")

    def look(after: timedelta) -> list[str]:
        found = told(sensors.overdue_assets_sensor, ClockAt(noon + after))
        for one in found:
            (fact,) = one["facts"]
            assert fact == {"connector": "telegram", "look_at": "/assets/platform_export"}
        return [one["code"] for one in found]

    health.write(Health(written_at=noon, groups={ref: GroupHealth(refused="CHAT_NOT_WHOLE")}))
    assert look(0 * hour) == []
    assert look(hour) == ["CONNECTOR_SILENT"]
    assert look(2 * hour) == []
    assert look(25 * hour) == ["CONNECTOR_SILENT"]
    health.write(Health(written_at=noon + 26 * hour, refused="BOT_READ_BY_ANOTHER"))
    assert look(26 * hour) == ["BOT_READ_BY_ANOTHER"]


@pytest.mark.slow
def test_nobody_is_told_where_nobody_is_named_and_a_channel_that_fails_turns_the_look_red(
    house: Any, told: Any
) -> None:
    given = {name: house.resources[name] for name in ("settings", "records", "clock")}
    context = dg.build_sensor_context(instance=house.instance, resources=given)
    skipped = sensors.failed_runs_sensor(context)
    assert isinstance(skipped, dg.SkipReason)
    assert "notify" in (skipped.skip_message or "")
    house.deliver(house.grant(), DAMAGED)
    house.run("collect", DAY)
    told.inboxes.failing = {Channel.EMAIL}
    with pytest.raises(StorageError, match="NOTICE_NOT_SENT"):
        told(sensors.failed_runs_sensor)
    told.inboxes.failing = set()
    assert len(told(sensors.failed_runs_sensor)) == 1
    assert json.dumps(told.inboxes.got[0][1].facts).count("g-") == 1


@pytest.mark.slow
def test_what_goes_out_by_mail_and_webhook_from_within_the_seal(
    house: Any, mail: MailServer, hook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = house.grant()
    house.deliver(ref, DAMAGED)
    house.run("collect", DAY)
    (run,) = house.instance.get_runs()
    monkeypatch.setenv("ALERT_HOOK", f"http://127.0.0.1:{hook.server_port}/x")
    notify = NotifyConfig(
        email=EmailConfig(
            host="127.0.0.1",
            port=mail.server_address[1],
            security="none",
            sender="tideline@example.org",
            to=["engineer@example.org"],
        ),
        webhook_variable="ALERT_HOOK",
    )
    settings = house.session.home.config.model_copy(update={"notify": notify})
    given = {"settings": settings, "records": house.resources["records"], "clock": Clock()}
    context = dg.build_sensor_context(instance=house.instance, resources=given)
    sensors.failed_runs_sensor(context)
    code, link = next(iter(house.codes()[ref])), link_to(run, READING)
    next_step = CATALOGUE[code].next_step
    assert hook.posted == [
        {"code": code, "next_step": next_step, "facts": [{"group": ref, "look_at": link}]}
    ]
    ((to, text),) = mail.mails
    assert to == ["engineer@example.org"]
    read = message_from_string(text.replace("\r\n", "\n"), policy=policy.default).get_content()
    assert f"group {ref}, look_at {link}" in read
    assert next_step in read
