import hashlib
import re
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import URL

from assets.core.delivery_rhythm import Rhythm
from assets.core.errors import ConsentError
from assets.core.london_time import LONDON
from assets.core.modes import Mode
from resources.base.database.connection import Database
from resources.base.database.tables import consent_events, consent_renewals, earlier_consents
from resources.maintenance.database_setup import as_owner
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.consent.consent_terms import (
    AgreedNotice,
    ConsentRules,
    MemberBasis,
    Scope,
    faults_of_terms,
)
from resources.stores.consent.member_notice import MemberNotice

REGIONS = ("greater_london", "east_of_england")
NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
D = date(2026, 10, 1)
DAY = timedelta(days=1)


@pytest.fixture
def register(database: Database, journal) -> ConsentRegister:
    return ConsentRegister(database, Mode.SYNTHETIC, REGIONS, journal)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"region": "atlantis"}, "REGION_UNKNOWN"),
        ({"ethics_reference": " "}, "ETHICS_REFERENCE_MISSING"),
        ({"adult_workplace": False}, "ATTESTATION_MISSING"),
        ({"notice_version": ""}, "MEMBERS_NOT_INFORMED"),
        ({"informed_on": date(2026, 9, 2)}, "MEMBERS_NOT_INFORMED"),
        ({"informed_on": date(2026, 8, 26)}, "COOLING_OFF_TOO_SHORT"),
        ({"notice": b" \n"}, "NOTICE_FILE_MISSING"),
        ({"departure_approved": False}, "ETHICS_DEPARTURE_MISSING"),
        ({"sector": None}, "SECTOR_MISSING"),
        ({"scopes": frozenset({Scope.SURVEYS})}, "SCOPE_MISSING"),
        ({"rhythm": None}, "RHYTHM_MISSING"),
        ({"rhythm": Rhythm.WEEKLY}, "RHYTHM_TOO_SLOW"),
        ({"review_by": date(2026, 10, 14)}, "REVIEW_DATE_INVALID"),
        ({"review_by": date(2027, 10, 17)}, "REVIEW_DATE_INVALID"),
        ({"valid_until": date(2026, 8, 31)}, "CONSENT_DATES_REVERSED"),
        ({"platform": "carrier pigeon"}, "PLATFORM_UNKNOWN"),
        ({"platform": "WhatsApp"}, "PLATFORM_UNKNOWN"),
        ({"evidence": b""}, "EVIDENCE_MISSING"),
        ({"evidence": b" \n"}, "EVIDENCE_MISSING"),
        ({"employer_ref": "Oak House Ltd"}, "EMPLOYER_UNKNOWN"),
        ({"employer_ref": "e-0000000g"}, "EMPLOYER_UNKNOWN"),
    ],
    ids=str,
)
def test_a_consent_that_lacks_something_is_refused(register, terms, change, code) -> None:
    with pytest.raises(ConsentError, match=f"^{code}$"):
        register.grant(terms(**change), NOW)
    assert register.sequence() == 0
    known = register.grant(terms(), NOW)
    register.withdraw(known, NOW)
    with pytest.raises(ConsentError, match=f"^{code}$"):
        register.renew(known, terms(**change), NOW)
    assert register.sequence() == 2


def test_a_consent_that_runs_goes_on_from_its_first_day_though_members_were_told_since(
    register, terms
) -> None:
    known = register.grant(terms(), NOW)
    first = register.consent(known).valid_from
    later = terms(informed_on=first + DAY)
    register.renew(known, later, NOW)
    assert register.consent(known).refusal(first, first, Mode.SYNTHETIC) is None
    earlier = terms(informed_on=first + DAY, valid_from=first - DAY)
    with pytest.raises(ConsentError, match=r"^MEMBERS_NOT_INFORMED$"):
        register.renew(known, earlier, NOW)


NOT_ASKED = ("notice file", "employer", "sector", "scopes", "rhythm", "review date")


def earlier(url: URL, ref: str, counts_until: date | None, **lacks: bool) -> None:
    """Make the group's consent one that an earlier version recorded, migrated to this one."""
    with as_owner(url) as connection:
        for statement in (
            "ALTER TABLE restricted.consent_terms DISABLE TRIGGER USER",
            "DELETE FROM restricted.consent_terms",
            "ALTER TABLE restricted.consent_terms ENABLE TRIGGER USER",
        ):
            connection.execute(sa.text(statement))
        seq = sa.select(consent_events.c.seq).where(consent_events.c.group_ref == ref)
        (number,) = connection.execute(seq).scalars()
        if counts_until is not None:
            marked = {"seq": number, "at": NOW, "counts_until": counts_until}
            connection.execute(earlier_consents.insert().values(marked))
        if lacks:
            marked = {"seq": number, "at": NOW, "renew_by": D + 20 * DAY, **lacks}
            connection.execute(consent_renewals.insert().values(marked))


