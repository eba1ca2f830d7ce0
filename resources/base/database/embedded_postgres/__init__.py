"""The PostgreSQL that a home runs for itself, from bundled programs, for its own user alone."""

from resources.base.database.embedded_postgres.binaries import run_client, tool
from resources.base.database.embedded_postgres.server import (
    EMBEDDED,
    join_from_environment,
    leave,
    leave_all,
    open_server,
    url_of,
    uses,
)

__all__ = [
    "EMBEDDED",
    "join_from_environment",
    "leave",
    "leave_all",
    "open_server",
    "run_client",
    "tool",
    "url_of",
    "uses",
]
