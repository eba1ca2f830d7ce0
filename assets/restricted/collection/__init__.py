"""Collection: consented chat exports in, messages and coverage out."""

from assets.restricted.collection.export import Export, Message, Report
from assets.restricted.collection.read import read_export

__all__ = ["Export", "Message", "Report", "read_export"]
