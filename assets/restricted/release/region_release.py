"""Closing a region-day: who counts, whether it may be drawn, debit, draw, store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import PartitionError, ReleaseError, StorageError
from assets.released.method import Method
from assets.released.noise_scales import NoisyTotals
from assets.released.thresholds import MIN_PEOPLE
from assets.restricted.release.day_values import POOLED_ONLY, Made, nothing, values_of
from assets.restricted.release.membership import Membership, membership
from assets.restricted.release.noise import cost_by_maps, draw
from assets.restricted.release.region_totals import GroupSums, region_totals, suppression
from assets.restricted.release.unread_groups import TOO_MANY_UNREAD, too_many_unread
from resources.base.clock import Clock
from resources.base.home import HomeConfig
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.release.evidence import Releasing
from resources.stores.release.release_journal import ReleaseJournal
from resources.stores.release.release_ledger import DrawKey, ReleaseLedger, Step
from resources.stores.release.release_store import Heeded, ReleaseStore
from resources.stores.scores.lost_in_restore import LOST
from resources.stores.scores.score_store import GroupScore, ScoreStore

LEFT_DURING_DRAW = "GROUP_LEFT_DURING_DRAW"
TRIES = 5
"""How often a region-day is read anew, for somebody joined or left meanwhile."""


@dataclass(frozen=True)
class RegionRelease:
    """Closes region-days of a home, each once."""

    settings: HomeConfig
    register: ConsentRegister
    score_store: ScoreStore
    release_store: ReleaseStore
    release_ledger: ReleaseLedger
    release_journal: ReleaseJournal
    clock: Clock
    releasing: Releasing

    def close(
        self,
        region: str,
        day: date,
        method: Method,
        micro_rho: int,
        *,
        shadow: bool = False,
        unread: frozenset[str] = frozenset(),
    ) -> str:
        """Close a region-day by a method, or draw it in the shadow of another.

        Args:
            region: a configured region.
            day: a day that is due and not closed.
            method: the method.
            micro_rho: what the draw may cost.
            shadow: whether the draw is kept beside another method's, and no value made of it.
            unread: references of groups whose day a fault keeps unread.

        Returns:
            `published`, `not_published`, `burned` where an earlier draw had been lost, or
            `already_settled`.

        Raises:
            ReleaseError: `CLOCK_SET_BACK`, `SUM_OUT_OF_RANGE`, `GROUP_TWICE`: nothing is debited.
            PartitionError: `REGION_UNKNOWN`.
        """
        key = DrawKey(region, day, method.version)
        steps = self._steps(key, micro_rho, self.clock.now())
        if steps:
            lost = steps == {Step.DEBITED}
            return self._burn(key, micro_rho, shadow=shadow) if lost else "already_settled"
        return self._as_registered(lambda: self._close(key, micro_rho, unread, shadow=shadow))

    def _close(self, key: DrawKey, micro_rho: int, unread: frozenset[str], *, shadow: bool) -> str:
        read = self._read(key)
        if read.lost:
            drawn, reason = None, LOST
        elif read.some_expired:
            drawn, reason = None, "SCORES_DELETED"
        elif too_many_unread(read.counted.groups, unread):
            drawn, reason = None, TOO_MANY_UNREAD
        else:
            drawn, reason = self._drawn(key, micro_rho, read)
        if reason is None and (read.counted.pooled_only or read.left_out):
            reason = POOLED_ONLY
        made = Made() if shadow else values_of(self.release_store, key, drawn, reason, read.counted)
        if not self._store(key, made, drawn, reason, read):
            self._burn(key, micro_rho, shadow=shadow, reason=LEFT_DURING_DRAW)
            return "burned"
        return made.values[0].status if made.values else "not_published"

    def revise(self, before: DrawKey, micro_rho: int) -> str:
        """Draw a closed region-day again, as its next revision, at the cost of a new draw.

        Returns:
            As `close` does.

        Raises:
            ReleaseError: `BUDGET_SPENT` where no cap leaves room, `SCORES_DELETED` past the scores'
                lifetime, `LOST_IN_RESTORE`, `GROUPS_UNREAD` where it closed so,
                `GROUPS_LEFT_SINCE` where the difference from the first draw would tell of a group
                that withdrew since, and what `close` raises: the region-day stays as it is.
                `GROUP_LEFT_DURING_DRAW` if one withdrew after the draw was paid: the draw is
                burned, and the new revision shows nothing.
        """
        key = replace(before, revision=before.revision + 1)
        if self._steps(key, micro_rho, self.clock.now()):
            return self._burn(key, micro_rho, shadow=False)
        return self._as_registered(lambda: self._revise(key, micro_rho))

    def _revise(self, key: DrawKey, micro_rho: int) -> str:
        read = self._read(key)
        if read.left_out:
            raise ReleaseError("GROUPS_LEFT_SINCE")
        if read.lost:
            raise ReleaseError(LOST)
        if self.release_store.outcomes(key.region)[key.day][1] == TOO_MANY_UNREAD:
            # A closed day is read no more, so those that were missing still are.
            raise ReleaseError(TOO_MANY_UNREAD)
        if not read.groups or read.some_expired:
            raise ReleaseError("SCORES_DELETED")
        if not self.release_ledger.spent(key.region, key.day).allows(micro_rho):
            raise ReleaseError("BUDGET_SPENT")
        drawn, reason = self._drawn(key, micro_rho, read)
        if reason is None and read.counted.pooled_only:
            reason = POOLED_ONLY
        made = values_of(self.release_store, key, drawn, reason, read.counted)
        if not self._store(key, made, drawn, reason, read):
            self._burn(key, micro_rho, shadow=False, reason=LEFT_DURING_DRAW)
            raise ReleaseError(LEFT_DURING_DRAW)
        return made.values[0].status

    def _as_registered(self, release: Callable[[], str]) -> str:
        """Read, draw and store by one state of the consent register; anew where it changes.

        Raises:
            ReleaseError: `REGISTER_CHANGED` if it did each time: nothing is debited.
        """
        for _ in range(TRIES - 1):
            before = self.register.sequence()
            try:
                return release()
            except ReleaseError as error:
                if error.code != "REGISTER_CHANGED":
                    raise
            except StorageError as error:
                # Of a group that withdrew while its scores were opened.
                if error.code != "VECTORS_DESTROYED" or self.register.sequence() == before:
                    raise
        return release()

    def _read(self, key: DrawKey) -> "_Read":
        """Who counts, and their sums, as of one moment."""
        register_seq, now = self.register.sequence(), self.clock.now()
        counted = self._membership(key, now)
        groups, left_out = self._groups(key, counted)
        return _Read(
            register_seq,
            now,
            counted,
            tuple(groups),
            left_out,
            self._some_expired(key, counted),
            self.score_store.lost_in_restore(key.region, key.day),
        )

    def _store(
        self,
        key: DrawKey,
        made: Made,
        drawn: NoisyTotals | None,
        reason: str | None,
        read: "_Read",
    ) -> bool:
        """Store what was made; False if a group of the draw has left since."""
        if not made.values and drawn is None:
            return True
        groups = frozenset(one.group_ref for one in read.groups) if drawn else frozenset[str]()
        heeded = Heeded(read.register_seq, groups, made.pooled)
        try:
            self.release_store.close(
                key,
                made.values,
                drawn=drawn,
                reason=reason,
                now=read.now,
                releasing=self.releasing,
                heeded=heeded,
            )
        except ReleaseError as error:
            if error.code != LEFT_DURING_DRAW:
                raise
            return False
        return True

    def _steps(self, key: DrawKey, micro_rho: int, now: datetime) -> frozenset[Step]:
        """How far the draw has come; one that the journal alone knows is debited, and lost.

        Raises:
            ReleaseError: `CLOCK_SET_BACK`.
            PartitionError: `REGION_UNKNOWN`.
        """
        if key.region not in self.settings.regions:
            raise PartitionError("REGION_UNKNOWN")
        self.release_ledger.refuse_clock_set_back(now)
        steps = self.release_ledger.steps(key)
        if not steps and self.release_journal.knows(key):
            # The ledger is older than the journal: it came back from a backup.
            self.release_ledger.debit(key, micro_rho, now)
            return frozenset({Step.DEBITED})
        return steps

    def _drawn(
        self, key: DrawKey, micro_rho: int, read: "_Read"
    ) -> tuple[NoisyTotals | None, str | None]:
        """The noisy totals, and the reason why they, or there being none, can't be published.

        Raises:
            ReleaseError: `REGISTER_CHANGED`: nothing is debited.
        """
        reason = suppression(read.groups)
        if reason is not None:
            return None, reason
        totals = region_totals(read.groups)
        if cost_by_maps(micro_rho) != micro_rho:
            raise ReleaseError("NOISE_COSTS_MORE")
        if not self.release_ledger.debit(key, micro_rho, read.now, read.register_seq):
            return None, "BUDGET_SPENT"
        self.release_journal.note(key)
        drawn = draw(totals, micro_rho)
        return drawn, "TOO_FEW_PEOPLE" if drawn.person_days < MIN_PEOPLE else None

    def _membership(self, key: DrawKey, now: datetime) -> Membership:
        """Who counts. `now` is the closing's: what is recorded after it acts on later days only."""
        return membership(
            self.register.spans(key.region),
            self.release_store.closings(key.region),
            key.day,
            now,
            first_scored=self.score_store.first_scored(key.region),
        )

    def _some_expired(self, key: DrawKey, counted: Membership) -> bool:
        """Whether a group that counts was scored and its scores are deleted since.

        The rest would differ by that group from what was, or would have been, drawn.
        """
        consents, today = self.register.consents(key.region), self.clock.today()
        standing = {
            ref
            for ref in self._scored(key) & counted.groups
            if consents[ref].refusal(key.day, today, self.settings.mode) is None
        }
        return bool(standing - set(self.score_store.of_region_day(key.region, key.day)))

    def _burn(
        self, key: DrawKey, micro_rho: int, *, shadow: bool, reason: str = "DRAW_LOST"
    ) -> str:
        self.release_store.close(
            key,
            [] if shadow else nothing(),
            drawn=None,
            reason=None if shadow else reason,
            now=self.clock.now(),
            releasing=self.releasing,
            burned=micro_rho,
        )
        return "burned"

    def _groups(self, key: DrawKey, counted: Membership) -> tuple[list[GroupSums], bool]:
        """Sums of the groups that count, and whether one of them is left out by its consent."""
        consents = self.register.consents(key.region)
        today = self.clock.today()
        scored = self._scored(key) & counted.groups
        # Scores of a group that withdrew are deleted; that it had some is not.
        refused = {
            ref for ref in scored if consents[ref].refusal(key.day, today, self.settings.mode)
        }
        groups = [
            _group_sums(group_ref, consents[group_ref].employer_ref, scores)
            for group_ref, scores in self.score_store.of_region_day(key.region, key.day).items()
            if group_ref in counted.groups and group_ref not in refused
        ]
        return groups, bool(refused)

    def _scored(self, key: DrawKey) -> frozenset[str]:
        settled = self.score_store.settled(key.region, [key.day])
        return frozenset(ref for (_, ref), status in settled.items() if status == "scored")


@dataclass(frozen=True)
class _Read:
    """What a region-day is released from.

    Attributes:
        register_seq: number of the newest consent event, read before the rest.
        now: the closing's moment.
        counted: who counts.
        groups: sums of those that count and are scored.
        left_out: whether one that counts is left out by its consent.
        some_expired: whether scores of one that counts are deleted.
        lost: whether a restore lost scores of the region-day, or what was drawn of it.
    """

    register_seq: int
    now: datetime
    counted: Membership
    groups: tuple[GroupSums, ...] = field(repr=False)
    left_out: bool
    some_expired: bool
    lost: bool


def _group_sums(group_ref: str, employer_ref: str, scores: Sequence[GroupScore]) -> GroupSums:
    """One group's sums.

    Raises:
        ReleaseError: `SUM_OUT_OF_RANGE`, also where its constructs disagree on how many people.
    """
    people = {one.person_days for one in scores}
    if len(people) != 1 or len(scores) != len(CONSTRUCTS):
        raise ReleaseError("SUM_OUT_OF_RANGE")
    return GroupSums(
        group_ref, employer_ref, people.pop(), {one.construct: one.sum_milli for one in scores}
    )
