"""Everything that the restricted location works with, made from a home."""

from typing import Any

from sqlalchemy.engine import URL

from resources.base.clock import Clock
from resources.base.database.connection import Database
from resources.base.home import Home
from resources.base.keys.keys_of_home import KeysOfHome
from resources.base.keys.long_lived_keys import load_identity
from resources.stores.chain.hash_chain import HashChain
from resources.stores.inbox.collection_records import CollectionRecords
from resources.stores.inbox.day_notices import DayNotices
from resources.stores.members.member_register import MemberRegister
from resources.stores.published.published_values import PublishedValues
from resources.stores.pulse.answer_book import AnswerBook
from resources.stores.pulse.pulse_values import PulseValues
from resources.stores.region_days import RegionDays
from resources.stores.release.evidence import EvidenceRecords
from resources.stores.release.release_journal import ReleaseJournal
from resources.stores.release.release_ledger import ReleaseLedger
from resources.stores.release.release_methods import ReleaseMethods
from resources.stores.release.release_store import ReleaseStore
from resources.stores.requests.matching import Matching
from resources.stores.requests.request_book import RequestBook
from resources.stores.reviewed.fact_book import FactBook
from resources.stores.scores.score_revisions import ScoreRevisions
from resources.stores.vectors.scrub_records import ScrubRecords
from resources.wiring.before_reading import BeforeReading
from resources.wiring.context import RestrictedContext
from resources.wiring.no_values import NoValuesIOManager
from resources.wiring.ways_out import WaysOut


def restricted_context(home: Home, url: URL, clock: Clock) -> RestrictedContext:
    """All that the restricted location's assets work with.

    The master and the member key are loaded when they are first needed; a step that has to have
    them says so before it writes anything (`before_reading`).

    Raises:
        SetupError: what `Inbox` raises.
    """
    config = home.config
    database = Database(url)
    keys = KeysOfHome(home.secrets, database)
    out = WaysOut(home, database, load_identity(home.secrets))
    request_book = RequestBook(database, out.inbox.opened, clock.now)
    return RestrictedContext(
        settings=config,
        clock=clock,
        before_reading=BeforeReading(
            home, out.reconciliation, out.inbox, keys, clock, out.incidents
        ),
        register=out.register,
        members=MemberRegister(
            database, keys.member, out.journal, Matching(request_book, clock).roll
        ),
        request_book=request_book,
        inbox=out.inbox,
        records=CollectionRecords(database, config.mode),
        notices=DayNotices(database),
        region_day_locks=RegionDays(database),
        vector_store=out.vectors,
        score_store=out.scores,
        score_revisions=ScoreRevisions(database, out.keys),
        survey_store=out.surveys,
        answer_book=AnswerBook(database, out.inbox.opened),
        pulse_values=PulseValues(database),
        published_values=PublishedValues(url),
        scrub_records=ScrubRecords(database),
        release_store=ReleaseStore(database),
        evidence_records=EvidenceRecords(database),
        release_ledger=ReleaseLedger(database),
        release_journal=ReleaseJournal(home.release_journal),
        release_methods=ReleaseMethods(database),
        fact_book=FactBook(database),
        leaving=out.leaving,
        spent_exports=out.spent_exports,
        lifetimes=out.lifetimes,
        taking_over=out.taking_over,
        chain=HashChain(database),
        connectors=out.connectors,
    )


def restricted_resources(home: Home, url: URL, clock: Clock) -> dict[str, Any]:
    """The restricted location's resources, by the names that ask for them.

    Assets and their checks ask for `restricted`, all of it; schedules and sensors, which read
    nothing, for the few that they need.

    Raises:
        SetupError: what `Inbox` raises.
    """
    whole = restricted_context(home, url, clock)
    return {**vars(whole), "restricted": whole, "io_manager": NoValuesIOManager()}
