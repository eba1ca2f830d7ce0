"""What comes of a fortnight: by the release's thresholds, drawn once, and telling nothing else."""

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from made_pulse import ANSWERED, DUE, FORTNIGHT, LONDON, SENDERS, MadePulse
from sqlalchemy import event

from assets.core.errors import ReleaseError
from assets.released.method import PULSE_1
from assets.released.noise_scales import NoisyTotals
from orchestration.after_restore import bring_up_to_date
from orchestration.home_backup import back_up
from orchestration.upgrade_backup import keep_as_it_is
from resources.base.database.embedded_postgres.binaries import tool
from resources.base.database.roles import owner_url
from resources.base.database.tables import release_steps
from resources.stores.pulse.answer_book import delete_due
from resources.stores.release.budget_use import budget_use
from resources.stores.release.release_ledger import DrawKey

pytestmark = pytest.mark.slow

REGIONS = 2
"""Of the home; each has a row for each of the three fortnights that are looked at on the day."""
KEY = DrawKey(LONDON, FORTNIGHT.last, PULSE_1.version)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws that add nothing, of answers that are read and deleted a few at a time."""
    monkeypatch.setattr("resources.stores.pulse.answer_book.AT_ONCE", 7)
    monkeypatch.setattr(
        "assets.restricted.pulse.combining.draw",
        lambda totals, micro_rho: NoisyTotals(
            totals.person_days, dict(totals.sums_milli), micro_rho
        ),
    )


def steps(made: MadePulse) -> set[tuple[str, str]]:
    with made.session.database.transaction() as connection:
        query = sa.select(release_steps.c.method_version, release_steps.c.step)
        return {(row[0], row[1]) for row in connection.execute(query)}


def test_the_mean_is_of_people_in_all_groups_together(made: MadePulse, exact: None) -> None:
    refs = [made.group() for _ in range(6)]
    for ref in refs[:5]:
        made.answer(ref, 6, (4, 4, 4, 4, 4, 0))
    made.answer(refs[5], 10, (0, 0, 0, 0, 0, 0))
    assert made.combine(DUE - timedelta(days=1)) == {"fortnights_settled": 2 * REGIONS}
    assert made.values() == {}
    assert made.waiting() == 40
    assert made.combine() == {"fortnights_settled": REGIONS}
    # 30 who show all of it, and 10 who show a sixth: the last item is turned round.
    found = made.values()
    assert found[LONDON]["mean"] == round((30 + 10 / 6) / 40, 3)
    assert found[LONDON]["micro_rho"] == PULSE_1.micro_rho
    assert {one["mean"] for region, one in found.items() if region != LONDON} == {None}
    assert made.waiting() == 0


NOTHING: dict[str, Any] = {
    "five groups of four employers": {"answers": [12] * 5, "employers": 4},
    "under three people each": {"answers": [2] * 20},
    "half of them in one group": {"answers": [24, 4, 4, 4, 4, 4]},
    "under thirty people": {"answers": [4] * 7},
}


@pytest.mark.parametrize("case", NOTHING.values(), ids=NOTHING)
def test_below_a_threshold_nothing_comes_out_and_nothing_tells_how_many(
    made: MadePulse, exact: None, case: dict[str, Any]
) -> None:
    refs: list[str] = []
    for number, count in enumerate(case["answers"]):
        # One more group of an employer is no further one.
        of_another = number >= case.get("employers", 99)
        refs.append(made.group(made.employer_of(refs[0]) if of_another else None))
        made.answer(refs[-1], count)
    assert made.combine() == {"fortnights_settled": 3 * REGIONS}
    found = made.values()
    own = found.pop(LONDON)
    assert own["mean"] is None
    if case["answers"] != NOTHING["under thirty people"]["answers"]:
        assert {str(own)} == {str(one) for one in found.values()}
        assert steps(made) == set()
    assert made.waiting() == 0
    # Nor does anything come of the same answers, sent once more.
    for ref in refs:
        made.answer(ref, 12)
    assert set(made.combine(DUE + timedelta(days=1))) <= {"answers_late"}
    assert made.values()[LONDON]["mean"] is None


def test_a_group_with_more_answers_than_it_can_have_is_left_out_whole(
    made: MadePulse, exact: None
) -> None:
    refs = [made.group() for _ in range(6)]
    for ref in refs[:5]:
        made.answer(ref, 2 * SENDERS)
    # Nobody has written for being told of by name.
    made.session.members.record_told(refs[5], ["Ama", "Ben"], FORTNIGHT.first)
    made.answer(refs[5], 2 * SENDERS + 1, (0, 0, 0, 0, 0, 4))
    assert made.combine() == {"fortnights_settled": 3 * REGIONS, "groups_too_many_answers": 1}
    assert made.values()[LONDON]["mean"] == 0.75


def test_who_has_withdrawn_or_not_yet_joined_is_not_in_it(made: MadePulse, exact: None) -> None:
    refs = [made.group() for _ in range(6)]
    for ref in refs:
        made.answer(ref, 8)
    made.session.register.withdraw(refs[0], made.now())
    without_scope = made.group(scopes=frozenset({"trend_lines", "surveys"}))
    made.answer(without_scope, 8, (0, 0, 0, 0, 0, 4))
    # Opened the next morning, and gone then.
    assert made.combine(ANSWERED + timedelta(days=1))["answers_without_consent"] == 16
    assert made.waiting() == 40
    assert made.combine() == {"fortnights_settled": REGIONS}
    assert made.values()[LONDON]["mean"] == 0.75


def test_noise_is_drawn_once_with_budget_of_its_own(made: MadePulse) -> None:
    for ref in [made.group() for _ in range(6)]:
        made.answer(ref, 12)
    made.combine()
    first = made.values()
    assert first[LONDON]["mean"] is not None
    # The true mean is .75; the noise of 72 answers has a standard deviation of .04.
    assert 0.5 < first[LONDON]["mean"] < 1
    for days in (0, 1, 14):
        made.combine(DUE + timedelta(days=days))
    assert made.values() == first
    assert steps(made) == {(PULSE_1.version, "debited"), (PULSE_1.version, "stored")}
    database, month = made.session.database, (2026, 10)
    (used, _) = budget_use(database, [LONDON], month, of_pulse=True)
    assert (used.micro_rho, used.cap, used.of_pulse) == (50_000, 1_350_000, True)
    assert {one.micro_rho for one in budget_use(database, [LONDON], month)} == {0}
    spent = made.session.resources["release_ledger"].spent(LONDON, FORTNIGHT.last)
    assert (spent.in_month, spent.in_year) == (0, 0)


def test_a_draw_that_was_cut_off_is_never_made_again(
    made: MadePulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ref in [made.group() for _ in range(6)]:
        made.answer(ref, 12)
    with monkeypatch.context() as patch:
        patch.setattr("assets.restricted.pulse.combining.mean_score", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            made.combine()
    assert steps(made) == {(PULSE_1.version, "debited")}
    assert made.waiting() == 72
    made.combine()
    assert made.values()[LONDON]["mean"] is None
    assert steps(made) == {(PULSE_1.version, "debited"), (PULSE_1.version, "burned")}
    assert made.waiting() == 0


def test_a_database_from_a_backup_draws_nothing_that_the_journal_knows(made: MadePulse) -> None:
    for ref in [made.group() for _ in range(6)]:
        made.answer(ref, 12)
    made.session.resources["release_journal"].note(KEY)
    session = made.session
    found = bring_up_to_date(session.home, session.url, session.clock, draws_known=True)
    assert found.draws == 1
    # Of the pulse's budget, not of the release's.
    assert session.resources["release_ledger"].spent(LONDON, FORTNIGHT.last).in_year == 0
    made.combine()
    assert made.values()[LONDON]["mean"] is None
    assert steps(made) == {(PULSE_1.version, "debited"), (PULSE_1.version, "burned")}


def test_where_nobody_knows_what_was_drawn_nothing_is(made: MadePulse) -> None:
    for ref in [made.group() for _ in range(6)]:
        made.answer(ref, 12)
    made.session.clock.set_to(DUE)
    session = made.session
    bring_up_to_date(session.home, session.url, session.clock, draws_known=False)
    made.combine()
    assert made.values()[LONDON]["mean"] is None
    assert steps(made) == set()


def test_no_sealed_answer_is_in_a_backup(
    made: MadePulse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_out: list[str] = []

    def write(_: Any, file: Path, *, without_rows_of: Any) -> None:
        left_out.extend(one.fullname for one in without_rows_of)
        file.write_bytes(b"dump")

    monkeypatch.setattr("orchestration.home_backup.write_backup", write)
    back_up(made.session.home, made.session.url, tmp_path)
    assert "restricted.pulse_answers" in left_out


def test_no_sealed_answer_is_in_the_copy_of_a_rehearsal(made: MadePulse, tmp_path: Path) -> None:
    home, owner = made.session.home, owner_url(made.session.url)
    file = keep_as_it_is(home, owner, tmp_path, scores=False).file
    listed = subprocess.run(
        [tool("pg_restore"), "--list", file], check=True, capture_output=True, text=True
    ).stdout
    assert "TABLE DATA restricted home " in listed
    assert "TABLE DATA restricted pulse_answers " not in listed


def test_a_group_that_leaves_between_draw_and_store_burns_the_draw(
    made: MadePulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = [made.group() for _ in range(6)]
    for ref in refs:
        made.answer(ref, 12)

    def draw(totals: Any, micro_rho: int) -> NoisyTotals:
        made.session.register.withdraw(refs[0], made.now())
        return NoisyTotals(totals.person_days, dict(totals.sums_milli), micro_rho)

    monkeypatch.setattr("assets.restricted.pulse.combining.draw", draw)
    made.combine()
    assert made.values()[LONDON]["mean"] is None
    assert steps(made) == {(PULSE_1.version, "debited"), (PULSE_1.version, "burned")}
    assert made.waiting() == 0


def test_a_consent_recorded_while_it_reads_lets_it_read_again(
    made: MadePulse, exact: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = [made.group() for _ in range(6)]
    for ref in refs:
        made.answer(ref, 8)
    book = made.session.resources["restricted"].answer_book
    opened = type(book).opened
    left = iter(refs[:1])

    def meanwhile(self: Any) -> Any:
        found = opened(self)
        for ref in left:
            made.session.register.withdraw(ref, made.now())
        return found

    monkeypatch.setattr(type(book), "opened", meanwhile)
    made.combine()
    assert made.values()[LONDON]["mean"] == 0.75
    assert made.waiting() == 0


def test_a_clock_that_was_set_back_combines_nothing(made: MadePulse) -> None:
    for ref in [made.group() for _ in range(6)]:
        made.answer(ref, 12)
    made.combine(DUE + timedelta(days=1))
    with pytest.raises(ReleaseError, match="CLOCK_SET_BACK"):
        made.combine(DUE)


def test_of_a_flood_the_oldest_and_the_newest_are_opened(
    made: MadePulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, book = made.group(), made.session.resources["answer_book"]
    made.answer(ref, 9)
    every = [one.seq for one in book.opened()]
    assert len(every) == 9
    for most, wanted in {10: every, 9: every, 6: [*every[:3], *every[-3:]], 1: every[:1]}.items():
        monkeypatch.setattr("resources.stores.pulse.answer_book.MOST_OPENED", most)
        assert [one.seq for one in book.opened()] == wanted, most


def test_answers_that_nobody_combines_go_after_a_time(
    made: MadePulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.stores.pulse.answer_book._DELETED_AT_A_TIME", 2)
    ref = made.group()
    for days in (0, 0, 0, 1, 2):
        made.answer(ref, 1, on=ANSWERED + timedelta(days=days))
    # 14 days of a fortnight, 3 until it may be combined, 14 more.
    deleted: list[int] = []
    engine = made.session.database.engine

    def note(*given: Any) -> None:
        if given[2].startswith("DELETE"):
            deleted.append(given[1].rowcount)

    event.listen(engine, "after_cursor_execute", note)
    delete_due(made.session.database, ANSWERED + timedelta(days=33), 3)
    event.remove(engine, "after_cursor_execute", note)
    # Some by each statement, which has seconds.
    assert deleted == [2, 2, 0]
    assert made.waiting() == 1
    made.session.clock.set_to(ANSWERED + timedelta(days=34))
    made.session.ways_out.lifetimes.enforce(made.now())
    assert made.waiting() == 0
