"""`tideline audit bundle`: what was recorded and the proof of it, for an auditor."""

from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from assets.core.errors import AuditError, SetupError
from orchestration.cli.console import pasteable, say
from orchestration.cli.session import open_session
from resources.base.database.connection import Database
from resources.base.database.roles import Role
from resources.base.files import write_once
from resources.stores.chain.bundle import VERIFIER, bundle_files, sealed_bundle
from resources.stores.chain.hash_chain import HashChain
from resources.stores.published.releases import Releases
from resources.stores.study.models_in_use import models_in_use


def add_to(audit: typer.Typer) -> None:
    """Add the command."""

    @audit.command("bundle")
    def bundle(
        file: Annotated[Path, typer.Argument(help="File to write; one that is there stays.")],
        recipient: Annotated[
            str, typer.Option(help="The auditor's public key of age (age1...) to seal it to.")
        ],
        first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
        last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")],
    ) -> None:
        """Write what was recorded from one day to another, with its proof, sealed to an auditor.

        It holds the chained rows of these days, commitments of all others, the chain itself, and a
        verifier of one file that needs nothing but Python. No message, no vector, no score, and
        nothing of what a member said. The chain is verified first: what is not whole is told and
        nothing is written.
        """
        if file.exists():
            raise SetupError("FILE_EXISTS")
        session = open_session()
        database = Database(session.url, Role.AUDITOR)
        published = Releases(session.home.public).chain_heads()
        for code in HashChain(database).verify(session.clock.today(), published).codes:
            raise AuditError(code)
        program = {"tideline": version("tideline"), "models": models_in_use()}
        files = bundle_files(database, first.date(), last.date(), published, program)
        write_once(file, sealed_bundle(files, recipient))
        say(f"Audit bundle: {pasteable(file)} ({len(files)} files, sealed to the auditor)")
        say("The auditor opens it with: age --decrypt -i KEY FILE | tar x")
        say(f"and verifies it, offline, with: python3 audit-bundle/{VERIFIER}")
        digest = sha256(files[VERIFIER]).hexdigest()
        say(f"The verifier's own SHA-256, to be told apart from the bundle: {digest}")
