"""The records of a release: what they say is what was reviewed and what is in its tables."""

import dataclasses
import json
import re

import made_pages
import made_records
import pytest

from assets.core.errors import PublicationError
from assets.core.modes import Mode
from assets.core.public_files import RECORDS
from assets.public.page.page import render_page
from assets.public.page.page_reader import read_page
from assets.public.page.plain_pages import record_pages
from assets.public.page.record_check import check_records, faults_of_records
from assets.public.page.release_files import make_release
from assets.public.page.span import QUARTER
from assets.public.records.all_records import record_files, records_of
from assets.public.records.evidence import written_evidence
from assets.public.records.released_data import read_data, written_data
from assets.released.reviewed_facts import PHASES, Reviewed
from assets.released.thresholds import MIN_GROUPS

LONGEST_PAGE, MOST_ELEMENTS = 150_000, 2_500


@pytest.fixture(scope="module")
def study():
    return made_records.released()


@pytest.fixture(scope="module")
def said(study):
    return {name: json.loads(one) for name, one in record_files(records_of(study), study).items()}


@pytest.fixture(scope="module")
def pages(study):
    return record_pages(records_of(study), study.facts)


def test_each_is_a_page_and_a_file_that_say_whose_and_what_they_are(said, pages):
    assert set(said) == set(RECORDS.values())
    assert set(pages) == set(RECORDS)
    for content in said.values():
        assert content["mode"] == "study"
        assert content["made_up"] is False
        assert content["release"] == 1
    for page in pages.values():
        read = read_page(page)
        assert "Made-up data." not in read.text
        assert "Not stated" not in read.text
        assert "not stated" not in read.text
        links = {one for one in read.addresses if not one.startswith(("#", "data:", "index"))}
        assert links <= {*RECORDS, *RECORDS.values()}


def test_made_up_data_say_so_on_every_record():
    data = made_records.released(Mode.SYNTHETIC)
    records = records_of(data)
    for page in record_pages(records, data.facts).values():
        assert "Made-up data." in read_page(page).sections[""]
        assert "<title>Made-up data: " in page
    for content in record_files(records, data).values():
        assert json.loads(content)["made_up"] is True
        assert json.loads(content)["title"].startswith("Made-up data: ")


@pytest.mark.parametrize(
    ("setting", "days", "where"),
    [
        ("inbox_lifetime_days", 21, "Chat exports as they were delivered, sealed"),
        ("score_lifetime_days", 41, "Scores of a group’s day, encrypted"),
        ("member_record_lifetime_days", 77, "has written"),
        ("survey_lifetime_days", 303, "Answers to surveys, sealed"),
        ("close_after_days", 17, "Numbers made of scrubbed messages, encrypted"),
    ],
)
def test_the_notice_says_how_long_things_are_kept_by_the_settings(setting, days, where):
    data = made_records.released(reviewed=made_records.reviewed(**{setting: days}))
    files = record_files(records_of(data), data)
    notice, held = json.loads(files["privacy.json"]), json.loads(files["holdings.json"])
    kept = {one["what"]: one["kept"] for one in notice["retention"]}
    assert f"{days} days" in next(one for what, one in kept.items() if where in what)
    assert notice["settings"][setting] == days
    assert f"{days} days" in json.dumps(held, ensure_ascii=False)
    page = record_pages(records_of(data), data.facts)["privacy.html"]
    assert f"{days} days" in read_page(page).sections["kept"]


def test_the_notice_says_what_an_objection_by_the_portal_does_and_does_not(pages):
    sections = read_page(pages["privacy.html"]).sections
    said = " ".join(f"{sections['object']} {sections['kept']}".split())
    for words in (
        "without anybody seeing who you are",
        "others of the same name too",
        "where it shows nobody so, it leaves out nobody",
        "doesn’t stop the group",
        "taken back by its receipt code alone",
        "lifts no objection",
        "90 days after it came",
    ):
        assert words in said


