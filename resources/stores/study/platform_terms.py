"""When somebody last looked at a platform's terms, and whether they were the approved ones."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import yaml

from assets.core.errors import StudyError
from resources.base.files import make_folder, write_once
from resources.base.home import Home
from resources.stores.study.approvals import folder_of
from resources.stores.study.entry_forms import PlatformPermission
from resources.stores.study.register import Register

_FILE = "terms-checked.yaml"


@dataclass(frozen=True)
class Check:
    """Somebody's last look at a platform's terms.

    Attributes:
        sha256: digest of the terms that were looked at.
        checked_on: the day.
        changed_on: the last day on which they were other than the approved ones, or None.
    """

    sha256: str
    checked_on: date
    changed_on: date | None = None


def checks(home: Home) -> dict[str, Check]:
    """The last check of each platform's terms; of a broken file none."""
    try:
        written = yaml.safe_load((folder_of(home) / _FILE).read_text("utf-8"))
        return {
            str(name): Check(
                str(one["sha256"]),
                date.fromisoformat(str(one["checked_on"])),
                date.fromisoformat(str(one["changed_on"])) if one.get("changed_on") else None,
            )
            for name, one in written.items()
        }
    except (OSError, ValueError, yaml.YAMLError, AttributeError, TypeError, KeyError):
        return {}


def record_check(home: Home, register: Register, platform: str, terms: bytes, today: date) -> None:
    """Note that somebody has looked at a platform's terms as they are today.

    Raises:
        StudyError: `PLATFORM_TERMS_CHANGED` if they are not those that the register names; that is
            noted too, so collection stops until the entry was decided on anew: older terms, seen
            again, don't lift it. `STUDY_ENTRY_MISSING` for a platform that is not there, and what
            `Register.entry` raises.
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    entry = register.entry(PlatformPermission)
    if platform not in entry.platforms:
        raise StudyError("STUDY_ENTRY_MISSING", entry="platform_permission")
    digest = hashlib.sha256(terms).hexdigest()
    approved, before = entry.platforms[platform].terms_sha256, checks(home).get(platform)
    changed_on = today if digest != approved else before and before.changed_on
    found = Check(digest, today, changed_on)
    note_check(home, {platform: found})
    if _changed(entry, approved, found):
        raise StudyError("PLATFORM_TERMS_CHANGED", entry="platform_permission")


def note_check(home: Home, found: Mapping[str, Check]) -> None:
    """Write down what was found, beside the other platforms' last checks."""
    make_folder(folder_of(home))
    written = {
        name: {
            "sha256": one.sha256,
            "checked_on": one.checked_on.isoformat(),
            **({"changed_on": one.changed_on.isoformat()} if one.changed_on else {}),
        }
        for name, one in {**checks(home), **found}.items()
    }
    write_once(folder_of(home) / _FILE, yaml.safe_dump(written).encode())


def terms_refusal(entry: PlatformPermission, found: Mapping[str, Check], today: date) -> str | None:
    """Why a platform's terms stop collection: a code, or None.

    Returns:
        `PLATFORM_TERMS_CHANGED` or `PLATFORM_TERMS_UNCHECKED`.
    """
    for name, platform in entry.platforms.items():
        check = found.get(name)
        if check is not None and _changed(entry, platform.terms_sha256, check):
            return "PLATFORM_TERMS_CHANGED"
        if check is None or (today - check.checked_on).days > platform.terms_checked_within_days:
            return "PLATFORM_TERMS_UNCHECKED"
    return None


def _changed(entry: PlatformPermission, approved: str, check: Check) -> bool:
    """Whether the terms are other than the approved ones, or were since those were decided on."""
    since = check.changed_on is not None and check.changed_on > entry.decided_on
    return since or check.sha256 != approved
