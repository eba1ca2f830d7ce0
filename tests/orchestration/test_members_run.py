"""Members' rights through whole runs: who is not to be read is in nothing that is stored."""

import io
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from assets.core.errors import ConsentError, TidelineError
from assets.restricted.collection.admission import SetApart
from assets.restricted.collection.group_reading import GroupMessages, GroupReading
from assets.restricted.consent.sentences import OBJECTION_SENTENCE, OPT_IN_SENTENCE
from assets.restricted.scrubbing.scrubber import Scrubber
from orchestration.cli import app
from resources.base.database.tables import home, member_events
from resources.stores.consent.consent_terms import ConsentTerms, MemberBasis
from resources.stores.members.exporter import note_of
from simulation.consents import made_up_terms

pytestmark = pytest.mark.slow

DAY, LAST = date(2026, 10, 12), date(2026, 10, 14)
EVE = date(2026, 8, 24)
LETTERS = "abcdef"


@pytest.fixture
def scrubbed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text handed to the scrubber."""
    seen: list[str] = []
    real = Scrubber.scrub_counted

    def spy(self, texts, roster=()):
        seen.extend(texts)
        return real(self, texts, roster)

    monkeypatch.setattr(Scrubber, "scrub_counted", spy)
    return seen


@pytest.fixture
def at_home(house, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """The command line on the house, with what is piped in."""
    for module in ("member", "consent"):
        monkeypatch.setattr(f"orchestration.cli.{module}.open_session", lambda: house.session)

    def run(*arguments: str, given: str = "") -> str:
        result = CliRunner().invoke(app, arguments, input=given)
        if result.exception is not None:
            raise result.exception
        assert given.strip() not in result.output or not given
        return result.output

    return run


def line(day: date, who: str, text: str, hour: int = 9) -> str:
    return f"{day:%d/%m/%Y}, {hour:02d}:15 - {who}: {text}"


def person(letter: str) -> str:
    return f"Grace Okafor{letter}"


def chat(*extra: str, people: str = LETTERS, days: Sequence[date] = (DAY,)) -> bytes:
    """Each person greets before the notice and writes two different lines on each day."""
    lines = [line(EVE, person(one), "hello") for one in people]
    for day in days:
        for number, one in enumerate(people):
            for hour in (9, 17):
                text = f"so tired after the shift today {day:%d} {number} {hour} by{one}"
                lines.append(line(day, person(one), text, hour))
    ordered = sorted([*lines, *extra], key=lambda one: (one[6:10], one[3:5], one[:2], one[12:17]))
    return ("\n".join(ordered) + "\n").encode()


def web_export(of: int | None = None) -> bytes:
    """The same chat as WhatsApp Web exports it for person a: the day is the 12th, the month 10."""
    rows = ["Messages and calls are end-to-end encrypted. Only people in this chat can read them."]
    for day in (EVE, DAY):
        for number, one in enumerate(LETTERS):
            who = "You" if one == "a" else person(one)
            text = "hello" if day == EVE else f"so tired after the shift {number} by{one}"
            rows.append(f"[{day.month}/{day.day}/{day:%y}, 1:0{number}:10 PM] {who}: {text}")
    rows.append(f"[{DAY.month}/{DAY.day}/{DAY:%y}, 2:00:00 PM] - {person('b')} added Zed: by7")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        written = ("\n".join(rows) + "\n").encode()
        archive.writestr("chat.txt", written if of is None else of_group(of, written))
        archive.writestr("chat.md", "# made up\n")
    return packed.getvalue()


def of_group(number: int, content: bytes) -> bytes:
    """The same chat, each of whose lines tells the number of its group too."""
    return re.sub(rb"\bby([a-f])\b", rb"by\g<1>%d" % number, content)


def writers(scrubbed: Sequence[str], of: str = "") -> set[str]:
    """Whose lines are among these texts, of the group of this number or of all."""
    words = [word for text in scrubbed for word in text.split() if word[:2] == "by"]
    return {word[2] for word in words if word[3:] == of or not of}


def people_scored(house, ref: str, day: date = DAY) -> int:
    return house.resources["score_store"].of_region_day("greater_london", day)[ref][0].person_days


def set_apart(house, day: date = DAY) -> dict[str, int]:
    """Messages of a day that the step sets apart, but for objections; it tells none of them."""
    found: Counter[SetApart] = Counter()
    real = GroupReading.messages

    def counted(*given: Any, **how: Any) -> GroupMessages:
        own = real(*given, **how)
        found.update(own.set_apart)
        return own

    with mock.patch.object(GroupReading, "messages", counted):
        events = house.materialise("scrubbed_vectors", day).get_asset_observation_events()
    (told,) = (one.asset_observation_data.asset_observation.metadata for one in events)
    assert not {f"run_{why.value}" for why in SetApart} & set(told)
    return {why.value: count for why, count in found.items() if why is not SetApart.OBJECTED}


def test_who_objected_by_command_is_not_read(house, at_home, scrubbed) -> None:
    said = {
        f"{person('a')}\n": "a",
        "~ GRACE okafora 🌸\n": "a",
        "okaforb\n": "b",
        # A Grace has objected, and which is not known.
        "Grace\n": LETTERS,
    }
    refs = {given: house.grant() for given in said}
    for number, (given, ref) in enumerate(refs.items()):
        house.deliver(ref, of_group(number, chat()))
        assert "objected" in at_home("member", "object", ref, given=given)
    assert house.run("collect", DAY) is None
    for number, (given, gone) in enumerate(said.items()):
        assert writers(scrubbed, str(number)) == set(LETTERS) - set(gone), given
        if len(gone) == 1:
            assert people_scored(house, refs[given]) == 5, given


def test_who_objected_in_the_chat_is_not_read_and_stays_out(house, at_home, scrubbed) -> None:
    ref = house.grant()
    said = line(LAST, person("a"), OBJECTION_SENTENCE.upper() + " !")
    mention = line(DAY, person("b"), "ask @\u2068Grace Okafora\u2069 or okafora by7")
    house.deliver(ref, chat(said, mention, days=[DAY, LAST]))
    assert house.run("collect", DAY) is None
    assert writers(scrubbed) == {*"bcdef", "7"}
    assert not any("kafora" in text.lower() for text in scrubbed)
    assert people_scored(house, ref) == 5
    # A later export without the sentence changes nothing.
    for export in house.resources["inbox"].list(ref):
        house.resources["inbox"].location.delete(export.path)
    scrubbed.clear()
    house.clock.moment += timedelta(hours=1)
    house.deliver(ref, chat(days=[DAY, LAST]))
    assert house.run("collect", LAST) is None
    assert writers(scrubbed) == set("bcdef")


def test_an_objection_after_scrubbing_takes_the_vectors_back(house, at_home, scrubbed) -> None:
    ref = house.grant()
    house.deliver(ref, chat())
    assert house.materialise("scrubbed_vectors", DAY).success
    assert writers(scrubbed) == set(LETTERS)
    at_home("member", "object", ref, given=f"{person('a')}\n")
    scrubbed.clear()
    assert house.materialise("group_scores", DAY).success
    assert house.group_days() == set()
    assert list(house.session.home.keys.iterdir()) == []
    assert house.run("collect", DAY) is None
    assert writers(scrubbed) == set("bcdef")
    assert people_scored(house, ref) == 5


def test_by_a_number_that_nobody_shows_the_group_stops_until_it_is_placed(
    house, at_home, scrubbed
) -> None:
    ref = house.grant()
    house.deliver(ref, chat())
    at_home("member", "object", ref, "--number", given="07700 900123\n")
    assert house.run("collect", DAY) == "GROUPS_REFUSED"
    assert house.codes() == {ref: {"OBJECTION_NOT_PLACED"}}
    assert scrubbed == []
    assert house.group_days() == set()
    both = ("member", "object", ref, "--name", "--number")
    at_home(*both, given=f"{person('c')}\n+44 7700 900123\n")
    assert house.run("collect", DAY) is None
    assert writers(scrubbed) == set("abdef")


def test_on_the_basis_of_opt_in_only_the_listed_are_read(house, at_home, scrubbed) -> None:
    terms = made_up_terms(
        date(2026, 9, 1),
        date(2026, 12, 31),
        member_basis=MemberBasis.OPT_IN,
        ethics_reference="",
        departure_approved=False,
    )
    ref = house.session.register.grant(terms, house.clock.now())
    house.deliver(
        ref,
        chat(
            line(LAST, person("d"), OPT_IN_SENTENCE),
            line(LAST, person("e"), OPT_IN_SENTENCE),
            days=[DAY, LAST],
        ),
    )
    for one in "abcf":
        at_home("member", "opt-in", ref, "--name", given=f"{person(one)}\n")
    house.clock.moment += timedelta(days=1)
    at_home("member", "withdraw", ref, given=f"{person('f')}\n")
    assert set_apart(house) == {}
    assert writers(scrubbed) == set("abcde")
    assert house.run("collect", DAY) is None
    assert people_scored(house, ref) == 5


def test_messages_from_before_the_consent_are_never_read(house, scrubbed) -> None:
    since = DAY - timedelta(days=6)
    ref = house.grant(valid_from=since)
    days = [DAY - timedelta(days=n) for n in range(1400)]
    house.deliver(ref, chat(days=[*reversed(days)]))
    assert house.run("collect", since - timedelta(days=3), DAY) is None
    read = [day for day in days if day >= since]
    assert len(scrubbed) == 12 * len(read)
    assert {day for day, _ in house.group_days()} == set(read)
    with house.database.transaction() as connection:
        assert connection.execute(sa.select(home.c.messages_read)).scalar_one() == len(scrubbed)


def test_who_joins_is_read_after_the_next_notice_and_its_cooling_off(
    house, at_home, scrubbed, tmp_path
) -> None:
    ref = house.grant()
    (tmp_path / "notice").write_text("what they were told", "utf-8")
    days = [DAY - timedelta(days=n) for n in range(20)][::-1]
    joined = days[4]
    new = [line(day, "Newcomer", f"all new to me here {day:%d%m} byN") for day in days[4:]]
    house.deliver(ref, chat(*new, days=days))
    assert house.materialise("scrubbed_vectors", DAY).success
    assert writers(scrubbed) == set(LETTERS)
    assert set_apart(house, days[3]) == {}
    assert set_apart(house, days[5]) == {"not_yet_informed": 1}
    scrubbed.clear()
    told = ("--informed-on", str(joined), "--notice-version", "v2")
    at_home("consent", "notice", ref, *told, "--notice", str(tmp_path / "notice"))
    assert house.run("collect", joined, DAY) is None
    texts = [text for text in scrubbed if "byN" in text]
    first = (joined + timedelta(days=7)).strftime("%d%m")
    assert first in texts[0]
    assert people_scored(house, ref, joined + timedelta(days=6)) == 6
    assert people_scored(house, ref, joined + timedelta(days=7)) == 7


def test_a_history_that_was_cut_off_reads_only_who_was_seen_before(house, scrubbed) -> None:
    ref = house.grant()
    house.deliver(ref, chat(people="abc"))
    assert house.run("collect", DAY) is None
    scrubbed.clear()
    house.clock.moment += timedelta(hours=1)
    cut = [
        text
        for text in chat(days=[DAY, LAST]).decode().splitlines()
        if not text.startswith(f"{EVE:%d/%m/%Y}")
    ]
    house.deliver(ref, "\n".join(cut).encode())
    assert house.run("collect", LAST) is None
    assert writers(scrubbed) == set("abc")


def same_terms(house, ref: str) -> ConsentTerms:
    known = house.session.register.consent(ref)
    return made_up_terms(
        known.valid_from,
        known.valid_until,
        known.region,
        member_basis=known.member_basis,
        informed_on=known.notices[0].informed_on,
    )


PRIVACY = "{day:%d/%m/%Y}, 12:00 - Grace Okaforb turned on advanced chat privacy"


def test_advanced_chat_privacy_stops_the_group_until_renewed(house, scrubbed) -> None:
    ref = house.grant()
    on = DAY + timedelta(days=1)
    days = [DAY, on, LAST]
    house.deliver(ref, chat(PRIVACY.format(day=on), days=days))
    assert house.run("collect", DAY, LAST) == "GROUPS_REFUSED"
    assert house.codes() == {ref: {"CHAT_PRIVACY_ON"}}
    assert house.group_days() == {(DAY, ref)}
    assert len(scrubbed) == 12
    house.clock.moment += timedelta(hours=1)
    house.session.register.renew(ref, same_terms(house, ref), house.clock.now())
    assert house.run("collect", DAY, LAST) is None
    assert house.group_days() == {(day, ref) for day in days}


def test_each_turning_on_of_chat_privacy_stops_the_group(house, scrubbed) -> None:
    ref = house.grant()
    days = [DAY - timedelta(days=1), DAY, DAY + timedelta(days=1), LAST]
    renewed_at = datetime.combine(days[1], time(20), UTC)
    house.session.register.renew(ref, same_terms(house, ref), renewed_at)
    house.deliver(ref, chat(*(PRIVACY.format(day=days[n]) for n in (0, 2)), days=days))
    assert house.run("collect", days[0], days[-1]) == "GROUPS_REFUSED"
    assert house.codes() == {ref: {"CHAT_PRIVACY_ON"}}
    assert house.group_days() == {(day, ref) for day in days[:2]}


def test_it_is_said_if_nobody_could_be_read(house, scrubbed) -> None:
    ref = house.grant(valid_from=EVE + timedelta(days=1))
    told_long_ago = chat().splitlines()[len(LETTERS) :]
    house.deliver(ref, b"\n".join(told_long_ago))
    assert house.run("collect", DAY) is None
    assert scrubbed == []
    assert house.resources["notices"].since(DAY)[ref] == [(DAY, "NOBODY_INFORMED")]


def test_who_exported_with_whatsapp_web_is_not_read(house, at_home, scrubbed) -> None:
    refs = [house.grant() for _ in range(2)]
    at_home("member", "object", refs[0], given=f"{person('a')}\n")
    for number, ref in enumerate(refs):
        house.deliver(ref, web_export(number))
    assert set_apart(house) == {"unnamed": 2}
    for number in range(2):
        assert writers(scrubbed, str(number)) == set(LETTERS) - {"a"}
    assert house.run("collect", DAY) is None
    assert [people_scored(house, ref) for ref in refs] == [5, 5]


def test_who_exported_is_read_as_told_at_delivery(house, at_home, scrubbed, tmp_path) -> None:
    cases = [
        ("", person("a"), LETTERS),
        ("a", person("a"), "bcdef"),
        # Whoever else objected, the exporter is told apart from them.
        ("b", person("a"), "acdef"),
        ("a", f"~ {person('a').upper()} 🌸", "bcdef"),
    ]
    refs = [house.grant() for _ in cases]
    for number, (objected, told, _) in enumerate(cases):
        if objected:
            at_home("member", "object", refs[number], given=f"{person(objected)}\n")
        path = tmp_path / f"chat{number}.zip"
        path.write_bytes(web_export(number))
        said = at_home("inbox", "add", refs[number], str(path), "--you", given=f"{told}\n")
        assert "label" not in said
        assert told not in said
    assert house.run("collect", DAY) is None
    for number, (objected, told, read) in enumerate(cases):
        assert writers(scrubbed, str(number)) == set(read), (objected, told)
        assert people_scored(house, refs[number]) == len(read), (objected, told)


def test_a_note_of_the_exporter_made_without_the_key_tells_nobody(house, scrubbed) -> None:
    ref = house.grant()
    inbox, members = house.resources["inbox"], house.resources["members"]
    other = members.marker("g-00000000")
    inbox.add(ref, io.BytesIO(web_export()), house.clock.now(), note=note_of(other, person("a")))
    assert set_apart(house) == {"unnamed": 1}
    assert writers(scrubbed) == set(LETTERS) - {"a"}


def test_copied_posts_and_bots_are_counted_and_not_scored(house, scrubbed) -> None:
    ref = house.grant()
    notice = "please share this notice with everyone you know"
    extra = [line(DAY, person(one), notice) for one in "ab"]
    extra += [line(DAY, "Meta AI", "here is what I found for you")]
    house.deliver(ref, chat(*extra))
    assert set_apart(house) == {"copied": 2, "from_bots": 1}
    assert notice not in scrubbed
    assert len(scrubbed) == 12


def test_the_command_line_never_takes_or_shows_a_name(house, at_home) -> None:
    ref = house.grant()
    with pytest.raises(SystemExit, match="2"):
        at_home("member", "object", ref, "Grace Okafor")
    with house.database.transaction() as connection:
        assert connection.execute(sa.select(member_events)).all() == []
    out = at_home("member", "object", ref, given="Grace Okafor 07700 900123\n")
    assert "Grace" not in out
    assert OBJECTION_SENTENCE in (said := at_home("member", "sentence"))
    assert OPT_IN_SENTENCE in said


def test_an_identity_without_name_or_number_is_refused(house, at_home) -> None:
    ref = house.grant()
    for arguments, given in (
        (["--name"], " \n"),
        (["--number"], "12345\n"),
        (["--name", "--number"], "Grace\nnone\n"),
        ([], "🙂\u200e"[1:] + "\n"),
    ):
        with pytest.raises(ConsentError, match=r"^MEMBER_UNNAMED$"):
            at_home("member", "object", ref, *arguments, given=given)
    with pytest.raises(TidelineError, match=r"^GROUP_UNKNOWN$"):
        at_home("member", "object", "g-00000000", given="Grace\n")
    assert house.resources["members"].events(ref) == []


def test_a_hidden_prompt_asks_twice(house, at_home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict] = []

    def prompt(what: str, **options: bool) -> str:
        asked.append(options)
        return "Grace"

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    from orchestration.cli import hidden, member

    monkeypatch.setattr(hidden.typer, "prompt", prompt)
    monkeypatch.setattr(sys, "stdin", Terminal())
    member.objects(house.grant())
    assert asked == [{"hide_input": True, "confirmation_prompt": True}]
