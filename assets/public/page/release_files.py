"""A release: all its files, of those that it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from assets.core.public_files import MADE_OF, RELEASES
from assets.public.page.page_files import front_page, page_files
from assets.public.page.plain_pages import feed, record_pages
from assets.public.page.record_check import check_records
from assets.public.records.all_records import record_files, records_of
from assets.public.records.data_files import data_files
from assets.public.records.lines import lines_of
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
        PublicationError: see `lines_of`, `page_files`, `read_data` and `check_records`.
    """
    made_of = {name: files[name] for name in MADE_OF if name in files}
    data = read_data(made_of)
    lines = lines_of(data.published, data.forecasts, data.facts)
    records = records_of(data)
    pages = record_pages(records, data.facts)
    check_records(pages, data.facts)
    return MadeRelease(
        files={
            **made_of,
            **data_files(data, made_of),
            **record_files(records, data),
            **{name: page.encode("utf-8") for name, page in pages.items()},
            **page_files(lines, data.past_forecasts, data.facts, data.evidence),
        },
        front=front_page(lines, data.facts, f"{RELEASES}/{data.facts.number}/"),
        feed=feed(data.facts).encode("utf-8"),
    )
