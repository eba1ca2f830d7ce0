"""Cuts texts into word pieces as a model's tokeniser does, in a fraction of its time.

The tokeniser cleans a text, takes off accents, makes letters small and parts words at spaces and
marks, and then asks its table, which takes of a word the longest piece that it has. Of words of
plain letters and digits only the table has to be asked; all else is left to the tokeniser itself.
Nothing of a text is kept.
"""

import string
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_APOSTROPHE = "'"
_MARKS = frozenset(string.punctuation)


class WordPieces:
    """The pieces of words and of texts.

    Args:
        tokenizer: a BERT's, that makes letters small.
        most: pieces of a text, its begin and end included, as the tokeniser itself cuts it off.
    """

    def __init__(self, tokenizer: "Tokenizer", most: int | None = None) -> None:
        self._tokenizer = tokenizer
        self._table = tokenizer.model
        self._last = None if most is None else most - 2
        numbers = tokenizer.get_vocab()
        self._whole = {
            word: [number] for word, number in numbers.items() if word in _MARKS or _is_plain(word)
        }
        self.begin, self.end, self.unknown = (numbers[one] for one in ("[CLS]", "[SEP]", "[UNK]"))

    def of_words(self, words: Iterable[str]) -> dict[str, list[int]]:
        """For each distinct word its pieces, none of them special."""
        pieces: dict[str, list[int]] = {}
        rest: list[str] = []
        for word in dict.fromkeys(words):
            small = word.lower()
            whole = self._whole.get(small)
            if whole is not None and word.isascii():
                pieces[word] = whole
            elif all(map(_is_plain, small.split(_APOSTROPHE))) and word.isascii():
                pieces[word] = self._of_parts(small)
            else:
                rest.append(word)
        if rest:
            encoded = self._tokenizer.encode_batch(rest, add_special_tokens=False)
            pieces |= {word: one.ids for word, one in zip(rest, encoded, strict=True)}
        return pieces

    def of_texts(self, texts: Sequence[str]) -> list[list[int]]:
        """For each text its pieces between begin and end, cut off after the most."""
        # A letter of another script may be taken for a word, and a mark join what stands before it.
        apart = [text.split(" ") if text.isascii() else None for text in texts]
        of_word = self.of_words(word for words in apart if words for word in words)
        found = []
        for text, words in zip(texts, apart, strict=True):
            if words is None:
                found.append(self._tokenizer.encode(text).ids)
                continue
            pieces = [piece for word in words for piece in of_word[word]]
            found.append([self.begin, *pieces[: self._last], self.end])
        return found

    def _of_parts(self, word: str) -> list[int]:
        pieces: list[int] = []
        for i, part in enumerate(word.split(_APOSTROPHE)):
            pieces += self._whole[_APOSTROPHE] if i else []
            pieces += self._whole.get(part) or [one.id for one in self._table.tokenize(part)]
        return pieces


def _is_plain(word: str) -> bool:
    return word.isascii() and word.isalnum()
