"""By which configuration, study register and models the home works, recorded when it changes."""

import hashlib
import json
from datetime import datetime

import sqlalchemy as sa

from resources.base.database.connection import Database
from resources.base.database.tables import settings_events
from resources.base.home import Home
from resources.stores.study.models_in_use import models_in_use
from resources.stores.study.register import file_of


def digests_in_use(home: Home) -> dict[str, str]:
    """SHA-256 of the home's configuration, its study register and the models, by name.

    A home without a register has the digest of an empty one.
    """
    path = file_of(home)
    written = {
        "home": home.config.model_dump_json().encode(),
        "study": path.read_bytes() if path.is_file() else b"",
        "models": json.dumps(models_in_use(), sort_keys=True).encode(),
    }
    return {what: hashlib.sha256(content).hexdigest() for what, content in written.items()}


def record_settings(database: Database, home: Home, now: datetime) -> int:
    """Record what is not as it was recorded last. Returns how many of the three.

    Args:
        database: in the restricted role.
        home: the home.
        now: the moment (aware).
    """
    in_use = digests_in_use(home)
    newest = (
        sa.select(settings_events.c.what, settings_events.c.digest)
        .where(settings_events.c.what.in_(in_use))
        .distinct(settings_events.c.what)
        .order_by(settings_events.c.what, settings_events.c.seq.desc())
    )
    with database.transaction() as connection:
        known = {row.what: row.digest for row in connection.execute(newest)}
        new = {what: digest for what, digest in in_use.items() if known.get(what) != digest}
        for what, digest in new.items():
            connection.execute(settings_events.insert().values(at=now, what=what, digest=digest))
    return len(new)
