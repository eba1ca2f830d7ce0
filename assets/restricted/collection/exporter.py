"""Messages of the member who made an export, where it shows "You" in place of a name.

"You" is another person in each member's export, so they are read only if it was told at delivery
who it is; then every objection and every notice is heeded as for any other sender.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from msgspec import structs

from assets.restricted.collection.export import Export, Message, Messages
from resources.stores.members.exporter import Exporter


@dataclass(frozen=True)
class ExportWithExporter(Export):
    """An export of which it was told who made it.

    Attributes:
        exporter: who.
    """

    exporter: Exporter = field(kw_only=True)


def exporter_told(export: Export, exporter: Exporter) -> ExportWithExporter:
    """Have the messages under the exporter's label count as a member's, of known marks."""
    messages = export.messages
    return ExportWithExporter(
        Messages(lambda: as_a_member_s(messages)),
        export.report,
        export.roster,
        export.superseded,
        export.before,
        export.stands,
        exporter=exporter,
    )


def exporter_of(export: Export) -> Exporter | None:
    """Who made an export, where it was told."""
    return export.exporter if isinstance(export, ExportWithExporter) else None


def as_a_member_s(messages: Iterable[Message]) -> Iterator[Message]:
    """The messages, those under the exporter's label as of a member with a name."""
    labels = exporter_labels()
    for one in messages:
        yield structs.replace(one, unnamed=False) if one.unnamed and one.author in labels else one


def exporter_labels() -> frozenset[str]:
    """What an export shows in place of the name of who made it, in all languages."""
    # Words of all languages take a second to load, and a process that reads no export needs none.
    from assets.restricted.collection.whatsapp.forms import labels_of_exporter  # noqa: PLC0415

    return labels_of_exporter()
