"""Phrase banks: one expression a line, `#` starts a comment; read by `wording.expressions`."""
