"""Free-text records of earlier versions: they come along as drafts that name what is missing."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from resources.base.files import write_once
from resources.base.home import Home
from resources.stores.study.entry_forms import FORMS
from resources.stores.study.placeholders import placeholders
from resources.stores.study.register import file_of
from resources.stores.study.written import TODO, blank_entries, written

KEPT_AS = "study-before-register.yaml"

_ENTRY_OF = {
    "need_and_benefit": "need_and_benefit",
    "controller": "controller_and_sponsor",
    "lawful_basis": "lawful_basis",
    "article_9_condition": "article_9_condition",
    "dpia": "dpia",
    "ethics_approval": "ethics",
    "platform_permission": "platform_permission",
    "terms_last_checked": "platform_permission",
    "notice": "notice",
    "retention": "retention",
    "contact": "contact",
}
"""The entry that an earlier version's statement belongs to."""


def older_record(path: Path) -> dict[str, Any] | None:
    """The statements of a record of an earlier version; None where there is none."""
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    is_one = isinstance(found, dict) and found and set(found) <= set(_ENTRY_OF)
    return found if is_one else None


def bring_along(home: Home) -> bool:
    """Write a home's older record anew as a register of drafts, and keep the old file beside it.

    No draft is taken for a decision, whatever it says; what was written is kept word for word.

    Returns:
        Whether there was one.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    path = file_of(home)
    statements = older_record(path)
    if statements is None:
        return False
    entries = blank_entries(home.config)
    for name, statement in statements.items():
        entry = entries[_ENTRY_OF[name]]
        given = statement if isinstance(statement, dict) else {"text": statement}
        text = given.get("text")
        if text is not None:
            before = "" if entry["reference"] == TODO else f"{entry['reference']}; "
            entry["reference"] = before + str(text).strip()
        if isinstance(given.get("date"), date):
            entry["decided_on"] = given["date"]
        if given.get("reviewer"):
            entry["reviewer"] = str(given["reviewer"]).strip()
    missing = {name: list(dict.fromkeys(placeholders(entries[name]))) for name in FORMS}
    write_once(home.root / KEPT_AS, path.read_bytes())
    write_once(path, written(entries, home.config, missing=missing).encode())
    return True
