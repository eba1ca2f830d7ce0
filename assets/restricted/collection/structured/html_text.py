"""What a person typed in a message that the platform keeps as HTML."""

from html.parser import HTMLParser

_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"})
# Other people's words, and what no person typed.
_LEFT_OUT = frozenset({"blockquote", "style", "script", "attachment", "head", "title"})
_MENTIONS = frozenset({"at"})


class _Typed(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in _LEFT_OUT:
            self._inside += 1
        elif not self._inside:
            if tag in _BREAKS:
                self.pieces.append("\n")
            elif tag in _MENTIONS:
                self.pieces.append("@\u2068")
            elif tag in ("img", "emoji") and (sign := named.get("alt")):
                self.pieces.append(sign if _is_sign(sign) else " ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _LEFT_OUT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _LEFT_OUT:
            self._inside = max(0, self._inside - 1)
        elif not self._inside:
            if tag in _BREAKS:
                self.pieces.append("\n")
            elif tag in _MENTIONS:
                self.pieces.append("\u2069")

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.pieces.append(data)


def _is_sign(alt: str) -> bool:
    """Whether a picture stands for a sign, as an emoji's does; what others show is described."""
    return not any(one.isalnum() for one in alt)


def text_of_html(body: str) -> str:
    """The text of a body, without quotations of other messages; mentions as `mention` puts them.

    Args:
        body: of one message.
    """
    if "<" not in body and "&" not in body:
        return body
    parser = _Typed()
    try:
        parser.feed(body)
        parser.close()
    except (AssertionError, ValueError):
        # The parser gives up on some declarations, which no platform writes.
        return ""
    lines = "".join(parser.pieces).replace("\u00a0", " ").split("\n")
    kept = [line.strip() for line in lines]
    return "\n".join(line for line in kept if line)
