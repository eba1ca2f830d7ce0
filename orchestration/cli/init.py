"""`tideline init`."""

import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from assets.core.delivery_rhythm import Rhythm
from assets.core.errors import SetupError, refuse_as
from assets.core.modes import Mode
from orchestration.cli.console import pasteable, say
from orchestration.cli.undo import nothing_left_behind
from orchestration.home_migration import key_checks
from orchestration.instance_files import write_instance_configuration
from resources.base.clock import Clock
from resources.base.database.postgres import postgres_url, stop_embedded
from resources.base.database.roles import owner_url
from resources.base.discovery_record import read_discovery_record
from resources.base.files import write_once
from resources.base.home import (
    CONTACT_NOT_SET,
    Home,
    HomeConfig,
    default_first_day,
    home_path,
    inbox_beside,
    secrets_beside,
    write_home,
)
from resources.base.keys.long_lived_keys import KEY_FILES, make_identity, make_keys
from resources.maintenance.database_setup import drop_everything, is_empty, register_home, set_up
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.consent.leaving_journal import LeavingJournal
from resources.stores.study.made_up import write_made_up_register
from resources.stores.study.register import file_of, read_register
from resources.stores.study.standing import MADE_UP_CONTACT
from resources.wiring.commands import inbox_of

_NO_CONTACT = {
    Mode.SYNTHETIC: MADE_UP_CONTACT,
    Mode.DISCOVERY: CONTACT_NOT_SET,
    Mode.STUDY: CONTACT_NOT_SET,
}


def make_home(
    root: Path,
    mode: Mode,
    *,
    first_day: date,
    inbox: str | None = None,
    close_after_days: int = 3,
    cooling_off_days: int = 7,
    member_bases: Sequence[MemberBasis] = (),
    inbox_options: Mapping[str, Any] | None = None,
    inbox_unversioned_attested: bool = False,
    study_record: Path | None = None,
    discovery_record: Path | None = None,
    demo: bool = False,
    contact: str = "",
) -> Home:
    """Make a home with its inbox key pair, database and tables.

    Raises:
        SetupError: `HOME_EXISTS`, `SECRETS_EXIST`, `DISCOVERY_RECORD_MISSING`,
            `DISCOVERY_RECORD_INCOMPLETE`, and what `inbox_of` raises.
        StudyError: what `read_register` raises of a register that was given.
        StorageError: `DATABASE_OF_ANOTHER_HOME`, and what `postgres_url` and `set_up` raise. Then
            nothing of the home is left.
    """
    if (root / "home.yaml").exists():
        raise SetupError("HOME_EXISTS")
    secrets_folder = secrets_beside(root)
    if any(os.path.lexists(secrets_folder / name) for name in KEY_FILES):
        raise SetupError("SECRETS_EXIST")
    if study_record is not None:
        read_register(study_record)
    if mode is Mode.DISCOVERY:
        read_discovery_record(discovery_record or root / "discovery.yaml", Clock().today())
    with nothing_left_behind(root, secrets_folder) as undo:
        config = HomeConfig(
            home_id=secrets.token_hex(16),
            mode=mode,
            first_day=first_day,
            close_after_days=close_after_days,
            cooling_off_days=cooling_off_days,
            member_bases=tuple(one.value for one in member_bases),
            inbox=inbox or str(inbox_beside(root)),
            inbox_options=dict(inbox_options or {}),
            inbox_unversioned_attested=inbox_unversioned_attested,
            inbox_recipient=make_identity(secrets_folder),
            # A discovery home never releases, so its vectors may not wait for a release.
            vector_keys_until="scoring" if mode is Mode.DISCOVERY else "release",
            demo=demo,
            contact=contact or _NO_CONTACT[mode],
        )
        make_keys(secrets_folder)
        inbox_of(Home(root, config), with_identity=False)
        home = write_home(root, config)
        LeavingJournal(home.leaving_journal).begin()
        if mode is Mode.SYNTHETIC:
            write_made_up_register(home, first_day)
        elif study_record is not None:
            write_once(file_of(home), study_record.read_bytes())
        if discovery_record is not None and mode is Mode.DISCOVERY:
            write_once(root / "discovery.yaml", discovery_record.read_bytes())
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
                " messages, never publishes. study: needs a complete and approved study register."
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
            int | None,
            typer.Option(
                min=1,
                max=60,
                help="Days after which a region-day closes (default: as --rhythm needs).",
            ),
        ] = None,
        rhythm: Annotated[
            Rhythm,
            typer.Option(help="How often the slowest group will deliver its export."),
        ] = Rhythm.DAILY,
        cooling_off_days: Annotated[
            int,
            typer.Option(min=0, max=60, help="Days to object before anything is read."),
        ] = 7,
        member_basis: Annotated[
            list[MemberBasis] | None,
            typer.Option(
                help="On what basis members will be read, once for each; the public page says so."
            ),
        ] = None,
        study_record: Annotated[
            Path | None,
            typer.Option(help="A study.yaml that was begun elsewhere; see docs/study.md."),
        ] = None,
        contact: Annotated[
            str, typer.Option(help="Address that the public page shows, which somebody answers.")
        ] = "",
        discovery_record: Annotated[
            Path | None,
            typer.Option(
                help="discovery.yaml of a first look: who was told, and the ethical"
                " self-assessment; see docs/operating.md."
            ),
        ] = None,
    ) -> None:
        """Make a home at TIDELINE_HOME. Its mode never changes."""
        closes = rhythm.least_close_after if close_after_days is None else close_after_days
        home = make_home(
            home_path(),
            mode,
            first_day=first_day.date() if first_day else default_first_day(Clock().today()),
            inbox=inbox,
            inbox_options=_options(inbox_option or []),
            inbox_unversioned_attested=inbox_unversioned_attested,
            close_after_days=closes,
            cooling_off_days=cooling_off_days,
            member_bases=member_basis or (),
            study_record=study_record,
            contact=contact,
            discovery_record=discovery_record,
        )
        if closes < rhythm.least_close_after:
            say(
                f"Days close {closes} days after: too early for who delivers {rhythm.value}, which"
                f" needs {rhythm.least_close_after}. `tideline consent grant` will refuse that"
                " rhythm; change close_after_days in home.yaml."
            )
        say(f"Home:    {pasteable(home.root)} (mode {mode.value})")
        say(f"Inbox:   {pasteable(home.config.inbox)}")
        say(f"Secrets: {pasteable(home.secrets)} (keep apart from backups of the home)")
        if mode is Mode.STUDY:
            say("First of all: the study register, by `tideline study new` (docs/study.md), for")
            say("nothing is read before it is complete and approved.")
        say("Next: back the keys up with `tideline keys backup`, for nothing can replace them;")
        say("then record a group's consent with `tideline consent grant --help`.")


def _options(given: Sequence[str]) -> dict[str, Any]:
    with refuse_as(SetupError("HOME_CONFIG_INVALID"), yaml.YAMLError):
        return {
            name: yaml.safe_load(value) for name, _, value in (one.partition("=") for one in given)
        }
