r"""Reads messages in which everything identifying is marked: `[Blessing|PER:word] is late`.

One message a line; a line break within is written `\n`; lines that start with `#` are comments.
"""

import csv
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

KINDS = (
    "PER", "LOC", "ORG", "PHONE", "EMAIL", "LINK", "HANDLE", "ID", "POSTCODE", "PLATE",
    "DATE", "TIME", "AGE", "ADDRESS", "MONEY", "NUMBER",
)  # fmt: skip
"""What a mark can say that its words are."""

NAME_KINDS = frozenset({"PER", "LOC", "ORG"})
"""Kinds that the tagger learns; patterns have the others."""

ORIGINS = (
    "english", "word", "polish", "yoruba", "igbo", "bengali", "somali", "romanian",
    "portuguese", "filipino", "tamil", "arabic", "pakistani", "indian", "caribbean", "akan",
    "chinese", "turkish", "other",
)  # fmt: skip
"""Where a person's name comes from; `word` is a name that is an ordinary word as well."""

SHORT = 10
"""Words below which a message counts as short."""

_MARK = re.compile(r"\[([^\[\]|]+)\|([A-Z]+)(?::([a-z]+))?\]")
_LEFT_OVER = re.compile(r"[\[\]|]")


class BrokenMarkError(ValueError):
    """A mark that can't be read; told by its line number alone."""

    def __init__(self, line: int) -> None:
        super().__init__(f"broken mark in line {line}")
        self.line = line


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """Marked characters of a text.

    Attributes:
        start: place of the first.
        end: one past the last.
        kind: one of `KINDS`.
        origin: one of `ORIGINS` for a person's name, otherwise "".
    """

    start: int
    end: int
    kind: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class TaggedText:
    """A message and its marked spans, in order."""

    text: str = field(repr=False)
    spans: tuple[TaggedSpan, ...]


def read_tagged(line: str, number: int = 0) -> TaggedText:
    """Reads one line.

    Raises:
        BrokenMarkError: where a bracket or bar is left over, or a kind or origin is unknown.
    """
    text = ""
    spans: list[TaggedSpan] = []
    at = 0
    line = line.replace("\\n", "\n")
    for mark in _MARK.finditer(line):
        words, kind, origin = mark[1], mark[2], mark[3] or ""
        if kind not in KINDS or origin not in (ORIGINS if kind == "PER" else ("",)):
            raise BrokenMarkError(number)
        text += line[at : mark.start()]
        spans.append(TaggedSpan(len(text), len(text) + len(words), kind, origin))
        text += words
        at = mark.end()
    if any(_LEFT_OVER.search(part) for part in _MARK.split(line)[:: _MARK.groups + 1]):
        raise BrokenMarkError(number)
    return TaggedText(text + line[at:], tuple(spans))


def read_tagged_file(path: Path) -> list[TaggedText]:
    """Reads a file of marked messages.

    Raises:
        BrokenMarkError: with the number of the first line that can't be read.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        read_tagged(line, number)
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    ]


def read_tagged_table(path: Path) -> list[TaggedText]:
    """Reads the marked messages in the column `text` of a CSV table.

    Raises:
        BrokenMarkError: with the number of the first row that can't be read.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return [
            read_tagged(row["text"], row_no) for row_no, row in enumerate(csv.DictReader(file), 1)
        ]


def main(paths: list[str]) -> int:
    """Writes for each file how many messages and spans it holds, or which lines are broken."""
    broken = 0
    for path in map(Path, paths):
        counts: Counter[str] = Counter()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                tagged = read_tagged(line, number)
            except BrokenMarkError:
                broken += 1
                sys.stderr.write(f"line {number}: broken mark\n")
                continue
            counts["messages"] += 1
            counts["without a name"] += not any(s.kind in NAME_KINDS for s in tagged.spans)
            counts["under 10 words"] += len(tagged.text.split()) < SHORT
            counts.update(span.kind for span in tagged.spans)
            counts.update(f"PER:{span.origin}" for span in tagged.spans if span.origin)
        sys.stdout.write("".join(f"{name}\t{count}\n" for name, count in counts.most_common()))
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
