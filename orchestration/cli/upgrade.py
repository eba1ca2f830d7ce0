"""`tideline upgrade`."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import URL

from orchestration.cli.console import pasteable, progress, say, say_database_waits
from orchestration.cli.verify import say_verified
from orchestration.verification import verification
from resources.base.clock import Clock
from resources.base.database.migrations import Migration, newest_version, pending
from resources.base.database.postgres import postgres_url
from resources.base.database.roles import owner_url
from resources.base.home import load_home
from resources.maintenance.database_setup import as_owner


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("upgrade")
    def upgrade_command(
        rehearsal: Annotated[
            bool,
            typer.Option(
                "--rehearse",
                help="On a copy, which is deleted; the home may be at work and stays as it is.",
            ),
        ] = False,
        without_rehearsal: Annotated[
            bool,
            typer.Option(
                "--without-rehearsal",
                help="Go on though this program has not rehearsed it in the last seven days.",
            ),
        ] = False,
        file: Annotated[
            Path | None,
            typer.Option(
                "--roll-back",
                help="Put the home back as it was before an upgrade, from the backup that it wrote,"
                " while nothing has been recorded since.",
            ),
        ] = None,
    ) -> None:
        """Bring a home to this version: rehearsed, backed up, looked at, with a way back.

        First --rehearse, with the new program installed: it backs the home up, restores that to a
        server of its own, migrates it, looks whether all is as it was, puts it back, and says how
        long each takes. The copy holds no key and no score, and is gone when it ends. Then stop
        whatever works on the home and give the command alone. It says how to go back.
        """
        # Dagster's tables and more, which help does not need.
        from orchestration.home_migration import migrate_home  # noqa: PLC0415
        from orchestration.instance_files import write_instance_configuration  # noqa: PLC0415
        from orchestration.rollback import roll_back  # noqa: PLC0415
        from orchestration.upgrade import (  # noqa: PLC0415
            database_version,
            record_rehearsal,
            require_rehearsal,
            unfinished,
            upgrade,
        )
        from orchestration.upgrade_rehearsal import rehearse  # noqa: PLC0415

        home, clock = load_home(), Clock()
        url = postgres_url(home.postgres, say_database_waits)
        if file is not None:
            with progress("putting the home back as it was"):
                version = roll_back(home, url, file)
            say(f"The home is as it was: version {version}. Install the program of that version")
            say("before anything works on it.")
            return
        version = database_version(owner_url(url))
        to_do = _pending(owner_url(url))
        for one in to_do:
            say(f"  {one.version}: {one.what}")
        if rehearsal:
            found = rehearse(home, url, clock, progress)
            record_rehearsal(home, found)
            say(f"From {found.version_before} to {found.version}, rehearsed on a copy:")
            say(f"  backup                 {found.backup_seconds:7.1f} s")
            say(f"  upgrade and looking    {found.upgrade_seconds:7.1f} s")
            say(f"  going back             {found.rollback_seconds:7.1f} s")
            say(f"All of {found.rows} rows were as before, and as before again after going back.")
            say("The copy was deleted; the home is as it was. Now, with nothing at work on it:")
            say("  tideline upgrade")
            return
        if not to_do and unfinished(home, owner_url(url)) is None:
            say(f"The database has the newest version, {newest_version()}.")
            # Dagster's tables, and what lies beside the database, have no version of ours.
            with progress("bringing along what else there is"):
                migrate_home(home, url)
                write_instance_configuration(home)
            say_verified(verification(home, owner_url(url), clock))
            return
        if to_do and not without_rehearsal:
            require_rehearsal(home, version, clock.now())
        done = upgrade(home, url, clock, progress, _say_way_back)
        say(f"Done: from version {version} to {newest_version()}." if to_do else "Done: now whole.")
        say_verified(done.found)


def _say_way_back(backup: Path) -> None:
    """Before anything changes: who is cut off needs it."""
    say("To go back, before anything else works on the home:")
    say(f"  tideline upgrade --roll-back {pasteable(backup)}")


def _pending(owner: URL) -> list[Migration]:
    with as_owner(owner) as connection:
        return pending(connection)