@pytest.mark.parametrize(
    ("lacks", "what", "last"),
    [
        ({}, (), D + 40 * DAY),
        ({"no_platform": True, "no_evidence": False}, ("platform",), D + 20 * DAY),
        ({"no_platform": True, "no_evidence": True}, ("platform", "evidence"), D + 20 * DAY),
    ],
)
def test_what_an_earlier_version_took_is_read_until_it_has_to_be_renewed(
    register, database_url, terms, lacks, what, last
) -> None:
    known = register.grant(terms(), NOW)
    assert (register.consent(known).lacks, register.consent(known).renew_by) == ((), None)
    earlier(database_url, known, D + 40 * DAY, **lacks)
    marked_consent = register.consent(known)
    assert marked_consent.lacks == (*what, *NOT_ASKED, "ethics departure")
    assert (marked_consent.renew_by, marked_consent.rhythm) == (last, None)
    assert [one.cools_off for one in marked_consent.notices] == [False]
    # Nobody was asked about what came later.
    assert marked_consent.scopes == {Scope.TREND_LINES, Scope.SURVEYS}
    refusals = [marked_consent.refusal(D, today, Mode.SYNTHETIC) for today in (last, last + DAY)]
    assert refusals == [None, "CONSENT_TO_RENEW"]
    register.notice(known, D, "v2", b"text", NOW)
    assert register.consent(known).lacks == marked_consent.lacks
    register.renew(known, terms(), NOW)
    assert register.consent(known).lacks == ()
    assert register.consent(known).refusal(D, last + DAY, Mode.SYNTHETIC) is None


def test_one_of_which_nobody_decided_how_long_it_counts_is_not_read_and_can_leave(
    register, database_url, terms
) -> None:
    known = register.grant(terms(), NOW)
    earlier(database_url, known, None)
    assert register.consent(known).refusal(D, D, Mode.SYNTHETIC) == "CONSENT_TO_RENEW"
    register.withdraw(known, NOW)
    assert register.consent(known).refusal(D, D, Mode.SYNTHETIC) == "CONSENT_WITHDRAWN"


def test_a_consent_is_not_read_past_its_review(register, terms) -> None:
    ref = register.grant(terms(review_by=D + 30 * DAY), NOW)
    refusals = [
        register.consent(ref).refusal(D, today, Mode.SYNTHETIC)
        for today in (D + 30 * DAY, D + 31 * DAY)
    ]
    assert refusals == [None, "CONSENT_REVIEW_DUE"]


@pytest.mark.parametrize(
    ("rules", "change", "code"),
    [
        (ConsentRules(close_after_days=9), {"rhythm": Rhythm.WEEKLY}, None),
        (ConsentRules(close_after_days=8), {"rhythm": Rhythm.WEEKLY}, "RHYTHM_TOO_SLOW"),
        (ConsentRules(close_after_days=16), {"rhythm": Rhythm.FORTNIGHTLY}, None),
        (ConsentRules(close_after_days=15), {"rhythm": Rhythm.FORTNIGHTLY}, "RHYTHM_TOO_SLOW"),
        (ConsentRules(close_after_days=2), {}, "RHYTHM_TOO_SLOW"),
        (ConsentRules(cooling_off=8 * DAY), {}, "COOLING_OFF_TOO_SHORT"),
        (ConsentRules(cooling_off=0 * DAY), {"informed_on": date(2026, 9, 1)}, None),
        (ConsentRules(member_bases=(MemberBasis.OPT_IN,)), {}, "MEMBER_BASIS_OTHER"),
        (ConsentRules(member_bases=(MemberBasis.NOTICE_WITH_OBJECTION,)), {}, None),
        (ConsentRules(basis_must_be_stated=True), {}, "MEMBER_BASIS_NOT_STATED"),
        (ConsentRules(permitted_platforms=lambda: frozenset({"whatsapp"})), {}, None),
        (
            ConsentRules(permitted_platforms=lambda: frozenset({"slack"})),
            {},
            "PLATFORM_NOT_PERMITTED",
        ),
        (
            ConsentRules(permitted_platforms=lambda: frozenset({"slack"})),
            {"platform": "carrier pigeon"},
            "PLATFORM_UNKNOWN",
        ),
    ],
    ids=str,
)
def test_what_a_home_asks_of_a_consent(terms, rules, change, code) -> None:
    found = faults_of_terms(terms(**change), rules, frozenset(REGIONS), NOW.date())
    assert found == ([code] if code else [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"notice": b"what was told before"}, "NOTICE_NOT_AGREED"),
        ({"notice_version": "v2"}, "NOTICE_NOT_AGREED"),
        ({"notice": b" "}, "NOTICE_FILE_MISSING"),
    ],
    ids=str,
)
def test_members_are_told_what_the_study_answers_for(
    database, journal, terms, change, code
) -> None:
    told = hashlib.sha256(terms().notice).hexdigest()
    rules = ConsentRules(agreed_notice=lambda: AgreedNotice("v1", frozenset({"0" * 64, told})))
    register = ConsentRegister(database, Mode.SYNTHETIC, REGIONS, journal, rules)
    tried = terms(**change)
    ref = register.grant(terms(), NOW)
    refused = pytest.raises(ConsentError, match=f"^{code}$") if code else nullcontext()
    with refused:
        register.grant(tried, NOW)
    with refused:
        register.notice(ref, NOW.date(), tried.notice_version, tried.notice, NOW)
    assert len(register.consents()) == len(register.consent(ref).notices) == (1 if code else 2)


