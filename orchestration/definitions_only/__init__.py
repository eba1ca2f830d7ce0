"""Both code locations as an auditor sees them: the whole graph, and nothing that could run it.

They need `home.yaml` for regions and days, and no key, no database and no inbox.
"""

from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from assets.core.errors import SetupError

WORKSPACE = Path(__file__).with_name("workspace.yaml")


def _refuse(_: dg.InitResourceContext) -> None:
    raise SetupError("AUDIT_READS_ONLY")


def refusing(names: Iterable[str]) -> dict[str, dg.ResourceDefinition]:
    """Resources of these names, none of which can be had: `AUDIT_READS_ONLY`."""
    return {name: dg.ResourceDefinition(resource_fn=_refuse) for name in names}
