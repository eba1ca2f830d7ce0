"""What must hold before a step or command reads exports, or releases: asked when it runs.

Asked of these alone, so that nobody who leaves, and no lifetime, waits for a study record, an inbox
that answers, or a machine without swap.
"""

from dataclasses import dataclass

from resources.base.clock import Clock
from resources.base.home import Home
from resources.base.keys.keys_of_home import KeysOfHome
from resources.containment.hardening import refuse_exposed
from resources.stores.inbox.inbox import Inbox
from resources.stores.leaving.reconciliation import Reconciliation


@dataclass(frozen=True)
class BeforeReading:
    """The home's conditions.

    Attributes:
        home: the home.
        reconciliation: of its database and journals.
        inbox: its inbox.
        keys: its long-lived ones, without which a step would stop half-way.
        clock: for what is past its time.
    """

    home: Home
    reconciliation: Reconciliation
    inbox: Inbox
    keys: KeysOfHome
    clock: Clock

    def require_to_score(self) -> None:
        """Before scores are made of vectors, which tell of people too; as `require_to_read`."""
        refuse_exposed(self.home.config)
        self.require_to_release()

    def require_to_release(self) -> None:
        """Before values are made of scores.

        Raises:
            SetupError: `STUDY_RECORD_MISSING`, `STUDY_RECORD_INCOMPLETE`.
            StorageError: `JOURNAL_INCOMPLETE`, `MASTER_KEY_MISSING`, `MASTER_KEY_INVALID`.
        """
        self.keys.master()
        self.home.require_study_record()
        self.reconciliation.require(self.clock.now())

    def require_to_read(self) -> None:
        """Before text is read.

        Raises:
            SetupError: as `require_to_release`, `INBOX_IDENTITY_MISSING`, and what
                `Inbox.refuse_versioned` raises.
            SealError: `PROCESS_WATCHED`, `SWAP_ACTIVE`.
            StorageError: as `require_to_release`, `MEMBER_KEY_MISSING`, `MEMBER_KEY_INVALID`,
                `INBOX_NOT_REACHABLE`.
        """
        self.require_to_score()
        self.keys.member()
        self.inbox.require_identity()
        self.inbox.refuse_versioned()
