"""How the study register stands, in words."""

from collections.abc import Sequence
from datetime import date

from rich.table import Table

from assets.core.errors import CATALOGUE, StudyError
from assets.core.modes import Mode
from assets.core.study_entries import OPTIONAL, STOPS, Action
from orchestration.cli.console import table
from resources.base.home import Home
from resources.stores.study import gate
from resources.stores.study.notice_facts import CLAIMS, PROMISED
from resources.stores.study.register import file_of, read_register
from resources.stores.study.standing import Finding, due_soon

UNAPPROVED = "STUDY_ENTRY_UNAPPROVED"
NOTHING_STOPPED = (
    "All of it stands: by the register nothing is stopped. `tideline status` tells what else may"
    " stop things, such as an open incident."
)


def register_lines(home: Home, today: date) -> list[str]:
    """For `tideline status`: what the register stops and why, and what is to be reviewed soon."""
    if home.config.mode is Mode.DISCOVERY:
        return []
    lines = []
    for action in Action:
        found = gate.stops(home, action, today)
        if found:
            first = found[0]
            more = f", and {len(found) - 1} more" if found[1:] else ""
            lines.append(
                f"The study register stops {action.value}: {first.entry} {first.code}{more}"
                " (`tideline study check`)"
            )
    try:
        soon = due_soon(read_register(file_of(home)), today)
    except StudyError:
        soon = {}
    lines += [
        f"To be reviewed by {last.isoformat()}: {name}, which stops"
        f" {' and '.join(sorted(STOPS.get(name, ()))) or name} after that day"
        for name, last in sorted(soon.items(), key=lambda one: one[1])
    ]
    return lines


def when_due(home: Home, today: date) -> str:
    """What becomes of a day that may close."""
    if gate.stops(home, Action.PUBLISH, today):
        return "due: it waits, for the study register stops publishing"
    if gate.stops(home, Action.COLLECT, today):
        return "due: the next release closes it, unless a group waits to be read"
    return "due: the next release closes it"


def findings_table(found: Sequence[Finding]) -> Table:
    """Each finding with what it stops; of entries that only lack approval, `unapproved` tells."""
    rows = table("entry", "stops", "code", "what")
    for one in found:
        if one.code == UNAPPROVED:
            continue
        rows.add_row(
            one.entry,
            " and ".join(sorted(one.stops)) or one.entry,
            one.code,
            _what(one),
        )
    return rows


def unapproved(found: Sequence[Finding]) -> list[str]:
    """A line for what is stopped by entries that two people have not approved as they stand."""
    others = {one.entry for one in found if one.code != UNAPPROVED}
    lines = []
    for action in Action:
        lacking = [
            one.entry
            for one in found
            if one.code == UNAPPROVED and action in one.stops and one.entry not in others
        ]
        if lacking:
            lines.append(f"Complete but not approved, stops {action.value}: {', '.join(lacking)}")
    lines += [
        f"Complete but not approved, and off until then: {one.entry}"
        for one in found
        if one.code == UNAPPROVED and one.entry in OPTIONAL and one.entry not in others
    ]
    return lines


def steps(found: Sequence[Finding]) -> list[str]:
    """What to do about each code, once."""
    return [
        f"{code}: {CATALOGUE[code].next_step}" for code in dict.fromkeys(one.code for one in found)
    ]


def _what(finding: Finding) -> str:
    if finding.detail in CLAIMS:
        claim = CLAIMS[finding.detail]
        return f"{finding.detail}: it says that {claim.says}, but {claim.truth}"
    if finding.detail in PROMISED:
        return f"{finding.detail}: home.yaml has longer ({PROMISED[finding.detail]})"
    if finding.detail == "days_to_object":
        return f"{finding.detail}: home.yaml has fewer (cooling_off_days)"
    return finding.detail or ", ".join(finding.fields)
