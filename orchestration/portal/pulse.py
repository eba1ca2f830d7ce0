"""Members answer the pulse: six items, no words of their own, and nothing that tells who answers.

With script the page seals the answer in the browser, and one length of bytes comes here whatever
was chosen. Without, it is sealed on receipt. Settings without a pulse have no such page.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assets.core.errors import ConsentError, StorageError
from assets.core.fortnights import Fortnight
from assets.core.pulse_instrument import ITEMS, PulseInstrument
from orchestration.portal.forms import Sent, chosen, sent_form
from orchestration.portal.section import Section
from orchestration.portal.state import Portal, portal_of
from orchestration.portal.words import not_recorded, page, refused
from resources.base.database.tables.pulse import PULSE_BYTES
from resources.stores.pulse.portal_side import PulseDoor
from resources.stores.pulse.pulse_answer import PACKED_BYTES, PulseAnswer
from resources.stores.requests.member_request import GROUP_CODE_LETTERS
from resources.stores.requests.receipts import plain_code

_LONGEST_CODE = 40
_IN_ORDER = ("group", "instrument", *(f"item{number}" for number in range(ITEMS)))
"""What may be wrong, as the page shows it."""


@dataclass(frozen=True)
class Read:
    """What a form holds.

    Attributes:
        group: the code, as it was typed.
        chosen: for each item the place of the choice; None for one that lacks it.
        faults: fields that lack something; `instrument` where other items were shown.
    """

    group: str = field(repr=False)
    chosen: tuple[int | None, ...] = field(repr=False)
    faults: Collection[str]


async def start(request: Request) -> Response:
    """The six items."""
    portal = portal_of(request)
    asked = portal.settings.pulse
    if asked is None:
        return refused(portal.settings)
    group = request.path_params.get("code", "")[:_LONGEST_CODE]
    return _items(portal, asked, Read(group, (None,) * ITEMS, ()))


async def answered(request: Request) -> Response:
    """What was chosen is put down sealed; or what is missing is asked for again."""
    portal = portal_of(request)
    asked = portal.settings.pulse
    sent = await sent_form(request) if asked else None
    if asked is None or sent is None:
        return refused(portal.settings)
    try:
        answer = await _put(portal, asked, sent)
    except ConsentError:
        return refused(portal.settings)
    except StorageError as error:
        return not_recorded(portal.settings, error, "pulse")
    return answer


async def _put(portal: Portal, asked: PulseInstrument, sent: Sent) -> Response:
    """Put down what a form holds, sealed already or not.

    Raises:
        ConsentError: `REQUEST_NOT_READ`, `REQUEST_TOO_LONG`.
        StorageError: what `PulseDoor.put` raises.
    """
    recipient, today = portal.settings.inbox_recipient, portal.clock.today()
    door = PulseDoor(portal.drop_box.database, recipient)
    if "sealed" in sent:
        if len(sent) != 1:
            raise ConsentError("REQUEST_NOT_READ")
        await run_in_threadpool(door.put_from_browser, "".join(sent["sealed"]))
    else:
        read = read_form(sent, asked)
        if sent.get("instrument") != (asked.digest(),):
            # The page was opened before the items were changed: a choice was made of others.
            faults = {"instrument"} | ({"group"} & set(read.faults))
            read = Read(read.group, (None,) * ITEMS, faults)
        if read.faults:
            return _items(portal, asked, read)
        places = tuple(one for one in read.chosen if one is not None)
        await run_in_threadpool(door.put, PulseAnswer(read.group, asked.digest(), places))
    now = Fortnight.of(today)
    return page(
        "pulse_thanks.html",
        settings=portal.settings,
        combined=_in_words(_combined_on(now, portal)),
        next=_in_words(now.last + timedelta(days=1)),
    )


def read_form(sent: Sent, asked: PulseInstrument) -> Read:
    """What was chosen, with all that is missing.

    Args:
        sent: the form's fields.
        asked: what the page showed.
    """
    offered = [str(place) for place in range(len(asked.answers))]
    found = [chosen(sent, f"item{number}", offered) for number in range(ITEMS)]
    groups = sent.get("group", ())
    group = groups[0].strip()[:_LONGEST_CODE] if len(groups) == 1 else ""
    faults = {f"item{number}" for number, one in enumerate(found) if one is None}
    if len(plain_code(group)) != GROUP_CODE_LETTERS:
        faults.add("group")
    return Read(group, tuple(None if one is None else int(one) for one in found), faults)


def _items(portal: Portal, asked: PulseInstrument, read: Read) -> Response:
    now = Fortnight.of(portal.clock.today())
    return page(
        "pulse.html",
        400 if read.faults else 200,
        settings=portal.settings,
        asked=asked,
        digest=asked.digest(),
        group=read.group,
        chosen=read.chosen,
        faults=read.faults,
        first_wrong=next((one for one in _IN_ORDER if one in read.faults), None),
        first=_in_words(now.first),
        last=_in_words(now.last),
        combined=_in_words(_combined_on(now, portal)),
        packed_bytes=PACKED_BYTES,
        sealed_bytes=PULSE_BYTES,
    )


def _combined_on(fortnight: Fortnight, portal: Portal) -> date:
    return fortnight.last + timedelta(days=portal.settings.close_after_days)


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


SECTION = Section(
    routes=(
        Route("/p", start, methods=["GET"]),
        Route("/p", answered, methods=["POST"]),
        Route("/p/{code}", start, methods=["GET"]),
    )
)
