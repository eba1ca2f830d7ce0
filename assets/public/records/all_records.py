"""The records of a release by page; a further one is a function, its names and a line here."""

from collections.abc import Callable, Mapping

from assets.core.public_files import (
    ALGORITHM_PAGE,
    HOLDINGS_PAGE,
    LICENCE_PAGE,
    PRIVACY_PAGE,
    QUALITY_PAGE,
    RECORDS,
    REGISTER_PAGE,
    TRANSPARENCY_PAGE,
)
from assets.public.records.algorithm_record import algorithm_record
from assets.public.records.holdings import holdings_record
from assets.public.records.licence import licence_record
from assets.public.records.privacy_notice import privacy_notice
from assets.public.records.quality_report import quality_report
from assets.public.records.record import Record, written
from assets.public.records.register_index import register_index
from assets.public.records.released_data import ReleasedData
from assets.public.records.transparency_report import transparency_report

MAKERS: Mapping[str, Callable[[ReleasedData], Record]] = {
    PRIVACY_PAGE: lambda data: privacy_notice(data.facts),
    ALGORITHM_PAGE: lambda data: algorithm_record(data.facts),
    REGISTER_PAGE: lambda data: register_index(data.facts),
    HOLDINGS_PAGE: lambda data: holdings_record(data.facts),
    QUALITY_PAGE: lambda data: quality_report(data.published, data.facts),
    TRANSPARENCY_PAGE: lambda data: transparency_report(data.published, data.facts),
    LICENCE_PAGE: lambda data: licence_record(data.facts),
}


def records_of(data: ReleasedData) -> dict[str, Record]:
    """Every record by the name of its page."""
    return {page: make(data) for page, make in MAKERS.items()}


def record_files(records: Mapping[str, Record], data: ReleasedData) -> dict[str, bytes]:
    """The JSON of every record by name; the same bytes for the same records."""
    return {RECORDS[page]: written(record, data.facts) for page, record in records.items()}
