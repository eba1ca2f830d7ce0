"""What a form sent: only what the page could have offered, never a word of the request's own."""

from collections.abc import Collection, Mapping
from datetime import date
from urllib.parse import parse_qsl

from starlette.requests import Request

MOST_FIELDS = 40

Sent = Mapping[str, tuple[str, ...]]


async def sent_form(request: Request) -> Sent | None:
    """The fields of a form; None for what is no form of ours.

    The door has measured the body, in bytes and in seconds.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return None
    try:
        body = (await request.body()).decode("ascii")
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        return None
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return found


def chosen(sent: Sent, name: str, among: Collection[str]) -> str | None:
    """The one choice, of those that there are; None for none, several or any other."""
    values = sent.get(name, ())
    return values[0] if len(values) == 1 and values[0] in among else None


def all_chosen(sent: Sent, name: str, among: Collection[str]) -> frozenset[str]:
    """The choices, of those that there are."""
    return frozenset(value for value in sent.get(name, ()) if value in among)


def day(sent: Sent, name: str) -> date | None:
    """A day as a browser sends it, or as it is written by hand where a browser knows no days."""
    values = sent.get(name, ())
    if len(values) != 1 or not values[0].isascii():
        return None
    try:
        return date.fromisoformat(values[0].strip())
    except ValueError:
        return None
