"""Libraries that others import for functions which are never called: loaded once they are used."""

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class _PuttingOff:
    """Finds modules of these names as any other, with the standard library's lazy loader."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """As `importlib.abc.MetaPathFinder` has it."""
        if fullname not in self._names:
            return None
        found = PathFinder.find_spec(fullname, path, target)
        if found is not None and isinstance(found.loader, Loader):
            found.loader = importlib.util.LazyLoader(found.loader)
        return found


@contextmanager
def put_off(*names: str) -> Iterator[None]:
    """While it lasts, modules of these names run only once an attribute of theirs is asked for.

    What is loaded already stays as it is, and so does what is put off, for its own first use.

    Args:
        names: whole names of modules that are imported as such (`import a`, `from a import b`
            for `a.b`) in one place each: a second import of the same name runs them.
    """
    finder = _PuttingOff(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
