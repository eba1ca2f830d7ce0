"""`tideline backup` and `tideline restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assets.core.errors import SetupError, refuse_as
from orchestration.cli.console import pasteable, progress, say
from orchestration.cli.session import open_session
from orchestration.cli.verify import say_verified
from orchestration.home_backup import back_up
from orchestration.verification import verification
from resources.base.clock import Clock
from resources.base.database.postgres import postgres_url
from resources.base.database.roles import owner_url
from resources.base.home import Home, home_path

if TYPE_CHECKING:
    from orchestration.after_restore import Aftermath
    from orchestration.cli.restoring import Restored


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("backup")
    def backup_command(
        target: Annotated[
            str,
            typer.Argument(
                help="File to write, or a folder outside the home for one named by the moment."
            ),
        ],
        recipient: Annotated[
            list[str] | None,
            typer.Option(
                "--recipient",
                help="A public key of age (age1...) to seal it to, as often as needed; without one"
                " the file is closed by its permissions alone (0600).",
            ),
        ] = None,
    ) -> None:
        """Write all of the home that must last into one file, while the home is at work.

        It holds the database as of one moment, the configuration, the journals and what is public;
        no key, no vector, no score and no export. Back the keys up apart: `tideline keys backup`.
        """
        session = open_session()
        place = Path(target).expanduser()
        # A path forgets that it was meant for a folder, and the backup would be a file of its name.
        if target.endswith("/") and not place.is_dir():
            raise SetupError("BACKUP_FOLDER_NOT_FOUND")
        with progress("backing up the home"):
            written = back_up(session.home, session.url, place, recipient or [])
        say(f"Backup: {pasteable(written.file)} ({written.size / 1e6:.1f} MB)")
        if written.unknown:
            names = " ".join(pasteable(name) for name in written.unknown)
            say(f"Not in it, for it is no part of a home: {names}")
        say("The journals in it are of this moment: keep newer copies of HOME/leaving-journal and")
        say("HOME/release-journal elsewhere. The keys are not in it: `tideline keys backup`.")

    @app.command("restore")
    def restore_command(
        file: Annotated[
            Path | None, typer.Argument(help="A file that `tideline backup` wrote.")
        ] = None,
        journals: Annotated[
            Path | None,
            typer.Option(help="Folder with the newest leaving-journal and release-journal."),
        ] = None,
        no_newer_journals: Annotated[
            bool,
            typer.Option(
                "--no-newer-journals",
                help="There are none: what was withdrawn and objected to since the backup is"
                " forgotten, and no day that may have been drawn since is published.",
            ),
        ] = False,
        in_place: Annotated[
            bool,
            typer.Option(
                "--in-place",
                help="Database and files came back by other means, to TIDELINE_HOME: tell them what"
                " that means. Whatever HOME/keys does not open is lost.",
            ),
        ] = False,
        identity: Annotated[
            Path | None, typer.Option(help="File of the age identity, for a sealed backup.")
        ] = None,
        inbox: Annotated[
            str | None,
            typer.Option(help="Where the inbox is now (where it was, or beside the home)."),
        ] = None,
        trust_keys: Annotated[
            bool,
            typer.Option(
                "--trust-keys",
                help="Put the keys that lie there to use though the journals say that they were"
                " rotated away, or do not name them: only where there are no later ones.",
            ),
        ] = False,
    ) -> None:
        """Make a home at TIDELINE_HOME of a backup: in an empty folder and an empty database.

        Nothing that is there is replaced. Killed, it leaves no home and can be begun again. At the
        end it looks whether all is as it was, as `tideline verify` does, and exits with the
        code of what it found. Put the keys back afterwards: `tideline keys restore`.
        """
        # Dagster, whose runs are cancelled then, and which a backup does not need.
        from orchestration.cli.restoring import Offer, restore, tell_restored  # noqa: PLC0415

        if (journals is None) != no_newer_journals:
            raise SetupError("JOURNALS_NOT_GIVEN")
        if in_place:
            session = open_session()
            told = tell_restored(
                session.home, session.url, Clock(), journals, trust_keys=trust_keys
            )
            _say_after(told)
            _verify(session.home)
            return
        if file is None:
            raise SetupError("FILE_NOT_FOUND")
        offer = Offer(file, _text_of(identity), journals, inbox, trust_keys)
        restored = restore(offer, home_path(), Clock(), progress)
        _say_what_came_of_it(restored)
        _verify(restored.home)


def _verify(home: Home) -> None:
    """Say whether all that the restored home recorded is as it was.

    Raises:
        AuditError: the first code, where something is not.
    """
    # Whoever restores has the owner's login, who may look at all of it.
    say_verified(verification(home, owner_url(postgres_url(home.postgres)), Clock()))


def _text_of(identity: Path | None) -> str | None:
    if identity is None:
        return None
    with refuse_as(SetupError("FILE_NOT_FOUND"), OSError):
        return identity.read_text("utf-8", errors="replace")


def _say_what_came_of_it(restored: "Restored") -> None:
    home, after, made_at = restored.home, restored.after, restored.manifest.made_at
    say(f"Home:  {pasteable(home.root)}, as of {made_at}")
    say(f"Inbox: {pasteable(home.config.inbox)}")
    _say_after(after)
    say(f"Recorded after {made_at}, and gone: consents, renewals, notices, retractions,")
    say(
        "approvals, surveys: record them again. Of days since then, ask the groups for a new export"
    )
    say("before they close.")
    if restored.settings_outdated:
        say("HOME/portal names a key of invitations that was revoked since. Don't give it to the")
        say("portal: `tideline consent portal-settings` writes it anew.")
    if restored.keys_missing:
        say(f"Keys are missing in {pasteable(home.secrets)}, so nothing can be read yet. Now:")
        say("  tideline keys restore KEYS_FILE")
    say("Then `tideline lifetimes`, which deletes what was due meanwhile, and `tideline status`.")


def _say_after(after: "Aftermath") -> None:
    # Without a count, which would tell that somebody objected.
    say("Withdrawals, objections, requests and revoked links that the journal knows of hold again.")
    if after.draws:
        say(f"Draws since the backup, not made again, their budget taken again: {after.draws}")
    if after.runs_cancelled:
        say(f"Runs that were going when the backup was made, now cancelled: {after.runs_cancelled}")
    if after.region_days_lost:
        say(f"Region-days whose scores are lost: {after.region_days_lost}. Those that are open")
        say("close without a value (LOST_IN_RESTORE).")
    if not after.draws_known:
        say("What was drawn since the backup is not known: days that could have closed by now and")
        say("are open in the backup close without a value (LOST_IN_RESTORE).")
