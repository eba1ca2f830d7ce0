"""The privacy notice: what UK GDPR, Articles 13 and 14, asks to be told, as it really is."""

from assets.core.platforms import names_of
from assets.core.study_entries import PULSE_SURVEYS
from assets.public.records.facts import PageFacts
from assets.public.records.holdings import about_people
from assets.public.records.record import NOT_STATED, Part, Record, Table, listed, of_page, said
from assets.released.retention import kept

ACKNOWLEDGED_WITHIN_DAYS = 30
"""Data Protection Act 2018, section 164A."""

_KINDS = (
    ("Chat exports as they were delivered, sealed", "exports"),
    ("Numbers made of scrubbed messages, encrypted", "vectors"),
    ("Scores of a group’s day, encrypted", "scores"),
    ("Counts of what scrubbing removed, and backups before a migration", "counts"),
    (
        "Codes made with a secret key from the name or number of each person who has written in a"
        " group, or was in it when it was told of the study",
        "senders",
    ),
    ("Objections and agreements of members, by such codes", "sayings"),
    ("What members sent by the study’s page, sealed, and the answers to it", "requests"),
    ("Addresses of groups’ admins", "addresses"),
    ("Who left and who objected, noted beside the database", "journal"),
    ("Answers to surveys, sealed", "surveys"),
    (
        "Backups that the study makes, without exports, numbers or scores; they hold objections and"
        " codes of people, also those that were deleted since",
        "outside",
    ),
    ("Of each export the times of its first and last message, and counts", "home"),
    ("Which group had a day scored, refused or deleted, in codes and counts", "for_ever"),
    (
        "Digests of what was recorded; that of an objection can be opened by nobody once it is"
        " deleted",
        "for_ever",
    ),
    ("Names of the staff who sign or correct, and what they signed", "for_ever"),
    ("Consents of groups, by random reference", "for_ever"),
    ("Published regional values", "for_ever"),
)
_PULSE_KIND = ("Answers of members to the pulse, sealed", "pulse")
_PULSE = (
    "Answers of members to the pulse",
    "Six choices every two weeks, from who wishes to, where a group’s consent names the pulse. They"
    " are sealed, and opened in the program’s memory alone; what is kept of them is one mean of a"
    " region’s two weeks, with noise, which is not published. They may tell of health. Nothing"
    " tells whose an answer is, so that none can be taken back or shown.",
)
_BASES = {
    "notice_with_objection": "members are told beforehand and read unless they object",
    "opt_in": "members are read only if each has opted in",
}


_OBJECTION = (
    "Object, at any time and without a reason: nothing of yours is read from then on, earlier"
    " messages of days that were not scored yet included. What was scored before stays in the"
    " group’s sums. Say so to the contact above, or as the notice that you were given says."
)
_BY_PORTAL = (
    "Where your notice has a link or a QR code to the study’s page for members, you can object"
    " there without anybody seeing who you are: it is sealed, and the program alone opens it before"
    " its next reading. Neither your group’s admin nor the study team is told.",
    "Nobody proves who they are there. So it leaves out whoever the chat may show by the name or"
    " number that was given, others of the same name too, and where it shows nobody so, it leaves"
    " out nobody. The receipt code tells whether it matched. It doesn’t stop the group, and what"
    " others write about you is still read, without names where they are found.",
    "It can be taken back by its receipt code alone. An agreement sent there lifts no objection.",
    "What is certain, and seen by the group, is the sentence in the chat that your notice gives.",
)
_BY_ITSELF = (
    "Where the admin agreed to it, a program of the study reads along instead ({}), which everybody"
    " in the chat can see: each day that is over, from the first whole day of the consent on, and"
    " nothing from before. It reads who is in the chat, too. It seals what it reads at once, keeps"
    " no message, and stops within a minute of a withdrawal."
)
_OF_PLATFORM = {
    "telegram": (
        "On Telegram it takes new messages every few minutes, of the days of the consent only."
        " Telegram does not tell it when you delete a message: ask the contact above to leave it"
        " out, or object."
    ),
    "teams": (
        "On Teams it sees within 21 days that you deleted a message; after that Teams keeps no"
        " trace of it."
    ),
}
"""What is otherwise there."""
_PROFILING = (
    "Each person’s day is scored in the program’s memory, to be summed with others’ at once; no"
    " result about a person is kept or shown."
)


