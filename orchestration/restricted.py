"""The restricted code location: everything that may hold text or a group's numbers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from assets.core.names import CONSTRUCT_MODEL
from assets.restricted.collection.asset import define_platform_export
from assets.restricted.collection.checks import CHECKS_OF_REFUSALS, define_check_of_refusals
from assets.restricted.lifetimes.asset import lifetimes_enforced
from assets.restricted.pulse.asset import regional_pulse
from assets.restricted.release.asset import define_regional_aggregates
from assets.restricted.release.checks import define_values_as_agreed
from assets.restricted.reviewed_facts.asset import reviewed_facts
from assets.restricted.scoring.asset import define_group_scores
from assets.restricted.scoring.checks import define_scores_in_range
from assets.restricted.scoring.construct_model.asset import construct_model
from assets.restricted.scrubbing.asset import define_scrubbed_vectors
from assets.restricted.scrubbing.checks import define_only_vectors_stored
from assets.restricted.scrubbing.name_tagger.asset import name_tagger
from evaluation.validity.asset import define_validity_report
from orchestration.alerts.sensors import failed_runs_sensor, overdue_assets_sensor
from orchestration.beta import single_run_backfills
from orchestration.jobs import collect, lifetimes, pulse, release, validity
from orchestration.lineage import REGISTERS, described
from orchestration.partition_definitions import region_day_partitions
from orchestration.schedules import (
    hourly_lifetimes,
    morning_collect,
    morning_pulse,
    morning_release,
)
from orchestration.sensors import consented_export_sensor
from resources.base.clock import Clock
from resources.base.database.postgres import postgres_url
from resources.base.home import Home, load_home
from resources.containment.hardening import harden
from resources.wiring.restricted import restricted_resources


@single_run_backfills()
def restricted_assets(
    region_days: dg.PartitionsDefinition, evidence: Path
) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The assets of the location, and the registers and stores outside it that they hang on.

    Args:
        region_days: partitions of a home.
        evidence: folder that the validity report is written into.
    """
    return described(
        [
            *REGISTERS,
            name_tagger,
            construct_model,
            define_platform_export(region_days),
            define_scrubbed_vectors(region_days),
            define_group_scores(region_days),
            define_regional_aggregates(region_days),
            reviewed_facts,
            regional_pulse,
            lifetimes_enforced,
            define_validity_report(evidence, deps=[CONSTRUCT_MODEL]),
        ]
    )


@single_run_backfills()
def restricted_definitions(
    home: Home, clock: Clock | None = None, resources: Mapping[str, Any] | None = None
) -> dg.Definitions:
    """The location of a home.

    Args:
        home: the home.
        clock: what its steps take for the time; the real one by default.
        resources: other ones than the home's own, none of which is then opened.

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE`, `MEMBER_KEY_INVALID`.
        SetupError: what `Inbox` raises.
    """
    region_days = region_day_partitions(home.config.first_day, home.regions)
    return dg.Definitions(
        assets=restricted_assets(region_days, home.root / "evidence"),
        asset_checks=[
            *(define_check_of_refusals(step, region_days) for step in CHECKS_OF_REFUSALS),
            define_only_vectors_stored(region_days),
            define_scores_in_range(region_days),
            define_values_as_agreed(region_days),
        ],
        jobs=[collect, release, lifetimes, validity, pulse],
        schedules=[morning_collect, morning_release, morning_pulse, hourly_lifetimes],
        sensors=[consented_export_sensor, failed_runs_sensor, overdue_assets_sensor],
        resources=restricted_resources(home, postgres_url(home.postgres), clock or Clock())
        if resources is None
        else resources,
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The location of the home at TIDELINE_HOME, in a process that no other one looks into.

    It loads whatever else is missing, so that `lifetimes` always runs; steps that read ask for more
    (`resources.wiring.before_reading`).
    """
    harden()
    return restricted_definitions(load_home())
