from collections.abc import Callable

import pytest

from assets.restricted.scrubbing import Scrubber
from assets.restricted.scrubbing.patterns import Patterns
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary


@pytest.fixture(scope="session")
def scrubber() -> Scrubber:
    return Scrubber.load()


@pytest.fixture(scope="session")
def patterns() -> Patterns:
    # Made in a test, for Presidio takes ten seconds to import and every process collects all tests.
    return Patterns()


@pytest.fixture(scope="session")
def vocabulary() -> frozenset[str]:
    return load_vocabulary()[0]


@pytest.fixture(scope="session")
def words_left(scrubber: Scrubber) -> Callable[..., list[str]]:
    """Words that survive of a message that is long enough never to be dropped whole."""
    frame = "we are so tired and we need help with this today . {} . they said that is fine for us"

    def left(text: str, roster: tuple[str, ...] = ()) -> list[str]:
        scrubbed = scrubber.scrub([frame.format(text)], roster)[0]
        assert scrubbed.startswith("we are so tired")
        return (
            scrubbed.removeprefix("we are so tired and we need help with this today .")
            .split(" . they said")[0]
            .split()
        )

    return left
