"""Cuts the names of members who are not read out of other members' messages."""

import re
from collections.abc import Collection, Iterable

from resources.stores.members.identity import folded, numbers_in, plain
from resources.stores.members.marks import Marker, Marks

CUT = "_"
"""Stands where something was cut: the scrubber's own mark for a removed word."""

# WhatsApp encloses a mentioned name in isolates, some phones in embeddings.
_MENTION = re.compile(r"@?[\u2066-\u2068\u202a\u202b]([^\u2069\u202c\n]{1,200})[\u2069\u202c]")
# Combining marks and invisible ones inside a word are no end of it.
_LETTER = r"(?:[^\W_]|[\u0300-\u036f\u0900-\u0dff\u200b-\u200f\u2060\ufeff\u00ad])"
_WORD = re.compile(rf"@?[^\W_]{_LETTER}*(?:['\u2018\u2019\u02bc`´\-]{_LETTER}+)*")
_INNER = re.compile(r"['\u2018\u2019\u02bc`´\-]")
_SHORTEST_PART = 2


class NamesCut:
    """Cuts names and numbers, by their marks.

    Args:
        marker: of the group.
        cut: members whose names go, wherever they stand.
        kept: where given, every mention and every mentioned number of anyone else goes too.
        spared: folded words that stay even if they are part of a name, such as "the".
    """

    def __init__(
        self,
        marker: Marker,
        cut: Iterable[Marks],
        *,
        kept: Collection[Marks] | None = None,
        spared: Collection[str] = (),
    ) -> None:
        self._marker = marker
        self._cut = tuple(cut)
        self._kept = kept
        self._numbers = {one.number for one in self._cut} - {None}
        self._parts = {full for one in self._cut for full, _ in one.parts}
        self._joined = {one.joined for one in self._cut} - {None}
        self._words: dict[str, bool] = dict.fromkeys(spared, False)

    def without_names(self, text: str) -> str:
        """The text with `CUT` for each name and number cut out."""
        if not self._cut and self._kept is None:
            return text
        text = _MENTION.sub(self._mention, text)
        return _WORD.sub(self._word, self._without_numbers(text))

    def _mention(self, found: re.Match[str]) -> str:
        marks = self._marker.marks_of(found[1])
        if any(marks.may_be(one) for one in self._cut):
            return f" {CUT} "
        if self._kept is not None and not any(
            marks.same_name(one) or (one.number is not None and one.number == marks.number)
            for one in self._kept
        ):
            return f" {CUT} "
        return found[0]

    def _without_numbers(self, text: str) -> str:
        cut: list[tuple[int, int]] = []
        for start, end, number in numbers_in(text):
            digest = self._marker.number(number)
            mentioned = start > 0 and text[start - 1] == "@"
            if digest in self._numbers or (mentioned and self._is_of_others(digest)):
                cut.append((start, end))
        for start, end in _joined(cut):
            text = f"{text[:start]}{CUT}{text[end:]}"
        return text

    def _word(self, found: re.Match[str]) -> str:
        word = folded(plain(found[0].lstrip("@")))
        known = self._words.get(word)
        if known is None:
            known = self._words[word] = self._is_cut(word)
        if not known and found[0][0] == "@":
            known = self._is_of_others(self._marker.part(word))
        return CUT if known else found[0]

    def _is_of_others(self, digest: str) -> bool:
        return self._kept is not None and not any(
            digest == one.number or any(digest == full for full, _ in one.parts)
            for one in self._kept
        )

    def _is_cut(self, word: str) -> bool:
        forms = {word, *_INNER.split(word), _INNER.sub("", word)}
        # "'s" goes with the apostrophe when a word is folded.
        forms |= {form[:-1] for form in forms if form.endswith("s")}
        return any(
            self._marker.part(form) in self._parts or self._marker.joined(form) in self._joined
            for form in forms
            if len(form) >= _SHORTEST_PART and self._words.get(form) is not False
        )


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans without overlap, last first."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined[::-1]
