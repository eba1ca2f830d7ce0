"""The form of each entry of a study register; docstrings and descriptions are the template's words.

The source of what is asked is the policies that the study works under, and UK GDPR, chapter 8A.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assets.core.pulse_instrument import Choice, PulseInstrument
from assets.core.study_entries import DISTRIBUTED_PROCESSING, GROUP_SHARDS, PULSE

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4000)]
Several = Annotated[list[Words], Field(min_length=1)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Version = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
Days = Annotated[int, Field(strict=True, ge=0, le=40_000)]
Yes = Annotated[bool, Field(strict=True)]
Degree = Literal["low", "medium", "high"]

RISKS = (
    "resistance_used_against_workers",
    "someone_recognised",
    "group_or_employer_singled_out",
    "distress",
)
"""Harms that every register has to deal with."""

USES = ("trend_lines", "forecast", "relations")
"""What the program makes of the data by itself, every day."""

OFFICES = ("researcher", "responsible_officer", "committee", "legal", "ethics")
"""Roles that somebody has to have."""


class Form(BaseModel):
    """Takes what it names and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Entry(Form):
    """What all entries have in common."""

    reference: Words = Field(description="where the document lies: a file number, a minute, a link")
    decision: Literal["approved"] = Field(description="draft, submitted, approved or refused")
    decided_on: date = Field(description="the day of the decision, as 2026-11-30")
    review_by: date = Field(description="the last day on which it holds without another look")
    author: Words = Field(description="who wrote it; a name or initials")
    reviewer: Words = Field(description="who else has looked at it; never the author")


COMMON = tuple(Entry.model_fields)
"""The fields that all entries have."""


class NeedAndBenefit(Entry):
    """Why the figures are needed, by whom, and what the public has of them."""

    need: Words = Field(description="the need, specific and defined")
    users: Several = Field(description="who will use the figures, one a line")
    public_benefit: Words = Field(description="what good comes of it, and for whom")


class Alternatives(Entry):
    """Which other sources there are, what is held already, and what was asked for before."""

    considered: Several = Field(description="other sources, and why each does not do")
    prior_use: Words = Field(description="what is held already; earlier requests and refusals")


class QualityPlan(Entry):
    """How good the figures have to be, and how that is seen."""

    plan: Words = Field(
        description="relevance, accuracy, timeliness, comparability, accessibility, in that order"
    )
    limitations: Words = Field(description="who is not in the groups, what the scores miss")


class PeerReview(Entry):
    """Who has examined the method and the models, outside the team."""

    methods: Several = Field(description="release methods that were examined, by version")
    models: dict[Key, Sha256] = Field(description="models that were examined, by digest")
    finding: Words = Field(description="what the reviewers found, and what was done about it")


class ControllerAndSponsor(Entry):
    """Who answers for the data; the public page says so. A group admin's permission is another."""

    controller: Words = Field(description="the organisation that is the data controller")
    sponsor: Words = Field(description="who sponsors or pays for the study")
    data_protection_officer: Words = Field(description="name or mailbox of the officer")


class Contact(Entry):
    """Whom anybody may write to. It is shown on the public page."""

    contact: Words = Field(description="as `contact` in home.yaml; an address somebody answers")
    complaints: Words = Field(
        description="how to complain to the controller, as the public page is to say it: a form or"
        " address that works electronically, and one other way (DPA 2018 s.164A); the page names"
        " the regulator by itself"
    )


class LawfulBasis(Entry):
    """The basis under Art. 6 UK GDPR."""

    basis: Literal["public_task", "legitimate_interests", "consent"] = Field(
        description="public_task is Art. 6(1)(e), legitimate_interests (f), consent (a)"
    )
    reasons: Words = Field(description="the statute or charter, or the balancing test")
    jurisdictions: Several = Field(
        description="whose law applies, one a line: where members, platform and machine are"
    )
    legal_advice: Words = Field(
        description="what legal services advised and where that lies; or why nothing was in doubt"
    )


class Article9Condition(Entry):
    """The condition for what people say of their health or beliefs (Art. 9(2))."""

    condition: Literal["research_9_2_j", "explicit_consent_9_2_a", "public_interest_9_2_g"] = Field(
        description="research_9_2_j, explicit_consent_9_2_a or public_interest_9_2_g"
    )
    reasons: Words = Field(description="why it holds, with the paragraph of DPA 2018, Schedule 1")


class Article84Safeguards(Entry):
    """The safeguards for research, UK GDPR Art. 84B and 84C."""

    why_personal_data: Words = Field(
        description="84B: why the purpose can't be reached with data that identifies nobody"
    )
    no_substantial_damage: Words = Field(
        description="84C: why nobody is likely to come to substantial damage or distress"
    )
    no_decisions_about_people: Words = Field(
        description="84C: how it is kept from serving measures or decisions about a person"
    )
    minimisation: Words = Field(description="84C: how data are minimised and pseudonymised")


class Dpia(Entry):
    """The data protection impact assessment."""

    residual_risk: Degree = Field(description="what risk is left: low, medium or high")
    prior_consultation: Words | None = Field(
        description="reference of the consultation (Art. 36); needed if the risk is high, else null"
    )


