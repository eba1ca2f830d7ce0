"""What must hold before a step or command reads exports, or releases: asked when it runs.

Asked of these alone, so that nobody who leaves, and no lifetime, waits for a study register, an
inbox that answers, or a machine without swap.
"""

from dataclasses import dataclass

from assets.core.errors import SetupError
from assets.core.pulse_instrument import PulseInstrument
from assets.core.shards import WHOLE, Shard
from assets.core.study_entries import Action
from resources.base.clock import Clock
from resources.base.home import Home
from resources.base.keys.keys_of_home import KeysOfHome
from resources.containment.hardening import refuse_exposed
from resources.scale_out.asked import ScaleOut, scale_out_asked
from resources.stores.chain.settings_in_use import record_settings
from resources.stores.inbox.inbox import Inbox
from resources.stores.incidents.incidents import Incidents
from resources.stores.leaving.reconciliation import Reconciliation
from resources.stores.study import gate


@dataclass(frozen=True)
class BeforeReading:
    """The home's conditions.

    Attributes:
        home: the home.
        reconciliation: of its database and journals.
        inbox: its inbox.
        keys: its long-lived ones, without which a step would stop half-way.
        clock: for what is past its time.
        incidents: while one is open nothing is read, scored or released.
    """

    home: Home
    reconciliation: Reconciliation
    inbox: Inbox
    keys: KeysOfHome
    clock: Clock
    incidents: Incidents

    def require_to_score(self) -> None:
        """Before scores are made of vectors, which tell of people too; as `require_to_read`."""
        refuse_exposed(self.home.config)
        self._require(Action.COLLECT)

    def require_to_release(self) -> None:
        """Before values are made of scores.

        Raises:
            StudyError: what `gate.require` raises.
            SetupError: `INCIDENT_OPEN`, `DISCOVERY_RECORD_MISSING`, `DISCOVERY_RECORD_INCOMPLETE`.
            StorageError: `JOURNAL_INCOMPLETE`, `MASTER_KEY_MISSING`, `MASTER_KEY_INVALID`.
        """
        self._require(Action.PUBLISH)

    def require_reviewed(self, method_version: str) -> None:
        """Before values are drawn by a release method; raises as `gate.require_reviewed`."""
        gate.require_reviewed(self.home, method_version)

    def require_to_ask(self) -> PulseInstrument:
        """Before answers to the pulse are opened. Returns what is asked.

        Raises:
            StudyError: what `gate.asked_in_pulse` raises. What `require_to_read` raises.
        """
        asked = gate.asked_in_pulse(self.home, self.clock.today())
        self.require_to_read()
        return asked

    def may_ask(self) -> bool:
        """Whether the study register has a pulse that stands."""
        return not gate.stops_pulse(self.home, self.clock.today())

    def may_collect(self) -> bool:
        """Whether the study register lets anything be read today, and no incident is open."""
        return self.incidents.standing() is None and not gate.stops(
            self.home, Action.COLLECT, self.clock.today()
        )

    def require_to_share(self) -> ScaleOut | None:
        """Before other processes than the run's are given groups. Returns who, None if nobody.

        Raises:
            SetupError: what `scale_out_asked` raises.
            StudyError: what `gate.require_shared` raises.
        """
        asked = scale_out_asked()
        if asked is not None:
            gate.require_shared(
                self.home, self.clock.today(), on_other_machines=asked.on_other_machines
            )
        return asked

    def require_to_shard(self, shard: Shard, *, on_other_machines: bool) -> None:
        """Before a run reads or scores only some groups of its region.

        Args:
            shard: of the run.
            on_other_machines: whether runs may be on other machines than Tideline's own.

        Raises:
            SetupError: `SHARDS_WITH_DASK`, and what `scale_out_asked` raises.
            StudyError: what `gate.require_sharded` raises.
        """
        if shard == WHOLE:
            return
        if scale_out_asked() is not None:
            raise SetupError("SHARDS_WITH_DASK")
        gate.require_sharded(self.home, self.clock.today(), on_other_machines=on_other_machines)

    def _require(self, action: Action) -> None:
        self.incidents.require_none()
        self.keys.master()
        gate.require(self.home, action, self.clock.today())
        self.home.require_discovery_record(self.clock.today())
        self.reconciliation.require(self.clock.now())
        record_settings(self.reconciliation.database, self.home, self.clock.now())

    def require_to_read(self) -> None:
        """Before text is read.

        Raises:
            StudyError: what `gate.require` raises.
            SetupError: `INBOX_IDENTITY_MISSING`, and what `Inbox.refuse_versioned` raises.
            SealError: `PROCESS_WATCHED`, `SWAP_ACTIVE`.
            StorageError: as `require_to_release`, `MEMBER_KEY_MISSING`, `MEMBER_KEY_INVALID`,
                `INBOX_NOT_REACHABLE`.
        """
        self.require_to_score()
        self.keys.member()
        self.inbox.require_identity()
        self.inbox.refuse_versioned()
