"""`tideline verify`: whether what was recorded is as it was."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from assets.core.errors import AuditError, refuse_as
from orchestration.cli.console import say, screen, table
from orchestration.cli.session import open_session
from orchestration.verification import Verification, verification
from resources.stores.published.releases import Releases

_HEAD = re.compile(r"[0-9a-f]{64}")


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("verify")
    def verify(
        head: Annotated[
            list[str] | None,
            typer.Option(
                help="A head that you noted earlier, as DAY=HEAD from a release's manifest; may be"
                " given again."
            ),
        ] = None,
        public: Annotated[
            Path | None,
            typer.Option(
                help="A copy of the public folder from elsewhere, whose heads are compared, too."
            ),
        ] = None,
    ) -> None:
        """Look whether all that was recorded is as it was.

        Every row of the consent register, the release ledger, the published values, settings and
        deletions is committed to in a hash chain when it is recorded; what members said has a chain
        of its own. This looks for rows that were changed, deleted, put in, or put in another order,
        for a chain that was cut off or written anew, and for triggers that were switched off. It
        compares the chain with the heads in the published manifests and the database with the
        journals. It only reads, and exits with the code of what it found.

        Whoever owns the database and every copy of the manifests can write all of it anew: note
        heads elsewhere, and give them with --head.
        """
        session = open_session()
        noted = [_noted(one) for one in head or ()]
        if public is not None:
            noted += Releases(public).chain_heads()
        say_verified(verification(session.home, session.url, session.clock, noted=noted))


def say_verified(found: Verification) -> None:
    """Say what was found.

    Raises:
        AuditError: the first code, where something is not as it was.
    """
    if found.faults:
        rows = table("found", "in", "times")
        for code, place, times in found.faults:
            rows.add_row(code, place, str(times))
        screen().print(rows)
        found.require_none()
    verdict = found.verdict
    say(f"All of {verdict.rows} rows are as they were recorded; heads compared: {found.heads}.")
    if verdict.waiting:
        say(f"{verdict.waiting} were recorded at the same moment and are linked with the next.")
    if verdict.lost_heads:
        say(
            f"{verdict.lost_heads} published heads were lost in a restore, as was recorded then:"
            " what they stood for can't be verified."
        )


def _noted(written: str) -> tuple[str, str]:
    day, _, head = written.partition("=")
    with refuse_as(AuditError("HEAD_NOT_A_HEAD"), ValueError):
        date.fromisoformat(day)
    if not _HEAD.fullmatch(head):
        raise AuditError("HEAD_NOT_A_HEAD")
    return day, head
