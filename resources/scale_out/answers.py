"""What leaves a worker: the bytes that its work hands out, or a code. Never an error.

Dask would send an error to the scheduler and to whoever asked, with its chain, its words and the
frames of each, and keep it in all three.
"""

import functools
from collections.abc import Callable

import msgspec

from assets.core.errors import CATALOGUE, StepFailed, TidelineError
from resources.containment.guard import guarded


class Answer(msgspec.Struct, frozen=True):
    """One answer.

    Attributes:
        code: of the catalogue; empty where the work was done.
        origin: classes and places in our files, as `StepFailed` has them.
        body: what the work hands out.
    """

    code: str = ""
    origin: str = ""
    body: bytes = b""


def answering(work: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Work that holds text, as a worker may be given it: guarded, and without an error."""
    held = guarded(work)

    @functools.wraps(work)
    def answered(order: bytes) -> bytes:
        try:
            answer = Answer(body=held(order))
        except TidelineError as error:
            answer = Answer(error.code, str(getattr(error, "origin", "")))
        except BaseException:  # noqa: BLE001  (an interrupt, too, would be sent)
            answer = Answer("STEP_BROKEN")
        return msgspec.msgpack.encode(answer)

    return answered


def body_of(answer: bytes) -> bytes:
    """What the work handed out.

    Raises:
        StepFailed: with the code that it ended with.
    """
    found = msgspec.msgpack.decode(answer, type=Answer)
    if found.code:
        raise StepFailed(found.code if found.code in CATALOGUE else "STEP_BROKEN", found.origin)
    return found.body
