"""A connection that has a request's head answered before more of its body is asked for.

So what is refused by its head stays unread, but for what came with the head's last bytes.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_READ_BYTES = 1024
"""Read at a time until a head has ended: as much of a body may come with its last bytes."""
BODY_READ_BYTES = 1 << 18


class HeadFirst(H11Protocol):
    """One connection; uvicorn makes it for each client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A client has come."""
        super().connection_made(transport)
        self._read_at_a_time(HEAD_READ_BYTES)

    def data_received(self, data: bytes) -> None:
        """Some bytes have come; the next come after the app's first step."""
        super().data_received(data)
        in_body = self.conn.their_state is h11.SEND_BODY
        self._read_at_a_time(BODY_READ_BYTES if in_body else HEAD_READ_BYTES)

    def _read_at_a_time(self, most: int) -> None:
        # What asyncio's own transports ask the socket for.
        transport: Any = self.transport
        transport.max_size = most
