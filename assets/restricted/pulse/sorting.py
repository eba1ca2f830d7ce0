"""Which answers count, and for what region and fortnight: consent is asked here."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from assets.core.fortnights import Fortnight
from assets.core.pulse_instrument import PulseInstrument
from resources.stores.consent.consent_state import Consent
from resources.stores.consent.consent_terms import Scope
from resources.stores.pulse.answer_book import Opened
from resources.stores.requests.receipts import plain_code

MALFORMED = "answers_malformed"
LATE = "answers_late"
OTHER_ITEMS = "answers_of_other_items"
WITHOUT_CONSENT = "answers_without_consent"
DROPPED = (MALFORMED, LATE, OTHER_ITEMS, WITHOUT_CONSENT)


@dataclass(frozen=True)
class GroupAnswers:
    """What members of one group answered in one fortnight; in memory only.

    Attributes:
        seqs: rows of the answers.
        scores_milli: of each, round(1000 * score) - 500.
    """

    seqs: list[int] = field(default_factory=list, repr=False)
    scores_milli: list[int] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class Sorted:
    """Answers as they count.

    Attributes:
        dropped: rows that count for nothing.
        why: how many for which reason.
        kept: by region and fortnight, then by group reference.
    """

    dropped: tuple[int, ...] = field(repr=False)
    why: Counter[str]
    kept: Mapping[tuple[str, Fortnight], Mapping[str, GroupAnswers]] = field(repr=False)


def sort_answers(
    opened: Iterable[Opened],
    asked: PulseInstrument,
    by_code: Mapping[str, Consent],
    settled: Collection[tuple[str, date]],
    today: date,
    refusal: Callable[[Consent, date], str | None],
) -> Sorted:
    """Say for each answer whether it counts.

    Args:
        opened: all that lie there.
        asked: what is asked now.
        by_code: consents by the plain code of their group.
        settled: regions and first days of fortnights of which nothing more is taken.
        today: the day.
        refusal: why a group may not be read for a day now; None if it may.
    """
    digest = asked.digest()
    dropped: list[int] = []
    why: Counter[str] = Counter()
    kept: dict[tuple[str, Fortnight], dict[str, GroupAnswers]] = defaultdict(dict)
    for one in opened:
        answer = one.answer
        if answer is None or one.received_on > today:
            reason, consent, score = MALFORMED, None, None
        else:
            consent = by_code.get(plain_code(answer.group))
            score = asked.score_milli(answer.chosen)
            reason = _reason(one, consent, settled, refusal)
            if answer.instrument != digest:
                reason = reason or OTHER_ITEMS
            elif score is None:
                reason = MALFORMED
        if reason or consent is None or score is None:
            dropped.append(one.seq)
            why[reason or MALFORMED] += 1
            continue
        at = consent.region, Fortnight.of(one.received_on)
        of_group = kept[at].setdefault(consent.group_ref, GroupAnswers())
        of_group.seqs.append(one.seq)
        of_group.scores_milli.append(score)
    return Sorted(tuple(dropped), why, kept)


def _reason(
    one: Opened,
    consent: Consent | None,
    settled: Collection[tuple[str, date]],
    refusal: Callable[[Consent, date], str | None],
) -> str | None:
    if (
        consent is None
        or Scope.PULSE not in consent.scopes
        or refusal(consent, one.received_on) is not None
    ):
        return WITHOUT_CONSENT
    late = (consent.region, Fortnight.of(one.received_on).first) in settled
    return LATE if late else None
