"""What of a scrubbed text is embedded."""

from assets.restricted.scrubbing.words import PLACEHOLDER


def words_to_embed(scrubbed: str) -> str:
    """The text without placeholders, which would only say how much was removed."""
    return " ".join(token for token in scrubbed.split(" ") if token != PLACEHOLDER)
