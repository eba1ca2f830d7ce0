"""The study register as the gate sees it: each entry, each cause, and exactly what it stops."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from assets.core.errors import StudyError
from assets.core.modes import Mode
from assets.core.study_entries import CLAIMS, PROMISES, REGISTER, STOPS, TOLD, Action
from resources.base.home import CONTACT_NOT_SET, Home, HomeConfig
from resources.stores.study import entry_forms, notice_facts
from resources.stores.study.gate import CODES, require, require_one_of, stops
from resources.stores.study.made_up import write_made_up_register
from resources.stores.study.platform_terms import record_check
from resources.stores.study.register import Register, file_of, read_register
from resources.stores.study.standing import due_soon, findings

TODAY = date(2026, 10, 15)
Entries = dict[str, dict[str, Any]]


def home_at(root: Path, mode: Mode = Mode.STUDY, **config: Any) -> Home:
    root.mkdir(exist_ok=True)
    given: dict[str, Any] = {
        "home_id": "0" * 32,
        "first_day": date(2026, 9, 1),
        "inbox": str(root / "inbox"),
        "inbox_recipient": "age1ja98y0xng9ezrjwf2fua4dply6z2xwdnj0s6h2380h8p54gmayuqqp7h26",
        "contact": "care-study@tideline-study.ac.uk",
        "mode": mode,
    }
    return Home(root, HomeConfig.model_validate(given | config))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_at(tmp_path / "home")


def told(home: Home, today: date = TODAY) -> dict[str, set[tuple[str, str, str]]]:
    """By action, what stops it: entry, code, detail."""
    return {
        action.value: {(one.entry, one.code, one.detail) for one in stops(home, action, today)}
        for action in Action
    }


NOTHING: dict[str, set[Any]] = {"collect": set(), "publish": set()}


def stopped_by(entry: str, code: str, detail: str = "") -> dict[str, set[tuple[str, str, str]]]:
    return {one.value: {(entry, code, detail)} if one in STOPS[entry] else set() for one in Action}


def test_the_forms_are_those_of_the_table() -> None:
    assert tuple(entry_forms.FORMS) == tuple(STOPS)
    assert tuple(entry_forms.Claims.model_fields) == CLAIMS == tuple(notice_facts.CLAIMS)
    assert tuple(entry_forms.Promises.model_fields) == PROMISES
    assert tuple(entry_forms.Told.model_fields) == TOLD
    # What the design asks for, by name.
    assert {"dpia", "ethics", "platform_permission", "notice", "retention", "roles"} <= set(STOPS)
    assert len(CLAIMS) >= 10


def test_a_register_that_stands_stops_nothing(home: Home, write_register: Any) -> None:
    write_register(home)
    assert told(home) == NOTHING
    require(home, Action.COLLECT, TODAY)
    require(home, Action.PUBLISH, TODAY)


def refused(entry: dict[str, Any]) -> None:
    entry["decision"] = "refused"


def draft(entry: dict[str, Any]) -> None:
    entry["decision"] = "draft"


def overdue(entry: dict[str, Any]) -> None:
    entry["review_by"] = TODAY - timedelta(days=1)


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "STUDY_ENTRY_REFUSED": refused,
    "STUDY_ENTRY_DRAFT": draft,
    "STUDY_ENTRY_OVERDUE": overdue,
}


@pytest.mark.parametrize("name", STOPS)
def test_each_cause_stops_exactly_what_the_entry_stops(
    home: Home, write_register: Any, study_entries: Any, name: str
) -> None:
    for code, change in CHANGES.items():
        entries = study_entries(home)
        change(entries[name])
        write_register(home, entries)
        assert told(home) == stopped_by(name, code), code
        with pytest.raises(StudyError, match=f"^{code} {name}$") as raised:
            require(home, next(iter(STOPS[name])), TODAY)
        assert (raised.value.code, raised.value.entry_name) == (code, name)


@pytest.mark.parametrize("name", [one for one in STOPS if one != "roles"])
def test_a_missing_entry_stops_exactly_what_it_stops(
    home: Home, write_register: Any, study_entries: Any, name: str
) -> None:
    entries = study_entries(home)
    # What is said of the scopes is said of the notice, too: without them it claims nothing.
    del entries[name]
    write_register(home, entries)
    assert told(home) == stopped_by(name, "STUDY_ENTRY_MISSING")


COLLECT, PUBLISH = frozenset({Action.COLLECT}), frozenset({Action.PUBLISH})
# Written out, for what is derived from the forms can't miss what was taken out of them.
ASKED = {
    "need_and_benefit": (COLLECT, "need users public_benefit"),
    "alternatives": (COLLECT, "considered prior_use"),
    "quality_plan": (PUBLISH, "plan limitations"),
    "peer_review": (PUBLISH, "methods models finding"),
    "controller_and_sponsor": (COLLECT, "controller sponsor data_protection_officer"),
    "contact": (PUBLISH, "contact complaints"),
    "lawful_basis": (COLLECT, "basis reasons jurisdictions legal_advice"),
    "article_9_condition": (COLLECT, "condition reasons"),
    "article_84_safeguards": (
        COLLECT,
        "why_personal_data no_substantial_damage no_decisions_about_people minimisation",
    ),
    "dpia": (COLLECT, "residual_risk prior_consultation"),
    "ethics": (COLLECT, "committee conditions departure_from_member_consent"),
    "platform_permission": (COLLECT, "platforms"),
    "notice": (COLLECT, "version texts claims promises tells"),
    "scopes": (COLLECT, "regions constructs uses member_bases linkage linkage_consent"),
    "retention": (
        COLLECT,
        "inbox_lifetime_days score_lifetime_days member_record_lifetime_days survey_lifetime_days"
        " vector_keys_until published_values",
    ),
    "recipients": (COLLECT, "restricted public"),
    "minors": (COLLECT, "measures no_age_inference"),
    "risks_and_harms": (COLLECT | PUBLISH, "risks"),
    "safeguarding": (COLLECT, "sentence help"),
    "engagement": (PUBLISH, "activities feedback"),
    "communications": (PUBLISH, "signed_off_by wording licence citation"),
    "development_plan": (PUBLISH, "phase plan ends"),
    "roles": (COLLECT | PUBLISH, "people"),
}
OF_EACH = "reference decision decided_on review_by author reviewer"
OF_A_PLATFORM = "permission terms_sha256 terms_checked_within_days kept_at_most_days sharing"
OF_SEVERAL = {
    ("roles", "people"): "researcher responsible_officer committee legal ethics",
    ("risks_and_harms", "risks"): (
        "resistance_used_against_workers someone_recognised group_or_employer_singled_out distress"
    ),
    ("notice", "tells"): (
        "controller_and_contact purpose what_is_read lawful_basis retention recipients"
        " how_to_object how_to_complain nobody_reads_this"
    ),
    ("notice", "claims"): (
        "stores_nothing deleted_at_once anonymous read_once_a_day figure_for_each_day"
        " no_place_names_kept somebody_watches_over figures_withdrawn no_ai no_record_of_people"
        " exact_figures only_new_messages stays_on_our_machine never_linked only_who_agreed"
    ),
    ("notice", "promises"): (
        "exports_deleted_within_days scores_deleted_within_days sender_digests_deleted_within_days"
        " surveys_deleted_within_days days_to_object"
    ),
}


def test_what_the_policies_ask_for_is_asked_and_stops(home: Home, study_entries: Any) -> None:
    entries = study_entries(home)
    assert set(entries) == set(ASKED)

    def of_entry(name: str, changed: Entries) -> set[tuple[str, frozenset[Action]]]:
        return {
            (one.code, one.stops)
            for one in findings(home, Register(False, changed), TODAY)
            if one.entry == name and one.code != "STUDY_ENTRY_UNAPPROVED"
        }

    for name, (actions, asked) in ASKED.items():
        without = {one: entry for one, entry in entries.items() if one != name}
        assert of_entry(name, without) == {("STUDY_ENTRY_MISSING", actions)}
        for field in f"{asked} {OF_EACH}".split():
            lacking = {one: said for one, said in entries[name].items() if one != field}
            found = of_entry(name, {**entries, name: lacking})
            assert found, (name, field)
            assert {stopped for _, stopped in found} == {actions}, (name, field)
    for (name, field), parts in OF_SEVERAL.items():
        for part in parts.split():
            rest = {
                one: said
                for one, said in entries[name][field].items()
                if part not in (one, one.removeprefix("made_up_"))
            }
            assert len(rest) < len(entries[name][field]), part
            found = of_entry(name, {**entries, name: entries[name] | {field: rest}})
            assert found == {("STUDY_ENTRY_INCOMPLETE", ASKED[name][0])}, (field, part)
    for part in OF_A_PLATFORM.split():
        of_platform = dict(entries["platform_permission"]["platforms"]["whatsapp"])
        del of_platform[part]
        lacking = entries["platform_permission"] | {"platforms": {"whatsapp": of_platform}}
        found = of_entry("platform_permission", {**entries, "platform_permission": lacking})
        assert found == {("STUDY_ENTRY_INCOMPLETE", COLLECT)}, part


def test_without_roles_nobody_has_approved_anything(
    home: Home, write_register: Any, study_entries: Any
) -> None:
    entries = study_entries(home)
    write_register(home, entries)
    del entries["roles"]
    write_register(home, entries, by=())
    for action, found in told(home).items():
        assert ("roles", "STUDY_ENTRY_MISSING", "") in found
        assert {(one[0], one[1]) for one in found} - {("roles", "STUDY_ENTRY_MISSING")} == {
            (one, "STUDY_ENTRY_UNAPPROVED")
            for one in STOPS
            if Action(action) in STOPS[one] and one != "roles"
        }


@pytest.mark.parametrize("name", STOPS)
def test_a_change_of_an_entry_voids_its_approvals(
    home: Home, write_register: Any, study_entries: Any, name: str
) -> None:
    entries = study_entries(home)
    write_register(home, entries)
    entries[name]["reference"] += ", second edition"
    write_register(home, entries, by=())
    assert told(home) == stopped_by(name, "STUDY_ENTRY_UNAPPROVED")
    write_register(home, entries, by=("bo",))
    assert told(home) == stopped_by(name, "STUDY_ENTRY_UNAPPROVED")
    write_register(home, entries)
    assert told(home) == NOTHING


@pytest.mark.parametrize("by", [(), ("ana",), ("bo",)])
def test_one_person_is_not_two(home: Home, write_register: Any, by: tuple[str, ...]) -> None:
    write_register(home, by=by)
    for action, found in told(home).items():
        names = {one for one in STOPS if Action(action) in STOPS[one]}
        assert found == {(one, "STUDY_ENTRY_UNAPPROVED", "") for one in names}


def test_approvals_are_of_one_home(tmp_path: Path, write_register: Any) -> None:
    first, second = home_at(tmp_path / "a"), home_at(tmp_path / "b", home_id="1" * 32)
    write_register(first)
    write_register(second, by=())
    for file in (first.root / "study-approvals").glob("*.approval"):
        (second.root / "study-approvals" / file.name).write_bytes(file.read_bytes())
    assert told(first) == NOTHING
    assert {one[1] for found in told(second).values() for one in found} == {
        "STUDY_ENTRY_UNAPPROVED"
    }


@pytest.mark.parametrize(
    "spelt",
    [lambda key: key + " another comment", lambda key: key[:30] + "!" + key[30:]],
    ids=["comment", "sign that base64 skips"],
)
def test_two_names_with_one_key_are_one_person(
    home: Home, write_register: Any, study_entries: Any, spelt: Callable[[str], str]
) -> None:
    entries = study_entries(home)
    people = entries["roles"]["people"]
    people["bo"]["ssh_key"] = spelt(people["ana"]["ssh_key"])
    write_register(home, entries, by=("ana",))
    mine = home.root / "study-approvals" / "ana.approval"
    mine.with_name("bo.approval").write_bytes(mine.read_bytes())
    codes = {(one[0], one[1]) for one in told(home)["collect"]}
    assert ("roles", "STUDY_ENTRY_INCOMPLETE") in codes
    assert ("dpia", "STUDY_ENTRY_UNAPPROVED") in codes


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("dpia", {"reference": "not done"}, "STUDY_ENTRY_DRAFT"),
        ("dpia", {"residual_risk": "high"}, "STUDY_ENTRY_INCOMPLETE"),
        ("dpia", {"decision": "maybe"}, "STUDY_ENTRY_INCOMPLETE"),
        ("dpia", {"decision": "submitted"}, "STUDY_ENTRY_DRAFT"),
        ("dpia", {"decided_on": TODAY + timedelta(days=1)}, "STUDY_ENTRY_DRAFT"),
        ("dpia", {"review_by": date(2036, 1, 1)}, "STUDY_ENTRY_INCOMPLETE"),
        ("dpia", {"author": "K. Osei", "reviewer": "k. osei"}, "STUDY_ENTRY_UNREVIEWED"),
        ("dpia", {"what is this": 1}, "STUDY_ENTRY_INCOMPLETE"),
        ("ethics", {"reference": "REFUSED"}, "STUDY_ENTRY_REFUSED"),
        ("ethics", {"decision": "Denied."}, "STUDY_ENTRY_REFUSED"),
        ("scopes", {"regions": ["greater_london"]}, "STUDY_ENTRY_CONTRADICTED"),
        ("scopes", {"constructs": ["burnout"]}, "STUDY_ENTRY_CONTRADICTED"),
        ("scopes", {"uses": ["trend_lines"]}, "STUDY_ENTRY_CONTRADICTED"),
        ("scopes", {"linkage": True}, "STUDY_ENTRY_INCOMPLETE"),
        ("lawful_basis", {"jurisdictions": []}, "STUDY_ENTRY_INCOMPLETE"),
        ("lawful_basis", {"legal_advice": "not yet"}, "STUDY_ENTRY_DRAFT"),
        ("retention", {"score_lifetime_days": 30}, "STUDY_ENTRY_CONTRADICTED"),
        ("retention", {"vector_keys_until": "scoring"}, "STUDY_ENTRY_CONTRADICTED"),
        ("peer_review", {"methods": ["laplace-9"]}, "STUDY_ENTRY_CONTRADICTED"),
        ("peer_review", {"models": {"name_tagger": "0" * 64}}, "STUDY_ENTRY_CONTRADICTED"),
        ("contact", {"contact": "other@tideline-study.ac.uk"}, "STUDY_ENTRY_CONTRADICTED"),
        ("minors", {"no_age_inference": False}, "STUDY_ENTRY_INCOMPLETE"),
        ("roles", {"people": {}}, "STUDY_ENTRY_INCOMPLETE"),
        ("risks_and_harms", {"risks": {}}, "STUDY_ENTRY_INCOMPLETE"),
        ("notice", {"texts": {}}, "STUDY_ENTRY_INCOMPLETE"),
    ],
    ids=str,
)
def test_an_entry_that_says_too_little_or_what_is_not_so(
    home: Home, write_register: Any, study_entries: Any, name: str, change: Any, code: str
) -> None:
    entries = study_entries(home)
    # The text has fields in the form's order; others are put in by hand.
    entries[name] |= change
    write_register(home, entries, by=("ana", "bo") if name != "roles" else ())
    found = told(home)["collect"] | told(home)["publish"]
    assert (name, code, "") in found
    if name != "roles":
        assert found == {(name, code, "")}


def test_consents_may_stand_on_no_other_basis_than_the_scopes(
    tmp_path: Path, write_register: Any, study_entries: Any
) -> None:
    home = home_at(tmp_path / "home", member_bases=["opt_in", "notice_with_objection"])
    entries = study_entries(home)
    entries["scopes"]["member_bases"] = ["opt_in"]
    write_register(home, entries)
    assert told(home) == stopped_by("scopes", "STUDY_ENTRY_CONTRADICTED")


@pytest.mark.parametrize(
    ("settings", "claim"),
    [
        *(
            ({}, one)
            for one in CLAIMS
            if one not in {"stays_on_our_machine", "never_linked", "only_who_agreed"}
        ),
        ({"inbox": "s3://bucket/inbox"}, "stays_on_our_machine"),
        ({"linkage": True}, "never_linked"),
        ({}, "only_who_agreed"),
    ],
    ids=str,
)
def test_a_false_claim_is_refused_by_name(
    tmp_path: Path, write_register: Any, study_entries: Any, settings: Any, claim: str
) -> None:
    linked = settings.get("linkage", False)
    home = home_at(tmp_path / "home", **({} if linked else settings))
    entries = study_entries(home)
    entries["scopes"] |= {"linkage": linked, "linkage_consent": "ref 12" if linked else None}
    entries["notice"]["claims"][claim] = True
    write_register(home, entries)
    assert told(home) == stopped_by("notice", "NOTICE_CONTRADICTED", claim)
    with pytest.raises(StudyError, match=f"^NOTICE_CONTRADICTED notice {claim}$"):
        require(home, Action.COLLECT, TODAY)


@pytest.mark.parametrize(
    ("claim", "config"),
    [
        ("figure_for_each_day", {"daily_dots": True}),
        ("stays_on_our_machine", {}),
        ("never_linked", {}),
        ("only_who_agreed", {"member_bases": ["opt_in"]}),
    ],
    ids=str,
)
def test_a_claim_may_be_made_where_it_is_so(
    tmp_path: Path, write_register: Any, study_entries: Any, claim: str, config: Any
) -> None:
    bases = config.pop("member_bases", None) if (config := dict(config)) else None
    home = home_at(tmp_path / "home", **config)
    entries = study_entries(home)
    if bases:
        entries["scopes"]["member_bases"] = bases
    entries["notice"]["claims"][claim] = True
    write_register(home, entries)
    assert told(home) == NOTHING


@pytest.mark.parametrize(
    ("promise", "kept", "broken"),
    [
        ("exports_deleted_within_days", 14, 13),
        ("scores_deleted_within_days", 35, 34),
        ("sender_digests_deleted_within_days", 90, 0),
        ("surveys_deleted_within_days", 400, 399),
        ("days_to_object", 7, 8),
    ],
)
def test_a_promise_is_held_against_the_configuration(
    home: Home, write_register: Any, study_entries: Any, promise: str, kept: int, broken: int
) -> None:
    entries = study_entries(home)
    entries["notice"]["promises"][promise] = kept
    write_register(home, entries)
    assert told(home) == NOTHING
    entries["notice"]["promises"][promise] = broken
    write_register(home, entries)
    assert told(home) == stopped_by("notice", "NOTICE_CONTRADICTED", promise)


@pytest.mark.parametrize("statement", TOLD)
def test_a_notice_that_is_silent_is_refused(
    home: Home, write_register: Any, study_entries: Any, statement: str
) -> None:
    entries = study_entries(home)
    entries["notice"]["tells"][statement] = False
    write_register(home, entries)
    assert told(home) == stopped_by("notice", "NOTICE_LACKS", statement)


def test_a_corrected_text_takes_new_approvals(
    home: Home, write_register: Any, study_entries: Any
) -> None:
    entries = study_entries(home)
    write_register(home, entries)
    entries["notice"]["texts"]["en"] = "a" * 64
    write_register(home, entries, by=())
    assert told(home) == stopped_by("notice", "STUDY_ENTRY_UNAPPROVED")


PLACEHOLDERS = (
    "",
    CONTACT_NOT_SET,
    "TODO",
    "tbc",
    "team@example.org",
    "https://example.com/study",
    "study@uni.example",
    "noreply@uni.ac.uk",
    "your.name@uni.ac.uk",
    "The study team",
    "Contact to be added: a@b.uk",
    "000 0000 0000",
    "+44 1234 567890",
    "n/a",
    "...",
    "localhost",
)


@pytest.mark.parametrize("contact", PLACEHOLDERS)
def test_a_placeholder_contact_never_publishes(
    tmp_path: Path, write_register: Any, study_entries: Any, contact: str
) -> None:
    home = home_at(tmp_path / "home", contact=contact)
    entries = study_entries(home)
    write_register(home, entries)
    found = told(home)
    assert found["collect"] == set()
    assert {(one[0], one[1]) for one in found["publish"]} <= {
        ("contact", "CONTACT_IS_PLACEHOLDER"),
        ("contact", "STUDY_ENTRY_DRAFT"),
        ("contact", "STUDY_ENTRY_INCOMPLETE"),
    }
    assert found["publish"]
    # Whatever the register says, it is what home.yaml holds that the page shows.
    entries["contact"]["contact"] = "care-study@tideline-study.ac.uk"
    write_register(home, entries)
    assert told(home)["publish"] == {("contact", "CONTACT_IS_PLACEHOLDER", "")}


@pytest.mark.parametrize(
    "contact",
    [
        "care-study@lse.ac.uk",
        "The study team, 020 7955 7042",
        "https://www.lse.ac.uk/care-study",
        "Write to care.study@southampton.ac.uk or call us",
    ],
)
def test_an_address_that_somebody_may_answer_is_a_contact(
    tmp_path: Path, write_register: Any, contact: str
) -> None:
    home = home_at(tmp_path / "home", contact=contact)
    write_register(home)
    assert told(home) == NOTHING


def test_a_warning_comes_two_weeks_before_and_the_last_day_still_holds(
    home: Home, write_register: Any, study_entries: Any
) -> None:
    entries = study_entries(home)
    entries["ethics"]["review_by"] = TODAY
    register = write_register(home, entries)
    assert due_soon(register, TODAY - timedelta(days=15)) == {}
    for days in (14, 1, 0):
        assert due_soon(register, TODAY - timedelta(days=days)) == {"ethics": TODAY}
        assert told(home, TODAY - timedelta(days=days)) == NOTHING
    assert due_soon(register, TODAY + timedelta(days=1)) == {}
    assert told(home, TODAY + timedelta(days=1)) == stopped_by("ethics", "STUDY_ENTRY_OVERDUE")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"form: [",
        b"\xff\xfe\x00",
        b"- a list",
        b"just words",
        b"form: 2\nentries: {}",
        b"form: 1\nentries: []",
        b"form: 1\nentries: {unheard_of: {}}",
        b"form: 1\nmade_up: perhaps\nentries: {}",
        b"form: 1\nfor_all: {reference: x}\nentries: {}",
        b"dpia: {text: done, date: 2026-11-01, reviewer: A. B.}",
    ],
    ids=repr,
)
def test_what_is_no_register_stops_both(home: Home, content: bytes) -> None:
    file_of(home).write_bytes(content)
    both = {(REGISTER, "STUDY_REGISTER_UNREADABLE", "")}
    assert told(home) == {"collect": both, "publish": both}


def test_no_register_stops_both_and_a_first_look_has_none(home: Home, tmp_path: Path) -> None:
    both = {(REGISTER, "STUDY_REGISTER_MISSING", "")}
    assert told(home) == {"collect": both, "publish": both}
    with pytest.raises(StudyError, match=r"^STUDY_REGISTER_MISSING register$"):
        require_one_of(home, tuple(Action), TODAY)
    assert told(home_at(tmp_path / "first look", Mode.DISCOVERY)) == NOTHING


def test_either_action_is_enough_where_one_of_them_is_asked_for(
    home: Home, write_register: Any, study_entries: Any
) -> None:
    entries = study_entries(home)
    refused(entries["ethics"])
    write_register(home, entries)
    require_one_of(home, tuple(Action), TODAY)
    with pytest.raises(StudyError, match=r"^STUDY_ENTRY_REFUSED ethics$"):
        require_one_of(home, (Action.COLLECT,), TODAY)


def test_a_made_up_register_stands_in_a_made_up_home_alone(tmp_path: Path) -> None:
    made_up = home_at(tmp_path / "a", Mode.SYNTHETIC, contact="Nobody: everything here is made up")
    write_made_up_register(made_up, date(2026, 9, 1))
    assert told(made_up) == NOTHING
    assert told(made_up, date(2030, 1, 1)) == NOTHING
    assert read_register(file_of(made_up)).made_up
    study = home_at(tmp_path / "b")
    write_made_up_register(study, date(2026, 9, 1))
    found = told(study)
    assert (REGISTER, "STUDY_REGISTER_MADE_UP", "") in found["collect"] & found["publish"]


def test_the_gate_says_no_code_of_another(home: Home, write_register: Any) -> None:
    write_register(home, by=())
    assert {one[1] for found in told(home).values() for one in found} <= CODES


def sloppy(entries: Entries) -> None:
    entries["dpia"] |= {"reference": "not done"}
    entries["ethics"] |= {"reference": "REFUSED"}
    entries["platform_permission"] |= {"decision": "denied"}


def test_the_sloppy_study_is_refused_by_every_name(
    home: Home, write_register: Any, study_entries: Any
) -> None:
    entries = study_entries(home)
    sloppy(entries)
    write_register(home, entries)
    assert told(home) == {
        "collect": {
            ("dpia", "STUDY_ENTRY_DRAFT", ""),
            ("ethics", "STUDY_ENTRY_REFUSED", ""),
            ("platform_permission", "STUDY_ENTRY_REFUSED", ""),
        },
        "publish": set(),
    }


def test_terms_that_nobody_looks_at(home: Home, write_register: Any, study_entries: Any) -> None:
    entries = study_entries(home)
    platform = entries["platform_permission"]["platforms"]["whatsapp"]
    platform["terms_checked_within_days"] = "never"
    write_register(home, entries)
    assert told(home) == stopped_by("platform_permission", "STUDY_ENTRY_DRAFT")
    platform["terms_checked_within_days"] = 93
    write_register(home, entries)
    assert told(home) == stopped_by("platform_permission", "STUDY_ENTRY_INCOMPLETE")
    platform["terms_checked_within_days"] = (TODAY - date(2026, 9, 1)).days
    write_register(home, entries)
    assert told(home) == NOTHING
    later = TODAY + timedelta(days=1)
    assert told(home, later) == stopped_by("platform_permission", "PLATFORM_TERMS_UNCHECKED")
    platform["terms_sha256"] = "b" * 64
    write_register(home, entries)
    assert told(home) == stopped_by("platform_permission", "PLATFORM_TERMS_CHANGED")
    (home.root / "study-approvals" / "terms-checked.yaml").unlink()
    assert told(home) == stopped_by("platform_permission", "PLATFORM_TERMS_UNCHECKED")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kept_at_most_days": 14}, None),
        ({"kept_at_most_days": 13}, "STUDY_ENTRY_CONTRADICTED"),
        ({"kept_at_most_days": "TODO"}, "STUDY_ENTRY_DRAFT"),
        ({"sharing": "Refused."}, "STUDY_ENTRY_REFUSED"),
        ({"sharing": "TODO"}, "STUDY_ENTRY_DRAFT"),
    ],
    ids=str,
)
def test_what_the_terms_say_on_keeping_and_sharing(
    home: Home, write_register: Any, study_entries: Any, change: Any, code: str | None
) -> None:
    entries = study_entries(home)
    entries["platform_permission"]["platforms"]["whatsapp"] |= change
    write_register(home, entries)
    assert told(home) == (stopped_by("platform_permission", code) if code else NOTHING)


def test_older_terms_do_not_lift_what_newer_ones_stopped(
    home: Home, write_register: Any, study_entries: Any
) -> None:
    entries = study_entries(home)
    platform = entries["platform_permission"]["platforms"]["whatsapp"]
    old, new = b"terms of then", b"terms of now"
    platform["terms_sha256"] = hashlib.sha256(old).hexdigest()
    register = write_register(home, entries)
    record_check(home, register, "whatsapp", old, TODAY)
    assert told(home) == NOTHING
    changed = stopped_by("platform_permission", "PLATFORM_TERMS_CHANGED")
    for seen in (new, old):
        with pytest.raises(StudyError, match=r"^PLATFORM_TERMS_CHANGED platform_permission$"):
            record_check(home, register, "whatsapp", seen, TODAY)
        assert told(home) == changed
    # Neither does another digest alone, but a decision that is not older than what was seen.
    platform["terms_sha256"] = hashlib.sha256(new).hexdigest()
    register = write_register(home, entries)
    with pytest.raises(StudyError, match=r"^PLATFORM_TERMS_CHANGED platform_permission$"):
        record_check(home, register, "whatsapp", new, TODAY)
    entries["platform_permission"]["decided_on"] = TODAY
    register = write_register(home, entries)
    record_check(home, register, "whatsapp", new, TODAY)
    assert told(home) == NOTHING


def test_a_permission_that_was_denied_in_words_is_refused(
    home: Home, write_register: Any, study_entries: Any
) -> None:
    entries = study_entries(home)
    entries["platform_permission"]["platforms"]["whatsapp"]["permission"] = "Denied."
    register = write_register(home, entries)
    assert told(home) == stopped_by("platform_permission", "STUDY_ENTRY_REFUSED")
    (found,) = findings(home, register, TODAY)
    assert found.fields == ("platforms.whatsapp.permission",)


def test_what_is_empty_and_what_is_wrong_are_told_at_once_and_how(
    home: Home, write_register: Any, study_entries: Any
) -> None:
    entries = study_entries(home)
    entries["need_and_benefit"] |= {"need": "TODO", "users": "a list?", "decided_on": "soon"}
    del entries["quality_plan"]["reviewer"]
    entries["quality_plan"]["reviewr"] = "somebody else"
    entries["dpia"]["residual_risk"] = "some"
    entries["minors"]["no_age_inference"] = "yes"
    entries["notice"]["claims"]["stores_nothin"] = False
    found = {
        (one.entry, one.code): one.fields
        for one in findings(home, write_register(home, entries), TODAY)
    }
    assert found == {
        ("need_and_benefit", "STUDY_ENTRY_DRAFT"): ("need",),
        ("need_and_benefit", "STUDY_ENTRY_INCOMPLETE"): (
            "decided_on (a day, as 2026-11-30)",
            "users (a list, a line each after a dash)",
        ),
        ("quality_plan", "STUDY_ENTRY_INCOMPLETE"): (
            "reviewer (missing)",
            "(a field too many) beside `reviewer` (not a field of it)",
        ),
        ("dpia", "STUDY_ENTRY_INCOMPLETE"): ("residual_risk (one of 'low', 'medium' or 'high')",),
        ("minors", "STUDY_ENTRY_INCOMPLETE"): ("no_age_inference (yes or no)",),
        ("notice", "STUDY_ENTRY_INCOMPLETE"): (
            "claims.stores_nothin beside `stores_nothing` (not a field of it)",
        ),
    }
