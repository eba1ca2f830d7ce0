"""The reader of WhatsApp's text exports: Android, iOS, Web and Desktop."""

from assets.restricted.collection.contract import Circumstances, Source
from assets.restricted.collection.export import Export
from assets.restricted.collection.whatsapp.header_candidates import holds_header
from assets.restricted.collection.whatsapp.parser import parse


class WhatsAppReader:
    """Reads the `.txt` that WhatsApp writes, alone or as the one chat of a zip."""

    def recognises(self, head: bytes) -> bool:
        """Say whether any line of the head starts like an entry."""
        return holds_header(head.decode("utf-8", errors="ignore"))

    def read(self, source: Source, circumstances: Circumstances) -> Export:
        """Count over the export and return it.

        Raises:
            ExportError: if the export can't be read.
        """
        return parse(source.open, circumstances, markdown_twin=source.markdown_twin)


READER = WhatsAppReader()
