"""The information asset register: what is held, whom it is about, how long, and who reads it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from assets import released
from assets.public.records.facts import PageFacts
from assets.public.records.record import Part, Record, Table
from assets.released.retention import kept

_GENERATED = Path(next(iter(released.__path__))) / "holdings_generated.json"
_HEADINGS = {
    "folders": ("Files and folders", "Where"),
    "tables": ("Tables of the database", "Table"),
    "assets": ("Steps of the program, and what each leaves", "Step"),
}
_READERS = {
    "program": "the program",
    "engineers": "engineers",
    "auditor": "an auditor",
    "everyone": "everyone",
    "who delivers": "who delivers exports",
}


def holdings_record(facts: PageFacts) -> Record:
    """The register with a home's own lifetimes."""
    held = _with_lifetimes(facts.reviewed.settings)
    return Record(
        title="What is held: the information asset register",
        content={"holdings": held},
        parts=[
            Part(
                name="about",
                heading="What this is",
                words=[
                    "Everything that a home of this study can hold: its files and folders, the"
                    " tables of its database, and what each step of the program leaves. It is"
                    " written by the program of itself: a new table, folder or step fails its"
                    " tests until it is described here.",
                    "“About people” means that it was made of what people wrote or did, be it as"
                    " encrypted numbers or keyed digests. No file, table or log holds the text of"
                    " a message, but for the sealed exports.",
                ],
            ),
            *(
                Part(
                    name=part,
                    heading=heading,
                    table=Table(
                        caption=f"{heading}, one a row",
                        columns=[first, "What it holds", "About", "How long it is kept", "Readers"],
                        rows=[
                            [
                                one.get("where", one["name"]),
                                one["holds"],
                                one["about"],
                                one["kept"],
                                ", ".join(_READERS[reader] for reader in one["readers"]),
                            ]
                            for one in held[part]
                        ],
                    ),
                )
                for part, (heading, first) in _HEADINGS.items()
            ),
        ],
    )


def about_people(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files, folders and tables that are about people or groups, with how long each is kept."""
    held = _with_lifetimes(settings)
    return [
        one for part in ("folders", "tables") for one in held[part] if one["about"] in _OF_MEMBERS
    ]


_OF_MEMBERS = ("people", "groups")
_WHERE_CONFIGURED = {"connect": "connectors"}
"""What only a home has that configured it, with the setting that says so."""


def _with_lifetimes(settings: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {
        part: [
            {**one, "kept": kept(one["kept"], settings)}
            for one in of_part
            if one["name"] not in _WHERE_CONFIGURED or settings.get(_WHERE_CONFIGURED[one["name"]])
        ]
        for part, of_part in _generated().items()
    }


@cache
def _generated() -> dict[str, list[dict[str, Any]]]:
    return json.loads(_GENERATED.read_text("utf-8"))
