"""What `tideline inbox add` says of a file: numbers, days and codes, nothing that stands in it."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from assets.core.errors import CATALOGUE
from assets.core.london_time import LONDON
from assets.core.modes import DISCOVERY_MESSAGE_LIMIT
from assets.core.platforms import names_of
from assets.restricted.collection.door import Look
from orchestration.cli.next_reading import NextReading
from resources.base.home import HomeConfig
from resources.stores.consent.consent_state import Consent
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.inbox.inbox import SealedExport


def said_of(look: Look) -> str:
    """What the file is."""
    first, last = (at.astimezone(LONDON).date() for at in (look.first_entry, look.last_entry))
    return (
        f"Looked at: a chat export of {''.join(names_of([look.platform]))},"
        f" {_counted(look.entries, 'entry', 'entries')} by"
        f" {_counted(look.senders, 'person', 'people')}, {_span(first, last)}."
    )


def said_of_reading(found: NextReading, look: Look, consent: Consent) -> Iterator[str]:
    """What the next run does with it, and what it leaves."""
    if found.days:
        messages = sum(look.messages.get(day, 0) for day in found.days)
        upto = "up to " if found.waiting else ""
        yield (
            f"The next run reads {upto}{_counted(len(found.days), 'day')} of it,"
            f" {_span(found.days[0], found.days[-1])}: at most {messages} messages."
        )
        yield from _quiet_days(found.days, look)
    else:
        yield "The next run reads no day of it."
    first, last = (at.astimezone(LONDON).date() for at in (look.first_entry, look.last_entry))
    if first < consent.valid_from or last > consent.valid_until:
        covered = _span(consent.valid_from, consent.valid_until)
        yield f"Days outside the consent ({covered}) are never read."
    for days, why in (
        (found.closed, "closed already, and stays as it was released"),
        (found.settled, "read and scored before"),
        (found.elsewhere, "taken from another export, or read before and not changed by this one"),
        (found.older, "too long ago for the routine; `tideline run --from --to` reads it"),
    ):
        if days:
            yield f"{_counted(len(days), 'day')} of it ({_span(days[0], days[-1])}): {why}."
    if found.privacy_from is not None:
        yield (
            f"CHAT_PRIVACY_ON, from {found.privacy_from}: {CATALOGUE['CHAT_PRIVACY_ON'].happened}"
        )
        yield CATALOGUE["CHAT_PRIVACY_ON"].next_step
    if found.waiting:
        yield (
            f"No run has read {_counted(found.waiting, 'other file')} of the group yet; of two that"
            " hold a day, the one that goes on longer supplies it."
        )


def said_of_count(counted: int, left: int) -> str:
    """What a discovery home counted on arrival."""
    return (
        f"Counted on arrival: at most {_counted(counted, 'message')}; of"
        f" {DISCOVERY_MESSAGE_LIMIT:,} this home may open {left:,} more."
    )


def said_of_nameless(look: Look, *, exporter_told: bool) -> Iterator[str]:
    """What is not read because the file shows a label in place of a name."""
    if look.nameless:
        told = (
            ""
            if exporter_told
            else ' If they are by whoever exported it ("You"), purge it and deliver it with --you.'
        )
        yield (
            f"{_counted(look.nameless, 'message', 'messages')} of it {_are(look.nameless)} under a"
            f" label in place of a name, and not read.{told}"
        )


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def said_of_members(look: Look, consent: Consent) -> Iterator[str]:
    """Who may be read by this file alone; objections are heeded when it is read."""
    told = f"Of {_counted(look.senders, 'person', 'people')} who write in it, {look.informed}"
    if consent.member_basis is MemberBasis.OPT_IN:
        yield (
            f"{told} opted in by the sentence in the chat. Those whom `tideline member opt-in`"
            " lists are read too, and nobody else."
        )
        return
    notice = max(one.informed_on for one in consent.notices)
    yield f"{told} can be read by the notices up to {notice}, unless they object."
    if look.informed < look.senders:
        yield (
            "The others first show after the last notice. Unless an earlier export shows them, they"
            " are read only once the members are told again (`tideline consent notice`)."
        )
    if look.read_from is not None:
        cooling = f"{look.cooling_off} of those who can be read are cooling off"
        yield f"{cooling}: nothing of theirs before {look.read_from} is read."


def said_of_lifetime(sealed: SealedExport, config: HomeConfig) -> str:
    """When the file goes."""
    lifetime = timedelta(days=config.inbox_lifetime_days)
    gone = (sealed.arrived_at + lifetime).astimezone(LONDON).date()
    return (
        f"It is deleted from the inbox after {config.inbox_lifetime_days} days, on {gone}, and"
        " sooner once its days have settled."
    )


def _quiet_days(days: Sequence[date], look: Look) -> Iterator[str]:
    first, last = (at.astimezone(LONDON).date() for at in (look.first_entry, look.last_entry))
    after = [day for day in days if day > last]
    if after:
        yield (
            f"Its last entry is of {last}, so {_counted(len(after), 'day')} after that"
            f" ({_span(after[0], after[-1])}) will count as days on which nobody wrote. If anybody"
            " did, export the chat again and deliver that instead."
        )
    before = [day for day in days if day < first]
    if before:
        yield (
            f"Its first entry is of {first}, so {_counted(len(before), 'day')} before that"
            f" ({_span(before[0], before[-1])}) will count as days on which nobody wrote, unless"
            " another export shows them."
        )


def _span(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
