"""Collection: consented chat exports in, messages and coverage out."""

from assets.collection.export import Export, Message, Report
from assets.collection.read import read_export

__all__ = ["Export", "Message", "Report", "read_export"]