class Ethics(Entry):
    """The ethics review, and what the committee decided."""

    committee: Words = Field(description="which committee")
    conditions: Words = Field(description="its conditions, and how each is met; or: no conditions")
    departure_from_member_consent: Words | None = Field(
        description="where members may object but need not agree: the decision that allows this"
        " departure from 'consent of the moderator and its members'; else null"
    )


class PlatformTerms(Form):
    """One platform."""

    permission: Words
    terms_sha256: Sha256
    terms_checked_within_days: Days = Field(ge=1)
    kept_at_most_days: Days | None
    sharing: Words


class PlatformPermission(Entry):
    """What the platform allows, and the terms that this was read in."""

    platforms: dict[Key, PlatformTerms] = Field(
        min_length=1,
        description="by platform: who gave permission, or why none is needed; digest of the terms"
        " (`tideline study digest FILE`); after how many days somebody looks at them again"
        " (at most 92; `tideline study terms FILE`); how many days the terms let a copy of messages"
        " be kept (null where they don't say); and what they say on sharing what is made of them",
    )


class Claims(Form):
    """What the notice says that may not be so; a test holds the names to `CLAIMS`."""

    stores_nothing: Yes
    deleted_at_once: Yes
    anonymous: Yes
    read_once_a_day: Yes
    figure_for_each_day: Yes
    no_place_names_kept: Yes
    somebody_watches_over: Yes
    figures_withdrawn: Yes
    no_ai: Yes
    no_record_of_people: Yes
    exact_figures: Yes
    only_new_messages: Yes
    stays_on_our_machine: Yes
    never_linked: Yes
    only_who_agreed: Yes


class Promises(Form):
    """How many days the notice promises; null where it promises none."""

    exports_deleted_within_days: Days | None
    scores_deleted_within_days: Days | None
    sender_digests_deleted_within_days: Days | None
    surveys_deleted_within_days: Days | None
    days_to_object: Days | None


class Told(Form):
    """What the notice has to say."""

    controller_and_contact: Yes
    purpose: Yes
    what_is_read: Yes
    lawful_basis: Yes
    retention: Yes
    recipients: Yes
    how_to_object: Yes
    how_to_complain: Yes
    nobody_reads_this: Yes


class Notice(Entry):
    """The text that members saw. Read it again and answer for what it says, not what it means."""

    version: Version = Field(description="as in `tideline consent grant --notice-version`")
    texts: dict[Key, Sha256] = Field(
        min_length=1,
        description="digest of each text by language (`tideline study digest FILE`)",
    )
    claims: Claims = Field(description="does the text say this? yes or no")
    promises: Promises = Field(description="number of days that the text gives, else null")
    tells: Told = Field(description="does the text tell members this? yes or no")


class Scopes(Entry):
    """What the data may be used for. Nothing else is done with them."""

    regions: Several = Field(description="as in home.yaml")
    constructs: Several = Field(description="what is measured")
    uses: list[Literal["trend_lines", "forecast", "relations", "pulse_surveys"]] = Field(
        min_length=1, description="what is made of it"
    )
    member_bases: list[Literal["opt_in", "notice_with_objection"]] = Field(
        min_length=1, description="on which bases members are read: opt_in, notice_with_objection"
    )
    linkage: Yes = Field(description="whether it is linked with other data; the program does not")
    linkage_consent: Words | None = Field(description="what allows linkage; null without it")


class Retention(Entry):
    """How long things are kept; equal to home.yaml."""

    inbox_lifetime_days: Days = Field(description="sealed exports")
    score_lifetime_days: Days = Field(description="encrypted scores of groups")
    member_record_lifetime_days: Days = Field(
        description="digests of senders and objections, after a consent has ended"
    )
    survey_lifetime_days: Days = Field(description="answers to surveys")
    vector_keys_until: Literal["release", "scoring"] = Field(description="release or scoring")
    published_values: Literal["for ever"] = Field(description="published figures stay: for ever")


class Recipients(Entry):
    """Who gets anything."""

    restricted: Several = Field(
        description="who runs the machine, database, mail and inbox, stores backups, delivers"
        " files; with the country where it is another than the United Kingdom"
    )
    public: Words = Field(description="under which licence and terms figures are public")


class Minors(Entry):
    """People under 16, and under 18, in the groups."""

    measures: Words = Field(description="how groups with minors are kept out; who attests it")
    no_age_inference: Yes = Field(description="that nobody's age is guessed: yes")


class Risk(Form):
    """One harm."""

    likelihood: Degree
    severity: Degree
    mitigation: Words


class RisksAndHarms(Entry):
    """What could harm people, first of all the workers whose words these are."""

    risks: dict[Key, Risk] = Field(
        description="add your own below these; likelihood and severity are low, medium or high"
    )
    resistance_forecast: Yes = Field(
        default=False,
        description="does the review allow that the page shows a forecast of resistance? yes or no",
    )


class Safeguarding(Entry):
    """What happens where somebody in a group is in need: nobody reads this, so nobody comes."""

    sentence: Words = Field(description="the sentence of the notice that says nobody reads this")
    help: Words = Field(description="where to find help instead: services, numbers")


