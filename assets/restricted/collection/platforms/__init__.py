"""Readers by platform. A new platform is a new module here with a `READER`."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from assets.restricted.collection.contract import Reader


@cache
def readers() -> tuple[Reader, ...]:
    """Give every reader in this package, in order of module name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return tuple(import_module(f"{__name__}.{name}").READER for name in names)


def reader_for(head: bytes) -> Reader | None:
    """Pick the reader that recognises an export's first bytes, or `None`."""
    return next((reader for reader in readers() if reader.recognises(head)), None)