def privacy_notice(facts: PageFacts) -> Record:
    """The notice of a release."""
    settings = facts.reviewed.settings
    asks = PULSE_SURVEYS in listed(facts, "uses")
    kinds = [*_KINDS, _PULSE_KIND] if asks else _KINDS
    retention = [(what, kept(code, settings)) for what, code in kinds]
    platforms = facts.reviewed.words.get("platforms") or []
    contact = facts.contact or NOT_STATED
    bases = settings.get("member_bases", [])
    cooling_off = settings.get("cooling_off_days")
    who = [
        ("Data controller", of_page(facts, "controller")),
        ("Contact", contact),
        ("Data protection officer", of_page(facts, "data_protection_officer")),
        ("Sponsor", of_page(facts, "sponsor")),
    ]
    law = [
        ("Lawful basis, and condition for health and beliefs", of_page(facts, "lawful_basis")),
        ("Why that basis holds", said(facts, "lawful_basis_reasons")),
        ("Why that condition holds", said(facts, "article_9_reasons")),
        ("Why personal data are needed (Art. 84B)", said(facts, "why_personal_data")),
        ("Why nobody should come to harm (Art. 84C)", said(facts, "no_substantial_damage")),
        ("Why it serves no decision on anybody", said(facts, "no_decisions_about_people")),
        ("How data are kept few and hard to trace", said(facts, "minimisation")),
        ("What risk the impact assessment leaves", said(facts, "residual_risk")),
        ("Ethics committee", said(facts, "ethics_committee")),
    ]
    purposes = [
        ("Why it is done", said(facts, "need")),
        ("What good it does", said(facts, "public_benefit")),
        ("What is made of it", [one.replace("_", " ") for one in listed(facts, "uses")]),
    ]
    data = [
        (
            "Words of messages in chat groups that take part",
            "Read in the program’s memory, scrubbed of names and places, turned into numbers, and"
            " let go. They may tell of health, beliefs or trade union matters, which the law"
            " protects most.",
        ),
        (
            "Who wrote",
            "Names and numbers in an export become codes, made with a secret key, by which the"
            " program knows who objected or has not been told yet. Within a day people are numbered"
            " afresh.",
        ),
        (
            "When",
            "Of single messages the day is kept and no time. Of each export the times of its first"
            " and last message stay, and when privacy settings of the chat were changed. No place,"
            " no picture, no voice message and no file is read.",
        ),
        (
            "People who are written about",
            "Their names are removed where they are found. What is said of them is read like the"
            " rest.",
        ),
        (
            "What members send by the study’s page",
            "A name or number, a receipt code, or the words of a complaint or a question: sealed in"
            " the browser, or on receipt where that runs no script. No address, no moment, the day"
            " alone.",
        ),
        (
            "Answers to surveys",
            "A group’s weekly means, where its consent names surveys; compared with its scores.",
        ),
        *([_PULSE] if asks else []),
        (
            "From groups’ admins",
            "Random references, dates and digests of the consent; an address, where an admin gave"
            " one to be reminded; who was in the group when it was told, where an admin said so,"
            " as codes made with a secret key.",
        ),
    ]
    configured = settings.get("connectors", [])
    by_itself = ", ".join(names_of(configured))
    where_from = (
        "From exports of the whole chat that a member of the group delivers with its admin’s"
        f" consent (platforms: {', '.join(names_of(platforms)) or NOT_STATED})."
        + (f" {_BY_ITSELF.format(by_itself)}" if by_itself else "")
        + "".join(f" {_OF_PLATFORM[one]}" for one in configured if one in _OF_PLATFORM)
        + " So most people’s data do not come from themselves: Article 14 applies, and members are"
        " told before anything is read."
    )
    rights = [
        "Ask for access, correction, erasure or restriction, as far as the law gives it on this"
        " ground. A group’s exports are deleted on its request while they are there. The program"
        " can’t erase one person’s codes before the group’s time is over, and can’t tell whose"
        " numbers or scores are whose.",
        "Take back an agreement, if you gave one. Leaving the group works as well.",
        "Figures that are public stay public. They hold no message and no name.",
        "The law has exceptions from some of these rights for research; where the controller uses"
        " one, it has to say so and why.",
    ]
    told = (
        "not stated"
        if cooling_off is None
        else "none is set"
        if cooling_off == 0
        else f"{cooling_off} day{'s' if cooling_off > 1 else ''} between a notice to members and"
        " the first day that is read"
    )
    complaints = [
        f"To the controller: {of_page(facts, 'complaints')}. By the Data Protection Act 2018,"
        f" section 164A, it is acknowledged within {ACKNOWLEDGED_WITHIN_DAYS} days of receipt, and"
        " you are told of progress and outcome without undue delay.",
        "To the data protection regulator (ico.org.uk), at any time.",
    ]
    return Record(
        title="Privacy notice",
        content={
            "articles": ["UK GDPR Art. 13", "UK GDPR Art. 14"],
            "controller": dict(who),
            "purposes": dict(purposes),
            "lawful_basis": dict(law),
            "categories": [{"what": what, "how": how} for what, how in data],
            "source": where_from,
            "member_bases": bases,
            "cooling_off_days": cooling_off,
            "retention": [{"what": what, "kept": how_long} for what, how_long in retention],
            "settings": dict(settings),
            "held_about_people": about_people(settings),
            "recipients": {
                "restricted": listed(facts, "restricted_recipients"),
                "public": said(facts, "public_recipients"),
            },
            "right_to_object": _OBJECTION,
            "right_to_object_by_portal": list(_BY_PORTAL),
            "rights": rights,
            "complaints": complaints,
            "automated_decisions": False,
            "profiling_of_persons": _PROFILING,
            "obligation_to_provide_data": False,
            "notice_version": said(facts, "notice_version"),
        },
        parts=[
            Part(
                name="who",
                heading="Who answers for it",
                words=[
                    "This is the notice to members of the groups, and to everybody else. What each"
                    " member was told before anything was read is the notice to members, version"
                    f" {said(facts, 'notice_version')}."
                ],
                terms=who,
            ),
            Part(name="purpose", heading="What it is for", terms=purposes),
            Part(name="law", heading="On what legal ground", terms=law),
            Part(
                name="data",
                heading="Which data, and where they come from",
                words=[where_from],
                terms=data,
            ),
            Part(
                name="kept",
                heading="How long it is kept",
                words=[
                    "As this home’s settings have it; the program deletes by the same settings,"
                    " every hour. All files, folders and tables are in the register of what is"
                    " held."
                ],
                table=Table(
                    caption="How long each kind of thing is kept",
                    columns=["What", "How long"],
                    rows=retention,
                ),
            ),
            Part(
                name="recipients",
                heading="Who gets anything",
                terms=[
                    ("People who work on the study", listed(facts, "restricted_recipients")),
                    (
                        "An auditor whom the study names",
                        "what was recorded, in codes, digests and counts; no message, no score and"
                        " nothing that a member said",
                    ),
                    ("Everybody: regional figures with noise", said(facts, "public_recipients")),
                ],
                words=[
                    "By itself the program sends reminders to admins and alarms to engineers, where"
                    " the study has set them up; they hold codes, counts, dates and references, and"
                    " nothing that anybody wrote."
                    + (
                        f" A program of the study asks {by_itself} for new messages."
                        if by_itself
                        else ""
                    )
                    + " It sends nothing else. Inbox, database, mail and"
                    " backups lie where the study has put them; where that is another organisation"
                    " or country, the list here has to say so."
                ],
            ),
            Part(
                name="object",
                heading="You can object",
                words=[_OBJECTION],
                points=list(_BY_PORTAL),
            ),
            Part(
                name="rights",
                heading="What else you can do",
                words=[
                    "On this study’s bases, "
                    + ("; or ".join(_BASES[one] for one in bases) or "which are not stated")
                    + f". Time to object: {told}.",
                    "Nobody has to take part, and nothing follows from not taking part.",
                ],
                points=rights,
            ),
            Part(name="complain", heading="How to complain", points=complaints),
            Part(
                name="decisions",
                heading="No decisions about you",
                words=[
                    "No decision on anybody is made by this, by a program or by a person."
                    f" {_PROFILING} The figures must not be used to judge staff."
                ],
            ),
        ],
    )
