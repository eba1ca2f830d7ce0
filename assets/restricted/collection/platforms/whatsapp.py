"""The reader of WhatsApp's text exports: Android, iOS, Web and Desktop."""

from assets.restricted.collection.contract import Circumstances, Source
from assets.restricted.collection.export import Export
from assets.restricted.collection.lines import line_blocks
from assets.restricted.collection.whatsapp.header_candidates import candidates, holds_header
from assets.restricted.collection.whatsapp.parser import parse


class WhatsAppReader:
    """Reads the `.txt` that WhatsApp writes, alone or as the one chat of a zip."""

    platforms = ("whatsapp",)

    def recognises(self, head: bytes) -> bool:
        """Say whether any line of the head starts like an entry."""
        return holds_header(head.decode("utf-8", errors="ignore"))

    def read(self, source: Source, circumstances: Circumstances) -> Export:
        """Count over the export and return it.

        Raises:
            ExportError: if the export can't be read.
        """
        return parse(
            source.open, circumstances, markdown_twin=source.markdown_twin, size=source.size
        )

    def messages_at_most(self, source: Source, most: int) -> int:
        """Count lines that may begin an entry, and stop at `most` + 1.

        Every entry begins with such a line; a quoted header counts, too.

        Raises:
            ExportError: if the file is no text.
        """
        counted = 0
        with source.open() as stream:
            for block in line_blocks(stream, _SMALL_READ):
                counted += len(candidates(block))
                if counted > most:
                    return most + 1
        return counted


_SMALL_READ = 1 << 12
"""So that little more than the last message allowed is looked at."""

READER = WhatsAppReader()
