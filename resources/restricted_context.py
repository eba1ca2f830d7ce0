"""The one resource of a restricted asset: the home's stores, and what guards them."""

from dataclasses import dataclass

from resources.before_reading import BeforeReading
from resources.clock import Clock
from resources.collection_records import CollectionRecords
from resources.consent_register import ConsentRegister
from resources.home import HomeConfig
from resources.inbox import Inbox
from resources.leaving import Leaving
from resources.lifetimes import Lifetimes
from resources.members import MemberRegister
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
from resources.spent_exports import SpentExports
from resources.survey_store import SurveyStore
from resources.vector_store import VectorStore


@dataclass(frozen=True)
class RestrictedContext:
    """What the restricted location works with; made by `resources.of_home.restricted_context`.

    Attributes:
        settings: of the home.
        clock: says what time it is.
        before_reading: what has to hold before a step reads, scores or releases.
        region_day_locks: one writer for each region-day.
    """

    settings: HomeConfig
    clock: Clock
    before_reading: BeforeReading
    register: ConsentRegister
    members: MemberRegister
    inbox: Inbox
    records: CollectionRecords
    notices: Notices
    region_day_locks: RegionDays
    vector_store: VectorStore
    score_store: ScoreStore
    score_revisions: ScoreRevisions
    survey_store: SurveyStore
    published_values: PublishedValues
    scrub_records: ScrubRecords
    release_store: ReleaseStore
    release_ledger: ReleaseLedger
    release_journal: ReleaseJournal
    release_methods: ReleaseMethods
    leaving: Leaving
    spent_exports: SpentExports
    lifetimes: Lifetimes
