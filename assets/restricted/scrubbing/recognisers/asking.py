"""Which recognisers could find something in a text: one look at its words, digits and signs."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from assets.restricted.scrubbing.recognisers.alike import is_alike
from assets.restricted.scrubbing.recognisers.numbers import NUMBER_WORDS
from assets.restricted.scrubbing.recognisers.shapes import Asked, Trigger, words_of

_DIGIT = re.compile(r"\d")
_SIGN = re.compile(r"[@#:/\\.(\[{\u2066-\u2068]")


class _Condition(NamedTuple):
    place: int
    asked: int
    more_words: tuple[frozenset[str], ...]
    mark: Callable[[str], object] | None


class Asking:
    """Tells for a text which of some recognisers to ask; none that could find is left out.

    Args:
        triggers: for each recogniser what a text must hold, and what every match does.
    """

    def __init__(self, triggers: Sequence[tuple[Asked, Trigger]]) -> None:
        self._by_word: dict[str, list[_Condition]] = {}
        self._without_words: list[_Condition] = []
        for place, (asked, trigger) in enumerate(triggers):
            # The smallest set leads to the recogniser, for it is met the least often.
            first, *more = sorted(trigger.words, key=len) or (frozenset[str](),)
            mark = re.compile(trigger.mark).search if trigger.mark else None
            condition = _Condition(place, asked.value, tuple(more), mark)
            for word in first:
                self._by_word.setdefault(word, []).append(condition)
            if not first:
                self._without_words.append(condition)

    def places(self, text: str) -> list[int]:
        """Places of the recognisers to ask, in order.

        Args:
            text: as a message's layers see it; any length.
        """
        words = words_of(text)
        held = Asked.WORDS.value
        if _DIGIT.search(text) is not None:
            held |= Asked.DIGIT.value | Asked.NUMBER.value
        elif not NUMBER_WORDS.isdisjoint(words):
            held |= Asked.NUMBER.value
        if _SIGN.search(text):
            held |= Asked.SIGN.value
        marks_tell = is_alike(text)
        met = [one for word in words & self._by_word.keys() for one in self._by_word[word]]
        met += self._without_words
        found: set[int] = set()
        for place, asked, more_words, mark in met:
            if not asked & held or place in found:
                continue
            if more_words and any(own.isdisjoint(words) for own in more_words):
                continue
            if mark is None or not marks_tell or mark(text):
                found.add(place)
        return sorted(found)