class Engagement(Entry):
    """How care workers, unions and the public were heard."""

    activities: Several = Field(description="who was asked, when, and what changed through it")
    feedback: Words = Field(description="where anybody may say what they think")


class Communications(Entry):
    """The communications team's sign-off."""

    signed_off_by: Words = Field(description="who, of which team")
    wording: Words = Field(description="how it is said that figures are experimental")
    licence: Words = Field(
        description="under which licence the figures are public, as the page is to say it; the page"
        " adds that they must not be used for staffing, management or labour relations"
    )
    citation: Words = Field(description="how the figures are to be cited, as the page shows it")


class DevelopmentPlan(Entry):
    """What comes next, and when the study ends."""

    phase: Literal[
        "idea",
        "design",
        "development",
        "private beta",
        "public beta",
        "production",
        "retired",
    ] = Field(
        description="idea, design, development, private beta, public beta, production or retired"
    )
    plan: Words = Field(description="next steps, with dates")
    ends: Words = Field(description="when and how the study ends")


class Person(Form):
    """Somebody with a role."""

    role: Literal["researcher", "responsible_officer", "committee", "legal", "ethics", "other"]
    ssh_key: Annotated[str, StringConstraints(strip_whitespace=True)] | None


class Roles(Entry):
    """Who does what. Two of them, each with a key of their own, approve this register."""

    people: dict[Key, Person] = Field(
        description="by short name. ssh_key is the one line of the person's public key, such as"
        " ~/.ssh/id_ed25519.pub (made by `ssh-keygen -t ed25519`); null for who does not approve"
    )


class AskedItem(Form):
    """One item of the scale."""

    text: Words
    reversed: Yes


class Pulse(Entry):
    """What members are asked every fortnight by the portal; without it nobody is."""

    instrument: Words = Field(
        description="name and version of the scale, and where it was published: the page shows it"
    )
    licence: Words = Field(
        description="the licence, or the owner's permission, under which six of its items may be"
        " shown as they stand here, and where that is written: the page shows it"
    )
    measures: Literal["burnout", "resilience", "resistance"] = Field(
        description="what a higher score is more of: burnout, resilience or resistance"
    )
    question: Words = Field(
        description="what stands above the items, with the time that is asked about"
    )
    items: list[AskedItem] = Field(
        description="six items as the scale has them, each with whether more of it means less of"
        " what is measured (reversed: yes or no)"
    )
    answers: list[Choice] = Field(
        description="three to seven answers, the same for each item, from least to most"
    )

    def as_asked(self) -> PulseInstrument:
        """What the page shows.

        Raises:
            ValidationError: for another number of items or answers.
        """
        return PulseInstrument.model_validate(
            self.model_dump(include=set(PulseInstrument.model_fields))
        )


class DistributedProcessing(Entry):
    """Which processes read groups beside the run; without it the run reads all of them alone."""

    where: Literal["one_machine", "several_machines"] = Field(
        description="one_machine where all of them run on the machine that runs Tideline, else"
        " several_machines"
    )
    machines: Several = Field(
        description="each machine that opens exports: where it stands, who runs it, whom it serves"
        " besides"
    )
    kept_apart: Words = Field(
        description="how the processes are kept from everybody else: network, certificates, who may"
        " log in"
    )
    keys: Words = Field(
        description="which machines hold the inbox's identity and the home's keys, and how they"
        " came there"
    )


class GroupShards(Entry):
    """Several runs share a region's groups; without it one run reads all of a region."""

    where: Literal["one_machine", "several_machines"] = Field(
        description="one_machine where all runs are on the machine that runs Tideline, else"
        " several_machines"
    )
    machines: Several = Field(
        description="each machine on which runs open exports: where it stands, who runs it, whom it"
        " serves besides"
    )
    keys: Words = Field(
        description="which machines hold the inbox's identity and the home's keys, and how they"
        " came there"
    )


FORMS: Mapping[str, type[Entry]] = {
    "need_and_benefit": NeedAndBenefit,
    "alternatives": Alternatives,
    "quality_plan": QualityPlan,
    "peer_review": PeerReview,
    "controller_and_sponsor": ControllerAndSponsor,
    "contact": Contact,
    "lawful_basis": LawfulBasis,
    "article_9_condition": Article9Condition,
    "article_84_safeguards": Article84Safeguards,
    "dpia": Dpia,
    "ethics": Ethics,
    "platform_permission": PlatformPermission,
    "notice": Notice,
    "scopes": Scopes,
    "retention": Retention,
    "recipients": Recipients,
    "minors": Minors,
    "risks_and_harms": RisksAndHarms,
    "safeguarding": Safeguarding,
    "engagement": Engagement,
    "communications": Communications,
    "development_plan": DevelopmentPlan,
    "roles": Roles,
}
"""The form of each entry that a register has to have."""

ALL_FORMS: Mapping[str, type[Entry]] = {
    **FORMS,
    PULSE: Pulse,
    DISTRIBUTED_PROCESSING: DistributedProcessing,
    GROUP_SHARDS: GroupShards,
}
