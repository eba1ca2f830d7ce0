"""An error that nobody foresaw, while the work for one group is done, stops that group alone."""

from contextlib import AbstractContextManager
from functools import partial

from assets.core.errors import StepFailed, StorageError, TidelineError, refuse_as
from resources.containment.guard import unforeseen
from resources.containment.sealed_errors import chain

READER_BROKEN = "EXPORT_READER_BROKEN"
GROUP_BROKEN = "GROUP_STEP_BROKEN"
UNFORESEEN = frozenset({READER_BROKEN, GROUP_BROKEN})
"""Codes of what nobody foresaw; the error's class and place are kept beside the fault."""


def of_one_group(code: str) -> AbstractContextManager[None]:
    """Let an error that is none of ours out of a block under a code, which the caller counts.

    Whoever catches it drops what the block was about and goes on with the next group. An error of
    ours passes as it is, for it says itself what it concerns.

    Args:
        code: one of `UNFORESEEN`.

    Raises:
        StepFailed: the code, and as its origin the classes and the places in our files; of the
            error's words nothing is left.
        StorageError: `POSTGRES_NOT_REACHABLE` where the database's server went away.
    """
    return refuse_as(partial(_told, code), Exception)


def _told(code: str, error: BaseException) -> TidelineError:
    if isinstance(error, TidelineError):
        return error
    told = unforeseen(error, code)
    # That the server went away is no matter of one group: the step ends, and is tried again.
    return StepFailed(code, chain(error)) if told == code else StorageError(told)
