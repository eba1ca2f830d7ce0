"""Before a group is given out: a word is planted in each worker, told everywhere, and looked for.

Scheduler and worker learn the salt of the word, and only who plants it and who looks makes the word
of it, so that it is nowhere but where it leaked to.
"""

import gc
import hashlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from resources.containment.marker_scan import scan_folder
from resources.scale_out.answers import answering

PREFIX = "canary"
_LOOKED_AT_TOGETHER = 1000
_HOLDING_TEXT = (str, bytes, bytearray, dict, tuple)
_LOGS = ("distributed.worker", "distributed.scheduler", "some.library", None)


def word_of(salt: bytes) -> str:
    """The word that is planted for a salt."""
    return PREFIX + hashlib.sha256(salt).hexdigest()[:20]


@answering
def plant(order: bytes) -> bytes:
    """Tell the word on every way out of a piece of work, and fail with it.

    Args:
        order: the salt.

    Raises:
        ValueError: always; what becomes of it is what is tried.
    """
    word = word_of(order)
    print(word)  # noqa: T201
    print(word, file=sys.stderr)  # noqa: T201
    warnings.warn(word, UserWarning, stacklevel=1)
    for name in _LOGS:
        logging.getLogger(name).critical("read %s", word, extra={"kept": word})
    with suppress(PermissionError):
        (Path(tempfile.gettempdir()) / "planted").write_text(word, "utf-8")
    with suppress(PermissionError):
        os.system(f"true {word}")  # noqa: S605  (refused, as is to be seen)
    try:
        raise KeyError(word)  # noqa: TRY301  (the chain is what is tried)
    except KeyError as error:
        error.add_note(word)
        raise ValueError(word) from error


def places_of(salt: bytes) -> int:
    """How many objects and files of this process hold the word; run in each by its own loop.

    Args:
        salt: the word's.
    """
    gc.collect()
    word = word_of(salt).encode()
    held = 0
    # A generator would keep the word in a cell, and be found itself.
    for many in kept_strings(gc.get_objects()):
        held += many.count(word)
    return held + len(scan_folder(Path(tempfile.gettempdir()), [word]))


def kept_strings(objects: Sequence[Any]) -> Iterator[bytes]:
    """Text and bytes that objects hold, also in what the collector does not follow.

    Args:
        objects: what the collector follows, as `gc.get_objects` has it.

    Yields:
        Those of many objects as one, text as UTF-8, with zero bytes between them. A process has
        a million: one at a time each look would take it a second.
    """
    for start in range(0, len(objects), _LOOKED_AT_TOGETHER):
        several = gc.get_referents(*objects[start : start + _LOOKED_AT_TOGETHER])
        held = [one for one in several if isinstance(one, _HOLDING_TEXT)]
        texts = [one for one in held if isinstance(one, str)]
        yield "\0".join(texts).encode("utf-8", "surrogatepass")
        yield b"\0".join([one for one in held if isinstance(one, (bytes, bytearray))])
        for one in held:
            if isinstance(one, (dict, tuple)) and not gc.is_tracked(one):
                yield from strings(one)


def strings(held: Any) -> Iterator[bytes]:
    """Text and bytes in an object that the collector does not follow, text as UTF-8."""
    match held:
        case str():
            yield held.encode("utf-8", "surrogatepass")
        case bytes() | bytearray():
            yield bytes(held)
        case dict() if not gc.is_tracked(held):
            for key, value in list(held.items()):
                yield from strings(key)
                yield from strings(value)
        case tuple() if not gc.is_tracked(held):
            for one in held:
                yield from strings(one)
        case _:
            pass
