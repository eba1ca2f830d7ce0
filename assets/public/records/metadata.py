"""What the data file's columns mean: `latest.metadata.json`."""

import json
from functools import cache
from pathlib import Path

import yaml

from assets.core.constructs import CONSTRUCTS
from assets.core.modes import Mode
from assets.public.records.datasets import CSV_COLUMNS, LABEL
from assets.public.records.facts import PageFacts
from assets.public.records.lines import headline_of
from assets.public.records.retractions import REASONS
from assets.public.records.tables import DECIMALS
from assets.released.release_facts import MONTH_DAYS

_TITLE = "Burnout, resilience and resistance in care work, among participating groups"
STATUSES = {
    "published": "The row holds the values that may be shown.",
    "not_published": (
        "The day is closed and shows no value. This is the only reason ever given: anything finer"
        " could tell of a group. It is final unless a later revision is published."
    ),
    "retracted": "The values were published and taken back; `reason` says why.",
}
NOT_FOR = (
    "Managing, ranking, rewarding or disciplining staff; judging a person, group, employer or"
    " service; diagnosis; ranking regions or constructs against each other."
)


def latest_metadata(facts: PageFacts) -> bytes:
    """Each column's meaning and unit, the codes, and the public constants of the release.

    Args:
        facts: as the page's.

    Returns:
        UTF-8 JSON, the same bytes for the same facts.
    """
    release = facts.release
    content = {
        **about(facts),
        "release_number": facts.number,
        "last_day": facts.last_day.isoformat(),
        "next_release": facts.next_update.isoformat(),
        "state": facts.state,
        "data": facts.csv_name,
        "decimals": DECIMALS,
        "missing_value": "",
        "regions": {
            region: {"name": name, "headline": headline_of(region, facts).column}
            for region, name in facts.regions.items()
        },
        "columns": [{"name": name, **column_of(name)} for name in CSV_COLUMNS],
        "statuses": STATUSES,
        "reasons": dict(REASONS),
        "method_breaks": [
            {
                "day": one.day.isoformat(),
                "version_before": one.version_before,
                "version_after": one.version_after,
                "reason": one.reason,
            }
            for one in sorted(facts.breaks, key=lambda one: one.day)
        ],
        "release": {
            "unit": "one person's messages in one group on one day",
            "mechanism": "discrete Gaussian noise on sums and count, drawn once",
            "sensitivity": release.sensitivity,
            "micro_rho_per_day": release.micro_rho_per_day,
            "micro_rho_cap_per_calendar_month": release.month_cap,
            "micro_rho_cap_per_calendar_year": release.year_cap,
            "noise_on_sum": release.noise_on_sum,
            "noise_on_count": release.noise_on_count,
            "delta": release.delta,
            "epsilon_one_day": release.epsilon_one_day,
            f"epsilon_{MONTH_DAYS}_days": release.epsilon_month,
            "min_groups": release.min_groups,
            "min_people": release.min_people,
            "largest_group_percent": release.largest_share,
            "two_largest_groups_percent": release.top_two_share,
            "groups_join_in_batches_of": release.join_batch,
            "groups_wait_weeks_at_most": release.join_wait_weeks,
            "no_guarantee_for": ["a lifetime", "a whole group"],
            "not_protected_by_noise": [
                {"what": what, "why": why} for what, why in release.not_protected
            ],
        },
    }
    return json_of(content)


def about(facts: PageFacts) -> dict[str, object]:
    """What all descriptions of the data begin with."""
    made_up = facts.mode == Mode.SYNTHETIC
    said = "All data is made up by the program; the noise is that of a study. " if made_up else ""
    return {
        "title": f"Made-up data: {_TITLE}" if made_up else _TITLE,
        "description": (
            f"{said}Regional means of scores of messages in chat groups that take part with"
            f" recorded consent, released with noise. Label: {LABEL}."
        ),
        "label": LABEL,
        "mode": str(facts.mode),
        "contact": facts.contact,
        "not_for": NOT_FOR,
    }


def column_of(name: str) -> dict[str, str]:
    """Type, unit and meaning of a column of `latest.csv`."""
    return _columns()[name]


@cache
def _columns() -> dict[str, dict[str, str]]:
    written = Path(__file__).with_name("columns.yaml").read_text("utf-8")
    *names, last = (f"`{one}`" for one in CONSTRUCTS)
    return yaml.safe_load(written.replace("{constructs}", f"{', '.join(names)} or {last}"))


def json_of(content: object) -> bytes:
    """JSON, the same bytes for the same content."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def data_columns() -> list[tuple[str, str, str]]:
    """Name, type and meaning of each column of the data file, in order."""
    return [(name, one["type"], one["meaning"]) for name, one in _columns().items()]
