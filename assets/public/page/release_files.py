"""A release: all its files, of those that it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from assets.core.public_files import MADE_OF, RELEASES
from assets.public.page.page_files import front_page, page_files
from assets.public.page.plain_pages import feed
from assets.public.records.data_files import data_files
from assets.public.records.released_data import read_data


@dataclass(frozen=True)
class MadeRelease:
    """What is written of a release.

    Attributes:
        files: of its folder, by name.
        front: the page that leads readers to it.
        feed: of all releases up to it.
    """

    files: Mapping[str, bytes]
    front: bytes
    feed: bytes


def make_release(files: Mapping[str, bytes]) -> MadeRelease:
    """Make a release; the same bytes of the same files, by the same version of the program.

    Args:
        files: by name; of these, what `written_data` gave.

    Raises:
        PublicationError: see `page_files` and `read_data`.
    """
    made_of = {name: files[name] for name in MADE_OF if name in files}
    data = read_data(made_of)
    tables = (data.published, data.forecasts)
    return MadeRelease(
        files={
            **made_of,
            **data_files(data, made_of),
            **page_files(*tables, data.past_forecasts, data.facts, data.evidence),
        },
        front=front_page(*tables, data.facts, f"{RELEASES}/{data.facts.number}/"),
        feed=feed(data.facts).encode("utf-8"),
    )
