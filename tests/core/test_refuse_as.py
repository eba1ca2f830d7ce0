"""An error that leaves as one of ours keeps nothing of the one that it stands for."""

import gc
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from assets.core.errors import SetupError, StorageError, TidelineError, refuse_as

TEXT = "xyzzyplover said so"
GONE = "VECTORS_MISSING"


def fails(kind: type[BaseException]) -> None:
    raise kind(TEXT)


def plainly(kind: type[BaseException]) -> None:
    with refuse_as(StorageError(GONE), FileNotFoundError, ValueError):
        fails(kind)


@contextmanager
def managed() -> Iterator[None]:
    with refuse_as(StorageError(GONE), FileNotFoundError, ValueError):
        yield


def by_a_generator(kind: type[BaseException]) -> None:
    with managed():
        fails(kind)


def while_another_is_handled(kind: type[BaseException]) -> None:
    try:
        fails(RuntimeError)
    except RuntimeError:
        plainly(kind)


def all_that_it_keeps(error: BaseException) -> str:
    """All that can be reached from an error: its chain, its notes, and its frames' locals."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    own = [frame for frame in frames if frame.f_code.co_filename != __file__]
    return repr(
        (
            error.args,
            error.__cause__,
            error.__context__,
            vars(error),
            [{**frame.f_locals} for frame in own],
            traceback.format_exception(error),
        )
    )


@pytest.mark.parametrize("way", [plainly, by_a_generator])
@pytest.mark.parametrize("kind", [FileNotFoundError, UnicodeError])
def test_nothing_of_it_is_kept(way, kind) -> None:
    class Kept(kind):
        """Of this test alone, so that the collector can be asked for it."""

    Kept.__init__ = Exception.__init__
    with pytest.raises(StorageError) as caught:
        way(Kept)
    assert str(caught.value) == GONE
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    if way is by_a_generator:
        # contextlib's own frame holds what went through it, until the guard drops the traceback.
        assert TEXT not in all_that_it_keeps(caught.value.with_traceback(None))
        return
    assert TEXT not in all_that_it_keeps(caught.value)
    gc.collect()
    # By its type alone: what libraries keep is asked nothing, for some warn when it is.
    assert [one for one in gc.get_objects() if issubclass(type(one), Kept)] == []


def test_what_is_handled_around_it_is_the_callers_matter_and_not_added() -> None:
    with pytest.raises(StorageError) as caught:
        while_another_is_handled(ValueError)
    assert caught.value.__context__ is None


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(KeyError) as caught:
        plainly(KeyError)
    assert caught.value.args == (TEXT,)
    with pytest.raises(SetupError), refuse_as(StorageError(GONE), OSError):
        raise SetupError("FILE_NOT_FOUND")
    with refuse_as(StorageError(GONE), OSError):
        pass


def test_the_innermost_that_fits_decides_and_may_look_at_the_error() -> None:
    def by_number(error: BaseException) -> TidelineError:
        assert isinstance(error, OSError)
        return StorageError("DISK_FULL" if error.errno == 28 else "DISK_NOT_WRITABLE")

    for number, code in ((28, "DISK_FULL"), (30, "DISK_NOT_WRITABLE")):
        with (
            pytest.raises(StorageError) as caught,
            refuse_as(StorageError(GONE), Exception),
            refuse_as(by_number, OSError),
        ):
            raise OSError(number, TEXT)
        # One of ours is an `Exception` too: the outer one fits it.
        assert caught.value.code == GONE
        with pytest.raises(StorageError) as caught, refuse_as(by_number, OSError):
            raise OSError(number, TEXT)
        assert caught.value.code == code
        assert TEXT not in all_that_it_keeps(caught.value)
