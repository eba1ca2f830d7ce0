"""An admin consents and withdraws on the portal, and the restricted side takes it over."""

import hashlib
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import requests
import sqlalchemy as sa
from made_portal import NOTICE, SECONDS, MadePortal, day, withdrawal_in

from assets.core.errors import StorageError
from resources.base.database.tables import consent_terms, portal_consents, portal_taken
from resources.stores.consent.consent_terms import Scope, Sector
from resources.stores.consent.departures import Departures
from resources.stores.consent.leaving_journal import JournalLine
from resources.stores.portal.answers import Ethics
from resources.stores.portal.invitations import Invitation, read_link

pytestmark = pytest.mark.slow


def withdraw(link: str) -> requests.Response:
    assert requests.get(link, timeout=SECONDS).status_code == 200
    return requests.post(link, {"withdraw": "now"}, timeout=SECONDS)


def test_an_answer_becomes_the_consent_of_its_reserved_reference(portal: MadePortal) -> None:
    made, link = portal.invitation()
    page = requests.get(link, timeout=SECONDS)
    assert "&lt;b&gt;Nobody&lt;/b&gt; reads" in page.text
    assert " checked" not in page.text
    assert " selected" not in page.text
    assert 'value="trend_lines" required' in page.text
    assert "<dd>WhatsApp</dd>" in page.text
    receipt = portal.answer(link, scopes=["trend_lines", "surveys"], manages_members="yes")
    assert receipt.status_code == 200
    assert made.invitation[:12] in receipt.text
    assert not portal.session.register.consents()

    assert portal.take_over() == [(made.group_ref, "TAKEN")]
    assert portal.take_over() == []
    consent = portal.session.register.consent(made.group_ref)
    assert (consent.active, consent.region, consent.employer_ref, consent.sector) == (
        True,
        "greater_london",
        made.employer_ref,
        Sector.CARE_HOME,
    )
    assert consent.scopes == {Scope.TREND_LINES, Scope.SURVEYS}
    # Seven days to object from the day on which the members were told.
    assert (consent.valid_from, consent.valid_until) == (day(4), day(200))
    [terms] = portal.rows(consent_terms)
    assert terms.notice_digest == hashlib.sha256(NOTICE.encode()).hexdigest()


MISSING = [
    ({"attested": ""}, "attested"),
    ({"adult_workplace": "no"}, "adult_workplace"),
    ({"manages_members": ""}, "manages_members"),
    ({"member_basis": "whoever"}, "member_basis"),
    ({"sector": "<script>alert(1)</script>"}, "sector"),
    ({"scopes": ["surveys"]}, "scopes"),
    ({"rhythm": ["daily", "weekly"]}, "rhythm"),
    ({"informed_on": 1}, "informed_on"),
    ({"informed_on": "yesterday<script>"}, "informed_on"),
    ({"valid_until": -1}, "valid_until"),
    ({"valid_until": 400}, "valid_until"),
]
"""What is answered, a number for a day so far from the one on which the test runs."""


def test_what_is_missing_is_asked_again_and_nothing_recorded(portal: MadePortal) -> None:
    _, link = portal.invitation()
    for answers, asked in MISSING:
        changes = {
            name: day(value).isoformat() if isinstance(value, int) else value
            for name, value in answers.items()
        }
        page = portal.answer(link, **changes)
        assert page.status_code == 400, changes
        assert f'id="wrong-{asked}"' in page.text, changes
        # Where the form's own address leads, without script, too: the first of what is marked.
        [first] = re.findall(r'<\w+[^<>]* id="wrong"[^>]*>', page.text)
        assert f'name="{asked}"' in first, changes
        assert '#wrong" autocomplete="off">' in page.text
        assert "script" not in page.text
    assert portal.rows(portal_consents) == []


def test_another_notice_than_was_read_is_not_consented_to(portal: MadePortal) -> None:
    _, link = portal.invitation()
    page = portal.answer(link, notice="0" * 64)
    assert page.status_code == 400
    assert "read it again" in page.text


def test_a_withdrawal_holds_at_once_and_reaches_the_journal(portal: MadePortal) -> None:
    made, link = portal.invitation()
    receipt = portal.answer(link)
    portal.take_over()
    session, out = portal.session, portal.session.ways_out
    now = datetime.now(UTC)
    assert withdraw(withdrawal_in(receipt.text)).status_code == 200
    consent = session.register.consent(made.group_ref)
    assert not consent.active
    assert consent.withdrawn_at is not None
    assert abs(consent.withdrawn_at - now) < timedelta(minutes=1)
    # Nobody has noted it yet, and nothing is missing.
    assert out.journal.lines() == []
    assert out.reconciliation.is_complete(now)
    out.reconciliation.require(now)
    [line] = out.journal.lines()
    assert (line.what, line.group_ref, line.at) == (
        "withdrawal",
        made.group_ref,
        consent.withdrawn_at,
    )
    assert out.reconciliation.note_withdrawals_of_portal(now) == 0
    # From now on it is missed like any other line.
    out.journal.drop(lambda _: True)
    assert not out.reconciliation.is_complete(now)
    with pytest.raises(StorageError, match=r"^JOURNAL_INCOMPLETE$"):
        out.reconciliation.require(now)


def test_who_withdraws_before_the_answer_is_taken_over_is_never_taken(portal: MadePortal) -> None:
    made, link = portal.invitation()
    # From the invitation itself, too, where a receipt was lost.
    page = requests.get(link, timeout=SECONDS).text
    portal.answer(link)
    withdraw(portal.settings.address + page.split('<a href="', 1)[1].split('"', 1)[0])
    portal.session.ways_out.lifetimes.enforce(datetime.now(UTC))
    assert [line.group_ref for line in portal.session.ways_out.journal.lines()] == [made.group_ref]
    assert portal.take_over() == [(made.group_ref, "WITHDRAWN_BEFORE_TAKEN")]
    assert portal.take_over() == []
    assert not portal.session.register.consents()
    assert portal.session.ways_out.reconciliation.is_complete(datetime.now(UTC))


