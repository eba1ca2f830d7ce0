"""The whole platform under strace: it calls nobody, looks no name up, and writes in its own places.

Everything is real: a home, its embedded PostgreSQL, the inbox, the models, Dagster's own processes.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from bench.system_calls import STRACE, Act, acts_of
from resources import silent_dependencies
from resources.clock import Clock

PROJECT = Path(__file__).parents[2]
COMMANDS = Path(sys.executable).parent
DAYS = 4

MAKE_HOME = """
import sys
from datetime import date, timedelta
from pathlib import Path
from assets.governance.modes import Mode
from orchestration.cli.init import make_home
from orchestration.cli.session import open_session
from resources.consent_register import ConsentTerms, MemberBasis

root, first, days = Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), int(sys.argv[3])
make_home(root, Mode.SYNTHETIC, first_day=first, close_after_days=1)
session = open_session(root)
said = (
    "long shift again and nobody came to help {n}",
    "mail me at carer{n}@fernleigh-care.co.uk or look at https://www.fernleigh-care.co.uk/rota{n}",
    "ring 07700 90046{n} or the office in SW1A 2AA before half past nine {n}",
)
terms = ConsentTerms(
    region="greater_london",
    platform="whatsapp",
    member_basis=MemberBasis.NOTICE_WITH_OBJECTION,
    ethics_reference="made-up",
    informed_on=first,
    notice_version="1",
    adult_workplace=True,
    evidence=b"made-up",
    valid_from=first,
    valid_until=first + timedelta(days=60),
)
for group in range(3):
    group_ref = session.register.grant(terms, session.clock.now())
    lines = [
        f"{first + timedelta(days=d):%d/%m/%Y}, {9 + n:02d}:1{k} - Carer {n}: "
        + one.format(n=n) + f" {group}{d}{n}\\n"
        for d in range(days + 1) for n in range(6) for k, one in enumerate(said)
    ]
    path = root.with_name("chat.txt")
    path.write_text("".join(lines))
    session.deliver(group_ref, path)
    path.unlink()
"""


@dataclass(frozen=True)
class Place:
    """Fresh folders for one home and for all that a user has around it."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def own(self) -> tuple[Path, ...]:
        """Where Tideline may write: home, inbox, secrets, the temporary folder, sockets."""
        names = ("home", "home-inbox", "home-secrets", "temporary", "runtime", "chat.txt")
        return tuple(self.root / name for name in names)

    @property
    def environment(self) -> dict[str, str]:
        """A user's, with every folder that libraries take for themselves beside the home's."""
        kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH")
        user = self.root / "user"
        return {name: os.environ[name] for name in kept if name in os.environ} | {
            "HOME": str(user),
            "TMPDIR": str(self.root / "temporary"),
            "XDG_RUNTIME_DIR": str(self.root / "runtime"),
            "XDG_CACHE_HOME": str(user / "cache"),
            "XDG_CONFIG_HOME": str(user / "config"),
            "XDG_DATA_HOME": str(user / "data"),
            "XDG_STATE_HOME": str(user / "state"),
            "TIDELINE_HOME": str(self.home),
        }

    def traced(self, name: str, *command: str) -> list[str]:
        return [*STRACE, "-o", str(self.root / "traces" / name), *command]

    def acts(self, name: str) -> set[Act]:
        return acts_of(self.root / "traces" / name, PROJECT)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    # Not under pytest's own folder, which shuts the server's user out.
    made = Place(Path(tempfile.mkdtemp(prefix="tideline-quiet-")))
    made.root.chmod(0o755)
    for name in ("user", "temporary", "runtime", "traces"):
        (made.root / name).mkdir()
    yield made
    shutil.rmtree(made.root, ignore_errors=True)
