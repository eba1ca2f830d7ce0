"""`tideline portal` and the coordinator's commands, as from a shell."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from command_line import Shell
from made_portal import NOTICE, SECONDS, MadePortal, settings_file, withdrawal_in

from resources.base.database.tables import portal_consents
from resources.stores.portal.delivery_links import read_delivery_link
from resources.stores.portal.invitations import read_withdrawal
from resources.stores.requests.matching import group_code
from resources.stores.requests.receipts import plain_code

pytestmark = pytest.mark.slow

OURS = ("TIDELINE_", "DAGSTER_")
NO_HOME = {"TIDELINE_HOME": "/nonexistent/tideline"}


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    """A process of its own, with nothing of the home in its environment but what is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        [sys.executable, "-c", "from orchestration.cli import main; main()", *arguments],
        env=kept | NO_HOME | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_from_settings_and_invitation_to_a_consent(
    portal: MadePortal, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> None:
    shell = Shell(portal.session, monkeypatch, capsys)
    notice = tmp_path / "notice.txt"
    notice.write_text(NOTICE)
    status, said = shell(
        *("consent", "portal-settings", "--address", portal.settings.address),
        *("--notice", str(notice), "--notice-version", "3"),
    )
    assert status == 0, said
    assert portal.home.settings() == portal.settings
    status, said = shell("consent", "invite", "--region", "greater_london", "--employer", "new")
    assert status == 0, said
    link = said.split()[0]
    group_ref = re.search(r"Reserved (g-[0-9a-f]{8})", said)
    assert group_ref is not None
    code = group_code(portal.session.members.marker(group_ref[1]))
    assert code in said
    assert f"{portal.settings.address}/m/{plain_code(code)}\n" in said
    waits = shell("consent", "take-over")[1]
    assert "Nothing waits" in waits
    assert "Settled" not in waits
    assert portal.answer(link, manages_members="yes").status_code == 200
    status, said = shell("consent", "take-over")
    assert status == 0
    assert re.search(rf"{group_ref[1]}\s+TAKEN\s+yes", said)
    assert "Settled" not in said
    # Whoever looks after the hourly job sees it, too, and what nobody can put right.
    refused, left = portal.invitation()
    leaves = withdrawal_in(portal.answer(left).text)
    assert requests.post(leaves, {"withdraw": "now"}, timeout=SECONDS).status_code == 200
    assert portal.take_over() == [(refused.group_ref, "WITHDRAWN_BEFORE_TAKEN")]
    status, said = shell("consent", "take-over")
    assert status == 0
    assert "Nothing waits" in said
    assert re.search(rf"{group_ref[1]}\s+TAKEN\s+yes", said)
    assert re.search(rf"{refused.group_ref}\s+WITHDRAWN", said)
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert portal.session.ways_out.taking_over.settled_since(later) == []
    assert code in shell("member", "code", group_ref[1])[1]
    assert group_ref[1] in shell("consent", "list")[1]
    assert shell("consent", "invite", "--renew", group_ref[1])[0] == 0
    status, said = shell("consent", "delivery-link", group_ref[1])
    assert status == 0, said
    address, _, token = said.strip().rpartition("/d/")
    says = read_delivery_link(portal.settings.keys.invitations, token)
    assert address == portal.settings.address
    assert says is not None
    assert says.group_ref == group_ref[1]
    # Signed for delivering, it withdraws nothing.
    assert read_withdrawal(portal.settings.keys.withdrawals, token) is None
    assert "GROUP_UNKNOWN" in shell("consent", "delivery-link", "g-00000000")[1]


NOTHING_TO_INVITE = [
    ("--region greater_london", "EMPLOYER_MISSING"),
    ("--region greater_london --employer e-00000000", "EMPLOYER_UNKNOWN"),
    ("--region nowhere --employer new", "REGION_UNKNOWN"),
    ("--employer new", "REGION_UNKNOWN"),
    ("--region greater_london --employer new --platform x", "PLATFORM_UNKNOWN"),
    ("--renew g-00000000", "GROUP_UNKNOWN"),
]


def test_an_invitation_to_nothing_is_not_made(
    portal: MadePortal, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    shell = Shell(portal.session, monkeypatch, capsys)
    for options, code in NOTHING_TO_INVITE:
        status, said = shell("consent", "invite", *options.split())
        assert status != 0
        assert code in said
        assert "/i/" not in said


def test_settings_of_another_key_are_told(
    portal: MadePortal, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    (portal.session.home.secrets / "invitation.key").unlink()
    shell = Shell(portal.session, monkeypatch, capsys)
    said = shell("consent", "invite", "--region", "greater_london", "--employer", "new")[1]
    assert "PORTAL_SETTINGS_OUTDATED" in said


def test_the_process_keeps_no_word_of_what_it_served(portal: MadePortal, tmp_path: Path) -> None:
    settings = settings_file(portal, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    written = yaml.safe_load(settings.read_bytes()) | {"address": f"http://127.0.0.1:{port}"}
    settings.write_text(yaml.safe_dump(written))
    login = portal.login.render_as_string(hide_password=False)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", "portal"]
    process = subprocess.Popen(
        [*command, "--settings", str(settings), "--port", str(port)],
        env=kept | NO_HOME | {"TIDELINE_PORTAL_PG_URL": login},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                assert requests.get(f"{address}/alive", timeout=SECONDS).text == "alive\n"
                break
            except requests.ConnectionError:
                assert process.poll() is None
                time.sleep(0.1)
        _, link = portal.invitation()
        link = address + link.removeprefix(portal.settings.address)
        assert portal.answer(link, sector="marker<b>").status_code == 400
        assert portal.answer(link).status_code == 200
        assert requests.get(f"{address}/i/marker", timeout=SECONDS).status_code == 403
        with socket.create_connection(("127.0.0.1", port)) as broken:
            broken.sendall(b"marker marker marker\r\n\r\n")
            broken.recv(1000)
    finally:
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=SECONDS)[0]
    assert len(portal.rows(portal_consents)) == 1
    assert "marker" not in said
    assert link.rsplit("/", 1)[1] not in said
    assert "127.0.0.1" not in said.replace(f"Serving {address} at {address}", "")
    assert "Traceback" not in said
    # It left nothing beside its settings.
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["settings.yaml"]


def test_it_does_not_start_with_more_than_it_needs(portal: MadePortal, tmp_path: Path) -> None:
    settings = settings_file(portal, tmp_path)
    home = portal.session.url.render_as_string(hide_password=False)
    login = portal.login.render_as_string(hide_password=False)
    missing = ("portal", "--settings", str(tmp_path / "none"))
    serve = ("portal", "--settings", str(settings))
    cases = [
        (serve, {"TIDELINE_PORTAL_PG_URL": login, "TIDELINE_PG_URL": home}, "HOLDS_TOO_MUCH"),
        (missing, {"TIDELINE_PORTAL_PG_URL": login}, "PORTAL_SETTINGS_MISSING"),
        (serve, {}, "PORTAL_LOGIN_MISSING"),
        (serve, {"TIDELINE_PORTAL_PG_URL": home}, "PORTAL_LOGIN_READS"),
    ]
    for arguments, environment, code in cases:
        status, said = run(*arguments, **environment)
        assert status != 0, code
        assert code in said
    with_inbox = (*serve, "--inbox", str(tmp_path), "--pieces", str(tmp_path / "pieces"))
    assert "PORTAL_INBOX_READS" in run(*with_inbox, TIDELINE_PORTAL_PG_URL=login)[1]
    settings.chmod(0o666)
    assert "PORTAL_SETTINGS_WRITABLE" in run(*serve, TIDELINE_PORTAL_PG_URL=login)[1]
    settings.chmod(0o600)
    settings.write_text("form: other\n")
    status, said = run("portal", "--settings", str(settings), TIDELINE_PORTAL_PG_URL=login)
    assert "PORTAL_SETTINGS_INVALID" in said


def test_without_dagster_a_withdrawn_group_s_files_go_with_the_next_look(
    portal: MadePortal, tmp_path: Path
) -> None:
    made, link = portal.invitation()
    withdrawal = withdrawal_in(portal.answer(link).text)
    inbox = portal.session.ways_out.inbox
    command = "from orchestration.cli import main; main()"
    said = tmp_path / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", command, "lifetimes", "--every", "5"],
            env=os.environ | {"TIDELINE_HOME": str(portal.session.home.root)},
            stdout=out,
        )

    def looks() -> int:
        return said.read_text().count("All that was due is deleted")

    try:
        wait_until(lambda: made.group_ref in portal.session.register.consents())
        inbox.add(made.group_ref, io.BytesIO(b"a chat"), datetime.now(UTC))
        done = requests.post(withdrawal, {"withdraw": "now"}, timeout=SECONDS)
        assert done.status_code == 200
        # One may be under way, the one after it began later: no clock, for a busy machine is slow.
        before = looks()
        wait_until(lambda: not inbox.list(made.group_ref) or looks() >= before + 2)
        assert not inbox.list(made.group_ref)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait(timeout=SECONDS)


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)
