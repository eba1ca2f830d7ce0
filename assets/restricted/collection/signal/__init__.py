"""Signal's exports, in two forms."""
