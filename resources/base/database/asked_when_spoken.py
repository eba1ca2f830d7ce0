"""Whether a kept connection still stands, told by its socket instead of by the server."""

import select
from typing import Any

import sqlalchemy as sa


def ask_only_where_something_came(engine: sa.Engine) -> sa.Engine:
    """Let an engine with `pool_pre_ping` ask the server only where its socket has something to say.

    A server that ends a connection closes its socket, and says why before it does; one that rests
    says nothing. Asking each time is two fifths of a morning's statements. What this can't see
    (a cable that was pulled) a question can't either, before it has waited as long as the statement
    itself would have.

    Args:
        engine: of psycopg or psycopg2, whose connections tell their sockets.
    """
    dialect = engine.dialect
    asks = dialect.do_ping

    def do_ping(dbapi_connection: Any) -> bool:
        socket = select.poll()
        socket.register(dbapi_connection.fileno(), select.POLLIN | select.POLLRDHUP)
        return asks(dbapi_connection) if socket.poll(0) else True

    dialect.do_ping = do_ping
    return engine
