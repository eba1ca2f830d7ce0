"""The keys that a home has for life: whether each is there, is this home's, and is closed."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assets.core.errors import TidelineError
from resources.base.home import Home
from resources.base.keys.long_lived_keys import (
    IDENTITY_FILE,
    IDENTITY_VARIABLE,
    KEY_FILES,
    LongLived,
    load_identity,
    load_key,
    load_keys,
    recipient_of,
)

_OF_OTHERS = 0o077


@dataclass(frozen=True)
class SecretsKept:
    """What was found; names are those of the program, never of a person.

    Attributes:
        codes: why a key can't be used, by the name of its file.
        unreadable: files that are there and that this user may not read.
        open_to_others: files and folders that other users may read or go into.
        rotating: files whose key is being rotated, or was until something cut it off.
    """

    codes: Mapping[str, str]
    unreadable: tuple[str, ...]
    open_to_others: tuple[str, ...]
    rotating: tuple[str, ...] = ()


def secrets_kept(home: Home, checks: Mapping[LongLived, str | None]) -> SecretsKept:
    """Look at the keys; none is shown or kept.

    Args:
        home: the home.
        checks: by which the database knows its keys; empty where it can't be asked.
    """
    unreadable = tuple(_unreadable(home.secrets))
    codes = {name: code for name, code in _codes(home, checks) if name not in unreadable}
    return SecretsKept(codes, unreadable, tuple(_open(home)), tuple(_rotating(home)))


def _codes(home: Home, checks: Mapping[LongLived, str | None]) -> Iterator[tuple[str, str]]:
    for which in LongLived:
        try:
            load_key(which, home.secrets, checks.get(which))
        except TidelineError as error:
            yield which.value.file, error.code
    identity = load_identity(home.secrets)
    if identity is None or recipient_of(identity) != home.config.inbox_recipient:
        yield IDENTITY_FILE, "INBOX_IDENTITY_MISSING"


def _rotating(home: Home) -> Iterator[str]:
    for which in LongLived:
        with suppress(TidelineError):
            if len(load_keys(which, home.secrets)) > 1:
                yield which.value.file


def _unreadable(folder: Path) -> Iterator[str]:
    given = {IDENTITY_FILE: IDENTITY_VARIABLE}
    given |= {which.value.file: which.value.variable for which in LongLived}
    for name in KEY_FILES:
        if os.environ.get(given[name]):
            continue
        try:
            with (folder / name).open("rb"):
                pass
        except PermissionError:
            yield name
        except OSError:
            continue


def _open(home: Home) -> Iterator[str]:
    looked_at = {f"secrets/{name}": home.secrets / name for name in KEY_FILES}
    looked_at |= {"secrets/": home.secrets, "keys/": home.keys}
    for name, path in looked_at.items():
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if mode & _OF_OTHERS:
            yield name
