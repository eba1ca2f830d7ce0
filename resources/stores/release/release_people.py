"""People who may correct what was released, each known by a pass phrase of their own.

It keeps two people two and their names in the record. It does not hold against someone who controls
the machine or the database.
"""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from assets.core.errors import ReleaseError
from resources.base.database.connection import Database
from resources.base.database.tables import release_people

LEAST_CHARACTERS = 12
LOG2_COST = 17
"""Scrypt with N = 2^17, r = 8, p = 1: 128 MiB and some half second a guess (OWASP, 2024)."""

_NAME = re.compile(r"[a-z][a-z0-9.-]{1,39}")
_SALT_BYTES = 16
_VERIFIER_BYTES = 32


class ReleasePeople:
    """Registers people and confirms that one is who they say."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def since(self) -> Mapping[str, datetime]:
        """Everyone registered, and since when their present pass phrase holds; by name."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(release_people).order_by(release_people.c.seq)
            ).all()
        newest = {row.name: row for row in rows}
        return {name: newest[name].at for name in sorted(newest) if newest[name].salt is not None}

    def register(
        self, name: str, phrase: str, now: datetime, *, present_phrase: str | None = None
    ) -> None:
        """Register a person, or give one another pass phrase.

        Args:
            name: lower-case letters, digits, full stops and hyphens, 2 to 40, a letter first.
            phrase: the pass phrase, at least `LEAST_CHARACTERS`.
            now: the moment.
            present_phrase: the one that holds; needed if the person is registered, for else
                anyone could approve in their name.

        Raises:
            ReleaseError: `PERSON_NAME_INVALID`, `PHRASE_TOO_SHORT`, `PERSON_NOT_CONFIRMED`.
        """
        if not _NAME.fullmatch(name):
            raise ReleaseError("PERSON_NAME_INVALID")
        if len(phrase) < LEAST_CHARACTERS:
            raise ReleaseError("PHRASE_TOO_SHORT")
        if name in self.since():
            self.confirm(name, present_phrase or "")
        salt = secrets.token_bytes(_SALT_BYTES)
        row = {
            "salt": salt,
            "verifier": _scrypt(salt, LOG2_COST).derive(_as_bytes(phrase)),
            "log2_cost": LOG2_COST,
        }
        with self._database.transaction() as connection:
            connection.execute(release_people.insert().values(at=now, name=name, **row))

    def remove(self, name: str, by: str, phrase: str, now: datetime) -> None:
        """Remove a person; what they did stays on record.

        Args:
            name: who is removed.
            by: who removes, the same or another person.
            phrase: the pass phrase of `by`.
            now: the moment.

        Raises:
            ReleaseError: `PERSON_NOT_CONFIRMED`, `PERSON_UNKNOWN`.
        """
        self.confirm(by, phrase)
        if name not in self.since():
            raise ReleaseError("PERSON_UNKNOWN")
        with self._database.transaction() as connection:
            connection.execute(release_people.insert().values(at=now, name=name))

    def confirm(self, name: str, phrase: str) -> None:
        """Let through only the person of that name.

        Raises:
            ReleaseError: `PERSON_NOT_CONFIRMED`, also for a name that is not registered.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                sa.select(release_people)
                .where(release_people.c.name == name)
                .order_by(release_people.c.seq.desc())
                .limit(1)
            ).one_or_none()
        known = row if row is not None and row.salt is not None else None
        # An unknown name takes as long as a wrong phrase, and gets the same answer.
        salt, cost = (known.salt, known.log2_cost) if known else (bytes(_SALT_BYTES), LOG2_COST)
        verifier = known.verifier if known else bytes(_VERIFIER_BYTES)
        confirmed = True
        try:
            _scrypt(salt, cost).verify(_as_bytes(phrase), verifier)
        except InvalidKey:
            confirmed = False
        if not confirmed or known is None:
            raise ReleaseError("PERSON_NOT_CONFIRMED")


def _scrypt(salt: bytes, log2_cost: int) -> Scrypt:
    return Scrypt(salt=salt, length=_VERIFIER_BYTES, n=2**log2_cost, r=8, p=1)


def _as_bytes(phrase: str) -> bytes:
    """The same bytes from every keyboard."""
    return unicodedata.normalize("NFC", phrase).encode("utf-8", errors="surrogatepass")
