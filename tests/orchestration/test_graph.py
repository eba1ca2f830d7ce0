"""The whole graph as one table: a change of any asset, job, sensor or schedule shows in review."""

from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.definitions.assets.graph.asset_graph import AssetNode

from assets.core.names import (
    CHECKS,
    EXTERNAL_ASSETS,
    PUBLIC_ASSETS,
    PUBLIC_CHECK_STEPS,
    PUBLIC_JOBS,
    RESTRICTED_ASSETS,
    RESTRICTED_JOBS,
)
from orchestration.instance_files import instance_template, top_level
from orchestration.lineage import TIER, TOLD, Tier, described
from orchestration.public import public_definitions
from orchestration.restricted import restricted_definitions
from resources.base.program import code_version

GRAPH = Path(__file__).with_name("graph.txt")
FEWEST_LETTERS = 40
PROJECT = Path(__file__).resolve().parents[2]


def _told(node: AssetNode) -> str:
    """What a stranger reads beside the name; a dash for what is missing."""
    schema = node.metadata.get("dagster/column_schema")
    columns = len(schema.columns) if schema else "-"
    fresh = node.freshness_policy
    deadline = getattr(fresh, "deadline_cron", "within a window") if fresh else "-"
    return (
        f"owners={','.join(node.owners) or '-'} tier={node.tags.get(TIER, '-')}"
        f" kinds={','.join(sorted(node.kinds)) or '-'} columns={columns}"
        f" code={'commit' if node.code_version == code_version() else '-'} fresh={deadline}"
    )


def _lines(location: str, definitions: dg.Definitions) -> list[str]:
    repository = definitions.get_repository_def()
    graph = repository.asset_graph
    lines = [
        f"{location} external {key.to_user_string()} {_told(graph.get(key))}"
        for key in sorted(graph.external_asset_keys, key=str)
        # The other location defines what this one only names.
        if graph.get(key).group_name != "default"
    ]
    for key in sorted(graph.materializable_asset_keys, key=str):
        node = graph.get(key)
        parents = ",".join(sorted(parent.to_user_string() for parent in node.parent_keys)) or "-"
        dimensions = node.partitions_def.partition_dimension_names if node.partitions_def else ["-"]
        partitions = ",".join(dimensions)
        checks = ",".join(sorted(check.name for check in node.check_keys)) or "-"
        backfill = node.backfill_policy.policy_type.value if node.backfill_policy else "-"
        lines.append(
            f"{location} asset {key.to_user_string()} group={node.group_name} from={parents}"
            f" partitions={partitions} checks={checks} backfill={backfill}"
            f" {_told(node)}"
        )
    for job in sorted(repository.get_all_jobs(), key=lambda one: one.name):
        if not job.name.startswith("__"):
            made = sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
            lines.append(f"{location} job {job.name} assets={','.join(made)}")
    lines += [
        f"{location} schedule {one.name} cron={one.cron_schedule} zone={one.execution_timezone}"
        for one in sorted(repository.schedule_defs, key=lambda one: one.name)
    ]
    lines += [
        f"{location} sensor {one.name} every={one.minimum_interval_seconds}s"
        for one in sorted(repository.sensor_defs, key=lambda one: one.name)
    ]
    return lines


def test_the_graph_is_as_reviewed(session) -> None:
    found = [
        *_lines("restricted", restricted_definitions(session.home, session.clock)),
        *_lines("public", public_definitions(session.home, session.clock)),
    ]
    assert found == GRAPH.read_text("utf-8").splitlines()


def test_every_name_is_of_a_definition_and_every_definition_is_named() -> None:
    """The graph is what the definitions are, see above; their names are written in one module."""
    found: dict[tuple[str, str], set[str]] = {}
    checks: set[str] = set()
    for line in GRAPH.read_text("utf-8").splitlines():
        location, kind, name, *told = line.split()
        found.setdefault((location, kind), set()).add(name)
        checks |= {
            check
            for one in told
            if one.startswith("checks=")
            for check in one.removeprefix("checks=").split(",")
        }
    assert found["restricted", "external"] == set(EXTERNAL_ASSETS)
    assert found["restricted", "asset"] == set(RESTRICTED_ASSETS)
    assert found["public", "asset"] == set(PUBLIC_ASSETS)
    assert found["restricted", "job"] == set(RESTRICTED_JOBS)
    assert found["public", "job"] == set(PUBLIC_JOBS)
    assert checks - {"-"} == set(CHECKS)


def test_the_sealed_log_knows_every_name() -> None:
    config = yaml.safe_load(instance_template())["event_log_storage"]["config"]
    assert sorted(config["known_names"]) == sorted(
        [
            *EXTERNAL_ASSETS,
            *RESTRICTED_ASSETS,
            *PUBLIC_ASSETS,
            *CHECKS,
            *RESTRICTED_JOBS,
            *PUBLIC_JOBS,
        ]
    )
    assert config["public_jobs"] == list(PUBLIC_JOBS)
    assert config["public_steps"] == [*PUBLIC_ASSETS, *PUBLIC_CHECK_STEPS]


@pytest.mark.parametrize(("name", "text"), top_level().items())
def test_the_copies_at_the_top_are_those_that_the_package_holds(name: str, text: str) -> None:
    """Written by `python -m orchestration.instance_files`."""
    assert (PROJECT / name).read_text("utf-8") == text


def test_an_unsealed_step_is_public(session) -> None:
    public = public_definitions(session.home, session.clock).get_repository_def().asset_graph
    assert {key.to_user_string() for key in public.materializable_asset_keys} == set(PUBLIC_ASSETS)


def test_every_asset_is_told_so_that_a_stranger_can_read_it(session) -> None:
    """Description, owners, tier and kinds of each; a table's columns where it has one."""
    found = set()
    for definitions in (restricted_definitions, public_definitions):
        graph = definitions(session.home, session.clock).get_repository_def().asset_graph
        for node in graph.asset_nodes:
            if node.group_name == "default":
                continue
            name = node.key.to_user_string()
            assert len(node.description or "") >= FEWEST_LETTERS, name
            assert node.owners, name
            assert node.tags[TIER] in set(Tier), name
            assert node.kinds, name
            found.add(name)
    assert found == set(TOLD)


def test_an_asset_that_nobody_described_is_refused() -> None:
    @dg.asset
    def another() -> None: ...

    with pytest.raises(KeyError, match="another"):
        described([another])
