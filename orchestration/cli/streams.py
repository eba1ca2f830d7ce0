"""Standard output and error as the commands need them, whatever they were started with.

A stream may be closed, may not carry every sign, may have lost its reader, or lie on a full disk.
None of that may stop work that is under way, and only the last is told: what was to be read there
is gone.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_STANDARD = (0, 1, 2)


class Output(io.TextIOWrapper):
    """A text stream that replaces signs it can't carry, and goes on where nothing can be written.

    Args:
        plain: the stream to write to.

    Attributes:
        lost: whether something could not be written that somebody wants to read.
    """

    def __init__(self, plain: io.TextIOWrapper) -> None:
        super().__init__(
            plain.buffer,
            encoding=plain.encoding,
            errors="replace",
            line_buffering=plain.line_buffering,
            write_through=plain.write_through,
        )
        self.lost = False

    def write(self, text: str) -> int:
        """Write, or lose what can't be written."""
        with self._going_on():
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, or lose what can't be written."""
        with self._going_on():
            super().flush()

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # A reader that has left wants no more.
            self.lost = self.lost or not isinstance(error, BrokenPipeError)
            self._go_nowhere()

    def _go_nowhere(self) -> None:
        """Let what is buffered, and all that follows, go the way of a closed stream."""
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
        with suppress(OSError):
            super().flush()


@contextmanager
def standard_streams() -> Iterator[Callable[[], bool]]:
    """Read and write through streams that are there, for as long as a command runs.

    Yields:
        Asks whether some of the standard output is lost to who wanted to read it.
    """
    _open_closed_descriptors()
    before = sys.stdin, sys.stdout, sys.stderr
    outputs: list[Output] = []
    with ExitStack() as opened:
        # Python gives none for a descriptor that was closed.
        if sys.stdin is None:
            sys.stdin = opened.enter_context(Path(os.devnull).open(encoding="utf-8"))
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is None:
                stream = opened.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
            elif isinstance(stream, io.TextIOWrapper):
                stream = Output(stream)
                outputs.append(stream)
            setattr(sys, name, stream)

        def is_lost() -> bool:
            for output in outputs:
                output.flush()
            return isinstance(sys.stdout, Output) and sys.stdout.lost

        try:
            yield is_lost
        finally:
            sys.stdin, sys.stdout, sys.stderr = before
            for output in outputs:
                output.flush()
                # Else the stream below would be closed with it.
                output.detach()


def _open_closed_descriptors() -> None:
    """Let no file or connection get the number of a standard stream, where others would write."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is given out first.
            os.open(os.devnull, os.O_RDWR)
