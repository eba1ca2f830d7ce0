"""What is done to a home by hand now and then: an upgrade, a backup, and a restore after a loss."""

import os
import shutil
from contextlib import nullcontext
from pathlib import Path

from typer.testing import CliRunner

from assets.core.errors import StorageError
from bench.soak.older_schema import put_back
from orchestration.cli import app
from orchestration.cli.restoring import Offer, restore
from orchestration.cli.session import Session, open_session
from orchestration.home_backup import back_up
from orchestration.verification import verification
from resources.base.clock import Clock
from resources.base.database.postgres import stop_embedded
from resources.base.database.roles import owner_url
from resources.base.home import Home
from resources.maintenance.database_setup import drop_everything


def migrate_from(session: Session, version: str) -> None:
    """Let the home be one of an older version, which is refused, and migrate it by the command."""
    put_back(owner_url(session.url), version)
    assert _refusal(session) == "DATABASE_NEEDS_MIGRATION", version
    done = CliRunner().invoke(app, ["migrate"], catch_exceptions=False)
    assert done.exit_code == 0, version


def write_backup(session: Session) -> None:
    """The only one: an earlier one makes room for it."""
    file = _backup(session.home)
    file.unlink(missing_ok=True)
    back_up(session.home, session.url, file)


def lose_and_restore(home: Home, session: Session, clock: Clock) -> None:
    """Lose all but the inbox, the secrets and the journals; make the home of the last backup.

    Args:
        home: which.
        session: of it, closed.
        clock: the home's.
    """
    lost, embedded = home.root.with_name(f"{home.root.name}-lost"), home.postgres.is_dir()
    if embedded:
        stop_embedded(home.postgres)
        # They name the server that is gone.
        for name in session.environment().keys() - {"TIDELINE_HOME"}:
            os.environ.pop(name, None)
    else:
        drop_everything(owner_url(session.url))
    home.root.rename(lost)
    offer = Offer(_backup(home), None, lost, home.config.inbox)
    restore(offer, home.root, clock, lambda _: nullcontext())
    shutil.rmtree(lost)


def faults(session: Session) -> list[str]:
    """Codes of what is recorded otherwise than it was, as `tideline verify` looks."""
    found = verification(session.home, owner_url(session.url), session.clock)
    return sorted({code for code, _, _ in found.faults})


def _refusal(session: Session) -> str | None:
    try:
        open_session(session.home.root, session.clock)
    except StorageError as error:
        return error.code
    return None


def _backup(home: Home) -> Path:
    return home.root.with_name(f"{home.root.name}-backup")
