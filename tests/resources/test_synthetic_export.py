"""The files: header forms, line ends, marks, archives and names."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date, timedelta

import pytest

from simulation.chat import make_world, render_export

REGIONS = ("greater_london", "east_of_england")
DATE = r"\d{2}/\d{2}/\d{4}, "
SENDER = r"(?P<sender>[^:]+?): (?P<body>.*)"
HEADERS = {
    "android_24h": DATE + r"\d{2}:\d{2} - ",
    "android_12h": DATE + r"\d{1,2}:\d{2}\u202f[ap]m - ",
    "ios_24h": r"\u200e?\[" + DATE + r"\d{2}:\d{2}:\d{2}\] ",
    "ios_12h": r"\u200e?\[" + DATE + r"\d{1,2}:\d{2}:\d{2}\u202f[ap]m\] ",
}


@pytest.fixture(scope="module")
def world():
    return make_world(regions=REGIONS, first_day=date(2026, 9, 10), days=21)


def _text(name, content):
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (member,) = archive.namelist()
            content = archive.read(member)
    return content.decode()


def _entries(group, text):
    """The entries of an export, split where a header of the group's form starts a line."""
    return [
        entry.rstrip("\r\n")
        for entry in re.split(rf"(?m)^(?={HEADERS[group.form]})", text)
        if entry
    ]


@pytest.fixture(scope="module")
def exports(world):
    return [(group, *render_export(world, group)) for group in world.groups]


def test_every_entry_has_the_header_of_its_form(exports):
    for group, name, content in exports:
        entries = _entries(group, _text(name, content))
        assert len(entries) == len(group.posts) + len(group.events)
        assert all(re.match(HEADERS[group.form], entry) for entry in entries)


def test_speech_reads_back_as_said(exports):
    for group, name, content in exports:
        read = [
            re.fullmatch(HEADERS[group.form] + SENDER, entry, re.DOTALL)
            for entry in _entries(group, _text(name, content))
        ]
        read = {(found["sender"], found["body"]) for found in read if found}
        said = {
            (group.members[post.member].sender, post.text)
            for post in group.posts
            if post.kind == "speech"
        }
        assert said <= read


def test_line_ends_tell_entries_from_lines_within(exports):
    for group, name, content in exports:
        text = _text(name, content)
        if group.form.startswith("ios"):
            pieces = text.split("\r\n")
            assert pieces[-1] == ""
            assert all(re.match(HEADERS[group.form], piece) for piece in pieces[:-1])
            assert any("\n" in piece for piece in pieces)
        else:
            assert "\r" not in text
            assert text.endswith("\n")
        assert "\ufeff" not in text


def test_names_are_as_whatsapp_gives_them(exports):
    for group, name, content in exports:
        joint = " - " if group.form.startswith("ios") else " with "
        assert name == f"WhatsApp Chat{joint}{group.title}.{group.container}"
        if group.container == "zip":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                inner = archive.namelist()
            ios = group.form.startswith("ios")
            assert inner == ["_chat.txt" if ios else name.replace(".zip", ".txt")]
    assert len({name for _, name, _ in exports}) == len(exports)


@pytest.mark.parametrize(
    ("system", "shape"),
    [
        ("android", r" - Messages and calls are end-to-end encrypted\. Only people"),
        ("android", r' - \S.* created group "'),
        ("android", r" - \S.* added \S"),
        ("android", r" - \S.* left$"),
        ("android", r" - \S.* joined using this group's invite link$"),
        ("android", r": <Media omitted>$"),
        ("android", r": This message was deleted$"),
        ("android", r": You deleted this message$"),
        ("android", r": .+ <This message was edited>$"),
        ("android", r"\.vcf \(file attached\)$"),
        ("android", r": POLL:$"),
        ("android", r"^OPTION: .+ \(\d votes?\)$"),
        ("android", r" - ~ \w+: "),
        ("android", r" - \u202a\+44 7700 900\d{3}\u202c: "),
        ("android", r"@\u2068.+\u2069"),
        ("android", r"@\d{12,15}"),
        ("ios", r"\] (?P<title>[^:]+): \u200eMessages and calls are end-to-end encrypted"),
        ("ios", r": \u200e.+ created group “"),
        ("ios", r": \u200e.+ added "),
        ("ios", r": \u200e.+ left\r$"),
        ("ios", r"^\u200e\[.+: \u200eimage omitted\r$"),
        ("ios", r"^\u200e\[.+: \u200eThis message was deleted\.\r$"),
        ("ios", r"^\u200e\[.+: \u200eYou deleted this message\.\r$"),
        ("ios", r": .+ \u200e<This message was edited>\r$"),
        ("ios", r"^\u200e\[.+: \u200ePOLL:$"),
        ("ios", r"^\u200eOPTION: .+ \(\u200e\d votes?\)$"),
        ("ios", r"\] ~\u202f\w+: "),
        ("ios", r"\] \u202a\+44\u00a07700\u00a0900\d{3}\u202c: "),
        ("ios", r"@\u2068.+\u2069"),
        ("ios", r"\w’\w"),
    ],
)
def test_each_real_line_shape_turns_up(exports, system, shape):
    texts = (_text(name, content) for group, name, content in exports if system in group.form)
    assert any(re.search(shape, text, re.MULTILINE) for text in texts)


def test_android_system_lines_have_no_sender_and_ios_ones_are_marked(exports):
    for group, name, content in exports:
        text = _text(name, content)
        if group.form.startswith("ios"):
            assert text.split("\r\n")[0].split("] ")[1].startswith(f"{group.title}: \u200e")
        else:
            assert re.match(HEADERS[group.form] + "Messages and calls are", text)


def test_the_export_reaches_past_the_last_day(world, exports):
    after = world.first_day + timedelta(days=world.days)
    for group, name, content in exports:
        assert f"{after:%d/%m/%Y}" in _entries(group, _text(name, content))[-1][:20]


def test_the_same_seed_gives_the_same_bytes(world, exports):
    again = make_world(regions=REGIONS, first_day=world.first_day, days=world.days)
    assert [render_export(again, group) for group in again.groups] == [
        (name, content) for _, name, content in exports
    ]
    other = make_world(regions=REGIONS, first_day=world.first_day, days=world.days, seed=1)
    assert not {content for _, _, content in exports} & {
        render_export(other, group)[1] for group in other.groups
    }


def test_a_title_that_no_file_name_can_hold(world):
    group = replace(world.groups[0], title='Night/Day: "A"')
    name, content = render_export(replace(world, groups=(group,)), group)
    assert name == "WhatsApp Chat with Night_Day_ _A_.txt"
    assert 'created group "Night/Day: "A""' in content.decode()


def test_a_group_of_another_world_is_refused(world):
    with pytest.raises(ValueError, match="world"):
        render_export(world, replace(world.groups[0], title="Elsewhere"))
