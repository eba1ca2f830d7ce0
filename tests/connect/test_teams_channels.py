"""Channels of Teams: what is taken of a day."""

from datetime import timedelta
from typing import Any

import pytest
from connected import AGENT, at, room
from made_channel import CHAT, MARKER, A, Channel, written

from assets.core.canonical_export import Record


def test_a_day_comes_whole_with_replies_page_by_page(channel: Channel) -> None:
    channel.graph.page, channel.graph.replies_at_once = 3, 2
    for hour in range(10):
        post = channel.post(at(hour, 12), f"post {hour}")
        for number in range(hour % 6):
            channel.reply(post, at(hour + 0.5, 12), f"reply {hour}.{number}")
    told = channel.take()
    assert (told.refused, told.groups[A].refused) == (None, None)
    replies = [f"reply {hour}.{number}" for hour in range(10) for number in range(hour % 6)]
    assert channel.texts() == sorted([*(f"post {hour}" for hour in range(10)), *replies])
    assert channel.own.spans(A) == [(at(0, 12), at(0, 13))]
    first = channel.graph.asked[0][1]
    assert first["$filter"] == "lastModifiedDateTime gt 2026-11-11T23:59:59.999Z"
    assert {query.get("$top") for _, query in channel.graph.asked} <= {"50", None}
    assert channel.graph.user_agents == {AGENT}
    assert channel.graph.tokens == 1


def test_nothing_of_before_the_consent_and_of_earlier_days_only_what_was_taken_back(
    channel: Channel,
) -> None:
    old = channel.post(at(9, 11), "before the consent")
    channel.reply(old, at(9, 12), "a reply of the day")
    edited = {"lastEditedDateTime": written(at(9, 12)), "modified": written(at(9, 12))}
    channel.post(at(10, 11), "before, and edited", **edited)
    channel.post(at(9, 13), "of the next day")
    channel.take()
    assert channel.texts() == ["a reply of the day"]
    post = channel.post(at(10, 12), "stays")
    gone = channel.reply(post, at(10, 12), "goes tomorrow")
    other = channel.reply(post, at(11, 12), "becomes another")
    picture = channel.reply(post, at(12, 12), "becomes a picture")
    later = written(at(9, 13))
    gone |= {"deletedDateTime": later, "body": {"contentType": "html", "content": ""}}
    other |= {"lastEditedDateTime": later, "body": {"contentType": "html", "content": "new"}}
    picture |= {"lastEditedDateTime": later, "body": {"contentType": "html", "content": "<img>"}}
    for one in (gone, other, picture):
        one["lastModifiedDateTime"] = later
    channel.take(days=1)
    ((_, first), (_, second)) = channel.own.held(A)
    assert [one.text for one in first] == ["a reply of the day"]
    *taken_back, own = sorted(second, key=lambda one: one.at)
    assert (own.kind, own.text) == ("speech", "of the next day")
    # Neither who sent them nor what they say by now: those days were collected, or never are.
    assert taken_back == [
        Record(id=f"{post['id']}/{one['id']}", at=one_at.isoformat(), kind="deleted")
        for one, one_at in ((gone, at(10, 12)), (other, at(11, 12)), (picture, at(12, 12)))
    ]


@pytest.mark.parametrize("kind", ["message", "systemEventMessage", "unknownFutureValue"])
@pytest.mark.parametrize("taken_back", ["lastEditedDateTime", "deletedDateTime"])
def test_a_post_of_before_the_span_says_nothing_but_that_it_was_taken_back(
    channel: Channel, kind: str, taken_back: str
) -> None:
    channel.own.rooms = [room(A, CHAT, at(0, 11))]
    later = written(at(9, 12))
    more = {"messageType": kind, "subject": MARKER, "modified": later, taken_back: later}
    channel.post(at(10, 10), MARKER, **more)
    channel.post(at(10, 11), MARKER, **more)
    channel.take()
    files = sorted(channel.own.held(A), key=lambda one: one[0].covers_from)
    assert [len(records) for _, records in files] == [1, 1]
    (one,) = files[1][1]
    assert one == Record(id=one.id, at=at(10, 11).isoformat(), kind="deleted")


@pytest.mark.parametrize(
    ("more", "kind", "text"),
    [
        ({}, "speech", "a & b"),
        ({"body": {"contentType": "text", "content": "a &amp; <b>"}}, "speech", "a &amp; <b>"),
        ({"subject": "Rota <x>"}, "speech", "Rota <x>\na & b"),
        (
            {"subject": "Rota", "body": {"contentType": "text", "content": "late"}},
            "speech",
            "Rota\nlate",
        ),
        (
            {
                "body": {
                    "contentType": "html",
                    "content": '<div><at id="0">Ben Ito</at> look<attachment id="5"></attachment>'
                    '<p><emoji alt="🙂"></emoji></p></div>',
                },
                "attachments": [
                    {"id": "5", "contentType": "messageReference", "content": f"{{{MARKER}}}"}
                ],
            },
            "speech",
            "@\u2068Ben Ito\u2069 look\n🙂",
        ),
        (
            {
                "body": {"contentType": "html", "content": '<attachment id="5"></attachment>'},
                "attachments": [{"id": "5", "contentType": "reference", "name": MARKER}],
            },
            "media",
            "",
        ),
        ({"lastEditedDateTime": written(at(10, 12))}, "edited", "a & b"),
        ({"deletedDateTime": written(at(10, 12))}, "deleted", ""),
        ({"policyViolation": {"dlpAction": "notifySender, blockAccess"}}, "deleted", ""),
    ],
)
def test_kinds(channel: Channel, more: dict[str, Any], kind: str, text: str) -> None:
    channel.post(at(9, 12), "<p>a &amp; b</p>", **more)
    channel.take()
    assert channel.kinds() == {(kind, text)}
    assert MARKER not in str(channel.own.held(A))


@pytest.mark.parametrize(
    "more",
    [
        {"from": {"application": {"id": "1", "displayName": "Rota"}, "user": None}},
        {"from": None},
        {
            "messageType": "systemEventMessage",
            "from": None,
            "body": {"contentType": "html", "content": "<systemEventMessage/>"},
            "eventDetail": {"@odata.type": "#microsoft.graph.callEndedEventMessageDetail"},
        },
        {"messageType": "unknownFutureValue"},
    ],
)
def test_what_no_member_said(channel: Channel, more: dict[str, Any]) -> None:
    channel.post(at(9, 12), "beep", **more)
    channel.take()
    report = channel.own.read(A).report
    assert (report.entries, report.counts["system"], channel.texts()) == (1, 1, [])


def test_a_day_on_which_nobody_wrote(channel: Channel) -> None:
    channel.take()
    assert channel.own.spans(A) == [(at(0, 12), at(0, 13))]
    report = channel.own.read(A).report
    assert (report.entries, report.covered_until) == (0, at(0, 13))


def test_days_of_a_stopped_connector_are_made_up_for(channel: Channel) -> None:
    for day in range(12, 20):
        channel.post(at(9, day), f"day {day}")
    channel.take(days=4)
    # The 17th is not over; of before the 14th days have closed.
    assert channel.texts() == ["day 14", "day 15", "day 16"]
    assert [last - first for first, last in channel.own.spans(A)] == [timedelta(days=1)] * 3
