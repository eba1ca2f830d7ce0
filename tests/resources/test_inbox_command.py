"""`tideline inbox list` and `purge`."""

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from orchestration.cli import inbox as command
from orchestration.cli.session import Session
from resources.base.database.tables import ledger
from resources.stores.inbox.collection_records import ExportCounts
from resources.stores.inbox.day_notices import DayNotice


@pytest.fixture
def group(session: Session, terms, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(command, "open_session", lambda: session)
    return session.register.grant(terms(), session.clock.now())


def rows(text: str) -> list[list[str]]:
    return [line.split("  ") for line in text.splitlines()]


def output(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(command.app, arguments)
    assert result.exit_code == status, result.output
    return result.output


@pytest.mark.slow
def test_a_list_tells_what_became_of_each_file(session: Session, group: str) -> None:
    inbox, records, now = (
        session.resources["inbox"],
        session.resources["records"],
        session.clock.now(),
    )
    files = [
        inbox.add(group, io.BytesIO(b"x" * 5000), now - timedelta(days=age))
        for age in (15, 13, 6, 0)
    ]
    counts = ExportCounts(now, now, 10, 7, 2, 1, "dmy")
    records.record(files[1], "EXPORT_EMPTY", now)
    records.record(files[2], counts, now)
    stray = Path(files[0].path).with_name("WhatsApp Chat with Oak House.txt")
    stray.write_bytes(b"x")
    told = output("list", group)
    assert "Oak" not in told
    lines = [" ".join(line.split()) for line in told.splitlines() if line.strip()]
    sizes = [f"{inbox.size(one):,}" for one in files]
    assert [line for line in lines if line.startswith("2026")] == [
        f"2026-09-30 09:00 {sizes[0]} not yet read 0",
        f"2026-10-02 09:00 {sizes[1]} EXPORT_EMPTY 1",
        f"2026-10-09 09:00 {sizes[2]} readable 8",
        f"2026-10-15 09:00 {sizes[3]} not yet read 14",
    ]
    assert "Files that were not delivered by `tideline inbox add`: 1." in told


@pytest.mark.slow
def test_a_purge_asks_first_and_is_recorded(session: Session, group: str) -> None:
    inbox = session.resources["inbox"]
    for ref in (group, group, "g-00000002"):
        inbox.add(ref, io.BytesIO(b"x"), session.clock.now())
    refused = CliRunner().invoke(command.app, ["purge", group])
    assert f"{group} has 2 files" in refused.output
    assert getattr(refused.exception, "code", None) == "NOT_CONFIRMED"
    assert len(inbox.list(group)) == 2
    assert f"Deleted 2 files of {group}" in output("purge", group, "--yes")
    assert inbox.list(group) == []
    assert len(inbox.list("g-00000002")) == 1
    with session.database.transaction() as connection:
        found = connection.execute(sa.select(ledger.c.kind, ledger.c.group_ref, ledger.c.count))
        assert [tuple(one) for one in found] == [("export_purged", group, 2)]


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("list",), ("purge", "--yes")])
def test_a_reference_that_nobody_knows_is_refused(group: str, arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(command.app, [arguments[0], "../g-00000009", *arguments[1:]])
    assert getattr(result.exception, "code", None) == "GROUP_UNKNOWN"


@pytest.mark.slow
def test_notices_are_kept_once_and_shown(session: Session, group: str) -> None:
    from orchestration.cli.status import groups_table

    notices, now = session.resources["notices"], session.clock.now()
    days = [date(2026, 10, 10), date(2026, 10, 12)]
    found = [DayNotice("greater_london", group, day, "DRIFT_VOLUME", "r") for day in days]
    found.append(DayNotice("greater_london", group, days[0], "DRIFT_LANGUAGE", "r"))
    notices.add(found, now)
    notices.add(found, now + timedelta(hours=1))
    notices.add([], now)
    assert notices.since(date(2026, 10, 11)) == {group: [(days[1], "DRIFT_VOLUME")]}
    table = groups_table(session)
    (shown,) = (list(one.cells) for one in table.columns if one.header == "notices")
    assert shown == ["DRIFT_LANGUAGE 2026-10-10, DRIFT_VOLUME 2026-10-12 and 1 more"]
    (errors,) = (list(one.cells) for one in table.columns if one.header == "last error")
    assert errors == [""]


@pytest.mark.slow
def test_a_notice_of_an_unknown_code_is_refused(session: Session) -> None:
    from assets.core.errors import SetupError

    notice = DayNotice("greater_london", "g-00000001", date(2026, 10, 10), "Grace wrote", "r")
    with pytest.raises(SetupError, match=r"^CODE_UNKNOWN$"):
        session.resources["notices"].add([notice], session.clock.now())
