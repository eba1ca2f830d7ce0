import io
from datetime import timedelta
from pathlib import Path

import pytest

from assets.core.errors import ExportError, SetupError
from assets.restricted.collection import group_exports
from assets.restricted.collection.group_exports import open_export, read_group_exports
from resources.base.database.tables import export_reports
from resources.stores.inbox.inbox import Inbox

GROUP, REGION = "g-00000001", "greater_london"
CHAT = (
    b'01/10/2026, 08:15 - Grace created group "Oak House"\n'
    b"01/10/2026, 09:15 - Grace: so tired today\n"
    b"02/10/2026, 09:15 - Ama: <Media omitted>\n"
)


@pytest.fixture
def survey(session):
    def take(group: str = GROUP):
        resources = session.resources
        return read_group_exports(
            resources["inbox"], resources["records"], group, REGION, session.clock.now()
        )

    return take


@pytest.fixture
def deliver(session):
    def add(content: bytes):
        session.clock.moment += timedelta(minutes=1)
        return session.resources["inbox"].add(GROUP, io.BytesIO(content), session.clock.now())

    return add


def test_each_file_is_read_once(survey, deliver, session) -> None:
    sealed = deliver(CHAT)
    first, second = survey(), survey()
    assert (first.newly_read, second.newly_read) == (1, 0)
    assert first.candidates == second.candidates
    (candidate,) = first.candidates
    assert (candidate.digest, candidate.arrived_at) == (sealed.digest, sealed.arrived_at)
    assert candidate.last_entry.isoformat() == "2026-10-02T09:15:00+01:00"
    (counts,) = session.resources["records"].readable(GROUP).values()
    assert (counts.entries, counts.speech, counts.system, counts.other) == (3, 1, 1, 1)
    assert counts.date_order == "dmy"


def test_a_refused_file_is_tried_again_and_the_others_stand(survey, deliver) -> None:
    good, bad = deliver(CHAT), deliver(b"")
    for _ in range(2):
        found = survey()
        assert [one.digest for one in found.candidates] == [good.digest]
        assert found.refused == {bad.digest: "EXPORT_EMPTY"}
        assert found.outstanding == "EXPORT_EMPTY"
    assert found.newly_read == 1


def test_a_good_file_after_a_refused_one_settles_it(survey, deliver) -> None:
    deliver(b"")
    deliver(CHAT)
    assert survey().outstanding is None


@pytest.mark.parametrize(
    ("broken", "spans", "may_hide"),
    [
        ((), False, False),
        ((1,), False, True),
        ((0,), False, False),
        ((0, 1), False, True),
        # One that holds a span repeats nothing of another.
        ((0,), True, True),
    ],
)
def test_a_file_on_which_a_reader_breaks_hides_what_no_later_one_repeats(
    survey, deliver, session, monkeypatch, broken, spans, may_hide
) -> None:
    files = [deliver(CHAT + b"%d" % number) for number in range(2)]
    real = group_exports.open_export

    def opening(inbox, parts, *given, **named):
        if parts[0].digest in {files[number].digest for number in broken}:
            raise RuntimeError
        return real(inbox, parts, *given, **named)

    monkeypatch.setattr(group_exports, "open_export", opening)
    survey()
    if spans:
        with session.database.transaction() as connection:
            connection.execute(export_reports.update().values(covered_from=session.clock.now()))
    assert survey().may_hide == may_hide


def test_a_file_that_is_gone_is_no_candidate(survey, deliver) -> None:
    sealed = deliver(CHAT)
    assert survey().candidates
    Path(sealed.path).unlink()
    assert survey().candidates == ()
    assert survey().outstanding is None


def test_a_group_without_files_has_nothing(survey) -> None:
    found = survey("g-00000009")
    assert (found.candidates, found.refused, found.newly_read) == ((), {}, 0)


def test_what_counts_as_the_future_is_the_clock_s_affair(deliver, session) -> None:
    sealed = deliver(CHAT)
    inbox = session.resources["inbox"]
    now = session.clock.now()
    assert open_export(inbox, [sealed], REGION, now).report.entries == 3
    with pytest.raises(ExportError, match=r"^EXPORT_DATED_IN_FUTURE$"):
        open_export(inbox, [sealed], REGION, now - timedelta(days=30))


def test_parts_that_are_too_large_together_are_not_opened(
    deliver, session, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [deliver(CHAT), deliver(CHAT)]
    inbox = session.resources["inbox"]
    monkeypatch.setattr("resources.stores.inbox.inbox.MAX_EXPORT_BYTES", inbox.size(parts[0]) + 9)
    monkeypatch.setattr(Inbox, "open_export", lambda *_: pytest.fail("one was opened"))
    with pytest.raises(ExportError, match=r"^EXPORT_TOO_LARGE$"):
        open_export(inbox, parts, REGION, session.clock.now())


def test_without_the_identity_no_survey_is_made(deliver, session) -> None:
    deliver(CHAT)
    config = session.home.config
    closed = Inbox(config.inbox, config.inbox_recipient, None, timedelta(days=14))
    with pytest.raises(SetupError, match=r"^INBOX_IDENTITY_MISSING$"):
        read_group_exports(closed, session.resources["records"], GROUP, REGION, session.clock.now())


def test_an_export_of_another_platform_than_the_consent_s_is_refused_and_nobody_is_seen(
    deliver, session
) -> None:
    sealed, seen = deliver(CHAT), []
    resources = session.resources

    def found(platform: str):
        return read_group_exports(
            resources["inbox"],
            resources["records"],
            GROUP,
            REGION,
            session.clock.now(),
            on_reading=seen.append,
            platform=platform,
        )

    refused = found("telegram")
    assert refused.refused == {sealed.digest: "EXPORT_OTHER_PLATFORM"}
    assert (refused.outstanding, refused.candidates, seen) == ("EXPORT_OTHER_PLATFORM", (), [])
    assert resources["records"].outcomes(GROUP) == {sealed.digest: "EXPORT_OTHER_PLATFORM"}
    # The group's consent names it now.
    assert len(found("whatsapp").candidates) == len(seen) == 1