def test_the_notice_tells_all_that_articles_13_and_14_ask_for(pages, study):
    read = read_page(pages["privacy.html"])
    asked = {
        "who": ["University of Somewhere", "team@example.org", "dpo@somewhere.ac.uk"],
        "purpose": ["strained home care", "weeks sooner", "trend lines"],
        "law": ["Art. 6(1)(e)", "Schedule 1", "84B", "84C"],
        "data": ["exports of the whole chat", "Article 14", "health, beliefs or trade union"],
        "recipients": ["research computing", "Everybody, under the licence"],
        "object": ["Object, at any time", "not scored yet"],
        "rights": ["erasure", "can’t erase", "7 days between"],
        "complain": ["registrar of the university", "section 164A", "30 days", "ico.org.uk"],
        "decisions": ["No decision on anybody"],
    }
    for section, words in asked.items():
        for one in words:
            assert one in read.sections[section], (section, one)


def test_the_algorithm_record_has_every_field_of_version_4_and_the_models_of_the_home(said, study):
    record = said["algorithm.json"]
    assert set(record["tier_1"]) == {"name", "description", "website", "contact", "phase"}
    assert record["tier_1"]["phase"] in PHASES
    assert len(record["tier_2"]) == 5
    tool = record["tier_2"]["tool_specification"]
    known = study.facts.reviewed.models
    assert {one["name"].replace(" ", "_"): one["sha256"] for one in tool["models"]} == {
        name: one["sha256"] for name, one in known.items()
    }
    fields = {"name", "version", "task", "input", "output", "architecture", "performance", "data"}
    assert all(fields <= set(one) and all(map(one.get, fields)) for one in tool["models"])
    data = {
        "description",
        "modality",
        "quantities",
        "sensitive_attributes",
        "completeness_and_representativeness",
        "source",
        "collection",
        "cleaning",
        "sharing_and_access",
        "storage",
    }
    assert set(tool["development_data"]) == data
    assert set(tool["operational_data"]) == data
    measured = tool["models"][-1]["measured"]
    assert measured == known["construct_model"]["performance"]
    assert str(MIN_GROUPS) in tool["operational_data"]["quantities"]


def test_phases_and_models_that_were_left_stay_in_the_index(said):
    (system,) = said["index.json"]["systems"]
    assert [(one["is"], one["since"], one["until"]) for one in system["phases"]] == [
        ("private beta", "2026-09-01", "2026-10-05"),
        ("public beta", "2026-10-05", "now"),
    ]
    constructs = [one for one in system["models"] if one["what"] == "construct_model"]
    assert [(one["sha256"][0], one["until"]) for one in constructs] == [
        ("a", "2026-10-05"),
        ("b", "now"),
    ]
    assert {one["data"] for one in said["index.json"]["records"]} == set(RECORDS.values())


def test_numbers_of_the_quality_report_are_those_of_the_tables(said, study):
    shown = study.published
    for line in said["quality.json"]["accuracy"]:
        mine = shown[(shown.region == line["region"]) & (shown.construct == line["construct"])]
        for status in ("published", "not_published", "retracted"):
            assert line[status] == (mine.status == status).sum()
        assert line["revised"] == (mine.revision > 0).sum()
        assert line["median_standard_error"] == round(mine.standard_error_7d.median(), 3)
        assert line["median_detectable_change"] == round(mine.detectable_change_7d.median(), 3)
        rate = study.facts.hit_rates[line["region"], line["construct"]]
        assert (line["forecasts_scored"], line["forecasts_in_80"]) == (rate.forecasts, rate.in80)
    timely = said["quality.json"]["timeliness_and_punctuality"]
    assert timely["days_behind"] == 4
    assert timely["closes_after_days"] == study.facts.closes_after_days


