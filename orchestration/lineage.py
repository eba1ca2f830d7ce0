"""What the asset graph tells a stranger of each asset beside what it does.

Owners by role, how personal its data are, columns of its table, the commit of its code, and by when
it should be there on a morning. Every asset has a line here; a test fails for one that lacks it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

import dagster as dg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from assets.core.names import (
    CONSENT_REGISTER,
    CONSTRUCT_MODEL,
    CONSTRUCT_RELATIONS,
    DASHBOARD,
    FORECAST,
    GROUP_SCORES,
    INBOX,
    LIFETIMES_ENFORCED,
    NAME_TAGGER,
    PLATFORM_EXPORT,
    PUBLIC_RECORDS,
    REGIONAL_AGGREGATES,
    REGIONAL_PULSE,
    REVIEWED_FACTS,
    SCRUBBED_VECTORS,
    STUDY_REGISTER,
    VALIDITY_REPORT,
)
from orchestration.partitions import TIMEZONE
from resources.base.database.tables import (
    consent_events,
    export_reports,
    group_scores,
    pulse_values,
    regional_values,
    reviewed_facts,
    vectors,
)
from resources.base.program import code_version

Table: TypeAlias = sa.Table | Sequence[tuple[str, str, str]]
"""A table of the database, or the names, types and meanings of the columns of a file."""

TIER = "tideline/privacy"
"""The tag that says how personal an asset's data are."""


class Tier(StrEnum):
    """How personal an asset's data are."""

    PERSONAL = "personal"
    """Of people, if only encrypted or as keyed digests."""
    RESTRICTED = "restricted"
    """Of groups or of the study's staff; nothing of a single member."""
    PUBLIC = "public"
    """Published, or made of nothing else."""
    NO_DATA = "no-data"
    """Of nobody."""


@dataclass(frozen=True)
class Told:
    """What the graph tells of one asset.

    Attributes:
        owners: roles; the first answers for what the asset means, the others for that it runs.
        tier: how personal its data are.
        table: the table that it fills or stands for, if any.
        freshness: by when it should be there; None where nothing asks for it every day.
    """

    owners: tuple[str, ...]
    tier: Tier
    table: Table | None = None
    freshness: dg.FreshnessPolicy | None = None


def _by(hour: int, minute: int, *, since: timedelta) -> dg.FreshnessPolicy:
    """Made on each day between `since` before this time (Europe/London) and the time itself."""
    return dg.FreshnessPolicy.cron(
        deadline_cron=f"{minute} {hour} * * *", lower_bound_delta=since, timezone=TIMEZONE
    )


_ENGINEERS = "team:data-engineering"
_RESEARCH = "team:research"
_RESPONSIBLE = "team:responsible-officer"
_COORDINATION = "team:coordination"
_PUBLICATION = "team:publication"

# The morning's schedules are at 4:30 and 6:30 (`orchestration.schedules`).
_COLLECTED = _by(6, 0, since=timedelta(hours=2))
_RELEASED = _by(7, 30, since=timedelta(hours=1, minutes=30))
_PUBLISHED = _by(8, 30, since=timedelta(hours=2, minutes=30))

_FORECAST_COLUMNS = (
    ("day", "date", "Day that is forecast, or last day of the week"),
    ("mean", "number", "The forecast, 0 to 1"),
    ("lo80", "number", "Low end of the range of 80 of 100 coming values"),
    ("hi80", "number", "Its high end"),
    ("lo95", "number", "Low end of the range of 95 of 100"),
    ("hi95", "number", "Its high end"),
)


