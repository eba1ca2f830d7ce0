"""Whether all that a home recorded is as it was: its hash chain, manifests and journals."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import URL

from assets.core.errors import AuditError
from resources.base.clock import Clock
from resources.base.database.connection import Database
from resources.base.database.roles import Role
from resources.base.home import Home
from resources.base.keys.keys_of_home import KeysOfHome
from resources.stores.chain.hash_chain import HashChain, Verdict
from resources.stores.published.releases import Releases
from resources.wiring.ways_out import WaysOut

MANIFESTS, JOURNALS = "manifests", "journals"


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes:
        verdict: of the chain.
        beside: codes and places of what lies beside the database.
        heads: how many heads were compared.
    """

    verdict: Verdict
    beside: Sequence[tuple[str, str]]
    heads: int

    @property
    def faults(self) -> list[tuple[str, str, int]]:
        """Codes, where, and how often; empty if all is as it was."""
        chain = [(*place, times) for place, times in sorted(self.verdict.faults.items())]
        return chain + [(*one, 1) for one in self.beside]

    def require_none(self) -> None:
        """Refuse to go on where something is not as it was.

        Raises:
            AuditError: the first code.
        """
        codes = [*self.verdict.codes, *(code for code, _ in self.beside)]
        if codes:
            raise AuditError(codes[0])


def verification(
    home: Home,
    url: URL,
    clock: Clock,
    *,
    releases: Releases | None = None,
    noted: Sequence[tuple[str, str]] = (),
) -> Verification:
    """Look, and change nothing. Without the member key, what members said is not looked at.

    Args:
        home: whose journals are compared.
        url: its database, of a login that may take the auditor's and the restricted role on, or
            has logins of its own for them.
        clock: for what is past its time.
        releases: what is published; the home's by default.
        noted: heads from elsewhere, pairs of ISO date and head.

    Raises:
        StorageError: what `Database.transaction` raises.
    """
    now = clock.now()
    releases = releases or Releases(home.public)
    published = releases.chain_heads()
    as_auditor, restricted = Database(url, Role.AUDITOR), Database(url)
    try:
        verdict = HashChain(as_auditor).verify(clock.today(), published, noted)
        reconciliation = WaysOut(home, restricted).reconciliation
        # Lines of members that the database lacks are compared where they can be opened.
        members = KeysOfHome(home.secrets, restricted).has_member()
        forgotten = reconciliation.forgotten(now, members=members)
        looked_for = (
            ("RELEASE_FOLDER_DAMAGED", MANIFESTS, bool(releases.without_head())),
            ("JOURNAL_KNOWS_MORE", JOURNALS, bool(forgotten)),
            ("REVOCATION_FORGOTTEN", JOURNALS, reconciliation.revocations.are_forgotten()),
            ("JOURNAL_INCOMPLETE", JOURNALS, not reconciliation.is_complete(now)),
        )
    finally:
        as_auditor.dispose()
        restricted.dispose()
    beside = [(code, place) for code, place, found in looked_for if found]
    return Verification(verdict, beside, len({*published, *noted}))
