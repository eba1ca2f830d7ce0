"""Reads the corpora that the tagger learns from: words, each with the kind of name it is part of.

Licences and attribution are in NOTICE; the public corpora lie outside the project, at
`TIDELINE_CORPORA`; `assets/restricted/scrubbing/care_chat/` is the project's own.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assets.restricted.scrubbing.name_tagger.words import tagger_words
from assets.restricted.scrubbing.normalise import normalise
from assets.restricted.scrubbing.tagged_text import TaggedText, read_tagged_file

LABELS = ("O", "PER", "LOC", "ORG", "MISC")
"""What a word can be. MISC (works, products) is learnt so as not to be taken for a name."""

CARE_CHAT = Path(__file__).parents[1] / "care_chat"

_LABEL_OF = {
    "PER": "PER", "PERSON": "PER",
    "LOC": "LOC", "LOCATION": "LOC", "GPE": "LOC", "STREET_ADDRESS": "LOC",
    "ORG": "ORG", "CORPORATION": "ORG", "GROUP": "ORG", "ORGANIZATION": "ORG",
    "MISC": "MISC", "PRODUCT": "MISC", "CREATIVE-WORK": "MISC",
}  # fmt: skip
_CONLL = {
    "broad_twitter": "ner/broad_twitter_corpus/{part}.conll",
    "wnut17": "ner/wnut17/{part}.conll",
    "tweebank": "ner/tweebank_ner/{part}.bio",
}
_STREET_WORDS = 3
"""An address of fewer words is a room or a bed, whose words are everybody's."""


@dataclass(frozen=True, slots=True)
class TaggedWords:
    """A message as the tagger learns it.

    Attributes:
        words: as written, in order; never shown.
        labels: one of `LABELS` for each word.
    """

    words: tuple[str, ...] = field(repr=False)
    labels: tuple[str, ...]

    @property
    def is_unseen_tenth(self) -> bool:
        """Whether the message belongs to the tenth that nothing is trained or tuned on."""
        digest = hashlib.sha256(" ".join(self.words).casefold().encode()).digest()
        return digest[0] < 256 // 10


def read_public(corpora: Path, part: str) -> dict[str, list[TaggedWords]]:
    """Reads the `train` or `dev` part of the public corpora, the unseen tenth included.

    Args:
        corpora: folder with `ner/`.
        part: "train" or "dev".

    Returns:
        Messages by corpus.

    Raises:
        FileNotFoundError: where a corpus is missing.
    """
    read = {
        name: [
            as_words(words, labels) for words, labels in _conll(corpora / path.format(part=part))
        ]
        for name, path in _CONLL.items()
    }
    if part == "train":
        read["presidio_synth"] = list(_presidio(corpora / "ner/presidio_synth_v2/train.json"))
    return read


def read_care_chat(folder: Path = CARE_CHAT) -> list[TaggedText]:
    """Reads the project's own tagged messages."""
    return [one for path in sorted(folder.glob("part_*.txt")) for one in read_tagged_file(path)]


def from_tagged(tagged: TaggedText) -> TaggedWords:
    """The words of a marked message with their labels; kinds that are no names are `O`."""
    marks = [
        (span.start, span.end, label)
        for span in tagged.spans
        if (label := _label_of_mark(tagged, span.start, span.end, span.kind)) is not None
    ]
    return _from_spans(tagged.text, marks)


def _label_of_mark(tagged: TaggedText, start: int, end: int, kind: str) -> str | None:
    if kind == "ADDRESS":
        is_street = len(tagged.text[start:end].split()) >= _STREET_WORDS
        return "LOC" if is_street else None
    return _LABEL_OF.get(kind)


def as_words(tokens: Iterable[str], labels: Iterable[str]) -> TaggedWords:
    """Cuts a corpus's tokens as the tagger's words are cut; each piece keeps its token's label."""
    words: list[str] = []
    kinds: list[str] = []
    for token, label in zip(tokens, labels, strict=True):
        for word in tagger_words(normalise(token)):
            words.append(word.written)
            kinds.append(label)
    return TaggedWords(tuple(words), tuple(kinds))


def _conll(path: Path) -> Iterator[tuple[list[str], list[str]]]:
    tokens: list[str] = []
    labels: list[str] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        fields = line.split("\t") if "\t" in line else line.split()
        if not line.strip() or fields[0] == "-DOCSTART-":
            if tokens:
                yield tokens, labels
            tokens, labels = [], []
            continue
        tokens.append(fields[0])
        labels.append(_LABEL_OF.get(fields[-1].strip().split("-", 1)[-1].upper(), "O"))


def _presidio(path: Path) -> Iterator[TaggedWords]:
    for row in json.loads(path.read_text(encoding="utf-8")):
        yield _from_spans(
            row["full_text"],
            [
                (span["start_position"], span["end_position"], _LABEL_OF[span["entity_type"]])
                for span in row["spans"]
                if span["entity_type"] in _LABEL_OF
            ],
        )


def _from_spans(text: str, marks: Iterable[tuple[int, int, str]]) -> TaggedWords:
    """Cuts at the marks' edges, so that normalising can't shift one against the other."""
    words: list[str] = []
    labels: list[str] = []
    at = 0
    pieces: list[tuple[str, str]] = []
    for start, end, label in sorted(marks):
        pieces += [(text[at:start], "O"), (text[start:end], label)]
        at = max(at, end)
    for piece, label in [*pieces, (text[at:], "O")]:
        for word in tagger_words(normalise(piece)):
            words.append(word.written)
            labels.append(label)
    return TaggedWords(tuple(words), tuple(labels))
