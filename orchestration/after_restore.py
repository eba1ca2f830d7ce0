"""What a database from a backup has to be told before a home works on it again."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.engine import URL

from assets.released.method import PULSE_1
from orchestration.interrupted_runs import cancel_interrupted
from resources.base.clock import Clock
from resources.base.database.connection import Database
from resources.base.home import Home
from resources.base.keys.keys_of_home import KeysOfHome
from resources.stores.chain.hash_chain import HashChain
from resources.stores.published.releases import Releases
from resources.stores.release.release_journal import ReleaseJournal
from resources.stores.release.release_ledger import ReleaseLedger
from resources.stores.release.release_methods import ReleaseMethods
from resources.stores.scores.lost_in_restore import (
    mark_draws_unknown,
    mark_lost_scores,
    mark_without_keys,
)
from resources.wiring.ways_out import WaysOut


@dataclass(frozen=True)
class Aftermath:
    """What was found.

    Attributes:
        region_days_lost: region-days whose scores no backup holds; open ones close unpublished.
        put_back: withdrawals, objections and the like that the journals knew of.
        draws_known: whether what was drawn since is known from newer journals.
        draws: those that the database had forgotten; their budget is taken again.
        runs_cancelled: runs that were going when the backup was made.
    """

    region_days_lost: int
    put_back: int
    draws_known: bool
    draws: int
    runs_cancelled: int


def bring_up_to_date(
    home: Home, url: URL, clock: Clock, *, draws_known: bool, with_scores: bool = False
) -> Aftermath:
    """Tell a restored database what happened since, and what can't be done any more.

    Args:
        home: the home, its journals in place.
        url: its database.
        clock: for what is past its time.
        draws_known: whether the release journal is a newer one than the backup's.
        with_scores: whether the database came back with scores, as by other means than ours.

    Raises:
        ReleaseError: `CLOCK_SET_BACK`.
        StorageError: what `Database.transaction` raises.
    """
    database, now = Database(url), clock.now()
    try:
        with database.transaction() as connection:
            if with_scores:
                lost = mark_without_keys(connection, now, WaysOut(home, database).keys.lives)
            else:
                lifetime = timedelta(days=home.config.score_lifetime_days)
                lost = mark_lost_scores(connection, now, lifetime)
            if not draws_known:
                last = clock.today() - timedelta(days=home.config.close_after_days)
                mark_draws_unknown(connection, now, home.regions, last)
        # Without the key, what members said is put back by whoever reads next.
        members = KeysOfHome(home.secrets, database).has_member()
        put_back = WaysOut(home, database).reconciliation.put_back(now, members=members)
        draws = _debit_forgotten(home, database, clock)
        HashChain(database).record_lost(Releases(home.public).chain_heads(), now)
    finally:
        database.dispose()
    return Aftermath(lost, put_back, draws_known, draws, cancel_interrupted(home, url))


def _debit_forgotten(home: Home, database: Database, clock: Clock) -> int:
    """Take the budget of draws that the journal alone knows: they are lost, and not made again."""
    release_ledger, methods = ReleaseLedger(database), ReleaseMethods(database)
    forgotten = [
        key for key in ReleaseJournal(home.release_journal).draws() if not release_ledger.steps(key)
    ]
    for key in forgotten:
        of_pulse = key.method_version == PULSE_1.version
        cost = PULSE_1.micro_rho if of_pulse else methods.plan(key.day).micro_rho
        release_ledger.debit(key, cost, clock.now())
    return len(forgotten)