TOLD: Mapping[str, Told] = {
    STUDY_REGISTER: Told((_RESPONSIBLE,), Tier.RESTRICTED),
    CONSENT_REGISTER: Told((_RESPONSIBLE, _COORDINATION), Tier.PERSONAL, consent_events),
    INBOX: Told((_COORDINATION, _ENGINEERS), Tier.PERSONAL),
    NAME_TAGGER: Told((_RESEARCH, _ENGINEERS), Tier.NO_DATA),
    CONSTRUCT_MODEL: Told((_RESEARCH, _ENGINEERS), Tier.NO_DATA),
    PLATFORM_EXPORT: Told((_ENGINEERS,), Tier.RESTRICTED, export_reports, _COLLECTED),
    SCRUBBED_VECTORS: Told((_ENGINEERS,), Tier.PERSONAL, vectors, _COLLECTED),
    GROUP_SCORES: Told((_ENGINEERS,), Tier.RESTRICTED, group_scores, _COLLECTED),
    REGIONAL_AGGREGATES: Told(
        (_RESPONSIBLE, _ENGINEERS), Tier.PUBLIC, regional_values, freshness=_RELEASED
    ),
    REGIONAL_PULSE: Told((_RESEARCH, _ENGINEERS), Tier.RESTRICTED, pulse_values),
    LIFETIMES_ENFORCED: Told(
        (_RESPONSIBLE, _ENGINEERS),
        Tier.RESTRICTED,
        freshness=dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=3)),
    ),
    VALIDITY_REPORT: Told((_RESEARCH,), Tier.RESTRICTED),
    FORECAST: Told(
        (_PUBLICATION, _ENGINEERS), Tier.PUBLIC, _FORECAST_COLUMNS, freshness=_PUBLISHED
    ),
    REVIEWED_FACTS: Told(
        (_RESPONSIBLE, _ENGINEERS), Tier.PUBLIC, reviewed_facts, freshness=_RELEASED
    ),
    PUBLIC_RECORDS: Told((_PUBLICATION, _ENGINEERS), Tier.PUBLIC, freshness=_PUBLISHED),
    CONSTRUCT_RELATIONS: Told((_PUBLICATION, _ENGINEERS), Tier.PUBLIC, freshness=_PUBLISHED),
    DASHBOARD: Told((_PUBLICATION, _ENGINEERS), Tier.PUBLIC, freshness=_PUBLISHED),
}
"""Of each asset, by name."""

REGISTERS = (
    dg.AssetSpec(
        STUDY_REGISTER,
        description=(
            "What the study decided and who approved it, entry by entry (`study.yaml` and its"
            " signatures). People write it; what does not stand stops `collect` or `publish`."
        ),
        kinds={"yaml"},
        group_name="registers",
    ),
    dg.AssetSpec(
        CONSENT_REGISTER,
        description=(
            "Consents of groups and what their members said, as events that are only ever added."
            " Commands write it; it is asked whenever something is read, and again at the release."
        ),
        kinds={"postgres"},
        group_name="registers",
    ),
    dg.AssetSpec(
        INBOX,
        description=(
            "Exports as the groups' admins delivered them, sealed to the home's key on receipt."
            " Only the collect step opens one; a spent or old one is destroyed."
        ),
        kinds={"file"},
        group_name="registers",
    ),
)
"""What no run makes and all of them ask: external assets, at the beginning of every line."""


def described(
    assets: Iterable[dg.AssetsDefinition | dg.AssetSpec], files: Mapping[str, Table] | None = None
) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Assets with all that the graph tells of them.

    Args:
        assets: of a code location.
        files: columns of what its assets write into files, by the asset's name.

    Raises:
        KeyError: for an asset that `TOLD` has no line of.
    """

    def told(spec: dg.AssetSpec) -> dg.AssetSpec:
        return _told(spec, (files or {}).get(spec.key.to_user_string()))

    return [
        told(one) if isinstance(one, dg.AssetSpec) else one.map_asset_specs(told) for one in assets
    ]


def _told(spec: dg.AssetSpec, file: Table | None) -> dg.AssetSpec:
    own = TOLD[spec.key.to_user_string()]
    columns = _schema(file if own.table is None else own.table)
    return spec.replace_attributes(
        owners=own.owners,
        tags={**_own_tags(spec), TIER: own.tier.value},
        metadata={**spec.metadata, **({"dagster/column_schema": columns} if columns else {})},
        code_version=code_version(),
        freshness_policy=own.freshness,
    )


def _own_tags(spec: dg.AssetSpec) -> dict[str, str]:
    """Its tags but for kinds, which Dagster keeps beside them and puts back."""
    return {name: one for name, one in spec.tags.items() if not name.startswith("dagster/kind/")}


def _schema(table: Table | None) -> dg.TableSchema | None:
    if table is None:
        return None
    if isinstance(table, sa.Table):
        return dg.TableSchema(
            [
                dg.TableColumn(
                    column.name,
                    column.type.compile(dialect=postgresql.dialect()).lower(),
                    constraints=dg.TableColumnConstraints(nullable=bool(column.nullable)),
                )
                for column in table.columns
            ]
        )
    return dg.TableSchema([dg.TableColumn(name, kind, said) for name, kind, said in table])