def test_a_consent_of_one_day_is_a_consent(register, terms) -> None:
    ref = register.grant(terms(valid_from=D, valid_until=D), NOW)
    assert register.consent(ref).refusal(D, D, Mode.SYNTHETIC) is None


@pytest.mark.parametrize(
    ("day", "today", "mode", "code"),
    [
        (date(2026, 9, 1), date(2026, 10, 1), Mode.SYNTHETIC, None),
        (date(2026, 12, 31), date(2026, 12, 31), Mode.SYNTHETIC, None),
        (date(2026, 8, 31), date(2026, 10, 1), Mode.SYNTHETIC, "CONSENT_NOT_FOR_THIS_DAY"),
        (date(2027, 1, 1), date(2026, 12, 31), Mode.SYNTHETIC, "CONSENT_NOT_FOR_THIS_DAY"),
        (date(2026, 12, 31), date(2027, 1, 1), Mode.SYNTHETIC, "CONSENT_EXPIRED"),
        (date(2026, 9, 1), date(2026, 10, 1), Mode.STUDY, "CONSENT_OF_ANOTHER_MODE"),
        (date(2026, 9, 1), date(2026, 10, 1), Mode.DISCOVERY, "CONSENT_OF_ANOTHER_MODE"),
    ],
)
def test_a_group_is_read_only_inside_its_consent(register, terms, day, today, mode, code) -> None:
    ref = register.grant(terms(), NOW)
    assert register.consent(ref).refusal(day, today, mode) == code


def test_an_opt_in_needs_no_ethics_reference(register, terms) -> None:
    ref = register.grant(
        terms(member_basis=MemberBasis.OPT_IN, ethics_reference="", departure_approved=False), NOW
    )
    assert register.consent(ref).member_basis is MemberBasis.OPT_IN
    assert register.consent(register.grant(terms(), NOW)).member_basis is (
        MemberBasis.NOTICE_WITH_OBJECTION
    )


def test_each_notice_is_kept(register, terms) -> None:
    ref = register.grant(terms(), NOW)
    register.notice(ref, D, "v2", b"text", NOW)
    register.withdraw(ref, NOW)
    register.renew(ref, terms(informed_on=D + DAY, valid_from=D + 8 * DAY), NOW)
    assert register.consent(ref).notices == (
        MemberNotice(date(2026, 8, 25)),
        MemberNotice(D),
        MemberNotice(D + DAY),
    )


@pytest.mark.parametrize(
    ("ref", "day", "version", "code"),
    [
        ("known", NOW.date() + DAY, "v2", "NOTICE_NOT_YET_GIVEN"),
        ("known", NOW.date(), " ", "NOTICE_NOT_YET_GIVEN"),
        ("g-00000000", NOW.date(), "v2", "GROUP_UNKNOWN"),
    ],
)
def test_a_notice_that_was_not_given_is_refused(register, terms, ref, day, version, code) -> None:
    known = register.grant(terms(), NOW)
    with pytest.raises(ConsentError, match=f"^{code}$"):
        register.notice(known if ref == "known" else ref, day, version, b"text", NOW)
    assert len(register.consent(known).notices) == 1


