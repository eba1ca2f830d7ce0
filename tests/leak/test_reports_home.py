"""The whole platform under strace: it calls nobody, looks no name up, and writes in its own places.

Everything is real: a home, its embedded PostgreSQL, the inbox, the models. Dagster's own processes
are traced while a browser looks at them, in `tests/browser/test_dev_ui.py`.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from stat import S_IFDIR, S_IFREG

import pytest
from traced_place import (
    CAN_TRACE,
    NO_STRACE,
    PROJECT,
    TracedPlace,
    foreign,
    left_behind,
    traced_place,
)

from bench.system_calls import Act
from resources.base.clock import Clock

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CAN_TRACE, reason=NO_STRACE)]

COMMANDS = Path(sys.executable).parent
DAYS = 4
"""Since the first one, which may close by now."""

DELIVER_AND_RUN = """
import sys
from datetime import date, timedelta
from pathlib import Path
from orchestration.cli import main
from orchestration.cli.delivering import deliver
from orchestration.cli.session import open_session
from simulation.consents import made_up_terms

root, first, days = Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), int(sys.argv[3])
session = open_session(root)
said = (
    "long shift again and nobody came to help {n}",
    "mail me at carer{n}@fernleigh-care.co.uk or look at https://www.fernleigh-care.co.uk/rota{n}",
    "ring 07700 90046{n} or the office in SW1A 2AA before half past nine {n}",
)
terms = made_up_terms(first, first + timedelta(days=60), informed_on=first)
for group in range(3):
    group_ref = session.register.grant(terms, session.clock.now())
    lines = [
        f"{first + timedelta(days=d):%d/%m/%Y}, {9 + n:02d}:1{k} - Carer {n}: "
        + one.format(n=n) + f" {group}{d}{n}\\n"
        for d in range(days + 1) for n in range(6) for k, one in enumerate(said)
    ]
    path = root.with_name("chat.txt")
    path.write_text("".join(lines))
    deliver(session, group_ref, path)
    path.unlink()
sys.argv = ["tideline", "run", "--from", str(first), "--to", str(first)]
main()
"""


@pytest.fixture
def place() -> Iterator[TracedPlace]:
    """A new home, made under strace too."""
    with traced_place() as made:
        command = [COMMANDS / "tideline", "init", "--mode", "synthetic", "--cooling-off-days", "0"]
        run_traced(made, "init", *command, "--first-day", str(first_day()))
        yield made


def first_day() -> date:
    return Clock().today() - timedelta(days=DAYS)


def run_traced(place: TracedPlace, name: str, *command: str | Path) -> set[Act]:
    """Run a command that must succeed. Returns what it did outside itself."""
    done = subprocess.run(
        place.traced(name, *map(str, command)),
        cwd=PROJECT,
        env=place.environment,
        umask=0o077,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return place.acts(name)


@pytest.mark.parametrize(
    "act",
    [
        # Seen with ORT_DISABLE_TELEMETRY taken out of the table.
        Act("looks up", "/etc/hosts", "openat"),
        Act("looks up", "/etc/resolv.conf", "openat"),
        Act("looks up", "10.0.0.53 53", "connect"),
        Act("writes", "/a/user/cache/Microsoft/DeveloperTools", "mkdir"),
        Act("connects", "10.0.0.9 443", "connect", "EINPROGRESS"),
        Act("connects", "127.0.0.1 5432", "connect"),
        Act("looks up", "/var/run/nscd/socket", "connect"),
        Act("writes", "/a/home-other/file", "openat"),
        Act("writes", "/dev/shm/torch_1", "openat"),
        Act("writes", "/etc/passwd", "rename", "EACCES"),
    ],
)
def test_an_act_of_another_kind_is_found(act: Act) -> None:
    place = TracedPlace(Path("/a"))
    known = Act("writes", "/a/home/file", "openat"), Act("writes", "/dev/null", "openat")
    assert foreign({*known, act}, place) == [act]


def test_nothing_reports_home_while_chats_become_a_page(place: TracedPlace) -> None:
    """Delivered, and `run`: collect, release and publish."""
    command = [sys.executable, "-c", DELIVER_AND_RUN, place.home, str(first_day()), str(DAYS)]
    acts = place.acts("init") | run_traced(place, "run", *command)
    # What has to be there if anything was seen.
    assert (place.home / "public" / "index.html").is_file()
    for written in ("home/public/index.html", "home/vectors", "home/keys", "home-inbox"):
        assert any(act.target.startswith(str(place.root / written)) for act in acts), written
    assert not foreign(acts, place)
    assert left_behind(place) == set()
    # What is public may be read by everyone, also where this user's files are private.
    modes = {path.stat().st_mode for path in (place.home / "public").rglob("*")}
    assert modes == {S_IFREG | 0o644, S_IFDIR | 0o755}
