"""The one resource of a restricted asset: the home's stores, and what guards them."""

from dataclasses import dataclass

from resources.base.clock import Clock
from resources.base.home import HomeConfig
from resources.stores.chain.hash_chain import HashChain
from resources.stores.connect.of_home import ConnectorsOfHome
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.inbox.collection_records import CollectionRecords
from resources.stores.inbox.day_notices import DayNotices
from resources.stores.inbox.inbox import Inbox
from resources.stores.leaving.leaving import Leaving
from resources.stores.leaving.lifetimes import Lifetimes
from resources.stores.leaving.spent_exports import SpentExports
from resources.stores.members.member_register import MemberRegister
from resources.stores.portal.take_over import TakingOver
from resources.stores.published.published_values import PublishedValues
from resources.stores.pulse.answer_book import AnswerBook
from resources.stores.pulse.pulse_values import PulseValues
from resources.stores.region_days import RegionDays
from resources.stores.release.evidence import EvidenceRecords
from resources.stores.release.release_journal import ReleaseJournal
from resources.stores.release.release_ledger import ReleaseLedger
from resources.stores.release.release_methods import ReleaseMethods
from resources.stores.release.release_store import ReleaseStore
from resources.stores.requests.request_book import RequestBook
from resources.stores.reviewed.fact_book import FactBook
from resources.stores.scores.score_revisions import ScoreRevisions
from resources.stores.scores.score_store import ScoreStore
from resources.stores.surveys.survey_store import SurveyStore
from resources.stores.vectors.scrub_records import ScrubRecords
from resources.stores.vectors.vector_store import VectorStore
from resources.wiring.before_reading import BeforeReading


@dataclass(frozen=True)
class RestrictedContext:
    """What the restricted location works with; made by `resources.wiring.restricted`.

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
    request_book: RequestBook
    inbox: Inbox
    records: CollectionRecords
    notices: DayNotices
    region_day_locks: RegionDays
    vector_store: VectorStore
    score_store: ScoreStore
    score_revisions: ScoreRevisions
    survey_store: SurveyStore
    answer_book: AnswerBook
    pulse_values: PulseValues
    published_values: PublishedValues
    scrub_records: ScrubRecords
    release_store: ReleaseStore
    evidence_records: EvidenceRecords
    release_ledger: ReleaseLedger
    release_journal: ReleaseJournal
    release_methods: ReleaseMethods
    fact_book: FactBook
    leaving: Leaving
    spent_exports: SpentExports
    lifetimes: Lifetimes
    taking_over: TakingOver
    chain: HashChain
    connectors: ConnectorsOfHome
