"""Members object, opt in, take back, complain and ask: by one page, of one address.

With script the page seals what is asked in the browser, and one length of bytes comes here whatever
it is. Without, it is sealed on receipt, and answered by a page of one length.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from assets.core.errors import ConsentError, StorageError
from orchestration.portal.forms import Sent, chosen, sent_form
from orchestration.portal.section import Section
from orchestration.portal.state import Portal, portal_of
from orchestration.portal.words import not_recorded, page, refused
from resources.base.database.tables.requests import SEALED_BYTES
from resources.stores.requests.member_request import (
    GROUP_CODE_LETTERS,
    MOST_CHARACTERS,
    PACKED_BYTES,
    SAYINGS,
    Asks,
    says_who,
)
from resources.stores.requests.portal_side import MembersDoor
from resources.stores.requests.receipts import looks_right, plain_code

MOST_BYTES = 65_536
"""Of a form: a text of the longest, in letters that take twelve each on their way."""

ANSWER_BYTES = 12_288
"""Of a page that answers, whatever it says: logs of proxies tell how long answers were."""

_FIELDS = ("group", "name", "number", "earlier", "text", "contact")
_IN_ORDER = ("earlier", "name", "number", "group", "text", "contact")
"""The fields as a form shows them."""
_LONGEST = {"text": MOST_CHARACTERS, "group": 40, "earlier": 40}
_LONGEST_LINE = 120
_DAYS_TO_COMPLAIN = timedelta(days=30)


@dataclass(frozen=True)
class Read:
    """What a form holds.

    Attributes:
        asks: what is asked; None where the page offers no such thing.
        said: by field, as it was typed.
        faults: fields that lack something, or hold too much.
    """

    asks: Asks | None
    said: Mapping[str, str] = field(repr=False)
    faults: frozenset[str]


async def start(request: Request) -> Response:
    """The page that the notice leads to."""
    group = request.path_params.get("code", "")
    return _forms(portal_of(request), Read(None, {"group": group}, frozenset()))


async def asked(request: Request) -> Response:
    """What was asked is sealed and put down, and a receipt code shown once."""
    portal = portal_of(request)
    sent = await sent_form(request)
    if sent is not None and "sealed" in sent:
        return await _take_sealed(portal, sent)
    read = None if sent is None else read_form(sent)
    if read is None or read.asks is None:
        return refused(portal.settings)
    if read.faults:
        return _forms(portal, read)
    try:
        code = await run_in_threadpool(_door(portal).put, read.asks, **read.said)
    except ConsentError:
        return _forms(portal, Read(read.asks, read.said, frozenset({"text"})))
    except StorageError as error:
        return not_recorded(portal.settings, error, "members")
    return _of_one_length(
        page(
            "member_receipt.html",
            settings=portal.settings,
            asks=read.asks.value,
            code=code,
            **_days(portal),
        )
    )


async def _take_sealed(portal: Portal, sent: Sent) -> Response:
    """What a browser sealed is put down; only its form can be looked at."""
    receipt, sealed = _one(sent, "receipt"), _one(sent, "sealed")
    if receipt is None or sealed is None or len(sent) != len(("receipt", "sealed")):
        return refused(portal.settings)
    try:
        await run_in_threadpool(_door(portal).put_from_browser, receipt, sealed)
    except ConsentError:
        return refused(portal.settings)
    except StorageError as error:
        return not_recorded(portal.settings, error, "members")
    return JSONResponse(_days(portal))


async def standing_asked(request: Request) -> Response:
    """Where a receipt code is typed."""
    return page("member_state.html", settings=portal_of(request).settings, answer=None, slip=False)


async def standing(request: Request) -> Response:
    """How the request of a receipt code stands; the same for one that waits and for none."""
    portal = portal_of(request)
    sent = await sent_form(request)
    typed = None if sent is None else _one(sent, "code")
    if typed is None:
        return refused(portal.settings)
    if not looks_right(typed):
        return _of_one_length(
            page(
                "member_state.html",
                400,
                settings=portal.settings,
                answer=None,
                slip=True,
                typed=typed[: _LONGEST["earlier"]],
            )
        )
    try:
        answer = await run_in_threadpool(_door(portal).answer, typed[:_LONGEST_LINE])
    except StorageError as error:
        return not_recorded(portal.settings, error, "members")
    return _of_one_length(
        page(
            "member_state.html",
            settings=portal.settings,
            answer=answer,
            slip=False,
            since=None if answer.since is None else _in_words(answer.since),
        )
    )


def read_form(sent: Sent) -> Read:
    """What was typed, with all that is missing or too long.

    Args:
        sent: the form's fields.
    """
    asks = chosen(sent, "asks", {one.value for one in Asks})
    if asks is None:
        return Read(None, {}, frozenset())
    kind = Asks(asks)
    said = {name: (_one(sent, name) or "").strip() for name in _FIELDS}
    faults = {name for name, text in said.items() if len(text) > _LONGEST.get(name, _LONGEST_LINE)}
    if kind in SAYINGS:
        if len(plain_code(said["group"])) != GROUP_CODE_LETTERS:
            faults.add("group")
        unnamed = not says_who(said["name"], said["number"])
        if unnamed and not (kind is Asks.TAKE_BACK and said["earlier"]):
            faults.add("name")
        # Else a slip would weigh as an objection, and what was meant to be void would stand.
        if kind is Asks.TAKE_BACK and said["earlier"] and not looks_right(said["earlier"]):
            faults.add("earlier")
    elif not said["text"]:
        faults.add("text")
    return Read(kind, said, frozenset(faults))


def _forms(portal: Portal, read: Read) -> Response:
    return page(
        "members.html",
        400 if read.faults else 200,
        settings=portal.settings,
        asks=None if read.asks is None else read.asks.value,
        said=read.said,
        faults=read.faults,
        first=next((one for one in _IN_ORDER if one in read.faults), None),
        longest=MOST_CHARACTERS,
        packed_bytes=PACKED_BYTES,
        sealed_bytes=SEALED_BYTES,
        today="",
        due="",
        code="",
    )


def _of_one_length(answer: HTMLResponse) -> Response:
    """The page, filled up behind its end."""
    body = bytes(answer.body)
    whole = body.ljust(-(-len(body) // ANSWER_BYTES) * ANSWER_BYTES)
    return HTMLResponse(whole, status_code=answer.status_code)


def _days(portal: Portal) -> dict[str, Any]:
    today = portal.clock.today()
    return {"today": _in_words(today), "due": _in_words(today + _DAYS_TO_COMPLAIN)}


def _door(portal: Portal) -> MembersDoor:
    settings = portal.settings
    return MembersDoor(portal.drop_box.database, settings.inbox_recipient)


def _one(sent: Sent, name: str) -> str | None:
    values = sent.get(name, ())
    return values[0].replace("\0", "") if len(values) == 1 else None


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


SECTION = Section(
    routes=(
        Route("/m", start, methods=["GET"]),
        Route("/m", asked, methods=["POST"]),
        Route("/m/receipt", standing_asked, methods=["GET"]),
        Route("/m/receipt", standing, methods=["POST"]),
        Route("/m/{code}", start, methods=["GET"]),
    ),
    body_bytes={"/m": MOST_BYTES},
)
