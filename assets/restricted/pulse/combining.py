"""Combining a region's fortnight: the release's tests, budget of its own, one draw, for ever."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from assets.core.errors import ReleaseError
from assets.core.fortnights import DAYS, Fortnight
from assets.core.pulse_instrument import PulseInstrument
from assets.released.method import PULSE_1
from assets.released.thresholds import MIN_PEOPLE
from assets.restricted.pulse.sorting import GroupAnswers, sort_answers
from assets.restricted.release.membership import membership
from assets.restricted.release.noise import cost_by_maps, draw
from assets.restricted.release.region_totals import RegionTotals, suppression
from assets.restricted.release.regional_value import mean_score
from assets.restricted.scrubbing.group_day_size import MIN_PEOPLE as MIN_ANSWERS
from resources.stores.consent.consent_state import Consent
from resources.stores.pulse.answer_book import LEFT_LYING
from resources.stores.pulse.pulse_values import Paid, PulseValue
from resources.stores.release.release_ledger import DrawKey, Step
from resources.stores.requests.matching import group_code
from resources.stores.requests.receipts import plain_code
from resources.wiring.context import RestrictedContext

MOST_PER_SENDER = 2
"""Answers of a group for each person whom its chat has shown writing. Who answers several times
can't be told from several people; where more came than that, nobody's of that group count."""

TRIES = 3
SETTLED = "fortnights_settled"
TOO_MANY = "groups_too_many_answers"


@dataclass(frozen=True)
class PulseSums:
    """What one group adds to a fortnight.

    Attributes:
        employer_ref: random reference of its employer.
        person_days: answers, from 3; whoever answers is one.
        sum_milli: the sum over them of round(1000 * score) - 500.
    """

    employer_ref: str
    person_days: int = field(repr=False)
    sum_milli: int = field(repr=False)


@dataclass(frozen=True)
class Combining:
    """Combines what lies there.

    Attributes:
        restricted: the home's stores.
        asked: what the register says is asked.
    """

    restricted: RestrictedContext
    asked: PulseInstrument

    def run(self) -> Counter[str]:
        """Drop what counts for nothing, and settle every region's fortnights that are due.

        Returns:
            How many answers were dropped, by reason, and fortnights settled; never how many count.

        Raises:
            ReleaseError: `CLOCK_SET_BACK`, `NOISE_COSTS_MORE`; `REGISTER_CHANGED` if consents were
                recorded each time while it read: nothing was drawn then.
            StorageError: what the stores raise.
        """
        home = self.restricted
        home.release_ledger.refuse_clock_set_back(home.clock.now())
        counts: Counter[str] = Counter()
        for left in reversed(range(TRIES)):
            try:
                counts += self._read_and_settle()
                break
            except ReleaseError as error:
                if error.code != "REGISTER_CHANGED" or not left:
                    raise
        return counts

    def _read_and_settle(self) -> Counter[str]:
        home = self.restricted
        register_seq, today = home.register.sequence(), home.clock.today()
        consents, settled = home.register.consents(), home.pulse_values.settled()
        by_code = {
            plain_code(group_code(home.members.marker(ref))): one for ref, one in consents.items()
        }
        found = sort_answers(
            home.answer_book.opened(), self.asked, by_code, settled, today, self._refusal
        )
        home.answer_book.delete(found.dropped)
        counts = found.why
        for region in home.settings.regions:
            for fortnight in self._due(today):
                with home.region_day_locks.writing([(region, fortnight.last)]):
                    if (region, fortnight.first) in home.pulse_values.settled():
                        continue
                    of_groups = found.kept.get((region, fortnight), {})
                    counts += self._settle(region, fortnight, of_groups, register_seq)
        return counts

    def _due(self, today: date) -> list[Fortnight]:
        """Those of which answers may lie there and none is awaited."""
        close_after_days = self.restricted.settings.close_after_days
        longest = timedelta(days=DAYS + close_after_days) + LEFT_LYING
        first = Fortnight.of(today - longest).first
        every = [
            Fortnight(first + timedelta(days=days)) for days in range(0, (today - first).days, DAYS)
        ]
        return [one for one in every if one.is_due(today, close_after_days)]

    def _refusal(self, consent: Consent, day: date) -> str | None:
        home = self.restricted
        if not home.register.rules.permits(consent.platform_read):
            return "PLATFORM_NOT_PERMITTED"
        return consent.refusal(day, home.clock.today(), home.settings.mode)

    def _settle(
        self,
        region: str,
        fortnight: Fortnight,
        of_groups: Mapping[str, GroupAnswers],
        register_seq: int,
    ) -> Counter[str]:
        home, now = self.restricted, self.restricted.clock.now()
        key = DrawKey(region, fortnight.last, PULSE_1.version)
        used_up = [seq for one in of_groups.values() for seq in one.seqs]
        nothing = PulseValue(
            region, fortnight.first, self.asked.measures, self.asked.digest(), None
        )
        burned = Paid(key, Step.BURNED, PULSE_1.micro_rho)
        counts = Counter({SETTLED: 1})
        if self._was_paid(key, now):
            # It may have been seen: nothing is drawn of the same answers again.
            home.pulse_values.settle(nothing, used_up, now, burned)
            return counts
        sums, too_many = self._sums(region, fortnight, of_groups, now)
        counts[TOO_MANY] += too_many
        lost = home.score_store.lost_in_restore(region, fortnight.last)
        if lost or suppression(sums) is not None:
            home.pulse_values.settle(nothing, used_up, now)
            return counts
        if cost_by_maps(PULSE_1.micro_rho, sums=1) != PULSE_1.micro_rho:
            raise ReleaseError("NOISE_COSTS_MORE")
        if not home.release_ledger.debit(key, PULSE_1.micro_rho, now, register_seq):
            home.pulse_values.settle(nothing, used_up, now)
            return counts
        home.release_journal.note(key)
        construct = self.asked.measures
        totals = RegionTotals(
            sum(one.person_days for one in sums), {construct: sum(one.sum_milli for one in sums)}
        )
        drawn = draw(totals, PULSE_1.micro_rho)
        enough = drawn.person_days >= MIN_PEOPLE
        value = replace(nothing, mean=mean_score([drawn], construct)) if enough else nothing
        paid = Paid(key, Step.STORED, PULSE_1.micro_rho, register_seq)
        try:
            home.pulse_values.settle(value, used_up, now, paid)
        except ReleaseError as error:
            if error.code != "REGISTER_CHANGED":
                raise
            # Somebody joined or left between draw and store.
            home.pulse_values.settle(nothing, used_up, now, burned)
        return counts

    def _was_paid(self, key: DrawKey, now: datetime) -> bool:
        """Whether an earlier run took the budget, and was cut off before it stored anything."""
        home = self.restricted
        if home.release_ledger.steps(key):
            return True
        if not home.release_journal.knows(key):
            return False
        # The ledger is older than the journal: it came back from a backup.
        home.release_ledger.debit(key, PULSE_1.micro_rho, now)
        return True

    def _sums(
        self,
        region: str,
        fortnight: Fortnight,
        of_groups: Mapping[str, GroupAnswers],
        now: datetime,
    ) -> tuple[list[PulseSums], int]:
        """Sums of the groups that count, and how many had more answers than can be."""
        home = self.restricted
        counted = membership(
            home.register.spans(region),
            home.release_store.closings(region),
            fortnight.last,
            now,
            first_scored=home.score_store.first_scored(region),
        ).groups
        consents = home.register.consents(region)
        sums, too_many = [], 0
        for group_ref, answers in sorted(of_groups.items()):
            people = len(answers.scores_milli)
            if group_ref not in counted or people < MIN_ANSWERS:
                continue
            if people > MOST_PER_SENDER * len(home.members.seen(group_ref)):
                too_many += 1
                continue
            sums.append(
                PulseSums(consents[group_ref].employer_ref, people, sum(answers.scores_milli))
            )
        return sums, too_many
