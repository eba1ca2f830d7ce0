"""Libraries that write requests, and with them tokens and messages, into log records."""

import logging


def unlogged(*libraries: str) -> None:
    """Let loggers of these names make no record at all, whoever listens.

    Args:
        libraries: names of their topmost loggers.
    """
    for name in libraries:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
