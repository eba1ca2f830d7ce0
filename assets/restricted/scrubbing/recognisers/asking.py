"""Which recognisers could find something in a text: one look at its words, digits and signs."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from assets.restricted.scrubbing.recognisers.alike import is_alike
from assets.restricted.scrubbing.recognisers.numbers import NUMBER_WORDS
from assets.restricted.scrubbing.recognisers.shapes import Asked, Trigger, outline, words_of

_DIGIT = re.compile(r"\d")
_DIGITS = re.compile("0+")
_SIGN = re.compile(r"[@#:/\\.(\[{\u2066-\u2068]")


class _Condition(NamedTuple):
    place: int
    asked: int
    more_words: tuple[frozenset[str], ...]
    outlines: tuple[str, ...]
    digits: int
    numbers: int
    number_words: frozenset[str]
    mark: Callable[[str], object] | None


class _WithoutWords(NamedTuple):
    """What is met by a text that holds some of `Asked`, whatever its words."""

    all: list[_Condition]
    of_any_outline: list[_Condition]
    by_outline: dict[str, list[_Condition]]


class Asking:
    """Tells for a text which of some recognisers to ask; none that could find is left out.

    Args:
        triggers: for each recogniser what a text must hold, and what every match does.
    """

    def __init__(self, triggers: Sequence[tuple[Asked, Trigger]]) -> None:
        self._by_word: dict[str, list[_Condition]] = {}
        without_words: list[_Condition] = []
        for place, (asked, one) in enumerate(triggers):
            # The smallest set leads to the recogniser, for it is met the least often.
            first, *more = sorted(one.words, key=len) or (frozenset[str](),)
            condition = _Condition(
                place,
                asked.value,
                tuple(more),
                one.outlines,
                one.digits,
                one.numbers,
                one.number_words,
                re.compile(one.mark).search if one.mark else None,
            )
            for word in first:
                self._by_word.setdefault(word, []).append(condition)
            if not first:
                without_words.append(condition)
        self._words = frozenset(self._by_word)
        self._without_words = [
            _without_words([one for one in without_words if one.asked & held])
            for held in range(2 * max(one.value for one in Asked))
        ]

    def places(self, text: str) -> list[int]:
        """Places of the recognisers to ask, in order.

        Args:
            text: as a message's layers see it; any length.
        """
        all_words = words_of(text)
        words = set(all_words)
        held = Asked.WORDS.value
        if _DIGIT.search(text) is not None:
            held |= Asked.DIGIT.value | Asked.NUMBER.value
        elif not NUMBER_WORDS.isdisjoint(words):
            held |= Asked.NUMBER.value
        if _SIGN.search(text):
            held |= Asked.SIGN.value
        met = [
            one
            for word in words & self._words
            for one in self._by_word[word]
            if one.asked & held and not any(own.isdisjoint(words) for own in one.more_words)
        ]
        without_words = self._without_words[held]
        if not is_alike(text):
            return sorted({one.place for one in (*met, *without_words.all)})
        told = outline(text)
        met = [one for one in met if not one.outlines or any(part in told for part in one.outlines)]
        for part, own in without_words.by_outline.items():
            if part in told:
                met += own
        met += without_words.of_any_outline
        digits = told.count("0")
        found: list[int] = []
        looked_for: set[int] = set()
        for one in met:
            if one.place in looked_for or one.digits > digits:
                continue
            looked_for.add(one.place)
            if one.numbers and _numbers(told, all_words, one.number_words) < one.numbers:
                continue
            if one.mark is None or one.mark(text):
                found.append(one.place)
        return sorted(found)


def _without_words(conditions: list[_Condition]) -> _WithoutWords:
    by_outline: dict[str, list[_Condition]] = {}
    for one in conditions:
        for part in one.outlines:
            by_outline.setdefault(part, []).append(one)
    return _WithoutWords(conditions, [one for one in conditions if not one.outlines], by_outline)


def _numbers(told: str, words: Sequence[str], number_words: frozenset[str]) -> int:
    """How many words are one of these or hold a digit, at most; each has a run of digits."""
    return sum(map(number_words.__contains__, words)) + len(_DIGITS.findall(told))
