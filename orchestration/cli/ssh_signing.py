"""Signatures over what people approve: made here by OpenSSH's own program, or made elsewhere."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from assets.core.errors import StudyError, refuse_as
from assets.core.study_entries import REGISTER
from resources.stores.study.approvals import NAMESPACE

KEY = Annotated[
    Path | None,
    typer.Option("--key", exists=True, help="Private key to sign with here, by ssh-keygen."),
]
SIGNATURE = Annotated[
    Path | None,
    typer.Option("--signature", exists=True, help="Signature that was made elsewhere."),
]


def require_one(key: Path | None, signature: Path | None) -> None:
    """Refuse both or neither, which only who typed them can settle.

    Raises:
        BadParameter: of the two options.
    """
    if (key is None) == (signature is None):
        raise typer.BadParameter("give one of the two", param_hint="--key and --signature")


def signature_over(scope: str, key: Path | None, signature: Path | None) -> str:
    """What was made elsewhere, as it is and unchecked, or else a signature by the key.

    Args:
        scope: what is signed.
        key: a private key, unless there is a signature.
        signature: a file of one.

    Raises:
        BadParameter: see `require_one`.
        StudyError: `SSH_KEYGEN_FAILED`.
    """
    require_one(key, signature)
    if key is not None:
        return sign_with(key, scope)
    assert signature is not None  # noqa: S101
    return signature.read_text("ascii", errors="replace")


def sign_with(key_file: Path, scope: str) -> str:
    """Sign a scope by `ssh-keygen`, which asks for the key's pass phrase itself.

    Raises:
        StudyError: `SSH_KEYGEN_FAILED`.
    """
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", os.fspath(key_file), "-n", NAMESPACE]
    failed = StudyError("SSH_KEYGEN_FAILED", REGISTER)
    with (
        tempfile.TemporaryDirectory() as folder,
        refuse_as(failed, OSError, subprocess.CalledProcessError),
    ):
        file = Path(folder) / "scope.txt"
        file.write_text(scope, "utf-8")
        subprocess.run([*command, os.fspath(file)], check=True)  # noqa: S603
        return file.with_name("scope.txt.sig").read_text("ascii")
