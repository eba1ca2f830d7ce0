"""An inbox that answers slowly, and one that fails now and then."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from assets.core import coded_failures
from bench.reliability.children import Child
from bench.reliability.disturbed import DisturbedSite, Run, noted
from bench.soak.site import Site
from resources.stores.inbox import location

ERRORS = (PermissionError, TimeoutError, OSError, FileNotFoundError)


@contextmanager
def _before_each(act: Callable[[], None]) -> Iterator[None]:
    """Act before whatever is asked of the file system of an inbox."""
    real = location._asked

    def asked(method: Any, *given: Any, **named: Any) -> Any:
        def after_act(*own: Any, **also: Any) -> Any:
            act()
            return method(*own, **also)

        return real(after_act, *given, **named)

    with patch.object(location, "_asked", asked):
        yield


class SlowInbox:
    """Each answer takes a twentieth of a second."""

    def __init__(self) -> None:
        self._acts: dict[str, int] = {}

    def __call__(self, site: DisturbedSite, job: str, run: Run) -> None:
        """Run it once."""

        def slowly(own: Site) -> str | None:
            with _before_each(lambda: time.sleep(0.05)):
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
            with _before_each(fail):
                return run(own)

        noted(site, job, Child(site, failing).wait(), self._acts)
