"""Counts of what survived, by kind of span and by origin of name, with 95 % intervals."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from scipy.stats import binomtest

from assets.restricted.scrubbing.tagged_text import TaggedText
from bench.scrubbing.survivors import places_of_words, surviving

FUNCTION_WORDS = frozenset(
    {
        "a", "an", "and", "at", "by", "cqc", "de", "for", "in", "nhs", "of", "on", "or", "the",
        "to", "s",
    }
)  # fmt: skip
"""Not counted in names: "the" of "the Willows" names nobody, nor does a body that all share."""

WHOLE_SPAN_KINDS = frozenset(
    {
        "PHONE", "EMAIL", "LINK", "HANDLE", "ID", "POSTCODE", "PLATE", "DATE", "TIME", "AGE",
        "ADDRESS", "MONEY", "NUMBER",
    }
)  # fmt: skip
"""Kinds of which every word counts, function words too."""


@dataclass
class Survival:
    """Counts over messages.

    Attributes:
        tokens: identifying words by kind, and `PER:origin` for people's names.
        tokens_left: those of them that survived.
        spans: marked spans by kind.
        spans_left: those with at least one identifying word left.
        left_words: what survived, for the eye.
        ordinary: words outside every span.
        ordinary_kept: those of them that survived.
        emoji_left: characters of the output outside ASCII.
    """

    tokens: Counter[str] = field(default_factory=Counter)
    tokens_left: Counter[str] = field(default_factory=Counter)
    spans: Counter[str] = field(default_factory=Counter)
    spans_left: Counter[str] = field(default_factory=Counter)
    left_words: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost_words: Counter[str] = field(default_factory=Counter)
    ordinary: int = 0
    ordinary_kept: int = 0
    emoji: int = 0
    emoji_left: int = 0


def count_survival(messages: Sequence[TaggedText], scrubbed: Sequence[str]) -> Survival:
    """Counts by place what of marked messages is left in what was made of them."""
    counts = Survival()
    for message, text in zip(messages, scrubbed, strict=True):
        words = places_of_words(message.text)
        span_of = [
            next((s for s in message.spans if s.start < w.end and w.start < s.end), None)
            for w in words
        ]
        counted = [
            span is not None and (span.kind in WHOLE_SPAN_KINDS or word.form not in FUNCTION_WORDS)
            for word, span in zip(words, span_of, strict=True)
        ]
        left = surviving(message.text, text, counted)
        spans_left = set()
        for word, span, is_counted, is_left in zip(words, span_of, counted, left, strict=True):
            if span is None:
                counts.ordinary += 1
                counts.ordinary_kept += is_left
                if not is_left:
                    counts.lost_words[word.form] += 1
            elif is_counted:
                kinds = [span.kind, f"PER:{span.origin}"] if span.origin else [span.kind]
                counts.tokens.update(kinds)
                if is_left:
                    counts.tokens_left.update(kinds)
                    counts.left_words[span.kind, word.form] += 1
                    spans_left.add(span)
        counts.spans.update(span.kind for span in message.spans)
        counts.spans_left.update(span.kind for span in spans_left)
        counts.emoji += sum(unicodedata.category(c) == "So" for c in message.text)
        counts.emoji_left += sum(not c.isascii() for c in text)
    return counts


def interval(some: int, of: int) -> str:
    """`some` of `of` in per cent with Wilson's 95 % interval."""
    if of == 0:
        return "-"
    low, high = binomtest(some, of).proportion_ci(method="wilson")
    return f"{100 * some / of:.2f} ({100 * low:.2f}-{100 * high:.2f})"
