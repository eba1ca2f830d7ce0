"""Ports of processes that tests start, and whether something answers there."""

import socket
from collections.abc import Sequence
from contextlib import ExitStack

from dagster._grpc.client import DagsterGrpcClient


def free_ports(names: Sequence[str]) -> dict[str, int]:
    """A port for each name, where nobody listens now."""
    with ExitStack() as stack:
        bound = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        ports = [one.getsockname()[1] for one in bound]
    return dict(zip(names, ports, strict=True))


def serves_code(port: int) -> bool:
    """Whether a code server answers there; asks nothing before somebody listens."""
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return DagsterGrpcClient(port=port, host="127.0.0.1").health_check_query() == "SERVING"
