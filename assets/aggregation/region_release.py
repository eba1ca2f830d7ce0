"""Closing a region-day: who counts, whether it may be drawn, debit, draw, store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from assets.aggregation.admission import Membership, membership
from assets.aggregation.method import Method
from assets.aggregation.noise import NoisyTotals, cost_by_maps, draw
from assets.aggregation.region_totals import (
    GroupSums,
    region_totals,
    suppression,
)
from assets.aggregation.regional_value import mean_score, pooled_score
from assets.aggregation.standard_errors import PublicErrors, public_errors
from assets.aggregation.thresholds import (
    MIN_DAYS_FOR_VALUE_7D,
    MIN_DAYS_FOR_VALUE_28D,
    MIN_PEOPLE,
)
from assets.governance.constructs import CONSTRUCTS
from assets.governance.errors import PartitionError, ReleaseError
from resources.clock import Clock
from resources.consent_register import ConsentRegister
from resources.home import HomeConfig
from resources.release_journal import ReleaseJournal
from resources.release_ledger import DrawKey, ReleaseLedger, Step
from resources.release_store import RegionalValue, ReleaseStore
from resources.score_store import GroupScore, ScoreStore

POOLED_ONLY = "POOLED_ONLY"
_DAY = timedelta(days=1)


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

    def close(
        self, region: str, day: date, method: Method, micro_rho: int, *, shadow: bool = False
    ) -> str:
        """Close a region-day by a method, or draw it in the shadow of another.

        Args:
            region: a configured region.
            day: a day that is due and not closed.
            method: the method.
            micro_rho: what the draw may cost.
            shadow: whether the draw is kept beside another method's, and no value made of it.

        Returns:
            `published`, `not_published`, `burned` where an earlier draw had been lost, or
            `already_settled`.

        Raises:
            ReleaseError: `CLOCK_SET_BACK`, `SUM_OUT_OF_RANGE`, `GROUP_TWICE`: nothing is debited.
            PartitionError: `REGION_UNKNOWN`.
        """
        key, now = DrawKey(region, day, method.version), self.clock.now()
        steps = self._steps(key, micro_rho, now)
        if steps:
            lost = steps == {Step.DEBITED}
            return self._burn(key, micro_rho, now, shadow=shadow) if lost else "already_settled"
        counted = self._membership(key, now)
        groups, left_out = self._groups(key, counted)
        if self._some_expired(key, counted):
            drawn, reason = None, "SCORES_DELETED"
        else:
            drawn, reason = self._drawn(key, micro_rho, groups, now)
        if reason is None and (counted.pooled_only or left_out):
            reason = POOLED_ONLY
        values = [] if shadow else self._values(key, drawn, reason, counted)
        if values or drawn is not None:
            self.release_store.close(key, values, drawn=drawn, reason=reason, now=now)
        return values[0].status if values else "not_published"

    def revise(self, before: DrawKey, micro_rho: int) -> str:
        """Draw a closed region-day again, as its next revision, at the cost of a new draw.

        Returns:
            As `close` does.

        Raises:
            ReleaseError: `BUDGET_SPENT` where no cap leaves room, `SCORES_DELETED` past the scores'
                lifetime, `GROUPS_LEFT_SINCE` where the difference from the first draw would tell of
                a group that withdrew since, and what `close` raises: the region-day stays as it is.
        """
        key, now = replace(before, revision=before.revision + 1), self.clock.now()
        if self._steps(key, micro_rho, now):
            return self._burn(key, micro_rho, now, shadow=False)
        counted = self._membership(key, now)
        groups, left_out = self._groups(key, counted)
        if left_out:
            raise ReleaseError("GROUPS_LEFT_SINCE")
        if not groups or self._some_expired(key, counted):
            raise ReleaseError("SCORES_DELETED")
        if not self.release_ledger.spent(key.region, key.day).allows(micro_rho):
            raise ReleaseError("BUDGET_SPENT")
        drawn, reason = self._drawn(key, micro_rho, groups, now)
        if reason is None and counted.pooled_only:
            reason = POOLED_ONLY
        values = self._values(key, drawn, reason, counted)
        self.release_store.close(key, values, drawn=drawn, reason=reason, now=now)
        return values[0].status

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
        self, key: DrawKey, micro_rho: int, groups: Sequence[GroupSums], now: datetime
    ) -> tuple[NoisyTotals | None, str | None]:
        """The noisy totals, and the reason why they, or there being none, can't be published."""
        reason = suppression(groups)
        if reason is not None:
            return None, reason
        totals = region_totals(groups)
        if cost_by_maps(micro_rho) != micro_rho:
            raise ReleaseError("NOISE_COSTS_MORE")
        if not self.release_ledger.debit(key, micro_rho, now):
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
        settled = self.score_store.settled(key.region, [key.day])
        scored = {ref for (_, ref), status in settled.items() if status == "scored"}
        return bool(
            (scored & counted.groups) - set(self.score_store.of_region_day(key.region, key.day))
        )

    def _burn(self, key: DrawKey, micro_rho: int, now: datetime, *, shadow: bool) -> str:
        values = [] if shadow else _nothing()
        reason = None if shadow else "DRAW_LOST"
        self.release_store.close(key, values, drawn=None, reason=reason, now=now, burned=micro_rho)
        return "burned"

    def _groups(self, key: DrawKey, counted: Membership) -> tuple[list[GroupSums], bool]:
        """Sums of the groups that count, and whether one of them is left out by its consent."""
        consents = self.register.consents(key.region)
        today = self.clock.today()
        groups: list[GroupSums] = []
        left_out = False
        for group_ref, scores in self.score_store.of_region_day(key.region, key.day).items():
            if group_ref not in counted.groups:
                continue
            consent = consents[group_ref]
            if consent.refusal(key.day, today, self.settings.mode):
                left_out = True
            else:
                groups.append(_group_sums(group_ref, consent.employer_ref, scores))
        return groups, left_out

    def _values(
        self, key: DrawKey, drawn: NoisyTotals | None, reason: str | None, counted: Membership
    ) -> list[RegionalValue]:
        if reason is None and drawn is not None:
            return self._own_and_pooled(key, drawn)
        if counted.shows_pooled_value and counted.changed_on is not None:
            return self._pooled_week(key, drawn if reason == POOLED_ONLY else None, counted)
        return _nothing()

    def _own_and_pooled(self, key: DrawKey, drawn: NoisyTotals) -> list[RegionalValue]:
        week = [*self._published_before(key, 6), drawn]
        four_weeks = [*self._published_before(key, 27), drawn]
        own = public_errors([drawn])
        of_week = _errors(week, MIN_DAYS_FOR_VALUE_7D)
        of_four = _errors(four_weeks, MIN_DAYS_FOR_VALUE_28D)
        return [
            RegionalValue(
                construct=name,
                status="published",
                estimate=mean_score([drawn], name),
                standard_error=own.standard_error,
                value_7d=pooled_score(week, name, MIN_DAYS_FOR_VALUE_7D),
                standard_error_7d=of_week and of_week.standard_error,
                detectable_change_7d=of_week and of_week.detectable_change,
                value_28d=pooled_score(four_weeks, name, MIN_DAYS_FOR_VALUE_28D),
                standard_error_28d=of_four and of_four.standard_error,
                detectable_change_28d=of_four and of_four.detectable_change,
                people_band=(of_week or own).people_band,
                micro_rho=drawn.micro_rho,
            )
            for name in CONSTRUCTS
        ]

    def _pooled_week(
        self, key: DrawKey, drawn: NoisyTotals | None, counted: Membership
    ) -> list[RegionalValue]:
        """The one value of a week in which groups came or went: all its days together."""
        assert counted.changed_on is not None  # noqa: S101  (asked only then)
        held = [
            one.drawn
            for one in self.release_store.draws(
                key.region, key.method_version, counted.changed_on, key.day - _DAY
            )
            if one.reason == POOLED_ONLY
        ]
        week = [*held, *([drawn] if drawn else [])]
        errors = _errors(week, MIN_DAYS_FOR_VALUE_7D)
        if errors is None:
            return _nothing()
        return [
            RegionalValue(
                construct=name,
                status="published",
                value_7d=pooled_score(week, name, MIN_DAYS_FOR_VALUE_7D),
                standard_error_7d=errors.standard_error,
                detectable_change_7d=errors.detectable_change,
                people_band=errors.people_band,
                micro_rho=week[-1].micro_rho,
            )
            for name in CONSTRUCTS
        ]

    def _published_before(self, key: DrawKey, days: int) -> list[NoisyTotals]:
        return [
            one.drawn
            for one in self.release_store.draws(
                key.region, key.method_version, key.day - days * _DAY, key.day - _DAY
            )
            if one.published
        ]


def _errors(drawn: Sequence[NoisyTotals], least_days: int) -> PublicErrors | None:
    return public_errors(drawn) if len(drawn) >= least_days else None


def _nothing() -> list[RegionalValue]:
    return [RegionalValue(construct=name, status="not_published") for name in CONSTRUCTS]


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
