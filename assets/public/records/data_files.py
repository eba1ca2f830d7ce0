"""The data files that describe a release's data. A further one is a function and a line here."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from assets.core.public_files import METADATA, PACKAGE
from assets.public.records.data_package import data_package
from assets.public.records.metadata import latest_metadata
from assets.public.records.released_data import ReleasedData


class Content(NamedTuple):
    """What data files are made of.

    Attributes:
        data: the tables and facts of the release.
        files: the same as its files hold them, which other files tell the digest of.
    """

    data: ReleasedData
    files: Mapping[str, bytes]


DATA_FILES: Mapping[str, Callable[[Content], bytes]] = {
    METADATA: lambda content: latest_metadata(content.data.facts),
    PACKAGE: lambda content: data_package(content.data.facts, content.files),
}
"""By name, what makes its bytes; the same bytes of the same content."""


def data_files(data: ReleasedData, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """All data files by name, beside those that a release is made of."""
    content = Content(data, files)
    return {name: make(content) for name, make in DATA_FILES.items()}
