"""Seeded random streams, one for each purpose, so that adding a draw in one leaves the others."""

import random
from random import Random


def stream(*key: int | str) -> Random:
    """A random stream that depends on `key` alone, the same on every machine and run."""
    joined = ":".join(map(str, key))
    return random.Random(joined)  # noqa: S311 - invented chat, nothing here is a secret
