"""The runbook's table in the manual: what doctor looks at, its codes, and what to do about each.

Written by `python -m orchestration.doctor.manual`; a test keeps the two equal.
"""

from collections.abc import Mapping
from pathlib import Path

from assets.core.errors import CATALOGUE
from orchestration.doctor.finding import Item

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "operating.md"
BEGIN, END = "<!-- doctor: begin -->\n", "<!-- doctor: end -->\n"

LOOKS: Mapping[Item, tuple[str, tuple[str, ...]]] = {
    Item.HOME: (
        "`home.yaml` can be read",
        ("HOME_NOT_FOUND", "HOME_NOT_READABLE", "HOME_CONFIG_INVALID"),
    ),
    Item.DATABASE: (
        "it answers, and is this home's",
        ("POSTGRES_NOT_REACHABLE", "DATABASE_OF_ANOTHER_HOME", "DATABASE_EMPTY"),
    ),
    Item.KEYS: (
        "each is there, is this home's, and closed to others; no rotation was cut off, and the"
        " master key is not over a year old (warnings)",
        (
            "MASTER_KEY_MISSING",
            "MEMBER_KEY_MISSING",
            "INBOX_IDENTITY_MISSING",
            "MASTER_KEY_INVALID",
            "MEMBER_KEY_INVALID",
            "KEY_NOT_READABLE",
            "KEY_OPEN_TO_OTHERS",
            "KEY_ROTATION_UNFINISHED",
            "KEY_OLD",
        ),
    ),
    Item.SWAP: ("no swap to a disk in the clear; a warning where all is made up", ("SWAP_ACTIVE",)),
    Item.CLOCK: (
        "within 30 seconds of the database's, nothing recorded in its future, kept right",
        ("CLOCK_OFF", "CLOCK_NOT_SYNCHRONISED"),
    ),
    Item.DISK: (
        "home, `public/` and a local inbox: 256 MB and 1,000 files free, a warning below 2 GB"
        " and 20,000",
        ("DISK_FULL", "DISK_NOT_WRITABLE", "DISK_NEARLY_FULL"),
    ),
    Item.DAEMON: (
        "every part of it gave a sign of life within ten minutes",
        ("DAEMON_NOT_RUNNING",),
    ),
    Item.SCHEDULES: (
        "none was switched off, none failed when it last looked (a warning), and each sensor"
        " looked within ten minutes",
        ("SCHEDULE_STOPPED", "SCHEDULE_FAILING", "SENSOR_SILENT"),
    ),
    Item.BACKUPS: (
        "one was written within `backup_within_days`; a warning where all is made up",
        ("BACKUP_OVERDUE",),
    ),
    Item.RELEASE: (
        "no region-day is two mornings late, and what closed was published within 26 hours",
        ("RELEASE_OVERDUE",),
    ),
    Item.REGISTER: (
        "nothing in it stops collecting or publishing, or soon will (a warning); any code of"
        " `tideline study check`",
        ("STUDY_ENTRY_OVERDUE", "STUDY_ENTRY_UNAPPROVED", "STUDY_REVIEW_DUE"),
    ),
    Item.TELEMETRY: ("Dagster's is switched off", ("TELEMETRY_ON",)),
    Item.ROLES: ("none may do more than its own", ("ROLE_RIGHTS_EXCEEDED",)),
    Item.PORTAL: (
        "no session of its login holds a lock for 3 seconds; its settings name no key of"
        " invitations that was revoked",
        ("PORTAL_LOCKS_HELD", "PORTAL_SETTINGS_OUTDATED"),
    ),
    Item.VERSIONS: (
        "of the database, of packages (a warning), digests of the model files",
        (
            "DATABASE_NEEDS_MIGRATION",
            "DATABASE_OF_ANOTHER_VERSION",
            "MODEL_FILE_CHANGED",
            "PACKAGE_MISSING",
            "PACKAGE_OF_ANOTHER_VERSION",
        ),
    ),
    Item.INBOX: (
        "it answers; no readable export waits for 36 hours, none is past its lifetime",
        ("INBOX_NOT_REACHABLE", "EXPORT_STUCK", "LIFETIME_NOT_ENFORCED"),
    ),
    Item.CONNECTORS: (
        "none is silent or refused; no group of one is refused or behind (a warning)",
        ("CONNECTOR_SILENT", "CONNECTOR_LAGS"),
    ),
}
"""By item, what is looked at, and the codes that it is told by most."""


def doctor_table() -> str:
    """The table: a row for each item, then a row for each code."""
    looks = "".join(
        f"| {item.value} | {what} | {' '.join(f'`{code}`' for code in codes)} |\n"
        for item, (what, codes) in LOOKS.items()
    )
    codes = dict.fromkeys(code for _, own in LOOKS.values() for code in own)
    todo = "".join(f"| `{code}` | {CATALOGUE[code].next_step} |\n" for code in codes)
    return (
        "| item | all is well if | codes |\n|---|---|---|\n"
        f"{looks}\n| code | what to do |\n|---|---|\n{todo}"
    )


def with_table(manual: str) -> str:
    """The manual with the table as it is here."""
    head, _, rest = manual.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{doctor_table()}\n{END}{tail}"


if __name__ == "__main__":
    MANUAL.write_text(with_table(MANUAL.read_text("utf-8")), "utf-8")
