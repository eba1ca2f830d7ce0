"""`events.yaml`: dated public events that the graphs mark, once two people have signed the file.

Only the kinds that stand here are taken. What could set a line beside a quarrel at work is none of
them: no dispute, ballot, inspection or event of an employer.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from assets.core.errors import StudyError, refuse_as
from assets.core.study_entries import REGISTER
from assets.released.public_event import PublicEvent
from resources.base.files import make_folder, write_once
from resources.base.home import Home
from resources.stores.study.approvals import (
    BEGIN,
    PEOPLE_NEEDED,
    SUFFIX,
    approved_entries,
    folder_of,
    is_signed,
    keys_of,
)
from resources.stores.study.placeholders import is_placeholder
from resources.stores.study.register import Register

FILE = "events.yaml"
Kind = Literal[
    "weather_warning", "public_health_notice", "school_holiday", "national_day", "clock_change"
]
KINDS: Sequence[Kind] = get_args(Kind)
"""Nothing else may be marked."""

_HEAD = "Tideline public events 1"
_FOLDER = "events"
_NEVER = re.compile(
    r"strik|ballot|disput|industrial action|walk[- ]?out|picket|union|protest|inspect|\bcqc\b"
    r"|ofsted|rating|employer|provider|compan|manag|redundan|clos(?:e|ure|ing)|dismiss|tribunal|\bpay\b"
    r"|wage|staffing|roster|because|caus|due to|led to|after which|\bltd\b|\bplc\b"
    # What no page may say, or one event would hold up every page.
    r"|worse|better|diagnos|per ?cent|%|highest|ranked|league",
    re.IGNORECASE,
)
"""Words that an event of one of the kinds has no need of."""


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid")

    day: date
    kind: Kind
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=80)]
    source: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
    regions: Annotated[list[str], Field(min_length=1)] | None = None

    @field_validator("words", "source")
    @classmethod
    def _harmless(cls, text: str) -> str:
        if is_placeholder(text) or _NEVER.search(text) or "\n" in text:
            raise ValueError
        return text


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    form: Literal[1]
    events: list[_Event]


def file_of_events(home: Home) -> Path:
    """Where a home's events lie."""
    return home.root / FILE


def read_events(home: Home) -> list[PublicEvent]:
    """The events as they are written, signed or not; none without the file.

    Raises:
        StudyError: `EVENTS_NOT_ALLOWED`: not of the form, of another kind, with words that an
            event must not have, or of a region that the home has not.
    """
    path = file_of_events(home)
    if not path.is_file():
        return []
    refused = StudyError("EVENTS_NOT_ALLOWED", REGISTER)
    with refuse_as(refused, OSError, ValueError, yaml.YAMLError, RecursionError):
        written = _File.model_validate(yaml.safe_load(path.read_text("utf-8")))
    events = [
        PublicEvent(one.day, one.kind, one.words, one.source, tuple(one.regions or home.regions))
        for one in written.events
    ]
    if any(set(one.regions) - set(home.regions) for one in events):
        raise refused
    return sorted(events, key=lambda one: (one.day, one.words))


def events_scope(home: Home, events: Sequence[PublicEvent]) -> str:
    """What is signed: the home, and a digest of all that its events say."""
    said = [[one.day.isoformat(), one.kind, one.words, one.source, *one.regions] for one in events]
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    lines = (_HEAD, f"home {home.config.home_id}", f"mode {home.config.mode.value}", digest)
    return "\n".join(lines) + "\n"


def who_signed(home: Home, register: Register, events: Sequence[PublicEvent]) -> dict[str, bool]:
    """By who may approve the register, whether they have signed these events."""
    scope = events_scope(home, events)
    return {name: _signature(home, name, scope, key) for name, key in keys_of(register).items()}


def signed_events(home: Home, register: Register) -> list[PublicEvent]:
    """The events, if two people with keys of their own have signed them as they stand.

    None where they have not, or where nobody has approved who may.
    """
    try:
        events = read_events(home)
    except StudyError:
        return []
    signed = {
        keys_of(register)[name] for name, done in who_signed(home, register, events).items() if done
    }
    approved = "roles" in approved_entries(home, register)
    return events if approved and len(signed) >= PEOPLE_NEEDED else []


def record_signature(home: Home, register: Register, name: str, signature: str) -> None:
    """Keep somebody's signature of the events as they stand.

    Raises:
        StudyError: `APPROVER_UNKNOWN`, `APPROVAL_NOT_SIGNED`, `EVENTS_NOT_ALLOWED`.
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    key = keys_of(register).get(name)
    if key is None:
        raise StudyError("APPROVER_UNKNOWN", entry="roles")
    scope = events_scope(home, read_events(home))
    begins = signature.find(BEGIN)
    if begins < 0 or not is_signed(scope, signature[begins:], key):
        raise StudyError("APPROVAL_NOT_SIGNED", REGISTER)
    folder = folder_of(home) / _FOLDER
    make_folder(folder_of(home))
    make_folder(folder)
    write_once(folder / f"{name}{SUFFIX}", f"{scope}{signature[begins:].strip()}\n".encode())


def _signature(home: Home, name: str, scope: str, key: str) -> bool:
    try:
        content = (folder_of(home) / _FOLDER / f"{name}{SUFFIX}").read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return False
    signed, found, rest = content.partition(BEGIN)
    return bool(found) and signed == scope and is_signed(scope, found + rest, key)
