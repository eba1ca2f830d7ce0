"""What leaving and lifetimes work with, made from a home: no secret of it is opened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from assets.core.errors import StudyError
from assets.core.london_time import LONDON
from assets.core.modes import Mode
from assets.core.platforms import PLATFORMS
from resources.base.database.connection import Database
from resources.base.home import Home
from resources.base.keys.key_store import KeyStore
from resources.base.keys.keys_of_home import KeysOfHome
from resources.stores.connect.of_home import ConnectorsOfHome, Consents
from resources.stores.consent.admin_addresses import AdminAddresses
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.consent.consent_terms import AgreedNotice, ConsentRules, MemberBasis
from resources.stores.consent.departures import Departures
from resources.stores.consent.leaving_journal import LeavingJournal
from resources.stores.consent.sealed_lines import Sealing
from resources.stores.inbox.collection_records import CollectionRecords
from resources.stores.inbox.inbox import Inbox
from resources.stores.incidents.incidents import Incidents
from resources.stores.leaving.leaving import Leaving
from resources.stores.leaving.lifetimes import Lifetimes, Periods
from resources.stores.leaving.reconciliation import Reconciliation
from resources.stores.leaving.spent_exports import SpentExports
from resources.stores.portal.of_home import PortalOfHome
from resources.stores.portal.revocations import Revocations
from resources.stores.portal.take_over import TakingOver
from resources.stores.region_days import RegionDays
from resources.stores.release.release_journal import ReleaseJournal
from resources.stores.scores.score_store import ScoreStore
from resources.stores.surveys.survey_store import SurveyStore
from resources.stores.vectors.scrub_records import ScrubRecords
from resources.stores.vectors.vector_store import VectorStore


@dataclass(frozen=True)
class WaysOut:
    """Made where they are asked for.

    Attributes:
        home: the home.
        database: its database.
        identity: of the inbox, in a process that may open it.
    """

    home: Home
    database: Database
    identity: str | None = None

    @cached_property
    def keys(self) -> KeyStore:
        """Keys of group-days; to destroy one takes no master key."""
        own = KeysOfHome(self.home.secrets, self.database)
        return KeyStore(
            self.home.keys,
            own.master,
            self.incidents.require_none,
            making=own.making,
            masters=own.masters,
        )

    @cached_property
    def addresses(self) -> AdminAddresses:
        """Where admins are reminded."""
        return AdminAddresses(self.home.secrets / "admin-addresses")

    @cached_property
    def incidents(self) -> Incidents:
        """While one is open nothing is read."""
        return Incidents(self.database)

    @cached_property
    def journal(self) -> LeavingJournal:
        """Who left and who objected."""
        key = KeysOfHome(self.home.secrets, self.database).member
        return LeavingJournal(self.home.leaving_journal, Sealing(key))

    @cached_property
    def register(self) -> ConsentRegister:
        """Of consents."""
        config = self.home.config
        rules = ConsentRules(
            cooling_off=config.cooling_off,
            close_after_days=config.close_after_days,
            member_bases=tuple(map(MemberBasis, config.member_bases)),
            basis_must_be_stated=config.mode is Mode.STUDY,
            agreed_notice=self._agreed_notice,
            permitted_platforms=self._permitted_platforms,
        )
        return ConsentRegister(self.database, config.mode, self.home.regions, self.journal, rules)

    def _agreed_notice(self) -> AgreedNotice | None:
        if self.home.config.mode is not Mode.STUDY:
            return None
        # Whoever leaves waits for no library, and needs no register.
        from resources.stores.study.entry_forms import Notice  # noqa: PLC0415
        from resources.stores.study.register import file_of, read_register  # noqa: PLC0415

        try:
            notice = read_register(file_of(self.home)).entry(Notice)
        except StudyError:
            return None
        return AgreedNotice(notice.version, frozenset(notice.texts.values()))

    def _permitted_platforms(self) -> frozenset[str]:
        every = frozenset(PLATFORMS)
        if self.home.config.mode is not Mode.STUDY:
            return every
        from resources.stores.study.entry_forms import PlatformPermission  # noqa: PLC0415
        from resources.stores.study.register import file_of, read_register  # noqa: PLC0415

        try:
            return frozenset(read_register(file_of(self.home)).entry(PlatformPermission).platforms)
        except StudyError:
            # Nothing is read either, and a consent may be recorded before the register is whole.
            return every

    @cached_property
    def inbox(self) -> Inbox:
        """The inbox; whether it answers shows when it is used.

        Raises:
            SetupError: what `Inbox` raises.
        """
        config = self.home.config
        return Inbox(
            config.inbox,
            config.inbox_recipient,
            self.identity,
            timedelta(days=config.inbox_lifetime_days),
            options=config.inbox_options,
            unversioned_attested=config.inbox_unversioned_attested,
            departures=Departures(self.database).of_exports,
            require_reading=self.incidents.require_none,
        )

    @cached_property
    def vectors(self) -> VectorStore:
        """Of group-days."""
        return VectorStore(self.database, self.home.vectors, self.keys)

    @cached_property
    def scores(self) -> ScoreStore:
        """Of group-days."""
        return ScoreStore(self.database, self.keys)

    @cached_property
    def surveys(self) -> SurveyStore:
        """Of groups."""
        return SurveyStore(self.home.surveys, self.keys)

    @cached_property
    def revocations(self) -> Revocations:
        """Of keys of the portal's invitations."""
        return Revocations(PortalOfHome(self.home.portal), self.journal)

    @cached_property
    def reconciliation(self) -> Reconciliation:
        """Of database and journals."""
        return Reconciliation(
            self.database,
            self.journal,
            ReleaseJournal(self.home.release_journal),
            self.revocations,
            timedelta(days=self.home.config.member_record_lifetime_days),
        )

    @cached_property
    def taking_over(self) -> TakingOver:
        """What admins answered on the portal."""
        portal, cooling_off = PortalOfHome(self.home.portal), self.home.config.cooling_off
        is_whole = self.reconciliation.is_complete
        return TakingOver(self.database, self.register, portal, cooling_off, is_whole)

    @cached_property
    def connectors(self) -> ConnectorsOfHome:
        """What pulls chats by itself; none in most homes."""
        return ConnectorsOfHome(self.home.connectors)

    def refresh_connectors(self, now: datetime) -> None:
        """Write the lists of rooms anew; raises as `ConnectorsOfHome.refresh`."""
        if self.connectors.platforms():
            self.reconciliation.require(now)
            register = self.register
            consents = Consents(
                states=register.consents,
                spans=lambda: [
                    one for region in self.home.regions for one in register.spans(region)
                ],
                permits=register.rules.permits,
                stops=self._stops_collecting,
                mode=self.home.config.mode,
            )
            self.connectors.refresh(consents, now)

    def _stops_collecting(self, now: datetime) -> str | None:
        """The code of what stops all reading."""
        from assets.core.study_entries import Action  # noqa: PLC0415  (as `_agreed_notice`)
        from resources.stores.study import gate  # noqa: PLC0415

        if self.incidents.standing() is not None:
            return "INCIDENT_OPEN"
        found = gate.stops(self.home, Action.COLLECT, now.astimezone(LONDON).date())
        return found[0].code if found else None

    @cached_property
    def leaving(self) -> Leaving:
        """What groups may do at any time."""
        return Leaving(
            self.database,
            self.journal,
            self.register,
            self.vectors,
            self.scores,
            self.surveys,
            self.inbox,
            self.addresses,
            self.connectors,
        )

    @cached_property
    def spent_exports(self) -> SpentExports:
        """Exports that can supply nothing more."""
        return SpentExports(
            self.database,
            self.inbox,
            self.register,
            CollectionRecords(self.database, self.home.config.mode),
            self.scores,
            RegionDays(self.database),
            self.home.config.first_day,
        )

    @cached_property
    def lifetimes(self) -> Lifetimes:
        """What is due."""
        config = self.home.config
        return Lifetimes(
            self.database,
            self.inbox,
            self.register,
            self.vectors,
            self.scores,
            self.surveys,
            ScrubRecords(self.database),
            self.keys,
            self.journal,
            self.reconciliation,
            self.leaving,
            self.incidents,
            self.spent_exports,
            self.refresh_connectors,
            self.home.backups,
            Periods(
                scores=timedelta(days=config.score_lifetime_days),
                member_records=timedelta(days=config.member_record_lifetime_days),
                surveys=timedelta(days=config.survey_lifetime_days),
            ),
        )
