"""`tideline init`."""

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from assets.core.errors import SetupError, refuse_as
from assets.core.modes import Mode
from orchestration.cli.console import pasteable, say
from orchestration.cli.session import write_instance_configuration
from orchestration.cli.undo import nothing_left_behind
from orchestration.home_migration import key_checks
from resources.base.clock import Clock
from resources.base.database.postgres import postgres_url, stop_embedded
from resources.base.database.roles import owner_url
from resources.base.home import (
    Home,
    HomeConfig,
    default_first_day,
    home_path,
    inbox_beside,
    secrets_beside,
    write_home,
)
from resources.base.keys.long_lived_keys import KEY_FILES, make_identity, make_keys
from resources.base.study_record import read_study_record
from resources.maintenance.database_setup import drop_everything, is_empty, register_home, set_up
from resources.stores.consent.leaving_journal import LeavingJournal
from resources.wiring.commands import inbox_of


def make_home(
    root: Path,
    mode: Mode,
    *,
    first_day: date,
    inbox: str | None = None,
    close_after_days: int = 3,
    inbox_options: Mapping[str, Any] | None = None,
    inbox_unversioned_attested: bool = False,
    study_record: Path | None = None,
    demo: bool = False,
) -> Home:
    """Make a home with its inbox key pair, database and tables.

    Raises:
        SetupError: `HOME_EXISTS`, `SECRETS_EXIST`, `STUDY_RECORD_MISSING`,
            `STUDY_RECORD_INCOMPLETE`, and what `inbox_of` raises.
        StorageError: `DATABASE_OF_ANOTHER_HOME`, and what `postgres_url` and `set_up` raise. Then
            nothing of the home is left.
    """
    if (root / "home.yaml").exists():
        raise SetupError("HOME_EXISTS")
    secrets_folder = secrets_beside(root)
    if any(os.path.lexists(secrets_folder / name) for name in KEY_FILES):
        raise SetupError("SECRETS_EXIST")
    if mode is Mode.STUDY:
        read_study_record(study_record or root / "study.yaml")
    with nothing_left_behind(root, secrets_folder) as undo:
        config = HomeConfig(
            home_id=secrets.token_hex(16),
            mode=mode,
            first_day=first_day,
            close_after_days=close_after_days,
            inbox=inbox or str(inbox_beside(root)),
            inbox_options=dict(inbox_options or {}),
            inbox_unversioned_attested=inbox_unversioned_attested,
            inbox_recipient=make_identity(secrets_folder),
            # A discovery home never releases, so its vectors may not wait for a release.
            vector_keys_until="scoring" if mode is Mode.DISCOVERY else "release",
            demo=demo,
        )
        make_keys(secrets_folder)
        inbox_of(Home(root, config), with_identity=False)
        home = write_home(root, config)
        LeavingJournal(home.leaving_journal).begin()
        if study_record is not None and mode is Mode.STUDY:
            shutil.copyfile(study_record, root / "study.yaml")
        _make_database(home, undo)
        write_instance_configuration(home)
    return home


def _make_database(home: Home, undo: ExitStack) -> None:
    """Make the tables, the roles and the row that says which home the database serves."""
    undo.callback(stop_embedded, home.postgres)
    owner = owner_url(postgres_url(home.postgres))
    if is_empty(owner):
        undo.callback(drop_everything, owner)
    set_up(owner)
    register_home(owner, home.config.home_id, home.config.mode.value, key_checks(home))


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("init")
    def init(
        mode: Annotated[
            Mode,
            typer.Option(
                help="synthetic: made-up data only. discovery: real files, at most 10,000"
                " messages, never publishes. study: needs a complete study record."
            ),
        ],
        first_day: Annotated[
            datetime | None,
            typer.Option(formats=["%Y-%m-%d"], help="First day that can be read (a year back)."),
        ] = None,
        inbox: Annotated[
            str | None,
            typer.Option(help="Folder or fsspec URL of the inbox (default: beside the home)."),
        ] = None,
        inbox_option: Annotated[
            list[str] | None,
            typer.Option(
                help="NAME=VALUE for the inbox's file system, as often as needed. VALUE is YAML;"
                " a secret is named, not written: 'secret={env: INBOX_SECRET}'."
            ),
        ] = None,
        inbox_unversioned_attested: Annotated[
            bool,
            typer.Option(
                "--inbox-unversioned-attested",
                help="Its owner attests that the inbox's location keeps nothing that is deleted.",
            ),
        ] = False,
        close_after_days: Annotated[
            int, typer.Option(min=1, max=60, help="Days after which a region-day closes.")
        ] = 3,
        study_record: Annotated[
            Path | None, typer.Option(help="study.yaml of a study; see docs/operating.md.")
        ] = None,
    ) -> None:
        """Make a home at TIDELINE_HOME. Its mode never changes."""
        home = make_home(
            home_path(),
            mode,
            first_day=first_day.date() if first_day else default_first_day(Clock().today()),
            inbox=inbox,
            inbox_options=_options(inbox_option or []),
            inbox_unversioned_attested=inbox_unversioned_attested,
            close_after_days=close_after_days,
            study_record=study_record,
        )
        say(f"Home:    {pasteable(home.root)} (mode {mode.value})")
        say(f"Inbox:   {pasteable(home.config.inbox)}")
        say(f"Secrets: {pasteable(home.secrets)} (keep apart from backups of the home)")
        say("Next: back the keys up with `tideline keys backup`, for nothing can replace them;")
        say("then record a group's consent with `tideline consent grant --help`.")


def _options(given: Sequence[str]) -> dict[str, Any]:
    with refuse_as(SetupError("HOME_CONFIG_INVALID"), yaml.YAMLError):
        return {
            name: yaml.safe_load(value) for name, _, value in (one.partition("=") for one in given)
        }
