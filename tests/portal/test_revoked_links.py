"""A stolen key that invites is revoked: its links end, and nobody's way out does."""

import base64
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
import yaml
from command_line import Shell
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from made_portal import NOTICE, SECONDS, MadePortal, made_portal, withdrawal_in

from orchestration.cli.session import Session
from orchestration.verification import verification
from resources.base.database.tables import portal_consents, portal_taken
from resources.base.keys.link_keys import Signs, signing_keys
from resources.base.keys.signed_links import SigningKeys, written_public
from resources.stores.portal.delivery_links import (
    DeliveryLink,
    link_to_deliver,
    read_delivery_link,
)
from resources.stores.portal.invitations import link_of, read_link, read_withdrawal
from resources.stores.portal.of_home import PortalOfHome
from resources.stores.portal.settings import PortalSettings

pytestmark = pytest.mark.slow

DELIVERS = DeliveryLink("g-00000000", date(2026, 11, 1), date(2027, 11, 1))


@pytest.fixture
def shell(session: Session, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Shell:
    return Shell(session, monkeypatch, capsys)


def opened(link: str) -> int:
    return requests.get(link, timeout=SECONDS).status_code


def at(portal: MadePortal, link: str) -> str:
    """The same link at the address at which the portal is served now."""
    return f"{portal.settings.address}/{link.split('/', 3)[3]}"


def stolen_of(session: Session) -> Ed25519PrivateKey:
    written = (session.home.secrets / Signs.INVITATIONS.value.file).read_bytes()
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(written))


def write_portal_settings(shell: Shell, folder: Path, *options: str) -> tuple[int, str]:
    notice = folder / "notice.txt"
    notice.write_text(NOTICE)
    return shell(
        *("consent", "portal-settings", "--address", "http://127.0.0.1:1"),
        *("--notice", str(notice), "--notice-version", "3", *options),
    )


def test_links_of_a_revoked_key_end_and_withdrawal_links_do_not(
    portal: MadePortal, shell: Shell
) -> None:
    session, home = portal.session, portal.home
    taken, its_link = portal.invitation()
    leaves_later = withdrawal_in(portal.answer(its_link).text)
    assert portal.take_over() == [(taken.group_ref, "TAKEN")]
    waits, waiting = portal.invitation()
    leaves_too = withdrawal_in(portal.answer(waiting).text)
    _, unanswered = portal.invitation()
    stolen = signing_keys(session.home.secrets)
    delivers = link_to_deliver(stolen.invitations, DELIVERS)
    assert read_delivery_link(home.keys().invitations, delivers) == DELIVERS

    assert "NOT_CONFIRMED" in shell("consent", "revoke-links")[1]
    assert home.revoked() == {}
    status, said = shell("consent", "revoke-links", "--yes")
    assert status == 0, said
    assert "refused if an earlier key signed them: 1" in said
    # Here it holds at once, whatever the portal's machine has.
    assert portal.take_over() == [(waits.group_ref, "INVITATION_REVOKED")]
    assert portal.take_over() == []
    assert {row.outcome for row in portal.rows(portal_taken)} == {"TAKEN", "INVITATION_REVOKED"}
    assert set(session.register.consents()) == {taken.group_ref}
    assert read_delivery_link(home.keys().invitations, delivers) is None

    with made_portal(session, given=home.settings()) as served:
        assert opened(at(served, unanswered)) == 403
        # What the thief signs now is no better.
        assert opened(f"{served.settings.address}/i/{link_of(stolen, waits)}") == 403
        status, said = shell("consent", "invite", "--region", "greater_london", "--employer", "new")
        assert status == 0, said
        assert served.answer(at(served, said.split()[0])).status_code == 200
        assert [code for _, code in served.take_over()] == ["TAKEN"]
        for link in (leaves_later, leaves_too):
            assert opened(at(served, link)) == 200
            left = requests.post(at(served, link), {"withdraw": "now"}, timeout=SECONDS)
            assert left.status_code == 200
    assert not session.register.consent(taken.group_ref).active


def test_links_of_the_time_of_one_key_withdraw_for_ever(
    session: Session, shell: Shell, tmp_path: Path
) -> None:
    status, said = write_portal_settings(shell, tmp_path)
    assert status == 0, said
    # As a home before had it: one key signed all.
    home, one_key = PortalOfHome(session.home.portal), stolen_of(session)
    (session.home.secrets / Signs.WITHDRAWALS.value.file).unlink()
    before = yaml.safe_load(home.file.read_bytes())
    del before["invitation_keys"], before["withdrawal_keys"]
    before |= {"form": "tideline portal 1", "verifying_keys": [written_public(one_key)]}
    home.file.write_text(yaml.safe_dump(before))
    both = SigningKeys(one_key, one_key)
    with made_portal(session, given=home.settings()) as portal:
        made, _ = portal.invitation()
        old = f"{portal.settings.address}/i/{link_of(both, made)}"
        receipt = portal.answer(old)
        assert receipt.status_code == 200
        leaves = withdrawal_in(receipt.text)
    # Links of today's two keys need the settings to know both.
    invite = ("consent", "invite", "--region", "greater_london", "--employer", "new")
    assert "PORTAL_SETTINGS_OUTDATED" in shell(*invite)[1]
    assert write_portal_settings(shell, tmp_path)[0] == 0
    assert read_link(home.keys(), old.rsplit("/", 1)[1]) is not None
    assert shell("consent", "revoke-links", "--yes")[0] == 0
    assert write_portal_settings(shell, tmp_path)[0] == 0
    assert read_link(home.keys(), old.rsplit("/", 1)[1]) is None
    with made_portal(session, given=home.settings()) as portal:
        assert opened(at(portal, leaves)) == 200
    assert len(home.settings().withdrawal_keys) == 2
    assert len(home.settings().invitation_keys) == 1


