"""What commands need of a home: its inbox, and the configuration of its Dagster instance."""

from datetime import timedelta

import yaml

from resources.base.home import Home
from resources.base.keys.long_lived_keys import load_identity
from resources.stores.inbox.inbox import Inbox

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def inbox_of(home: Home, *, with_identity: bool) -> Inbox:
    """The home's inbox, for commands; only the collect step asks for it with the identity.

    Raises:
        SetupError: what `Inbox` and its `refuse_versioned` raise.
        StorageError: `INBOX_NOT_REACHABLE`.
    """
    config = home.config
    inbox = Inbox(
        config.inbox,
        config.inbox_recipient,
        load_identity(home.secrets) if with_identity else None,
        timedelta(days=config.inbox_lifetime_days),
        options=config.inbox_options,
        unversioned_attested=config.inbox_unversioned_attested,
    )
    inbox.refuse_versioned()
    return inbox


def instance_configuration(template: str, home: Home) -> str:
    """The project's `dagster.yaml` with the home's regions among the names that may be stored."""
    config = yaml.load(template, _LOADER)  # noqa: S506
    config["event_log_storage"]["config"]["known_names"] += home.regions
    return yaml.dump(config, Dumper=_DUMPER, sort_keys=False)
