"""Putting an export into a home's inbox, after a look at it that keeps nothing."""

import io
import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

from assets.core.errors import ConsentError, ExportError, SetupError, refuse_as
from assets.core.modes import Mode
from assets.restricted.collection.arrival_count import messages_at_most
from assets.restricted.collection.chronicle import chronicle
from assets.restricted.collection.door import Look, look_at
from orchestration.cli.session import Session
from resources.containment.guard import guarded
from resources.containment.hardening import refuse_exposed
from resources.stores.inbox.arrival_counts import ArrivalCounts
from resources.stores.inbox.inbox import MAX_EXPORT_BYTES, SealedExport
from resources.stores.members.exporter import note_of
from resources.stores.members.identity import identity_of
from resources.wiring.commands import inbox_of


class Delivered(NamedTuple):
    """A file in the inbox, and what was seen of it before it was sealed."""

    sealed: SealedExport
    look: Look
    counted: int | None = None
    """Messages that it holds at most, as a discovery home counted them on arrival."""


def deliver(
    session: Session, group_ref: str, path: Path, *, exporter: str | None = None
) -> Delivered:
    """Look at a file, then seal it into the inbox, for a group whose consent runs.

    Of an export that does not grow at its end its chronicle is sealed (docs/decisions/0043).

    The look is a reading step that keeps nothing; it needs no secret of the home, but for the
    member key where the consent says which of several chats is the group's, or where it is told
    who the exporter is: keyed digests are all that is sealed of that.

    Args:
        session: of the home.
        group_ref: the group.
        path: the file.
        exporter: the name or number of who made it, as the group's other members see them.

    Raises:
        ConsentError: `GROUP_UNKNOWN`, `CONSENT_NOT_YET_VALID`, `PLATFORM_NOT_PERMITTED`,
            `MEMBER_UNNAMED`, or what `Consent.refusal` says.
        ExportError: `EXPORT_TOO_LARGE`, or what `look_at` raises; nothing was sealed.
        SealError: what `refuse_exposed` raises.
        SetupError: `FILE_NOT_FOUND`, `INCIDENT_OPEN`, `DISCOVERY_LIMIT` for a file that
            holds more messages than a discovery home may still open, or what `inbox_of` raises.
        StorageError: `INBOX_NOT_WRITABLE`, `INBOX_NOT_REACHABLE`.
    """
    now, today = session.clock.now(), session.clock.today()
    config = session.home.config
    consent = session.register.consent(group_ref)
    code = consent.refusal(consent.valid_from, today, config.mode)
    if code is None and today < consent.valid_from:
        code = "CONSENT_NOT_YET_VALID"
    if code is None and not session.register.rules.permits(consent.platform_read):
        code = "PLATFORM_NOT_PERMITTED"
    if code:
        # It would be kept, and never read.
        raise ConsentError(code)
    session.ways_out.incidents.require_none()
    note = b""
    if exporter is not None:
        if identity_of(exporter).empty:
            raise ConsentError("MEMBER_UNNAMED")
        note = note_of(session.members.marker(group_ref), exporter)
    refuse_exposed(config)
    inbox = inbox_of(session.home, with_identity=False)
    arrivals, counted = ArrivalCounts(session.database), None
    with _opened(path) as file:
        if config.mode is Mode.DISCOVERY:
            counted = arrivals.count(lambda left: guarded(messages_at_most)(file, left))
            file.seek(0)
        chosen = session.members.is_the_chat(group_ref)
        look = guarded(look_at)(
            file,
            consent,
            cooling_off=config.cooling_off,
            now=now,
            today=today,
            exporter_told=exporter is not None,
            is_the_chat=chosen,
        )
        held = guarded(chronicle)(file, chosen)
        sealed = inbox.add(group_ref, held, now, note=note)
    if counted is not None:
        # Last: without it the file is never opened again.
        arrivals.record(sealed, counted, now)
    return Delivered(sealed, look, counted)


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
