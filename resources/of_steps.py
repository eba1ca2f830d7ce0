"""Everything that the restricted location works with, made from a home."""

from typing import Any

from sqlalchemy.engine import URL

from resources.before_reading import BeforeReading
from resources.clock import Clock
from resources.collection_records import CollectionRecords
from resources.database import Database
from resources.home import Home
from resources.keys_of_home import KeysOfHome
from resources.long_lived_keys import load_identity
from resources.members import MemberRegister
from resources.no_values import NoValuesIOManager
from resources.notices import Notices
from resources.of_leaving import WaysOut
from resources.published_values import PublishedValues
from resources.region_days import RegionDays
from resources.release_journal import ReleaseJournal
from resources.release_ledger import ReleaseLedger
from resources.release_methods import ReleaseMethods
from resources.release_store import ReleaseStore
from resources.score_revisions import ScoreRevisions
from resources.scrub_records import ScrubRecords


def restricted_resources(home: Home, url: URL, clock: Clock) -> dict[str, Any]:
    """The restricted location's resources, by the names that its assets ask for.

    The master and the member key are loaded when they are first needed; a step that has to have
    them says so before it writes anything (`before_reading`).

    Raises:
        SetupError: what `Inbox` raises.
    """
    config = home.config
    database = Database(url)
    keys = KeysOfHome(home.secrets, database)
    out = WaysOut(home, database, load_identity(home.secrets))
    return {
        "settings": config,
        "clock": clock,
        "before_reading": BeforeReading(home, out.reconciliation, out.inbox, keys, clock),
        "register": out.register,
        "members": MemberRegister(database, keys.member, out.journal),
        "inbox": out.inbox,
        "records": CollectionRecords(database, config.mode),
        "notices": Notices(database),
        "region_day_locks": RegionDays(database),
        "vector_store": out.vectors,
        "score_store": out.scores,
        "score_revisions": ScoreRevisions(database, out.keys),
        "survey_store": out.surveys,
        "published_values": PublishedValues(url),
        "scrub_records": ScrubRecords(database),
        "release_store": ReleaseStore(database),
        "release_ledger": ReleaseLedger(database),
        "release_journal": ReleaseJournal(home.release_journal),
        "release_methods": ReleaseMethods(database),
        "leaving": out.leaving,
        "spent_exports": out.spent_exports,
        "lifetimes": out.lifetimes,
        "io_manager": NoValuesIOManager(),
    }
