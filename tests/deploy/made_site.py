"""A machine with the folders and files that deploy/README.md has made, and processes on it."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from described import ROOT, Started

from resources.base.home import load_home
from resources.base.keys.link_keys import signing_keys
from resources.base.keys.signed_links import written_public
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.portal.settings import PortalSettings, written_settings

PATIENCE = 300
"""Seconds until a wait is given up: a ceiling for a busy machine; idle all takes thirty."""

TIDELINE = Path(sys.executable).with_name("tideline")
_OURS = ("TIDELINE_", "DAGSTER_")
CODE_SERVERS = ("restricted", "public")
SERVES = {
    "restricted": "4266",
    "public": "4266",
    "webserver": "3000",
    "audit": "3000",
    "portal": "8600",
}


@dataclass
class Site:
    """A machine with the folders and files that deploy/README.md has made.

    Attributes:
        folder: in place of `/srv/tideline`.
        secrets: in place of `/etc/tideline/credentials`.
        views: where what each service sees is laid out.
        ports: where each service listens here.
    """

    folder: Path
    secrets: Path
    views: Path
    ports: dict[str, int]
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def run(self, service: Started, *words: str) -> "subprocess.Popen[bytes]":
        """Start a service, or a command in its place, with what it is given and no more."""
        view = self.views / service.name
        given = view / "secrets"
        given.mkdir(parents=True, exist_ok=True)
        for name in service.secrets:
            if (self.secrets / name).exists():
                shutil.copy(self.secrets / name, given)
        for path in service.mounts:
            seen = view / "root" / Path(path).relative_to(ROOT)
            seen.parent.mkdir(parents=True, exist_ok=True)
            if not seen.exists():
                seen.symlink_to(self.folder / Path(path).relative_to(ROOT))
        kept = {name: one for name, one in os.environ.items() if not name.startswith(_OURS)}
        environment = {name: self._here(service, one) for name, one in service.environment.items()}
        command = [self._here(service, one) for one in words or service.words[1:]]
        with (view / "output").open("ab") as output:
            process = subprocess.Popen(
                [TIDELINE, *command],
                env={**kept, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running[service.name] = process
        return process

    def said(self, name: str) -> str:
        """What a service printed."""
        return (self.views / name / "output").read_text("utf-8", errors="replace")

    def _here(self, service: Started, written: str) -> str:
        """A word of the file with this machine's places and addresses."""
        view = self.views / service.name
        named = re.fullmatch(r"(restricted|public):4266", written)
        if named:
            return f"127.0.0.1:{self.ports[named[1]]}"
        if service.name in SERVES and written == SERVES[service.name]:
            return str(self.ports[service.name])
        if written == "/run/portal/settings.yaml":
            return str(self.secrets / "portal-settings.yaml")
        here = written.replace("/run/secrets", str(view / "secrets"))
        here = here.replace("/run/tideline", str(view / "instance"))
        return here.replace("0.0.0.0", "127.0.0.1").replace(ROOT, str(view / "root"))

    def ask(self, name: str, query: str, **variables: object) -> str:
        """The answer of a web UI, also one that refuses."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[name]}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except OSError:
            return ""

    def wait_for(self, name: str, what: Callable[[], bool]) -> None:
        """Wait until something is so, while the service runs."""
        until = time.monotonic() + PATIENCE
        while not what():
            assert self.running[name].poll() is None, self.said(name)
            assert time.monotonic() < until, self.said(name)
            time.sleep(0.25)


def settings_of_portal(root: Path) -> bytes:
    """What `tideline consent portal-settings` would write for a home."""
    home = load_home(root)
    keys = signing_keys(home.secrets)
    return written_settings(
        PortalSettings(
            mode=home.config.mode,
            address="https://portal.example.org",
            regions=dict(home.config.regions),
            inbox_recipient=home.config.inbox_recipient,
            invitation_keys=(written_public(keys.invitations),),
            withdrawal_keys=(written_public(keys.withdrawals),),
            member_bases=tuple(MemberBasis),
            cooling_off_days=home.config.cooling_off_days,
            close_after_days=home.config.close_after_days,
            notice_version="3",
            notice="Your group is read by a program.",
            contact=home.config.contact,
        )
    )
