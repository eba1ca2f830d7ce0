"""What the information asset register lists: every asset of the graph, table and thing of a home.

`python -m orchestration.information_assets` writes `assets/released/holdings_generated.json` of
them and of their descriptions (`information_assets.yaml` there); a test compares the two.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from assets import released
from assets.core.errors import SetupError
from assets.released.retention import LIFETIMES
from orchestration.partition_definitions import region_day_partitions
from orchestration.public import public_assets
from orchestration.restricted import restricted_assets
from resources.base.database.tables import metadata
from resources.maintenance.home_contents import THINGS

_HERE = Path(next(iter(released.__path__)))
DESCRIPTIONS = _HERE / "information_assets.yaml"
GENERATED = _HERE / "holdings_generated.json"
ABOUT = ("people", "groups", "staff", "nobody")
READERS = ("program", "engineers", "auditor", "everyone", "who delivers")
_FIELDS = {"holds", "about", "kept", "readers"}


def names_found() -> dict[str, list[str]]:
    """The names of all assets, tables and things of a home, as the program has them."""
    return {
        "assets": [one["name"] for one in _assets()],
        "tables": sorted(metadata.tables),
        "folders": [one.name for one in THINGS],
    }


def undescribed(
    found: Mapping[str, Iterable[str]], described: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Names without a description, descriptions of nothing, and descriptions that are not whole.

    Args:
        found: names by part: `assets`, `tables` and `folders`.
        described: by part and name, as the file has them.
    """
    wrong = []
    for part, names in found.items():
        about = described.get(part, {})
        wrong += [f"{part} {name}" for name in sorted(set(names) ^ set(about))]
        wrong += [f"{part} {name}" for name, one in about.items() if not _is_whole(one)]
    return wrong


def holdings() -> dict[str, Any]:
    """The register without a home's settings: by part, each thing with its description.

    Raises:
        SetupError: `INFORMATION_ASSET_NOT_DESCRIBED`.
    """
    described = yaml.safe_load(DESCRIPTIONS.read_text("utf-8"))
    if undescribed(names_found(), described):
        raise SetupError("INFORMATION_ASSET_NOT_DESCRIBED")
    return {
        "assets": [{**one, **described["assets"][one["name"]]} for one in _assets()],
        "tables": [
            {
                "name": name,
                "columns": [column.name for column in metadata.tables[name].columns],
                **described["tables"][name],
            }
            for name in sorted(metadata.tables)
        ],
        "folders": [
            {
                "name": one.name,
                "where": one.place.format(one.name),
                "in_backups": one.taken,
                **described["folders"][one.name],
            }
            for one in THINGS
        ],
    }


def generated() -> str:
    """The text of the generated file."""
    return json.dumps(holdings(), indent=1, ensure_ascii=False) + "\n"


def _is_whole(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and set(one) == _FIELDS
        and bool(one["holds"])
        and one["about"] in ABOUT
        and one["kept"] in LIFETIMES
        and bool(one["readers"])
        and set(one["readers"]) <= set(READERS)
    )


def _assets() -> Iterator[dict[str, Any]]:
    """Of both locations; partitions and folders stand for any home's."""
    days = region_day_partitions(date(2026, 1, 1), ["region"])
    for location, assets in (
        ("restricted", restricted_assets(days, Path("evidence"))),
        ("public", public_assets(days)),
    ):
        for spec in (spec for one in assets for spec in _specs(one)):
            yield {
                "name": spec.key.to_user_string(),
                "location": location,
                "made_of": sorted(one.asset_key.to_user_string() for one in spec.deps),
                "description": spec.description or "",
                "owners": sorted(spec.owners),
            }


def _specs(one: dg.AssetsDefinition | dg.AssetSpec) -> Iterable[dg.AssetSpec]:
    return [one] if isinstance(one, dg.AssetSpec) else one.specs


if __name__ == "__main__":
    GENERATED.write_text(generated(), "utf-8")
