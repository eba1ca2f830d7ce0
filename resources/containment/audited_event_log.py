"""Dagster's storage as an auditor opens it: everything can be read, and nothing is written.

The database's role refuses every write (`Role.AUDITOR`); here Dagster is kept from trying those
that it makes by itself where somebody only looks.
"""

from typing import Any

import yaml

from resources.containment.sealed_event_log import SealedPostgresEventLogStorage

_STORAGES = ("run_storage", "schedule_storage", "event_log_storage")


class AuditedEventLogStorage(SealedPostgresEventLogStorage):
    """The home's event log, whose pages keep no notes of their own."""

    def can_write_asset_status_cache(self) -> bool:
        """Never: of an asset's partitions the pages would note which are there."""
        return False


def audited_configuration(configuration: str) -> str:
    """The text of a home's `dagster.yaml` as an auditor's processes need it.

    Args:
        configuration: as `instance_configuration` gives it.
    """
    written: dict[str, Any] = yaml.safe_load(configuration)
    for name in _STORAGES:
        written[name]["config"]["should_autocreate_tables"] = False
    log = written["event_log_storage"]
    log["module"], log["class"] = __name__, AuditedEventLogStorage.__name__
    return yaml.safe_dump(written, sort_keys=False)
