"""What of a register does not stand on a day, each by entry and code."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError

from assets.core.constructs import CONSTRUCTS
from assets.core.modes import Mode
from assets.core.study_entries import (
    DISTRIBUTED_PROCESSING,
    ENTRIES,
    GROUP_SHARDS,
    OPTIONAL,
    PULSE,
    PULSE_SURVEYS,
    REGISTER,
    STOPS,
    Action,
)
from assets.released.method import METHODS
from resources.base.home import Home
from resources.stores.study import entry_forms as forms
from resources.stores.study.approvals import PEOPLE_NEEDED, approved_entries, plain_key
from resources.stores.study.entry_forms import ALL_FORMS, Entry
from resources.stores.study.form_faults import form_faults
from resources.stores.study.models_in_use import models_in_use
from resources.stores.study.notice_facts import Facts, false_claims, untold
from resources.stores.study.placeholders import (
    is_no_contact,
    placeholders,
    refusals_in,
    says_refused,
)
from resources.stores.study.platform_terms import checks, terms_refusal
from resources.stores.study.register import Register

WARNED_BEFORE = timedelta(days=14)
LONGEST_BETWEEN_REVIEWS = timedelta(days=3 * 366)
LONGEST_BETWEEN_CHECKS_OF_TERMS = 92
MADE_UP_CONTACT = "Nobody: everything here is made up"
"""Contact of a home in which everything is."""

_NOT_OF_THE_TEXT = frozenset(
    {
        "STUDY_ENTRY_UNAPPROVED",
        "STUDY_ENTRY_OVERDUE",
        "PLATFORM_TERMS_CHANGED",
        "PLATFORM_TERMS_UNCHECKED",
    }
)
_NOT_DECIDED = frozenset({"draft", "submitted", "pending", "planned"})


@dataclass(frozen=True)
class Finding:
    """Why an entry does not stand.

    Attributes:
        entry: its name, or `REGISTER`.
        code: of the catalogue.
        detail: the claim, promise or statement of the notice, where it is one.
        fields: of the entry, where some are to blame.
    """

    entry: str
    code: str
    detail: str = ""
    fields: tuple[str, ...] = ()

    @property
    def stops(self) -> frozenset[Action]:
        """What it stops."""
        return frozenset() if self.entry in OPTIONAL else STOPS.get(self.entry, frozenset(Action))


def findings(home: Home, register: Register, today: date) -> list[Finding]:
    """All that does not stand; what only lacks its approval comes last.

    An optional entry that is not there is none of it.
    """
    approved = approved_entries(home, register)
    found = [*_of_the_whole(home, register)]
    for name in ENTRIES:
        if name in STOPS or name in register.entries:
            found += _of_entry(home, register, name, today)
    found += [
        Finding(name, "STUDY_ENTRY_UNAPPROVED")
        for name in ENTRIES
        if name in register.entries and name not in approved
    ]
    return found


def unready_to_sign(found: Sequence[Finding]) -> list[Finding]:
    """Of findings those that are in what would be signed, not in the calendar or a signature."""
    return [one for one in found if one.code not in _NOT_OF_THE_TEXT]


def due_soon(register: Register, today: date) -> dict[str, date]:
    """Entries that have to be reviewed within 14 days, and by when."""
    found = {}
    for name, entry in register.entries.items():
        last = entry.get("review_by") if isinstance(entry, dict) else None
        if type(last) is date and today <= last <= today + WARNED_BEFORE:
            found[name] = last
    return found


def _of_the_whole(home: Home, register: Register) -> Iterator[Finding]:
    if register.made_up and home.config.mode is Mode.STUDY:
        yield Finding(REGISTER, "STUDY_REGISTER_MADE_UP")


def _of_entry(home: Home, register: Register, name: str, today: date) -> Iterator[Finding]:
    written = register.entries.get(name)
    if written is None:
        yield Finding(name, "STUDY_ENTRY_MISSING")
        return
    code, fields = _undecided(written)
    if code:
        yield Finding(name, code, fields=fields)
    try:
        entry = ALL_FORMS[name].model_validate(written)
    except ValidationError as error:
        # What is empty yet, or refused, has been told; what is wrong besides is told at once, too.
        told = [*fields, *placeholders(written), "decision"] if code else ()
        faults = _faults(ALL_FORMS[name], error, told)
        if faults and isinstance(written, dict):
            yield Finding(name, "STUDY_ENTRY_INCOMPLETE", fields=faults)
        return
    if code:
        return
    yield from _of_form(name, entry, register, today)
    if isinstance(entry, forms.Pulse):
        yield from _of_pulse(entry, register)
    yield from _contradictions(home, register, name, entry, today)


def _undecided(written: Any) -> tuple[str, tuple[str, ...]]:
    """Code and fields of an entry that was refused, or that nobody has decided on."""
    if not isinstance(written, dict):
        return "STUDY_ENTRY_INCOMPLETE", ()
    decision, reference = (str(written.get(one, "")).strip() for one in ("decision", "reference"))
    refused = tuple(dict.fromkeys(refusals_in(written)))
    if says_refused(decision) or says_refused(reference) or refused:
        return "STUDY_ENTRY_REFUSED", tuple(one for one in refused if one != "decision")
    left = tuple(dict.fromkeys(str(one) for one in placeholders(written) if one != "decision"))
    if decision.lower() in _NOT_DECIDED or left:
        return "STUDY_ENTRY_DRAFT", left
    return "", ()


def _faults(
    form: type[Entry], error: ValidationError, besides: Collection[str] = ()
) -> tuple[str, ...]:
    """Fields with what is wrong, but for those that are known to be empty yet."""
    known = {one.partition(".")[0] for one in besides}
    return tuple(
        f"{field} ({wanted})" if wanted else field
        for field, wanted in form_faults(form, error).items()
        if field.partition(".")[0] not in known
    )


def _of_form(name: str, entry: Entry, register: Register, today: date) -> Iterator[Finding]:
    if entry.author.casefold() == entry.reviewer.casefold():
        yield Finding(name, "STUDY_ENTRY_UNREVIEWED")
    if entry.decided_on > today:
        yield Finding(name, "STUDY_ENTRY_DRAFT", fields=("decided_on",))
    if entry.review_by < today:
        yield Finding(name, "STUDY_ENTRY_OVERDUE")
    too_long = entry.review_by - entry.decided_on > LONGEST_BETWEEN_REVIEWS
    lacking = [*(["review_by"] if too_long and not register.made_up else []), *_lacking(entry)]
    if isinstance(entry, forms.PlatformPermission) and not register.made_up:
        lacking += [
            "platforms"
            for one in entry.platforms.values()
            if one.terms_checked_within_days > LONGEST_BETWEEN_CHECKS_OF_TERMS
        ]
    if lacking:
        yield Finding(name, "STUDY_ENTRY_INCOMPLETE", fields=tuple(lacking))


def _lacking(entry: Entry) -> list[str]:
    """Fields that have to say more, given what others say."""
    match entry:
        case forms.Dpia(residual_risk="high", prior_consultation=None):
            return ["prior_consultation"]
        case forms.Scopes(linkage=True, linkage_consent=None):
            return ["linkage_consent"]
        case forms.RisksAndHarms():
            return [f"risks.{one}" for one in forms.RISKS if one not in entry.risks]
        case forms.Minors(no_age_inference=False):
            return ["no_age_inference"]
        case forms.Roles():
            keys = [one.ssh_key for one in entry.people.values() if one.ssh_key is not None]
            offices = {one.role for one in entry.people.values()}
            bodies = {plain for one in keys if (plain := plain_key(one)) is not None}
            enough = len(bodies) >= PEOPLE_NEEDED and len(bodies) == len(keys)
            return [
                *([] if enough else ["people.ssh_key"]),
                *(f"people.role.{one}" for one in forms.OFFICES if one not in offices),
            ]
        case _:
            return []


def _of_pulse(entry: forms.Pulse, register: Register) -> Iterator[Finding]:
    """What keeps it from being asked: a number or length that no page shows, or its use."""
    try:
        entry.as_asked()
    except ValidationError as error:
        fields = dict.fromkeys(str(one["loc"][0]) for one in error.errors())
        yield Finding(PULSE, "STUDY_ENTRY_INCOMPLETE", fields=tuple(fields))
    scopes = register.entries.get("scopes")
    uses = scopes.get("uses") if isinstance(scopes, dict) else None
    if not isinstance(uses, list) or PULSE_SURVEYS not in uses:
        yield Finding(PULSE, "STUDY_ENTRY_CONTRADICTED", fields=("uses of scopes",))


def _contradictions(
    home: Home, register: Register, name: str, entry: Entry, today: date
) -> Iterator[Finding]:
    config = home.config
    match entry:
        case forms.Contact():
            made_up = register.made_up and entry.contact == MADE_UP_CONTACT
            if not made_up and (is_no_contact(entry.contact) or is_no_contact(config.contact)):
                yield Finding(name, "CONTACT_IS_PLACEHOLDER")
            elif entry.contact != config.contact:
                yield Finding(name, "STUDY_ENTRY_CONTRADICTED", fields=("contact",))
        case forms.PlatformPermission():
            code = terms_refusal(entry, checks(home), today)
            if code:
                yield Finding(name, code)
            # Exports are the copy; what is made of them holds no message.
            too_short = [
                f"platforms.{platform}.kept_at_most_days"
                for platform, one in entry.platforms.items()
                if one.kept_at_most_days is not None
                and one.kept_at_most_days < config.inbox_lifetime_days
            ]
            if too_short:
                yield Finding(name, "STUDY_ENTRY_CONTRADICTED", fields=tuple(too_short))
        case forms.Notice():
            scopes = register.entries.get("scopes")
            try:
                known = forms.Scopes.model_validate(scopes)
            except ValidationError:
                known = None
            facts = Facts(config, models_in_use(), known, _read_on(register))
            for claim in false_claims(entry, facts):
                yield Finding(name, "NOTICE_CONTRADICTED", claim)
            for one in untold(entry):
                yield Finding(name, "NOTICE_LACKS", one)
        case _:
            differing = _differing(home, entry)
            if differing:
                yield Finding(name, "STUDY_ENTRY_CONTRADICTED", fields=tuple(differing))


def _read_on(register: Register) -> str:
    """Where groups are read, by entries that need not stand yet."""
    found = [register.entries.get(one) for one in (DISTRIBUTED_PROCESSING, GROUP_SHARDS)]
    told = [str(one.get("where")) for one in found if isinstance(one, dict)]
    return next((one for one in told if one != "one_machine"), "one_machine")


def _differing(home: Home, entry: Entry) -> list[str]:
    """Fields that say something other than `home.yaml`, or than the program does."""
    config = home.config
    match entry:
        case forms.Retention():
            return [
                one
                for one in set(type(entry).model_fields) & set(type(config).model_fields)
                if getattr(entry, one) != getattr(config, one)
            ]
        case forms.Scopes():
            wrong = {
                "regions": set(entry.regions) != set(config.regions),
                "constructs": set(entry.constructs) != set(CONSTRUCTS),
                "uses": not set(forms.USES) <= set(entry.uses),
                "member_bases": not set(config.member_bases) <= set(entry.member_bases),
            }
            return [one for one, differs in wrong.items() if differs]
        case forms.PeerReview():
            wrong = {
                "methods": not set(entry.methods) <= set(METHODS),
                "models": any(
                    entry.models.get(one) != digest for one, digest in models_in_use().items()
                ),
            }
            return [one for one, differs in wrong.items() if differs]
        case _:
            return []
