"""`datapackage.json`: the data of a release as programs take it, a Data Package (version 2)."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from assets.core.constructs import CONSTRUCTS
from assets.core.public_files import (
    DATA,
    EVIDENCE,
    FACTS,
    HIT_RATES,
    METADATA,
    PAGE,
    RELATIONS,
    VINTAGES,
)
from assets.public.records.datasets import CSV_COLUMNS, LABEL
from assets.public.records.facts import TERMS, PageFacts
from assets.public.records.headlines import HEADLINES
from assets.public.records.metadata import STATUSES, about, column_of, json_of
from assets.public.records.released_data import HIT_COLUMNS, VINTAGE_COLUMNS
from assets.public.records.retractions import REASONS

_NAME = "tideline"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_SCHEMA = "https://datapackage.org/profiles/2.0/tableschema.json"
_OTHER_JSON = {
    "latest-metadata": METADATA,
    "relations": RELATIONS,
    "facts": FACTS,
    "evidence": EVIDENCE,
}
_KEYS: Mapping[str, Sequence[str]] = {
    DATA: ("row", "region", "construct", "day"),
    VINTAGES: ("row", "region", "construct", "last_day", "day"),
    HIT_RATES: ("region", "construct", "weeks_ahead"),
}


def data_package(facts: PageFacts, files: Mapping[str, bytes]) -> bytes:
    """The description of a release's data.

    Args:
        facts: as the page's.
        files: the release's data files by name.

    Returns:
        UTF-8 JSON, the same bytes for the same arguments.
    """
    fields = {
        DATA: [_field(name, column_of(name), facts) for name in CSV_COLUMNS],
        VINTAGES: [_field(name, _columns()[name], facts) for name in VINTAGE_COLUMNS],
        HIT_RATES: [_field(name, _columns()[name], facts) for name in HIT_COLUMNS],
    }
    fields[VINTAGES][0]["constraints"] = {"enum": ["scored", "drawn"]}
    tables = [_table(name, of, files[name]) for name, of in fields.items() if name in files]
    others = [
        {
            "name": name,
            "path": path,
            "type": "json",
            "format": "json",
            "mediatype": "application/json",
            "encoding": "utf-8",
        }
        for name, path in _OTHER_JSON.items()
        if path in files or path == METADATA
    ]
    content = {
        "$schema": _PROFILE,
        "name": _NAME,
        **about(facts),
        "version": str(facts.number),
        "created": facts.made_at.isoformat(),
        "next_release": facts.next_update.isoformat(),
        "licenses": [{"path": f"{PAGE}#licence", "title": f"{facts.words.licence}. {TERMS}"}],
        "contributors": [
            {"title": facts.words.controller, "roles": ["controller"]},
            {"title": facts.words.sponsor, "roles": ["sponsor"]},
        ],
        "lawful_basis": facts.words.lawful_basis,
        "complaints": facts.words.complaints,
        "citation": facts.words.citation,
        "coverage": {"regions": dict(facts.regions), "last_day": facts.last_day.isoformat()},
        "experimental": True,
        "resources": [*tables, *others],
    }
    return json_of(content)


def _table(path: str, fields: Sequence[Mapping[str, object]], content: bytes) -> dict[str, object]:
    return {
        "name": path.removesuffix(".csv").replace("_", "-"),
        "path": path,
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **size_of(content),
        "schema": {
            "$schema": _SCHEMA,
            "fields": fields,
            "missingValues": [""],
            "primaryKey": list(_KEYS[path]),
        },
    }


def size_of(content: bytes) -> dict[str, object]:
    """Size and digest of a file, as a Data Package gives them."""
    return {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}


def _field(name: str, column: Mapping[str, str], facts: PageFacts) -> dict[str, object]:
    field: dict[str, object] = {"name": name, "type": column["type"]}
    field["description"] = column["meaning"]
    if "unit" in column:
        field["unit"] = column["unit"]
    enums = {
        "row": ["published", "forecast", "forecast_week"],
        "region": list(facts.regions),
        "construct": list(CONSTRUCTS),
        "status": list(STATUSES),
        "reason": list(REASONS),
        "mode": [str(facts.mode)],
        "label": [LABEL],
        "forecast_of": list(HEADLINES),
    }
    if name in enums:
        field["constraints"] = {"enum": enums[name]}
    return field


@cache
def _columns() -> dict[str, dict[str, str]]:
    return yaml.safe_load(Path(__file__).with_name("forecast_columns.yaml").read_text("utf-8"))
