"""`tideline init`."""

import secrets
import shutil
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from assets.governance.errors import SetupError
from assets.governance.modes import Mode
from assets.governance.study import read_study_record
from orchestration.cli.console import screen
from orchestration.cli.session import open_session
from resources.clock import Clock
from resources.home import (
    Home,
    HomeConfig,
    default_first_day,
    home_path,
    secrets_beside,
    write_home,
)
from resources.inbox import make_identity
from resources.leaving_journal import LeavingJournal
from resources.of_home import inbox_of


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
        SetupError: `HOME_EXISTS`, `STUDY_RECORD_MISSING`, `STUDY_RECORD_INCOMPLETE`, and what
            `inbox_of` raises.
        StorageError: `POSTGRES_NOT_REACHABLE`, `DATABASE_OF_ANOTHER_HOME`.
    """
    if (root / "home.yaml").exists():
        raise SetupError("HOME_EXISTS")
    if mode is Mode.STUDY:
        read_study_record(study_record or root / "study.yaml")
    config = HomeConfig(
        home_id=secrets.token_hex(16),
        mode=mode,
        first_day=first_day,
        close_after_days=close_after_days,
        inbox=inbox or str(root.with_name(f"{root.name}-inbox")),
        inbox_options=dict(inbox_options or {}),
        inbox_unversioned_attested=inbox_unversioned_attested,
        inbox_recipient=make_identity(secrets_beside(root)),
        # A discovery home never releases, so its vectors may not wait for a release.
        vector_keys_until="scoring" if mode is Mode.DISCOVERY else "release",
        demo=demo,
    )
    inbox_of(Home(root, config), with_identity=False)
    home = write_home(root, config)
    LeavingJournal(home.leaving_journal).begin()
    if study_record is not None and mode is Mode.STUDY:
        shutil.copyfile(study_record, root / "study.yaml")
    open_session(root)
    return home


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
        out = screen()
        out.print(f"Home:    {home.root} (mode {mode.value})", markup=False)
        out.print(f"Inbox:   {home.config.inbox}", markup=False)
        out.print(f"Secrets: {home.secrets} (keep apart from backups of the home)", markup=False)
        out.print("Next: record a group's consent with `tideline consent grant --help`.")


def _options(given: Sequence[str]) -> dict[str, Any]:
    try:
        return {
            name: yaml.safe_load(value) for name, _, value in (one.partition("=") for one in given)
        }
    except yaml.YAMLError:
        pass
    raise SetupError("HOME_CONFIG_INVALID")
