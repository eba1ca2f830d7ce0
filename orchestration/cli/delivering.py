"""Putting an export into a home's inbox, after a look at it that keeps nothing."""

import io
import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

from assets.core.errors import ConsentError, ExportError, SetupError, refuse_as
from assets.restricted.collection.door import Look, look_at
from orchestration.cli.session import Session
from resources.containment.guard import guarded
from resources.containment.hardening import refuse_exposed
from resources.stores.inbox.inbox import MAX_EXPORT_BYTES, SealedExport
from resources.wiring.commands import inbox_of


class Delivered(NamedTuple):
    """A file in the inbox, and what was seen of it before it was sealed."""

    sealed: SealedExport
    look: Look


def deliver(session: Session, group_ref: str, path: Path) -> Delivered:
    """Look at a file, then seal it into the inbox, for a group whose consent runs.

    The look is a reading step that keeps nothing; it needs no secret of the home.

    Raises:
        ConsentError: `GROUP_UNKNOWN`, `CONSENT_NOT_YET_VALID`, or what `Consent.refusal` says.
        ExportError: `EXPORT_TOO_LARGE`, or what `look_at` raises; nothing was sealed.
        SealError: what `refuse_exposed` raises.
        SetupError: `FILE_NOT_FOUND`, or what `inbox_of` raises.
        StorageError: `INBOX_NOT_WRITABLE`, `INBOX_NOT_REACHABLE`.
    """
    now, today = session.clock.now(), session.clock.today()
    config = session.home.config
    consent = session.register.consent(group_ref)
    code = consent.refusal(consent.valid_from, today, config.mode)
    if code is None and today < consent.valid_from:
        code = "CONSENT_NOT_YET_VALID"
    if code:
        # It would be kept, and never read.
        raise ConsentError(code)
    refuse_exposed(config)
    inbox = inbox_of(session.home, with_identity=False)
    with _opened(path) as file:
        look = guarded(look_at)(file, consent, cooling_off=config.cooling_off, now=now, today=today)
        file.seek(0)
        return Delivered(inbox.add(group_ref, file, now), look)


def _opened(path: Path) -> BinaryIO:
    """A file to be read from its start any number of times.

    Raises:
        SetupError: `FILE_NOT_FOUND`.
        ExportError: `EXPORT_TOO_LARGE`.
    """
    with refuse_as(SetupError("FILE_NOT_FOUND"), OSError):
        file: BinaryIO = path.open("rb")
        if not file.seekable():
            # What comes by a pipe can be read once only.
            with file:
                file = io.BytesIO(file.read(MAX_EXPORT_BYTES + 1))
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
    if size > MAX_EXPORT_BYTES:
        file.close()
        raise ExportError("EXPORT_TOO_LARGE")
    return file
