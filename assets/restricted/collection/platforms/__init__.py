"""Readers by platform. A new platform is a new module here with a `READER`."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from assets.restricted.collection.contract import Reader
from assets.restricted.collection.structured.beginnings import Head


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def readers() -> Iterator[Reader]:
    """Give every reader in this package, in order of module name; each is loaded when asked for.

    Texts are asked of last by this order: words of all languages are loaded for them.
    """
    return (import_module(f"{__name__}.{name}").READER for name in _names())


def reader_for(head: bytes) -> Reader | None:
    """Pick the reader that recognises an export's first bytes, or `None`."""
    whole = Head(head)
    return next((reader for reader in readers() if reader.recognises(whole)), None)
