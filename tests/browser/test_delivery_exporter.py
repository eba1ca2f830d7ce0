"""Who "You" is, told on the phone and sealed with the chat."""

import base64
import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from served_portal import served
from test_delivery_cut import (
    EARLY,
    FROM,
    IDENTITY,
    NOW,
    OBJECTION,
    OPEN,
    SECRET,
    TOLD_ON,
    Case,
    android,
    cut_all,
    of_days,
    opened,
    web,
)

from assets.restricted.collection.exporter import exporter_of
from assets.restricted.collection.group_exports import open_export
from assets.restricted.collection.roll_call import roll_call
from assets.restricted.collection.whatsapp.wordings import wordings
from resources.stores.inbox.file_names import STAMP
from resources.stores.inbox.inbox import Inbox, SealedExport
from resources.stores.members.exporter import note_of
from resources.stores.members.marks import Marker

pytestmark = pytest.mark.browser


@pytest.fixture
def browser(driver, tmp_path):
    with served(tmp_path / "portal") as portal:
        driver.get(portal.url)
        yield driver


def with_you(language: str) -> bytes:
    said = wordings()[language]
    label = said["exporter"][0]
    return web(
        (EARLY, f"{label}: {SECRET}"),
        (EARLY, f"{label}: {OBJECTION}"),
        (EARLY + timedelta(days=1), f"Ben: {SECRET}"),
        (OPEN, f"{label}: on tonight"),
        (OPEN, "Ben: not me"),
        (OPEN + timedelta(hours=1), f"{label}: so\nto bed"),
        opening=(said["encryption"][0],),
    )


def as_opened(inbox: Inbox, sealed: SealedExport, marker: Marker) -> tuple[Any, ...]:
    export = open_export(inbox, [sealed], "greater_london", NOW, marker=marker)
    told = roll_call(export.messages, told_on=TOLD_ON, opt_in_group=False)
    assert {one.sent_at.date() >= FROM for one in export.messages} == {True, False}
    return of_days(export, FROM), exporter_of(export), told.first_day, told.sayings


def test_who_you_are_is_sealed_along_and_reads_as_inbox_add_does(browser, tmp_path) -> None:
    inbox = Inbox(str(tmp_path), str(IDENTITY.to_public()), str(IDENTITY), timedelta(days=14))
    marker, name = Marker(b"made up" * 5, "g-0a1b2c3d"), "Ola B. +44 7700 900123"
    languages = [one for one, said in wordings().items() if "exporter" in said]
    cases = [
        Case(one, with_you(one), you=you) for one in languages for you in (name, "", "…", "x" * 500)
    ]
    # A phone shows its owner by name; another tool may have written this.
    cases += [Case("phone", android((EARLY, f"You: {SECRET}"), (OPEN, "You: tea")), you=name)]
    cases += [Case("nobody", android((EARLY, "Ola: hm"), (OPEN, "Ola: You: tea")), you=name)]
    assert len(languages) >= 6
    for case, answer in zip(cases, cut_all(browser, cases), strict=True):
        known = case.name != "nobody"
        label = wordings()[case.name]["exporter"][0] if case.name in languages else "You"
        assert answer["you"] == (label if known else None), case.name
        sealed = base64.b64decode(answer["sealed"])
        digest = hashlib.sha256(sealed).hexdigest()
        path = inbox.location.put("g-0a1b2c3d", f"{NOW.strftime(STAMP)}-{digest}.age", sealed)
        own = SealedExport("g-0a1b2c3d", NOW, digest, path)
        told = note_of(marker, name) if case.you == name else b""
        whole = inbox.add("g-ffffffff", io.BytesIO(case.export), NOW, note=told)
        found = as_opened(inbox, own, marker)
        assert found == as_opened(inbox, whole, marker), case.name
        assert (found[1] is not None) == (case.you == name)
        assert (label in found[2]) == (known and case.you == name)
        assert SECRET.encode() not in opened(answer)
