"""Everything that the restricted location works with, made from a home."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.engine import URL

from resources.clock import Clock
from resources.collection_records import CollectionRecords
from resources.consent_register import ConsentRegister
from resources.database import Database
from resources.home import Home
from resources.inbox import Inbox
from resources.keys import KeyStore
from resources.keys_of_home import KeysOfHome
from resources.lifetimes import Lifetimes
from resources.long_lived_keys import load_identity
from resources.members import MemberRegister
from resources.no_values import NoValuesIOManager
from resources.notices import Notices
from resources.published_values import PublishedValues
from resources.region_days import RegionDays
from resources.release_journal import ReleaseJournal
from resources.release_ledger import ReleaseLedger
from resources.release_methods import ReleaseMethods
from resources.release_store import ReleaseStore
from resources.score_revisions import ScoreRevisions
from resources.score_store import ScoreStore
from resources.scrub_records import ScrubRecords
from resources.survey_store import SurveyStore
from resources.vector_store import VectorStore


def restricted_resources(home: Home, url: URL, clock: Clock) -> dict[str, Any]:
    """The restricted location's resources, by the names that its assets ask for.

    The master and the member key are loaded when they are first needed; a step that has to have
    them says so before it writes anything (`require_keys`).

    Raises:
        SetupError: what `inbox_of` raises.
    """
    config = home.config
    database = Database(url)
    long_lived = KeysOfHome(home.secrets, database)
    keys = KeyStore(home.keys, long_lived.master)
    score_store = ScoreStore(database, keys)
    scrub_records = ScrubRecords(database)
    inbox = inbox_of(home, with_identity=True)
    return {
        "settings": config,
        "clock": clock,
        "register": ConsentRegister(database, config.mode, home.regions),
        "members": MemberRegister(database, long_lived.member),
        "inbox": inbox,
        "records": CollectionRecords(database, config.mode),
        "notices": Notices(database),
        "region_day_locks": RegionDays(database),
        "vector_store": VectorStore(database, home.vectors, keys),
        "score_store": score_store,
        "score_revisions": ScoreRevisions(database, keys),
        "survey_store": SurveyStore(home.root / "surveys", keys),
        "published_values": PublishedValues(url),
        "scrub_records": scrub_records,
        "release_store": ReleaseStore(database),
        "release_ledger": ReleaseLedger(database),
        "release_journal": ReleaseJournal(home.root / "release-journal"),
        "release_methods": ReleaseMethods(database),
        "lifetimes": Lifetimes(
            database,
            inbox,
            score_store,
            scrub_records,
            timedelta(days=config.score_lifetime_days),
        ),
        "io_manager": NoValuesIOManager(),
    }


def inbox_of(home: Home, *, with_identity: bool) -> Inbox:
    """The home's inbox; only the collect step asks for it with the identity.

    Raises:
        SetupError: what `Inbox` and its `refuse_versioned` raise.
        StorageError: `INBOX_NOT_REACHABLE`.
    """
    identity = None
    if with_identity:
        identity = load_identity(home.secrets)
    inbox = Inbox(
        home.config.inbox,
        home.config.inbox_recipient,
        identity,
        timedelta(days=home.config.inbox_lifetime_days),
        options=home.config.inbox_options,
        unversioned_attested=home.config.inbox_unversioned_attested,
    )
    inbox.refuse_versioned()
    return inbox


def instance_configuration(template: Path, home: Home) -> str:
    """The project's `dagster.yaml` with the home's regions among the names that may be stored."""
    config = yaml.safe_load(template.read_text("utf-8"))
    config["event_log_storage"]["config"]["known_names"] += home.regions
    return yaml.safe_dump(config, sort_keys=False)
