"""A record: the same content as a page for people and as JSON for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assets.core.modes import Mode
from assets.public.records.datasets import LABEL
from assets.public.records.facts import PageFacts
from assets.public.records.metadata import json_of

NOT_STATED = "Not stated"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of a page.

    Attributes:
        caption: what it shows.
        columns: names; the first one's cells are headings of their rows.
        rows: cells.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A section of a page.

    Attributes:
        name: its id.
        heading: its heading.
        words: paragraphs.
        terms: pairs of a term and what is said of it; several sayings make a list.
        points: a list.
        table: a table.
    """

    name: str
    heading: str
    words: Sequence[str] = ()
    terms: Sequence[tuple[str, str | Sequence[str]]] = ()
    points: Sequence[str] = ()
    table: Table | None = None


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record of a release.

    Attributes:
        title: of page and file.
        parts: of the page.
        content: of the file, beside what all records begin with.
    """

    title: str
    parts: Sequence[Part]
    content: Mapping[str, Any] = field(default_factory=dict)


def written(record: Record, facts: PageFacts) -> bytes:
    """The record as JSON, the same bytes for the same record."""
    made_up = facts.mode == Mode.SYNTHETIC
    return json_of(
        {
            "title": f"Made-up data: {record.title}" if made_up else record.title,
            "made_up": made_up,
            "mode": str(facts.mode),
            "label": LABEL,
            "release": facts.number,
            "made_at": facts.made_at.isoformat(),
            **record.content,
        }
    )


def said(facts: PageFacts, name: str) -> str:
    """A word of the register, or that it is not stated."""
    return str(facts.reviewed.words.get(name) or NOT_STATED)


def listed(facts: PageFacts, name: str) -> list[str]:
    """Words of the register, or that they are not stated."""
    return list(facts.reviewed.words.get(name) or [NOT_STATED])


def of_page(facts: PageFacts, name: str) -> str:
    """One of the words that every page shows, or that it is not stated."""
    return getattr(facts.words, name) or NOT_STATED