def test_a_database_from_a_backup_takes_over_nobody_who_withdrew_since(portal: MadePortal) -> None:
    made, link = portal.invitation()
    portal.answer(link)
    # The backup was made now; the journal beside it is newer.
    row = {"group_ref": made.group_ref, "at": datetime.now(UTC), "mode": "synthetic"}
    portal.session.ways_out.journal.note([JournalLine.of("withdrawal", row)])
    assert portal.take_over() == [(made.group_ref, "WITHDRAWN_BEFORE_TAKEN")]


def test_a_renewal_runs_on_and_one_that_was_withdrawn_since_does_not(portal: MadePortal) -> None:
    made, link = portal.invitation()
    withdrawal = withdrawal_in(portal.answer(link, valid_until=day(20).isoformat()).text)
    portal.take_over()
    before = portal.session.register.consent(made.group_ref)
    _, again = portal.invitation(group_ref=made.group_ref)
    assert "Renew the consent" in requests.get(again, timeout=SECONDS).text
    portal.answer(again)
    assert portal.take_over() == [(made.group_ref, "TAKEN")]
    renewed = portal.session.register.consent(made.group_ref)
    assert (renewed.valid_from, renewed.valid_until) == (before.valid_from, day(200))
    assert renewed.employer_ref == before.employer_ref
    _, third = portal.invitation(group_ref=made.group_ref)
    portal.answer(third)
    withdraw(withdrawal)
    assert portal.take_over() == [(made.group_ref, "WITHDRAWN_BEFORE_TAKEN")]
    assert not portal.session.register.consent(made.group_ref).active


def test_what_the_coordinator_can_put_right_waits(portal: MadePortal) -> None:
    made, link = portal.invitation()
    portal.answer(link, member_basis="notice_with_objection")
    for _ in range(2):
        assert portal.take_over() == [(made.group_ref, "ETHICS_REFERENCE_MISSING")]
    portal.home.save(portal.settings, Ethics("REC 1", departure_approved=True))
    assert portal.take_over() == [(made.group_ref, "TAKEN")]


def forged(**changes: object) -> dict[str, object]:
    return {
        "invitation": "0" * 32,
        "group_ref": "g-00000000",
        "renews": False,
        "region": "greater_london",
        "platform": "whatsapp",
        "employer_ref": "e-0a1b2c3d",
        "expires": datetime.now(UTC) + timedelta(days=1),
        "signature": bytes(64),
        "adult_workplace": True,
        "informed_on": day(-3),
        "manages_members": False,
        "member_basis": "opt_in",
        "sector": "care_home",
        "scopes": ["trend_lines"],
        "rhythm": "daily",
        "valid_until": day(100),
        "notice_version": "3",
        "notice_digest": hashlib.sha256(NOTICE.encode()).hexdigest(),
    } | changes


def signed_row(portal: MadePortal, made: Invitation, link: str) -> dict[str, object]:
    """A row as the portal writes it of an invitation that somebody opened on it."""
    invited = read_link(portal.settings.keys, link.rsplit("/", 1)[1])
    assert invited is not None
    return forged(**vars(made), signature=invited.signature)


def test_what_the_portal_could_forge_is_refused_and_harms_no_other(portal: MadePortal) -> None:
    made, link = portal.invitation()
    mine = signed_row(portal, made, link)
    rows = [
        forged(),
        mine | {"invitation": "1" * 32},
        mine | {"group_ref": "g-11111111", "invitation": "2" * 32},
        mine | {"expires": made.expires + timedelta(days=1), "invitation": "4" * 32},
        mine | {"sector": "of nobody"},
        forged(invitation="3" * 32, notice_digest="../../home.yaml"),
    ]
    engine = sa.create_engine(portal.login, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for row in rows:
            connection.execute(portal_consents.insert().inline().values(row))
    good, its_link = portal.invitation()
    portal.answer(its_link)
    codes = dict(portal.take_over())
    assert codes.pop(good.group_ref) == "TAKEN"
    assert set(codes.values()) == {"INVITATION_INVALID"}
    assert set(portal.session.register.consents()) == {good.group_ref}
    assert len(portal.rows(portal_taken)) == len(rows) + 1


def test_an_answer_after_the_end_of_its_invitation_is_refused(portal: MadePortal) -> None:
    made, link = portal.invitation(expires=datetime.now(UTC) - timedelta(minutes=1))
    assert requests.get(link, timeout=SECONDS).status_code == 410
    engine = sa.create_engine(portal.login, poolclass=sa.NullPool)
    row = signed_row(portal, made, link)
    with engine.begin() as connection:
        connection.execute(portal_consents.insert().inline().values(row))
    assert portal.take_over() == [(made.group_ref, "INVITATION_EXPIRED")]


def test_what_a_group_delivered_goes_once_it_withdrew(portal: MadePortal) -> None:
    made, link = portal.invitation()
    withdrawal = withdrawal_in(portal.answer(link).text)
    portal.take_over()
    inbox = portal.session.ways_out.inbox
    inbox.add(made.group_ref, io.BytesIO(b"a chat"), datetime.now(UTC))
    assert inbox.list(made.group_ref)
    withdraw(withdrawal)
    # Read no more from this moment; deleted by the hourly job, or the command.
    assert Departures(portal.session.database).withdrawn() == {made.group_ref}
    portal.session.ways_out.lifetimes.enforce(datetime.now(UTC))
    assert not inbox.list(made.group_ref)
