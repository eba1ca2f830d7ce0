"""`tideline keys`: a sealed backup of the keys that a home has for life."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assets.core.errors import SetupError, refuse_as
from orchestration.cli import pass_phrase
from orchestration.cli.console import pasteable, progress, say, say_database_waits
from resources.base.clock import Clock
from resources.base.database.postgres import postgres_url
from resources.base.database.roles import owner_url
from resources.base.home import Home, change_recipient, load_home
from resources.base.keys import key_backup, long_lived_keys

app = typer.Typer(
    help="Back up the keys that a home has for life, and put them back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="keys")


_PHRASE_OF = "the backup of the keys"


@app.callback()
def keys() -> None:
    """Back up the keys that a home has for life, and put them back.

    The master key opens vectors and scores, the member key recognises who objected, the inbox
    identity opens exports. Only `tideline init` makes them: lost, they are lost for good. Keep
    their backup apart from every other one, for together they open what must stay closed.
    """


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; one that is there stays.")],
    recipient: Annotated[
        list[str] | None,
        typer.Option(
            "--recipient",
            help="A public key of age (age1...) that can open it, as often as needed; without one a"
            " pass phrase is asked for.",
        ),
    ] = None,
) -> None:
    """Write the keys to a file that is sealed with age."""
    home = load_home()
    seal = (
        key_backup.seal_to(recipient)
        if recipient
        else key_backup.seal_with(pass_phrase.asked_twice(_PHRASE_OF))
    )
    key_backup.back_up(home.secrets, home.config.home_id, file, seal)
    say(f"Sealed the home's keys into {pasteable(file)}. Keep it apart from backups.")


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `tideline keys backup` wrote.")],
    identity: Annotated[
        Path | None,
        typer.Option(help="File of the age identity; without it the pass phrase is asked for."),
    ] = None,
    trust_keys: Annotated[
        bool,
        typer.Option(
            "--trust-keys",
            help="Put them to use though the journal says that they were rotated away, or does not"
            " name them: only where there are no later ones. Whoever has a copy opens what comes.",
        ),
    ] = False,
) -> None:
    """Put the keys of a backup back beside the home. Keys that are there are never replaced.

    Keys that were rotated away are refused, for somebody else may have them.
    """
    # The database's tables, which the rest does without.
    from orchestration import key_rotation  # noqa: PLC0415

    home = load_home()
    owner = owner_url(postgres_url(home.postgres, say_database_waits))

    def require(master: bytes, recipient: str) -> None:
        if not trust_keys:
            key_rotation.require_newest_keys(home, owner, master, recipient)

    unseal = _unseal(identity)
    key_backup.restore(home.secrets, home.config.home_id, file, unseal, require=require)
    say(f"The home's keys are back in {pasteable(home.secrets)}.")
    now = Clock().now()
    # Of after a rotation, where the home is of before.
    recipient = _recipient(home)
    if recipient not in (None, home.config.inbox_recipient):
        change_recipient(home, recipient)
        key_rotation.record_inbox_put_back(owner, now)
        say("New files are sealed to its inbox key, no longer to the one that home.yaml named.")
    if key_rotation.know_later_master(home, owner, now, trusted=trust_keys):
        say("The database takes its master key for the one in use, and knew another one before.")


def _recipient(home: Home) -> str | None:
    if os.environ.get(long_lived_keys.IDENTITY_VARIABLE):
        # Not of the backup; home.yaml says which one files are sealed to.
        return None
    identity = long_lived_keys.load_identity(home.secrets)
    return None if identity is None else long_lived_keys.recipient_of(identity)


class Rotates(StrEnum):
    """Which key is rotated. The member key can't be: the names that it marks are not kept."""

    INBOX = "inbox"
    MASTER = "master"


@app.command("rotate")
def rotate(
    which: Annotated[Rotates, typer.Argument(help="Which key.")] = Rotates.INBOX,
    drop_earlier: Annotated[
        bool,
        typer.Option(
            "--drop-earlier",
            help="Of the inbox: forget earlier identities instead; files that were sealed to them"
            " can't be opened any more.",
        ),
    ] = False,
) -> None:
    """Put another key in the place of one, as when somebody who had access to it leaves.

    inbox: files that come from now on are sealed to another key pair. Those that lie in the inbox
    stay readable by the earlier identity until they are past their lifetime; then use
    --drop-earlier.

    master: the keys of all group-days are wrapped anew, and the earlier master key opens nothing
    in the home any more. The home may be at work. Whoever has a copy of the home's keys and
    vectors besides opens those as before: `tideline incident open --destroy-waiting-keys`.

    Cut off at any moment, the same command goes on.
    """
    home = load_home()
    if which is Rotates.MASTER:
        if drop_earlier:
            raise typer.BadParameter("of the inbox alone", param_hint="--drop-earlier")
        _rotate_master(home)
        return
    in_use = home.config.inbox_recipient
    if drop_earlier:
        gone = long_lived_keys.drop_earlier_identities(home.secrets, in_use)
        say(f"Forgot {gone} earlier identities. Write a new `tideline keys backup`.")
        return
    # The database's tables, which the rest does without.
    from orchestration.key_rotation import rotate_inbox  # noqa: PLC0415

    rotate_inbox(home, Clock().now())
    say(
        "New files are sealed to another key. Write a new `tideline keys backup`, and give whoever"
        f" delivers by other means the new home.yaml. In {home.config.inbox_lifetime_days} days:"
        " `tideline keys rotate --drop-earlier`."
    )


def _rotate_master(home: Home) -> None:
    # The database's tables, which the rest does without.
    from orchestration.key_rotation import rotate_master  # noqa: PLC0415

    owner = owner_url(postgres_url(home.postgres, say_database_waits))
    with progress("wrapping the keys anew"):
        done = rotate_master(home, owner, Clock().now())
    say(f"The home has another master key; it opens all {done.keys} keys of group-days.")
    if done.damaged:
        say(f"{done.damaged} damaged keys are opened by none, as before.")
    if done.earlier_is_gone:
        say("The earlier one is gone. Write a new `tideline keys backup`; destroy earlier ones.")
    else:
        say("Now take the second key out of TIDELINE_MASTER_KEY, and start what reads it anew.")


def _unseal(identity: Path | None) -> key_backup.Cipher:
    if identity is None:
        return key_backup.unseal_with(pass_phrase.asked(_PHRASE_OF))
    with refuse_as(SetupError("FILE_NOT_FOUND"), OSError):
        return key_backup.unseal_by(identity.read_text("utf-8", errors="replace"))
