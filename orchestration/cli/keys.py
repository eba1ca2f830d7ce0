"""`tideline keys`: a sealed backup of the keys that a home has for life."""

from pathlib import Path
from typing import Annotated

import typer

from assets.core.errors import SetupError, refuse_as
from orchestration.cli import pass_phrase
from orchestration.cli.console import pasteable, say
from resources.base.home import change_recipient, load_home
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
) -> None:
    """Put the keys of a backup back beside the home. Keys that are there are never replaced."""
    home = load_home()
    key_backup.restore(home.secrets, home.config.home_id, file, _unseal(identity))
    say(f"The home's keys are back in {pasteable(home.secrets)}.")


@app.command("rotate")
def rotate(
    drop_earlier: Annotated[
        bool,
        typer.Option(
            "--drop-earlier",
            help="Forget earlier identities instead: files that were sealed to them can't be opened"
            " any more.",
        ),
    ] = False,
) -> None:
    """Give the inbox another key pair, as when somebody who had access to it leaves.

    Files that come from now on are sealed to it. Those that lie in the inbox stay readable by the
    earlier identity until they are past their lifetime; then use --drop-earlier.
    """
    home = load_home()
    if drop_earlier:
        gone = long_lived_keys.drop_earlier_identities(home.secrets)
        say(f"Forgot {gone} earlier identities. Write a new `tideline keys backup`.")
        return
    change_recipient(home, long_lived_keys.rotate_identity(home.secrets))
    say(
        "New files are sealed to another key. Write a new `tideline keys backup`, and give whoever"
        f" delivers by other means the new home.yaml. In {home.config.inbox_lifetime_days} days:"
        " `tideline keys rotate --drop-earlier`."
    )


def _unseal(identity: Path | None) -> key_backup.Cipher:
    if identity is None:
        return key_backup.unseal_with(pass_phrase.asked(_PHRASE_OF))
    with refuse_as(SetupError("FILE_NOT_FOUND"), OSError):
        return key_backup.unseal_by(identity.read_text("utf-8", errors="replace"))