def test_numbers_of_the_transparency_report_are_those_of_the_tables(said, study):
    quarters = {one["quarter"]: one for one in said["transparency.json"]["quarters"]}
    assert list(quarters) == ["2026-Q3", "2026-Q2"]
    of_day = study.published[study.published.construct == "resilience"]
    for region in quarters["2026-Q3"]["regions"]:
        mine = of_day[of_day.region == region["region"]]
        mine = mine[[day.isoformat()[:7] in {"2026-07", "2026-08", "2026-09"} for day in mine.day]]
        assert region["published"] == (mine.status == "published").sum() > 60
        assert region["not_published"] == (mine.status == "not_published").sum()
        spent = mine.loc[mine.status == "published", "micro_rho"].sum()
        assert region["micro_rho"] == spent
    assert quarters["2026-Q3"]["withdrawals"] == "from 10 to 24"
    assert quarters["2026-Q3"]["incidents"] == "some"
    told = json.dumps(list(quarters.values()))
    assert "objection" not in told
    assert "groups" not in told


# Written out, for what is taken out of the check's own list would not be missed.
ASKED = (
    "need",
    "public_benefit",
    "alternatives",
    "limitations",
    "restricted_recipients",
    "public_recipients",
    "notice_version",
    "phase",
    "plan",
    "ends",
)


@pytest.mark.parametrize("name", [*ASKED, "settings", "models"])
def test_a_study_does_not_publish_records_that_lack_what_they_must_say(pages, study, name):
    facts, reviewed = study.facts, study.facts.reviewed
    if name in ASKED:
        words = {key: one for key, one in reviewed.words.items() if key != name}
        lacks = dataclasses.replace(reviewed, words=words)
    else:
        lacks = dataclasses.replace(reviewed, **{name: {}})
    with pytest.raises(PublicationError, match="RECORD_WORDS_MISSING"):
        check_records(pages, dataclasses.replace(facts, reviewed=lacks))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Experimental research figures, not official statistics", "News"),
        ("<header>", "<header><p>Made-up data.</p>"),
        ("</main>", '<a href="https://example.org">x</a></main>'),
        ("default-src &#39;none&#39;", "default-src *"),
        ("</main>", "<script>fetch(1)</script></main>"),
        ('id="records"', 'id="main"'),
    ],
)
def test_a_changed_page_is_refused(pages, study, old, new):
    assert list(faults_of_records(pages, study.facts)) == []
    assert old in pages["privacy.html"]
    spoilt = {**pages, "privacy.html": pages["privacy.html"].replace(old, new, 1)}
    assert list(faults_of_records(spoilt, study.facts)) == ["RECORD_PAGE_INVALID"]
    del spoilt["privacy.html"]
    assert list(faults_of_records(spoilt, study.facts)) == ["RECORD_PAGE_INVALID"]


def test_a_release_holds_the_records_and_is_made_again_of_itself(study):
    files = written_data(
        study.published,
        study.forecasts,
        study.past_forecasts,
        made_scores(),
        study.facts,
        None,
        written_evidence(study.evidence, study.published),
    )
    assert read_data(files).facts.reviewed == study.facts.reviewed
    made = make_release(files)
    assert {*RECORDS, *RECORDS.values(), "reviewed_facts.json"} <= set(made.files)
    assert make_release(made.files) == made
    package = json.loads(made.files["datapackage.json"])
    paths = {one["path"] for one in package["resources"]}
    assert {*RECORDS.values(), "reviewed_facts.json"} <= paths


def made_scores():
    import pandas as pd

    return pd.DataFrame(columns=["region", "construct", "last_day", "day", "ahead"])


def test_an_older_home_of_made_up_data_publishes_records_without_facts():
    data = made_records.released(Mode.SYNTHETIC, reviewed=Reviewed())
    records = records_of(data)
    pages = record_pages(records, data.facts)
    assert list(faults_of_records(pages, data.facts)) == []
    assert "not stated in this release" in pages["privacy.html"]
    assert "No quarter has ended" in pages["transparency.html"]


@pytest.mark.parametrize("days", [140, 2000])
def test_the_front_page_stays_small_and_leads_to_every_record(days):
    tables, facts = made_pages.tables(days), made_pages.facts(mode=Mode.STUDY)
    page = render_page(*tables, facts, QUARTER, "releases/1/")
    assert {f"releases/1/{one}" for one in RECORDS} <= set(read_page(page).addresses)
    assert len(page.encode()) <= LONGEST_PAGE
    assert len(re.findall(r"<[a-zA-Z]", page)) <= MOST_ELEMENTS
