"""An inbox that answers slowly, and one that fails now and then."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from assets.core import coded_failures
from bench.reliability.children import Child
from bench.reliability.disturbed import DisturbedSite, Run, noted
from bench.soak.site import Site

ASKED = ("cat_file", "ls", "find", "size", "rm_file")
"""What is asked of the file system of an inbox."""

ERRORS = (PermissionError, TimeoutError, OSError, FileNotFoundError)


@contextmanager
def _before_each(site: Site, act: Any) -> Iterator[None]:
    files = site.resources["inbox"].location.files
    with ExitStack() as patches:
        for name in ASKED:
            real = getattr(type(files), name)

            def asked(*given: Any, _real: Any = real, **named: Any) -> Any:
                act()
                return _real(*given, **named)

            patches.enter_context(patch.object(type(files), name, asked))
        yield


class SlowInbox:
    """Each answer takes a twentieth of a second."""

    def __init__(self) -> None:
        self._acts: dict[str, int] = {}

    def __call__(self, site: DisturbedSite, job: str, run: Run) -> None:
        """Run it once."""

        def slowly(own: Site) -> str | None:
            with _before_each(own, lambda: time.sleep(0.05)):
                return run(own)

        noted(site, job, Child(site, slowly).wait(), self._acts)


class FailingInbox:
    """Every tenth answer is an error."""

    def __init__(self) -> None:
        self._acts: dict[str, int] = {}

    def __call__(self, site: DisturbedSite, job: str, run: Run) -> None:
        """Run it once."""
        chance = random.Random(site.chance.random())

        def fail() -> None:
            if chance.random() < 0.1:
                raise chance.choice(ERRORS)

        def failing(own: Site) -> str | None:
            coded_failures.SECONDS_TO_TRY_AGAIN = 0
            with _before_each(own, fail):
                return run(own)

        noted(site, job, Child(site, failing).wait(), self._acts)
