"""The algorithmic transparency record: version 4.0 of the government's recording standard."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assets.core.platforms import names_of
from assets.public.records.facts import PageFacts
from assets.public.records.record import NOT_STATED, Part, Record, Table, listed, of_page, said
from assets.public.records.written import listed as joined
from assets.released.retention import kept

STANDARD = "Algorithmic Transparency Recording Standard, version 4.0"
NAME = "Tideline"
_DESCRIPTION = (
    "A program reads messages of chat groups of care workers whose admin agreed and whose members"
    " were told, scores how much their words suggest burnout, resilience and resistance, and shows"
    " regional means with noise as lines over time, with a forecast. It says nothing of a person,"
    " group, employer or service, and no decision is made by it."
)
_DETAILED = (
    "Each morning the new messages of groups whose consent is valid are read in memory. Messages of"
    " people who objected or were not told are left out; names, places and all words outside a"
    " reviewed list are removed; the rest becomes numbers, and these become scores from 0 to 1 for"
    " each construct. What a person wrote on a day gets one score, by the average of her messages,"
    " and these are summed by group at once. Some days later a region’s groups are added up, noise"
    " is added once, and the values are published for good, with a forecast of the line."
)
_ARCHITECTURE = (
    "Two parts side by side, with a wall between them. Left of it exports are read, scrubbed,"
    " turned into numbers, scored and summed, sealed at every step; right of it only noisy regional"
    " values and reviewed facts can be read, of which forecasts, page and records are made. All"
    " steps run on one machine of the study and call no service outside, except the database and"
    " reminders where the study has set them up so; sealed exports may wait elsewhere until they"
    " are read."
)


def algorithm_record(facts: PageFacts) -> Record:
    """The record of a release."""
    release = facts.release
    models = [_model(name, about, facts) for name, about in _models().items()]
    tier_1 = {
        "name": NAME,
        "description": _DESCRIPTION,
        "website": "index.html of this folder",
        "contact": facts.contact or NOT_STATED,
        "phase": said(facts, "phase"),
    }
    owner = {
        "organisation": of_page(facts, "controller"),
        "senior_responsible_owner": "the responsible officer of the study register",
        "sponsor": of_page(facts, "sponsor"),
        "third_party_involvement": "none in making or running the program",
        "companies_house_number": "none: no supplier makes or runs it",
        "procurement": "none: the program is free software that the organisation runs itself",
        "data_access_terms": "no third party has access to data",
    }
    rationale = {
        "detailed_description": _DETAILED,
        "scope": [one.replace("_", " ") for one in listed(facts, "uses")],
        "benefits": said(facts, "public_benefit"),
        "users": listed(facts, "users"),
        "previous_process": said(facts, "prior_use"),
        "alternatives_considered": listed(facts, "alternatives"),
    }
    deployment = {
        "integration": "The figures are published; they are part of no decision or workflow.",
        "human_review": (
            "Two people sign the study register and whatever is drawn again; one may take a value"
            " back. Nobody reads messages or changes a value by hand."
        ),
        "required_training": "None for readers; engineers follow the manual.",
        "appeals_and_review": of_page(facts, "complaints"),
    }
    specification = {
        "system_architecture": _ARCHITECTURE,
        "system_level_input": (
            "Exports of chats of groups with recorded consent; platforms:"
            f" {', '.join(names_of(facts.reviewed.words.get('platforms') or [])) or NOT_STATED}."
        ),
        "system_level_output": (
            f"A value a day for {joined(list(facts.regions.values()))} and each construct, drawn"
            f" once with noise, from at least {release.min_groups} groups and"
            f" {release.min_people} people; a forecast of the line."
        ),
        "maintenance": said(facts, "plan"),
        "peer_review": said(facts, "peer_review"),
        "models": models,
        "development_data": _development(),
        "operational_data": _operational(facts),
    }
    risks = {
        "risks": list(facts.reviewed.words.get("risks") or ()),
        "residual_risk_of_the_impact_assessment": said(facts, "residual_risk"),
        "ethics_committee": said(facts, "ethics_committee"),
        "minors": said(facts, "minors"),
        "who_was_heard": listed(facts, "engagement"),
    }
    return Record(
        title="Algorithmic transparency record",
        content={
            "standard": STANDARD,
            "tier_1": tier_1,
            "tier_2": {
                "owner_and_responsibility": owner,
                "description_and_rationale": rationale,
                "deployment_context": deployment,
                "tool_specification": specification,
                "risks_mitigations_and_impact_assessments": risks,
            },
        },
        parts=[
            Part(
                name="tier-1",
                heading="Summary",
                words=[f"In the form of the {STANDARD}, which a university may use by choice."],
                terms=_terms(tier_1),
            ),
            Part(name="owner", heading="Owner and responsibility", terms=_terms(owner)),
            Part(name="why", heading="Description and rationale", terms=_terms(rationale)),
            Part(name="use", heading="Where and how it is used", terms=_terms(deployment)),
            Part(
                name="specification",
                heading="How it works",
                terms=_terms(
                    {name: one for name, one in specification.items() if isinstance(one, str)}
                ),
            ),
            *(
                Part(name=f"model-{at}", heading=f"Model: {one['name']}", terms=_model_terms(one))
                for at, one in enumerate(models)
            ),
            _performance(models),
            Part(
                name="development",
                heading="Development data: what models learnt from",
                terms=_terms(_development()),
            ),
            Part(
                name="operational",
                heading="Operational data: what is read day by day",
                terms=_terms(_operational(facts)),
            ),
            Part(
                name="risks",
                heading="Risks and what is done about them",
                terms=_terms({name: one for name, one in risks.items() if name != "risks"}),
                table=Table(
                    caption="Risks by the study register",
                    columns=["Risk", "Likelihood", "Severity", "What is done"],
                    rows=[list(one.values()) for one in risks["risks"]],
                ),
            ),
        ],
    )


def _model(name: str, about: Mapping[str, str], facts: PageFacts) -> dict[str, Any]:
    known = facts.reviewed.models.get(name, {})
    return {
        "name": name.replace("_", " "),
        "version": known.get("version", NOT_STATED),
        "sha256": known.get("sha256", NOT_STATED),
        **about,
        "measured": list(known.get("performance", ())),
    }


def _model_terms(model: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(_in_words(name), str(one)) for name, one in model.items() if name != "measured"]


def _performance(models: list[dict[str, Any]]) -> Part:
    return Part(
        name="performance",
        heading="How well models were measured to do",
        words=[
            "Area under the curve: how often of 100 a message that shows a construct scores higher"
            " than one that doesn’t; 50 would be chance. With the 95% range. It is agreement with"
            " readers of a guide on made-up and public messages, not with how workers are."
        ],
        table=Table(
            caption="Area under the curve by corpus",
            columns=["Corpus", "Construct", "Of 100", "Range", "Messages"],
            rows=[
                [
                    one["corpus"],
                    one["construct"],
                    f"{100 * one['area']:.0f}",
                    f"{100 * one['low']:.0f} to {100 * one['high']:.0f}",
                    f"{one['messages']:,}",
                ]
                for model in models
                for one in model["measured"]
            ],
        ),
    )


def _development() -> dict[str, str]:
    return {
        "description": "Public corpora, and messages that language models wrote for this project",
        "modality": "text",
        "quantities": "Each corpus as published; each figure says of how many messages it is",
        "sensitive_attributes": "Public comments and made-up messages speak of health and work",
        "completeness_and_representativeness": (
            "No real message of a care worker was available; public comments are Reddit’s,"
            " YouTube’s and Twitter’s, so real chat will differ"
        ),
        "source": "; ".join(f"{name}: {one['data']}" for name, one in _models().items()),
        "collection": "Taken as published, by the licences named; own messages were written anew",
        "cleaning": (
            "Scrubbed as messages of groups are, before a model learns from them; what the name"
            " tagger learns from has its names left in"
        ),
        "sharing_and_access": "Own messages lie in the program; corpora are not passed on",
        "storage": "With the program; none of it is in a home",
    }


def _operational(facts: PageFacts) -> dict[str, str]:
    settings = facts.reviewed.settings
    return {
        "description": "Messages of chat groups of care workers that take part with consent",
        "modality": "text, who wrote it and on which day; nothing else of an export is used",
        "quantities": (
            "How many groups and people take part is not told, for it could single one out; a day"
            f" needs at least {facts.release.min_groups} groups and {facts.release.min_people}"
            " people"
        ),
        "sensitive_attributes": "What people say of their health, beliefs or union matters",
        "completeness_and_representativeness": said(facts, "limitations"),
        "source": "Exports that groups deliver",
        "collection": "With the admin’s consent, after members were told",
        "cleaning": "Names, places and numbers are removed as far as they are found, and all words"
        " outside a reviewed vocabulary",
        "sharing_and_access": (
            "No person reads messages; only regional figures with noise and reviewed facts leave"
        ),
        "storage": (
            f"Sealed exports: {kept('exports', settings)}. Vectors: {kept('vectors', settings)}"
        ),
    }


def _terms(content: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(_in_words(name), one) for name, one in content.items()]


def _in_words(name: str) -> str:
    return {"sha256": "SHA-256"}.get(name, name.replace("_", " ").capitalize())


@cache
def _models() -> dict[str, dict[str, str]]:
    return yaml.safe_load(Path(__file__).with_name("models.yaml").read_text("utf-8"))