def test_chat_privacy_counts_from_the_first_day_until_a_renewal(register, terms) -> None:
    ref = register.grant(terms(), NOW)
    assert register.consent(ref).privacy_from == datetime(2026, 9, 1, tzinfo=LONDON)
    later = register.grant(terms(valid_from=date(2026, 12, 1)), NOW)
    assert register.consent(later).privacy_from == NOW
    register.renew(ref, terms(), NOW + DAY)
    assert register.consent(ref).privacy_from == NOW + DAY


def test_withdrawal_and_renewal_act_at_once(register, terms) -> None:
    ref = register.grant(terms(), NOW)
    employer = register.consent(ref).employer_ref
    register.withdraw(ref, NOW)
    assert register.consent(ref).refusal(D, D, Mode.SYNTHETIC) == "CONSENT_WITHDRAWN"
    register.renew(ref, terms(valid_until=D), NOW)
    renewed = register.consent(ref)
    assert renewed.refusal(D, D, Mode.SYNTHETIC) is None
    assert (renewed.valid_until, renewed.employer_ref, renewed.seq) == (D, employer, 3)


def test_a_group_keeps_its_region(register, terms) -> None:
    ref = register.grant(terms(), NOW)
    with pytest.raises(ConsentError, match=r"^REGION_CHANGED$"):
        register.renew(ref, terms(region="east_of_england"), NOW)


def test_an_unknown_group_is_refused(register, terms) -> None:
    for ask in (
        lambda: register.consent("g-00000000"),
        lambda: register.withdraw("g-00000000", NOW),
        lambda: register.renew("g-00000000", terms(), NOW),
    ):
        with pytest.raises(ConsentError, match=r"^GROUP_UNKNOWN$"):
            ask()


def test_references_are_random_and_nothing_given_is_kept_as_it_was(
    register, terms, database: Database
) -> None:
    given_terms = terms(evidence=b"Signed by Grace Okafor", ethics_reference="Grace's approval")
    refs = [register.grant(given_terms, NOW) for _ in range(3)]
    assert len(set(refs)) == 3
    assert all(re.fullmatch(r"g-[0-9a-f]{8}", ref) for ref in refs)
    with database.transaction() as connection:
        rows = connection.execute(sa.select(consent_events)).all()
    assert len({row.employer_ref for row in rows}) == 3
    assert "Grace" not in repr(rows)


def test_no_column_is_for_personal_data() -> None:
    assert {column.name for column in consent_events.columns} == {
        "seq",
        "at",
        "kind",
        "group_ref",
        "mode",
        "region",
        "platform",
        "employer_ref",
        "member_basis",
        "ethics_digest",
        "informed_on",
        "notice_version",
        "adult_workplace",
        "evidence_digest",
        "valid_from",
        "valid_until",
        "via",
    }


EVENT = st.tuples(
    st.sampled_from(("grant", "renew", "withdraw")),
    st.integers(0, 2),
    st.sampled_from(REGIONS),
    st.integers(0, 20),
    st.integers(0, 20),
)


@settings(
    max_examples=20,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(events=st.lists(EVENT, max_size=10))
def test_the_state_is_what_the_events_say(register, terms, events) -> None:
    refs: list[str] = []
    expected: dict[str, tuple[str, date, date, bool]] = {}
    for kind, number, region, start, length in events:
        first, last = D + start * DAY, D + (start + length) * DAY
        agreed = terms(region=region, valid_from=first, valid_until=last)
        if kind == "grant":
            ref = register.grant(agreed, NOW)
            refs.append(ref)
            expected[ref] = (region, first, last, True)
        elif number >= len(refs):
            continue
        elif kind == "withdraw":
            register.withdraw(refs[number], NOW)
            expected[refs[number]] = (*expected[refs[number]][:3], False)
        elif expected[refs[number]][0] == region:
            register.renew(refs[number], agreed, NOW)
            expected[refs[number]] = (region, first, last, True)
        else:
            with pytest.raises(ConsentError):
                register.renew(refs[number], agreed, NOW)
    found = {ref: one for ref, one in register.consents().items() if ref in expected}
    assert {
        ref: (one.region, one.valid_from, one.valid_until, one.active) for ref, one in found.items()
    } == expected
    assert list(found) == refs
    for region in REGIONS:
        assert {ref for ref in register.consents(region) if ref in expected} == {
            ref for ref, state in expected.items() if state[0] == region
        }