def test_a_revoked_key_that_comes_back_signs_nothing(
    portal: MadePortal, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets, home = portal.session.home.secrets, portal.home
    path = secrets / Signs.INVITATIONS.value.file
    stolen, earlier = path.read_bytes(), home.settings()
    assert shell("consent", "revoke-links", "--yes")[0] == 0
    invite = ("consent", "invite", "--region", "greater_london", "--employer", "new")
    # A copy of the file that somebody put back is replaced, which the settings have to be told.
    path.write_bytes(stolen)
    assert "PORTAL_SETTINGS_OUTDATED" in shell(*invite)[1]
    assert path.read_bytes() != stolen
    monkeypatch.setenv(Signs.INVITATIONS.value.variable, stolen.decode())
    for command in (invite, ("consent", "revoke-links", "--yes")):
        assert "KEY_REVOKED" in shell(*command)[1]
    monkeypatch.delenv(Signs.INVITATIONS.value.variable)
    # Settings of a backup name it again; what was revoked is known apart from them.
    home.save(earlier, home.ethics())
    assert home.keys().invitations == ()
    assert "PORTAL_SETTINGS_OUTDATED" in shell(*invite)[1]


def test_a_revoked_key_stays_revoked_whatever_backup_the_home_came_from(
    portal: MadePortal, shell: Shell
) -> None:
    session, home, out = portal.session, portal.home, portal.session.ways_out
    made, link = portal.invitation()
    assert portal.answer(link).status_code == 200
    now = session.clock.now()
    backup = {path: path.read_bytes() for path in home.folder.iterdir()}
    assert shell("consent", "revoke-links", "--yes")[0] == 0
    revoked = home.revoked()
    assert out.journal.revoked() == revoked
    # Put back by hand, from before: the journal alone knows.
    (home.folder / "revoked-keys.yaml").unlink()
    for path, content in backup.items():
        path.write_bytes(content)
    assert home.revoked() == {}
    looked = verification(session.home, session.url, session.clock)
    assert ("REVOCATION_FORGOTTEN", "journals") in looked.beside
    out.lifetimes.enforce(now)
    assert home.revoked() == revoked
    assert home.names_revoked()
    assert verification(session.home, session.url, session.clock).beside == []
    assert portal.take_over() == [(made.group_ref, "INVITATION_REVOKED")]
    invite = ("consent", "invite", "--region", "greater_london", "--employer", "new")
    assert "PORTAL_SETTINGS_OUTDATED" in shell(*invite)[1]
    # Of a version that noted it in the home alone, and of a journal that was lost.
    out.journal.path.unlink()
    out.journal.begin()
    out.reconciliation.require(now)
    assert out.journal.revoked() == revoked
    # A list that nobody can read keeps nobody from reading or leaving.
    (home.folder / "revoked-keys.yaml").write_text("- [")
    assert out.revocations.are_forgotten()
    out.reconciliation.require(now)
    out.lifetimes.enforce(now)


def test_settings_that_were_lost_are_not_made_anew_without_a_word(
    portal: MadePortal, shell: Shell, tmp_path: Path
) -> None:
    _, link = portal.invitation()
    token = withdrawal_in(portal.answer(link).text).rsplit("/", 1)[1]
    copy = tmp_path / "copy.yaml"
    copy.write_bytes(portal.home.file.read_bytes())
    for one in portal.home.folder.iterdir():
        one.unlink()
    # The key went with the folder of secrets, too.
    (portal.session.home.secrets / Signs.WITHDRAWALS.value.file).unlink()
    status, said = write_portal_settings(shell, tmp_path)
    assert status != 0
    assert "PORTAL_SETTINGS_LOST" in said
    assert write_portal_settings(shell, tmp_path, "--keys-of", str(copy))[0] == 0
    assert read_withdrawal(portal.home.settings().keys.withdrawals, token) is not None
    portal.home.file.unlink()
    assert write_portal_settings(shell, tmp_path, "--no-earlier-keys")[0] == 0
    assert read_withdrawal(portal.home.settings().keys.withdrawals, token) is None


def test_a_stolen_login_gains_nothing_by_a_revoked_key(portal: MadePortal, shell: Shell) -> None:
    made, link = portal.invitation()
    invited = read_link(portal.settings.keys, link.rsplit("/", 1)[1])
    assert invited is not None
    assert portal.answer(link).status_code == 200
    [row] = portal.rows(portal_consents)
    assert shell("consent", "revoke-links", "--yes")[0] == 0
    engine = sa.create_engine(portal.login, poolclass=sa.NullPool)
    again = {**row._mapping, "invitation": "f" * 32}
    del again["at"]
    with engine.begin() as connection:
        connection.execute(portal_consents.insert().inline().values(again))
    # The one that was signed by it, and one that nobody ever signed.
    assert sorted(portal.take_over()) == [
        (made.group_ref, "INVITATION_INVALID"),
        (made.group_ref, "INVITATION_REVOKED"),
    ]


def test_settings_of_another_form_are_refused(portal: MadePortal) -> None:
    written = yaml.safe_load(portal.home.file.read_bytes())
    for changes in (
        {"form": "tideline portal 1"},
        {"verifying_keys": written["invitation_keys"]},
        {"invitation_keys": []},
        {"withdrawal_keys": []},
        {"withdrawal_keys": ["none"]},
    ):
        with pytest.raises(ValueError, match="validation error"):
            PortalSettings.model_validate(written | changes)
