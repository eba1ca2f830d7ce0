"""Facts that crossed the wall, and releases made with them."""

import datetime as dt

import made_evidence
import made_pages

from assets.core.modes import Mode
from assets.public.records.released_data import ReleasedData
from assets.released.reviewed_facts import standing

SETTINGS = {
    "close_after_days": 3,
    "inbox_lifetime_days": 14,
    "score_lifetime_days": 35,
    "member_record_lifetime_days": 90,
    "survey_lifetime_days": 400,
    "cooling_off_days": 7,
    "vector_keys_until": "release",
    "member_bases": ["notice_with_objection", "opt_in"],
}
LISTS = {
    "users": ["Commissioners of care", "Unions", "Researchers"],
    "alternatives": ["A yearly survey: too slow", "Sickness figures: too late"],
    "uses": ["trend_lines", "forecast", "relations"],
    "restricted_recipients": ["The university’s research computing, which runs the machine"],
    "engagement": ["Two workshops with care workers in May 2026: the page for members came of it"],
    "platforms": ["whatsapp", "telegram"],
}
WORDS = {
    "need": "To see early how strained home care is, between yearly surveys",
    "public_benefit": "Support reaches regions weeks sooner",
    "prior_use": "No earlier request was made; nothing is held",
    "quality_plan": "Relevance by users’ feedback; accuracy by error bands; daily; lines by method",
    "limitations": "Groups that take part are not a sample; who does not chat is not heard",
    "peer_review": "Two reviewers examined method and models; their remarks were met",
    "lawful_basis_reasons": "The university’s charter, section 3",
    "article_9_reasons": "Research with the safeguards of Schedule 1, paragraph 4",
    "why_personal_data": "A mood in words can’t be seen without words",
    "no_substantial_damage": "Nothing of a person leaves the machine",
    "no_decisions_about_people": "The licence forbids it, and nothing finer than a region is shown",
    "minimisation": "Twelve numbers a message, for days",
    "residual_risk": "medium",
    "ethics_committee": "University Research Ethics Committee",
    "notice_version": "3",
    "public_recipients": "Everybody, under the licence",
    "minors": "Admins attest that a group has adults alone",
    "feedback": "Write to the contact",
    "experimental_wording": "Experimental research figures, not official statistics",
    "phase": "public beta",
    "plan": "A further region in spring 2027",
    "ends": "On 31 August 2028, by decision of the committee",
}
RISKS = [
    {
        "name": "resistance used against workers",
        "likelihood": "medium",
        "severity": "high",
        "mitigation": "Licence, no single group, forecast withheld",
    }
]
QUARTERS = {
    "2026-Q2": {"withdrawals": "fewer than 10", "incidents": "none", "regulator_told": "none"},
    "2026-Q3": {"withdrawals": "from 10 to 24", "incidents": "some", "regulator_told": "some"},
}


def model(letter, **changes):
    """A model that serves."""
    return {"version": f"constructs-3-{letter * 12}", "sha256": letter * 64, "performance": []} | (
        changes
    )


def reviewed(mode=Mode.STUDY, **settings):
    """Facts as they crossed, the model and the phase once another."""
    early, late = dt.date(2026, 9, 1), dt.date(2026, 10, 5)
    area = {"corpus": "own, held out", "construct": "burnout", "messages": 598}
    measured = [{**area, "area": 0.86, "low": 0.824, "high": 0.894}]
    words = {**WORDS, **LISTS, "risks": RISKS, "events": []}
    if mode == Mode.SYNTHETIC:
        words |= dict.fromkeys(WORDS, "made up") | {"phase": "development"}
    return standing(
        [
            *(("setting", name, one, early) for name, one in {**SETTINGS, **settings}.items()),
            ("words", "phase", "private beta", early),
            *(("words", name, one, late) for name, one in words.items()),
            ("model", "construct_model", model("a"), early),
            ("model", "construct_model", model("b", performance=measured), late),
            ("model", "name_tagger", model("c", version="c" * 12), early),
            ("model", "sentence_encoder", model("d", version="d" * 12), early),
            *(("quarter", name, one, late) for name, one in QUARTERS.items()),
        ]
    )


def released(mode=Mode.STUDY, days=140, **facts):
    """What a release is made of."""
    published, forecasts = made_pages.tables(days)
    facts = made_pages.facts(**{"mode": mode, "reviewed": reviewed(mode), **facts})
    cards = made_evidence.cards(published)
    return ReleasedData(published, forecasts, forecasts.iloc[:0], facts, cards)
