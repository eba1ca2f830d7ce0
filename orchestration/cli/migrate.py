"""`tideline migrate`."""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.console import pasteable, progress, say, say_database_waits
from orchestration.home_migration import backup_of, migrate_home
from orchestration.instance_files import write_instance_configuration
from resources.base.database.migrations import newest_version, pending
from resources.base.database.postgres import postgres_url
from resources.base.database.roles import owner_url
from resources.base.home import load_home
from resources.maintenance.database_setup import as_owner
from resources.maintenance.schema_rehearsal import rehearse


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("migrate")
    def migrate(
        rehearsal: Annotated[
            bool,
            typer.Option("--rehearse", help="Do it on a copy of the database and delete it."),
        ] = False,
        backup: Annotated[
            bool, typer.Option(help="Write the database to HOME/backups before anything is done.")
        ] = True,
    ) -> None:
        """Bring a home of an older version to this one: its database, its keys, its journals.

        Stop `tideline dev` first. It says what it does, and does all of it or nothing; published
        values, ledger and register stay as they are. Run again, it does nothing.
        """
        home = load_home()
        url = postgres_url(home.postgres, say_database_waits)
        owner = owner_url(url)
        with as_owner(owner) as connection:
            to_do = pending(connection)
        if not to_do:
            say(f"The database has the newest version, {newest_version()}.")
        for one in to_do:
            say(f"  {one.version}: {one.what}")
        if rehearsal:
            with progress("migrating a copy"):
                rehearse(owner, home.root)
            say("The copy could be migrated and was deleted; the home is as it was.")
            return
        if to_do and backup:
            with progress("backing up the database"):
                file: Path = backup_of(home, owner)
            say(f"Backup: {pasteable(file)}")
        with progress("migrating"):
            migrate_home(home, url)
        write_instance_configuration(home)
        say(f"Done: version {newest_version()}.")
